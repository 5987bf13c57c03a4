"""Packed bytes that break off: what stands before the damage counts."""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.log import Log
from weighbridge.weights.source import Readable, Source


def enduring(source: Source, log: Log) -> Source:
    """Packed bytes that end where they are damaged: a loader runs what stands before the damage."""
    return Source(lambda: _Enduring(source.open(), log), source.size)


class _Enduring:
    def __init__(self, stream: Readable, log: Log) -> None:
        self._stream, self._log, self._ended, self._given = stream, log, False, False

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end, or where the bytes are damaged.

        Raises:
            HostileInput: there was not one good byte.
            BoundExceeded: they become too much.
        """
        if self._ended:
            return b""
        try:
            data = self._stream.read(size)
        except (BoundExceeded, NotReadHere):
            raise
        except HostileInput as error:
            if not self._given:
                raise
            self._ended = True
            self._log.give_up(error)
            return b""
        self._given = True
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As the stream."""
        return self._stream.seek(offset, whence)

    def seekable(self) -> bool:
        """As the stream."""
        return self._stream.seekable()
