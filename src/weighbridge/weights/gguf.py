"""GGUF: header, keys, tensor table, and templates that reach beyond formatting.

Source: ggml's ``docs/gguf.md`` (versions 2 and 3) and ``ggml-common.h`` for block sizes. Every
count is bounded by the bytes that are left (CVE-2026-27940, CVE-2026-33298), so a huge one costs
nothing.
"""

from __future__ import annotations

import re
import struct

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.source import Readable, Source

MAX_TENSORS = 300_000
MAX_KEYS = 100_000
MAX_STRINGS = 5_000_000  # in all arrays of one file
MAX_TEMPLATE = 2**20  # characters
_MAX_KEY, _MAX_NAME, _MAX_DIMS, _MAX_NESTING = 65_535, 64, 4, 4
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_BOOL, _STRING, _ARRAY, _U32 = 7, 8, 9, 4
# Type -> (name, elements of a block, bytes of a block).
_TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4),
    27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}  # fmt: skip
# A chat template formats messages. Dunder attributes and ``|attr`` climb out of it
# (CVE-2024-34359).
_CLIMB = re.compile(
    r"__(?:class|mro|bases?|subclasses|globals|builtins|import|init|dict|getattribute|code|self"
    r"|module|reduce\w*|call)__|\|\s*attr\b|\blipsum\b|\bcycler\b|\bjoiner\b|\bself\s*\._"
)


def inspect(source: Source, log: Log) -> None:
    """Check a GGUF file.

    Raises:
        HostileInput: the header cannot be read on.
    """
    reader = _Gguf(_Cursor(source.open(), source.size), log)
    try:
        reader.read()
    finally:
        log.bytes_read += reader.cursor.taken


class _Cursor:
    """Reads forward in a buffer, and never beyond the file's size."""

    def __init__(self, stream: Readable, size: int) -> None:
        self.stream, self.size = stream, size
        self.buffer, self.at, self.base = b"", 0, 0
        self.taken = 0

    @property
    def pos(self) -> int:
        return self.base + self.at

    @property
    def left(self) -> int:
        return self.size - self.pos

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise HostileInput(f"{count} bytes are announced at byte {self.pos}, and the file ends")
        if self.at + count > len(self.buffer):
            self.base, self.buffer = self.pos, self.buffer[self.at :]
            self.at = 0
            while len(self.buffer) < count:
                part = self.stream.read(max(2**18, count - len(self.buffer)))
                if not part:
                    raise HostileInput("the file is shorter than it was")
                self.buffer += part
                self.taken += len(part)
        data = self.buffer[self.at : self.at + count]
        self.at += count
        return data

    def skip(self, count: int) -> None:
        if count > self.left:
            raise HostileInput(f"{count} bytes are announced at byte {self.pos}, and the file ends")
        if self.at + count <= len(self.buffer):
            self.at += count
            return
        self.base = self.pos + count
        self.stream.seek(self.base)
        self.buffer, self.at = b"", 0

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "little")


