"""Object headers: the messages that make an object, over all their blocks (section IV.A)."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.checksum import check
from weighbridge.weights.hdf5.file import Fields, File
from weighbridge.weights.log import Log

NIL, DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES, LAYOUT = 0, 1, 2, 3, 6, 7, 8
GROUP_INFO, PIPELINE, ATTRIBUTE, SHARED_TABLE, CONTINUATION, SYMBOL_TABLE = 10, 11, 12, 15, 16, 17
DRIVER_INFO, ATTRIBUTE_INFO, CACHE_IMAGE = 20, 21, 24
# Fill values, comments, times, B-tree sizes, reference counts, file space: nothing that acts.
_HARMLESS = frozenset((4, 5, 13, 14, 18, 19, 22, 23))
KNOWN = _HARMLESS | {
    NIL, DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES, LAYOUT, GROUP_INFO, PIPELINE,
    ATTRIBUTE, SHARED_TABLE, CONTINUATION, SYMBOL_TABLE, DRIVER_INFO, ATTRIBUTE_INFO, CACHE_IMAGE,
}  # fmt: skip
_MAX_BLOCKS = 4096  # of one header


@dataclass(frozen=True, slots=True)
class Message:
    """One header message. ``address`` is where ``body`` starts; ``shared``: the body only says
    where the message stands."""

    kind: int
    body: bytes
    shared: bool
    address: int


@dataclass(frozen=True, slots=True)
class Header:
    """An object header: its messages and the extents (address, size) of its blocks."""

    messages: tuple[Message, ...]
    blocks: tuple[tuple[int, int], ...]


def read_header(file: File, address: int, log: Log) -> Header:
    """Read the header at ``address``, with everything it is continued by.

    Raises:
        HostileInput: it is malformed, or its blocks lead in a circle.
    """
    start = file.read(address, 4)
    if start == b"OHDR":
        return _modern(file, address, log)
    if start[0] == 1:
        return _classic(file, address, log)
    raise HostileInput(f"no object header at address {address}")


def _classic(file: File, address: int, log: Log) -> Header:
    fields = file.fields(address, 16)
    fields.skip(2)
    count = fields.number(2)
    fields.skip(4)
    size = fields.number(4)
    messages: list[Message] = []
    blocks: list[tuple[int, int]] = []
    waiting = [(address + 16, size)]
    while waiting:
        place = waiting.pop()
        _not_again(blocks, place)
        fields = file.fields(*place)
        while fields.left >= 8:
            kind, length, flags = fields.number(2), fields.number(2), fields.byte()
            fields.skip(3)
            _keep(file, fields, (kind, length, flags), messages, waiting)
    if len(messages) != count:
        log.issue(
            "message-count",
            f"an object header announces {count} messages and has {len(messages)}",
            file.base + address,
        )
    return Header(tuple(messages), tuple(blocks))


def _modern(file: File, address: int, log: Log) -> Header:
    fields = file.fields(address, 6)
    fields.skip(4)
    fields.version("the object header", 2)
    flags = fields.byte()
    before = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = file.fields(address + before, width).number(width)
    before += width
    ordered = bool(flags & 4)
    messages: list[Message] = []
    blocks: list[tuple[int, int]] = []
    waiting: list[tuple[int, int]] = []
    _run(file, (address, before + size + 4), before, ordered, messages, waiting, log)
    blocks.append((address, before + size + 4))
    while waiting:
        place = waiting.pop()
        _not_again(blocks, place)
        if file.read(place[0], 4) != b"OCHK":
            raise HostileInput(f"no continuation of an object header at address {place[0]}")
        _run(file, place, 4, ordered, messages, waiting, log)
    return Header(tuple(messages), tuple(blocks))


def _run(
    file: File,
    place: tuple[int, int],
    before: int,
    ordered: bool,
    messages: list[Message],
    waiting: list[tuple[int, int]],
    log: Log,
) -> None:
    """The messages of one block of a version 2 header: ``before`` bytes precede them, four follow;
    a rest too short for a message is a gap."""
    address, size = place
    raw = file.read(address, size)
    check(file, address, raw, log)
    fields = Fields(raw[:-4], file.offsets, file.lengths, address)
    fields.skip(before)
    least = 6 if ordered else 4
    while fields.left >= least:
        kind, length, flags = fields.byte(), fields.number(2), fields.byte()
        fields.skip(least - 4)
        _keep(file, fields, (kind, length, flags), messages, waiting)


def _keep(
    file: File,
    fields: Fields,
    prefix: tuple[int, int, int],
    messages: list[Message],
    waiting: list[tuple[int, int]],
) -> None:
    kind, length, flags = prefix
    file.spend()
    address = fields.address + fields.at
    body = fields.take(length)
    if kind == CONTINUATION:
        inner = fields.within(body, address)
        waiting.append((inner.location(), inner.length()))
    messages.append(Message(kind, body, bool(flags & 2), address))


def _not_again(blocks: list[tuple[int, int]], place: tuple[int, int]) -> None:
    if len(blocks) >= _MAX_BLOCKS:
        raise HostileInput("an object header is continued more often than any library writes")
    if any(place[0] == known for known, _ in blocks):
        raise HostileInput(f"the blocks of an object header lead in a circle at {place[0]}")
    blocks.append(place)
