"""Looking for credentials in one text: bytes in, places out, the value never kept.

One pass finds where an anchor stands; only there are patterns tried, each on a window of bounded
length. So the time grows with the text's length however it is made.
"""

from __future__ import annotations

import bisect
import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weighbridge.collect.secret_checks import fingerprint, is_placeholder
from weighbridge.collect.secret_patterns import NEAR, TOKENS, Pattern

MAX_HITS = 100  # places reported for one text
BUDGET = 400_000  # tries in one text; one with words around it counts as five
_WINDOW = 700  # bytes after an anchor in which the words and the value must stand
_LONG = 40_000  # the same for tokens: private keys have several lines
_WORD = re.compile(rb"[A-Za-z0-9_]")
# What may stand before a token although it ends in a letter or digit: an escape of JSON or of a
# terminal's color, a byte written in percent.
_ESCAPE = re.compile(rb"(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|\x1b\[[0-9;]{0,10}m|%[0-9A-Fa-f]{2})\Z")
# A key that tells about a password, and holds none.
_ABOUT = re.compile(
    rb"hash|sha\d|md5|digest|name|file|path|url|uri|field|policy|type|len|min|max|prompt|regex"
    rb"|pattern|_id\b|label|title|text|help|desc|hint|env|ref|arn|version|count|algo|_at\b|expir",
    re.I,
)


class Breadth(enum.Enum):
    """How much is looked for: ``NARROW`` is provider tokens alone."""

    NARROW = enum.auto()
    WIDE = enum.auto()
    CONFIG = enum.auto()  # all, and values without quotes


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text. ``offset`` and ``line`` are those of the value's first byte."""

    pattern: Pattern
    offset: int
    line: int
    validated: str
    masked: str
    length: int
    fingerprint: str


@dataclass(slots=True)
class Found:
    """What one text holds. ``dropped`` counts places past :data:`MAX_HITS`; ``cut`` says that not
    every candidate was tried."""

    hits: list[Hit]
    dropped: int = 0
    cut: bool = False


def _table(patterns: Iterable[Pattern]) -> dict[bytes, tuple[Pattern, ...]]:
    table: dict[bytes, tuple[Pattern, ...]] = {}
    for pattern in patterns:
        for anchor in pattern.anchors:
            table[anchor] = (*table.get(anchor, ()), pattern)
    return table


def _places(text: bytes, anchors: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Where each anchor stands. Searching one after the other is ten times as fast as an
    expression with all of them, which is tried at every byte."""
    for anchor in anchors:
        at = text.find(anchor)
        while at >= 0:
            yield at, anchor
            at = text.find(anchor, at + len(anchor))


_TOKEN_TABLE = _table(TOKENS)
_NEAR_TABLE = _table(NEAR)
_ORDER = {id(pattern): index for index, pattern in enumerate((*TOKENS, *NEAR))}


def scan(data: bytes, breadth: Breadth = Breadth.WIDE) -> Found:
    """Every place of a text where a credential stands, in the text's order."""
    found = Found([])
    taken: list[tuple[int, int, int, Pattern, str]] = []
    for start, end, pattern, validated in _candidates(data, breadth, found):
        taken.append((_ORDER[id(pattern)], start, end, pattern, validated))
    taken.sort(key=lambda item: item[:3])
    kept: list[tuple[int, int, Pattern, str]] = []
    spans: list[tuple[int, int]] = []
    for _, start, end, pattern, validated in taken:
        place = bisect.bisect_left(spans, (end, 0))
        if place and spans[place - 1][1] > start:
            continue  # an earlier pattern, which says more, has this one or a part of it
        bisect.insort(spans, (start, end))
        kept.append((start, end, pattern, validated))
    kept.sort(key=lambda item: item[:2])
    found.dropped = max(0, len(kept) - MAX_HITS)
    line, counted = 1, 0
    for start, end, pattern, validated in kept[:MAX_HITS]:
        line += data.count(b"\n", counted, start)
        counted = start
        found.hits.append(_hit(pattern, data[start:end], start, line, validated))
    return found


def _candidates(
    data: bytes, breadth: Breadth, found: Found
) -> Iterator[tuple[int, int, Pattern, str]]:
    left = BUDGET
    passes = [(_TOKEN_TABLE, data)]
    if breadth is not Breadth.NARROW:
        passes.append((_NEAR_TABLE, data.lower()))
    for table, text in passes:
        for at, anchor in _places(text, table):
            for pattern in table[anchor]:
                if pattern.config and breadth is not Breadth.CONFIG:
                    continue
                left -= 1 if _is_cheap(pattern) else 5
                if left < 0:
                    found.cut = True
                    return
                place = _try(pattern, data, at)
                if place is not None:
                    yield place


def _is_cheap(pattern: Pattern) -> bool:
    """Whether its expression goes back at most once over what it has read."""
    return (pattern.token and not pattern.before) or pattern.provider == "password"


def _try(pattern: Pattern, data: bytes, at: int) -> tuple[int, int, Pattern, str] | None:
    named = "s" in pattern.expression.groupindex
    whole = pattern.token and not named
    if pattern.before:
        begin = max(0, at - pattern.before)
        match = pattern.expression.search(data, begin, at + _WINDOW)
    elif whole and not _begins(data, at):
        return None
    else:
        match = pattern.expression.match(data, at, at + (_LONG if pattern.token else _WINDOW))
    if match is None:
        return None
    start, end = match.span("s") if named else match.span()
    value = data[start:end]
    if whole and (_WORD.match(data, end) or not _begins(data, start)):
        return None
    if "rest" in pattern.expression.groupindex and _ABOUT.search(match["rest"]):
        return None
    if pattern.examples and is_placeholder(value):
        return None
    validated = pattern.check(value)
    return (start, end, pattern, validated) if validated else None


def _begins(data: bytes, start: int) -> bool:
    """Whether a token begins here, and is no part of a longer word."""
    if not start or not _WORD.match(data, start - 1):
        return True
    return _ESCAPE.search(data[max(0, start - 16) : start]) is not None


def _hit(pattern: Pattern, value: bytes, offset: int, line: int, validated: str) -> Hit:
    size = len(value)
    shown = value[: pattern.shown].decode("ascii", "replace") if size >= 16 else ""
    mark = "" if pattern.shown == 0 and not pattern.token else fingerprint(value)
    return Hit(pattern, offset, line, validated, f"{shown}…", size, mark)
