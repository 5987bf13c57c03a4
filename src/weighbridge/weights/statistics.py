"""Numbers worth a look: what a tensor's bytes show without knowing the model.

Information, never a verdict: a NaN may be meant, a zero tensor may wait for training. The standard
library alone: floating-point numbers are taken apart by slices of every n-th byte, which C does.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from weighbridge.weights.extents import TensorExtent
from weighbridge.weights.floats import FLOATS, Floats, Low
from weighbridge.weights.source import Readable, Source

SAMPLE = 16 * 1024  # bytes at a tensor's start, for entropy
_BLOCK = 2**20  # bytes read at once: a multiple of every element's width
_HEAD = 64 * 1024  # bytes by which tensors of one length are first compared
_WIDTHS = {
    "BOOL": 1, "I8": 1, "U8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "F8_E4M3FNUZ": 1,
    "F8_E5M2FNUZ": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4,
    "I64": 8, "U64": 8, "F64": 8, "C64": 8, "C128": 16,
}  # fmt: skip
# Floats whose exponents lie close together in any trained tensor, so that one byte in two or four
# is far from random; and the entropy that only compressed, encrypted or random bytes reach.
_PEAKED = frozenset({"F16", "BF16", "F32", "F64"})
_RANDOM = 797
_FEW = 10  # tensors that a comparison with all others needs

METHODS: dict[str, str] = {
    "nan": "exponent bits all set and a fraction that is not zero",
    "infinite": "exponent bits all set and a fraction of zero",
    "zero": "every byte is zero",
    "constant": "every element has the bytes of the first",
    "same_as": "the same type, length and SHA-256 of all bytes; constant tensors left out",
    "entropy": f"Shannon entropy of the first {SAMPLE} bytes, in hundredths of a bit a byte",
    "narrow": "the fraction's low 16 (BF16) or 13 (F16) bits are zero in nearly all of F32",
    "starts_like": "the first bytes are the mark of a file format",
}


@dataclass(frozen=True, slots=True)
class TensorNumbers:
    """What one tensor's bytes show; :data:`METHODS` says how each is found.

    ``nan`` and ``infinite`` are -1 for types that have no such values or whose blocks are not taken
    apart; ``entropy`` is -1 where the tensor is shorter than :data:`SAMPLE`. ``narrow`` is the type
    that all but ``wide`` of the numbers would fit. ``same_as`` names the first tensor with the same
    bytes. ``unread`` says why nothing of this is known.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    length: int
    nan: int = -1
    infinite: int = -1
    zero: bool = False
    constant: bool = False
    entropy: int = -1
    narrow: str = ""
    wide: int = 0
    same_as: str = ""
    starts_like: str = ""
    unread: str = ""


def numbers(
    source: Source,
    tensors: Sequence[TensorExtent],
    feed: Callable[[bytes], object] | None = None,
) -> tuple[TensorNumbers, ...]:
    """The statistics of every tensor, in the order of their place in the file.

    One pass over the file; a second over tensors whose first bytes, type and length are the same.

    Args:
        source: seekable.
        tensors: as :func:`weighbridge.weights.extents.extents` gives them.
        feed: called with every byte of the file in order, as for a digest of the whole; without
            it, what belongs to no tensor is not read.
    """
    found: list[TensorNumbers] = []
    places: list[TensorExtent] = []
    heads: list[bytes] = []
    stream = source.open()
    at = 0
    for tensor in sorted(tensors, key=lambda t: (t.start, t.length, t.name)):
        if tensor.start < at or tensor.start + tensor.length > source.size:
            found.append(_unread(tensor, "it overlaps another or ends outside the file"))
        elif tensor.length % _WIDTHS.get(tensor.dtype.lstrip(">"), 1):
            found.append(_unread(tensor, "its length is not that of whole elements"))
        else:
            _between(stream, at, tensor.start, feed)
            meter = Meter(tensor)
            for block in _blocks(stream, tensor.length):
                meter.update(block)
                if feed is not None:
                    feed(block)
            at = tensor.start + tensor.length
            found.append(meter.result())
            places.append(tensor)
            heads.append(meter.head)
            continue
        places.append(tensor)
        heads.append(b"")
    if feed is not None:
        _between(stream, at, source.size, feed)
    return _duplicates(source, found, places, heads)


