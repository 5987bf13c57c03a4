"""Which key an OpenPGP signature names. It is read, never verified.

Source: RFC 9580, sections 4.2 (packet headers), 5.2 (signatures), 5.2.3.12 and 5.2.3.35 (issuer),
6.2 (armor).
"""

from __future__ import annotations

import base64
import binascii
import re

_ARMOR = re.compile(
    rb"\s*-----BEGIN PGP (?:SIGNATURE|MESSAGE)-----[^\n]*\n(?:[^\n]*:[^\n]*\n)*\s*\n?"
    rb"([A-Za-z0-9+/=\s]+?)\s*-----END PGP (?:SIGNATURE|MESSAGE)-----\s*"
)
_MAX_BYTES = 64 * 1024
_SIGNATURE = 2
_ISSUER, _ISSUER_FINGERPRINT = 16, 33

# The two keys that GitHub has published for commits made in its web interface
# (https://github.com/web-flow.gpg), the older one retired in January 2024.
WEB_FLOW_KEYS = frozenset({"4AEE18F83AFDEB23", "B5690EEEBB952194"})


def issuer(armored: bytes) -> str:
    """The key id (16 hex digits in upper case) that a signature says it is by; empty for none.

    Anyone can write it: it tells signers apart where nobody pretends, and proves nothing.
    """
    match = _ARMOR.fullmatch(armored) if len(armored) <= _MAX_BYTES else None
    if match is None:
        return ""
    lines = match[1].split()
    if lines and lines[-1].startswith(b"=") and len(lines[-1]) == 5:
        lines.pop()  # the armor's checksum
    try:
        body = _body(base64.b64decode(b"".join(lines), validate=True))
        return _issuer(body)
    except (binascii.Error, IndexError):
        return ""


def _body(data: bytes) -> bytes:
    """The first packet's body, if it is a signature."""
    head = data[0]
    if head & 0x40:
        tag, length, start = head & 0x3F, *_new_length(data, 1)
    else:
        tag, size = head >> 2 & 0x0F, (1, 2, 4, 0)[head & 3]
        length, start = int.from_bytes(data[1 : 1 + size], "big") if size else len(data), 1 + size
    if not head & 0x80 or tag != _SIGNATURE:
        return b""
    return data[start : start + length]


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    """A length of one, two or five octets, and where what it counts begins."""
    first = data[at]
    if first < 192:
        return first, at + 1
    if first < 255:
        return ((first - 192) << 8) + data[at + 1] + 192, at + 2
    return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5


def _issuer(body: bytes) -> str:
    if not body:
        return ""
    version = body[0]
    if version == 3:
        return body[7:15].hex().upper() if len(body) >= 15 else ""
    width = {4: 2, 6: 4}.get(version)
    if width is None:
        return ""
    at = 4
    named = ""
    for _ in range(2):  # hashed, then unhashed subpackets
        length = int.from_bytes(body[at : at + width], "big")
        area = body[at + width : at + width + length]
        at += width + length
        for kind, value in _subpackets(area):
            if kind == _ISSUER_FINGERPRINT and len(value) == 21:
                return value[-8:].hex().upper()
            if kind == _ISSUER_FINGERPRINT and len(value) == 33:
                return value[1:9].hex().upper()
            if kind == _ISSUER and len(value) == 8:
                named = named or value.hex().upper()
    return named


def _subpackets(area: bytes) -> list[tuple[int, bytes]]:
    found = []
    at = 0
    while at < len(area):
        length, start = _new_length(area, at)
        if not length:
            break
        found.append((area[start] & 0x7F, area[start + 1 : start + length]))
        at = start + length
    return found
