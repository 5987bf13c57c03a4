"""DSSE, the signing envelope (secure-systems-lab/dsse, protocol and envelope v1.0.0).

The signature covers the payload's type and its exact bytes, so nothing has to be canonical JSON.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from weighbridge.signing import document_keys, keys
from weighbridge.signing.errors import MalformedBundle, SignatureInvalid

IN_TOTO = "application/vnd.in-toto+json"

_URL_SAFE = str.maketrans("-_", "+/")


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes that are signed. Lengths are in bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def legacy_pae(payload_type: str, payload: bytes) -> bytes:
    """What model_signing 0.2 signed instead, by mistake: Python's spelling of the payload.

    It names the same bytes as :func:`pae` does, one for one; nothing else can be spelled so.
    """
    return f"DSSEV1 {len(payload_type)} {payload_type} {len(payload)} {payload!r}".encode()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its media type and one signature over both. ``keyid`` is a hint, never trusted.

    ``legacy`` lets a signature over :func:`legacy_pae` count too.
    """

    payload_type: str
    payload: bytes
    signature: bytes
    keyid: str = ""
    legacy: bool = False

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return pae(self.payload_type, self.payload)

    def to_json(self) -> dict[str, Any]:
        """The envelope as DSSE's JSON."""
        return {
            "payload": encode_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.keyid, "sig": encode_base64(self.signature)}],
        }

    @classmethod
    def from_json(cls, value: object) -> Envelope:
        """Read DSSE's JSON. Exactly one signature, as the Sigstore bundle demands.

        Raises:
            MalformedBundle: it is not of that form.
        """
        if not isinstance(value, dict):
            raise MalformedBundle("the DSSE envelope is not an object")
        signatures = value.get("signatures")
        if not isinstance(signatures, list) or len(signatures) != 1:
            raise MalformedBundle("the DSSE envelope does not have exactly one signature")
        if not isinstance(signatures[0], dict):
            raise MalformedBundle("the DSSE signature is not an object")
        payload_type, keyid = value.get("payloadType"), signatures[0].get("keyid")
        if not isinstance(payload_type, str) or not payload_type.isprintable():
            raise MalformedBundle("the DSSE payload type is not a line of text")
        if not isinstance(keyid, str | None):
            raise MalformedBundle("the DSSE key id is not text")
        payload = decode_base64(value.get("payload"), "the DSSE payload")
        signature = decode_base64(signatures[0].get("sig"), "the DSSE signature")
        if not payload or not signature:
            raise MalformedBundle("the DSSE payload or signature is empty")
        return cls(payload_type, payload, signature, keyid or "")


def sign_envelope(
    private: ec.EllipticCurvePrivateKey, payload_type: str, payload: bytes
) -> Envelope:
    """Sign a payload."""
    return Envelope(payload_type, payload, keys.sign(private, pae(payload_type, payload)))


def verify_envelope(public: document_keys.DocumentKey, envelope: Envelope) -> None:
    """Check an envelope's signature. What the payload says is the caller's to check.

    Args:
        public: an EC key; of a seal an RSA key too, which callers who want none must refuse.

    Raises:
        SignatureInvalid: it does not match.
        UnusableKey: the key is out of bounds.
    """
    if isinstance(public, rsa.RSAPublicKey):
        document_keys.verify(public, envelope.signature, envelope.signed_bytes)
        return
    try:
        keys.verify(public, envelope.signature, envelope.signed_bytes)
    except SignatureInvalid:
        if not envelope.legacy:
            raise
        mistaken = legacy_pae(envelope.payload_type, envelope.payload)
        try:
            keys.verify(public, envelope.signature, mistaken)
        except SignatureInvalid:
            # certificates of that release signed with SHA-256 whatever their curve
            keys.verify(public, envelope.signature, mistaken, hashes.SHA256())


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(value: object, what: str) -> bytes:
    """Base64 in its one canonical spelling; both alphabets and missing padding, as protobuf JSON.

    Raises:
        MalformedBundle: not text, or not base64.
    """
    if not isinstance(value, str):
        raise MalformedBundle(f"{what} is not text")
    text = value.rstrip("=")
    if "-" in text or "_" in text:
        text = text.translate(_URL_SAFE)
    padded = text + "=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedBundle(f"{what} is not base64") from error
    if encode_base64(data) != padded or len(value) - len(text) > 2:
        raise MalformedBundle(f"{what} is not canonical base64")
    return data
