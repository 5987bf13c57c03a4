"""What honest tools write must come through complete, clean and well formed."""

from __future__ import annotations

import collections
import datetime
import gzip
import io
import lzma
import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

from weighbridge.model.artifact import Kind


def clean(seen) -> bool:
    assert seen.operations == (), seen.operations
    assert seen.issues == (), seen.issues
    assert seen.gaps == (), seen.gaps
    return bool(seen.complete)


def test_a_torch_archive(look, craft) -> None:
    seen = look(craft.torch_zip().end(), Kind.TORCH_ZIP, "pytorch_model.bin")
    assert clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (1, 6, ("float",))
    assert dict(seen.allowed)["torch._utils._rebuild_tensor_v2"] == 2


def test_a_torch_archive_of_zipfile(look, craft) -> None:
    archive = (
        craft.Zip().add("m/data.pkl", craft.state_dict(), method=8).add("m/data/0", b"\0" * 24)
    )
    assert clean(look(archive.add("m/version", b"3\n").end(), Kind.TORCH_ZIP, "model.pt"))


def test_a_legacy_torch_file(look, craft) -> None:
    seen = look(craft.torch_legacy(), Kind.TORCH_LEGACY, "model.pth")
    assert clean(seen)
    assert (seen.tensors, seen.parameters) == (1, 6)


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_and_containers_in_a_pickle(look, protocol: int) -> None:
    value = {
        "array": np.arange(6.0).reshape(2, 3),
        "scalar": np.float32(1.5),
        "ordered": collections.OrderedDict(a=1),
        "when": datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC),
        "random": np.random.RandomState(3),
        "generator": np.random.default_rng(3),
        "masked": np.ma.masked_array([1, 2], mask=[True, False]),
        "text": "ü", "bytes": b"\x80\xff", "big": 2**80,
    }  # fmt: skip
    assert clean(look(pickle.dumps(value, protocol)))


def test_several_pickles_in_one_file(look) -> None:
    stream = io.BytesIO()
    for value in ({"a": np.zeros(3)}, [1, 2], "x"):
        pickle.dump(value, stream, 2)
    assert clean(look(stream.getvalue()))


def test_npy_and_npz_by_numpy(look, tmp_path: Path) -> None:
    for value in (np.zeros((3, 4)), np.array(["a", "bc"]), np.zeros(2, "f4,(2,2)i8"), np.zeros(())):
        stream = io.BytesIO()
        np.save(stream, value)
        seen = look(stream.getvalue(), Kind.NUMPY, "a.npy")
        assert clean(seen)
        assert seen.parameters == value.size
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", a=np.zeros((5, 5)), b=np.arange(3))
        seen = look((tmp_path / "a.npz").read_bytes(), Kind.NUMPY_ZIP, "a.npz")
        assert clean(seen)
        assert (seen.tensors, seen.parameters) == (2, 28)


def test_an_object_array_of_plain_values(look) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([1, "a", None], dtype=object), allow_pickle=True)
    assert clean(look(stream.getvalue(), Kind.NUMPY, "a.npy"))


def test_safetensors_by_its_library(look) -> None:
    from safetensors.numpy import save

    data = save({"a": np.zeros((2, 3), "f4"), "b": np.zeros(0, "i8")}, {"format": "np", "é": "ü"})
    seen = look(data, Kind.SAFETENSORS, "model.safetensors")
    assert clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (2, 6, ("F32", "I64"))
    assert clean(look(save({}), Kind.SAFETENSORS, "model.safetensors"))


def test_gguf_by_its_library(look, tmp_path: Path) -> None:
    from gguf import GGUFWriter

    writer = GGUFWriter(str(tmp_path / "m.gguf"), "llama")
    writer.add_uint32("llama.block_count", 1)
    writer.add_array("tokenizer.ggml.tokens", ["a", "b", "c"])
    writer.add_array("tokenizer.ggml.scores", [0.1, 0.2, 0.3])
    writer.add_bool("llama.flag", True)
    writer.add_chat_template(
        "{% for m in messages %}{{ m['role'] }}: {{ m.content | trim }}{% endfor %}"
    )
    writer.add_tensor("w", np.zeros((4, 32), "f4"))
    writer.add_tensor("v", np.zeros(7, "f2"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    seen = look((tmp_path / "m.gguf").read_bytes(), Kind.GGUF, "m.gguf")
    assert clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (2, 135, ("F16", "F32"))


def test_a_joblib_file_with_raw_arrays(look, craft) -> None:
    raw = bytes(range(256)) * 8 * 3
    array = craft.joblib_array(raw[: 8 * 6 * 32], shape=(6, 32))
    flat = craft.joblib_array(b"\x93R" * 50, shape=(100,), code="u1")
    data = b"\x80\x04](" + array + flat + craft.joblib_array(b"", shape=(0,), code="f4") + b"e."
    assert clean(look(data, Kind.PICKLE, "model.joblib"))
    for packed, kind in ((gzip.compress(data), Kind.GZIP), (zlib.compress(data), Kind.BINARY),
                         (lzma.compress(data), Kind.XZ)):  # fmt: skip
        assert clean(look(packed, kind, "model.joblib"))


def test_a_byte_string_that_only_starts_like_a_pickle(look) -> None:
    value = [b"\x80\x04 raw numbers", b"(abc", b"cab\nde", b"\x80\x02" + bytes(500)]
    assert clean(look(pickle.dumps(value, 4)))


def test_large_byte_strings_are_skipped_not_read(look) -> None:
    data = pickle.dumps([bytes(30_000_000), "x" * 3_000_000, 1], 4)
    seen = look(data)
    assert clean(seen)
    assert seen.bytes_read < 4_000_000


def test_old_values_are_thinned_and_arrays_still_measured(look, craft) -> None:
    """Between two arrays that share a dtype lie more opcodes than old values are kept for."""
    first = craft.joblib_array(b"\0" * 16, shape=(2,))
    filler = b"(" + b"N" * 900_000 + b"1"
    assert clean(look(b"\x80\x04](" + first + filler * 3 + first + b"e.", Kind.PICKLE, "m.joblib"))


def test_full_modules_of_torch_are_clean_and_those_of_nobody_medium(look, craft) -> None:
    for module, found in (
        ("torch.nn.modules.linear", set()),
        ("mylib.nets", {("mylib.nets.Linear", "unlisted")}),
    ):
        data = craft.state_dict(extra=craft.text("m") + craft.imp(module, "Linear") + b")\x81}b")
        seen = look(craft.torch_zip(data).end(), Kind.TORCH_ZIP, "model.pt")
        assert {(o.name, o.verdict.value) for o in seen.operations} == found
        assert seen.complete
