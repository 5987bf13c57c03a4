"""A field of Protocol Buffers, and fields to pass over: several in a row by one expression.

Source: the Protocol Buffers encoding guide.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

VARINT, I64, LEN, GROUP, GROUP_END, I32 = range(6)  # wire types


class Field(NamedTuple):
    """One field of a message.

    ``value`` is the unsigned number of VARINT, I64 and I32 fields, and 0 of others. ``start`` and
    ``length`` are the payload's place, in bytes from the start of the source; of a GROUP, of what
    stands between its two tags; of a number, the place behind it and 0.
    """

    number: int
    wire: int
    value: int
    start: int
    length: int

    @property
    def end(self) -> int:
        """The offset behind the payload."""
        return self.start + self.length


class Quiet(NamedTuple):
    """Fields to pass over: the first bytes of their tags, and what matches several in a row."""

    firsts: frozenset[int]
    match: Callable[[bytes, int, int], re.Match[bytes] | None]


ALL_WANTED = Quiet(frozenset(), re.compile(b"").match)


@functools.cache
def runs(*wanted: tuple[int, int]) -> Quiet:
    """For ``quiet``: fields to pass over, as (number, wire type) with a number below 2048.

    Any of them in a row are passed in one step: numbers, and strings shorter than 128 bytes.
    """
    parts = []
    firsts: set[int] = set()
    for kind, body in _BODY.items():
        tags = [_tag_bytes(number << 3 | kind) for number, wire in wanted if wire == kind]
        firsts.update(tag[0] for tag in tags)
        if tags:
            parts.append(b"(?:" + b"|".join(map(re.escape, tags)) + b")" + body)
    return Quiet(frozenset(firsts), re.compile(b"(?:" + b"|".join(parts) + b")++", re.S).match)


def _tag_bytes(tag: int) -> bytes:
    return bytes((tag,)) if tag < 0x80 else bytes((tag & 0x7F | 0x80, tag >> 7))


def strings(least: int = 0, below: int = 128) -> bytes:
    """What matches a length from ``least`` on and below the other, 128 at most, and as many
    bytes."""
    lengths = range(least, below)
    return b"(?:" + b"|".join(re.escape(bytes((n,))) + b".{%d}" % n for n in lengths) + b")"


_BODY = {
    VARINT: rb"[\x80-\xff]{0,9}+[\x00-\x7f]",
    I64: rb".{8}",
    I32: rb".{4}",
    LEN: strings(),
}
