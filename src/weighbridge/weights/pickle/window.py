"""A sliding window over a stream, so that a pickle of any size is read in bounded memory.

Handlers get a position in ``data`` and give back the next one. The window promises
:data:`LOOKAHEAD` readable bytes after an opcode: behind the stream's end they are zeros, and the
loop sees that an opcode ran past the end. So an opcode with a fixed argument needs no bounds check.
"""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.source import Readable

CHUNK = 256 * 1024
LOOKAHEAD = 16
MAX_LINE = 16 * 2**20  # bytes of one newline-terminated argument
MAX_KEPT = 2**20  # bytes of one counted argument that are looked at; longer ones are skipped
MAX_NESTED = 16 * 2**20  # bytes of one counted argument that are read when it looks like a pickle


class Damage(HostileInput):
    """The unpickler would stop here with an error."""


class Window:
    """``data[pos]`` is the byte at offset ``base + pos`` of the stream."""

    __slots__ = ("base", "data", "end", "eof", "frame_end", "limit", "size", "skipped", "stream")

    def __init__(self, stream: Readable, size: int = -1) -> None:
        """Read ``stream`` from where it stands; ``size`` bytes are left in it, -1 where unknown."""
        self.stream = stream
        self.size = size
        self.data = b"\0" * LOOKAHEAD
        self.base = 0
        self.end = 0  # bytes of the stream in the window
        self.limit = 0  # opcodes start before it
        self.frame_end = 0  # absolute; 0 outside a frame
        self.eof = False
        self.skipped = 0

    def fill(self, pos: int, need: int = 1) -> int:
        """Drop what lies before ``pos`` and read until ``need`` bytes follow; the new position is
        0.

        Raises:
            Damage: the stream ends before.
        """
        pos = self.grow(pos, need)
        if self.end < need:
            raise Damage("the pickle ends in the middle of an opcode")
        return pos

    def grow(self, pos: int, want: int) -> int:
        """:meth:`fill` that puts up with the stream's end."""
        parts = [self.data[pos : self.end]]
        have = len(parts[0])
        self.base += min(pos, self.end)
        want = max(want + LOOKAHEAD, CHUNK)
        while not self.eof and have < want:
            part = self.stream.read(max(CHUNK, want - have))
            if not part:
                self.eof = True
            parts.append(part)
            have += len(part)
        self.end = have
        self.data = b"".join(parts) + b"\0" * LOOKAHEAD
        self.relimit()
        return 0

    def relimit(self) -> None:
        """Say anew where the loop must look up: at the window's end or the frame's."""
        limit = self.end if self.eof else max(self.end - LOOKAHEAD, 0)
        if self.frame_end:
            limit = min(limit, max(self.frame_end - self.base, 0))
        self.limit = limit

    def need(self, pos: int, count: int) -> int:
        """A position at which ``count`` bytes can be sliced."""
        return pos if pos + count <= self.end else self.fill(pos, count)

    def line(self, pos: int) -> tuple[bytes, int]:
        """The line at ``pos`` without its newline, and the position behind it.

        Raises:
            Damage: there is no newline.
            BoundExceeded: the line is longer than :data:`MAX_LINE`.
        """
        searched = pos
        while (found := self.data.find(b"\n", searched, self.end)) < 0:
            have = self.end - pos
            if self.eof:
                raise Damage("a line of the pickle does not end")
            if have > MAX_LINE:
                raise BoundExceeded("a line of the pickle", MAX_LINE, "bytes")
            pos = self.grow(pos, 2 * have)
            searched = pos + have
        return self.data[pos:found], found + 1

    def counted(self, pos: int, count: int) -> tuple[bytes | None, int]:
        """``count`` bytes at ``pos``, None where they are too many to look at, and what follows.

        Raises:
            Damage: the stream ends before.
        """
        stop = pos + count
        if stop <= self.end:
            return self.data[pos:stop], stop
        if count <= MAX_KEPT:
            pos = self.fill(pos, count)
            return self.data[pos : pos + count], pos + count
        return None, self.skip(pos, count)

    def skip(self, pos: int, count: int) -> int:
        """The position ``count`` bytes on, without reading them where the stream can seek.

        Raises:
            Damage: the stream ends before.
        """
        if pos + count <= self.end:
            return pos + count
        absolute = self.base + pos + count
        if 0 <= self.size < absolute:
            raise Damage(f"an argument of {count} bytes runs past the pickle's end")
        ahead = count - (self.end - pos)
        if self.size >= 0 and self.stream.seekable():
            self.stream.seek(ahead, 1)
            self.skipped += ahead
        else:
            while ahead > 0:
                part = self.stream.read(min(ahead, CHUNK))
                if not part:
                    raise Damage(f"an argument of {count} bytes runs past the pickle's end")
                ahead -= len(part)
        self.base = absolute
        self.data, self.end = b"", 0
        return self.grow(0, 0)
