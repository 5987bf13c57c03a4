"""A GGUF file's header: what stands before the data, walked once and in bounded memory."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.gguf.cursor import Cursor
from weighbridge.weights.gguf.types import (
    ARRAY,
    BOOL,
    ELSEWHERE,
    FLOATS,
    SIGNED,
    STRING,
    TYPES,
    U32,
    WIDTHS,
)
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.log import Log
from weighbridge.weights.places import placed
from weighbridge.weights.source import Source
from weighbridge.weights.templates import inspect_template

MAX_TENSORS = 65_536
MAX_KEYS = 100_000
MAX_STRINGS = 5_000_000  # in all arrays of one file
MAX_NAMES = 16 * 2**20  # bytes of all keys and tensor names
MAX_TEMPLATE = 2**22  # bytes of all chat templates
MAX_TEMPLATES = 200
MAX_TEXT = 2**22  # bytes of all text values that are searched for what hides in them
MAX_ARRAYS = 50_000  # arrays inside arrays
_MAX_KEY, _MAX_NAME, _MAX_DIMS, _MAX_NESTING = 65_535, 64, 4, 4
# Image and video models, whose loaders are built with room for longer names: 127 bytes and a NUL
# (stable-diffusion.cpp, GGML_MAX_NAME; ComfyUI-GGUF, tools/convert.py, MAX_TENSOR_NAME_LENGTH).
_MAX_LONG_NAME = 127
_LONG_NAMES = frozenset({
    "flux", "sd1", "sd3", "sdxl", "aura", "hidream", "cosmos", "ltxv", "hyvid", "wan", "lumina2",
    "qwen_image", "pig", "chroma", "diffusion",
})  # fmt: skip
_MAX_KEPT = 200  # bytes of a text value that is kept
_TEMPLATE = b"tokenizer.chat_template"  # and tokenizer.chat_template.<name>
_TOKENS = b"tokenizer.ggml.tokens"
# Keys that loaders read as one type and no other (gguf.md; ggml/src/gguf.cpp, llama-model-loader).
_REQUIRED = {
    b"general.architecture": STRING, b"general.name": STRING, b"general.alignment": U32,
    b"tokenizer.chat_template": STRING, b"tokenizer.ggml.model": STRING,
    b"tokenizer.ggml.tokens": ARRAY, b"tokenizer.ggml.scores": ARRAY,
    b"tokenizer.ggml.token_type": ARRAY,
}  # fmt: skip
# One entry for each token (llama-vocab.cpp reads them side by side).
_PER_TOKEN = (b"tokenizer.ggml.scores", b"tokenizer.ggml.token_type")
# What is kept of a header; the rest is walked over.
_KEPT = re.compile(
    rb"general\.[a-z0-9_.]+|split\.[a-z_.]+|[\w-]+\.(?:block_count|embedding_length|vocab_size"
    rb"|context_length|feed_forward_length|expert_count|attention\.head_count(?:_kv)?)"
)


@dataclass(frozen=True, slots=True)
class Tensor:
    """``offset`` counts from the start of the data, ``at`` is where the entry stands."""

    name: bytes
    shape: tuple[int, ...]
    kind: int
    offset: int
    count: int
    at: int


@dataclass(slots=True)
class Header:
    """``start`` is the first byte of data; ``values`` are numbers, truth values and short texts;
    ``tokens`` the length of the vocabulary, -1 where there is none."""

    version: int = 0
    big: bool = False
    alignment: int = 32
    start: int = 0
    tokens: int = -1
    values: dict[str, int | str] = field(default_factory=dict)
    tensors: list[Tensor] = field(default_factory=list)


def read_header(source: Source, log: Log) -> Header | None:
    """The header, None where its version has no reader here.

    Raises:
        HostileInput: it cannot be read on.
        BoundExceeded: it holds more than is read here.
    """
    cursor = Cursor(source.open(), source.size)
    try:
        with placed(lambda: cursor.pos):
            return _Reader(cursor, log).read()
    finally:
        log.bytes_read += cursor.taken


class _Reader:
    def __init__(self, cursor: Cursor, log: Log) -> None:
        self.cursor, self.log, self.header = cursor, log, Header()
        self.strings = self.names = self.arrays = self.searched = 0
        self.templates = self.template_bytes = 0
        self.hidden = HiddenText(log)
        self.lengths: dict[bytes, int] = {}  # of the arrays that belong to the vocabulary

    def read(self) -> Header | None:
        cursor, header = self.cursor, self.header
        if cursor.take(4) != b"GGUF":
            raise HostileInput("the file does not start with GGUF")
        version = cursor.take(4)
        if version[:2] == b"\0\0" and version != bytes(4):  # as gguf.cpp and gguf-py tell them
            header.big, cursor.order = True, "big"
        header.version = int.from_bytes(version, cursor.order)
        if header.version == 1:
            self.log.issue("bad-version", "GGUF version 1, which loaders refuse since 2023", 4)
            self.log.gap("no reader for GGUF version 1")
            return None
        if header.version not in (2, 3):
            raise HostileInput(f"GGUF version {header.version} does not exist")
        tensors, keys = cursor.u64(), cursor.u64()
        # The least that one takes: a name's length, a type, a byte; and 24 bytes for a tensor.
        if keys * 13 > cursor.left or tensors * 24 > cursor.left:
            raise HostileInput("the header announces more entries than the file has room for")
        if keys > MAX_KEYS:
            raise BoundExceeded("the GGUF header", MAX_KEYS, "keys")
        if tensors > MAX_TENSORS:
            raise BoundExceeded("the GGUF header", MAX_TENSORS, "tensors")
        if not keys and not tensors:
            raise HostileInput("the header announces neither keys nor tensors")
        self._keys(keys)
        self._vocabulary()
        self._tensors(tensors)
        header.start = -(-cursor.pos // header.alignment) * header.alignment
        return header

    def _vocabulary(self) -> None:
        tokens = self.lengths.get(_TOKENS)
        for key in _PER_TOKEN:
            length = self.lengths.get(key, tokens)
            if tokens is not None and length != tokens:
                message = f"{key.decode()} has {length} entries for {tokens} tokens"
                self.log.issue("bad-value", message)

    def _name(self, longest: int, what: str) -> bytes:
        at = self.cursor.pos
        length = self.cursor.u64()
        if length > longest:
            raise HostileInput(f"a {what} of {length} bytes at byte {at}")
        self.names += length
        if self.names > MAX_NAMES:
            raise BoundExceeded("the names of the GGUF header", MAX_NAMES, "bytes")
        return self.cursor.take(length)

    def _keys(self, count: int) -> None:
        seen: set[bytes] = set()
        for _ in range(count):
            at = self.cursor.pos
            key = self._name(_MAX_KEY, "key")
            if not key:
                raise HostileInput(f"a key of 0 bytes at byte {at}")
            if key in seen:
                self.log.issue("duplicate-key", f"{key[:80]!r} stands twice in the header", at)
            seen.add(key)
            if not key.isascii() or not key.decode("ascii").isprintable():
                self.log.issue("odd-name", f"{key[:80]!r} is no key", at)
            self._value(key, self.cursor.u32())

    def _value(self, key: bytes, kind: int) -> None:
        at = self.cursor.pos
        wanted = _REQUIRED.get(key)
        if wanted is not None and kind != wanted:
            message = f"{key[:80]!r} has the value type {kind}, and loaders take {wanted} alone"
            self.log.issue("bad-value", message, at)
        if kind == STRING:
            self._text(key)
        elif kind == ARRAY:
            self._array(key, 0)
        elif kind in WIDTHS:
            value = self.cursor.number(WIDTHS[kind], signed=kind in SIGNED)
            if kind == BOOL and value > 1:
                self.log.issue("bad-value", f"{key[:80]!r} is a truth value of {value}", at)
            if key == b"general.alignment":
                self._align(kind, value, at)
            if kind not in FLOATS and _KEPT.fullmatch(key):
                self.header.values[key.decode("ascii")] = value
        else:
            raise HostileInput(f"the value type {kind} at byte {at} does not exist")

    def _text(self, key: bytes) -> None:
        cursor = self.cursor
        length, at = cursor.u64(), cursor.pos
        template = key == _TEMPLATE or key.startswith(_TEMPLATE + b".")
        if template:
            self.templates += 1
            self.template_bytes += length
        else:
            self.searched += length
        if self.template_bytes > MAX_TEMPLATE or self.templates > MAX_TEMPLATES:
            self.log.gap(
                f"chat templates beyond {MAX_TEMPLATES} or {MAX_TEMPLATE} bytes were not read"
            )
            cursor.skip(length)
            return
        if self.searched > MAX_TEXT:
            self.log.gap(f"texts beyond {MAX_TEXT} bytes were not searched")
            cursor.skip(length)
            return
        raw = cursor.take(length)
        if template:
            inspect_template(raw.decode("utf-8", "replace"), self.log, at)
        elif key.startswith(b"general.") and not _is_text(raw):
            self.log.issue("bad-value", f"{key[:80]!r} is no UTF-8 text", at)
        elif length >= 24:
            text = raw.decode("utf-8", "replace")
            self.hidden.search(text, f"the text {key[:80]!r}", at)
        if length <= _MAX_KEPT and _KEPT.fullmatch(key):
            self.header.values[key.decode("ascii")] = raw.decode("utf-8", "replace")

    def _array(self, key: bytes, depth: int) -> None:
        cursor = self.cursor
        kind, count = cursor.u32(), cursor.u64()
        if not depth and key in (*_PER_TOKEN, _TOKENS):
            self.lengths[key] = count
        if kind in WIDTHS:
            self._numbers(key, kind, count)
            return
        if kind not in (STRING, ARRAY) or depth >= _MAX_NESTING:
            raise HostileInput(f"an array of the value type {kind}, {depth + 1} deep")
        if count * (8 if kind == STRING else 12) > cursor.left:
            raise HostileInput("an array announces more entries than the file has room for")
        self.strings += count
        if self.strings > MAX_STRINGS:
            raise BoundExceeded("the GGUF header", MAX_STRINGS, "strings in arrays")
        if kind == ARRAY:
            self.arrays += count
            if self.arrays > MAX_ARRAYS:
                raise BoundExceeded("the GGUF header", MAX_ARRAYS, "arrays in arrays")
            for _ in range(count):
                self._array(key, depth + 1)
        elif key.startswith(_TEMPLATE):
            for _ in range(count):
                self._text(key)
        else:
            cursor.skip_strings(count)
        if key == _TOKENS:
            self.header.tokens = count

    def _numbers(self, key: bytes, kind: int, count: int) -> None:
        if kind == BOOL:
            self._truths(key, count)
        else:
            self.cursor.skip(count * WIDTHS[kind])

    def _truths(self, key: bytes, count: int) -> None:
        if count > self.cursor.left:
            raise HostileInput("an array announces more entries than the file has room for")
        while count:
            part = self.cursor.take(min(count, 2**18))
            if part.translate(None, b"\0\1"):
                self.log.issue("bad-value", f"{key[:80]!r} holds truth values above 1")
            count -= len(part)

    def _align(self, kind: int, value: int, at: int) -> None:
        """A multiple of 8 (gguf.md), a power of two (gguf.cpp)."""
        if kind != U32 or value < 8 or value & (value - 1) or value > 2**20:
            self.log.issue("bad-alignment", f"an alignment of {value} is not allowed", at)
        else:
            self.header.alignment = value

    def _tensors(self, count: int) -> None:
        seen: set[bytes] = set()
        architecture = self.header.values.get("general.architecture", "")
        longest = _MAX_LONG_NAME if architecture in _LONG_NAMES else _MAX_NAME
        for _ in range(count):
            at = self.cursor.pos
            name = self._name(_MAX_KEY, "tensor name")
            if len(name) > longest:
                self.log.issue(
                    "odd-name", f"the tensor name {name[:80]!r} is longer than {longest} bytes", at
                )
            if not _is_name(name):
                self.log.issue("odd-name", f"{name[:80]!r} is no name for a tensor", at)
            if name in seen:
                self.log.issue("duplicate-key", f"two tensors are called {name[:80]!r}", at)
            seen.add(name)
            self._tensor(name, at)

    def _tensor(self, name: bytes, at: int) -> None:
        cursor = self.cursor
        dims = cursor.u32()
        if dims > _MAX_DIMS:
            raise HostileInput(f"the tensor {name[:80]!r} has {dims} dimensions")
        form = f"{'>' if self.header.big else '<'}{dims}Q"
        shape: tuple[int, ...] = struct.unpack(form, cursor.take(8 * dims))
        kind, offset = cursor.u32(), cursor.u64()
        count = math.prod(shape)
        if count > 2**53 or count == 0:
            self.log.issue(
                "bad-shape", f"the shape of {name[:80]!r} holds no or too many numbers", at
            )
            return
        if offset % self.header.alignment:
            self.log.issue("bad-alignment", f"the data of {name[:80]!r} is not aligned", at)
        if kind not in TYPES:
            if kind not in ELSEWHERE:
                self.log.issue("unknown-type", f"{name[:80]!r} has the unknown type {kind}", at)
            self.log.gap(f"no reader for GGUF tensor type {kind}")
        else:
            self.log.tensor(TYPES[kind][0], count)
        self.header.tensors.append(Tensor(name, shape, kind, offset, count, at))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_name(name: bytes) -> bool:
    """UTF-8 without control characters: readers in C end a name at its first NUL."""
    return bool(name) and _is_text(name) and not any(byte < 32 or byte == 127 for byte in name)
