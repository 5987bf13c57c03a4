"""A writer of protocol buffers' wire format."""

from __future__ import annotations

import struct
from typing import TypeAlias

Entry: TypeAlias = "int | float | bytes | str"


def varint(value: int) -> bytes:
    """A base-128 number; negative ones as 64 bits."""
    value &= 2**64 - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: Entry) -> bytes:
    """One field: a number as varint, a float as 32 bits, text and bytes with their length."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def message(*fields: tuple[int, Entry]) -> bytes:
    """Fields in the order given."""
    return b"".join(field(number, value) for number, value in fields)
