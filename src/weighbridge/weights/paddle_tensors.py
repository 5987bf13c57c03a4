"""PaddlePaddle parameters: ``.pdiparams``, a stream of tensors one behind the other.

Source: ``paddle/fluid/framework/lod_tensor.cc`` and ``tensor_util.cc`` (SerializeToStream), the
same from version 1.0 to 3.3. Each tensor: a version (u32, 0), the levels of detail (u64, and each
with its size and offsets), the tensor's version (u32, 0), the size of its description (i32), the
description (``VarType.TensorDesc``), and its numbers, as many as that asks for.
"""

from __future__ import annotations

import struct

from weighbridge.formats.paddle_tensors_start import DTYPES, MAX_DESCRIPTION
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Field, signed, varints
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.source import Source

MAX_TENSORS = 100_000
MAX_LEVELS = 64  # of detail: of nested sequences
MAX_RANK = 64
_START = struct.Struct("<IQ")
_TENSOR = struct.Struct("<Ii")


def inspect(source: Source, log: Log) -> None:
    """Walk all tensors.

    Raises:
        HostileInput: the stream does not go on as a tensor.
        BoundExceeded: there are too many.
    """
    file = ProtobufFile(source, log)
    try:
        at = 0
        for number in range(MAX_TENSORS):
            if at == source.size:
                return
            at = _tensor(file, at, number)
        if at < source.size:
            raise BoundExceeded("the parameter file", MAX_TENSORS, "tensors")
    finally:
        file.finish()


def read_description(file: ProtobufFile, place: Field, depth: int) -> tuple[int, list[int]]:
    """A ``TensorDesc``: its element type (-1 where there is none) and its dimensions.

    Raises:
        HostileInput: it is no such message, or has too many dimensions.
    """
    dtype, dims = -1, []
    for found in file.fields(place, depth):
        if found.number == 1 and found.wire == VARINT:
            dtype = signed(found.value)
        elif found.number == 2 and found.wire in (VARINT, LEN):
            for side in varints(file.wire, found, file.budget):
                dims.append(signed(side))
                if len(dims) > MAX_RANK:
                    raise HostileInput(
                        f"a tensor at byte {place.start} has more than {MAX_RANK} dimensions"
                    )
        else:
            file.log.issue("unknown-field", f"TensorDesc has no field {found.number}", found.start)
    return dtype, dims


def _take(file: ProtobufFile, at: int, form: struct.Struct) -> tuple[int, int]:
    raw = file.wire.read(at, form.size) if at < file.wire.size else b""
    if len(raw) < form.size:
        raise HostileInput(f"a tensor is cut off at byte {at}")
    first, second = form.unpack(raw)
    return int(first), int(second)


def _tensor(file: ProtobufFile, at: int, number: int) -> int:
    """One tensor; the offset behind it."""
    version, levels = _take(file, at, _START)
    start = at
    if version:
        raise HostileInput(f"no tensor at byte {at}: version {version} does not exist")
    if levels > MAX_LEVELS:
        raise HostileInput(f"tensor {number} at byte {at} has {levels} levels of detail")
    at += _START.size
    for _ in range(levels):
        raw = file.wire.read(at, 8) if at < file.wire.size else b""
        at += 8 + int.from_bytes(raw, "little")
        if len(raw) < 8 or at > file.wire.size:
            raise HostileInput(f"the levels of detail of tensor {number} are cut off")
    version, size = _take(file, at, _TENSOR)
    at += _TENSOR.size
    if version or not 0 < size <= MAX_DESCRIPTION or at + size > file.wire.size:
        raise HostileInput(f"tensor {number} at byte {start} has no description")
    dtype, dims = read_description(file, Field(0, LEN, 0, at, size), 1)
    at += size
    if dtype not in DTYPES or any(side < 0 for side in dims):
        raise HostileInput(f"tensor {number} at byte {start} has the type {dtype}, shape {dims}")
    label, width = DTYPES[dtype]
    if not width:
        raise HostileInput(f"tensor {number} at byte {start} is of {label}, which are no numbers")
    count = 1
    for side in dims:
        count = min(count * side, 2**62) if side else 0
    if count * width > file.wire.size - at:
        raise HostileInput(
            f"tensor {number} needs {count * width} bytes at byte {at}, and "
            f"{file.wire.size - at} are left"
        )
    file.log.tensor(label, count)
    file.glance(Field(0, LEN, 0, at, count * width), f"tensor {number}")
    return at + count * width
