"""TensorFlow checkpoints: the ``.index`` table of a tensor bundle.

Source: ``tensorflow/core/lib/io/table_format.txt`` (LevelDB's table: blocks of sorted entries, a
48-byte footer), ``tensor_bundle.proto`` and ``tensor_bundle.h``. The ``.data-NNNNN-of-NNNNN`` files
beside it have no marks of their own: they are the tensors' raw bytes, at the offsets that the index
gives, and :class:`Bundle` says how long each must be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from weighbridge.formats.crc32c import masked_crc32c
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import protobuf
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import I32, LEN, VARINT, Budget, Field, Wire
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow.tensors import DTYPES, STRING, Tensor, read_shape

MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
FOOTER = 48
MAX_BLOCK = 16 * 2**20  # bytes of one block; TensorFlow's blocks have a quarter of a megabyte
MAX_ENTRIES = 300_000
MAX_SHARDS = 100_000
_MAX_SUMMED = 2 * 2**20  # bytes whose checksums are compared
_MAX_HOLE = 4096  # bytes that aligning tensors may leave between them
_DATA_NAME = re.compile(r".*\.data-(\d{5})-of-(\d{5})\Z", re.S)
_RAW_SIZES = frozenset((7, 20, 21))  # string, resource, variant: no fixed size


@dataclass(frozen=True, slots=True)
class Bundle:
    """What an index says: for each of ``shards`` data files how many bytes its tensors take."""

    shards: int
    extents: dict[int, int]


@dataclass(slots=True)
class _Entry:
    """A ``BundleEntryProto``."""

    tensor: Tensor = field(default_factory=Tensor)
    shard: int = 0
    offset: int = 0
    size: int = 0
    slices: int = 0


def is_data_shard(name: str) -> bool:
    """Whether a file's name is that of a checkpoint's data, which an index beside it describes."""
    return _DATA_NAME.match(name) is not None


def inspect_checkpoint_index(source: Source, log: Log) -> None:
    """Check a checkpoint's index.

    Raises:
        HostileInput: it is no table of tensors.
    """
    read_bundle(source, log)


def read_bundle(source: Source, log: Log) -> Bundle:
    """Every tensor of the index, into ``log``.

    Raises:
        HostileInput: it is no table of tensors.
        BoundExceeded: it is too large.
    """
    table = _Table(source, log)
    bundle = _Bundle(table.wire, log)
    try:
        for key, place in table.entries():
            bundle.read(key, place)
        return bundle.finish()
    finally:
        log.bytes_read += table.taken + table.wire.taken


class _Table:
    """A LevelDB table of uncompressed blocks."""

    def __init__(self, source: Source, log: Log) -> None:
        self.size, self.log = source.size, log
        self.wire = Wire(source)
        self._stream = source.open()
        self.taken = self._summed = 0

    def entries(self) -> Iterator[tuple[bytes, Field]]:
        """Keys in order, with the place of their value in the file."""
        if self.size < FOOTER:
            raise HostileInput("the file is too short for a table")
        footer = self._read(self.size - FOOTER, FOOTER)
        if footer[-8:] != MAGIC:
            raise HostileInput("the table's footer does not end with its magic number")
        meta, at = _handle(footer, 0)
        index, _ = _handle(footer, at)
        last, count = b"", 0
        blocks = [meta, index]
        for _, place in self._block(*index):
            raw = self._read(place.start, min(place.length, 20))
            blocks.append(_handle(raw, 0)[0])
            for key, value in self._block(*blocks[-1]):
                count += 1
                if count > MAX_ENTRIES:
                    raise BoundExceeded("the checkpoint's index", MAX_ENTRIES, "entries")
                if key <= last and count > 1:
                    self.log.issue(
                        "unsorted-keys", f"{key[:80]!r} does not come after the key before it",
                        value.start,
                    )  # fmt: skip
                last = key
                yield key, value
        self._compare_blocks(blocks)

    def _compare_blocks(self, blocks: list[tuple[int, int]]) -> None:
        """Blocks must tile the file up to its footer."""
        at = 0
        for offset, size in sorted(blocks):
            if offset > at:
                self.log.issue("hidden-data", f"{offset - at} bytes belong to no block", at)
            elif offset < at:
                self.log.issue("overlapping-blocks", "a block overlaps the one before", offset)
            at = max(at, offset + size + 5)
        if at < self.size - FOOTER:
            self.log.issue("hidden-data", f"{self.size - FOOTER - at} bytes belong to no block", at)

    def _read(self, start: int, count: int) -> bytes:
        if start < 0 or start + count > self.size:
            raise HostileInput(f"{count} bytes at offset {start} are not inside the file")
        self._stream.seek(start)
        data = self._stream.read(count)
        while len(data) < count:
            more = self._stream.read(count - len(data))
            if not more:
                raise HostileInput("the file is shorter than it was")
            data += more
        self.taken += count
        return data

    def _block(self, offset: int, size: int) -> Iterator[tuple[bytes, Field]]:
        """A block's entries: each key shares its beginning with the one before."""
        if offset + size + 5 > self.size - FOOTER:
            raise HostileInput(f"the block at offset {offset} reaches into the footer")
        if size > MAX_BLOCK:
            raise BoundExceeded("a block of the checkpoint's index", MAX_BLOCK, "bytes")
        data = self._read(offset, size + 5)
        kind, checksum = data[size], int.from_bytes(data[size + 1 :], "little")
        self._summed += size
        if self._summed <= _MAX_SUMMED and masked_crc32c(data[: size + 1]) != checksum:
            self.log.issue("crc-mismatch", "a block's checksum is wrong", offset)
        if kind:
            name = "snappy" if kind == 1 else f"type {kind}"
            raise BoundExceeded(f"the block's compression ({name})", 0, "readers here")
        restarts = int.from_bytes(data[size - 4 : size], "little") if size >= 4 else -1
        end = size - 4 - 4 * restarts
        if restarts < 0 or end < 0:
            raise HostileInput(f"the block at offset {offset} is too short for its restarts")
        at, key = 0, b""
        while at < end:
            shared, at = _varint(data, at)
            fresh, at = _varint(data, at)
            length, at = _varint(data, at)
            if shared > len(key) or at + fresh + length > end or fresh > 65_536:
                raise HostileInput(f"an entry of the block at offset {offset} is malformed")
            key = key[:shared] + data[at : at + fresh]
            at += fresh
            yield key, Field(0, LEN, 0, offset + at, length)
            at += length


