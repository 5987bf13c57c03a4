"""``weight.bin`` of Core ML packages: the blob storage format, version 2.

Source: ``MILBlob/Blob/StorageFormat.hpp`` and ``StorageReader.cpp`` of coremltools. A header of 64
bytes holds the count of blobs and the version. Then, each at a multiple of 64: a blob's metadata of
64 bytes (sentinel, type, bytes, the data's place, bits of padding) and its data.
"""

from __future__ import annotations

import struct

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, Field
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.source import Source

MAX_BLOBS = 100_000
_HEADER = struct.Struct("<II56s")
_METADATA = struct.Struct("<IIQQQ32x")
_ALIGNMENT = 64
_SENTINEL = 0xDEADBEEF
_VERSION = 2
# BlobDataType.hpp: number -> (name, bits of an element).
_DTYPES = {
    1: ("FLOAT16", 16), 2: ("FLOAT32", 32), 3: ("UINT8", 8), 4: ("INT8", 8), 5: ("BFLOAT16", 16),
    6: ("INT16", 16), 7: ("UINT16", 16), 8: ("INT4", 4), 9: ("UINT1", 1), 10: ("UINT2", 2),
    11: ("UINT4", 4), 12: ("UINT3", 3), 13: ("UINT6", 6), 14: ("INT32", 32), 15: ("UINT32", 32),
    16: ("FLOAT8E4M3FN", 8), 17: ("FLOAT8E5M2", 8),
}  # fmt: skip


def inspect(source: Source, log: Log) -> None:
    """Check a weight file.

    Raises:
        HostileInput: the header, or a blob's metadata, cannot be read.
        BoundExceeded: there are too many blobs.
    """
    file = ProtobufFile(source, log)  # which it is not, and reads like one
    try:
        _walk(file, log)
    finally:
        file.finish()


def _walk(file: ProtobufFile, log: Log) -> None:
    wire = file.wire
    header = wire.read(0, _HEADER.size)
    if len(header) < _HEADER.size:
        raise HostileInput("the weight file ends in its header")
    count, version, rest = _HEADER.unpack(header)
    if version != _VERSION:
        raise HostileInput(f"version {version} of the blob storage does not exist")
    if any(rest):
        log.issue("hidden-data", "the reserved bytes of the header are not zero", 8)
    if count > MAX_BLOBS:
        raise BoundExceeded("the weight file", MAX_BLOBS, "blobs")
    end = _ALIGNMENT
    for number in range(count):
        end = _blob(file, log, -(-end // _ALIGNMENT) * _ALIGNMENT, number)
    if wire.size - end >= _ALIGNMENT:
        log.issue(
            "trailing-data", f"{wire.size - end} bytes behind the last blob belong to none", end
        )


def _blob(file: ProtobufFile, log: Log, at: int, number: int) -> int:
    """One blob; the offset behind it."""
    wire = file.wire
    raw = wire.read(at, _METADATA.size) if at < wire.size else b""
    if len(raw) < _METADATA.size:
        raise HostileInput(f"blob {number} is announced, and the file ends at byte {wire.size}")
    sentinel, dtype, size, start, padding = (int(part) for part in _METADATA.unpack(raw))
    if sentinel != _SENTINEL:
        raise HostileInput(f"no metadata of a blob at byte {at}")
    if start != at + _METADATA.size or start + size > wire.size:
        raise HostileInput(f"blob {number} has {size} bytes at byte {start}, outside of its place")
    label, bits = _DTYPES.get(dtype, (f"type {dtype}", 0))
    if not bits:
        log.gap(f"no reader for the blob type {dtype}")
    elif padding > 7 or (bits >= 8 and (padding or size * 8 % bits)):
        log.issue("size-mismatch", f"{size} bytes do not hold whole elements of {label}", at)
    log.tensor(label, (size * 8 - min(padding, 7)) // bits if bits and size else 0)
    file.glance(Field(0, LEN, 0, start, size), f"blob {number}")
    return start + size
