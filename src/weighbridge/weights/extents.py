"""Where the numbers of each tensor lie in a file: the layout that statistics read by."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.weights import gguf, numpy, safetensors
from weighbridge.weights.gguf.types import TYPES, extent
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.zip.directory import read_directory
from weighbridge.weights.zip.members import STORED, Placed, place_members

MAX_PICKLE = 64 * 2**20  # bytes of a torch archive's pickle that is read for its storages
_NPY = re.compile(r"([<>|=]?)([fiuc])(\d+)\Z")
_LETTERS = {"f": "F", "i": "I", "u": "U", "c": "C"}
_STORAGES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL", "ComplexFloatStorage": "C64",
    "ComplexDoubleStorage": "C128", "UntypedStorage": "U8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorExtent:
    """``length`` bytes from byte ``start`` of the file.

    ``dtype`` is safetensors' name (``F32``, ``BF16``, ``I8``), with ``>`` before it where numbers
    are big-endian; GGUF's own name for blocks (``Q4_K``), NumPy's ``descr`` where there is no such
    name. ``shape`` is from the outermost dimension to the innermost. A torch storage is a tensor
    of one dimension; it is shared by the tensors that are views of it.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    length: int


def extents(source: Source, kind: Kind) -> tuple[TensorExtent, ...]:
    """The tensors of a file whose bytes are all inside it, in the order of their start.

    Args:
        source: seekable.
        kind: safetensors, GGUF, NumPy or a torch archive; there are none of any other.

    Raises:
        HostileInput: the header cannot be read.
    """
    for known, reader in _READERS:
        if known is kind:
            found = reader(source)
            inside = (t for t in found if t.start >= 0 and t.start + t.length <= source.size)
            return tuple(sorted(inside, key=lambda t: (t.start, t.length, t.name)))
    return ()


def _safetensors(source: Source) -> list[TensorExtent]:
    found: list[tuple[str, str, tuple[int, ...], int, int]] = []

    def each(name: str, dtype: str, shape: tuple[int, ...], begin: int, stop: int) -> None:
        if begin <= stop:
            found.append((name, dtype, shape, begin, stop - begin))

    start = safetensors.read_header(source, Log(), each)
    return [
        TensorExtent(name, dtype, shape, start + begin, length)
        for name, dtype, shape, begin, length in found
    ]


def _gguf(source: Source) -> list[TensorExtent]:
    header = gguf.read_header(source, Log())
    if header is None:
        return []
    order = ">" if header.big else ""
    return [
        TensorExtent(
            tensor.name.decode("utf-8", "replace"),
            order + TYPES[tensor.kind][0],
            tensor.shape[::-1],
            header.start + tensor.offset,
            extent(tensor.kind, tensor.count),
        )
        for tensor in header.tensors
        if tensor.kind in TYPES
    ]


def _numpy(source: Source) -> list[TensorExtent]:
    array = numpy.read_header(source, Log())
    if array.item is None:
        return []
    return [
        TensorExtent(
            "array", _npy_dtype(array.descr), array.shape, array.body, array.count * array.item
        )
    ]


def _npy_dtype(descr: str) -> str:
    match = _NPY.match(descr)
    if match is None:
        return descr
    order, letter, width = match.groups()
    return (">" if order == ">" else "") + _LETTERS[letter] + str(8 * int(width))


def _torch(source: Source) -> list[TensorExtent]:
    """The storages that lie in the archive as they are (torch never compresses them)."""
    log = Log()
    placed = place_members(source, read_directory(source, log), log)
    found: list[TensorExtent] = []
    for item in placed:
        folder, _, base = item.member.name.rpartition("/")
        if base.casefold() != "data.pkl" or item.member.method != STORED:
            continue
        if item.member.packed > MAX_PICKLE:
            raise HostileInput(f"a pickle of {item.member.packed} bytes is not read for storages")
        pickle = source.part(item.data, item.member.packed)
        storages = inspect_pickles(pickle, log, most=1).storages
        found += _storages(source, folder, storages, placed)
    return found


def _storages(
    source: Source,
    folder: str,
    storages: dict[str, tuple[str, int]],
    placed: tuple[Placed, ...],
) -> list[TensorExtent]:
    members = {item.member.name: item for item in placed if item.member.method == STORED}
    order = members.get(f"{folder}/byteorder")
    big = order is not None and source.part(order.data, min(order.member.packed, 16)).head(3)
    found = []
    for key, (kind, count) in sorted(storages.items()):
        dtype = _STORAGES.get(kind.rpartition(".")[2])
        item = members.get(f"{folder}/data/{key}")
        if dtype is not None and item is not None and count >= 0:
            prefix = ">" if big == b"big" else ""
            found.append(
                TensorExtent(
                    f"{folder}/data/{key}", prefix + dtype, (count,), item.data, item.member.packed
                )
            )
    return found


_READERS: tuple[tuple[Kind, Callable[[Source], list[TensorExtent]]], ...] = (
    (Kind.SAFETENSORS, _safetensors),
    (Kind.GGUF, _gguf),
    (Kind.NUMPY, _numpy),
    (Kind.TORCH_ZIP, _torch),
)
