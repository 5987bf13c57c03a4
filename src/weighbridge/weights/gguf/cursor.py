"""Reads a GGUF header forward, through a buffer, and never beyond the file's size."""

from __future__ import annotations

import struct
from typing import Literal

from weighbridge.model.errors import HostileInput
from weighbridge.weights.source import Readable

_STEP = 2**18


class Cursor:
    """``pos`` is the place in the file; ``order`` the byte order of every number."""

    def __init__(self, stream: Readable, size: int) -> None:
        self.stream, self.size = stream, size
        self.order: Literal["little", "big"] = "little"
        self.buffer, self.at, self.base = b"", 0, 0
        self.taken = 0

    @property
    def pos(self) -> int:
        """Bytes from the start of the file."""
        return self.base + self.at

    @property
    def left(self) -> int:
        """Bytes to the end of the file."""
        return self.size - self.pos

    def _fill(self, count: int) -> None:
        if count > self.left:
            raise HostileInput(f"{count} bytes are announced at byte {self.pos}, and the file ends")
        if self.at + count <= len(self.buffer):
            return
        parts = [self.buffer[self.at :]]
        self.base, self.at = self.pos, 0
        have = len(parts[0])
        while have < count:
            part = self.stream.read(max(_STEP, count - have))
            if not part:
                raise HostileInput("the file is shorter than it was")
            parts.append(part)
            have += len(part)
            self.taken += len(part)
        self.buffer = b"".join(parts)

    def take(self, count: int) -> bytes:
        """The next bytes; what asks for many must have bounded them.

        Raises:
            HostileInput: the file ends before.
        """
        self._fill(count)
        self.at += count
        return self.buffer[self.at - count : self.at]

    def skip(self, count: int) -> None:
        """Move on without reading.

        Raises:
            HostileInput: the file ends before.
        """
        if count > self.left:
            raise HostileInput(f"{count} bytes are announced at byte {self.pos}, and the file ends")
        self._move(self.at + count)

    def _move(self, at: int) -> None:
        """To a place that may lie behind the buffer."""
        if at <= len(self.buffer):
            self.at = at
            return
        self.base += at
        self.stream.seek(self.base)
        self.buffer, self.at = b"", 0

    def skip_strings(self, count: int) -> None:
        """Walk over strings, each a length and its bytes: a vocabulary has 100,000 and more.

        Raises:
            HostileInput: the file ends before.
        """
        unpack = struct.Struct(">Q" if self.order == "big" else "<Q").unpack_from
        while count:
            self._fill(8)
            buffer, at = self.buffer, self.at
            last = len(buffer) - 8
            while count and at <= last:
                at += 8 + unpack(buffer, at)[0]
                count -= 1
            if self.base + at > self.size:
                raise HostileInput(f"a string behind byte {self.pos} runs past the file's end")
            self._move(at)

    def number(self, width: int, *, signed: bool = False) -> int:
        """An integer."""
        return int.from_bytes(self.take(width), self.order, signed=signed)

    def u32(self) -> int:
        """A 32-bit count."""
        return self.number(4)

    def u64(self) -> int:
        """A 64-bit count."""
        return self.number(8)
