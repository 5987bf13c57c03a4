"""Local heaps, which hold names, and global heaps, which hold what has no fixed length
(sections III.D and III.E)."""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.file import File

_MAX_NAME = 64 * 1024  # bytes
_MAX_KEPT = 100_000  # places of objects that are remembered at a time


class LocalHeap:
    """The names of one symbol table or one list of external files."""

    def __init__(self, file: File, address: int) -> None:
        head = file.block(address, b"HEAP", 8 + 2 * file.lengths + file.offsets)
        head.version("the local heap", 0)
        head.skip(3)
        size = head.length()
        head.skip(file.lengths)
        self._data = file.read(head.location(), size)

    def name(self, offset: int) -> bytes:
        """The bytes from ``offset`` up to a NUL.

        Raises:
            HostileInput: they are not inside the heap.
        """
        end = self._data.find(b"\0", offset, offset + _MAX_NAME)
        if end < 0:
            raise HostileInput("a name does not lie inside its local heap, or has no end")
        return self._data[offset:end]


class GlobalHeaps:
    """Objects of the global heap collections, found by collection and index."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._known: dict[int, dict[int, tuple[int, int]]] = {}
        self._kept = 0

    def place(self, address: int, index: int) -> tuple[int, int]:
        """Address and size of an object.

        Raises:
            HostileInput: the collection is malformed, or has no such object.
        """
        table = self._known.get(address)
        if table is None:
            table = self.collection(address)
            if self._kept + len(table) > _MAX_KEPT:
                self._known, self._kept = {}, 0
            self._known[address] = table
            self._kept += len(table) + 1
        if index not in table:
            raise HostileInput(f"the global heap at {address} has no object {index}")
        return table[index]

    def collection(self, address: int) -> dict[int, tuple[int, int]]:
        """Address and size of every object of a collection, by index.

        Raises:
            HostileInput: the collection is malformed.
        """
        file = self._file
        head = file.block(address, b"GCOL", 8 + file.lengths)
        head.version("the global heap", 1)
        head.skip(3)
        size = head.length()
        if not file.sure(address, size):
            raise HostileInput(f"the global heap at {address} does not end inside the file")
        table: dict[int, tuple[int, int]] = {}
        at, end = address + 8 + file.lengths, address + size
        step = 8 + file.lengths
        while at + step <= end:
            fields = file.fields(at, step)
            index = fields.number(2)
            fields.skip(6)
            length = fields.length()
            if not index:
                break  # object 0 is the free space behind the others
            if at + step + length > end:
                raise HostileInput(f"object {index} of the global heap at {address} is cut off")
            file.spend()
            table.setdefault(index, (at + step, length))
            at += step + (length + 7) // 8 * 8
        return table
