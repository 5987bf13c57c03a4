"""Torch's distributed checkpoints: a ``.distcp`` file is torch archives one behind the other.

``FileSystemWriter`` (torch/distributed/checkpoint/filesystem.py) writes each tensor and each object
of a rank by a ``torch.save`` of its own into one file, without anything in between; ``.metadata``
beside it says where each starts, and a loader reads that part alone. So each part must be an
archive by itself, and they tile the file.

Anywhere else two archives in one file are a disguise: torch reads the first, other readers the
last. The name decides which of the two it is, and every part is inspected as if it stood alone,
so a disguise that takes the name hides nothing.
"""

from __future__ import annotations

import struct

from weighbridge.model.errors import BoundExceeded
from weighbridge.weights.source import Readable, Source

SUFFIX = ".distcp"
MAX_ITEMS = 50_000
_END, _END64, _LOCATOR64 = 22, 56, 20  # bytes (PKWARE APPNOTE 4.3.16, 4.3.14, 4.3.15)
_PLAIN, _WIDE = struct.Struct("<II"), struct.Struct("<QQ")  # a directory's size and offset
_FULL32 = 0xFFFFFFFF


def items(source: Source, name: str) -> list[tuple[int, int]]:
    """Offset and size of each archive of a distributed checkpoint, in order.

    Empty where the file is none: it is not called so, holds one archive alone, or is not tiled by
    archives that end with their directory. Found from the end: the record there says where its
    archive starts, and another ends there.

    Raises:
        BoundExceeded: there are more than :data:`MAX_ITEMS`.
    """
    if not name.lower().endswith(SUFFIX):
        return []
    stream = source.open()
    found: list[tuple[int, int]] = []
    end = source.size
    while end > 0:
        start = _start(stream, end)
        if start is None:
            return []
        if len(found) >= MAX_ITEMS:
            raise BoundExceeded("the distributed checkpoint", MAX_ITEMS, "archives")
        found.append((start, end - start))
        end = start
    return found[::-1] if len(found) > 1 else []


def _start(stream: Readable, end: int) -> int | None:
    """Where the archive starts that ends there, without a comment; None where none does."""
    wanted = min(end, _END64 + _LOCATOR64 + _END)
    raw = _read(stream, end - wanted, wanted)
    record = raw[-_END:]
    if len(record) < _END or record[:4] != b"PK\x05\x06" or record[20:] != b"\0\0":
        return None
    size, offset = _PLAIN.unpack_from(record, 12)
    stop = end - _END
    wide = raw[: -_END - _LOCATOR64]
    if raw[-_END - _LOCATOR64 :][:4] == b"PK\x06\x07" and wide[:4] == b"PK\x06\x06":
        size, offset = _WIDE.unpack_from(wide, 40)
        stop -= _END64 + _LOCATOR64
    elif _FULL32 in (size, offset):
        return None
    start: int = stop - size - offset
    if start < 0 or start >= stop or _read(stream, start, 4) != b"PK\x03\x04":
        return None
    return start


def _read(stream: Readable, start: int, count: int) -> bytes:
    stream.seek(start)
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
