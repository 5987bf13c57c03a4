"""Byte strings and texts that may hold another pickle: as it is, packed, or in base64."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable

from weighbridge.weights.source import Decompressor

MAX_UNPACKED = 2**20  # bytes that one packed string may become
_TEXT_PICKLE = re.compile(rb"[(\]})]{0,9}[ci][A-Za-z_][\w.]{0,80}\n[A-Za-z_][\w.]{0,80}\n")
_BASE64 = re.compile(rb"(?:gA[I-X]|Y[2-3]|K[A-P])[A-Za-z0-9+/_\-\n]{9}")


def _bzip2() -> Decompressor:
    import bz2

    return bz2.BZ2Decompressor()


def _xz() -> Decompressor:
    import lzma

    return lzma.LZMADecompressor()


_PACKED: tuple[tuple[tuple[bytes, ...], Callable[[], Decompressor]], ...] = (
    ((b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"), zlib.decompressobj),
    ((b"\x1f\x8b\x08",), lambda: zlib.decompressobj(31)),
    ((b"BZh",), _bzip2),
    ((b"\xfd7zXZ\0", b"\x5d\0\0"), _xz),
)


def looks_archived(head: bytes) -> bool:
    """Whether bytes start as a zip archive, as torch's files are."""
    return head[:4] == b"PK\x03\x04"


def looks_nested(head: bytes) -> bool:
    """Whether bytes may be a pickle: a protocol header, or an import of protocol 0 or 1."""
    if head[:1] == b"\x80":
        return len(head) > 1 and head[1] <= 5
    return _TEXT_PICKLE.match(head) is not None


def unwrapped(raw: bytes) -> bytes | None:
    """What packed or base64 bytes become if that looks like a pickle; None otherwise."""
    if _BASE64.match(raw):
        try:
            plain = base64.b64decode(raw[: 2 * MAX_UNPACKED].translate(_URL), validate=False)
        except (binascii.Error, ValueError):
            return None
        return _if_pickle(plain)
    for heads, make in _PACKED:
        if raw.startswith(heads):
            return _if_pickle(_unpacked(raw, make()))
    return None


_URL = bytes.maketrans(b"-_", b"+/")


def _if_pickle(plain: bytes) -> bytes | None:
    return plain if len(plain) > 1 and looks_nested(plain[:200]) else None


def _unpacked(raw: bytes, decompressor: Decompressor) -> bytes:
    import lzma

    try:
        head = decompressor.decompress(raw[:4096], 200)
        if decompressor.eof or not looks_nested(head):
            return head
        rest = getattr(decompressor, "unconsumed_tail", b"") + raw[4096:]
        return head + decompressor.decompress(rest, MAX_UNPACKED)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        return b""
