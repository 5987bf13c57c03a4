"""Archives byte by byte, for the tests of their readers: 7z by hand, tar by ``tarfile``."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zlib


def tar(members: dict[str, bytes], **settings: object) -> bytes:
    """A tar archive; ``settings`` go to ``tarfile.open``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **settings) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_of(*infos: tarfile.TarInfo) -> bytes:
    """A tar archive of members without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in infos:
            archive.addfile(info)
    return out.getvalue()


def number(value: int) -> bytes:
    """A 7z number: how many bytes follow stands in the first one's high bits."""
    for extra in range(8):
        if value < 1 << (7 * (extra + 1)):
            first = (0xFF << (8 - extra)) & 0xFF | value >> (8 * extra)
            return bytes([first]) + (value & ((1 << (8 * extra)) - 1)).to_bytes(extra, "little")
    return b"\xff" + value.to_bytes(8, "little")


def seven_zip(
    members: dict[str, bytes],
    *,
    method: bytes = b"\x21",
    crc: int = 0,
    unpacked: int = 0,
    tail: bytes = b"",
) -> bytes:
    """A 7z archive of one solid folder: LZMA2, or with ``method`` 00 stored.

    ``crc`` is added to each member's checksum, ``unpacked`` to the folder's stated size.
    """
    plain = b"".join(members.values())
    if method == b"\x21":
        filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
        packed = lzma.compress(plain, lzma.FORMAT_RAW, filters=filters)
        coder = b"\x21\x21" + number(1) + b"\x10"
    else:
        packed, coder = plain, bytes([len(method)]) + method
    sizes = [len(data) for data in members.values()]
    sums = b"".join(struct.pack("<I", (zlib.crc32(d) + crc) % 2**32) for d in members.values())
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name in members)
    pack = b"\x06" + number(0) + number(1) + b"\x09" + number(len(packed)) + b"\0"
    folders = b"\x07\x0b" + number(1) + b"\0" + number(1) + coder
    folders += b"\x0c" + number(len(plain) + unpacked) + b"\0"
    inner = b"\x08\x0d" + number(len(members)) + b"\x09"
    inner += b"".join(map(number, sizes[:-1])) + b"\x0a\x01" + sums + b"\0"
    files = (
        b"\x05" + number(len(members)) + b"\x11" + number(len(names) + 1) + b"\0" + names + b"\0"
    )
    header = b"\x01\x04" + pack + folders + inner + b"\0" + files + b"\0"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    front = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start
    return front + packed + header + tail
