"""The checksum of HDF5's newer metadata: Bob Jenkins' lookup3, little-endian (section I.D)."""

from __future__ import annotations

import struct

from weighbridge.weights.hdf5.file import File
from weighbridge.weights.log import Log

MAX_SUMMED = 256 * 1024  # bytes of one file; a sum tells damage, and no attack is without one

_MASK = 0xFFFFFFFF


def lookup3(data: bytes, start: int = 0) -> int:
    """The 32-bit hash of ``data``."""
    size = len(data)
    c: int
    a = b = c = (0xDEADBEEF + size + start) & _MASK
    whole = max((size - 1) // 12, 0) * 12  # the last 1 to 12 bytes are mixed differently
    for x, y, z in struct.iter_unpack("<III", data[:whole]):
        a, b, c = a + x, b + y, c + z
        a = (a - c & _MASK) ^ (c << 4 & _MASK | (c & _MASK) >> 28)
        c += b
        b = (b - a & _MASK) ^ (a << 6 & _MASK | a >> 26)
        a += c
        c = (c - b & _MASK) ^ (b << 8 & _MASK | b >> 24)
        b += a
        a = (a - c & _MASK) ^ (c << 16 & _MASK | c >> 16)
        c += b
        b = (b - a & _MASK) ^ (a << 19 & _MASK | a >> 13)
        a += c
        c = (c - b & _MASK) ^ (b << 4 & _MASK | b >> 28)
        b += a
    if not size:
        return c
    x, y, z = struct.unpack("<III", data[whole:].ljust(12, b"\0"))
    a, b, c = a + x & _MASK, b + y & _MASK, c + z & _MASK
    for left, right, turn in ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4),
                              (1, 0, 14), (2, 1, 24)):  # fmt: skip
        words = [a, b, c]
        other = words[right]
        words[left] = ((words[left] ^ other) - (other << turn & _MASK | other >> 32 - turn)) & _MASK
        a, b, c = words
    return c


def check(file: File, address: int, data: bytes, log: Log) -> None:
    """Compare the checksum in a piece's last four bytes with its content; libraries refuse it."""
    if file.summed + len(data) > MAX_SUMMED:
        return
    file.summed += len(data)
    if lookup3(data[:-4]) != int.from_bytes(data[-4:], "little"):
        name = data[:4].decode("ascii", "replace")
        log.issue(
            "checksum", f"the checksum of {name!r} does not fit its content", file.base + address
        )