def _unread(tensor: TensorExtent, why: str) -> TensorNumbers:
    return TensorNumbers(tensor.name, tensor.dtype, tensor.shape, tensor.length, unread=why)


def _between(
    stream: Readable, start: int, stop: int, feed: Callable[[bytes], object] | None
) -> None:
    if feed is None:
        stream.seek(stop)
        return
    for block in _blocks(stream, stop - start):
        feed(block)


def _blocks(stream: Readable, count: int) -> Iterator[bytes]:
    """The next bytes in blocks of :data:`_BLOCK`; fewer where the file has been cut meanwhile."""
    while count > 0:
        wanted = min(count, _BLOCK)
        data = stream.read(wanted)
        while 0 < len(data) < wanted and (part := stream.read(wanted - len(data))):
            data += part
        if not data:
            return
        yield data
        count -= len(data)


class Meter:
    """Takes one tensor's bytes block by block, each but the last :data:`_BLOCK` long."""

    def __init__(self, tensor: TensorExtent) -> None:
        self.tensor = tensor
        dtype = tensor.dtype.lstrip(">")
        self._width = _WIDTHS.get(dtype, 1)
        self._floats = Floats(FLOATS[dtype], big=tensor.dtype != dtype) if dtype in FLOATS else None
        self._low = Low() if tensor.dtype == "F32" else None
        self._first: bytes | None = None
        self._pattern = b""
        self._constant = True
        self._entropy = -1
        self._starts = ""
        self.head = b""  # digest of the first bytes

    def update(self, block: bytes) -> None:
        """The next bytes."""
        if self._first is None:
            self._start(block)
        if self._constant:
            self._constant = block == self._pattern[: len(block)]
        if self._floats is not None:
            self._floats.update(block)
        if self._low is not None and not self._constant:
            self._low.update(block)

    def _start(self, block: bytes) -> None:
        self._first = block[: self._width]
        self._pattern = self._first * (min(_BLOCK, self.tensor.length) // self._width)
        self._starts = starts_like(block)
        self.head = hashlib.blake2b(block[:_HEAD], digest_size=16).digest()
        if len(block) >= SAMPLE:
            self._entropy = entropy(block[:SAMPLE])

    def result(self) -> TensorNumbers:
        """What was found."""
        tensor, floats, low = self.tensor, self._floats, self._low
        seen = self._first is not None
        constant = seen and self._constant and tensor.length > self._width
        plain = low is not None and not constant and seen
        return TensorNumbers(
            tensor.name,
            tensor.dtype,
            tensor.shape,
            tensor.length,
            nan=floats.nan if floats is not None else -1,
            infinite=floats.infinite if floats is not None else -1,
            zero=seen and self._constant and not (self._first or b"").strip(b"\0"),
            constant=constant,
            entropy=self._entropy,
            narrow=low.narrow if plain and low is not None else "",
            wide=low.wide if plain and low is not None else 0,
            starts_like=self._starts,
        )


def entropy(sample: bytes) -> int:
    """Hundredths of a bit a byte: 0 where all are the same, near 800 where they are random."""
    total = len(sample)
    bits = math.fsum(-n / total * math.log2(n / total) for n in Counter(sample).values())
    return round(100 * bits)


# Marks of at least four bytes, some with what must follow: a float starts so by chance, rarely.
_MARKS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("an ELF program", re.compile(rb"\x7fELF[\x01\x02][\x01\x02]\x01")),
    ("a Windows program", re.compile(rb"MZ[\s\S]{62}[\s\S]{0,4000}?PE\0\0")),
    ("a zip archive", re.compile(rb"PK\x03\x04[\x00-\x3f]\0")),
    ("a gzip stream", re.compile(rb"\x1f\x8b\x08[\x00-\x1f][\s\S]{4}[\0\2\4][\0-\x0d\xff]")),
    ("a 7z archive", re.compile(rb"7z\xbc\xaf\x27\x1c")),
    ("an xz stream", re.compile(rb"\xfd7zXZ\0")),
    ("a PDF", re.compile(rb"%PDF-[12]\.\d")),
    ("a script", re.compile(rb"#! ?/[\w./-]{3,}")),
    ("a pickle", re.compile(rb"\x80[\x04\x05]\x95[\s\S]{4}\0\0\0\0")),
)  # fmt: skip


