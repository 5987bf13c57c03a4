"""Certificates: reading them, and whether one may sign under roots that the caller names.

There is no other store of roots: a signer whom the web trusts for a host name is nobody here. The
path is built and checked by ``cryptography``'s verifier (RFC 5280: signatures, basicConstraints,
pathlen, keyUsage, name constraints, validity of every certificate at one time); what it leaves to
the application, the purpose, is codeSigning here. model-signing 1.1.1 checks neither the time nor
the purpose, and takes a web server's expired certificate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError
from weighbridge.signing.errors import MalformedBundle

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509.verification import ExtensionPolicy, Policy

MAX_DEPTH = 8

T = TypeVar("T", bound="x509.ExtensionType")


class UntrustedCertificate(Exception):
    """Why a certificate may not sign. Never leaves this room."""


def load_chain(chain: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Certificates from DER, with extensions that can be read.

    Raises:
        MalformedBundle: one of them cannot.
    """
    from cryptography import x509

    loaded = []
    for der in chain:
        with malformed_certificates():
            certificate = x509.load_der_x509_certificate(der)
            list(certificate.extensions)
            certificate.subject.rfc4514_string()
            certificate.issuer.rfc4514_string()
            loaded.append(certificate)
    return tuple(loaded)


@contextmanager
def malformed_certificates() -> Iterator[None]:
    """What ``cryptography`` raises over a malformed certificate, as one typed error."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType

    try:
        yield
    except (
        ValueError, TypeError, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType,
        UnsupportedAlgorithm,
    ) as error:  # fmt: skip
        raise MalformedBundle(
            f"a certificate cannot be read ({type(error).__name__}: {visible(str(error), 200)})"
        ) from error


def load_roots(roots: Sequence[str], whose: str) -> tuple[x509.Certificate, ...]:
    """Root certificates from PEM.

    Raises:
        ConfigurationError: one is no certificate, or none of an authority: then it could vouch for
            nobody, and a signer's own certificate must not be made a root by mistake.
    """
    from cryptography import x509

    loaded: list[x509.Certificate] = []
    for pem in roots:
        try:
            loaded += x509.load_pem_x509_certificates(pem.encode("utf-8", "replace"))
        except ValueError as error:
            raise ConfigurationError(
                f"a certificate root of {whose} cannot be read: {visible(str(error), 200)}",
                remedy="Give the authority's certificate in PEM.",
            ) from error
    for certificate in loaded:
        if not _is_authority(certificate):
            raise ConfigurationError(
                f"a certificate root of {whose} is no authority's: {name_of(certificate)}",
                remedy="Give the certificate of the authority that issues signing certificates.",
            )
    return tuple(loaded)


def check_path(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: dt.datetime
) -> x509.Certificate:
    """Check that the first certificate may sign code at a time, and return the root it leads to.

    Args:
        chain: the signer's certificate, then any that may lie between it and a root.
        roots: whom to believe.
        at: a time that the signer did not choose.

    Raises:
        UntrustedCertificate: why not.
    """
    from cryptography.x509 import UnsupportedGeneralNameType
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    leaf = chain[0]
    _check_leaf(leaf, at)
    verifier = (
        PolicyBuilder()
        .store(Store(list(dict.fromkeys(roots))))
        .time(at)
        .max_chain_depth(MAX_DEPTH)
        .extension_policies(ca_policy=_authority_policy(), ee_policy=_leaf_policy())
        .build_client_verifier()
    )
    try:
        path = verifier.verify(leaf, list(dict.fromkeys(chain[1:]))).chain
    except (VerificationError, UnsupportedGeneralNameType, ValueError) as error:
        reason = _diagnosis(chain[1:], roots, at) or _lib_words(error)
        raise UntrustedCertificate(reason) from error
    return path[-1]


def name_of(certificate: x509.Certificate) -> str:
    """A certificate's subject, or else its serial number, safe to show."""
    subject = certificate.subject.rfc4514_string()
    return visible(subject or f"serial number {certificate.serial_number:x}", 200)


