"""Bytes that can be opened several times: a file, a part of it, or what it inflates to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_INFLATED = 2**30  # bytes one compressed stream may become
MAX_RATIO = 100  # times its size, once it is larger than the next line
RATIO_FLOOR = 8 * 2**20  # zeros shrink a thousand times, and honest files hold some
_STEP = 256 * 1024


class Readable(Protocol):
    """What the readers here ask of a stream."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end and only there."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move, from the start or (``whence`` 1) from here."""
        ...

    def seekable(self) -> bool:
        """Whether :meth:`seek` works."""
        ...


class Decompressor(Protocol):
    """What ``zlib``, ``bz2`` and ``lzma`` share."""

    @property
    def eof(self) -> bool:
        """Whether the compressed stream has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What follows it."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most ``max_length`` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """``size`` in bytes, -1 where only reading to the end would tell."""

    open: Callable[[], Readable]
    size: int

    def head(self, count: int) -> bytes:
        """At most ``count`` bytes from the start."""
        return self.open().read(count)

    def part(self, start: int, size: int) -> Source:
        """Some of the bytes. Only of a source that can seek."""
        return Source(lambda: Slice(self.open(), start, size), size)


def file_source(stream: BinaryIO, size: int) -> Source:
    """A whole file. The opened streams share its position and do not mind."""
    return Source(lambda: Slice(stream, 0, size), size)


class Slice:
    """Part of a seekable stream, with a position of its own."""

    def __init__(self, stream: Readable, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._pos = stream, start, size, 0

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        size = min(size, self._size - self._pos)
        if size <= 0:
            return b""
        self._stream.seek(self._start + self._pos)
        data = self._stream.read(size)
        self._pos += len(data)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move, from the start or (``whence`` 1) from here."""
        self._pos = max(offset + (self._pos if whence == 1 else 0), 0)
        return self._pos

    def seekable(self) -> bool:
        """Always."""
        return True


class Bomb(BoundExceeded):
    """Compressed data that becomes far more than it takes: made to use up memory and time."""


class Allowance:
    """Counts what compressed data becomes, and says when it is too much.

    ``spend`` is told of every byte.
    """

    def __init__(self, spend: Callable[[int], None] | None = None) -> None:
        self._spend = spend
        self.given = 0

    def count(self, length: int, taken: int) -> None:
        """``length`` more bytes, of ``taken`` compressed ones in all.

        Raises:
            BoundExceeded: they are past :data:`MAX_INFLATED`.
            Bomb: they are past :data:`RATIO_FLOOR`, and :data:`MAX_RATIO` for one.
        """
        self.given += length
        if self._spend is not None:
            self._spend(length)
        if self.given > MAX_INFLATED:
            raise BoundExceeded("what the compressed data becomes", MAX_INFLATED, "bytes")
        if self.given > RATIO_FLOOR and self.given > MAX_RATIO * max(taken, 1):
            raise Bomb("what the compressed data becomes", MAX_RATIO, "times its size")


class Inflated:
    """What a compressed stream becomes, bounded: :data:`MAX_INFLATED`, and :data:`MAX_RATIO`.

    ``members``: several streams may follow each other (gzip). ``whole``: nothing may follow the
    only one. ``spend`` is told of every byte.

    Raises (from :meth:`read`):
        HostileInput: the stream is damaged.
        BoundExceeded: it becomes too large.
    """

    def __init__(
        self,
        stream: Readable,
        make: Callable[[], Decompressor],
        error: type[Exception],
        *,
        members: bool = False,
        whole: bool = False,
        spend: Callable[[int], None] | None = None,
    ) -> None:
        self._stream, self._make, self._error, self._members = stream, make, error, members
        self._whole = whole
        self._allowance = Allowance(spend)
        self._decompressor = make()
        self._pending = b""
        self._eof = False
        self.taken = 0

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        while not self._eof:
            if self._decompressor.eof:
                self._advance()
                continue
            try:
                data = self._decompressor.decompress(self._pending, min(size, _STEP))
            except HostileInput:
                raise
            except (self._error, EOFError) as error:
                raise HostileInput(f"the compressed data is damaged: {error}") from error
            self._pending = getattr(self._decompressor, "unconsumed_tail", b"")
            if data:
                self._allowance.count(len(data), self.taken)
                return data
            self._advance()
        return b""

    def _advance(self) -> None:
        if self._decompressor.eof:
            rest = self._decompressor.unused_data
            more = rest or self._stream.read(_STEP)
            self.taken += 0 if rest else len(more)
            if not (self._members and more.strip(b"\0")):
                self._eof = True
                if self._whole and more:
                    raise HostileInput("data follows the compressed stream")
                return
            self._decompressor, self._pending = self._make(), more
        elif not self._pending and getattr(self._decompressor, "needs_input", True):
            self._pending = self._stream.read(_STEP)
            self.taken += len(self._pending)
            if not self._pending:
                raise HostileInput("the compressed data is cut off")

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Never."""
        raise HostileInput("compressed data cannot be read out of order")

    def seekable(self) -> bool:
        """Never."""
        return False