def starts_like(head: bytes) -> str:
    """The format whose mark the bytes start with, empty where there is none."""
    return next((name for name, mark in _MARKS if mark.match(head)), "")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth a look: ``kind`` is a key of :data:`METHODS`."""

    tensor: str
    kind: str
    message: str


def remarks(found: Sequence[TensorNumbers]) -> tuple[Remark, ...]:
    """What a person would want to look at, in the order of the tensors."""
    singles = [one for one in found if _is_single(one)]
    upcast = sum(1 for one in singles if one.narrow)
    odd = len(singles) >= _FEW and upcast * 10 >= len(singles) * 9
    out: list[Remark] = []
    for one in found:
        if one.nan > 0:
            out.append(Remark(one.name, "nan", f"{one.nan} numbers are NaN"))
        if one.infinite > 0:
            out.append(Remark(one.name, "infinite", f"{one.infinite} numbers are infinite"))
        if one.zero:
            out.append(Remark(one.name, "zero", "all numbers are zero"))
        elif one.constant:
            out.append(Remark(one.name, "constant", "all numbers are the same"))
        if one.same_as:
            out.append(Remark(one.name, "same_as", f"the bytes are those of {one.same_as}"))
        if one.starts_like:
            out.append(Remark(one.name, "starts_like", f"the bytes start like {one.starts_like}"))
        if one.dtype.lstrip(">") in _PEAKED and one.entropy >= _RANDOM:
            out.append(
                Remark(one.name, "entropy", "the bytes look random, which trained floats do not")
            )
        if one.narrow and one.wide:
            what = f"{one.wide} numbers use low bits that all others leave zero"
            out.append(Remark(one.name, "narrow", what))
        elif odd and not one.narrow and _is_single(one):
            what = "its low bits are used, and those of nearly all other tensors are zero"
            out.append(Remark(one.name, "narrow", what))
    return tuple(out)


def _is_single(one: TensorNumbers) -> bool:
    return one.dtype == "F32" and one.entropy >= 0 and not one.constant


def _duplicates(
    source: Source,
    found: list[TensorNumbers],
    places: list[TensorExtent],
    heads: list[bytes],
) -> tuple[TensorNumbers, ...]:
    groups: dict[tuple[str, int, bytes], list[int]] = {}
    for index, (one, head) in enumerate(zip(found, heads, strict=True)):
        if head and not one.constant and not one.unread and one.length > 16:
            groups.setdefault((one.dtype, one.length, head), []).append(index)
    for group in groups.values():
        first: dict[bytes, str] = {}
        for index in group if len(group) > 1 else ():
            digest = _digest(source, places[index])
            name = first.setdefault(digest, found[index].name)
            if name != found[index].name:
                found[index] = replace(found[index], same_as=name)
    return tuple(found)


def _digest(source: Source, tensor: TensorExtent) -> bytes:
    stream = source.open()
    stream.seek(tensor.start)
    total = hashlib.sha256()
    for block in _blocks(stream, tensor.length):
        total.update(block)
    return total.digest()
