"""Flax's msgpack: nested tables whose leaves are arrays in extension types.

Sources: the MessagePack specification; ``flax/serialization.py`` (extension 1 an array of shape,
element type and bytes; 2 a complex number; 3 a NumPy scalar). Array data is passed over,
but for its first bytes: a pickle or a program has no place in it.
"""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.data_starts import DataStarts
from weighbridge.weights.hidden_content import HEAD
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.log import Log
from weighbridge.weights.octets import Octets
from weighbridge.weights.source import Source

MAX_ITEMS = 750_000
MAX_DEPTH = 1024  # the stack of msgpack's own reader (MSGPACK_EMBED_STACK_SIZE)
MAX_KEY = 4096  # bytes of a table's key that is compared with the others
_SHAPE, _CHUNKS = b"shape", b"chunks"
_CHUNKED = b"__msgpack_chunked_array__"
_LEAST_HIDDEN = 40  # bytes of a text: no pickle that calls something is shorter in Base64
MAX_TEXT = 4 * 2**20  # bytes of all texts that are searched for what hides in them
_ARRAY, _COMPLEX, _SCALAR, _TIMESTAMP = 1, 2, 3, 255
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
          0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}  # fmt: skip
_LENGTHS = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}
_COUNTS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_LONG_EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_UNSIGNED = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
# NumPy's and ml_dtypes' names -> bits of one element.
_BITS = {
    "bool": 8, "int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32,
    "int64": 64, "uint64": 64, "float16": 16, "bfloat16": 16, "float32": 32, "float64": 64,
    "complex64": 64, "complex128": 128, "int4": 8, "uint4": 8, "int2": 8, "uint2": 8, "V2": 16,
    "float8_e4m3fn": 8, "float8_e5m2": 8, "float8_e4m3": 8, "float8_e3m4": 8,
    "float8_e4m3b11fnuz": 8, "float8_e4m3fnuz": 8, "float8_e5m2fnuz": 8, "float8_e8m0fnu": 8,
    "float4_e2m1fn": 8, "float6_e2m3fn": 8, "float6_e3m2fn": 8, "void16": 16,
}  # fmt: skip


def inspect(source: Source, log: Log) -> None:
    """Walk a msgpack file.

    Raises:
        HostileInput: it breaks off, or is no msgpack.
        BoundExceeded: it holds too many values.
    """
    walk = _Walk(source, log)
    try:
        walk.read()
    finally:
        log.bytes_read += walk.octets.taken
    if walk.octets.left:
        log.issue("trailing-data", f"{walk.octets.left} bytes follow the value", walk.octets.pos)


class _Level:
    """A table or a list that is open. ``role``: what its key in a chunked array makes of it."""

    __slots__ = ("chunked", "counts", "key", "keys", "left", "role")

    def __init__(self, left: int, *, table: bool, role: bytes = b"") -> None:
        self.left, self.role = left, role
        self.keys: set[int] | None = set() if table else None
        self.key = b""
        self.chunked = False
        # of a chunked array: the product of its shape's sides, and the numbers of its chunks
        self.counts: dict[bytes, int] = {}


