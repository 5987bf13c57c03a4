"""Protocol Buffers on the wire: fields one by one, without their schema and without their payloads.

Source: the Protocol Buffers encoding guide, and for the limits what the C++ parser refuses (a tag
of more than 32 bits, field number 0, a varint of more than ten bytes, a length past the end of the
enclosing message). Nothing is allocated by a length that the bytes announce: a length-delimited
field is given as a place, and a caller asks for as many of its bytes as it needs.

What parsers accept: the last of several scalars wins, several messages of a singular field are
merged, fields come in any order, one of another wire type than its schema's is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.protobuf_fields import (
    ALL_WANTED,
    GROUP,
    GROUP_END,
    I32,
    I64,
    LEN,
    VARINT,
    Field,
    Quiet,
    runs,
)  # fmt: skip
from weighbridge.weights.source import Source

__all__ = (
    "GROUP", "GROUP_END", "I32", "I64", "LEN", "VARINT", "Budget", "Field", "Quiet", "Wire",
    "fields", "runs", "signed", "text", "varints",
)  # fmt: skip

MAX_FIELDS = 2_000_000  # of one file
MAX_DEPTH = 100  # of messages inside messages: the C++ parser's default
_RUN_SHIFT = 8  # a run of quiet fields costs one field for so many bytes (as a power of two)
_WINDOW, _FIRST = 2**18, 2**14  # bytes read at a time: going on, and after a jump
_SHORT = 1024  # bytes of a message whose fields are read at once
_ROOM = 32  # bytes that a tag and a number need at most, and more
_MAX_TAG = 2**32 - 1
_MASK = 2**64 - 1


class Budget:
    """How many fields may still be read of one file, over all its messages: about, as a window of
    bytes is read to its end."""

    __slots__ = ("left", "most")

    def __init__(self, most: int = MAX_FIELDS) -> None:
        self.most = self.left = most

    def spend(self, count: int) -> None:
        """Take away so many fields.

        Raises:
            BoundExceeded: there are not as many left.
        """
        self.left -= count
        if self.left < 0:
            raise BoundExceeded("the file's protobuf messages", self.most, "fields")


class Wire:
    """A source's bytes through one window that moves. ``taken`` counts the bytes that were read."""

    __slots__ = ("_stream", "base", "data", "size", "stop", "taken")

    def __init__(self, source: Source) -> None:
        self._stream = source.open()
        self.size = source.size
        self.base = self.stop = self.taken = 0
        self.data = b"\0" * _ROOM

    def load(self, pos: int, need: int = _ROOM) -> None:
        """Have ``need`` bytes from ``pos`` in the window, or all until the source's end.

        ``data`` holds them from ``base`` on, and zero bytes behind them: they end any varint, so
        that a parser need not look for the end at every byte. ``stop`` is the offset behind the
        bytes themselves.
        """
        if self.base <= pos and (pos + need <= self.stop or self.stop == self.size):
            return
        kept = b""
        if self.base <= pos < self.stop:
            kept = self.data[pos - self.base : self.stop - self.base]
        step = _WINDOW if kept or pos == self.stop else _FIRST
        parts = [kept]
        have, wanted = len(kept), max(step, need)
        self._stream.seek(pos + have)
        while have < wanted:
            part = self._stream.read(wanted - have)
            if not part:
                break
            parts.append(part)
            have += len(part)
        self.taken += have - len(kept)
        if have < min(need, self.size - pos):
            raise HostileInput("the file is shorter than it was")
        parts.append(b"\0" * _ROOM)
        self.base, self.stop, self.data = pos, pos + have, b"".join(parts)

    def read(self, start: int, length: int) -> bytes:
        """Bytes of a payload. The caller bounds ``length``; fewer come at the source's end."""
        if start < self.base or start + length > self.stop:
            self.load(start, length)
        at = start - self.base
        return self.data[at : min(at + length, self.stop - self.base)]


def fields(
    wire: Wire,
    start: int,
    end: int,
    budget: Budget,
    *,
    depth: int = 0,
    quiet: Quiet | None = None,
) -> Iterator[Field]:
    """The fields of the message that stands from ``start`` to ``end``, in order.

    Several of these may be walked at once over one ``wire``: each knows its own place.

    Args:
        wire: the bytes.
        start: offset of the message's first byte.
        end: offset behind its last.
        budget: shared by all messages of the file.
        depth: how many messages enclose this one.
        quiet: fields that the caller does not care for, by :func:`runs`. Most of them are left out,
            and cost next to nothing then.

    Raises:
        HostileInput: the bytes are no message, or one nested deeper than parsers go.
        BoundExceeded: too many fields.
    """
    if depth > MAX_DEPTH:
        raise HostileInput(
            f"protobuf messages stand in each other more than {MAX_DEPTH} deep at byte {start}, "
            "which no parser reads"
        )
    budget.spend(0)
    quiet = quiet if quiet is not None else ALL_WANTED
    if end - start <= _SHORT and wire.base <= start and end <= wire.stop:
        found = _plain(wire, start, end, budget, quiet)
        if found is not None:
            return iter(found)
    return _walk(wire, start, end, budget, quiet)


