"""The door of this room: one weight file, inspected by every reader its bytes call for."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from weighbridge.model.artifact import Kind
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import archives, unrecognized
from weighbridge.weights.identity import contradiction
from weighbridge.weights.inspection import Inspection, Log
from weighbridge.weights.registry import READERS, UNREAD
from weighbridge.weights.source import Source, file_source

_ZIPS = (Kind.TORCH_ZIP, Kind.NUMPY_ZIP, Kind.KERAS_ZIP, Kind.ZIP)
_TAIL = 65_535 + 22


def inspect_file(stream: BinaryIO, size: int, kind: Kind, path: str) -> Inspection:
    """Inspect a file.

    Args:
        stream: seekable, over the whole content.
        size: its length in bytes.
        kind: what the snapshot found its content to be.
        path: its name, which is compared with the content and never trusted.

    Hostile input never raises: what cannot be read is a gap, what is malformed an issue.
    """
    log = Log()
    source = file_source(stream, size)
    wrong = contradiction(path, kind)
    if wrong:
        log.issue("kind-contradicts-name", wrong, 0)
    _guarded(lambda: _read(source, log, kind), log)
    if kind not in _ZIPS:
        _guarded(lambda: _hidden_zip(source, log), log)
    return log.freeze(kind.value)


def _read(source: Source, log: Log, kind: Kind) -> None:
    if kind in UNREAD:
        log.gap(f"no reader for {kind.value} yet")
        return
    for known, reader in READERS:
        if known is kind:
            reader(source, log)
            return
    unrecognized.inspect(source, log, kind)


def _guarded(work: Callable[[], None], log: Log) -> None:
    try:
        work()
    except BoundExceeded as error:
        log.gap(str(error))
    except HostileInput as error:
        log.issue("malformed", str(error))
        log.gap(str(error), uninspected=False)


def _hidden_zip(source: Source, log: Log) -> None:
    """A zip archive behind other content: zip readers look at a file's end, others at its start."""
    stream = source.open()
    stream.seek(max(source.size - _TAIL, 0))
    tail = b""
    while part := stream.read(_TAIL):
        tail += part
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or b"PK\x01\x02" not in tail[:at]:
        return
    log.issue("polyglot", "the file is also a zip archive, which other loaders would open")
    archives.inspect_any(source, log)
