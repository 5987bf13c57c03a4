"""The central directory: every view of it that a loader may take, and what contradicts."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.inspection import Log
from weighbridge.weights.source import Readable, Source

MAX_MEMBERS = 100_000
MAX_DIRECTORY = 64 * 2**20  # bytes
_TAIL = 65_535 + 22
_END = struct.Struct("<4sHHHHIIH")  # 4.3.16
_END64 = struct.Struct("<4sQHHIIQQQQ")  # 4.3.14
_LOCATOR64 = struct.Struct("<4sIQI")  # 4.3.15
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a central directory. ``offset`` is that of its local header in the file.

    ``packed`` and ``size`` are the bytes it takes and those it claims to become.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of every view, each once, and where the (last) directory starts."""

    members: tuple[Member, ...]
    start: int


@dataclass(frozen=True, slots=True)
class _End:
    count: int
    size: int
    offset: int
    at: int  # where the directory must end: at this record, or at its zip64 twin


def read_directory(source: Source, log: Log) -> Directory:
    """Every member that some loader sees.

    Raises:
        HostileInput: there is no directory, or it cannot be read.
    """
    stream = source.open()
    end = _find_end(stream, source.size, log)
    if end.size > MAX_DIRECTORY or end.size > end.at:
        raise HostileInput(f"the zip directory claims {end.size} bytes")
    shifted = end.at - end.size  # where zipfile looks
    first = _read_members(stream, shifted, end, shifted - end.offset, log)
    members = dict.fromkeys(first)
    if len(members) != len(first):
        log.issue("duplicate-member", "the zip directory lists a member twice", shifted, "")
    if end.offset != shifted:
        log.issue(
            "stacked-archive",
            f"the zip directory says it starts at byte {end.offset} and ends as if it "
            f"started at {shifted}: loaders find different archives",
            shifted,
            "",
        )
        members.update(dict.fromkeys(_other_view(stream, end, log)))
    if len(first) != end.count:
        log.issue(
            "member-count",
            f"the zip directory holds {len(first)} members and claims {end.count}",
            end.at,
            "",
        )
    return Directory(tuple(members), shifted)


def _other_view(stream: Readable, end: _End, log: Log) -> list[Member]:
    """The directory where the record says it is, as miniz looks for it."""
    try:
        return _read_members(stream, end.offset, end, 0, log)
    except HostileInput as error:
        log.issue(
            "stacked-archive", f"no directory is where the archive says: {error}", end.offset, ""
        )
        return []


def _find_end(stream: Readable, size: int, log: Log) -> _End:
    start = max(size - _TAIL, 0)
    stream.seek(start)
    tail = _read(stream, size - start)
    places = [i for i in _all(tail, b"PK\x05\x06") if i + _END.size <= len(tail)]
    if not places:
        raise HostileInput("the zip archive has no end-of-directory record")
    exact = [i for i in places if i + _END.size + _comment(tail, i) == len(tail)]
    place = exact[-1] if exact else places[-1]
    if len(places) > 1:
        log.issue(
            "several-directories",
            f"{len(places)} end-of-directory records: loaders may take different ones",
            start + places[0],
            "",
        )
    behind = len(tail) - place - _END.size - _comment(tail, place)
    if behind:
        log.issue(
            "trailing-data",
            f"{abs(behind)} bytes "
            f"{'follow' if behind > 0 else 'are missing behind'} the zip archive",
            start + place,
            "",
        )
    _, disk, cd_disk, here, count, cd_size, cd_offset, _ = _END.unpack_from(tail, place)
    if disk or cd_disk or here != count:
        log.issue(
            "several-disks", "the zip archive claims to span several disks", start + place, ""
        )
    if _FULL32 in (cd_size, cd_offset) or count == _FULL16 or _locator(tail, place):
        return _find_end64(stream, tail, place, start, log) or _End(
            count, cd_size, cd_offset, start + place
        )
    return _End(count, cd_size, cd_offset, start + place)


def _comment(tail: bytes, place: int) -> int:
    return int.from_bytes(tail[place + 20 : place + 22], "little")


def _locator(tail: bytes, place: int) -> bool:
    return place >= 20 and tail[place - 20 : place - 16] == b"PK\x06\x07"


def _find_end64(stream: Readable, tail: bytes, place: int, start: int, log: Log) -> _End | None:
    if not _locator(tail, place):
        return None  # an archive of exactly 65535 members
    _, _, offset, _ = _LOCATOR64.unpack_from(tail, place - 20)
    expected = start + place - 20 - _END64.size
    for at in dict.fromkeys((offset, expected)):
        stream.seek(min(at, 2**62))
        raw = _read(stream, _END64.size)
        if len(raw) == _END64.size and raw[:4] == b"PK\x06\x06":
            if at != expected or offset != expected:
                log.issue(
                    "stacked-archive", "the zip64 record is not where its locator says", at, ""
                )
            _, _, _, _, _, _, _, count, cd_size, cd_offset = _END64.unpack(raw)
            return _End(count, cd_size, cd_offset, at)
    raise HostileInput("the zip64 end-of-directory record is missing")


def _read_members(stream: Readable, start: int, end: _End, shift: int, log: Log) -> list[Member]:
    stream.seek(start)
    raw = _read(stream, end.size)
    members: list[Member] = []
    pos = 0
    while pos < len(raw):
        if raw[pos : pos + 4] != b"PK\x01\x02" or pos + _CENTRAL.size > len(raw):
            raise HostileInput(f"byte {start + pos} is no zip directory entry")
        if len(members) >= MAX_MEMBERS:
            raise HostileInput(f"the zip archive holds more than {MAX_MEMBERS} members")
        (
            _,
            _,
            _,
            flags,
            method,
            _,
            _,
            crc,
            packed,
            size,
            name_length,
            extra_length,
            comment_length,
            _,
            _,
            _,
            offset,
        ) = _CENTRAL.unpack_from(raw, pos)
        body = pos + _CENTRAL.size
        name = raw[body : body + name_length]
        extra = raw[body + name_length : body + name_length + extra_length]
        size, packed, offset = wide(extra, size, packed, offset)
        members.append(
            Member(decode_name(name, flags), name, flags, method, crc, packed, size, offset + shift)
        )
        pos = body + name_length + extra_length + comment_length
    if pos != len(raw):
        log.issue("damaged-directory", "the last zip directory entry is cut off", start, "")
    return members


def wide(extra: bytes, *values: int) -> tuple[int, ...]:
    """The 64-bit values of a zip64 extra field (4.5.3) in place of those that are all ones."""
    pos, found = 0, b""
    while pos + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, pos)
        if kind == 1:
            found = extra[pos + 4 : pos + 4 + length]
            break
        pos += 4 + length
    result = []
    for value in values:
        if value == _FULL32 and len(found) >= 8:
            value, found = int.from_bytes(found[:8], "little"), found[8:]  # noqa: PLW2901
        result.append(value)
    return tuple(result)


def decode_name(raw: bytes, flags: int) -> str:
    """A member's name: UTF-8 where bit 11 says so, else code page 437 (appendix D)."""
    if flags & 0x800:
        return raw.decode("utf-8", "backslashreplace")
    return raw.decode("cp437")


def _read(stream: Readable, count: int) -> bytes:
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _all(data: bytes, mark: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(mark)
    while at >= 0 and len(found) < 1000:
        found.append(at)
        at = data.find(mark, at + 1)
    return found
