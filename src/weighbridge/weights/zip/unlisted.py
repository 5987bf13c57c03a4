"""Members that no directory lists and that a reader of local headers finds all the same.

Streaming readers go from local header to local header and never see the directory; torch's miniz
takes the first of two archives in one file. Bytes between the listed members are walked as they
would walk them. Source: PKWARE APPNOTE 6.3.10, 4.3.7.
"""

from __future__ import annotations

import struct

from weighbridge.weights.log import Log
from weighbridge.weights.source import Source
from weighbridge.weights.zip.directory import Member, decode_name, wide
from weighbridge.weights.zip.members import Placed

MAX_UNLISTED = 1_000
_MARK = b"PK\x03\x04"
_SEARCHED = 2**20  # bytes of a stretch that belongs to nobody, searched for the first header
_LOCAL = struct.Struct("<4sHHHHHIIIHH")


def unlisted_members(source: Source, placed: tuple[Placed, ...], log: Log) -> tuple[Placed, ...]:
    """Members in the stretches of the file that belong to no listed one."""
    found: list[Placed] = []
    at = 0
    for item in sorted(placed, key=lambda p: (p.member.offset, p.end)):
        if item.member.offset > at:
            _walk(source, at, item.member.offset, found)
        at = max(at, item.end)
    _walk(source, at, source.size, found)
    for item in found:
        log.issue(
            "unlisted-member",
            "the zip directory does not list this member, and readers of local headers find it",
            item.member.offset,
            f"{log.member}!{item.member.name}" if log.member else item.member.name,
        )
    if len(found) >= MAX_UNLISTED:
        log.gap(f"only the first {MAX_UNLISTED} members that no directory lists were looked at")
    return tuple(found)


def _walk(source: Source, start: int, end: int, found: list[Placed]) -> None:
    stream = source.part(start, end - start).open()
    window = stream.read(min(end - start, _SEARCHED))
    at = window.find(_MARK)
    while at >= 0 and start + at + _LOCAL.size <= end and len(found) < MAX_UNLISTED:
        stream.seek(at)
        raw = stream.read(_LOCAL.size)
        if raw[:4] != _MARK:
            return
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(raw)
        name = stream.read(name_length)
        size, packed = wide(stream.read(extra_length), size, packed)
        data = at + _LOCAL.size + name_length + extra_length
        if flags & 0x8 and not packed:  # its length stands behind it: as far as the stretch goes
            packed = max(end - start - data, 0)
        if data + packed > end - start:
            packed = max(end - start - data, 0)
        member = Member(
            decode_name(name, flags), name, flags, method, crc, packed, size, start + at
        )
        found.append(Placed(member, start + data, start + data + packed))
        at = data + packed
