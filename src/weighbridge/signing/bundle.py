"""Sigstore bundles v0.3 around a DSSE envelope (protobuf-specs, ``sigstore_bundle.proto``).

Only what lies inside the envelope is signed. Everything else in a bundle says how to look for the
key, and is believed for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import freeze, thaw
from weighbridge.model.errors import HostileInput
from weighbridge.signing.dsse import Envelope, decode_base64, encode_base64
from weighbridge.signing.errors import (
    MalformedBundle,
    UnrelatedSignature,
    UnsupportedSignature,
)

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BYTES = 64 * 2**20
MAX_CERTIFICATES = 32
MAX_TIMESTAMPS = 32
MAX_HINT = 1024

_MEDIA_PREFIX = "application/vnd.dev.sigstore.bundle"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An envelope with what helps to verify it.

    ``hint`` names a public key; ``public_key`` is one in PEM, as bundles before model_signing 1.1
    carry it, and vouches for nobody. ``certificates`` are DER, the signer's first. ``timestamps``
    are DER RFC 3161 ``TimeStampResp``. ``keyless`` marks Sigstore's own mode: one short-lived
    certificate, with ``log_entries`` (kept as they were read) of a transparency log.
    """

    envelope: Envelope
    hint: str = ""
    certificates: tuple[bytes, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    keyless: bool = False
    log_entries: tuple[Mapping[str, Any], ...] = field(default=())
    public_key: bytes = b""

    @property
    def mode(self) -> str:
        """``key``, ``certificate`` or ``sigstore``: how the signer is to be recognized."""
        if self.keyless:
            return "sigstore"
        return "certificate" if self.certificates else "key"

    def to_bytes(self) -> bytes:
        """The bundle as JSON, the same bytes every time."""
        material: dict[str, Any] = {"tlogEntries": [thaw(entry) for entry in self.log_entries]}
        chain = [{"rawBytes": encode_base64(der)} for der in self.certificates]
        if self.keyless:
            material["certificate"] = chain[0]
        elif chain:
            material["x509CertificateChain"] = {"certificates": chain}
        elif self.public_key:
            material["publicKey"] = {"rawBytes": encode_base64(self.public_key)}
        else:
            material["publicKey"] = {"hint": self.hint}
        if self.timestamps:
            stamps = [{"signedTimestamp": encode_base64(der)} for der in self.timestamps]
            material["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
        body = {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": material,
            "dsseEnvelope": self.envelope.to_json(),
        }
        return json.dumps(body, separators=(",", ":")).encode("utf-8") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Read a bundle.

        Raises:
            MalformedBundle: not JSON, or not of the form. Also HostileInput past a bound.
            UnsupportedSignature: a bundle of another version.
            UnrelatedSignature: a bundle that signs a blob.
        """
        body = load_json(data, source="the signature bundle", max_bytes=MAX_BYTES)
        if not isinstance(body, dict):
            raise MalformedBundle("the signature bundle is not an object")
        _check_version(body.get("mediaType"))
        if body.get("dsseEnvelope") is None and body.get("messageSignature") is not None:
            raise UnrelatedSignature(
                "the bundle holds no DSSE envelope, so it signs a blob and no model"
            )
        material = _object(body.get("verificationMaterial"), "the verification material")
        certificates, keyless = _certificates(material)
        return cls(
            envelope=Envelope.from_json(body.get("dsseEnvelope")),
            hint=_hint(material),
            certificates=certificates,
            timestamps=_timestamps(material),
            keyless=keyless,
            log_entries=_log_entries(material),
            public_key=_public_key(material),
        )


def looks_like_bundle(data: bytes) -> bool:
    """Whether bytes are JSON whose ``mediaType`` is a Sigstore bundle's, of whatever version."""
    if _MEDIA_PREFIX.encode() not in data:
        return False
    try:
        body = load_json(data, source="the file", max_bytes=MAX_BYTES)
    except HostileInput:
        # it speaks of a bundle and cannot be read: the caller must see it, not skip it
        return True
    kind = body.get("mediaType") if isinstance(body, dict) else None
    return isinstance(kind, str) and kind.startswith(_MEDIA_PREFIX)


def _check_version(media_type: object) -> None:
    if media_type == MEDIA_TYPE:
        return
    if isinstance(media_type, str) and media_type.startswith(_MEDIA_PREFIX):
        raise UnsupportedSignature(
            f"the bundle's media type is {media_type[:100]!r}, and only version 0.3 can be read",
            remedy="Sign the model again with a current tool.",
        )
    raise MalformedBundle("the file is not a Sigstore bundle: its media type is another one")


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedBundle(f"{what} is not an object")
    return value


def _array(value: object, what: str, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedBundle(f"{what} are not an array")
    if len(value) > most:
        raise MalformedBundle(f"{what} are more than {most}")
    return value


def _hint(material: dict[str, Any]) -> str:
    if material.get("publicKey") is None:
        return ""
    hint = _object(material["publicKey"], "the public key identifier").get("hint")
    if not isinstance(hint, str | None) or len(hint or "") > MAX_HINT:
        raise MalformedBundle("the public key hint is not a short text")
    if not (hint or "").isprintable():
        raise MalformedBundle("the public key hint holds unprintable characters")
    return hint or ""


def _public_key(material: dict[str, Any]) -> bytes:
    """The key in bundles of v0.3.1 to v1.0.1 (OMS v1.0, section 11): ``rawBytes``, the PEM text."""
    if material.get("publicKey") is None:
        return b""
    raw = _object(material["publicKey"], "the public key identifier").get("rawBytes")
    return b"" if raw is None else decode_base64(raw, "the public key")


def _certificates(material: dict[str, Any]) -> tuple[tuple[bytes, ...], bool]:
    """The certificates, the signer's first, and whether they are of Sigstore's own mode."""
    kinds = ("publicKey", "x509CertificateChain", "certificate")
    present = [kind for kind in kinds if material.get(kind) is not None]
    if len(present) != 1:
        found = ", ".join(present) or "none"
        raise MalformedBundle(f"the bundle must name its signer in exactly one way: {found}")
    if present == ["publicKey"]:
        return (), False
    if present == ["certificate"]:
        return (_certificate(material["certificate"]),), True
    chain = _object(material["x509CertificateChain"], "the certificate chain").get("certificates")
    found_chain = _array(chain, "the certificates", MAX_CERTIFICATES)
    if not found_chain:
        raise MalformedBundle("the certificate chain is empty")
    return tuple(_certificate(item) for item in found_chain), False


def _certificate(value: object) -> bytes:
    der = decode_base64(_object(value, "a certificate").get("rawBytes"), "a certificate")
    if not der:
        raise MalformedBundle("a certificate is empty")
    return der


def _timestamps(material: dict[str, Any]) -> tuple[bytes, ...]:
    if material.get("timestampVerificationData") is None:
        return ()
    data = _object(material["timestampVerificationData"], "the timestamp data")
    stamps = _array(data.get("rfc3161Timestamps"), "the timestamps", MAX_TIMESTAMPS)
    return tuple(
        decode_base64(_object(item, "a timestamp").get("signedTimestamp"), "a timestamp")
        for item in stamps
    )


def _log_entries(material: dict[str, Any]) -> tuple[Mapping[str, Any], ...]:
    entries = _array(material.get("tlogEntries"), "the log entries", MAX_TIMESTAMPS)
    return tuple(
        cast(Mapping[str, Any], freeze(_object(entry, "a log entry"))) for entry in entries
    )
