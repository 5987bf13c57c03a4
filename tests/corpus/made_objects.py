# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Objects that a listed function makes: a state that is a program, a method that is called, a
number too many; and pickles that are text in a document beside the weights.

Sources: scipy/stats/_distn_infrastructure.py (a distribution runs text of its state); torch's
``_rebuild_from_type_v2`` and ``Parameter.__new__``; numpy/random/_pickle.py; Stable-Baselines3,
common/save_util.py (``:serialized:``).
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator

from tests.corpus.assemble import MISSING, PROTO_2, RUN_PICKLE, call, imp, text
from tests.corpus.sample import OPERATION, Sample

_NORMAL = imp("scipy.stats._continuous_distns", "norm_gen")
_PROGRAM = b"}" + text("_parse_arg_template") + text("import os\nos.system('echo inert')") + b"s"
_READER = call(
    imp("functools", "partial"), imp("xgboost.core", "Booster"), b"N", b")", text(MISSING)
)
_HOLDER = call(imp("types", "SimpleNamespace")) + b"}" + text("detach") + _READER + b"sb"
_COUNT = call(imp("itertools", "count"), b"K\x00")
_PASSWORDS = text(MISSING) + imp("numpy", "memmap")

MADE: dict[str, bytes] = {
    "tree-maker": call(imp("sklearn.neighbors._kd_tree", "newObj"), _NORMAL) + _PROGRAM + b"b",
    "index-maker": call(imp("pandas.core.indexes.base", "_new_Index"), _NORMAL, b"}") + _PROGRAM + b"b",
    "tensor-maker": call(imp("torch._tensor", "_rebuild_from_type_v2"), imp("copyreg", "__newobj__"), _NORMAL, b"(" + _NORMAL + b"t", _PROGRAM),
    "tensor-maker-later": call(imp("torch._tensor", "_rebuild_from_type_v2"), imp("copyreg", "__newobj__"), _NORMAL, b"(" + _NORMAL + b"t", b"}") + _PROGRAM + b"b",
    "generator-of-a-file": call(imp("numpy.random._pickle", "__generator_ctor"), _PASSWORDS),
    "generator-of-a-class": call(imp("numpy.random._pickle", "__bit_generator_ctor"), imp("transformers.training_args", "TrainingArguments")),
    "parameter-of-a-namespace": call(imp("torch._utils", "_rebuild_parameter"), _HOLDER, b"\x89", b"N"),
    "default-that-reads": imp("xgboost.core", "Booster") + b")\x81" + call(imp("collections", "defaultdict"), _READER) + b"b",
    "endless-categories": call(imp("pandas", "CategoricalDtype"), _COUNT),
    "endless-index": imp("pandas", "Index") + b"(" + _COUNT + b"t\x81",
    "many-arrays": b"(" + (imp("builtins", "bytearray") + b"(J\x00\x00\x00\x01tR") * 64 + b"l",
}  # fmt: skip


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def _attributes(pickle: bytes) -> bytes:
    value = {":type:": "<class 'function'>", ":serialized:": base64.b64encode(pickle).decode()}
    return json.dumps({"gamma": 0.99, "lr_schedule": value}).encode()


def samples() -> Iterator[Sample]:
    """Pickles, and archives of Stable-Baselines3."""
    why = "a listed function makes or calls what is not listed"
    for name, body in MADE.items():
        content = PROTO_2 + body + b"."
        yield Sample("malicious", "made-objects", f"{name}.pkl", content, (OPERATION,), why)
    agent = {"data": _attributes(RUN_PICKLE), "_stable_baselines3_version": b"2.3.2"}
    escaped = {**agent, "data": agent["data"].replace(b":serialized:", b"\\u003aserialized:")}
    why = "a pickle in Base64 among an agent's attributes, which loading decodes and loads"
    for name, members in (("ppo", agent), ("escaped", escaped)):
        yield Sample(
            "malicious", "serialized-json", f"{name}.zip", _zip(members), ("os.system",), why
        )
    space = imp("gymnasium.spaces.discrete", "Discrete") + b")\x81}" + text("n") + b"K\x02sb"
    harmless = {**agent, "data": _attributes(PROTO_2 + space + b".")}
    yield Sample("benign", "serialized-json", "agent.zip", _zip(harmless), (), "an agent's space")
    torch = {"a/data.pkl": PROTO_2 + b"}.", "a/version": b"3\n"}
    for name, members, code in (
        ("no-version.pt", {"a/data.pkl": PROTO_2 + b"}."}, "missing-member"),
        ("outside.pt", {**torch, "notes.txt": b"hello"}, "foreign-member"),
        ("version.pt", {**torch, "a/version": b"99999\n"}, "bad-value"),
        ("no-pickle.pt", {"hello.txt": b"hello"}, "missing-member"),
        ("no-schema.skops", {"notes.txt": b"hello"}, "missing-member"),
    ):
        why = "an archive without what its loader asks for, or with what it passes over"
        yield Sample("malformed", "folders", name, _zip(members), (code,), why)
