"""How a dataset's data lies in the file: layout, filters, external files, virtual sources
(sections IV.A.2.h, i and l, and III.F for virtual datasets)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File
from weighbridge.weights.hdf5.heaps import LocalHeap

COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
BTREE_1, SINGLE, IMPLICIT, FIXED_ARRAY, EXTENSIBLE_ARRAY, BTREE_2 = range(6)
_MAX_FILTERS = 32  # by the library
MAX_SOURCES = 10_000


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the data lies.

    ``address``: of the data (contiguous, single chunk), of the chunks' index, or of a global heap
    (virtual, with ``heap_index``). ``size`` in bytes, -1 where the message does not say; ``data``
    the bytes of a compact dataset; ``chunk`` the sides of a chunk in elements, and last the bytes
    of an element; ``index`` how chunks are found.
    """

    kind: int
    address: int = UNDEFINED
    size: int = -1
    data: bytes = b""
    data_address: int = UNDEFINED
    chunk: tuple[int, ...] = ()
    index: int = BTREE_1
    heap_index: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a pipeline; ``values`` its parameters."""

    number: int
    name: str
    values: tuple[int, ...]


def read_layout(fields: Fields) -> Layout:
    """A data layout message, of any version.

    Raises:
        HostileInput: it is malformed.
    """
    version = fields.version("the data layout", 1, 2, 3, 4, 5)
    if version < 3:
        return _old(fields)
    kind = fields.byte()
    if kind == COMPACT:
        size = fields.number(2)
        place = fields.address + fields.at
        return Layout(kind, size=size, data=fields.take(size), data_address=place)
    if kind == CONTIGUOUS:
        return Layout(kind, fields.location(), fields.length())
    if kind == VIRTUAL and version > 3:
        return Layout(kind, fields.location(), heap_index=fields.number(4))
    if kind != CHUNKED:
        raise HostileInput(f"a data layout of the unknown class {kind}")
    if version == 3:
        rank = fields.byte()
        address = fields.location()
        return Layout(kind, address, chunk=_sides(fields, rank, 4))
    return _chunked(fields)


def _old(fields: Fields) -> Layout:
    rank, kind = fields.byte(), fields.byte()
    fields.skip(5)
    address = UNDEFINED if kind == COMPACT else fields.location()
    sides = _sides(fields, rank, 4)
    if kind == COMPACT:
        size = fields.number(4)
        place = fields.address + fields.at
        return Layout(kind, size=size, data=fields.take(size), data_address=place)
    if kind == CONTIGUOUS:
        return Layout(kind, address)
    if kind == CHUNKED:  # the element's size is the last dimension (section IV.A.2.i, version 1)
        return Layout(kind, address, chunk=sides)
    raise HostileInput(f"a data layout of the unknown class {kind}")


def _chunked(fields: Fields) -> Layout:
    flags, rank, width = fields.byte(), fields.byte(), fields.byte()
    if not 1 <= width <= 8:
        raise HostileInput("the sides of a chunk have an impossible width")
    chunk = _sides(fields, rank, width)
    index = fields.byte()
    size = -1
    if index == SINGLE:
        if flags & 2:
            size = fields.length()
            fields.skip(4)
    elif index == FIXED_ARRAY:
        fields.skip(1)
    elif index == EXTENSIBLE_ARRAY:
        fields.skip(5)
    elif index == BTREE_2:
        fields.skip(6)
    elif index != IMPLICIT:
        raise HostileInput(f"a chunk index of the unknown type {index}")
    return Layout(CHUNKED, fields.location(), size, chunk=chunk, index=index)


def _sides(fields: Fields, rank: int, width: int) -> tuple[int, ...]:
    if rank > 33:
        raise HostileInput(f"a data layout of {rank} dimensions")
    return tuple(fields.number(width) for _ in range(rank))


def read_filters(fields: Fields) -> tuple[Filter, ...]:
    """A filter pipeline message: what data goes through when it is written, in order.

    Raises:
        HostileInput: it is malformed.
    """
    version = fields.version("the filter pipeline", 1, 2)
    count = fields.byte()
    if count > _MAX_FILTERS:
        raise HostileInput(f"a pipeline of {count} filters")
    if version == 1:
        fields.skip(6)
    found = []
    for _ in range(count):
        number = fields.number(2)
        named = version == 1 or number >= 256
        length = fields.number(2) if named else 0
        fields.skip(2)
        values = fields.number(2)
        if version == 1:
            length += -length % 8
        name = fields.take(length).partition(b"\0")[0]
        parameters = tuple(fields.number(4) for _ in range(values))
        if version == 1 and values % 2:
            fields.skip(4)
        found.append(Filter(number, name.decode("utf-8", "replace"), parameters))
    return tuple(found)


def external_files(fields: Fields, file: File) -> Iterator[bytes]:
    """The names of an external data files message: where a dataset's bytes are read from.

    Raises:
        HostileInput: it is malformed.
    """
    fields.version("the external files", 1)
    fields.skip(5)
    used = fields.number(2)
    heap = LocalHeap(file, fields.location())
    for _ in range(used):
        file.spend()
        offset = fields.length()
        fields.skip(2 * file.lengths)
        yield heap.name(offset)


def virtual_sources(fields: Fields) -> Iterator[tuple[bytes, bytes]]:
    """File and dataset of every source of a virtual dataset; ``.`` is the file itself.

    Raises:
        HostileInput: it is malformed.
        BoundExceeded: there are too many, or their list has a later version.
    """
    if fields.version("the virtual dataset", 0, 1):
        raise NotReadHere("no reader for version 1 of a virtual dataset's sources")
    count = fields.length()
    if count > MAX_SOURCES:
        raise BoundExceeded("a virtual dataset", MAX_SOURCES, "sources")
    for _ in range(count):
        yield fields.text(), fields.text()
        _selection(fields)
        _selection(fields)


def _selection(fields: Fields) -> None:
    """Skip a selection of elements (section VII.C, the encodings of H5S_SEL)."""
    kind, version = fields.number(4), fields.number(4)
    if kind in (0, 3):  # none, all
        fields.skip(8)
    elif version == 1:
        fields.skip(4)
        fields.skip(fields.number(4))
    elif kind == 2 and version == 2:
        fields.skip(1)
        fields.skip(fields.number(4))
    elif kind in (1, 2) and version in (2, 3):
        regular = bool(fields.byte() & 1) if kind == 2 else False
        width, rank = fields.byte(), fields.number(4)
        if regular:
            fields.skip(4 * rank * width)
        else:
            fields.skip((2 if kind == 2 else 1) * rank * width * fields.number(width))
    else:
        raise HostileInput("a selection of an unknown kind")
