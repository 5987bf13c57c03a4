"""tar archives: NeMo's models, TorchServe's, and whatever else was packed. Headers are read here;
members are read by what they are.

Sources: POSIX.1-2017 ``pax`` (ustar and pax headers), GNU tar's manual (long names, base-256).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.log import Log
from weighbridge.weights.relative_path import leads_out
from weighbridge.weights.source import Readable, Source

BLOCK = 512
MAX_MEMBERS = 50_000
MAX_NAME = 2**16  # bytes of a long name, or of one extended header
_REGULAR = (b"0", b"\0", b"7")
_LINKS = {b"1": "hard link", b"2": "symbolic link"}
_DEVICES = {b"3": "character device", b"4": "block device", b"6": "FIFO"}
_FOLDER = b"5"


@dataclass(slots=True)
class _Pending:
    """What extended headers say of the next member; ``shared`` of all that follow."""

    next: dict[str, bytes] = field(default_factory=dict)
    shared: dict[str, bytes] = field(default_factory=dict)

    def take(self) -> dict[str, bytes]:
        """For one member: its own above the shared ones."""
        result = self.shared | self.next
        self.next = {}
        return result


def inspect(source: Source, log: Log) -> None:
    """Every member.

    Raises:
        HostileInput: a header is damaged, or the archive is cut off.
    """
    stream = source.open()
    pending = _Pending()
    names: set[str] = set()
    unread: list[str] = []
    at = count = 0
    while True:
        header = _header(stream, source, at, log)
        if header is None:
            break
        count += 1
        if count > MAX_MEMBERS:
            raise BoundExceeded("the tar archive's members", MAX_MEMBERS, "members")
        kind, size = header[156:157], _number(header[124:136], "size", at)
        data = at + BLOCK
        if kind in b"gxLK" and kind:
            _extend(pending, kind, source, data, size)
        else:
            known = pending.take()
            size = _size(known, size)
            name = _name(known, header)
            link = known.get("linkpath", _text(header[157:257])).decode("utf-8", "replace")
            _judge(log, names, name, kind, link, at)
            if kind in _LINKS or kind in _DEVICES or kind == _FOLDER:
                size = 0
        if data + size > source.size:
            raise HostileInput(f"the tar member at byte {at} reaches beyond the archive's end")
        if kind in _REGULAR and size and not log.inside(name, source.part(data, size)):
            unread.append(name)
        at = data + -(-size // BLOCK) * BLOCK
    log.bytes_read += (count + 1) * BLOCK
    if unread:
        shown = ", ".join(sorted(unread)[:3])
        log.gap(f"{len(unread)} members of kinds that have no reader here: {shown}")


def _header(stream: Readable, source: Source, at: int, log: Log) -> bytes | None:
    """The header at a place; None at the end of the archive."""
    stream.seek(at)
    header = stream.read(BLOCK)
    if not header and at:
        log.issue("truncated", "the tar archive has no end mark", at)
        return None
    if len(header) < BLOCK:
        raise HostileInput(f"the tar archive is cut off at byte {at}")
    if not header.strip(b"\0"):
        _ending(source, at, log)
        return None
    total = sum(header[:148]) + sum(header[156:]) + 8 * 32
    if _number(header[148:156], "checksum", at) != total:
        raise HostileInput(f"the tar header at byte {at} has a wrong checksum")
    return header


def _ending(source: Source, at: int, log: Log) -> None:
    """Zeros, to the end; what stands there else belongs to nobody."""
    stream = source.part(at, source.size - at).open()
    place = at
    while part := stream.read(2**18):
        if part.count(0) != len(part):
            log.issue("trailing-data", "data follows the end of the tar archive", place)
            rest = source.part(at, source.size - at)
            if not log.inside("(behind the archive)", _without_zeros(rest)):
                log.gap("what follows the tar archive's end has no reader here")
            return
        place += len(part)
    if source.size % BLOCK:
        message = f"the tar archive is not made of blocks of {BLOCK} bytes"
        log.issue("truncated", message, source.size)


def _without_zeros(source: Source) -> Source:
    stream = source.open()
    start = 0
    while part := stream.read(BLOCK):
        if part.count(0) != len(part):
            break
        start += len(part)
    return source.part(start, source.size - start)


def _number(field_: bytes, what: str, at: int) -> int:
    """An octal number, or GNU's base 256 (its first bit set)."""
    if field_[:1] in (b"\x80", b"\xff"):
        value = int.from_bytes(field_[1:], "big")
        if field_[:1] == b"\xff" or value >= 2**62:
            raise HostileInput(f"the {what} of the tar header at byte {at} is out of range")
        return value
    digits = field_.strip(b" \0")
    if any(byte not in b"01234567" for byte in digits):
        raise HostileInput(f"the {what} of the tar header at byte {at} is no number")
    return int(digits or b"0", 8)


