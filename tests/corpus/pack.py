"""Writers of containers that the standard library cannot write: zstd, lz4, 7z, and a lying tar.

Sources: RFC 8878 (zstd), the LZ4 frame format 1.6.4, 7zFormat.txt of the LZMA SDK, POSIX.1-1988
(ustar).
"""

from __future__ import annotations

import lzma
import struct
import zlib

_M = 0xFFFFFFFF
_P1, _P2, _P3, _P4, _P5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393


def zstd(data: bytes) -> bytes:
    """A frame of raw blocks."""
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    blocks = [data[at : at + 65_536] for at in range(0, len(data), 65_536)] or [b""]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        out += struct.pack("<I", len(block) << 3 | last)[:3] + block
    return out


def zstd_run(count: int) -> bytes:
    """A frame of RLE blocks that becomes ``count`` zeros: four bytes stand for 128 KiB."""
    whole, rest = divmod(count, 131_072)
    blocks = [131_072] * whole + ([rest] if rest else [])
    out = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", count)
    for number, size in enumerate(blocks):
        last = number == len(blocks) - 1
        out += struct.pack("<I", size << 3 | 1 << 1 | last)[:3] + b"\0"
    return out


def _xxh32_small(data: bytes) -> int:
    """xxHash, 32 bits, seed 0, of fewer than four bytes: what a frame descriptor needs."""
    total = (_P5 + len(data)) & _M
    for byte in data:
        total = (total + byte * _P5) & _M
        total = ((total << 11 | total >> 21) & _M) * _P1 & _M
    total = (total ^ total >> 15) * _P2 & _M
    total = (total ^ total >> 13) * _P3 & _M
    return total ^ total >> 16


def lz4(data: bytes) -> bytes:
    """A frame of stored blocks."""
    descriptor = b"\x60\x40"
    out = b"\x04\x22\x4d\x18" + descriptor + bytes([_xxh32_small(descriptor) >> 8 & 0xFF])
    for at in range(0, len(data), 65_536):
        block = data[at : at + 65_536]
        out += struct.pack("<I", len(block) | 0x80000000) + block
    return out + b"\0\0\0\0"


def _number(value: int) -> bytes:
    """7z's number of one to nine bytes."""
    for length in range(8):
        if value < 1 << (7 * (length + 1)):
            first = (0xFF00 >> length) & 0xFF | value >> (8 * length)
            return bytes([first]) + (value & ((1 << 8 * length) - 1)).to_bytes(length, "little")
    return b"\xff" + value.to_bytes(8, "little")


def seven_zip(name: str, data: bytes, *, coder: str = "copy") -> bytes:
    """An archive of one file, stored or by LZMA2; ``coder`` ``aes`` only claims to be encrypted."""
    packed = data
    codes = {
        "copy": b"\x01\x00",
        "lzma2": b"\x21\x21\x01\x10",
        "aes": b"\x24\x06\xf1\x07\x01\x01\x00",
    }
    if coder == "lzma2":
        chain = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
        packed = lzma.compress(data, lzma.FORMAT_RAW, filters=chain)
    pack = b"\x06" + _number(0) + _number(1) + b"\x09" + _number(len(packed)) + b"\x00"
    folder = b"\x07\x0b" + _number(1) + b"\x00" + _number(1) + codes[coder]
    folder += b"\x0c" + _number(len(data))
    folder += b"\x0a\x01" + struct.pack("<I", zlib.crc32(data)) + b"\x00"
    names = b"\x00" + name.encode("utf-16-le") + b"\0\0"
    files = b"\x05" + _number(1) + b"\x11" + _number(len(names)) + names + b"\x00"
    header = b"\x01\x04" + pack + folder + b"\x00" + files + b"\x00"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    magic = b"7z\xbc\xaf\x27\x1c\x00\x04"
    return magic + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def tar_member(name: str, data: bytes = b"", *, kind: bytes = b"0", link: str = "",
               size: int | None = None, checksum: int | None = None) -> bytes:  # fmt: skip
    """One member of a ustar archive; ``size`` and ``checksum`` lie where given."""
    length = len(data) if size is None else size
    head = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2
    head += f"{length:011o}\0".encode() + b"00000000000\0" + b" " * 8 + kind
    head += link.encode().ljust(100, b"\0") + b"ustar\x0000"
    head = head.ljust(512, b"\0")
    total = sum(head) if checksum is None else checksum
    head = head[:148] + f"{total:06o}\0 ".encode() + head[156:]
    return head + data + b"\0" * (-len(data) % 512)


TAR_END = b"\0" * 1024
