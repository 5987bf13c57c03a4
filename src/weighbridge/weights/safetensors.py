"""safetensors: the whole header against the format's rules, in bounded memory.

Source: the format section of the safetensors README, and the rules its library enforces
(``safetensors/src/tensor.rs``); stricter than the library where it lets readers disagree: duplicate
keys, unknown fields, names that are no names.
"""

from __future__ import annotations

import json
import re
from typing import TypeGuard

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Log
from weighbridge.weights.source import Source

MAX_HEADER = 100_000_000  # bytes, by the specification
MAX_READ = 32 * 2**20  # bytes of a header that are read here; the largest seen are a few
MAX_TENSORS = 300_000
_MAX_ENTRY = 65_536  # characters of one tensor's description
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip
_STRING = r'"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"'
_KEY = re.compile(rf"[ \t\n\r]*{_STRING}[ \t\n\r]*:[ \t\n\r]*")
_PAIR = re.compile(rf"[ \t\n\r]*{_STRING}[ \t\n\r]*:[ \t\n\r]*{_STRING}[ \t\n\r]*([,}}])")
_EMPTY = re.compile(r"\{[ \t\n\r]*\}")
_NEXT = re.compile(r"[ \t\n\r]*([,}])")


def inspect(source: Source, log: Log) -> None:
    """Check a safetensors file.

    Raises:
        HostileInput: the header is not what can be read on from.
    """
    text, start = _header(source, log)
    reader = _Header(text, source.size - start, log)
    end = reader.read()
    if text[end:].strip(" "):
        raise HostileInput("something follows the header's closing brace")
    reader.compare_ranges(start)


def _header(source: Source, log: Log) -> tuple[str, int]:
    stream = source.open()
    length = int.from_bytes(stream.read(8), "little")
    if length > MAX_HEADER:
        raise HostileInput(f"the header claims {length} bytes, and the format allows {MAX_HEADER}")
    if 8 + length > source.size:
        raise HostileInput(f"the header claims {length} bytes, and the file ends before")
    if length > MAX_READ:
        raise BoundExceeded("the safetensors header", MAX_READ, "bytes")
    raw = stream.read(length)
    log.bytes_read += 8 + len(raw)
    if raw[:1] != b"{":
        raise HostileInput("the header does not start with an opening brace")
    try:
        return raw.decode("utf-8"), 8 + length
    except UnicodeDecodeError as error:
        raise HostileInput("the header is not UTF-8") from error


class _Header:
    def __init__(self, text: str, body: int, log: Log) -> None:
        self.text, self.body, self.log = text, body, log
        self.seen: set[str] = set()
        self.ranges: list[tuple[int, int, str]] = []

    def read(self) -> int:
        """Walk the top-level object; the position behind its closing brace."""
        empty = _EMPTY.match(self.text)
        if empty:
            return empty.end()
        pos = 1
        while True:
            match = _KEY.match(self.text, pos)
            if match is None:
                raise HostileInput(f"the header is not JSON at character {pos}")
            name = _unescaped(match.group(1))
            if name in self.seen:
                self.log.issue(
                    "duplicate-key",
                    f"{name[:80]!r} stands twice in the header, and readers take different ones",
                    8 + match.start(),
                )
            self.seen.add(name)
            if len(self.seen) > MAX_TENSORS:
                raise BoundExceeded("the safetensors header", MAX_TENSORS, "tensors")
            if name == "__metadata__":
                pos = self._metadata(match.end())
            else:
                pos = self._tensor(name, match.end())
            follows = _NEXT.match(self.text, pos)
            if follows is None:
                raise HostileInput(f"the header is not JSON at character {pos}")
            pos = follows.end()
            if follows.group(1) == "}":
                return pos

    def _metadata(self, pos: int) -> int:
        """An object of strings only; the position behind it."""
        empty = _EMPTY.match(self.text, pos)
        if empty:
            return empty.end()
        if self.text[pos : pos + 1] != "{":
            raise HostileInput("__metadata__ is not an object")
        keys: set[str] = set()
        pos += 1
        while True:
            match = _PAIR.match(self.text, pos)
            if match is None:
                raise HostileInput("__metadata__ holds something else than strings")
            key = _unescaped(match.group(1))
            if key in keys:
                self.log.issue(
                    "duplicate-key", f"{key[:80]!r} stands twice in __metadata__", pos + 8
                )
            keys.add(key)
            pos = match.end()
            if match.group(3) == "}":
                return pos

    def _tensor(self, name: str, pos: int) -> int:
        """One tensor's description; the position behind it."""
        end = self.text.find("}", pos, pos + _MAX_ENTRY)
        try:
            entry = json.loads(self.text[pos : end + 1], object_pairs_hook=_strict)
        except (ValueError, RecursionError) as error:
            raise HostileInput(f"the description of {name[:80]!r} is malformed") from error
        if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= set(entry):
            raise HostileInput(f"the description of {name[:80]!r} is incomplete")
        for extra in sorted(set(entry) - {"dtype", "shape", "data_offsets"}):
            self.log.issue(
                "unknown-field", f"{name[:80]!r} has the unknown field {extra[:80]!r}", pos
            )
        if not name or any(ord(c) < 32 or ord(c) == 127 for c in name) or ".." in name.split("/"):
            self.log.issue("odd-name", f"{name[:80]!r} is no name for a tensor", pos + 8)
        self._range(name, entry)
        return end + 1

    def _range(self, name: str, entry: dict[str, object]) -> None:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(dtype, str) or dtype not in _BITS:
            raise HostileInput(f"{name[:80]!r} has the unknown type {str(dtype)[:40]!r}")
        if not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
            raise HostileInput(f"{name[:80]!r} has a malformed shape or range")
        count = 1
        for side in shape:
            count = min(count * side, 2**62)
        begin, stop = offsets
        needed = count * _BITS[dtype]
        if needed % 8 or stop - begin != needed // 8:
            self.log.issue(
                "size-mismatch",
                f"{name[:80]!r} needs {needed / 8:g} bytes by type and "
                f"shape, and its range holds {stop - begin}",
                -1,
            )
        if stop < begin or stop > self.body:
            self.log.issue(
                "range-outside", f"the range of {name[:80]!r} is not inside the file", -1
            )
        self.log.tensor(dtype, min(count, 2**53))
        self.ranges.append((begin, stop, name))

    def compare_ranges(self, start: int) -> None:
        """The ranges must tile the body: no hole, no overlap, nothing behind."""
        at = 0
        for begin, stop, name in sorted(self.ranges):
            if begin > at:
                self.log.issue(
                    "hidden-data",
                    f"{begin - at} bytes before {name[:80]!r} belong to no tensor",
                    start + at,
                )
            elif begin < at:
                self.log.issue(
                    "overlapping-tensors",
                    f"{name[:80]!r} overlaps the tensor before it",
                    start + begin,
                )
            at = max(at, stop)
        if at < self.body:
            self.log.issue(
                "trailing-data",
                f"{self.body - at} bytes behind the last tensor belong to none",
                start + at,
            )


def _counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(
        type(item) is int and 0 <= item <= 2**63 for item in value
    )


def _strict(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice")
    return table


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        text = json.loads(f'"{raw}"')
    except ValueError as error:
        raise HostileInput("a string of the header has a malformed escape") from error
    assert isinstance(text, str)
    return text
