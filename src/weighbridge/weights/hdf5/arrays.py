"""Fixed and extensible arrays: the chunk indexes of newer files (sections VII.B and VII.C)."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File

_MAX_ELEMENT = 64  # bytes
_MAX_BITS = 63


def fixed(file: File, address: int) -> Iterator[Fields]:
    """The elements of a fixed array.

    Raises:
        HostileInput: it is malformed.
    """
    head = file.block(address, b"FAHD", 8 + file.lengths + file.offsets)
    head.version("the fixed array", 0)
    head.skip(1)
    width, bits = head.byte(), head.byte()
    count, data = head.length(), head.location()
    _check(file, width, bits, count)
    if data == UNDEFINED:
        return
    file.block(data, b"FADB", 4)
    page = 1 << bits
    start = data + 6 + file.offsets
    if count <= page:
        yield from _elements(file, start, count, width)
        return
    pages = -(-count // page)
    file.spend(pages)
    marks = file.read(start, -(-pages // 8))
    start += len(marks) + 4
    for number in range(pages):
        inside = min(page, count - number * page)
        if marks[number // 8] & 0x80 >> number % 8:
            yield from _elements(file, start, inside, width)
        start += inside * width + 4


def extensible(file: File, address: int) -> Iterator[Fields]:
    """The elements of an extensible array, of all its blocks that were allocated.

    Raises:
        HostileInput: it is malformed.
    """
    head = file.block(address, b"EAHD", 12 + 6 * file.lengths + file.offsets)
    head.version("the extensible array", 0)
    head.skip(1)
    width, bits, inside, least, pointers, page = (head.byte() for _ in range(6))
    head.skip(6 * file.lengths)
    index = head.location()
    if index == UNDEFINED:
        return
    _check(file, width, max(bits, page), inside)
    if not least or not pointers or least.bit_length() - 1 > bits:
        raise HostileInput("an extensible array of impossible dimensions")
    array = _Extensible(file, width, bits, least, 1 << page)
    yield from array.read(index, inside, pointers)


class _Extensible:
    def __init__(self, file: File, width: int, bits: int, least: int, page: int) -> None:
        self.file, self.width, self.least, self.page = file, width, least, page
        self.offset_bytes = (bits + 7) // 8
        self.blocks = 2 + bits - least.bit_length()  # super blocks, if the array were full

    def read(self, index: int, inside: int, pointers: int) -> Iterator[Fields]:
        """The index block: first elements, then data blocks, then super blocks of data blocks."""
        file = self.file
        start = index + 6 + file.offsets
        file.block(index, b"EAIB", 4)
        yield from _elements(file, start, inside, self.width)
        direct = 2 * (pointers.bit_length() - 1)
        start += inside * self.width
        counts = [self.least << (number + 1) // 2 for number in range(direct)
                  for _ in range(1 << number // 2)]  # fmt: skip
        supers = max(self.blocks - direct, 0)
        places = file.fields(start, (len(counts) + supers) * file.offsets)
        for count in counts:
            yield from self._data(places.location(), count, b"")
        for number in range(direct, direct + supers):
            yield from self._super(places.location(), number)

    def _super(self, address: int, number: int) -> Iterator[Fields]:
        if address == UNDEFINED:
            return
        file = self.file
        blocks, count = 1 << number // 2, self.least << (number + 1) // 2
        marked = -(-(count // self.page) // 8) if count > self.page else 0
        start = address + 6 + file.offsets + self.offset_bytes
        file.block(address, b"EASB", 4)
        marks = file.read(start, blocks * marked)
        places = file.fields(start + len(marks), blocks * file.offsets)
        file.spend(blocks)
        for block in range(blocks):
            yield from self._data(
                places.location(), count, marks[block * marked : (block + 1) * marked]
            )

    def _data(self, address: int, count: int, marks: bytes) -> Iterator[Fields]:
        if address == UNDEFINED:
            return
        self.file.block(address, b"EADB", 4)
        start = address + 6 + self.file.offsets + self.offset_bytes
        if count <= self.page:
            yield from _elements(self.file, start, count, self.width)
            return
        start += 4
        pages = min(count // self.page, 8 * len(marks))
        self.file.spend(pages)
        for number in range(pages):
            if marks[number // 8] & 0x80 >> number % 8:
                yield from _elements(self.file, start, self.page, self.width)
            start += self.page * self.width + 4


def _check(file: File, width: int, bits: int, count: int) -> None:
    if not file.offsets <= width <= _MAX_ELEMENT or bits > _MAX_BITS:
        raise HostileInput("an array of chunks of impossible dimensions")
    if not file.sure(0, count * width):
        raise HostileInput("an array of chunks announces more elements than the file has room for")


def _elements(file: File, start: int, count: int, width: int) -> Iterator[Fields]:
    file.spend(count)
    raw = file.fields(start, count * width)
    for _ in range(count):
        yield raw.within(raw.take(width))
