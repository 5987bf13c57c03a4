"""What speaks for a string being a secret: a checksum, its structure, its length, its entropy.

A check takes the value and returns what validated it, empty where it is none. Sources: GitHub's and
npm's announcements of their token formats (CRC-32 in base 62), BIP-173 (bech32, used by age),
RFC 7519 (JWT), RFC 7468 (PEM), libmacaroons' format 2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable

Check = Callable[[bytes], str]

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PLACEHOLDER = re.compile(
    rb"example|placeholder|redacted|change[-_]?me|dummy|your[-_]|insert[-_]|replace[-_]|sample[-_]"
    rb"|<[a-z]|\$\{|\$\(|\{\{|\*{4}|\.{3}|x{5}|0{8}|1{8}|(?:12345678|abcdefgh|01234567)",
    re.I,
)
_RUN = re.compile(rb"(.)\1{6}", re.S)
# Values that services print in their public documentation, by fingerprint (see model/facts/secret):
# the key of Azure's storage emulator.
KNOWN_EXAMPLES = frozenset({"0011cc25eb43"})
_WORDS = frozenset({
    b"password", b"passwd", b"secret", b"postgres", b"postgresql", b"mysecretpassword", b"hunter2",
    b"username", b"mypassword", b"mysecret", b"letmein", b"password1", b"password123", b"admin123",
    b"secret123", b"guestguest", b"minioadmin", b"access_token", b"api_key", b"test1234",
})  # fmt: skip
_UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_DIGEST = re.compile(rb"(?:sha\d{1,3}|md5|blake\w{1,3})[-:=]", re.I)


def fingerprint(value: bytes) -> str:
    """The first 12 hexadecimal digits of the value's SHA-256."""
    return hashlib.sha256(value).hexdigest()[:12]


def entropy(value: bytes) -> float:
    """Shannon's entropy of the value's bytes, in bits a byte."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def is_placeholder(value: bytes) -> bool:
    """Whether a value stands for a secret and is none: documentation examples, masks, templates."""
    if _PLACEHOLDER.search(value) or _RUN.search(value):
        return True
    if len(value) >= 24 and len(set(value)) < 8:
        return True
    return value.lower() in _WORDS or fingerprint(value) in KNOWN_EXAMPLES


def length(_value: bytes) -> str:
    """The pattern itself says all there is: prefix, alphabet and length."""
    return "length"


def structure(_value: bytes) -> str:
    """The pattern holds a fixed part in the middle of the value, not its prefix alone."""
    return "structure"


def crc_base62(value: bytes) -> str:
    """Prefix up to ``_``, a body, and its CRC-32 as six digits in base 62."""
    body = value.partition(b"_")[2]
    number = zlib.crc32(body[:-6])
    digits = bytearray()
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "checksum" if bytes(digits[::-1]) == body[-6:] else ""


def bech32(value: bytes) -> str:
    """A human-readable part, ``1`` and data with a checksum of 30 bits (BIP-173)."""
    prefix, _, data = value.lower().rpartition(b"1")
    if any(character not in _BECH32 for character in data):
        return ""
    values = [c >> 5 for c in prefix] + [0] + [c & 31 for c in prefix]
    values += [_BECH32.index(character) for character in data]
    check = 1
    for item in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ item
        for bit, generator in enumerate(_BECH32_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return "checksum" if check == 1 else ""


def macaroon(value: bytes) -> str:
    """After ``pypi-``: a macaroon of format 2 whose first field is a host name."""
    raw = _base64url(value.partition(b"-")[2])
    if len(raw) < 40 or raw[:2] != b"\x02\x01":
        return ""
    host = raw[3 : 3 + raw[2]]
    return "structure" if re.fullmatch(rb"[a-z0-9.-]{4,80}", host) and b"." in host else ""


def jwt(value: bytes) -> str:
    """Three parts; the first is a JSON object with ``alg`` (not ``none``), the second an object."""
    try:
        header, payload = (json.loads(_base64url(part)) for part in value.split(b".")[:2])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(header, dict) or not isinstance(payload, dict):
        return ""
    named = header.get("alg")
    documented = payload.get("name") == "John Doe" and payload.get("sub") == "1234567890"
    known = isinstance(named, str) and named.lower() != "none" and not documented
    return "structure" if known else ""


def snowflake(value: bytes) -> str:
    """Discord: the first part is a user's number in base 64."""
    return "structure" if re.fullmatch(rb"[0-9]{16,20}", _base64url(value.split(b".")[0])) else ""


def azure_key(value: bytes) -> str:
    """A key of 512 bits (storage) or 256 (queues) in base 64."""
    return "structure" if len(_base64url(value)) in (32, 64) else ""


def pem(value: bytes) -> str:
    """The body of a private key: DER, OpenSSH's own form, or an OpenPGP packet."""
    body = re.sub(rb"\\[nrt]|[^A-Za-z0-9+/=]", b"", value.split(b":")[-1].split(b",")[-1])
    raw = _base64url(body[:64])
    if len(body) < 64:
        return ""
    known = raw[:1] == b"\x30" or raw.startswith(b"openssh-key-v1\0") or raw[:1] >= b"\x80"
    return "structure" if known or b":" in value else ""


def high_entropy(value: bytes) -> str:
    """A random-looking token of at least 3.5 bits a character, letters and digits mixed."""
    mixed = any(65 <= c <= 122 for c in value) and any(48 <= c <= 57 for c in value)
    return "entropy" if mixed and entropy(value) >= 3.5 else ""


def hexadecimal(value: bytes) -> str:
    """Hexadecimal digits as chance makes them: at least 2.8 bits of the 4 there can be."""
    return "entropy" if entropy(value) >= 2.8 else ""


def chosen(value: bytes) -> str:
    """A password: two kinds of characters with a digit among them, and no code, path or digest."""
    if len(value) < 10 or entropy(value) < 3.0 or _UUID.search(value) or _DIGEST.match(value):
        return ""
    if value[:1] in b"/.$%@&#" or re.search(rb"[(){}\[\]<>|]|://|\.[a-z]{2,4}\Z", value):
        return ""
    letters = re.search(rb"[A-Za-z]", value)
    digits = re.search(rb"[0-9]", value)
    third = re.search(rb"[A-Z].*[a-z]|[a-z].*[A-Z]|[^A-Za-z0-9_.-]", value, re.S)
    random = len(value) >= 20 and entropy(value) >= 3.3
    return "entropy" if letters and digits and (third or random) else ""


def in_address(value: bytes) -> str:
    """A password in an address: shorter ones count too, since the place leaves no doubt."""
    value = re.sub(rb"%[0-9A-Fa-f]{2}", b".", value)  # a digit of an escape is none
    if len(value) < 8 or entropy(value) < 2.5 or value[:1] in b"$%{<[":
        return ""
    return "entropy" if re.search(rb"[0-9]", value) and re.search(rb"[A-Za-z]", value) else ""


def _base64url(text: bytes) -> bytes:
    plain = text.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""
