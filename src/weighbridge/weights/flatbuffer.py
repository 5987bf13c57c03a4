"""FlatBuffers: tables, strings and vectors by their offsets, each checked before it is followed.

Source: the FlatBuffers internals document (binary format) and what its C++ verifier refuses: a
place outside the buffer, a table or vector that is not aligned to four bytes, a vtable shorter
than its own header, a field behind its table's end, a string without its zero byte. Nothing is
allocated by a number in the file: a vector's length is compared with the bytes there are, and its
elements are read when a caller asks for them.

Tables may be shared, so a small file can hold a large tree: every table and vector that is visited
costs one of :data:`MAX_VISITS`, and every stretch that is read one of :data:`MAX_LOADS`.
"""

from __future__ import annotations

import array
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.source import Source

MAX_VISITS = 250_000  # tables, strings and vectors of one file
MAX_LOADS = 40_000  # pages of one file, each time it is read
MAX_NUMBERS = 4_000_000  # in all vectors of numbers of one file
_PAGE = 2**15
_KEPT = 256  # pages
_EMPTY = array.array("B")
_CODES = {1: "bB", 2: "hH", 4: "iI", 8: "qQ"}


class Vector(NamedTuple):
    """A vector's place: the offset of its first element, their number, the bytes of each."""

    start: int
    length: int
    width: int

    @property
    def size(self) -> int:
        """Bytes of all elements."""
        return self.length * self.width

    @property
    def end(self) -> int:
        """The offset behind the last element."""
        return self.start + self.size


