"""Whether bytes are a Core ML model. Source: Core ML's ``Model.proto``."""

from __future__ import annotations

_DESCRIPTION, _UPDATABLE = 2, 10
# Model: the fields of its type, of which there is one.
_TYPES = frozenset({
    200, 201, 202, 300, 301, 302, 303, 304, 400, 401, 402, 403, 404, 500, 501, 502, 555, 556, 560,
    600, 601, 602, 603, 604, 606, 607, 609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006,
    3000,
})  # fmt: skip
_VARINT, _LEN = 0, 2


def looks_like_coreml(head: bytes, size: int) -> bool:
    """Whether bytes are a Core ML ``Model``: its version first, then its own fields to the end.

    ``head`` are the first bytes, enough for the description of what goes in and out (64 KiB are).
    """
    if head[:1] != b"\x08" or len(head) < 4 or not 0 < head[1] < 100:
        return False
    at, types = 2, 0
    while at < size:
        tag, at = _number(head, at)
        number, kind = tag >> 3, tag & 7
        if at >= len(head) or (number not in (_DESCRIPTION, _UPDATABLE) and number not in _TYPES):
            return False
        if kind != (_VARINT if number == _UPDATABLE else _LEN):
            return False
        value, at = _number(head, at)
        if kind == _LEN:
            at += value
        types += number in _TYPES
    return at == size and types == 1


def _number(head: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(head[at : at + 10]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    return 0, len(head)