class _Gguf:
    def __init__(self, cursor: _Cursor, log: Log) -> None:
        self.cursor, self.log = cursor, log
        self.alignment = 32
        self.strings = 0

    def read(self) -> None:
        cursor = self.cursor
        if cursor.take(4) != b"GGUF":
            raise HostileInput("the file does not start with GGUF")
        version = cursor.u32()
        if version in (0x02000000, 0x03000000):
            self.log.gap("no reader for big-endian GGUF yet")
            return
        if version == 1:
            self.log.gap("no reader for GGUF version 1")
            return
        if version not in (2, 3):
            raise HostileInput(f"GGUF version {version} does not exist")
        tensors, keys = cursor.u64(), cursor.u64()
        # The least that one takes: a name's length, a type, a byte; and 24 bytes for a tensor.
        if keys * 13 > cursor.left or tensors * 24 > cursor.left:
            raise HostileInput("the header announces more entries than the file has room for")
        if keys > MAX_KEYS:
            raise BoundExceeded("the GGUF header", MAX_KEYS, "keys")
        if tensors > MAX_TENSORS:
            raise BoundExceeded("the GGUF header", MAX_TENSORS, "tensors")
        self._keys(keys)
        self._tensors(tensors)

    def _keys(self, count: int) -> None:
        seen: set[bytes] = set()
        for _ in range(count):
            at = self.cursor.pos
            length = self.cursor.u64()
            if not 0 < length <= _MAX_KEY:
                raise HostileInput(f"a key of {length} bytes at byte {at}")
            key = self.cursor.take(length)
            if key in seen:
                self.log.issue("duplicate-key", f"{key[:80]!r} stands twice in the header", at)
            seen.add(key)
            if not key.isascii() or not key.decode("ascii").isprintable():
                self.log.issue("odd-name", f"{key[:80]!r} is no key", at)
            self._value(key, self.cursor.u32(), 0)

    def _value(self, key: bytes, kind: int, depth: int) -> None:
        at = self.cursor.pos
        if kind == _STRING:
            self._string(key)
        elif kind == _ARRAY:
            self._array(key, depth)
        elif kind in _WIDTHS:
            raw = self.cursor.take(_WIDTHS[kind])
            if kind == _BOOL and raw[0] > 1:
                self.log.issue("bad-value", f"{key[:80]!r} is a truth value of {raw[0]}", at)
            if key == b"general.alignment":
                self._align(kind, int.from_bytes(raw, "little"), at)
        else:
            raise HostileInput(f"the value type {kind} at byte {at} does not exist")

    def _string(self, key: bytes) -> None:
        length = self.cursor.u64()
        if not key.startswith(b"tokenizer.chat_template"):
            self.cursor.skip(length)
            return
        at = self.cursor.pos
        if length > MAX_TEMPLATE:
            self.log.gap(f"the chat template is longer than {MAX_TEMPLATE} bytes")
            self.cursor.skip(length)
            return
        template = self.cursor.take(length).decode("utf-8", "replace")
        found = _CLIMB.search(template)
        if found:
            shown = template[max(found.start() - 40, 0) : found.end() + 40]
            self.log.operation(
                Verdict.DANGEROUS,
                "template",
                key.decode("ascii", "replace"),
                shown,
                "climbs from a chat template into Python",
                at,
                "Jinja",
            )

    def _array(self, key: bytes, depth: int) -> None:
        kind, count = self.cursor.u32(), self.cursor.u64()
        if kind in _WIDTHS:
            self.cursor.skip(count * _WIDTHS[kind])
            return
        if kind not in (_STRING, _ARRAY) or depth >= _MAX_NESTING:
            raise HostileInput(f"an array of the value type {kind}, {depth + 1} deep")
        if count * 8 > self.cursor.left:
            raise HostileInput("an array announces more entries than the file has room for")
        self.strings += count
        if self.strings > MAX_STRINGS:
            raise BoundExceeded("the GGUF header", MAX_STRINGS, "strings in arrays")
        for _ in range(count):
            if kind == _STRING:
                self.cursor.skip(self.cursor.u64())
            else:
                self._array(key, depth + 1)

    def _align(self, kind: int, value: int, at: int) -> None:
        if kind != _U32 or value == 0 or value % 8 or value > 2**20:
            self.log.issue("bad-alignment", f"an alignment of {value} is not allowed", at)
        else:
            self.alignment = value

    def _tensors(self, count: int) -> None:
        seen: set[bytes] = set()
        ranges: list[tuple[int, int, bytes]] = []
        for _ in range(count):
            at = self.cursor.pos
            length = self.cursor.u64()
            if length > _MAX_KEY:
                raise HostileInput(f"a tensor name of {length} bytes at byte {at}")
            name = self.cursor.take(length)
            if len(name) > _MAX_NAME:
                self.log.issue(
                    "odd-name", f"the tensor name {name[:80]!r} is longer than 64 bytes", at
                )
            if name in seen:
                self.log.issue("duplicate-key", f"two tensors are called {name[:80]!r}", at)
            seen.add(name)
            placed = self._tensor(name, at)
            if placed is not None:
                ranges.append((*placed, name))
        start = -(-self.cursor.pos // self.alignment) * self.alignment
        self._compare(ranges, start)

    def _tensor(self, name: bytes, at: int) -> tuple[int, int] | None:
        dims = self.cursor.u32()
        if dims > _MAX_DIMS:
            raise HostileInput(f"the tensor {name[:80]!r} has {dims} dimensions")
        shape = struct.unpack(f"<{dims}Q", self.cursor.take(8 * dims))
        kind, offset = self.cursor.u32(), self.cursor.u64()
        count = 1
        for side in shape:
            count *= side
        if count > 2**53 or count == 0:
            self.log.issue(
                "bad-shape", f"the shape of {name[:80]!r} holds no or too many numbers", at
            )
            return None
        if offset % self.alignment:
            self.log.issue("bad-alignment", f"the data of {name[:80]!r} is not aligned", at)
        if kind not in _TYPES:
            self.log.issue("unknown-type", f"{name[:80]!r} has the unknown type {kind}", at)
            self.log.gap(f"no reader for GGUF tensor type {kind}")
            return None
        label, block, width = _TYPES[kind]
        self.log.tensor(label, count)
        if (shape[0] if shape else 1) % block:
            self.log.issue("bad-shape", f"a row of {name[:80]!r} is not made of whole blocks", at)
        return offset, offset + count // block * width

    def _compare(self, ranges: list[tuple[int, int, bytes]], start: int) -> None:
        body = self.cursor.size - start
        at = 0
        for begin, stop, name in sorted(ranges):
            if begin < at:
                self.log.issue(
                    "overlapping-tensors",
                    f"{name[:80]!r} overlaps the tensor before it",
                    start + begin,
                )
            elif begin - at >= self.alignment:
                self.log.issue(
                    "hidden-data",
                    f"{begin - at} bytes before {name[:80]!r} belong to no tensor",
                    start + at,
                )
            if stop > body:
                self.log.issue(
                    "range-outside",
                    f"the data of {name[:80]!r} is not inside the file",
                    start + begin,
                )
            at = max(at, stop)
        if ranges and body - at >= self.alignment:
            self.log.issue(
                "trailing-data",
                f"{body - at} bytes behind the last tensor belong to none",
                start + at,
            )