class _Bundle:
    """The tensors of an index."""

    def __init__(self, wire: Wire, log: Log) -> None:
        self.wire, self.log = wire, log
        self.budget = Budget()
        self.shards = -1
        self.ranges: list[tuple[int, int, int]] = []

    def read(self, key: bytes, place: Field) -> None:
        """One entry; that of the empty key is the header."""
        if not key:
            self._header(place)
            return
        if self.shards < 0:
            raise HostileInput("the checkpoint's index does not start with its header")
        entry = self._entry(place)
        self._check(key, entry, place.start)

    def _header(self, place: Field) -> None:
        self.shards = 0
        for found in protobuf.fields(self.wire, place.start, place.end, self.budget):
            if found.number == 1 and found.wire == VARINT:
                self.shards = found.value
        if self.shards > MAX_SHARDS:
            raise BoundExceeded("the checkpoint", MAX_SHARDS, "data files")

    def _entry(self, place: Field) -> _Entry:
        entry = _Entry()
        for found in protobuf.fields(self.wire, place.start, place.end, self.budget):
            if found.wire == VARINT:
                if found.number == 1:
                    entry.tensor.dtype = found.value
                elif found.number == 3:
                    entry.shard = found.value
                elif found.number == 4:
                    entry.offset = found.value
                elif found.number == 5:
                    entry.size = found.value
            elif found.wire == LEN and found.number == 2:
                entry.tensor.shape = read_shape(
                    self.wire, found, self.budget, 1, entry.tensor.shape
                )
            elif found.wire == LEN and found.number == 7:
                entry.slices += 1
            elif found.wire != I32:
                raise HostileInput(f"a tensor's entry at byte {place.start} is malformed")
        return entry

    def _check(self, key: bytes, entry: _Entry, start: int) -> None:
        name = repr(key[:80])
        label, width = DTYPES.get(entry.tensor.dtype, ("", 0))
        count = entry.tensor.elements
        if not label:
            self.log.issue("unknown-type", f"{name} has type {entry.tensor.dtype}", start)
            return
        if count < 0 or count >= 2**53:
            self.log.issue("bad-shape", f"{name} has no shape of its own", start)
            return
        if entry.slices:  # its parts have entries of their own
            return
        self.log.tensor(label, count)
        if entry.tensor.dtype not in _RAW_SIZES and entry.size != count * width:
            self.log.issue(
                "size-mismatch",
                f"{name} needs {count * width} bytes by type and shape, "
                f"and its range holds {entry.size}",
                start,
            )
        if entry.tensor.dtype == STRING and entry.size < count:
            self.log.issue("size-mismatch", f"{name} has no room for {count} strings", start)
        if entry.shard >= self.shards:
            self.log.issue(
                "range-outside", f"{name} is in data file {entry.shard} of {self.shards}", start
            )
        elif entry.offset + entry.size >= 2**63:
            self.log.issue("range-outside", f"{name} has a negative offset or size", start)
        else:
            self.ranges.append((entry.shard, entry.offset, entry.offset + entry.size))

    def finish(self) -> Bundle:
        """Compare the tensors' ranges with each other."""
        if self.shards < 0:
            raise HostileInput("the checkpoint's index has no header")
        extents: dict[int, int] = {}
        for shard, begin, stop in sorted(self.ranges):
            at = extents.get(shard, 0)
            if begin < at and stop > begin:
                self.log.issue(
                    "overlapping-tensors",
                    f"two tensors overlap at byte {begin} of data file {shard}",
                )
            elif begin - at > _MAX_HOLE:
                self.log.issue(
                    "hidden-data", f"{begin - at} bytes of data file {shard} belong to no tensor"
                )
            extents[shard] = max(at, stop)
        return Bundle(self.shards, extents)


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """A block's offset and size (``BlockHandle``), and the index behind them."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise HostileInput("a number of the table is cut off")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise HostileInput("a number of the table has more than ten bytes")
