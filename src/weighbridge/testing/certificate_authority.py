"""A loopback Fulcio: ten-minute certificates for whoever a token names, with a CT log's promise.

It checks no token signature, so its certificates prove nothing outside tests and the demo. The
request and answer are those of Fulcio's v2 API; the signed certificate timestamp is RFC 6962, over
the precertificate, as a verifier recomputes it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import struct
from collections.abc import Mapping
from typing import Any

from asn1crypto import core
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from weighbridge.testing import x509 as certificates

_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ISSUER_V1 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_LIFETIME = dt.timedelta(minutes=10)


class Refused(ValueError):
    """A request that the real service would refuse as well."""


class CertificateAuthority:
    """Fulcio's signing endpoint, and the certificate transparency log that vouches for it."""

    def __init__(self) -> None:
        self.root = certificates.root_authority("loopback Fulcio root")
        self.ct_key = certificates.new_key()

    @property
    def ct_log_id(self) -> bytes:
        """RFC 6962 3.2: SHA-256 of the log's public key."""
        return hashlib.sha256(certificates.public_der(self.ct_key)).digest()

    def issue(self, authorization: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``POST /api/v2/signingCert``.

        Raises:
            Refused: no readable token, or no valid certificate signing request.
        """
        claims = _claims(authorization)
        public = _requested_key(request.get("certificateSigningRequest"))
        builder = self._builder(public, claims)
        precertificate = builder.sign(self.root.key, hashes.SHA256()).tbs_certificate_bytes
        builder = builder.add_extension(
            x509.UnrecognizedExtension(_SCT_LIST, self._promise(precertificate)), critical=False
        )
        issued = builder.sign(self.root.key, hashes.SHA256())
        pem = issued.public_bytes(serialization.Encoding.PEM).decode()
        chain = {"certificates": [pem, self.root.pem.decode()]}
        return {"signedCertificateEmbeddedSct": {"chain": chain}}

    def _builder(
        self, public: ec.EllipticCurvePublicKey, claims: Mapping[str, Any]
    ) -> x509.CertificateBuilder:
        holder = str(claims.get("email") or claims["sub"])
        name: x509.GeneralName = x509.UniformResourceIdentifier(holder)
        if "@" in holder:
            name = x509.RFC822Name(holder)
        issuer = str(claims["iss"])
        begin = certificates.now() - dt.timedelta(seconds=5)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
        plain: list[x509.ExtensionType] = [
            usage,
            x509.SubjectKeyIdentifier.from_public_key(public),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
            x509.UnrecognizedExtension(_ISSUER_V1, issuer.encode()),
            x509.UnrecognizedExtension(_ISSUER_V2, core.UTF8String(issuer).dump()),
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.root.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + _LIFETIME)
            .add_extension(certificates.key_usage(authority=False), critical=True)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        )
        for extension in plain:
            builder = builder.add_extension(extension, critical=False)
        return builder

    def _promise(self, tbs: bytes) -> bytes:
        """A SignedCertificateTimestampList with one entry (RFC 6962 3.2, 3.3)."""
        milliseconds = int(certificates.now().timestamp() * 1000)
        issuer_key = hashlib.sha256(certificates.public_der(self.root.key)).digest()
        entry = issuer_key + len(tbs).to_bytes(3, "big") + tbs
        # version v1, certificate_timestamp, time, precert_entry, the entry, no extensions
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + b"\0\0"
        signature = self.ct_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        sct = b"\0" + self.ct_log_id + struct.pack("!Q", milliseconds) + b"\0\0"
        sct += b"\x04\x03" + struct.pack("!H", len(signature)) + signature  # SHA-256, ECDSA
        one = struct.pack("!H", len(sct)) + sct
        return bytes(core.OctetString(struct.pack("!H", len(one)) + one).dump())


def identity_token(
    identity: str,
    issuer: str,
    *,
    lifetime: dt.timedelta = dt.timedelta(minutes=5),
    audience: str = "sigstore",
) -> str:
    """An OpenID Connect token for an identity of your choice; its signature is a placeholder."""
    issued = int(certificates.now().timestamp())
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": identity,
        "email": identity,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    return f"{_segment(header)}.{_segment(claims)}.AAAA"


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(authorization: str) -> dict[str, Any]:
    scheme, _, token = authorization.partition(" ")
    parts = token.split(".")
    if scheme.lower() != "bearer" or len(parts) != 3:
        raise Refused("no bearer token")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, binascii.Error) as error:
        raise Refused("the token is not a JSON web token") from error
    if not isinstance(claims, dict) or not {"iss", "sub"} <= set(claims):
        raise Refused("the token names no issuer or no subject")
    return claims


def _requested_key(request: object) -> ec.EllipticCurvePublicKey:
    try:
        csr = x509.load_pem_x509_csr(base64.b64decode(str(request), validate=True))
        valid = csr.is_signature_valid
        public = csr.public_key()
    except (ValueError, binascii.Error, InvalidSignature) as error:
        raise Refused("the certificate signing request cannot be read") from error
    if not valid or not isinstance(public, ec.EllipticCurvePublicKey):
        raise Refused("the certificate signing request is not signed by an EC key")
    return public
