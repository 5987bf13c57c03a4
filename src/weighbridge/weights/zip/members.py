"""Members against their local headers, against each other, and their content."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.compressed import MAX_WINDOW, ZstdDecompressor, lzma_decompressor
from weighbridge.weights.log import Log
from weighbridge.weights.relative_path import leads_out
from weighbridge.weights.source import Decompressor, Inflated, Readable, Source
from weighbridge.weights.zip.directory import Directory, Member, decode_name, wide

_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7
_EXTRA = 96  # bytes of extra fields that are read with the header: torch pads with up to 64
_MAX_TARGET = 4096  # bytes of a symbolic link's target, as systems allow
_ENCRYPTED = 0x1 | 0x40 | 0x2000
STORED, DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A member with the offset of its data, and of the first byte behind all that belongs to it."""

    member: Member
    data: int
    end: int


def place_members(source: Source, directory: Directory, log: Log) -> tuple[Placed, ...]:
    """Each member whose local header is there; contradictions become issues of ``log``."""
    stream = source.open()
    _compare_names(directory, log)
    placed = []
    for member in directory.members:
        found = _place(stream, member, log)
        if found is not None:
            placed.append(found)
            if member.link:
                _check_link(stream, found, log)
    _compare_extents(placed, directory, log)
    _compare_ends(placed, directory, log)
    return tuple(placed)


def _compare_names(directory: Directory, log: Log) -> None:
    seen: dict[str, Member] = {}
    for member in directory.members:
        name = member.name
        folded = name.casefold()
        earlier = seen.get(folded)
        if earlier is not None:
            same = "the same name" if earlier.name == name else "names that differ in case only"
            log.issue(
                "duplicate-member",
                f"two members have {same}, and loaders pick different ones",
                member.offset,
                name,
            )
        seen[folded] = member
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or parts[0][1:2] == ":" or "\0" in name:
            log.issue(
                "traversal-name",
                "the member's name points outside the archive",
                member.offset,
                name,
            )


def _place(stream: Readable, member: Member, log: Log) -> Placed | None:
    def issue(code: str, message: str) -> None:
        log.issue(code, message, member.offset, member.name)

    if member.flags & _ENCRYPTED:
        issue("encrypted-member", "the directory says that the member is encrypted")
    stream.seek(max(member.offset, 0))
    raw = stream.read(_LOCAL.size + len(member.raw_name) + _EXTRA)  # one read for most of them
    if member.offset < 0 or len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
        issue("missing-member", "there is no local header where the directory says")
        log.gap(f"the member {member.name} cannot be found", uninspected=False)
        return None
    (_, _, flags, method, _, _, crc, packed, size, name_length, extra_length) = _LOCAL.unpack_from(
        raw
    )
    body = _LOCAL.size + name_length + extra_length
    if len(raw) < body:
        stream.seek(member.offset)
        raw = stream.read(body)
    name = raw[_LOCAL.size : _LOCAL.size + name_length]
    extra = raw[_LOCAL.size + name_length : body]
    if (flags ^ member.flags) & _ENCRYPTED:
        issue(
            "flag-mismatch", "local header and directory disagree whether the member is encrypted"
        )
    if name != member.raw_name:
        issue("name-mismatch", f"the local header calls it {decode_name(name, flags)[:80]!r}")
    if method != member.method:
        issue("method-mismatch", "local header and directory name different compression methods")
    if member.method == STORED and member.size != member.packed:
        issue("size-mismatch", "the member is stored as it is and claims two sizes")
    size, packed = wide(extra, size, packed)
    data = member.offset + body
    if flags & 0x8:  # sizes stand behind the data, if the writer could not know them (4.4.4)
        described = _descriptor(stream, data + member.packed, member)
        if described is None:
            issue("size-mismatch", "the data descriptor contradicts the directory")
        return Placed(member, data, data + member.packed + (described or 0))
    if (size, packed, crc) != (member.size, member.packed, member.crc):
        issue("size-mismatch", "local header and directory disagree on sizes or checksum")
    return Placed(member, data, data + member.packed)


def _check_link(stream: Readable, placed: Placed, log: Log) -> None:
    """A symbolic link may stay in the archive; its target is its content, and short."""
    member = placed.member
    target = None
    if member.method == STORED and member.size <= _MAX_TARGET:
        stream.seek(placed.data)
        target = stream.read(member.size).decode("utf-8", "replace")
    base = member.name.rpartition("/")[0]
    if target is None:
        log.issue("traversal-link", "the member is a symbolic link, to a place that the archive "
                  "hides", member.offset, member.name)  # fmt: skip
    elif target.startswith("/") or leads_out(f"{base}/{target}".lstrip("/")):
        log.issue("traversal-link", f"the member is a symbolic link that points outside the "
                  f"archive, to {target[:200]!r}", member.offset, member.name)  # fmt: skip


