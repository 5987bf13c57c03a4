"""OpenPGP signatures: reading, and verifying in process with a key that is known beforehand.

Source: RFC 9580, sections 5.2 (signatures), 5.2.3.12 and 5.2.3.35 (issuer), 5.2.4 (what is signed),
9.1 and 9.5 (algorithms). Signatures of version 4 by RSA, ECDSA, EdDSA and Ed25519 keys, which is
what GnuPG writes; SHA-1 is not accepted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from weighbridge.history.openpgp_packets import dearmored, packets, subpackets
from weighbridge.history.sshsig import (
    MalformedSignature,
    UnsupportedSignature,
    WrongSignature,
    public_key,
)
from weighbridge.model.errors import HostileInput

BINARY = 0x00  # the type of a signature over a file
SIGNATURE_PACKET = 2
CREATED, EXPIRES, KEY_EXPIRES, FLAGS = 2, 3, 9, 27
_ISSUER, _ISSUER_FINGERPRINT = 16, 33
_LAST_KNOWN = 39  # subpacket types up to it are assigned (section 5.2.3.7)
_HASHES = {8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224", 12: "sha3_256", 14: "sha3_512"}
_SHA1 = 2
_RSA, _RSA_SIGN, _ECDSA, _EDDSA, _ED25519 = 1, 3, 19, 22, 27

# The two keys that GitHub has published for commits made in its web interface
# (https://github.com/web-flow.gpg), the older one retired in January 2024.
WEB_FLOW_KEYS = frozenset({"4AEE18F83AFDEB23", "B5690EEEBB952194"})


@dataclass(frozen=True, slots=True)
class PgpSignature:
    """One signature of version 4. ``prefix`` is the part of it that is signed along.

    ``hashed`` are the subpackets that are signed, by type, the last of each; ``values`` the bytes
    of the signature itself, in its algorithm's form.
    """

    kind: int
    algorithm: int
    hash_id: int
    prefix: bytes
    hashed: dict[int, bytes]
    issuer: str
    values: bytes

    def seconds(self, kind: int) -> int | None:
        """The number in a signed subpacket of four octets."""
        value = self.hashed.get(kind, b"")
        return int.from_bytes(value, "big") if len(value) == 4 else None


def issuer(armored: bytes) -> str:
    """The key id (16 hex digits in upper case) that a signature says it is by; empty for none.

    Anyone can write it: it tells signers apart where nobody pretends, and proves nothing.
    """
    try:
        tag, body = next(packets(dearmored(armored, b"SIGNATURE", b"MESSAGE")), (0, b""))
        if tag != SIGNATURE_PACKET or not body:
            return ""
        if body[0] == 3:
            return body[7:15].hex().upper() if len(body) >= 15 else ""
        width = {4: 2, 6: 4}.get(body[0])
        if width is None:
            return ""
        hashed, unhashed, _ = _areas(body, width)
        return _issuer(hashed) or _issuer(unhashed)
    except HostileInput:
        return ""


def parse_signature(armored: bytes) -> PgpSignature:
    """Read a detached signature.

    Raises:
        MalformedSignature: it is none.
        UnsupportedSignature: it is several, or of another version.
    """
    found = list(packets(dearmored(armored, b"SIGNATURE", b"MESSAGE")))
    if not found or any(tag != SIGNATURE_PACKET for tag, _ in found):
        raise MalformedSignature("the OpenPGP armor holds something else than a signature")
    if len(found) > 1:
        raise UnsupportedSignature("several OpenPGP signatures in one armor are not verified")
    return read_signature(found[0][1])


def read_signature(body: bytes) -> PgpSignature:
    """A signature packet's body.

    Raises:
        MalformedSignature: it is cut short.
        UnsupportedSignature: of another version than 4, or with a critical part that is not known.
    """
    if not body or body[0] != 4:
        version = body[0] if body else "none"
        raise UnsupportedSignature(f"OpenPGP signatures of version {version} are not verified")
    hashed, unhashed, end = _areas(body, 2)
    signed: dict[int, bytes] = {}
    for kind, critical, value in subpackets(hashed):
        if critical and kind > _LAST_KNOWN:
            raise UnsupportedSignature(f"its critical subpacket of type {kind} is not known")
        signed[kind] = value
    named = _issuer(hashed) or _issuer(unhashed)
    return PgpSignature(
        body[1], body[2], body[3], body[: 6 + len(hashed)], signed, named, body[end + 2 :]
    )


def verify(signature: PgpSignature, data: bytes, key: bytes, *, allow_sha1: bool = False) -> None:
    """Check that a key made a signature over ``data``.

    Args:
        signature: of any type; what it signs is for the caller to put together.
        key: as it goes over SSH's wire, whatever made it (:mod:`weighbridge.history.openpgp_keys`).
        allow_sha1: for what binds a key's own parts to it, in a file that is trusted.

    Raises:
        WrongSignature: it did not.
        UnsupportedSignature: an algorithm that is not verified here.
        MalformedSignature: the signature's values cannot be read.
    """
    name = _HASHES.get(signature.hash_id) or ("sha1" if allow_sha1 else "")
    if not name or (name == "sha1" and signature.hash_id != _SHA1):
        raise UnsupportedSignature(
            f"OpenPGP signatures over hash number {signature.hash_id} are not accepted"
        )
    trailer = b"\x04\xff" + len(signature.prefix).to_bytes(4, "big")
    digest = hashlib.new(name, data + signature.prefix + trailer).digest()
    _check(signature, digest, name, key)


def _check(signature: PgpSignature, digest: bytes, hash_name: str, key: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    public = public_key(key)
    hash_class = getattr(hashes, hash_name.upper())
    algorithm = signature.algorithm
    try:
        if isinstance(public, rsa.RSAPublicKey) and algorithm in (_RSA, _RSA_SIGN):
            (value,) = _mpis(signature.values, 1)
            raw = value.rjust(public.key_size + 7 >> 3, b"\0")
            public.verify(raw, digest, padding.PKCS1v15(), utils.Prehashed(hash_class()))
        elif isinstance(public, ec.EllipticCurvePublicKey) and algorithm == _ECDSA:
            r, s = (int.from_bytes(value, "big") for value in _mpis(signature.values, 2))
            der = utils.encode_dss_signature(r, s)
            public.verify(der, digest, ec.ECDSA(utils.Prehashed(hash_class())))
        elif isinstance(public, ed25519.Ed25519PublicKey) and algorithm == _EDDSA:
            raw = b"".join(value.rjust(32, b"\0") for value in _mpis(signature.values, 2))
            public.verify(raw, digest)
        elif isinstance(public, ed25519.Ed25519PublicKey) and algorithm == _ED25519:
            public.verify(signature.values, digest)
        else:
            raise UnsupportedSignature(
                f"OpenPGP signatures of algorithm {algorithm} by this key are not verified"
            )
    except InvalidSignature as error:
        raise WrongSignature("the signature is not the key's over this commit") from error


def _areas(body: bytes, width: int) -> tuple[bytes, bytes, int]:
    """The hashed and the unhashed subpackets, and where what follows them begins."""
    found = []
    at = 4
    for _ in range(2):
        start = at + width
        at = start + int.from_bytes(body[at:start], "big")
        if start > len(body) or at > len(body):
            raise MalformedSignature("the OpenPGP signature is cut short")
        found.append(body[start:at])
    return found[0], found[1], at


def _issuer(area: bytes) -> str:
    named = ""
    for kind, _, value in subpackets(area):
        if kind == _ISSUER_FINGERPRINT and len(value) == 21:
            return value[-8:].hex().upper()
        if kind == _ISSUER_FINGERPRINT and len(value) == 33:
            return value[1:9].hex().upper()
        if kind == _ISSUER and len(value) == 8:
            named = named or value.hex().upper()
    return named


def _mpis(data: bytes, count: int) -> list[bytes]:
    """Numbers, each with its length in bits; nothing may follow them."""
    found = []
    at = 0
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big") + 7 >> 3
        if at + 2 + length > len(data):
            raise MalformedSignature("a number of the OpenPGP signature is cut short")
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(data):
        raise MalformedSignature("the OpenPGP signature has bytes after its end")
    return found
