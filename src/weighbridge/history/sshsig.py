"""SSH signatures over data: reading, and verifying in process.

Source: OpenSSH ``PROTOCOL.sshsig`` (the format), RFC 4253 section 6.6, RFC 5656, RFC 8332 and
RFC 8709 (the keys and signatures inside).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    SshPublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_MAGIC = b"SSHSIG"
_ARMOR = re.compile(
    rb"\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END SSH SIGNATURE-----\s*"
)
_MAX_BYTES = 64 * 1024
_HASHES = ("sha256", "sha512")
_ECDSA = {"nistp256": "SHA256", "nistp384": "SHA384", "nistp521": "SHA512"}
_RSA_HASHES = {"rsa-sha2-256": "SHA256", "rsa-sha2-512": "SHA512"}
_MIN_RSA_BITS = 2048
_ED25519_BYTES = 64


class MalformedSignature(HostileInput):
    """Bytes that are no SSH signature, or a key in it that is none."""


class UnsupportedSignature(HostileInput):
    """A well-formed signature of an algorithm that is not verified here."""


class WrongSignature(HostileInput):
    """The signature is not the key's over this data."""


@dataclass(frozen=True, slots=True)
class SshSignature:
    """``key`` is the public key as it goes over the wire, ``signature`` likewise."""

    key: bytes
    namespace: str
    hash_algorithm: str
    signature: bytes

    @property
    def key_type(self) -> str:
        """``ssh-ed25519``, ``ecdsa-sha2-nistp256``, …"""
        return key_type(self.key)

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` as ``ssh-keygen -l`` prints it."""
        return fingerprint(self.key)


def key_type(key: bytes) -> str:
    """The type a wire-format key names. Raises MalformedSignature."""
    return _Reader(key).text()


def fingerprint(key: bytes) -> str:
    """The SHA-256 of a wire-format key, as ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def parse_signature(armored: bytes) -> SshSignature:
    """Read an armored signature.

    Raises:
        MalformedSignature: it is not one of version 1.
    """
    if len(armored) > _MAX_BYTES:
        raise MalformedSignature(f"the SSH signature is longer than {_MAX_BYTES} bytes")
    match = _ARMOR.fullmatch(armored)
    if match is None:
        raise MalformedSignature("the SSH signature has no armor")
    try:
        blob = base64.b64decode(b"".join(match[1].split()), validate=True)
    except binascii.Error as error:
        raise MalformedSignature("the SSH signature is not base64") from error
    if blob[:6] != _MAGIC or blob[6:10] != b"\0\0\0\1":
        raise MalformedSignature("the SSH signature is not of version 1")
    reader = _Reader(blob[10:])
    key, namespace = reader.string(), reader.text()
    reader.string()  # reserved
    found = SshSignature(key, namespace, reader.text(), reader.string())
    reader.end()
    if found.hash_algorithm not in _HASHES:
        raise MalformedSignature("the SSH signature uses an unknown hash")
    return found


def verify(signature: SshSignature, data: bytes, *, namespace: str) -> None:
    """Check that the key in a signature made it over ``data``. Whose key it is, is not asked.

    Raises:
        WrongSignature: it did not, or for another namespace.
        UnsupportedSignature: security keys and DSA are not verified.
        MalformedSignature: the key or the inner signature cannot be read.
    """
    if signature.namespace != namespace:
        raise WrongSignature(f"the signature is for {signature.namespace!r}, not {namespace!r}")
    digest = hashlib.new(signature.hash_algorithm, data).digest()
    parts = (namespace.encode(), b"", signature.hash_algorithm.encode(), digest)
    signed = _MAGIC + b"".join(struct.pack(">I", len(part)) + part for part in parts)
    inner = _Reader(signature.signature)
    algorithm, raw = inner.text(), inner.string()
    inner.end()
    _check(signature.key, algorithm, raw, signed)


def _check(key: bytes, algorithm: str, raw: bytes, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    public, kind = public_key(key), key_type(key)
    hash_class: type[hashes.HashAlgorithm]
    try:
        if isinstance(public, rsa.RSAPublicKey):
            if algorithm not in _RSA_HASHES:
                raise UnsupportedSignature("RSA signatures with SHA-1 are not accepted")
            hash_class = getattr(hashes, _RSA_HASHES[algorithm])
            public.verify(raw, signed, padding.PKCS1v15(), hash_class())
        elif algorithm != kind:
            raise MalformedSignature(f"the signature is no {kind} signature")
        elif isinstance(public, ec.EllipticCurvePublicKey):
            numbers = _Reader(raw)
            r, s = numbers.integer(), numbers.integer()
            numbers.end()
            hash_class = getattr(hashes, _ECDSA[kind.removeprefix("ecdsa-sha2-")])
            public.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hash_class()))
        elif len(raw) != _ED25519_BYTES:
            raise MalformedSignature("the Ed25519 signature has a wrong length")
        else:
            public.verify(raw, signed)
    except InvalidSignature as error:
        raise WrongSignature("the signature is not the key's over this commit") from error


def public_key(key: bytes) -> SshPublicKey:
    """A wire-format key as the cryptography library has it.

    Raises:
        MalformedSignature: it is not what it names.
        UnsupportedSignature: security keys, DSA and short RSA keys are not used.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    reader = _Reader(key)
    kind = reader.text()
    try:
        if kind == "ssh-ed25519":
            point = reader.string()
            reader.end()
            return ed25519.Ed25519PublicKey.from_public_bytes(point)
        if kind.startswith("ecdsa-sha2-"):
            name, point = reader.text(), reader.string()
            reader.end()
            if kind != f"ecdsa-sha2-{name}" or name not in _ECDSA:
                raise MalformedSignature("the ECDSA key names no known curve")
            curves: dict[str, ec.EllipticCurve] = {
                "nistp256": ec.SECP256R1(), "nistp384": ec.SECP384R1(), "nistp521": ec.SECP521R1(),
            }  # fmt: skip
            return ec.EllipticCurvePublicKey.from_encoded_point(curves[name], point)
        if kind == "ssh-rsa":
            exponent, modulus = reader.integer(), reader.integer()
            reader.end()
            if modulus.bit_length() < _MIN_RSA_BITS:
                what = f"RSA keys shorter than {_MIN_RSA_BITS} bits are not accepted"
                raise UnsupportedSignature(what)
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise MalformedSignature(f"the key is no {kind} key") from error
    raise UnsupportedSignature(f"signatures by {kind} keys are not verified")


class _Reader:
    """SSH's wire format (RFC 4251, section 5): strings and integers, each with its length."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def string(self) -> bytes:
        if self.at + 4 > len(self.data):
            raise MalformedSignature("the SSH signature is cut short")
        length = int.from_bytes(self.data[self.at : self.at + 4], "big")
        start = self.at + 4
        if start + length > len(self.data):
            raise MalformedSignature("the SSH signature is cut short")
        self.at = start + length
        return self.data[start : self.at]

    def text(self) -> str:
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError as error:
            raise MalformedSignature("the SSH signature holds a name that is not ASCII") from error

    def integer(self) -> int:
        return int.from_bytes(self.string(), "big")

    def end(self) -> None:
        if self.at != len(self.data):
            raise MalformedSignature("the SSH signature has bytes after its end")