def _descriptor(stream: Readable, at: int, member: Member) -> int | None:
    """The length of the data descriptor (4.3.9), None where it fits in none of its four forms."""
    stream.seek(at)
    raw = stream.read(24)
    for form in ("<4sIQQ", "<4sIII", "<IQQ", "<III"):
        length = struct.calcsize(form)
        if len(raw) < length:
            continue
        fields = struct.unpack(form, raw[:length])
        if fields[0] == b"PK\x07\x08":
            fields = fields[1:]
        if fields == (member.crc, member.packed, member.size):
            return length
    return None


def _compare_extents(placed: list[Placed], directory: Directory, log: Log) -> None:
    """Members must tile the file from its first byte to the directory."""
    at = 0
    for item in sorted(placed, key=lambda p: (p.member.offset, p.end)):
        member = item.member
        if member.offset > at:
            what = "before the archive's first member" if at == 0 else "between two members"
            log.issue("hidden-data", f"{member.offset - at} bytes {what} belong to none", at, "")
        elif member.offset < at:
            log.issue(
                "overlapping-members", "the member overlaps another", member.offset, member.name
            )
        at = max(at, item.end)
    if at < directory.start:
        log.issue(
            "hidden-data",
            f"{directory.start - at} bytes before the directory belong to no member",
            at,
            "",
        )
    elif at > directory.start:
        log.issue("overlapping-members", "a member reaches into the directory", directory.start, "")


def content(source: Source, item: Placed, log: Log) -> Source | None:
    """A member's content, None where its compression method has no reader here.

    Encryption flags are ignored, as torch ignores them: what is really encrypted is then damaged.
    """
    member = item.member
    if member.method == STORED:
        return source.part(item.data, member.packed)
    packed = source.part(item.data, member.packed)
    if member.method == _LZMA:
        head = packed.head(4)  # 5.8.8: a version, and the length of the properties
        skipped = 4 + int.from_bytes(head[2:4], "little")
        make = _zip_lzma(packed.head(skipped)[4:])
        packed = source.part(item.data + skipped, max(member.packed - skipped, 0))
        return Source(lambda: Inflated(packed.open(), make, lzma.LZMAError, spend=log.spend), -1)
    found = _METHODS.get(member.method)
    if found is None:
        return None
    make, error = found
    return Source(lambda: Inflated(packed.open(), make, error, spend=log.spend), -1)


def _zip_lzma(properties: bytes) -> Callable[[], Decompressor]:
    """LZMA as zip holds it: its five bytes of properties, and no length."""
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise HostileInput("the LZMA properties of a zip member are impossible")
    # the header of a stand-alone LZMA file: the same, and a length that is not known
    header = properties + b"\xff" * 8

    def make() -> Decompressor:
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=2 * MAX_WINDOW)
        try:
            decompressor.decompress(header)
        except lzma.LZMAError as error:
            raise HostileInput(f"the LZMA properties of a zip member: {error}") from error
        return decompressor

    return make


_LZMA = 14
# Appendix "compression method": those that Python's zipfile and the archivers in use write.
_METHODS: dict[int, tuple[Callable[[], Decompressor], type[Exception]]] = {
    DEFLATED: (lambda: zlib.decompressobj(-15), zlib.error),
    12: (bz2.BZ2Decompressor, OSError),
    93: (ZstdDecompressor, HostileInput),
    95: (lzma_decompressor, lzma.LZMAError),
}


def _compare_ends(placed: list[Placed], directory: Directory, log: Log) -> None:
    """A further end record is a second archive, unless it lies in a member that is one."""
    strays = [at for at in directory.ends if not any(p.data <= at < p.end for p in placed)]
    if strays:
        log.issue(
            "several-directories",
            f"{len(strays) + 1} end-of-directory records: loaders may take different ones",
            strays[0],
            "",
        )


class Checked:
    """A member's stream that counts and sums what passes, so that its end can be verified."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.crc = 0
        self.count = 0

    def read(self, size: int, /) -> bytes:
        """As the stream."""
        data = self._stream.read(size)
        self.crc = zlib.crc32(data, self.crc)
        self.count += len(data)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Never."""
        raise HostileInput("a member that is being verified cannot be read out of order")

    def seekable(self) -> bool:
        """Never: every byte must pass."""
        return False


def verify(content_: Source, member: Member, log: Log) -> None:
    """Read a member to its end and compare length and CRC-32 with the directory.

    Raises:
        HostileInput: its compressed data is damaged, or past a bound.
    """
    checked = Checked(content_.open())
    while checked.read(2**18):
        pass
    log.bytes_read += checked.count
    if checked.count != member.size:
        log.issue(
            "size-mismatch",
            f"the member holds {checked.count} bytes and claims {member.size}",
            member.offset,
            member.name,
        )
    elif checked.crc != member.crc:
        log.issue("crc-mismatch", "the member's checksum is wrong", member.offset, member.name)
