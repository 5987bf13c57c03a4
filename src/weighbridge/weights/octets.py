"""A cursor over a seekable stream: numbers and bytes, never beyond the end, in bounded memory."""

from __future__ import annotations

import struct

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.source import Source

MAX_TAKEN = 16 * 2**20  # bytes that are held at once
_STEP = 2**18


class Octets:
    """Reads forward. ``taken`` counts the bytes that were read from the stream."""

    def __init__(self, source: Source) -> None:
        self._stream, self.size = source.open(), source.size
        self._buffer, self._at, self._base = b"", 0, 0
        self.taken = 0

    @property
    def pos(self) -> int:
        """Bytes from the start."""
        return self._base + self._at

    @property
    def left(self) -> int:
        """Bytes to the end."""
        return self.size - self.pos

    def need(self, count: int) -> None:
        """Make sure that so many bytes are left.

        Raises:
            HostileInput: there are fewer.
        """
        if not 0 <= count <= self.left:
            raise HostileInput(f"{count} bytes are announced at byte {self.pos}, and the file ends")

    def take(self, count: int) -> bytes:
        """Exactly so many bytes.

        Raises:
            HostileInput: there are fewer.
            BoundExceeded: they are too many to hold.
        """
        end = self._at + count
        if count < 0 or end > len(self._buffer):
            self._fill(count)
            end = self._at + count
        data = self._buffer[self._at : end]
        self._at = end
        return data

    def signed(self, form: struct.Struct) -> int:
        """A number of 32 bits, read where it lies: R's values are made of millions of them."""
        at = self._at
        if at + 4 > len(self._buffer):
            self._fill(4)
            at = self._at
        self._at = at + 4
        value: int = form.unpack_from(self._buffer, at)[0]
        return value

    def ahead(self, count: int) -> tuple[bytes, int]:
        """Bytes that hold the next ``count`` and more, and where those start in them: for a loop
        that looks at many small things and then passes over them all by :meth:`skip`.

        Raises:
            HostileInput: there are fewer.
        """
        if self._at + count > len(self._buffer):
            self._fill(count)
        return self._buffer, self._at

    def _fill(self, count: int) -> None:
        self.need(count)
        if count > MAX_TAKEN:
            raise BoundExceeded("one value of the file", MAX_TAKEN, "bytes")
        self._base, self._buffer, self._at = self.pos, self._buffer[self._at :], 0
        while len(self._buffer) < count:
            part = self._stream.read(max(_STEP, count - len(self._buffer)))
            if not part:
                raise HostileInput("the file is shorter than it was")
            self._buffer += part
            self.taken += len(part)

    def skip(self, count: int) -> None:
        """Pass over so many bytes.

        Raises:
            HostileInput: there are fewer.
        """
        self.need(count)
        if self._at + count <= len(self._buffer):
            self._at += count
            return
        self._base = self.pos + count
        self._stream.seek(self._base)
        self._buffer, self._at = b"", 0

    def restart(self, pos: int) -> None:
        """Go on from a place that was passed."""
        self._stream.seek(pos)
        self._base, self._buffer, self._at = pos, b"", 0

    def unsigned(self, width: int, order: str = "little") -> int:
        """A number of that many bytes."""
        return int.from_bytes(self.take(width), "little" if order == "little" else "big")