def _extend(pending: _Pending, kind: bytes, source: Source, data: int, size: int) -> None:
    """An extended header: pax records, or GNU's long name or link."""
    if size > MAX_NAME:
        raise BoundExceeded("an extended tar header", MAX_NAME, "bytes")
    raw = source.part(data, size).head(size)
    if kind in b"LK":
        pending.next["path" if kind == b"L" else "linkpath"] = raw.rstrip(b"\0")
        return
    into = pending.shared if kind == b"g" else pending.next
    pos = 0
    while pos < len(raw):
        length_text, space, _ = raw[pos : pos + 12].partition(b" ")
        if not space or not length_text.isdigit():
            raise HostileInput(f"the extended tar header at byte {data} is damaged")
        length = int(length_text)
        record = raw[pos + len(length_text) + 1 : pos + length - 1]
        key, equals, value = record.partition(b"=")
        if (
            not equals
            or length <= len(length_text)
            or raw[pos + length - 1 : pos + length] != b"\n"
        ):
            raise HostileInput(f"the extended tar header at byte {data} is damaged")
        into[key.decode("utf-8", "replace")] = value
        pos += length


def _size(known: dict[str, bytes], size: int) -> int:
    if any(key.startswith("GNU.sparse") for key in known):
        raise NotReadHere("sparse members of tar archives have no reader here")
    stated = known.get("size")
    if stated is None:
        return size
    if not stated.isdigit() or len(stated) > 18:
        raise HostileInput("the size in an extended tar header is no number")
    return int(stated)


def _name(known: dict[str, bytes], header: bytes) -> str:
    if "path" in known:
        raw = known["path"]
    else:
        prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
        raw = (prefix + b"/" if prefix else b"") + _text(header[:100])
    return raw.decode("utf-8", "backslashreplace")


def _text(field_: bytes) -> bytes:
    return field_.partition(b"\0")[0]


def _judge(log: Log, names: set[str], name: str, kind: bytes, link: str, at: int) -> None:
    """Names and links that lead out of the folder where somebody unpacks the archive."""
    if leads_out(name):
        log.issue("traversal-name", f"the tar member {name!r} points outside the archive", at)
    if kind in _LINKS:
        base = name.rpartition("/")[0] if kind == b"2" else ""
        if link.startswith("/") or leads_out(f"{base}/{link}".lstrip("/")):
            log.issue(
                "traversal-link",
                f"the {_LINKS[kind]} {name!r} points outside the archive, to {link!r}",
                at,
            )
    elif kind in _DEVICES:
        log.issue("special-member", f"the tar member {name!r} is a {_DEVICES[kind]}", at)
    elif kind == b"S":
        raise NotReadHere("sparse members of tar archives have no reader here")
    elif kind not in _REGULAR and kind != _FOLDER:
        log.issue("unknown-member", f"the tar member {name!r} is of an unknown type", at)
        log.gap("a tar member of an unknown type", uninspected=False)
    folded = name.rstrip("/")
    if kind in _REGULAR and folded in names:
        log.issue("duplicate-member", f"the tar archive holds {name!r} twice", at)
    names.add(folded)