def check_validity(certificate: x509.Certificate, at: dt.datetime) -> None:
    """Raises UntrustedCertificate: the certificate is not valid at that time."""
    if at < certificate.not_valid_before_utc:
        raise UntrustedCertificate(
            f"the certificate of {name_of(certificate)} is valid only from "
            f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%SZ}, after {at:%Y-%m-%d %H:%M:%SZ}"
        )
    if at > certificate.not_valid_after_utc:
        raise UntrustedCertificate(
            f"the certificate of {name_of(certificate)} expired on "
            f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%SZ}, before "
            f"{at:%Y-%m-%d %H:%M:%SZ}"
        )


def _check_leaf(leaf: x509.Certificate, at: dt.datetime) -> None:
    """What the path check demands of the signer's certificate, told apart beforehand."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = _extension(leaf, x509.ExtendedKeyUsage)
    if usage is None or ExtendedKeyUsageOID.CODE_SIGNING not in usage:
        stated = ", ".join(oid._name for oid in usage) if usage else "no purpose"
        raise UntrustedCertificate(
            f"the certificate of {name_of(leaf)} is not one for code signing: it states {stated}"
        )
    key_usage = _extension(leaf, x509.KeyUsage)
    if key_usage is None or not key_usage.digital_signature:
        raise UntrustedCertificate(
            f"the key usage of the certificate of {name_of(leaf)} is not digital signature"
        )
    if _is_authority(leaf) and key_usage.key_cert_sign:
        raise UntrustedCertificate(
            f"the certificate of {name_of(leaf)} is an authority's, which signs certificates only"
        )
    check_validity(leaf, at)


def _is_authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _extension(certificate: x509.Certificate, kind: type[T]) -> T | None:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _leaf_policy() -> ExtensionPolicy:
    """The profile of RFC 5280 for the signer's certificate, with codeSigning.

    The web's profile is loosened where code signing differs: many such certificates have no
    alternative name, and those of model-signing's own examples claim to be an authority (CA:TRUE)
    without the key usage of one. One that could issue certificates was refused before.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def purpose(_policy: Policy, _leaf: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
        if ExtendedKeyUsageOID.CODE_SIGNING not in usage:
            raise ValueError("its extended key usage is not code signing")

    return (
        ExtensionPolicy.webpki_defaults_ee()
        .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purpose)
        .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
    )


def _authority_policy() -> ExtensionPolicy:
    """An authority's purposes, where it states any, must include code signing."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    wanted = {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}

    def purpose(
        _policy: Policy, _authority: x509.Certificate, usage: x509.ExtendedKeyUsage | None
    ) -> None:
        if usage is not None and wanted.isdisjoint(usage):
            raise ValueError("its extended key usage leaves out code signing")

    return (
        ExtensionPolicy.webpki_defaults_ca()
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purpose)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
        .may_be_present(x509.SubjectKeyIdentifier, Criticality.NON_CRITICAL, None)
    )


def _diagnosis(
    between: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: dt.datetime
) -> str:
    """The likeliest cause in words, where there is one. The verdict never rests on it."""
    for certificate in between:
        if certificate in roots:
            continue
        if not _is_authority(certificate):
            return f"{name_of(certificate)} lies in its chain and is no authority"
        try:
            check_validity(certificate, at)
        except UntrustedCertificate as error:
            return str(error)
    names = {certificate.issuer for certificate in between}
    for root in roots:
        if root.subject in names or not between:
            try:
                check_validity(root, at)
            except UntrustedCertificate as error:
                return f"the root cannot vouch for it: {error}"
    return ""


def _lib_words(error: Exception) -> str:
    words = str(error).removeprefix("validation failed: ")
    # what follows is a certificate's repr
    return f"its certificate does not lead to a given root: {visible(words.split(' (enc')[0], 200)}"
