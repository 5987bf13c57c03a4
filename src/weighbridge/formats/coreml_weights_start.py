"""Whether bytes are the weights of an ML package: a blob storage."""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<II56s")

_SENTINEL = 0xDEADBEEF

_VERSION = 2


def looks_like_weights(head: bytes, size: int) -> bool:
    """Whether bytes are a blob storage: version 2, zeros, and the first blob's sentinel."""
    if len(head) < _HEADER.size:
        return False
    count, version, rest = _HEADER.unpack_from(head)
    if version != _VERSION or any(rest):
        return False
    if not count:
        return size == _HEADER.size
    return head[64:68] == _SENTINEL.to_bytes(4, "little") and count <= size // 64
