"""``SparseTensorProto``: values, where they stand, and the shape that they stand in.

Source: ``onnx.proto`` (SparseTensorProto) and ``check_sparse_tensor`` of ``onnx.checker``: values
of one dimension NNZ; indices of type INT64, with the shape [NNZ] (counted through) or [NNZ, rank];
each inside the shape, in ascending order, none twice.
"""

from __future__ import annotations

import itertools
import math
import struct

from weighbridge.weights.onnx import schema
from weighbridge.weights.onnx.file import File
from weighbridge.weights.onnx.tensors import INT64, MAX_RANK, RAW, Tensor, read_tensor
from weighbridge.weights.protobuf import Field, signed, varints

MAX_COMPARED = 2**19  # bytes of indices of one tensor that are compared one by one
_INT64_TYPE = 7


def read_sparse(file: File, place: Field, depth: int) -> str:
    """Check a sparse tensor's values and indices; its name, which is that of its values.

    Raises:
        HostileInput: it is no message.
    """
    values: Tensor | None = None
    indices: Tensor | None = None
    dims: list[int] = []
    for found in file.fields(place, depth):
        if (found.number, found.wire) not in schema.SPARSE:
            file.unknown(found, "SparseTensorProto")
        elif found.number == 1:
            values = read_tensor(file, found, depth + 1)
        elif found.number == 2:
            indices = read_tensor(file, found, depth + 1)
        else:
            dims += itertools.islice(varints(file.wire, found, file.budget), MAX_RANK + 1)
    name = values.name if values is not None else ""
    if values is not None and indices is not None:
        wrong = _wrong(file, values, indices, [signed(side) for side in dims])
        if wrong:
            file.log.issue("bad-index", f"the sparse tensor {name[:80]!r} {wrong}", place.start)
    return name


def _wrong(file: File, values: Tensor, indices: Tensor, dims: list[int]) -> str:
    """What does not fit, as a clause; empty where all does."""
    if not dims or len(dims) > MAX_RANK or any(side <= 0 for side in dims):
        return f"has the shape {dims[:8]}"
    if len(values.dims) != 1 or indices.dtype != _INT64_TYPE:
        return "has values of several dimensions, or indices that are no INT64"
    count = values.dims[0]
    if indices.dims not in ([count], [count, len(dims)]):
        return f"has {count} values and indices of the shape {indices.dims}"
    numbers = _numbers(file, indices)
    if len(indices.dims) == 1:
        places = [(number,) for number in numbers]
        sides: tuple[int, ...] = (math.prod(dims),)
    else:
        places = list(zip(*[iter(numbers)] * len(dims), strict=False))
        sides = tuple(dims)
    for one in places:
        if any(not 0 <= at < side for at, side in zip(one, sides, strict=True)):
            return f"has a value at {list(one)}, outside its shape {dims}"
    if any(one >= after for one, after in itertools.pairwise(places)):
        return "has indices that do not ascend"
    return ""


def _numbers(file: File, indices: Tensor) -> list[int]:
    """The indices, if they stand here and are not too many."""
    if indices.raw is not None and indices.raw.length <= MAX_COMPARED:
        raw = file.wire.read(indices.raw.start, indices.raw.length)
        return [number for (number,) in struct.iter_unpack("<q", raw[: len(raw) // 8 * 8])]
    if RAW in indices.values or indices.values.get(INT64, 0) > MAX_COMPARED:
        return []
    return [signed(n) for one in indices.kept for n in varints(file.wire, one, file.budget)]
