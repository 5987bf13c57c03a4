"""XGBoost's models as JSON and as UBJSON: the outline with every row of numbers as its length.

The rows that lead from one node of a tree to another are kept beside the outline, in four bytes a
number.

Sources: XGBoost's "Introduction to Model IO" and its JSON schema; Universal Binary JSON, draft 12
(big-endian, typed arrays).
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import json_text
from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log
from weighbridge.weights.octets import Octets
from weighbridge.weights.source import Source

MAX_BYTES = 256 * 2**20
MAX_ROW = 16 * 2**20  # bytes of one row of numbers
MAX_VALUES = 300_000
MAX_CHILDREN = 5_000_000  # numbers of all rows that are kept
MAX_DEPTH = 64
MAX_TEXT = 4 * 2**20  # bytes of all texts of UBJSON that are kept
_STEP = 2**20
# Numbers as XGBoost writes them, and the truth values that its versions before 1.6 write for
# default_left.
_ROW = re.compile(rb'(?:"(\w{1,40})"\s{0,100}:\s{0,100})?\[([\d\s,.eE+\-truefalsNIniy]*+)\]')
_WORD = rb"(?:-?\d++(?:\.\d++)?+(?:[eE][-+]?\d++)?+|true|false|NaN|-?Infinity)\s*+"
_WORDS = re.compile(rb"\s*+" + _WORD + rb"(?:,\s*+" + _WORD + rb")*+")
_SPACES = bytes.maketrans(b"\t\n\r\v\f", b"     ")
# What stands in no row of numbers between its commas.
_BROKEN = tuple(b",, .. -- ++ -, ., +, e, E, ,. ,+ ,e ,E -. .e .E".split(b" "))
KEPT = ("left_children", "right_children", "split_indices", "tree_info")
Rows: TypeAlias = "list[array[int]]"
_UBJ_WIDTHS = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8, b"d": 4, b"D": 8, b"C": 1}
_UBJ_CODES = {b"i": "b", b"U": "B", b"I": "h", b"l": "i", b"L": "q"}


def outline_of_json(source: Source, log: Log) -> tuple[Json, Rows]:
    """The document with each row of numbers as ``[length]``, those of :data:`KEPT` as ``[length,
    place]``, where the place is theirs in the rows that come with it.

    Raises:
        HostileInput: it is not JSON.
        BoundExceeded: it is too large.
    """
    if source.size > MAX_BYTES:
        raise BoundExceeded("the model", MAX_BYTES, "bytes")
    kept = _Kept()
    short: list[bytes] = []
    room = json_text.MAX_PARSED
    for window in _windows(source, log):
        part = _ROW.sub(kept.row, window)
        room -= len(part)
        if room < 0:
            raise BoundExceeded("the model's outline", json_text.MAX_PARSED, "bytes")
        short.append(part)
    raw = b"".join(short)
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MAX_VALUES:
        raise BoundExceeded("the model's outline", MAX_VALUES, "values")
    document = json_text.parse(raw)
    for key in document.twice:
        log.issue("duplicate-key", f"the key {key[:80]!r} stands twice in one object")
    return document.value, kept.rows


def _windows(source: Source, log: Log) -> Iterator[bytes]:
    """Pieces that end where no row of numbers is open, and not within its key."""
    stream = source.open()
    rest = b""
    while part := stream.read(_STEP):
        log.bytes_read += len(part)
        window = rest + part
        cut = max(window.rfind(b"]"), window.rfind(b"}"), window.rfind(b"{")) + 1
        if len(window) - cut > MAX_ROW:
            raise BoundExceeded("a row of the model", MAX_ROW, "bytes")
        rest = window[cut:]
        yield window[:cut]
    yield rest


def _is_row(text: bytes) -> bool:
    """Whether a text of a row's characters is one. The usual ones, digits between commas, are told
    by what they do not hold: a grammar would take as long as reading everything else."""
    if text.translate(None, b"0123456789+-.,eE \t\r\n"):
        return _WORDS.fullmatch(text) is not None
    spaced = text.translate(_SPACES)
    while b"  " in spaced:
        spaced = spaced.replace(b"  ", b" ")
    tight = b"," + spaced.replace(b", ", b",").replace(b" ,", b",").strip() + b","
    return tight == b",," or (b" " not in tight and not any(one in tight for one in _BROKEN))


class _Kept:
    """The rows that are kept, and how much there is of everything."""

    def __init__(self) -> None:
        self.rows: Rows = []
        self.numbers = self.seen = 0

    def row(self, match: re.Match[bytes]) -> bytes:
        """What stands for a row of numbers in the outline."""
        key, text = match.groups()
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise BoundExceeded("the model", MAX_VALUES, "rows of numbers")
        if not _is_row(text):
            return match[0]  # the parser of JSON says what is wrong with it
        count = text.count(b",") + 1 if text.strip() else 0
        prefix = b'"%s":' % key if key else b""
        if key is None or key.decode() not in KEPT or not count:
            return prefix + b"[%d]" % count
        self.spend(count)
        try:
            place = self.keep(map(int, text.split(b",")))
        except ValueError as error:
            raise HostileInput(f"{key.decode()} of a tree holds no whole numbers") from error
        return prefix + b"[%d,%d]" % (count, place)

    def spend(self, count: int) -> None:
        """Make sure that so many numbers more may be kept."""
        self.numbers += count
        if self.numbers > MAX_CHILDREN:
            raise BoundExceeded("the model", MAX_CHILDREN, "nodes")

    def keep(self, numbers: Iterable[int]) -> int:
        """Keep a row; its place."""
        try:
            self.rows.append(array("i", numbers))
        except OverflowError as error:
            raise HostileInput("a number of a tree's node needs more than 32 bits") from error
        return len(self.rows) - 1


def outline_of_ubjson(source: Source, log: Log) -> tuple[Json, Rows]:
    """The same of UBJSON.

    Raises:
        HostileInput: it is not UBJSON.
        BoundExceeded: it is too large or too deep.
    """
    reader = _Ubjson(Octets(source))
    try:
        value = reader.value(reader.octets.take(1), "", 0)
    finally:
        log.bytes_read += reader.octets.taken
    if reader.octets.left:
        log.issue(
            "trailing-data", f"{reader.octets.left} bytes follow the model", reader.octets.pos
        )
    return value, reader.kept.rows


class _Ubjson:
    def __init__(self, octets: Octets) -> None:
        self.octets = octets
        self.kept = _Kept()
        self.values = self.texts = 0

    def value(self, marker: bytes, key: str, depth: int) -> Json:
        self.values += 1
        if self.values > MAX_VALUES:
            raise BoundExceeded("the model", MAX_VALUES, "values")
        if depth > MAX_DEPTH:
            raise BoundExceeded("the model", MAX_DEPTH, "levels of nesting")
        if marker == b"{":
            return self._object(depth)
        if marker == b"[":
            return self._array(key, depth)
        if marker == b"S":
            return self._text()
        if marker in (b"T", b"F", b"Z", b"N"):
            return None
        if marker in _UBJ_WIDTHS:
            return self._number(marker)
        raise HostileInput(f"{marker!r} at byte {self.octets.pos} is no value of UBJSON")

    def _number(self, marker: bytes) -> int | None:
        raw = self.octets.take(_UBJ_WIDTHS[marker])
        code = _UBJ_CODES.get(marker)
        return int(struct.unpack(">" + code, raw)[0]) if code else None

    def _length(self) -> int:
        marker = self.octets.take(1)
        if marker not in _UBJ_CODES:
            raise HostileInput(f"a length at byte {self.octets.pos} is no whole number")
        length = self._number(marker)
        if length is None or not 0 <= length <= self.octets.left:
            raise HostileInput(f"{length} bytes are announced at byte {self.octets.pos}")
        return length

    def _text(self) -> str:
        length = self._length()
        self.texts += length
        if self.texts > MAX_TEXT:
            self.octets.skip(length)
            return ""
        return self.octets.take(length).decode("utf-8", "replace")

    def _object(self, depth: int) -> Json:
        table: dict[str, Json] = {}
        while True:
            marker = self.octets.take(1)
            if marker == b"}":
                return table
            if marker not in _UBJ_CODES:
                raise HostileInput(f"a key at byte {self.octets.pos} has no length")
            length = self._number(marker)
            if length is None or not 0 <= length <= 4096:
                raise HostileInput(f"a key of {length} bytes at byte {self.octets.pos}")
            key = self.octets.take(length).decode("utf-8", "replace")
            if key in table:
                raise HostileInput(f"the key {key[:80]!r} stands twice in one object")
            table[key] = self.value(self.octets.take(1), key, depth + 1)

    def _array(self, key: str, depth: int) -> Json:
        marker = self.octets.take(1)
        kind = b""
        if marker == b"$":
            kind, marker = self.octets.take(1), self.octets.take(1)
            if marker != b"#" or kind not in _UBJ_WIDTHS:
                raise HostileInput(f"a typed array at byte {self.octets.pos} is malformed")
        if marker == b"#":
            return self._counted(kind, key, depth)
        made: list[Json] = []
        while marker != b"]":
            made.append(self.value(marker, "", depth + 1))
            marker = self.octets.take(1)
        return _rows_only(made)

    def _counted(self, kind: bytes, key: str, depth: int) -> Json:
        marker = self.octets.take(1)
        count = self._number(marker) if marker in _UBJ_CODES else None
        if count is None or not 0 <= count <= self.octets.left:
            raise HostileInput(f"an array of {count} values at byte {self.octets.pos}")
        if not kind:
            return _rows_only(
                [self.value(self.octets.take(1), "", depth + 1) for _ in range(count)]
            )
        size = count * _UBJ_WIDTHS[kind]
        if key not in KEPT or kind not in _UBJ_CODES or not count:
            self.octets.skip(size)
            return [count]
        self.kept.spend(count)
        if size > MAX_ROW:
            raise BoundExceeded("a row of the model", MAX_ROW, "bytes")
        numbers = struct.unpack(f">{count}{_UBJ_CODES[kind]}", self.octets.take(size))
        return [count, self.kept.keep(numbers)]


def _rows_only(values: list[Json]) -> Json:
    """A list of plain numbers is a row as well; lists of tables stay."""
    if values and not any(isinstance(value, dict | list | str) for value in values):
        return [len(values)]
    return values
