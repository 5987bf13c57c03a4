"""Extents of data and headers, which no two of may share bytes."""

from __future__ import annotations

from weighbridge.weights.log import Log

_BITS = 64  # one number holds both, so that many take little memory


class Extents:
    """Remembers extents by address and size, in bytes."""

    def __init__(self) -> None:
        self._known: list[int] = []

    def add(self, start: int, size: int) -> None:
        """Remember one."""
        if size:
            self._known.append(start << _BITS | start + size)

    def report(self, base: int, log: Log) -> None:
        """Record every overlap; ``base`` is where address 0 stands in the file."""
        reached = 0
        for both in sorted(self._known):
            start, end = both >> _BITS, both & (1 << _BITS) - 1
            if start < reached:
                log.issue(
                    "overlapping-tensors",
                    f"{min(end, reached) - start} bytes at {start} belong to two objects",
                    base + start,
                )
            reached = max(reached, end)
