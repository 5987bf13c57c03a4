"""The door of this room: one weight file, inspected by every reader its bytes call for."""

from __future__ import annotations

from typing import BinaryIO

from weighbridge.model.artifact import Kind
from weighbridge.weights.content import inspect_content, inspect_member
from weighbridge.weights.identity import contradiction
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source


def inspect_file(stream: BinaryIO, size: int, kind: Kind, path: str) -> Inspection:
    """Inspect a file.

    Args:
        stream: seekable, over the whole content.
        size: its length in bytes.
        kind: what the snapshot found its content to be.
        path: its name, which is compared with the content and never trusted.

    Hostile input never raises: what cannot be read is a gap, what is malformed an issue.
    """
    log = Log(nest=inspect_member, path=path)
    log.spent.size = size
    wrong = contradiction(path, kind)
    if wrong:
        log.issue("kind-contradicts-name", wrong, 0)
    if not inspect_content(file_source(stream, size), log, kind, path):
        log.gap("no reader for this binary format")
    return log.freeze(kind.value)
