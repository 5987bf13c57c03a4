"""Whether bytes are a msgpack file as flax writes it."""

from __future__ import annotations

_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
          0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}  # fmt: skip

_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def looks_like_msgpack(head: bytes, size: int) -> bool:
    """Whether a file is a table of texts whose first leaf is one of flax's arrays.

    msgpack has no magic: the keys must be readable, and the array's own framing must fit.
    """
    head = head[:size]
    at = _table(head, 0)
    while 0 < at < len(head):
        length, at = _key_length(head, at)
        name = head[at : at + length]
        if not 0 < length == len(name) or not name.isascii() or not name.decode().isprintable():
            return False
        at += length
        first = head[at] if at < len(head) else 0
        inner = _table(head, at)
        if inner:
            at = inner
        elif first < 0x80 or first >= 0xE0 or first in (0x80, 0xC0, 0xC2, 0xC3):
            if name == b"__msgpack_chunked_array__":
                return True
            at += 1
        elif first in _FIXED:
            at += 1 + _FIXED[first]
        else:
            return _leaf(head[at : at + 8])
    return False


def _table(head: bytes, at: int) -> int:
    """Where the first key of a table stands; 0 where no table with entries starts."""
    first = head[at] if at < len(head) else 0
    if 0x81 <= first <= 0x8F:
        return at + 1
    return at + {0xDE: 3, 0xDF: 5}[first] if first in (0xDE, 0xDF) else 0


def _key_length(head: bytes, at: int) -> tuple[int, int]:
    first = head[at] if at < len(head) else 0
    if 0xA1 <= first <= 0xBF:
        return first & 0x1F, at + 1
    if first == 0xD9 and at + 1 < len(head):
        return head[at + 1], at + 2
    return 0, at


def _leaf(head: bytes) -> bool:
    """The frame of an extension of type 1 or 3 that holds a list of three."""
    first = head[0] if head else 0
    wide = {0xC7: 1, 0xC8: 2, 0xC9: 4}.get(first)
    if wide is None:
        return first in _EXTENSIONS and head[1:2] in (b"\1", b"\3") and head[2:3] == b"\x93"
    return head[1 + wide : 2 + wide] in (b"\1", b"\3") and head[2 + wide : 3 + wide] == b"\x93"
