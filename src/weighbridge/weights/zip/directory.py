"""The central directory: every view of it that a loader may take, and what contradicts."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.log import Log
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

    ``packed`` and ``size`` are the bytes it takes and those it claims to become. ``link``: programs
    that unpack the archive make a symbolic link of it, to the path that is its content.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of every view, each once, and where the (last) directory starts.

    ``ends`` are the offsets of further end-of-directory records near the file's end; the archive's
    comment, which no loader reads, is ``comment`` bytes from the file's end.
    """

    members: tuple[Member, ...]
    start: int
    ends: tuple[int, ...] = ()
    comment: int = 0


@dataclass(frozen=True, slots=True)
class _End:
    count: int
    size: int
    offset: int
    at: int  # where the directory must end: at this record, or at its zip64 twin
    comment: int = 0


@dataclass(frozen=True, slots=True)
class _View:
    """The members of one directory, and what is wrong with it, empty where nothing is."""

    members: tuple[Member, ...]
    problem: str = ""


def read_directory(source: Source, log: Log) -> Directory:
    """Every member that some loader sees.

    Raises:
        HostileInput: there is no directory, or none of it can be read.
    """
    stream = source.open()
    ends, others = _find_ends(stream, source.size, log)
    end = ends[0]
    shifted = end.at - end.size  # where zipfile looks
    first = _read_members(stream, shifted, end, shifted - end.offset)
    views = [(shifted, first)]
    if end.offset != shifted:
        log.issue(
            "stacked-archive",
            f"the zip directory says it starts at byte {end.offset} and ends as if it "
            f"started at {shifted}: loaders find different archives",
            shifted,
            "",
        )
        views.append((end.offset, _read_members(stream, end.offset, end, 0)))  # where miniz looks
    for other in ends[1:]:
        views += _other_views(stream, other, log)
    if sum(len(view.members) for _, view in views) > MAX_MEMBERS:
        raise HostileInput(f"the zip archive's directories hold more than {MAX_MEMBERS} members")
    _report(views, end, log)
    members = dict.fromkeys(member for _, view in views for member in view.members)
    start = next(start for start, view in views if view.members or not view.problem)
    return Directory(tuple(members), start, others, end.comment)


def _other_views(stream: Readable, end: _End, log: Log) -> list[tuple[int, _View]]:
    """What a reader sees that takes another end record. That it is damaged is no news."""
    shifted = end.at - end.size
    found = [
        (start, _read_members(stream, start, end, shift))
        for start, shift in {shifted: shifted - end.offset, end.offset: 0}.items()
    ]
    found = [(start, view) for start, view in found if view.members]
    if found:
        message = "another end-of-directory record names a directory of its own"
        log.issue("stacked-archive", message, end.at, "")
    return found


def _report(views: list[tuple[int, _View]], end: _End, log: Log) -> None:
    """Say what is wrong with the views; raise where there is nothing else to say."""
    start, first = views[0]
    if not any(view.members or not view.problem for _, view in views):
        raise HostileInput(first.problem)
    for place, view in views:
        if view.problem:
            log.issue("damaged-directory", view.problem, place, "")
            log.gap(f"{view.problem}: what it should have listed is not known", uninspected=False)
    if len(set(first.members)) != len(first.members):
        log.issue("duplicate-member", "the zip directory lists a member twice", start, "")
    if len(first.members) != end.count:
        log.issue(
            "member-count",
            f"the zip directory holds {len(first.members)} members and claims {end.count}",
            end.at,
            "",
        )


def _find_ends(stream: Readable, size: int, log: Log) -> tuple[list[_End], tuple[int, ...]]:
    """The records that loaders take, the one that counts first; and where others stand."""
    start = max(size - _TAIL, 0)
    stream.seek(start)
    tail = _read(stream, size - start)
    places = [i for i in _all(tail, b"PK\x05\x06") if i + _END.size <= len(tail)]
    if not places:
        raise HostileInput("the zip archive has no end-of-directory record")
    exact = [i for i in places if i + _END.size + _comment(tail, i) == len(tail)]
    place = exact[-1] if exact else places[-1]
    others = tuple(start + other for other in places if other != place)
    behind = len(tail) - place - _END.size - _comment(tail, place)
    if behind:
        log.issue(
            "trailing-data",
            f"{abs(behind)} bytes "
            f"{'follow' if behind > 0 else 'are missing behind'} the zip archive",
            start + place,
            "",
        )
    _, disk, cd_disk, here, count, *_ = _END.unpack_from(tail, place)
    if disk or cd_disk or here != count:
        log.issue(
            "several-disks", "the zip archive claims to span several disks", start + place, ""
        )
    ends = _records(stream, tail, place, start, log)
    if places[-1] != place:  # miniz and zipfile take the last mark, whether its comment fits or not
        ends += _records(stream, tail, places[-1], start, log)
    return ends, others


