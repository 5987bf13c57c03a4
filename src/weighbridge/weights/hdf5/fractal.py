"""Fractal heaps, which hold the links, attributes and shared messages of dense storage
(section III.G)."""

from __future__ import annotations

from typing import TypeAlias

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.hdf5 import btree2
from weighbridge.weights.hdf5.file import MAX_BLOCK, UNDEFINED, Fields, File
from weighbridge.weights.hdf5.layouts import Filter, read_filters
from weighbridge.weights.hdf5.pipeline import undo

# Address of a block, and its bytes and left-out filters where it is compressed.
_Packed: TypeAlias = tuple[int, int, int]
_MANAGED, _HUGE, _TINY = 0, 1, 2
_HUGE_RECORD, _HUGE_FILTERED = 1, 2  # types of the B-tree that finds huge objects
_MAX_WIDTH, _MAX_BITS = 1024, 64
_MAX_KEPT = 50_000


class FractalHeap:
    """One heap; :meth:`get` finds an object by its ID.

    Raises (from everything):
        HostileInput: the heap is malformed.
        NotReadHere: its blocks are compressed by a filter that nothing here undoes.
    """

    def __init__(self, file: File, address: int) -> None:
        self._file = file
        head = file.block(address, b"FRHP", 22 + 12 * file.lengths + 3 * file.offsets)
        head.version("the fractal heap", 0)
        self.id_length, filters = head.number(2), head.number(2)
        head.skip(1)
        most = head.number(4)
        head.skip(file.lengths)  # next huge ID
        self._huge_tree = head.location()
        head.skip(file.lengths + file.offsets + 8 * file.lengths)
        self._width = head.number(2)
        self._start, self._largest = head.length(), head.length()
        bits = head.number(2)
        head.skip(2)
        self._root, self._rows = head.location(), head.number(2)
        if (
            not 0 < self._width <= _MAX_WIDTH
            or not 0 < bits <= _MAX_BITS
            or not _power(self._start)
            or not _power(self._largest)
            or not _power(self._width)
            or self._start > self._largest
        ):
            raise HostileInput("a fractal heap of impossible dimensions")
        self._offset_bytes = (bits + 7) // 8
        self._length_bytes = min(
            (self._largest.bit_length() + 6) // 8, max((most.bit_length() + 7) // 8, 1)
        )
        self._direct_rows = self._largest.bit_length() - self._start.bit_length() + 2
        self._filters: tuple[Filter, ...] = ()
        self._root_size = self._root_mask = 0
        if filters:
            more = file.fields(head.address + len(head.data), file.lengths + 4 + filters)
            self._root_size, self._root_mask = more.length(), more.number(4)
            self._filters = read_filters(more)
        self._huge: dict[int, Fields] | None = None
        self._children: dict[int, _Packed] = {}  # by the place that names them
        self._unpacked: dict[int, bytes] = {}
        self._checked: set[int] = set()  # direct blocks that are there

    def get(self, identity: bytes) -> tuple[bytes, int]:
        """An object's bytes, and their address (of a tiny one, which is its own ID, none)."""
        kind = identity[0] >> 4 & 3 if identity else 3
        if kind == _MANAGED:
            return self._managed(identity)
        if kind == _HUGE:
            return self._huge_object(identity)
        if kind == _TINY:
            wide = self.id_length > 17  # the length takes four bits, or twelve
            length = (identity[0] & 15) + 1
            if wide and len(identity) > 1:
                length = ((identity[0] & 15) << 8 | identity[1]) + 1
            start = 2 if wide else 1
            if start + length > len(identity):
                raise HostileInput("a tiny object of a fractal heap is cut off")
            return identity[start : start + length], UNDEFINED
        raise HostileInput("an object of a fractal heap of an unknown type")

    def _managed(self, identity: bytes) -> tuple[bytes, int]:
        middle = 1 + self._offset_bytes
        offset = int.from_bytes(identity[1:middle], "little")
        length = int.from_bytes(identity[middle : middle + self._length_bytes], "little")
        (block, stored, mask), size, inner = self._find(offset)
        if inner + length > size:
            raise HostileInput("an object of a fractal heap lies outside of its block")
        if self._filters:
            return self._block(block, stored, mask, size)[inner : inner + length], UNDEFINED
        if block not in self._checked:
            self._file.block(block, b"FHDB", 4)
            self._remember(block)
        return self._file.read(block + inner, length), block + inner

    def _block(self, address: int, stored: int, mask: int, size: int) -> bytes:
        """A compressed direct block, unpacked."""
        data = self._unpacked.get(address)
        if data is None:
            data = self._plain(address, stored, mask, size)
            if data[:4] != b"FHDB":
                raise HostileInput(f"FHDB is expected at address {address}")
            if sum(map(len, self._unpacked.values())) + len(data) > MAX_BLOCK:
                self._unpacked = {}
            self._unpacked[address] = data
        return data

    def _plain(self, address: int, stored: int, mask: int, size: int) -> bytes:
        """What filtered bytes were."""
        if size > MAX_BLOCK:
            raise BoundExceeded("a block of a fractal heap", MAX_BLOCK, "bytes")
        self._file.count(size)
        data = undo(self._file.read(address, stored), self._filters, mask, size)
        if data is None:
            raise NotReadHere("no reader for this compression of links or attributes")
        return data

    def _find(self, offset: int) -> tuple[_Packed, int, int]:
        """The direct block that holds a heap offset: where it lies, its size, the place inside."""
        if not self._rows:
            return (self._root, self._root_size, self._root_mask), self._start, offset
        file, block, rows = self._file, self._root, self._rows
        step = file.offsets + (file.lengths + 4 if self._filters else 0)
        prefix = 5 + file.offsets + self._offset_bytes
        for _ in range(_MAX_BITS):
            row = (offset // (self._start * self._width)).bit_length()
            if row >= rows:
                break
            size = self._start << max(row - 1, 0)
            offset -= self._start * self._width << row - 1 if row else 0
            column, offset = divmod(offset, size)
            entry = row * self._width + column
            direct = min(entry, self._direct_rows * self._width)
            place = block + prefix + direct * step + (entry - direct) * file.offsets
            child = self._children.get(place)
            if child is None:
                file.block(block, b"FHIB", prefix)
                fields = file.fields(place, step if row < self._direct_rows else file.offsets)
                child = fields.location(), 0, 0
                if fields.left:
                    child = child[0], fields.length(), fields.number(4)
                if len(self._children) < _MAX_KEPT:
                    self._children[place] = child
            if row < self._direct_rows:
                return child, size, offset
            block = child[0]
            rows = (size // (self._start * self._width)).bit_length()
        raise HostileInput("an object of a fractal heap lies outside of the heap")

    def _remember(self, block: int) -> None:
        if len(self._checked) < _MAX_KEPT:
            self._checked.add(block)

    def _huge_object(self, identity: bytes) -> tuple[bytes, int]:
        """An object with a block of its own: named directly where the ID has room, else by key."""
        file = self._file
        fields = file.fields(0, 0).within(identity[1:])
        needed = file.offsets + file.lengths + (4 + file.lengths if self._filters else 0)
        if self.id_length - 1 >= needed:
            return self._whole(fields)
        if self._huge is None:
            kind = _HUGE_FILTERED if self._filters else _HUGE_RECORD
            self._huge = {}
            for record in btree2.records(file, self._huge_tree, kind):
                key = int.from_bytes(record.data[needed : needed + file.lengths], "little")
                self._huge[key] = record
        key = int.from_bytes(identity[1 : self.id_length][: file.lengths], "little")
        if key not in self._huge:
            raise HostileInput("a huge object of a fractal heap is missing")
        found = self._huge[key]
        return self._whole(found.within(found.data))

    def _whole(self, fields: Fields) -> tuple[bytes, int]:
        """A huge object, by its address and length, and mask and size where it is filtered."""
        address, length = fields.location(), fields.length()
        if self._filters:
            return self._plain(address, length, fields.number(4), fields.length()), UNDEFINED
        if not self._file.sure(address, length):
            raise HostileInput("a huge object of a fractal heap lies outside of the file")
        return self._file.read(address, length), address


def _power(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0
