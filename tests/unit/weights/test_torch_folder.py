"""Archives of torch, skops and Stable-Baselines3: what belongs into them, and what hides there."""

from __future__ import annotations

import base64
import gzip
import io
import json
import pickle
import zipfile

import pytest
from tests.unit.weights.craft import ECHO, call, imp, state_dict, text, torch_zip
from tests.unit.weights.test_false_alarms import inspect, nothing, worst

from weighbridge.weights.archives import MAX_SUMMED
from weighbridge.weights.inspection import Verdict

EVIL = b"\x80\x02" + call(imp("os", "system"), text(ECHO)) + b"."


def archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


def issues(name: str, data: bytes) -> set[str]:
    return {issue.code for issue in inspect(name, data).issues}


def _attributes(serialized: bytes, key: str = ":serialized:") -> bytes:
    value = {":type:": "<class 'x'>", key: base64.b64encode(serialized).decode()}
    return json.dumps({"gamma": 0.99, "policy": value}).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"data": _attributes(EVIL), "_stable_baselines3_version": b"2.3.0"},
        {"data": _attributes(EVIL).replace(b":serialized:", b"\\u003aserialized:")},
        {"data": b" " + _attributes(EVIL)},
        {"data": _attributes(EVIL), "archive/data.pkl": state_dict(), "archive/version": b"3\n"},
    ],
    ids=["plain", "escaped key", "space before", "beside a torch file"],
)
def test_a_pickle_that_is_text_among_attributes(members: dict[str, bytes]) -> None:
    assert worst(inspect("ppo.zip", archive(members))) is Verdict.DANGEROUS


def test_attributes_that_are_data() -> None:
    space = imp("gymnasium.spaces.discrete", "Discrete") + b")\x81}" + text("n") + b"K\x02sb"
    members = {"data": _attributes(b"\x80\x02" + space + b"."), "system_info.txt": b"Linux"}
    assert nothing(inspect("ppo.zip", archive(members)))
    damaged = _attributes(EVIL).replace(b"=", b"")[:-6] + b'A"}}'
    assert inspect("ppo.zip", archive({"data": damaged})).issues


def test_a_torch_archive_is_one_folder_with_a_version() -> None:
    whole = {"a/data.pkl": b"\x80\x02}.", "a/version": b"3\n"}
    assert nothing(inspect("a.pt", archive(whole)))
    assert issues("a.pt", archive({"a/data.pkl": b"\x80\x02}."})) == {"missing-member"}
    assert issues("a.pt", archive({**whole, "read.me": b"hello"})) == {"foreign-member"}
    assert issues("a.pt", archive({**whole, "a/version": b"99999\n"})) == {"bad-value"}
    assert "missing-member" in issues("a.pt", archive({"hello.txt": b"hi"}))
    assert "missing-member" in issues("a.pt", archive({"a/version": b"3\n"}))


def test_a_scripted_model_has_code_that_is_torchscript() -> None:
    class_ = b"class M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    return x\n"
    data = b"\x80\x02" + imp("__torch__", "M") + b")\x81."
    whole = {"m/data.pkl": data, "m/constants.pkl": b"\x80\x02).", "m/version": b"3\n"}
    code = "m/code/__torch__.py"
    assert nothing(inspect("m.pt", archive({**whole, code: class_})))
    assert issues("m.pt", archive(whole)) == {"missing-member"}
    assert issues("m.pt", archive({**whole, code: b"import os\n" + class_})) == {"bad-structure"}
    assert issues("m.pt", archive({**whole, code: b"class M(:\n"})) == {"bad-structure"}
    old = b"import __torch__.torch.nn\n" + class_
    assert nothing(inspect("m.pt", archive({**whole, code: old})))


def test_a_storage_has_the_bytes_of_its_checksum() -> None:
    whole = torch_zip().end()
    assert nothing(inspect("a.pt", whole))
    at = whole.index(b"archive/data/0") + len("archive/data/0") + 8
    broken = whole[:at] + b"\x01" + whole[at + 1 :]
    assert issues("a.pt", broken) == {"crc-mismatch"}
    assert len(whole) <= MAX_SUMMED


def test_strides_for_each_dimension() -> None:
    odd = state_dict().replace(b"K\x03K\x01\x86", b"K\x03\x85")
    assert issues("a.pt", torch_zip(odd).end()) == {"tensor-bounds"}


def test_the_protocol_of_a_legacy_file() -> None:
    magic, info = pickle.dumps(0x1950A86A20F9469CFC6C, 2), pickle.dumps({"little_endian": True}, 2)
    rest = info + b"\x80\x02}." + b"\x80\x02]."
    assert nothing(inspect("a.pt", magic + pickle.dumps(1001, 2) + rest))
    assert issues("a.pt", magic + pickle.dumps(1, 2) + rest) == {"bad-value"}


def _schema(**more: object) -> bytes:
    node = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "__id__": 1}
    return json.dumps({**node, "content": [], "protocol": 2, **more}).encode()


_FILE = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
         "__id__": 5, "type": "numpy", "file": "5.npy"}  # fmt: skip
_NPY = b"\x93NUMPY\x01\0\x39\0{'descr':'<f4','fortran_order':False,'shape':(1,)}      \nabcd"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"5.npy": _NPY}, "missing-member"),
        ({"schema.json": _schema(content=[_FILE])}, "missing-member"),
        ({"schema.json": _schema(), "5.npy": _NPY}, "foreign-member"),
        ({"schema.json": b"[]"}, "damaged-member"),
        ({"schema.json": _schema(content=[{**_FILE, "__loader__": "CachedNode", "__id__": 9}])},
         "bad-structure"),
    ],
)  # fmt: skip
def test_a_skops_archive_holds_what_its_schema_names(members: dict[str, bytes], code: str) -> None:
    assert code in issues("a.skops", archive(members))
    whole = {"schema.json": _schema(content=[_FILE]), "5.npy": _NPY}
    assert nothing(inspect("a.skops", archive(whole)))


def test_a_bomb_whose_content_is_a_pickle_is_a_bomb() -> None:
    packed = gzip.compress(
        b"\x80\x02" + b"C\xff" + b"\0" * 255 + (b"0C\xff" + b"\0" * 255) * 40_000 + b"."
    )
    assert issues("a.pkl.gz", packed) == {"decompression-bomb"}


def test_names_of_modules_are_no_pickle() -> None:
    """``torc`` reads as opcodes, and what follows as an import."""
    members = {
        "p/model/model.pkl": b"\x80\x03}.",
        "p/.data/extern_modules": b"",
        "p/.data/version": b"6",
    }
    members["p/.data/extern_modules"] = b"torch.nn.modules.linear\ntorch._utils\n"
    assert nothing(inspect("package.pt", archive(members)))


def test_storages_of_traced_inputs() -> None:
    code = b"class M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    return x\n"
    storage = state_dict()
    members = {"m/data.pkl": b"\x80\x02" + imp("__torch__", "M") + b")\x81.", "m/version": b"3\n",
               "m/constants.pkl": b"\x80\x02).", "m/code/__torch__.py": code,
               "m/traced_inputs.pkl": storage, "m/traced_inputs/0": b""}  # fmt: skip
    assert nothing(inspect("m.pt", archive(members)))
    members["m/traced_inputs/1"] = b"nothing names it"
    assert issues("m.pt", archive(members)) == {"foreign-member"}