def _records(stream: Readable, tail: bytes, place: int, start: int, log: Log) -> list[_End]:
    """What stands at one mark: the zip64 records before it, if any, and the record itself."""
    _, _, _, _, count, size, offset, _ = _END.unpack_from(tail, place)
    plain = _End(count, size, offset, start + place, len(tail) - place - _END.size)
    wides = _find_ends64(stream, tail, place, start, log) if _locator(tail, place) else []
    values = [(wide_end.count, wide_end.size, wide_end.offset) for wide_end in wides]
    told = (count, size, offset)
    if wides and (_FULL16 in told[:1] or _FULL32 in told[1:] or told in values):
        if not any(_agrees(told, value) for value in values):
            message = "the zip64 record and the plain one name different directories"
            log.issue("damaged-directory", message, start + place, "")
        return wides
    if wides:
        message = "the zip64 record and the plain one name different directories"
        log.issue("damaged-directory", message, start + place, "")
    return [*wides, plain]  # what a reader takes that knows nothing of zip64


def _agrees(told: tuple[int, int, int], wide_one: tuple[int, int, int]) -> bool:
    """Whether each value of the plain record is the zip64 one's, or all ones in its place."""
    full = (_FULL16, _FULL32, _FULL32)
    return all(one in (other, most) for one, other, most in zip(told, wide_one, full, strict=True))


def _comment(tail: bytes, place: int) -> int:
    return int.from_bytes(tail[place + 20 : place + 22], "little")


def _locator(tail: bytes, place: int) -> bool:
    return place >= 20 and tail[place - 20 : place - 16] == b"PK\x06\x07"


def _find_ends64(stream: Readable, tail: bytes, place: int, start: int, log: Log) -> list[_End]:
    """The zip64 records: where the locator says (miniz), and right before it (zipfile)."""
    _, _, offset, _ = _LOCATOR64.unpack_from(tail, place - 20)
    expected = start + place - 20 - _END64.size
    found: list[_End] = []
    for at in dict.fromkeys((offset, expected)):
        stream.seek(min(max(at, 0), 2**62))
        raw = _read(stream, _END64.size)
        if len(raw) < _END64.size or raw[:4] != b"PK\x06\x06":
            continue
        if at != expected or offset != expected:
            log.issue("stacked-archive", "the zip64 record is not where its locator says", at, "")
        _, _, _, _, _, _, _, count, cd_size, cd_offset = _END64.unpack(raw)
        found.append(_End(count, cd_size, cd_offset, at, len(tail) - place - _END.size))
    if not found:  # loaders go on with the plain record
        message = "the zip64 end-of-directory record is missing where its locator points"
        log.issue("damaged-directory", message, start + place, "")
    return found


def _read_members(stream: Readable, start: int, end: _End, shift: int) -> _View:
    """The entries from a place on, as far as there are any.

    Raises:
        HostileInput: there are more than :data:`MAX_MEMBERS`.
    """
    if end.size > MAX_DIRECTORY or start < 0:
        return _View((), f"the zip directory claims {end.size} bytes")
    stream.seek(min(start, 2**62))
    raw = _read(stream, end.size)
    members: list[Member] = []
    pos = 0
    while pos < len(raw):
        if raw[pos : pos + 4] != b"PK\x01\x02" or pos + _CENTRAL.size > len(raw):
            return _View(tuple(members), f"byte {start + pos} is no zip directory entry")
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
            attributes,
            offset,
        ) = _CENTRAL.unpack_from(raw, pos)
        body = pos + _CENTRAL.size
        name = raw[body : body + name_length]
        extra = raw[body + name_length : body + name_length + extra_length]
        size, packed, offset = wide(extra, size, packed, offset)
        shown, link = decode_name(name, flags), stat.S_ISLNK(attributes >> 16)
        members.append(Member(shown, name, flags, method, crc, packed, size, offset + shift, link))
        pos = body + name_length + extra_length + comment_length
    cut = pos != len(raw) or len(raw) < end.size
    return _View(tuple(members), "the last zip directory entry is cut off" if cut else "")


def wide(extra: bytes, *values: int) -> tuple[int, ...]:
    """The 64-bit values of a zip64 extra field (4.5.3) in place of those that are all ones."""
    if _FULL32 not in values:
        return values
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
