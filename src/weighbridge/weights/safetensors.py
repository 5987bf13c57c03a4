"""safetensors: the whole header against the format's rules, in bounded memory.

Source: the format section of the safetensors README, and the rules its library enforces
(``safetensors/src/tensor.rs``, 0.8); stricter than the library where it lets readers disagree:
duplicate keys, unknown fields, names that are no names, numbers that not every reader can hold.
Alignment is a writer's courtesy and no rule (files of writers before 0.3 are not aligned): it is
told as information, by :mod:`weighbridge.weights.safetensors_layout`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TypeAlias, TypeGuard

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.data_starts import look_at_tensors
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.json_window import JsonWindow
from weighbridge.weights.log import Log
from weighbridge.weights.places import placed
from weighbridge.weights.ranges import Ranges
from weighbridge.weights.safetensors_entry import COUNT, DECODER, ENTRY, unescaped
from weighbridge.weights.safetensors_layout import Layout
from weighbridge.weights.source import Source
from weighbridge.weights.templates import inspect_template

MAX_HEADER = 100_000_000  # bytes, by the specification
MAX_TENSORS = 220_000  # the largest models of experts have 200,000 in all their files
MAX_SIDES = 1_200_000  # dimensions of all tensors: nearly all have one or two, and few have six
_MAX_SHAPES, _MAX_KNOWN = 4096, 8  # shapes that are kept, and their dimensions
MAX_METADATA = 20_000  # entries
MAX_NAME = 65_536  # characters
MAX_NAMES = 32 * 2**20  # characters of all of them
MAX_TEXT = 4 * 2**20  # characters of one metadata entry that are searched, and of all of them
_MAX_KEPT = 500  # characters of a metadata entry that is handed over
_EXACT = 2**53  # the largest count that every reader of JSON holds exactly
_SHOWN = 80  # characters of a name that messages show
_MAX_RANK = 64  # NumPy's; torch's own limit is the same
DTYPE_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip
_NAME = "a name of the safetensors header"
_FIELDS = frozenset({"dtype", "shape", "data_offsets"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Called with name, dtype, shape, begin, stop; the last two count from the first byte of data.
Each: TypeAlias = Callable[[str, str, tuple[int, ...], int, int], None]


def inspect(source: Source, log: Log) -> None:
    """Check a safetensors file.

    Raises:
        HostileInput: the header is not what can be read on from.
    """
    ranges, layout = Ranges(_SHOWN), Layout(DTYPE_BITS, _SHOWN)

    def each(name: str, dtype: str, shape: tuple[int, ...], begin: int, stop: int) -> None:
        ranges.add(name, dtype, shape, begin, stop)
        layout.add(name, dtype, shape, begin, stop)

    start = read_header(source, log, each)
    layout.tell(start, log)
    ranges.compare(start, source.size - start, log)
    look_at_tensors(source, start, ranges, log)


def read_header(
    source: Source, log: Log, each: Each, metadata: dict[str, str] | None = None
) -> int:
    """Walk the header, give every tensor to ``each``, and return where the data starts.

    Short texts of ``__metadata__`` are put into ``metadata``, the first of a key that stands twice.

    Raises:
        HostileInput: the header is not what can be read on from.
        BoundExceeded: it holds more than is read here.
    """
    stream = source.open()
    with placed(lambda: 0):
        length = int.from_bytes(_exactly(stream.read, 8), "little")
        log.bytes_read += 8
        if length > MAX_HEADER:
            raise HostileInput(f"the header claims {length} bytes, of {MAX_HEADER} allowed")
        if 8 + length > source.size:
            raise HostileInput(f"the header claims {length} bytes, and the file ends before")
    window = JsonWindow(stream, length, 8)
    try:
        with placed(lambda: window.offset):
            if not window.text.startswith("{"):
                raise HostileInput("the header does not start with an opening brace")
            header = _Header(window, source.size - 8 - length, log, each)
            header.metadata = metadata
            header.read()
            window.finish()
    finally:
        log.bytes_read += window.taken
    return 8 + length


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    data = b""
    while len(data) < count and (part := read(count - len(data))):
        data += part
    if len(data) < count:
        raise HostileInput("the file is shorter than a safetensors header")
    return data


class _Header:
    metadata: dict[str, str] | None = None

    def __init__(self, window: JsonWindow, body: int, log: Log, each: Each) -> None:
        self.window, self.body, self.log, self.each = window, body, log, each
        self.seen: set[int] = set()  # hashes: a name may be long, and there may be many
        self.searched = self.entries = self.names = self.sides = 0
        self.hidden = HiddenText(log)
        self.counted: dict[str, list[int]] = {}  # tensors and numbers of each type
        # by type and shape as written: dimensions, numbers, bytes
        self.shapes: dict[tuple[str, str], tuple[tuple[int, ...], int, int]] = {}

    def read(self) -> None:
        """Walk the top-level object."""
        window = self.window
        window.punctuation("{")
        if self._empty():
            return
        try:
            while self._entry() == ",":
                pass
        finally:
            for dtype, (tensors, parameters) in self.counted.items():
                self.log.tensor(dtype, parameters)
                self.log.tensors += tensors - 1

    def _entry(self) -> str:
        """One entry; what follows it, a comma or the closing brace."""
        window = self.window
        window.fill()
        plain = ENTRY.match(window.text, window.at)
        if plain is not None:
            name, dtype, shape, begin, stop, follows = plain.groups()
            if "\\" in name:
                if len(name) > MAX_NAME:
                    raise BoundExceeded(_NAME, MAX_NAME, "characters")
                name = unescaped(name)
            if name != "__metadata__":
                self._once(name)
                window.at = plain.end()
                self._plain(name, dtype, shape, int(begin), int(stop))
                return follows
        name, cut = window.string(MAX_NAME)
        if cut:
            raise BoundExceeded(_NAME, MAX_NAME, "characters")
        self._once(name)
        window.punctuation(":")
        if name == "__metadata__":
            self._metadata()
            return window.punctuation(",}")
        self._tensor(name)
        return window.punctuation(",}")

    def _plain(self, name: str, dtype: str, shape: str, begin: int, stop: int) -> None:
        """A tensor as the library writes it. Models have few shapes, and each many tensors of it:
        what was measured once is known."""
        known = self.shapes.get((dtype, shape))
        if known is None:
            sides = [int(side) for side in shape.split(",")] if shape else []
            self._range(name, dtype, sides, [begin, stop])
            if len(self.shapes) < _MAX_SHAPES and len(sides) <= _MAX_KNOWN:
                count = math.prod(sides)
                size, rest = divmod(count * DTYPE_BITS[dtype], 8)
                if not rest and max(sides, default=0) <= _EXACT and size <= _EXACT:
                    self.shapes[dtype, shape] = tuple(sides), count, size
            return
        dimensions, count, size = known
        if stop - begin != size or stop > self.body or not name.isprintable() or ".." in name:
            self._range(name, dtype, list(dimensions), [begin, stop])
            return
        self.sides += len(dimensions)
        if self.sides > MAX_SIDES:
            self._sides(0)
        counted = self.counted[dtype]
        counted[0] += 1
        counted[1] += count
        self.each(name, dtype, dimensions, begin, stop)

    def _sides(self, count: int) -> None:
        self.sides += count
        if self.sides > MAX_SIDES:
            raise BoundExceeded("the safetensors header", MAX_SIDES, "dimensions")

    def _once(self, name: str) -> None:
        key = hash(name)
        if key in self.seen:
            self._issue(
                "duplicate-key",
                f"{name[:_SHOWN]!r} stands twice in the header, and readers take different ones",
            )
        self.seen.add(key)
        self.entries += 1
        self.names += len(name)
        if self.names > MAX_NAMES:
            raise BoundExceeded("the names of the safetensors header", MAX_NAMES, "characters")
        if self.entries > MAX_TENSORS:
            raise BoundExceeded("the safetensors header", MAX_TENSORS, "tensors")

    def _empty(self) -> bool:
        rest = self.window.text[self.window.at : self.window.at + 200].lstrip(" \t\n\r")
        if rest.startswith("}"):
            self.window.punctuation("}")
            return True
        return False

    def _metadata(self) -> None:
        """An object of strings only."""
        window = self.window
        try:
            window.punctuation("{")
        except HostileInput as error:
            raise HostileInput("__metadata__ is not an object") from error
        if self._empty():
            return
        keys: set[int] = set()
        for _ in range(MAX_METADATA):
            at = window.offset
            key, _cut = window.string(MAX_NAME)
            if hash(key) in keys:
                self.log.issue(
                    "duplicate-key", f"{key[:_SHOWN]!r} stands twice in __metadata__", at
                )
            keys.add(hash(key))
            window.punctuation(":")
            self._text(key, at)
            if window.punctuation(",}") == "}":
                return
        raise BoundExceeded("the safetensors metadata", MAX_METADATA, "entries")

    def _text(self, key: str, at: int) -> None:
        rest = self.window.text[self.window.at : self.window.at + 200].lstrip(" \t\n\r")
        if rest and not rest.startswith('"'):
            raise HostileInput("__metadata__ holds something else than strings")
        text, cut = self.window.string(max(MAX_TEXT - self.searched, 0))
        self.searched += len(text)
        if cut:
            self.log.gap(f"metadata of more than {MAX_TEXT} characters was not searched")
        if len(text) >= 24:
            self.hidden.search(text, f"the metadata {key[:_SHOWN]!r}", at)
        if key.endswith("chat_template"):
            inspect_template(text, self.log, at)
        if self.metadata is not None and len(text) <= _MAX_KEPT and len(key) <= _MAX_KEPT:
            self.metadata.setdefault(key, text)

    def _tensor(self, name: str) -> None:
        """One tensor's description, in any order and with any spaces."""
        try:
            entry = self.window.value(DECODER)
        except BoundExceeded:
            raise
        except HostileInput as error:
            raise HostileInput(f"the description of {name[:_SHOWN]!r} is malformed") from error
        if type(entry) is not dict or not entry.keys() >= _FIELDS:
            raise HostileInput(f"the description of {name[:_SHOWN]!r} is incomplete")
        if len(entry) > len(_FIELDS):
            for extra in sorted(entry.keys() - _FIELDS):
                self._issue(
                    "unknown-field",
                    f"{name[:_SHOWN]!r} has the unknown field {extra[:_SHOWN]!r}",
                )
        self._range(name, entry["dtype"], entry["shape"], entry["data_offsets"])

    def _range(self, name: str, dtype: object, shape: object, offsets: object) -> None:
        if not name or ".." in name or not name.isprintable():
            self._name(name)
        bits = DTYPE_BITS.get(dtype) if isinstance(dtype, str) else None
        if bits is None or not isinstance(dtype, str):
            raise HostileInput(f"{name[:_SHOWN]!r} has the unknown type {str(dtype)[:40]!r}")
        if not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
            raise HostileInput(f"{name[:_SHOWN]!r} has a malformed shape or range")
        if len(shape) > _MAX_RANK:
            raise HostileInput(f"{name[:_SHOWN]!r} has {len(shape)} dimensions")
        self._sides(len(shape))
        count, overflow = 1, False
        for side in shape:
            count = min(count * side, COUNT)
            overflow = overflow or count * bits >= COUNT
        begin, stop = offsets
        if overflow or max(stop, *shape, 0) > _EXACT:
            self._issue("bad-number", f"the shape or range of {name[:_SHOWN]!r} is beyond 2^53")
        if count * bits % 8 or stop - begin != count * bits // 8:
            self._issue(
                "size-mismatch",
                f"{name[:_SHOWN]!r} needs {count * bits / 8:g} bytes by type and "
                f"shape, and its range holds {stop - begin}",
            )
        if stop < begin or stop > self.body:
            self._issue("range-outside", f"the range of {name[:_SHOWN]!r} is not inside the file")
        counted = self.counted.setdefault(dtype, [0, 0])
        counted[0] += 1
        counted[1] += min(count, _EXACT)
        self.each(name, dtype, tuple(shape), begin, stop)

    def _name(self, name: str) -> None:
        if not name or _CONTROL.search(name) or _climbs(name):
            self._issue("odd-name", f"{name[:_SHOWN]!r} is no name for a tensor")

    def _issue(self, code: str, message: str) -> None:
        if not self.log.is_full(code):  # telling the offset takes a walk through the window
            self.log.issue(code, message, self.window.offset)


def _climbs(name: str) -> bool:
    return ".." in name.replace("\\", "/").split("/")


def _counts(value: object) -> TypeGuard[list[int]]:
    return type(value) is list and all(type(item) is int for item in value)
