"""A private certificate authority for signing, with every mistake that a verifier must notice.

Its certificates prove nothing outside tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from weighbridge.testing.x509 import Identity, key_usage, new_key, now

CODE_SIGNING = (ExtendedKeyUsageOID.CODE_SIGNING,)
SERVER_AUTH = (ExtendedKeyUsageOID.SERVER_AUTH,)
YEAR = dt.timedelta(days=365)


def authority(
    common_name: str = "test signing root",
    issuer: Identity | None = None,
    *,
    path_length: int | None = None,
    ca: bool = True,
    usages: Sequence[x509.ObjectIdentifier] = (),
    begin: dt.datetime | None = None,
    validity: dt.timedelta = 10 * YEAR,
) -> Identity:
    """A root, or with an ``issuer`` an intermediate; ``ca=False`` makes one that may not issue."""
    constraints = x509.BasicConstraints(ca, path_length if ca else None)
    usage = key_usage(authority=ca)
    return _issue(common_name, issuer, (), constraints, usage, usages, begin, validity, new_key())


def signing_certificate(
    issuer: Identity,
    *,
    email: str = "",
    uri: str = "",
    common_name: str = "a signer",
    names: Sequence[x509.GeneralName] = (),
    usages: Sequence[x509.ObjectIdentifier] = CODE_SIGNING,
    usage: x509.KeyUsage | None = None,
    begin: dt.datetime | None = None,
    validity: dt.timedelta = YEAR,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Identity:
    """A signer's certificate, which names an e-mail address, a URI, other names, or nobody."""
    alternative = list(names)
    alternative += [x509.RFC822Name(email)] if email else []
    alternative += [x509.UniformResourceIdentifier(uri)] if uri else []
    return _issue(
        common_name,
        issuer,
        alternative,
        x509.BasicConstraints(ca=False, path_length=None),
        usage or key_usage(authority=False),
        usages,
        begin,
        validity,
        key or new_key(),
    )


def _issue(
    common_name: str,
    issuer: Identity | None,
    names: Sequence[x509.GeneralName],
    constraints: x509.BasicConstraints,
    usage: x509.KeyUsage,
    usages: Sequence[x509.ObjectIdentifier],
    begin: dt.datetime | None,
    validity: dt.timedelta,
    key: ec.EllipticCurvePrivateKey,
) -> Identity:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    signing_key = issuer.key if issuer else key
    begin = begin or now() - dt.timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + validity)
        .add_extension(constraints, critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return Identity(key, builder.sign(signing_key, hashes.SHA256()))