class _Walk:
    def __init__(self, source: Source, log: Log) -> None:
        self.octets, self.log = Octets(source), log
        self.levels: list[_Level] = [_Level(1, table=False)]
        self.items = self.searched = 0
        self.content, self.hidden = DataStarts(source, log), HiddenText(log)

    def read(self) -> None:
        """All of one value, without recursion: ``levels`` count what each still lacks."""
        levels = self.levels
        while levels:
            level = levels[-1]
            if level.left <= 0:
                self._close(levels.pop())
                continue
            level.left -= 1
            self.items += 1
            if self.items > MAX_ITEMS:
                raise BoundExceeded("the msgpack file", MAX_ITEMS, "values")
            if level.keys is not None and level.left % 2:
                self._key(level, level.keys)
            self._value()
            if len(levels) > MAX_DEPTH + 1:
                raise HostileInput(
                    f"values lie {MAX_DEPTH} deep in each other, deeper than msgpack reads"
                )

    def _key(self, level: _Level, keys: set[int]) -> None:
        """Look at a table's key, which the walk then passes over."""
        octets = self.octets
        level.key = b""
        if not octets.left:
            return
        buffer, at = octets.ahead(min(MAX_KEY + 3, octets.left))
        first = buffer[at]
        width = _LENGTHS[first] if first in (0xD9, 0xDA) else 0
        if not (width or 0xA0 <= first <= 0xBF):
            return
        length = int.from_bytes(buffer[at + 1 : at + 1 + width], "big") if width else first & 0x1F
        key = bytes(buffer[at + 1 + width : at + 1 + width + length])
        if length > MAX_KEY or len(key) < length:
            return
        try:
            text = key.decode("utf-8")
        except UnicodeDecodeError:
            self.log.issue("bad-text", "a key of a table is not UTF-8", octets.pos)
            return
        if hash(key) in keys:
            self.log.issue("duplicate-key", f"{text[:80]!r} stands twice in a table", octets.pos)
        keys.add(hash(key))
        level.key = key
        level.chunked = level.chunked or key == _CHUNKED

    def _close(self, level: _Level) -> None:
        """A table has ended. Flax splits arrays of more than 2^30 bytes into chunks, and puts them
        together again by the shape."""
        if level.chunked and {_SHAPE, _CHUNKS} <= level.counts.keys():
            wanted, there = level.counts[_SHAPE], level.counts[_CHUNKS]
            if wanted != there:
                self.log.issue(
                    "size-mismatch",
                    f"an array in chunks needs {wanted} numbers by its shape, and has {there}",
                    self.octets.pos,
                )

    def _count(self, role: bytes, number: int) -> None:
        """A number of a shape, or the numbers of a chunk, belong to the table around them."""
        if len(self.levels) > 1 and self.levels[-1].role == role:
            counts = self.levels[-2].counts
            old = counts.get(role, 1 if role == _SHAPE else 0)
            made = old * number if role == _SHAPE else old + number
            counts[role] = min(made, 2**62)

    def _value(self) -> None:
        octets = self.octets
        at = octets.pos
        first = octets.take(1)[0]
        if first < 0x80:
            if self.levels[-1].role == _SHAPE:
                self._side(first)
        elif first >= 0xE0:
            return
        elif first < 0xA0:
            self._push((first & 0x0F) * (2 if first < 0x90 else 1), at, table=first < 0x90)
        elif first < 0xC0:
            self._payload(first & 0x1F, at)
        elif first in _UNSIGNED:
            self._side(octets.unsigned(_UNSIGNED[first], "big"))
        elif first in _FIXED:
            octets.skip(_FIXED[first])
        elif first in _LENGTHS:
            self._payload(octets.unsigned(_LENGTHS[first], "big"), at, text=first >= 0xD9)
        elif first in _COUNTS:
            width, times = _COUNTS[first]
            self._push(octets.unsigned(width, "big") * times, at, table=times == 2)
        elif first in _EXTENSIONS:
            self._extension(_EXTENSIONS[first], at)
        elif first in _LONG_EXTENSIONS:
            self._extension(octets.unsigned(_LONG_EXTENSIONS[first], "big"), at)
        else:
            raise HostileInput(f"the byte {first:#x} at {at} is no msgpack")

    def _side(self, number: int) -> None:
        level = self.levels[-1]
        if level.keys is None or level.left % 2 == 0:  # a value, no key
            self._count(_SHAPE, number)

    def _payload(self, length: int, at: int, *, text: bool = False) -> None:
        """Pass over bytes or a text; what begins like a pickle or a program is looked at."""
        octets = self.octets
        if length >= HEAD:
            buffer, start = octets.ahead(HEAD)
            head = buffer[start : start + HEAD]
            self.content.glance(head, octets.pos, length, f"the value at byte {at}")
            if text and length >= _LEAST_HIDDEN and (self.searched + length) <= MAX_TEXT:
                self.searched += length
                value = octets.take(length).decode("utf-8", "replace")
                self.hidden.search(value, f"the text at byte {at}", at)
                return
        octets.skip(length)

    def _push(self, count: int, at: int, *, table: bool) -> None:
        if count > self.octets.left:
            raise HostileInput(f"{count} values are announced at byte {at}, and the file ends")
        if count:
            self.levels.append(_Level(count, table=table, role=self.levels[-1].key))

    def _extension(self, length: int, at: int) -> None:
        kind = self.octets.unsigned(1)
        self.octets.need(length)
        end = self.octets.pos + length
        if kind in (_ARRAY, _SCALAR):
            self._array(end, at, scalar=kind == _SCALAR)
        elif kind == _COMPLEX:
            buffer, start = self.octets.ahead(min(length, 1))
            if buffer[start : start + 1] != b"\x92":
                raise HostileInput(f"the complex number at byte {at} is not made of two")
        elif kind != _TIMESTAMP:
            self.log.gap(f"no reader for the msgpack extension {kind}")
            self._payload(length, at)
        if self.octets.pos > end:
            raise HostileInput(f"the array at byte {at} is longer than its frame")
        self.octets.skip(end - self.octets.pos)

    def _array(self, end: int, at: int, *, scalar: bool) -> None:
        octets = self.octets
        if octets.take(1) != b"\x93":
            raise HostileInput(f"the array at byte {at} is not made of shape, type and data")
        count = 1
        for _ in range(self._sides(at)):
            count = min(count * self._unsigned(at), 2**62)
        name = self._text(at)
        length = self._data_length(at)
        if octets.pos + length > end:
            raise HostileInput(f"the data of the array at byte {at} is outside of its frame")
        self._payload(length, at)
        if octets.pos != end:
            self.log.issue("trailing-data", f"{end - octets.pos} bytes follow an array's data", at)
        bits = _BITS.get(name)
        if bits is None:
            code = "object-array" if name in ("object", "O") else "unknown-type"
            self.log.issue(code, f"the array at byte {at} has the element type {name!r}", at)
            return
        self.log.tensor(name, min(count, 2**53))
        self._count(_CHUNKS, count)
        if scalar and count != 1:
            self.log.issue(
                "size-mismatch", f"the single number at byte {at} is {count} of them", at
            )
        if length * 8 != count * bits:
            self.log.issue(
                "size-mismatch",
                f"an array needs {count * bits // 8} bytes by type and shape, and has {length}",
                at,
            )

    def _sides(self, at: int) -> int:
        first = self.octets.take(1)[0]
        if 0x90 <= first <= 0x9F:
            return first & 0x0F
        if first == 0xDC and (sides := self.octets.unsigned(2, "big")) <= 64:
            return sides
        raise HostileInput(f"the array at byte {at} has no shape")

    def _unsigned(self, at: int) -> int:
        first = self.octets.take(1)[0]
        if first < 0x80:
            return first
        if first in _UNSIGNED:
            return self.octets.unsigned(_UNSIGNED[first], "big")
        raise HostileInput(f"a side of the array at byte {at} is no count")

    def _text(self, at: int) -> str:
        first = self.octets.take(1)[0]
        if 0xA0 <= first <= 0xBF:
            return self.octets.take(first & 0x1F).decode("latin-1")
        if first in (0xD9, 0xC4):
            return self.octets.take(self.octets.unsigned(1)).decode("latin-1")
        raise HostileInput(f"the array at byte {at} has no element type")

    def _data_length(self, at: int) -> int:
        first = self.octets.take(1)[0]
        if first in (0xC4, 0xC5, 0xC6):
            return self.octets.unsigned(_LENGTHS[first], "big")
        raise HostileInput(f"the array at byte {at} has no data")
