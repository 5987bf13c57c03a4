"""The header of a 7z archive: which packed streams make which folders, and which files those hold.

A *folder* is the format's word for a run of files that were packed together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere

MAX_FILES = 50_000
MAX_FOLDERS = 50_000
_MAX_CODERS = 8
_END, _HEADER, _ARCHIVE, _MAIN, _FILES = 0x00, 0x01, 0x02, 0x04, 0x05
_PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC, _FOLDER = 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B
_UNPACK_SIZE, _COUNT = 0x0C, 0x0D
_EMPTY_STREAM, _EMPTY_FILE, _NAMES = 0x0E, 0x0F, 0x11
ENCODED_HEADER = 0x17


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of unpacking: its method's id, and the method's properties."""

    method: bytes
    properties: bytes


@dataclass(slots=True)
class Folder:
    """Files packed together. ``coders`` in the order of unpacking; none where it is not a chain.

    ``sizes`` are those of the files in it, ``crcs`` their CRC-32 where they are stated.
    """

    coders: tuple[Coder, ...]
    unpacked: int
    crc: int | None = None
    sizes: list[int] = field(default_factory=list)
    crcs: list[int | None] = field(default_factory=list)


@dataclass(slots=True)
class Streams:
    """Where the packed streams lie, counted from behind the signature header, and the folders."""

    start: int = 0
    packed: list[int] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder that is listed; ``stored`` where bytes belong to it."""

    name: str
    stored: bool


class Cursor:
    """Reads a header's bytes from front to back."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        """Exactly so many bytes."""
        if count < 0 or self.at + count > len(self.data):
            raise HostileInput("the 7z header is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number whose first byte says how many follow."""
        first, mask, value = self.byte(), 0x80, 0
        for index in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * index)
            value |= self.byte() << (8 * index)
            mask >>= 1
        return value

    def count(self, most: int, what: str) -> int:
        """A number of things, each of which takes room in the archive."""
        number = self.number()
        if number > most:
            raise BoundExceeded(what, most, "of them")
        return number

    def bits(self, count: int) -> list[bool]:
        """A bit for each thing, the highest first."""
        raw = self.take((count + 7) // 8)
        return [bool(raw[n >> 3] & (0x80 >> (n & 7))) for n in range(count)]

    def digests(self, count: int) -> list[int | None]:
        """CRC-32 for each thing that has one."""
        known = [True] * count if self.byte() else self.bits(count)
        return [int.from_bytes(self.take(4), "little") if k else None for k in known]

    def expect(self, wanted: int) -> None:
        """The mark that must come now."""
        if self.byte() != wanted:
            raise HostileInput("the 7z header is not in order")


def read_header(data: bytes) -> tuple[Streams, list[Entry]]:
    """A plain header: the streams, and what is listed.

    Raises:
        HostileInput: it is damaged, or past a bound.
    """
    cursor = Cursor(data)
    cursor.expect(_HEADER)
    streams, entries = Streams(), []
    while (mark := cursor.byte()) != _END:
        if mark == _ARCHIVE:
            while cursor.byte() != _END:
                cursor.take(cursor.number())
        elif mark == _MAIN:
            streams = read_streams(cursor)
        elif mark == _FILES:
            entries = _read_files(cursor)
        else:
            raise HostileInput(f"the 7z header has an unknown part {mark:#x}")
    return streams, entries


def read_streams(cursor: Cursor) -> Streams:
    """Packed streams, folders and what lies in those, to the end mark."""
    streams = Streams()
    listed = False
    while (mark := cursor.byte()) != _END:
        if mark == _PACK:
            _read_pack(cursor, streams)
        elif mark == _UNPACK:
            _read_folders(cursor, streams)
        elif mark == _SUBSTREAMS:
            _read_substreams(cursor, streams)
            listed = True
        else:
            raise HostileInput(f"the 7z header has an unknown part {mark:#x}")
    if not listed:
        for folder in streams.folders:
            folder.sizes, folder.crcs = [folder.unpacked], [folder.crc]
    return streams


def _read_pack(cursor: Cursor, streams: Streams) -> None:
    streams.start = cursor.number()
    count = cursor.count(MAX_FOLDERS * 4, "the 7z archive's packed streams")
    while (mark := cursor.byte()) != _END:
        if mark == _SIZE:
            streams.packed = [cursor.number() for _ in range(count)]
        elif mark == _CRC:
            cursor.digests(count)
        else:
            raise HostileInput(f"the 7z header has an unknown part {mark:#x}")


def _read_folders(cursor: Cursor, streams: Streams) -> None:
    cursor.expect(_FOLDER)
    count = cursor.count(MAX_FOLDERS, "the 7z archive's folders")
    if cursor.byte():
        raise NotReadHere("7z headers with external parts have no reader here")
    shapes = [_read_coders(cursor) for _ in range(count)]
    cursor.expect(_UNPACK_SIZE)
    for coders, outputs, final in shapes:
        sizes = [cursor.number() for _ in range(outputs)]
        streams.folders.append(Folder(coders, sizes[final]))
    while (mark := cursor.byte()) != _END:
        if mark != _CRC:
            raise HostileInput(f"the 7z header has an unknown part {mark:#x}")
        for folder, crc in zip(streams.folders, cursor.digests(count), strict=True):
            folder.crc = crc


def _read_coders(cursor: Cursor) -> tuple[tuple[Coder, ...], int, int]:
    """A folder's coders in the order of unpacking, how many outputs, and which is the last one."""
    count = cursor.count(_MAX_CODERS, "the coders of a 7z folder")
    coders: list[Coder] = []
    simple = True
    inputs = outputs = 0
    for _ in range(count):
        flags = cursor.byte()
        method = cursor.take(flags & 0x0F)
        ins, outs = (cursor.number(), cursor.number()) if flags & 0x10 else (1, 1)
        simple = simple and (ins, outs) == (1, 1)
        inputs, outputs = inputs + ins, outputs + outs
        if max(inputs, outputs) > 4 * _MAX_CODERS or flags & 0x80:
            raise NotReadHere("the 7z header has a coder that has no reader here")
        coders.append(Coder(method, cursor.take(cursor.number()) if flags & 0x20 else b""))
    if not outputs:
        raise HostileInput("the 7z header has a folder without coders")
    pairs = [(cursor.number(), cursor.number()) for _ in range(outputs - 1)]
    packed = inputs - len(pairs)
    if packed != 1:
        for _ in range(packed):
            cursor.number()
    if not simple or packed != 1:
        return (), outputs, _final(outputs, pairs)
    return _chain(coders, pairs), outputs, _final(outputs, pairs)


def _final(outputs: int, pairs: list[tuple[int, int]]) -> int:
    """The output that no other coder takes."""
    bound = {output for _, output in pairs}
    free = [n for n in range(outputs) if n not in bound]
    if len(free) != 1:
        raise HostileInput("the coders of a 7z folder do not end in one stream")
    return free[0]


def _chain(coders: list[Coder], pairs: list[tuple[int, int]]) -> tuple[Coder, ...]:
    """From the packed stream on: each coder takes what the one before gives."""
    feeds = dict(pairs)  # input -> the output it takes
    order: list[int] = []
    current: int | None = _final(len(coders), pairs)
    while current is not None and len(order) <= len(coders):
        order.append(current)
        current = feeds.get(current)
    if sorted(order) != list(range(len(coders))):
        raise HostileInput("the coders of a 7z folder are no chain")
    return tuple(coders[n] for n in reversed(order))


def _read_substreams(cursor: Cursor, streams: Streams) -> None:
    counts = [1] * len(streams.folders)
    mark = cursor.byte()
    if mark == _COUNT:
        counts = [cursor.count(MAX_FILES, "the 7z archive's files") for _ in streams.folders]
        if sum(counts) > MAX_FILES:
            raise BoundExceeded("the 7z archive's files", MAX_FILES, "of them")
        mark = cursor.byte()
    for folder, count in zip(streams.folders, counts, strict=True):
        sizes = [cursor.number() for _ in range(count - 1)] if mark == _SIZE else []
        if count:
            sizes.append(folder.unpacked - sum(sizes))
            if len(sizes) != count or sizes[-1] < 0:
                raise HostileInput("the files of a 7z folder are larger than the folder")
        folder.sizes = sizes
        folder.crcs = [None] * count
    if mark == _SIZE:
        mark = cursor.byte()
    while mark != _END:
        if mark != _CRC:
            raise HostileInput(f"the 7z header has an unknown part {mark:#x}")
        _read_digests(cursor, streams)
        mark = cursor.byte()
    for folder in streams.folders:
        if len(folder.sizes) == 1 and folder.crc is not None:
            folder.crcs = [folder.crc]


def _read_digests(cursor: Cursor, streams: Streams) -> None:
    """Digests stand for the files alone that no folder's own digest covers."""
    places = [
        (folder, n)
        for folder in streams.folders
        if not (len(folder.sizes) == 1 and folder.crc is not None)
        for n in range(len(folder.sizes))
    ]
    for (folder, n), crc in zip(places, cursor.digests(len(places)), strict=True):
        folder.crcs[n] = crc


def _read_files(cursor: Cursor) -> list[Entry]:
    count = cursor.count(MAX_FILES, "the 7z archive's files")
    empty, names = [False] * count, [""] * count
    while (mark := cursor.byte()) != _END:
        part = Cursor(cursor.take(cursor.number()))
        if mark == _EMPTY_STREAM:
            empty = part.bits(count)
        elif mark == _NAMES:
            if part.byte():
                raise NotReadHere("7z headers with external parts have no reader here")
            names = _read_names(part.data[1:], count)
    return [Entry(name, not none) for name, none in zip(names, empty, strict=True)]


def _read_names(raw: bytes, count: int) -> list[str]:
    names = raw.decode("utf-16-le", "backslashreplace").split("\0")
    if len(names) < count:
        raise HostileInput("the 7z header names fewer files than it lists")
    return names[:count]
