"""Whether bytes are R's serialized data. Source: R Internals, 1.8 (Serialization formats)."""

from __future__ import annotations

import re

_WORKSPACE = re.compile(rb"RD([AXB])([123])\n")

_ASCII_HEAD = re.compile(rb"A\r?\n[23]\r?\n\d{5,7}\r?\n\d{5,7}\r?\n")

_ORDERS = {b"X": "big", b"B": "little"}


def looks_like_rds(head: bytes, size: int) -> bool:
    """Whether a stream is R data: the letter of a format, then versions that R has had."""
    start = 5 if _WORKSPACE.match(head) else 0
    body = head[start : start + 40]
    if start and head[2:3] != body[:1]:
        return False
    if _ASCII_HEAD.match(body):
        return True
    order = _ORDERS.get(body[:1])
    if order is None or body[1:2] != b"\n" or len(body) < 14 or size < 18 + start:
        return False
    version, writer, reader = (
        int.from_bytes(body[at : at + 4], "big" if order == "big" else "little")
        for at in (2, 6, 10)
    )
    return version in (2, 3) and 0x10000 <= writer < 0x100000 and 0x10000 <= reader < 0x100000