class Flatbuffer:
    """A buffer that fills the source from its start to ``size``.

    ``taken`` counts the bytes read; ``reach`` is the offset behind the last byte that belongs to
    something that was visited.
    """

    def __init__(self, source: Source, size: int | None = None) -> None:
        self._stream = source.open()
        self.size = source.size if size is None else min(size, source.size)
        self._pages: dict[int, bytes] = {}
        self._vtables: dict[int, tuple[int, ...]] = {}
        self._visits = self._loads = self._numbers = 0
        self.taken = 0
        self.reach = 8

    def identifier(self) -> bytes:
        """The four bytes that name the schema."""
        return self.raw(4, 4)

    def root(self) -> Table:
        """The root table.

        Raises:
            HostileInput: there is none.
        """
        if self.size < 8:
            raise HostileInput("the file is too short for a FlatBuffer")
        return self.table(self.number(0, 4))

    def raw(self, start: int, count: int) -> bytes:
        """Bytes. The caller bounds ``count``.

        Raises:
            HostileInput: they are not inside the buffer.
        """
        if start < 0 or start + count > self.size:
            raise HostileInput(f"{count} bytes at offset {start} are not inside the file")
        at = start & (_PAGE - 1)
        if at + count <= _PAGE:
            return self._page(start // _PAGE)[at : at + count]
        parts = []
        while count > 0:
            part = self._page(start // _PAGE)[start & (_PAGE - 1) :][:count]
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return b"".join(parts)

    def _page(self, index: int) -> bytes:
        page = self._pages.get(index)
        if page is None:
            self._loads += 1
            if self._loads > MAX_LOADS:
                raise BoundExceeded("the pages read of the FlatBuffer", MAX_LOADS, "pages")
            wanted = min(_PAGE, self.size - index * _PAGE)
            self._stream.seek(index * _PAGE)
            page = self._stream.read(wanted)
            while len(page) < wanted:
                more = self._stream.read(wanted - len(page))
                if not more:
                    raise HostileInput("the file is shorter than it was")
                page += more
            self.taken += len(page)
            if len(self._pages) >= _KEPT:
                del self._pages[next(iter(self._pages))]
            self._pages[index] = page
        return page

    def number(self, at: int, width: int, *, signed: bool = False) -> int:
        """A little-endian number."""
        page, place = self._pages.get(at // _PAGE), at & (_PAGE - 1)
        if page is None or place + width > len(page):
            return int.from_bytes(self.raw(at, width), "little", signed=signed)
        return int.from_bytes(page[place : place + width], "little", signed=signed)

    def visit(self) -> None:
        """Count a table, string or vector.

        Raises:
            BoundExceeded: they are too many.
        """
        self._visits += 1
        if self._visits > MAX_VISITS:
            raise BoundExceeded("the FlatBuffer", MAX_VISITS, "tables and vectors")

    def table(self, at: int) -> Table:
        """The table that stands there.

        Raises:
            HostileInput: none does.
        """
        self.visit()
        if at & 3 or at < 4:
            raise HostileInput(f"the table at offset {at} is not aligned")
        fields = self._vtable(at - self.number(at, 4, signed=True))
        end = at + fields[0]
        if end > self.size:
            raise HostileInput(f"the table at offset {at} is not inside the file")
        if end > self.reach:
            self.reach = end
        return Table(self, at, fields)

    def _vtable(self, at: int) -> tuple[int, ...]:
        """The table's size, then each field's offset in it."""
        known = self._vtables.get(at)
        if known is not None:
            return known
        length = self.number(at, 2)
        if at & 1 or length < 4 or length & 1:
            raise HostileInput(f"the vtable at offset {at} is malformed")
        found = struct.unpack(f"<{length // 2 - 1}H", self.raw(at + 2, length - 2))
        if found[0] < 4:
            raise HostileInput(f"the vtable at offset {at} describes a table of {found[0]} bytes")
        self.reach = max(self.reach, at + length)
        if len(self._vtables) < 2000 and length <= 256:
            self._vtables[at] = found
        return found

    def vector(self, at: int, width: int) -> Vector:
        """The vector that stands there.

        Raises:
            HostileInput: it is not inside the file.
        """
        self.visit()
        if at & 3:
            raise HostileInput(f"the vector at offset {at} is not aligned")
        found = Vector(at + 4, self.number(at, 4), width)
        end = found.end
        if end > self.size:
            raise HostileInput(
                f"the vector at offset {at} announces {found.length} elements, and the file ends"
            )
        if end > self.reach:
            self.reach = end
        return found

    def values(self, vector: Vector, *, signed: bool = False) -> array.array[int]:
        """A vector's numbers.

        Raises:
            BoundExceeded: together with those read before they are too many.
        """
        if not vector.length:
            return _EMPTY
        self._numbers += vector.length
        if self._numbers > MAX_NUMBERS:
            raise BoundExceeded("the FlatBuffer's vectors", MAX_NUMBERS, "numbers")
        found = array.array(_CODES[vector.width][not signed])
        found.frombytes(self.raw(vector.start, vector.size))
        if sys.byteorder == "big":
            found.byteswap()
        return found


class Table:
    """One table. Fields are named by their number in the schema; absent ones have a default."""

    __slots__ = ("_fields", "at", "buffer")

    def __init__(self, buffer: Flatbuffer, at: int, fields: tuple[int, ...]) -> None:
        self.buffer, self.at, self._fields = buffer, at, fields

    def _place(self, field: int, width: int) -> int:
        """Where a field stands, 0 where it is absent."""
        if field + 1 >= len(self._fields):
            return 0
        offset = self._fields[field + 1]
        if offset == 0:
            return 0
        if offset < 4 or offset + width > self._fields[0]:
            raise HostileInput(f"field {field} of the table at offset {self.at} is outside it")
        return self.at + offset

    def has(self, field: int) -> bool:
        """Whether the field is there."""
        return self._place(field, 1) > 0

    def scalar(self, field: int, width: int, default: int = 0, *, signed: bool = False) -> int:
        """A number of ``width`` bytes; a truth value is one of one byte."""
        at = self._place(field, width)
        return self.buffer.number(at, width, signed=signed) if at else default

    def _follow(self, field: int) -> int:
        at = self._place(field, 4)
        return at + self.buffer.number(at, 4) if at else 0

    def table(self, field: int) -> Table | None:
        """A nested table, or a union's value."""
        at = self._follow(field)
        return self.buffer.table(at) if at else None

    def vector(self, field: int, width: int) -> Vector | None:
        """A vector of ``width`` bytes an element; its bytes are not read."""
        at = self._follow(field)
        return self.buffer.vector(at, width) if at else None

    def values(self, field: int, width: int, *, signed: bool = False) -> array.array[int]:
        """A vector's numbers; none where it is absent."""
        found = self.vector(field, width)
        if found is None:
            return _EMPTY
        return self.buffer.values(found, signed=signed)

    def text(self, field: int, most: int = 1000) -> str:
        """The first ``most`` bytes of a string; empty where it is absent.

        Raises:
            HostileInput: no zero byte ends it.
        """
        at = self._follow(field)
        return _text(self.buffer, at, most) if at else ""

    def texts(self, field: int, most: int = 1000) -> Iterator[str]:
        """The strings of a vector."""
        for place in self._places(field):
            yield _text(self.buffer, place, most)

    def count(self, field: int) -> int:
        """How many tables or strings a vector holds."""
        found = self.vector(field, 4)
        return found.length if found else 0

    def tables(self, field: int) -> Iterator[Table]:
        """The tables of a vector."""
        for place in self._places(field):
            yield self.buffer.table(place)

    def _places(self, field: int) -> Iterator[int]:
        found = self.vector(field, 4)
        if found is None:
            return
        for at in range(found.start, found.end, 4):
            yield at + self.buffer.number(at, 4)


def _text(buffer: Flatbuffer, at: int, most: int) -> str:
    place = buffer.vector(at, 1)
    if buffer.raw(place.end, 1) != b"\0":
        raise HostileInput(f"the string at offset {at} does not end with a zero byte")
    return buffer.raw(place.start, min(place.length, most)).decode("utf-8", "backslashreplace")
