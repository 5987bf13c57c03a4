"""OpenPGP's outermost forms: armor, packets, subpackets.

Source: RFC 9580, sections 4.2 (packet headers), 5.2.3.7 (subpackets), 6.2 (armor).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from weighbridge.history.sshsig import MalformedSignature

MAX_BYTES = 2**20
_ARMOR = re.compile(
    rb"\s*-----BEGIN PGP (?P<kind>SIGNATURE|MESSAGE|PUBLIC KEY BLOCK)-----[^\n]*\n"
    rb"(?:[^\n]*:[^\n]*\n)*\s*\n?(?P<body>[A-Za-z0-9+/=\s]+?)\s*-----END PGP (?P=kind)-----\s*"
)


def dearmored(armored: bytes, *kinds: bytes) -> bytes:
    """The packets inside an armor of one of those kinds (``SIGNATURE``, ``PUBLIC KEY BLOCK``).

    Its checksum is not looked at: RFC 9580 forbids to refuse data for it.

    Raises:
        MalformedSignature: there is no such armor, or no base64 in it.
    """
    match = _ARMOR.fullmatch(armored) if len(armored) <= MAX_BYTES else None
    if match is None or match["kind"] not in kinds:
        raise MalformedSignature("there is no OpenPGP armor of the kind that was expected")
    lines = match["body"].split()
    if lines and lines[-1].startswith(b"=") and len(lines[-1]) == 5:
        lines.pop()
    try:
        return base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error as error:
        raise MalformedSignature("what the OpenPGP armor holds is not base64") from error


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each packet. Lengths that are not known beforehand are not accepted.

    Raises:
        MalformedSignature: a packet is cut short, or is none.
    """
    at = 0
    while at < len(data):
        head = data[at]
        if not head & 0x80:
            raise MalformedSignature("there is no OpenPGP packet where one should begin")
        if head & 0x40:
            tag, (length, start) = head & 0x3F, _length(data, at + 1)
        else:
            tag, width = head >> 2 & 0x0F, (1, 2, 4, 0)[head & 3]
            start = at + 1 + width
            length = int.from_bytes(data[at + 1 : start], "big") if width else len(data) - start
        if start > len(data) or start + length > len(data):
            raise MalformedSignature("an OpenPGP packet is cut short")
        yield tag, data[start : start + length]
        at = start + length


def subpackets(area: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """Type, whether it is critical, and value of each subpacket.

    Raises:
        MalformedSignature: one is cut short.
    """
    at = 0
    while at < len(area):
        length, start = _length(area, at)
        if not length or start + length > len(area):
            raise MalformedSignature("an OpenPGP subpacket is cut short")
        yield area[start] & 0x7F, bool(area[start] & 0x80), area[start + 1 : start + length]
        at = start + length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length of one, two or five octets, and where what it counts begins."""
    width = 1 if data[at : at + 1] < b"\xc0" else 2 if data[at : at + 1] < b"\xff" else 5
    octets = data[at : at + width]
    if len(octets) < width:
        raise MalformedSignature("an OpenPGP length is cut short")
    if width == 1:
        return octets[0], at + 1
    if width == 2:
        return ((octets[0] - 192) << 8) + octets[1] + 192, at + 2
    return int.from_bytes(octets[1:], "big"), at + 5
