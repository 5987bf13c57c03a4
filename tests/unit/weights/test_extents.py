"""Where tensors lie, by every format that has a layout: the bytes there are the tensor's own."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import gguf as library
import numpy as np
import pytest

from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.weights.extents import TensorExtent, extents
from weighbridge.weights.source import file_source

ARRAYS = {
    "w": np.arange(12, dtype="f4").reshape(3, 4),
    "b": np.arange(5, dtype="f2"),
    "i": np.arange(4, dtype="i8"),
}


def read(data: bytes, kind: Kind) -> tuple[TensorExtent, ...]:
    return extents(file_source(io.BytesIO(data), len(data)), kind)


def matches(data: bytes, found: tuple[TensorExtent, ...], types: dict[str, str]) -> bool:
    assert {one.name for one in found} == set(types)
    assert [one.start for one in found] == sorted(one.start for one in found)
    for one in found:
        array = ARRAYS[one.name]
        assert one.dtype == types[one.name]
        assert one.shape == array.shape
        assert data[one.start : one.start + one.length] == array.tobytes()
    return True


def test_safetensors() -> None:
    from safetensors.numpy import save

    data = save(ARRAYS, {"format": "np"})
    assert matches(data, read(data, Kind.SAFETENSORS), {"w": "F32", "b": "F16", "i": "I64"})


@pytest.mark.parametrize("big", [False, True])
def test_gguf(tmp_path: Path, big: bool) -> None:
    order = library.GGUFEndian.BIG if big else library.GGUFEndian.LITTLE
    writer = library.GGUFWriter(str(tmp_path / "m.gguf"), "llama", endianess=order)
    for name, array in ARRAYS.items():
        writer.add_tensor(name, array.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    data = (tmp_path / "m.gguf").read_bytes()
    found = read(data, Kind.GGUF)
    mark = ">" if big else ""
    types = {"w": f"{mark}F32", "b": f"{mark}F16", "i": f"{mark}I64"}
    if not big:
        assert matches(data, found, types)
    else:
        assert {one.name: one.dtype for one in found} == types


def test_gguf_blocks_and_what_lies_outside(craft) -> None:
    tensors = (
        craft.gguf_tensor("q", (256, 2), 12)
        + craft.gguf_tensor("u", (8,), 139, 288)
        + craft.gguf_tensor("far", (8,), 0, 2**40)
    )
    data = craft.gguf(tensors=tensors, tensor_count=3, body=bytes(288))
    (one,) = read(data, Kind.GGUF)
    assert (one.name, one.dtype, one.shape, one.length) == ("q", "Q4_K", (2, 256), 288)


@pytest.mark.parametrize(
    ("code", "dtype"),
    [("<f4", "F32"), (">f8", ">F64"), ("i2", "I16"), ("u1", "U8"), ("c8", "C64"), ("?", "|b1")],
)
def test_numpy(code: str, dtype: str) -> None:
    stream = io.BytesIO()
    array = np.ones((2, 3), code)
    np.save(stream, array)
    (one,) = read(stream.getvalue(), Kind.NUMPY)
    assert (one.dtype, one.shape) == (dtype, (2, 3))
    assert stream.getvalue()[one.start : one.start + one.length] == array.tobytes()


def test_objects_have_no_extent() -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([None]), allow_pickle=True)
    assert read(stream.getvalue(), Kind.NUMPY) == ()


def test_torch_storages(craft) -> None:
    data = craft.torch_zip().end()
    (one,) = read(data, Kind.TORCH_ZIP)
    assert (one.name, one.dtype, one.shape, one.length) == ("archive/data/0", "F32", (6,), 24)
    assert data[one.start : one.start + 24] == bytes(24)
    big = data.replace(b"little", b"bigend")  # as long, and starts with the word that is looked for
    assert read(big, Kind.TORCH_ZIP)[0].dtype == ">F32"


def test_other_kinds_have_none() -> None:
    assert read(b"\x80\x02N.", Kind.PICKLE) == ()


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", Kind.SAFETENSORS), (struct.pack("<Q", 9) + b"{", Kind.SAFETENSORS), (b"GGUF", Kind.GGUF),
     (b"\x93NUMPY", Kind.NUMPY), (b"PK\x03\x04", Kind.TORCH_ZIP)],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_hostile_input(data: bytes, kind: Kind) -> None:
    with pytest.raises(HostileInput):
        read(data, kind)


def test_a_reversed_range_is_left_out(craft) -> None:
    header = '{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}'
    assert read(craft.safetensors(header, bytes(4)), Kind.SAFETENSORS) == ()