def _plain(wire: Wire, start: int, end: int, budget: Budget, quiet: Quiet) -> list[Field] | None:
    """All fields of a message in the window, as nearly every message has them: low field numbers,
    numbers and lengths of at most two bytes. None for any other, which :func:`_walk` reads."""
    firsts, match = quiet
    data, base = wire.data, wire.base
    at, stop = start - base, end - base
    found: list[Field] = []
    while at < stop:
        tag = data[at]
        if tag in firsts:
            run = match(data, at, stop)
            if run is not None:
                budget.left -= 1 + (run.end() - at >> _RUN_SHIFT)
                at = run.end()
                continue
        kind = tag & 7
        if not 7 < tag < 0x80 or (kind != LEN and kind != VARINT):
            return None
        value = data[at + 1]
        at += 2
        if value > 0x7F:
            if data[at] > 0x7F:
                return None
            value += (data[at] << 7) - 0x80
            at += 1
        if kind == LEN:
            found.append(Field(tag >> 3, LEN, 0, base + at, value))
            at += value
        else:
            found.append(Field(tag >> 3, VARINT, value, base + at, 0))
    if at > stop:
        return None
    budget.left -= len(found)
    return found


def _walk(wire: Wire, start: int, end: int, budget: Budget, quiet: Quiet) -> Iterator[Field]:
    """:func:`fields` of a message of any length, one after the other."""
    firsts, match = quiet
    pos = start
    while pos < end:
        if pos < wire.base or pos + _ROOM > wire.stop:
            wire.load(pos)
            budget.spend(0)  # often enough: a window holds no more fields than bytes
        data, base = wire.data, wire.base
        at = pos - base
        tag = data[at]
        if tag in firsts:
            found = match(data, at, min(end, wire.stop) - base)
            if found is not None:
                length = found.end() - at
                budget.left -= 1 + (length >> _RUN_SHIFT)
                pos += length
                continue
        at += 1
        if tag > 0x7F:
            tag, at = _varint(data, at - 1, pos)
        kind, number = tag & 7, tag >> 3
        if not 7 < tag <= _MAX_TAG:
            raise HostileInput(f"the field number {number} at byte {pos} does not exist")
        if kind in (LEN, VARINT):
            value = data[at]
            at += 1
            if value > 0x7F:
                value, at = _varint(data, at - 1, pos)
            place = after = base + at
            size = 0
            if kind == LEN:
                size, value = value, 0
                after += size
        else:
            place, size, value, after = _other(wire, base + at, kind, end, number, budget)
        if after > end:
            raise HostileInput(
                f"field {number} at byte {pos} goes {after - end} bytes past its message's end"
            )
        budget.left -= 1
        yield Field(number, kind, value, place, size)
        pos = after


def _other(
    wire: Wire, place: int, kind: int, end: int, number: int, budget: Budget
) -> tuple[int, int, int, int]:
    """The rarer wire types: where the payload is, its length, its value, and the place behind."""
    if kind in (I64, I32):
        size = 8 if kind == I64 else 4
        value = int.from_bytes(wire.read(place, size), "little")
        return place + size, 0, value, place + size
    if kind == GROUP:
        stop, after = _group(wire, place, end, number, budget)
        return place, stop - place, 0, after
    raise HostileInput(f"the wire type {kind} before byte {place} has no place there")


def _varint(data: bytes, at: int, pos: int) -> tuple[int, int]:
    """The number that starts at ``at``, and the index behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
        shift += 7
        if shift > 63:
            raise HostileInput(f"a number of the field at byte {pos} has more than ten bytes")


def _group(wire: Wire, start: int, end: int, number: int, budget: Budget) -> tuple[int, int]:
    """Where the END tag of a group stands, and ends. No schema here has groups; all are skipped."""
    open_groups = [number]
    pos = start
    while pos < end:
        wire.load(pos)
        tag, at = _varint(wire.data, pos - wire.base, pos)
        kind, after = tag & 7, wire.base + at
        budget.spend(1)
        if kind == GROUP_END:
            if tag >> 3 != open_groups.pop():
                break
            if not open_groups:
                return pos, after
        elif kind == GROUP:
            open_groups.append(tag >> 3)
            if len(open_groups) > MAX_DEPTH:
                raise HostileInput(
                    f"protobuf groups stand in each other more than {MAX_DEPTH} deep"
                )
        elif kind in (VARINT, LEN):
            value, at = _varint(wire.data, at, pos)
            after = wire.base + at + (value if kind == LEN else 0)
        elif kind in (I64, I32):
            after += 8 if kind == I64 else 4
        else:
            raise HostileInput(f"the wire type {kind} at byte {pos} does not exist")
        pos = after
    raise HostileInput(f"the group of field {number} at byte {start} does not end")


def text(wire: Wire, field: Field, most: int) -> str:
    """The first ``most`` bytes of a string; bytes that are not UTF-8 stand as ``\\xNN``."""
    return wire.read(field.start, min(field.length, most)).decode("utf-8", "backslashreplace")


def signed(value: int) -> int:
    """An ``int64``, ``int32`` or enum, from the number on the wire (two's complement, 64 bits)."""
    return value - 2**64 if value >= 2**63 else value


def varints(wire: Wire, field: Field, budget: Budget) -> Iterator[int]:
    """A repeated integer field's unsigned numbers: of one packed field, or the one of another.

    Raises:
        HostileInput: the payload does not end with a number's last byte.
        BoundExceeded: the budget is used up.
    """
    if field.wire == VARINT:
        yield field.value
        return
    if field.wire != LEN:
        return
    pos, end = field.start, field.end
    while pos < end:
        if pos < wire.base or pos + _ROOM > wire.stop:
            wire.load(pos)
        value, at = _varint(wire.data, pos - wire.base, pos)
        pos = wire.base + at
        budget.spend(1)
        if pos > end:
            raise HostileInput(f"the last number of field {field.number} at byte {pos} is cut off")
        yield value
