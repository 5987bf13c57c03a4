"""The names in a zip archive's central directory, found the way loaders find it: from the end.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.3.16. Nothing is decompressed.
"""

from __future__ import annotations

import struct
from typing import Protocol

_END = b"PK\x05\x06"
_END_BYTES = 22
_MAX_COMMENT = 0xFFFF
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 46
_MAX_ENDS = 8  # end records tried: a comment may hold the mark by chance
_MAX_DIRECTORY = 4 * 2**20  # bytes looked at; enough for tens of thousands of members


class Bytes(Protocol):
    """A file that can be looked into."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    def at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes at an offset."""


def zip_names(file: Bytes) -> tuple[str, ...] | None:
    """The members' names, as far as the bound reaches; None where there is no central directory.

    The directory is looked for right before its end record, as Python's ``zipfile`` does, so that
    bytes put in front of the archive change nothing.
    """
    tail_start = max(0, file.size - _END_BYTES - _MAX_COMMENT)
    tail = file.at(tail_start, _END_BYTES + _MAX_COMMENT)
    for at in _end_records(tail):
        names = _names_before(file, tail_start + at, tail[at : at + _END_BYTES])
        if names is not None:
            return names
    return None


def _end_records(tail: bytes) -> list[int]:
    """Where end records may stand: those whose comment reaches to the end, then the last of all."""
    found: list[int] = []
    at = last = tail.rfind(_END)
    while at >= 0 and len(found) < _MAX_ENDS:
        comment = tail[at + _END_BYTES - 2 : at + _END_BYTES]
        if at + _END_BYTES + int.from_bytes(comment, "little") == len(tail):
            found.append(at)
        at = tail.rfind(_END, 0, at)
    return found + ([last] if last >= 0 else [])


def _names_before(file: Bytes, end_at: int, end: bytes) -> tuple[str, ...] | None:
    if len(end) < _END_BYTES:
        return None
    count, size = struct.unpack_from("<HI", end, 10)
    end64 = _end64(file, end_at)
    if end64 is not None:  # loaders take it wherever its locator is, needed or not
        end_at, count, size = end64
    start = end_at - size
    if start < 0:
        return None
    if count == 0 and size == 0:
        return ()
    if file.at(start, 4) != _ENTRY:
        return None
    return _read_names(file.at(start, min(size, _MAX_DIRECTORY)))


def _end64(file: Bytes, end_at: int) -> tuple[int, int, int] | None:
    """Where the zip64 end record stands, its count of members, and the directory's size."""
    if file.at(end_at - 20, 4) != _LOCATOR64:
        return None
    record_at = end_at - 20 - 56
    record = file.at(record_at, 56)
    if len(record) < 56 or not record.startswith(_END64):
        return None
    count, size = struct.unpack_from("<QQ", record, 32)
    return record_at, count, size


def _read_names(directory: bytes) -> tuple[str, ...]:
    names = []
    at = 0
    while directory.startswith(_ENTRY, at) and at + _ENTRY_BYTES <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        start = at + _ENTRY_BYTES
        names.append(directory[start : start + name].decode("utf-8", "replace"))
        at = start + name + extra + comment
    return tuple(names)
