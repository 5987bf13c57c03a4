"""JSON beside weights: parsed where it is small, scanned where it is a vocabulary of megabytes.

Source: RFC 8259. A parsed document takes many times the room of its text, so how many values there
are is counted first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.places import Damaged
from weighbridge.weights.source import Source

MAX_PARSED = 12 * 2**20  # bytes that are parsed; more are scanned
MAX_VALUES = 300_000
MAX_SCANNED = 64 * 2**20  # the largest vocabularies in use are half of that
_STEP = 2**20
_STRUCTURE = re.compile(rb"[\s{}\[\]:,0-9.eE+\-a-zA-Z]*\Z")

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


@dataclass(frozen=True, slots=True)
class Document:
    """``value`` of the text, ``twice`` the keys that stand twice in one object, ``constants`` what
    Python reads as numbers and RFC 8259 does not know: ``NaN``, ``Infinity``, ``-Infinity``."""

    value: Json
    twice: tuple[str, ...]
    constants: tuple[str, ...] = ()


def read(source: Source, log: Log, *, lines: bool = False) -> Document | None:
    """Parse a file; None where it holds too many values for that. With ``lines`` it may be JSON
    Lines, too.

    Raises:
        HostileInput: the file is not JSON in UTF-8.
        BoundExceeded: it is nested too deeply.
    """
    if source.size > MAX_PARSED:
        return None
    raw = source.head(MAX_PARSED)
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        return None
    log.bytes_read += len(raw)
    return parse(raw, lines=lines)


def parse(raw: bytes, *, lines: bool = False) -> Document:
    """Parse text whose values were counted.

    Raises:
        HostileInput: the text is not JSON in UTF-8.
        BoundExceeded: it is nested too deeply.
    """
    twice: list[str] = []
    constants: set[str] = set()

    def table(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        made = dict(pairs)
        if len(made) != len(pairs) and len(twice) < 50:
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    twice.append(key)
                seen.add(key)
        return made

    def constant(name: str) -> float:
        constants.add(name)
        return float(name)

    try:
        text = raw.decode("utf-8-sig")
        value: Json = json.loads(text, object_pairs_hook=table, parse_constant=constant)
    except RecursionError as error:
        raise BoundExceeded("the JSON document", 1000, "levels of nesting") from error
    except UnicodeDecodeError as error:
        raise Damaged("the JSON document is not UTF-8", error.start) from error
    except ValueError as error:
        value = _lines(text, table) if lines else None
        if value is None:
            message = f"the file is not valid JSON: {str(error)[:200]}"
            stopped = error.pos if isinstance(error, json.JSONDecodeError) else 0
            raise Damaged(message, len(text[:stopped].encode("utf-8", "replace"))) from error
    return Document(value, tuple(twice), tuple(sorted(constants)))


def _lines(text: str, table: Callable[[list[tuple[str, Json]]], dict[str, Json]]) -> Json:
    """JSON Lines, which data sets call ``.json`` too: an object or a list in each line."""
    values: list[Json] = []
    try:
        lines = (line for line in text.splitlines() if line.strip())
        values.extend(json.loads(line, object_pairs_hook=table) for line in lines)
    except (ValueError, RecursionError):
        return None
    return values if len(values) > 1 and all(isinstance(v, dict | list) for v in values) else None


def scan(source: Source, log: Log) -> None:
    """Walk a large document in pieces: whether its strings and brackets close. Nothing is kept.

    Raises:
        HostileInput: the file is not JSON.
        BoundExceeded: it is larger than a scan goes.
    """
    if source.size > MAX_SCANNED:
        raise BoundExceeded("the JSON document", MAX_SCANNED, "bytes")
    stream = source.open()
    inside, rest = 0, b""  # inside: whether the window before broke off in a string
    depths = {b"{": 0, b"[": 0}
    while part := stream.read(_STEP):
        log.bytes_read += len(part)
        window = rest + part
        kept = len(window) - len(window.rstrip(b"\\"))
        rest = window[len(window) - kept % 2 :] if kept % 2 else b""
        window = window[: len(window) - len(rest)]
        pieces = window.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        bare = b"".join(pieces[inside::2])
        inside = (inside + len(pieces) - 1) % 2
        if not _STRUCTURE.match(bare):
            raise HostileInput("the file is not valid JSON: a character outside of strings")
        for opening, closing in ((b"{", b"}"), (b"[", b"]")):
            depths[opening] += bare.count(opening) - bare.count(closing)
            if depths[opening] < 0:
                raise HostileInput("the file is not valid JSON: a bracket closes nothing")
    if inside or rest:
        raise HostileInput("the file is not valid JSON: a string is not closed")
    if any(depths.values()):
        raise HostileInput("the file is not valid JSON: a bracket is not closed")
