"""Where the tensors of a GGUF file lie: inside it, side by side, and nothing in between."""

from __future__ import annotations

import re

from weighbridge.weights.gguf.header import Header, Tensor, read_header
from weighbridge.weights.gguf.texts import search_values
from weighbridge.weights.gguf.types import FORKED, TYPES, extent
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

# Names that llama.cpp gives to a language model's tensors, and no other converter.
_BLOCK = re.compile(rb"token_embd\.weight\Z|blk\.\d+\.(?:attn|ffn)_\w+\.weight\Z")
MAX_PADDING = 16 * 2**20  # bytes of all padding of one file that are looked at
MAX_PLACES = 20_000  # pieces of padding that are looked at


def inspect(source: Source, log: Log) -> None:
    """Check a GGUF file.

    Raises:
        HostileInput: the header cannot be read on.
    """
    header = read_header(source, log)
    if header is None:
        return
    _split(header, log)
    _architecture(header, log)
    search_values(source, header.start, log, big=header.big)
    forked = _forked(header, source.size)
    if forked:
        log.gap("tensors of type Q2_0 or Q8_1 have the size of another build of ggml")
    _Layout(source, header, log, forked=forked).compare()


def _split(header: Header, log: Log) -> None:
    """The keys of a file that is one of several (llama.cpp, ``gguf-split``)."""
    count, number = header.values.get("split.count", 0), header.values.get("split.no", 0)
    total = header.values.get("split.tensors.count", len(header.tensors))
    if not (isinstance(count, int) and isinstance(number, int) and isinstance(total, int)):
        log.issue("bad-value", "a split key is no number")
        return
    if count < 0 or number < 0 or (count and number >= count):
        log.issue("bad-value", f"the file calls itself part {number} of {count}")
    if total < len(header.tensors):
        log.issue("bad-value", f"{len(header.tensors)} tensors, and all parts have {total}")


def _architecture(header: Header, log: Log) -> None:
    """llama.cpp refuses a model that does not name its architecture (``llama-model.cpp``, "unknown
    model architecture"). Files for other loaders do without: what stable-diffusion.cpp converts,
    and llama.cpp's own importance matrices (``general.type`` is ``imatrix``)."""
    if "general.architecture" in header.values or header.values.get("general.type") == "imatrix":
        return
    if any(_BLOCK.match(tensor.name) for tensor in header.tensors):
        log.issue("bad-value", "a language model that does not name its general.architecture")


def _forked(header: Header, size: int) -> bool:
    """Whether only the other sizes of :data:`FORKED` make the tensors tile the data."""
    if not any(tensor.kind in FORKED for tensor in header.tensors):
        return False
    return not _tiles(header, size, forked=False) and _tiles(header, size, forked=True)


def _tiles(header: Header, size: int, *, forked: bool) -> bool:
    at = header.start
    for tensor in sorted(header.tensors, key=lambda tensor: tensor.offset):
        if header.start + tensor.offset != -(-at // header.alignment) * header.alignment:
            return False
        at = header.start + tensor.offset + extent(tensor.kind, tensor.count, forked)
    return at <= size < at + header.alignment


class _Layout:
    def __init__(self, source: Source, header: Header, log: Log, *, forked: bool) -> None:
        self.source, self.header, self.log, self.forked = source, header, log, forked
        self.padding = self.places = 0

    def compare(self) -> None:
        """Every tensor against the file's end and against its neighbors."""
        start, alignment = self.header.start, self.header.alignment
        at, known = 0, True  # behind the last tensor; false where its size is not known
        for tensor in sorted(self.header.tensors, key=lambda t: (t.offset, t.at)):
            length = extent(tensor.kind, tensor.count, self.forked)
            stop = tensor.offset + length
            if tensor.offset < at:
                self._issue("overlapping-tensors", tensor, "overlaps the tensor before it")
            elif known and tensor.offset - at >= alignment:
                self._hole(start + at, tensor.offset - at, f"before {_name(tensor)}")
            elif known:
                self._padding(start + at, tensor.offset - at)
            if start + max(stop, tensor.offset) > self.source.size:
                self._issue("range-outside", tensor, "has data that is not inside the file")
            self._blocks(tensor)
            known = length >= 0
            at = max(at, stop, tensor.offset)
        rest = self.source.size - start - at
        if known and rest >= alignment:
            self.log.issue(
                "trailing-data",
                f"{rest} bytes behind the last tensor belong to none",
                start + at,
            )
        elif known and rest > 0:
            self._padding(start + at, rest)

    def _blocks(self, tensor: Tensor) -> None:
        """Rows are made of whole blocks (gguf.cpp)."""
        if tensor.kind not in TYPES:
            return
        block = TYPES[tensor.kind][1]
        if self.forked:
            block = FORKED.get(tensor.kind, (block, 0))[0]
        if (tensor.shape[0] if tensor.shape else 1) % block:
            self._issue("bad-shape", tensor, "has rows that are not made of whole blocks")

    def _issue(self, code: str, tensor: Tensor, what: str) -> None:
        self.log.issue(code, f"{_name(tensor)} {what}", self.header.start + tensor.offset)

    def _hole(self, at: int, length: int, where: str) -> None:
        self.log.issue("hidden-data", f"{length} bytes {where} belong to no tensor", at)

    def _padding(self, at: int, length: int) -> None:
        """Padding is zeros (gguf.md); with a large alignment there is room for something else."""
        length = min(length, self.source.size - at)
        if length <= 0:
            return
        self.padding += length
        self.places += 1
        if self.padding > MAX_PADDING or self.places > MAX_PLACES:
            self.log.gap(
                f"padding beyond {MAX_PADDING} bytes or {MAX_PLACES} places was not looked at"
            )
            return
        stream = self.source.open()
        stream.seek(at)
        while length > 0 and (part := stream.read(min(length, 2**18))):
            if part.strip(b"\0"):
                self.log.issue("hidden-data", "the padding between tensors is not zeros", at)
                return
            length -= len(part)


def _name(tensor: Tensor) -> str:
    return repr(tensor.name[:80])
