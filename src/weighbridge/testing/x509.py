"""Certificates for the loopback services. They prove nothing outside tests and the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

ORGANIZATION = "Weighbridge loopback, for tests only"
TEN_YEARS = dt.timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key on P-256 and the certificate over its public half."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def now() -> dt.datetime:
    """The current time in UTC, to the second: X.509 and RFC 3161 know no finer one here."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def public_der(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """The DER SubjectPublicKeyInfo of a key."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def root_authority(common_name: str) -> Identity:
    """A self-signed authority that may sign leaves and no further authorities."""
    return _issue(common_name, None, path_length=0, usages=(), valid_from=None, validity=TEN_YEARS)


def leaf(
    common_name: str,
    issuer: Identity,
    usages: Sequence[x509.ObjectIdentifier],
    *,
    valid_from: dt.datetime | None = None,
    validity: dt.timedelta = TEN_YEARS,
) -> Identity:
    """A certificate for signing. ``usages`` become a critical extended key usage (RFC 3161 2.3)."""
    return _issue(common_name, issuer, path_length=None, usages=usages, valid_from=valid_from,
                  validity=validity)  # fmt: skip


def key_usage(*, authority: bool) -> x509.KeyUsage:
    """Signing certificates for an authority, signing data for a leaf."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _issue(
    common_name: str,
    issuer: Identity | None,
    *,
    path_length: int | None,
    usages: Sequence[x509.ObjectIdentifier],
    valid_from: dt.datetime | None,
    validity: dt.timedelta,
) -> Identity:
    key = new_key()
    signing_key = issuer.key if issuer else key
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    begin = valid_from or now() - dt.timedelta(hours=1)
    authority = path_length is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + validity)
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        .add_extension(key_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    return Identity(key, builder.sign(signing_key, hashes.SHA256()))
