"""A look into a file: its beginning, and a few more bytes where something asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

HEAD_BYTES = 64 * 1024


class Peek(NamedTuple):
    """A look at a file of ``size`` bytes: its first ``HEAD_BYTES``, and a few more on request."""

    read: Callable[[int, int], bytes]
    size: int
    head: bytes

    def at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes at an offset; fewer at the end, none outside the file."""
        if offset < 0 or offset >= self.size:
            return b""
        if offset + count <= len(self.head):
            return self.head[offset : offset + count]
        return self.read(offset, min(count, self.size - offset))

    @classmethod
    def of(cls, data: bytes) -> Peek:
        """Of bytes in memory."""
        return cls(
            lambda offset, count: data[offset : offset + count], len(data), data[:HEAD_BYTES]
        )
