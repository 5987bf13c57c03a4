"""The three ways in which R writes numbers and text: XDR, native binary, and ASCII.

Source: R Internals, "Serialization Formats"; R's ``serialize.c``.
"""

from __future__ import annotations

import re
import struct
from typing import Protocol

from weighbridge.model.errors import HostileInput
from weighbridge.weights.octets import Octets

_NA = -(2**31)
_CHAR = 9  # CHARSXP
_SPACE = re.compile(rb"\s*")
_ESCAPE = re.compile(rb"\\(?:[0-7]{1,3}|.)", re.S)  # as C writes them
_PAIR = re.compile(rb"\s*([0-9]{1,10})\s+(-?[0-9]{1,10})(?!\S)")
_WORD = re.compile(rb"\s*([^\s]{1,64})")


def check_text(flags: int, length: int, pos: int) -> None:
    """The head of a text vector's element: its type, and its length, -1 for ``NA``.

    Raises:
        HostileInput: it is no text.
    """
    if flags & 0xFF != _CHAR:
        raise HostileInput(f"a text vector at byte {pos} holds no text")
    if length < -1 and length != _NA:
        raise HostileInput(f"a string of the R data has {length} bytes")


class RStream(Protocol):
    """What the walk over R values asks of a format."""

    @property
    def pos(self) -> int:
        """Bytes from the start."""
        ...

    def integer(self) -> int:
        """A signed number of 32 bits."""
        ...

    def text(self, length: int) -> bytes:
        """The bytes of a string."""
        ...

    def texts(self, count: int) -> None:
        """Pass over the elements of a text vector."""
        ...

    def skip(self, count: int, width: int) -> None:
        """Pass over so many numbers (or, of width 1, bytes)."""
        ...

    def room(self, count: int) -> bool:
        """Whether so many values can still come."""
        ...

    def left(self) -> int:
        """Bytes to the end."""
        ...


class Binary:
    """XDR (big-endian) and native (little-endian in practice)."""

    def __init__(self, octets: Octets, order: str) -> None:
        self._octets = octets
        self._form = struct.Struct(">i" if order == "big" else "<i")
        self._two = struct.Struct(">ii" if order == "big" else "<ii")

    @property
    def pos(self) -> int:
        """Bytes from the start."""
        return self._octets.pos

    def integer(self) -> int:
        """A signed number of 32 bits."""
        return self._octets.signed(self._form)

    def text(self, length: int) -> bytes:
        """The bytes of a string; long ones are passed over."""
        if length > 4096:
            self._octets.skip(length)
            return b""
        return self._octets.take(length)

    def texts(self, count: int) -> None:
        """Pass over the elements of a text vector, which may be millions."""
        octets, unpack = self._octets, self._two.unpack_from
        while count:
            buffer, start = octets.ahead(8)
            at, last, origin = start, len(buffer) - 8, octets.pos - start
            while count and at <= last:
                flags, length = unpack(buffer, at)
                check_text(flags, length, origin + at)
                at += 8 + length if length > 0 else 8
                count -= 1
            octets.skip(at - start)

    def skip(self, count: int, width: int) -> None:
        """Pass over so many numbers."""
        self._octets.skip(count * width)

    def room(self, count: int) -> bool:
        """Whether so many values can still come: each takes four bytes at least."""
        return count * 4 <= self._octets.left

    def left(self) -> int:
        """Bytes to the end."""
        return self._octets.left


class Ascii:
    """Words between line breaks; strings with escapes, as C writes them."""

    def __init__(self, data: bytes, pos: int) -> None:
        self._data, self.pos = data, pos

    def _word(self) -> bytes:
        match = _WORD.match(self._data, self.pos)
        if match is None:
            raise HostileInput("the R data ends early")
        self.pos = match.end()
        return match[1]

    def integer(self) -> int:
        """A signed number of 32 bits; ``NA`` is the least."""
        word = self._word()
        if word == b"NA":
            return _NA
        if not word.removeprefix(b"-").isdigit() or len(word) > 11:
            raise HostileInput(f"the R data has {word[:20]!r} where a number is due")
        return int(word)

    def text(self, length: int) -> bytes:
        """The bytes of a string of that many characters once escapes are read."""
        data, left = self._data, length
        space = _SPACE.match(data, self.pos)
        at = start = space.end() if space else self.pos
        while (escape := data.find(b"\\", at, at + left)) >= 0:
            found = _ESCAPE.match(data, escape)
            if found is None:
                raise HostileInput("a string of the R data is cut off")
            left -= escape - at + 1
            at = found.end()
        at += left
        if at > len(data):
            raise HostileInput("a string of the R data is cut off")
        self.pos = at
        return data[start : min(at, start + 4096)]

    def texts(self, count: int) -> None:
        """Pass over the elements of a text vector."""
        for _ in range(count):
            pair = _PAIR.match(self._data, self.pos)
            if pair is not None:
                self.pos = pair.end()
                flags, length = int(pair[1]), int(pair[2])
            else:
                flags, length = self.integer(), self.integer()
            check_text(flags, length, self.pos)
            if length > 0:
                self.text(length)

    def skip(self, count: int, width: int) -> None:
        """Pass over so many words; complex numbers are two."""
        words = count * (2 if width == 16 else 1)
        if not self.room(words):
            raise HostileInput("the R data ends early")
        for _ in range(words):
            self._word()

    def room(self, count: int) -> bool:
        """Whether so many values can still come: each takes two bytes at least."""
        return count * 2 <= len(self._data) - self.pos + 1

    def left(self) -> int:
        """Bytes to the end, without the space that ends the last line."""
        return len(self._data[self.pos :].strip())
