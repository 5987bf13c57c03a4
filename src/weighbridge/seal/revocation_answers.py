"""What a certificate's authority says of it: OCSP responses and lists, checked before they count.

An answer counts if the certificate's issuer signed it, or for OCSP somebody whom the issuer
certified for that (RFC 6960, 4.2.2.2), over SHA-2; and if it is about this very certificate. Lists
that are deltas, indirect, for some reasons or for other kinds of certificates are left aside (RFC
5280, 5.2 and 6.3.3).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.seal.times import SKEW

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509 import ocsp

HOLD = "certificate_hold"
_HASHES = ("sha256", "sha384", "sha512")
_NAMED = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384,
          "sha512": hashlib.sha512}  # fmt: skip
_MAX_RESPONDERS = 8
_MAX_RESPONSES = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said on ``issued``, and may be relied on until ``until`` where that is stated.

    ``revoked`` is since when the certificate is revoked, None where it is not; a stated time of
    compromise counts where it is earlier (RFC 5280, 5.3.2). ``reason`` is RFC 5280's name for why,
    empty where none is given. ``by`` is ``OCSP`` or ``a list``.
    """

    by: str
    issued: dt.datetime
    until: dt.datetime | None
    revoked: dt.datetime | None = None
    reason: str = ""


def answers(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    ocsps: Sequence[bytes],
    crls: Sequence[bytes],
    now: dt.datetime,
) -> list[Answer]:
    """Every answer about a certificate that counts, oldest first; what does not is passed over.

    Args:
        issuer: whose signature under the certificate was checked.
        ocsps: OCSP responses in DER.
        crls: revocation lists in DER or PEM.
        now: what is dated later does not count.
    """
    found: list[Answer] = []
    for data in ocsps:
        with _unusable():
            found += _by_ocsp(certificate, issuer, data)
    for data in crls:
        with _unusable():
            found += _by_list(certificate, issuer, data)
    return sorted((a for a in found if a.issued <= now + SKEW), key=lambda answer: answer.issued)


def _unusable() -> suppress:
    """What ``cryptography`` raises over an answer that is malformed or not signed as it must be."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    return suppress(
        ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension,
        x509.InvalidVersion, x509.UnsupportedGeneralNameType,
    )  # fmt: skip


def _by_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, data: bytes
) -> Iterator[Answer]:
    from cryptography.x509 import ocsp

    response = ocsp.load_der_ocsp_response(data)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return
    about = []
    for count, single in enumerate(response.responses):
        if count < _MAX_RESPONSES and _is_about(single, certificate, issuer):
            about.append(single)
    if not about or not _signed_for(response, issuer):
        return
    for single in about:
        reason = single.revocation_reason
        if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            yield Answer("OCSP", single.this_update_utc, single.next_update_utc,
                         single.revocation_time_utc, reason.name if reason else "")  # fmt: skip
        elif single.certificate_status is ocsp.OCSPCertStatus.GOOD:
            yield Answer("OCSP", single.this_update_utc, single.next_update_utc)


def _is_about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    """Whether serial number, issuer's name and issuer's key are the certificate's (4.1.1)."""
    from asn1crypto import x509 as asn1
    from cryptography.hazmat.primitives.serialization import Encoding

    named = _NAMED.get(single.hash_algorithm.name)
    if named is None or single.serial_number != certificate.serial_number:
        return False
    above = asn1.Certificate.load(issuer.public_bytes(Encoding.DER))
    key = above.public_key["public_key"].contents[1:]  # the BIT STRING without its first byte
    return bool(
        named(above.subject.dump()).digest() == single.issuer_name_hash
        and named(key).digest() == single.issuer_key_hash
    )


def _signed_for(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the issuer signed a response, or somebody whom it certified to do so."""
    algorithm = response.signature_hash_algorithm
    if algorithm is not None and algorithm.name not in _HASHES:
        return False
    others = response.certificates[:_MAX_RESPONDERS]
    for each in (issuer, *(one for one in others if _delegated(one, issuer, response))):
        if _verifies(each, response.signature, response.tbs_response_bytes, algorithm):
            return True
    return False


def _delegated(
    responder: x509.Certificate, issuer: x509.Certificate, response: ocsp.OCSPResponse
) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.x509.oid import ExtendedKeyUsageOID

    at = response.produced_at_utc
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    valid = responder.not_valid_before_utc <= at <= responder.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verifies(signer: x509.Certificate, signature: bytes, over: bytes, algorithm: Any) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    from weighbridge.signing.document_keys import MAX_RSA_BITS, MIN_RSA_BITS

    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            key.verify(signature, over, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, over, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, over)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _by_list(
    certificate: x509.Certificate, issuer: x509.Certificate, data: bytes
) -> Iterator[Answer]:
    from cryptography import x509

    pem = data.lstrip().startswith(b"-----BEGIN")
    listed = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
    algorithm = listed.signature_hash_algorithm
    if listed.issuer != certificate.issuer or not _may_list(issuer):
        return
    if algorithm is not None and algorithm.name not in _HASHES:
        return
    if not _verifies(issuer, listed.signature, listed.tbs_certlist_bytes, algorithm):
        return
    scope = _scope(listed, certificate)
    if scope is None:
        return
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None:
        since, reason = _since(entry)
        yield Answer("a list", listed.last_update_utc, listed.next_update_utc, since, reason)
    elif scope:
        yield Answer("a list", listed.last_update_utc, listed.next_update_utc)


def _may_list(issuer: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _scope(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool | None:
    """Whether a list would name the certificate if it were revoked; None if it is of no use.

    A part of a divided list says so by its address, which the certificate must name too.
    """
    from cryptography import x509

    scope = True
    for extension in listed.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if value.indirect_crl or value.only_contains_attribute_certs or value.only_some_reasons:
                return None
            if value.only_contains_ca_certs and not _is_authority(certificate):
                return None
            if value.only_contains_user_certs and _is_authority(certificate):
                return None
            if value.full_name or value.relative_name:
                scope = not _points(certificate).isdisjoint(value.full_name or ())
        elif extension.critical or isinstance(value, x509.DeltaCRLIndicator):
            return None
    return scope


def _is_authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _points(certificate: x509.Certificate) -> set[x509.GeneralName]:
    from cryptography import x509

    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return set()
    return {name for point in points for name in point.full_name or ()}


def _since(entry: x509.RevokedCertificate) -> tuple[dt.datetime, str]:
    from cryptography import x509

    since, reason = entry.revocation_date_utc, ""
    try:
        extensions = list(entry.extensions)
    except (ValueError, x509.DuplicateExtension):
        return since, reason  # it stands in the list, whatever else is said of it
    for extension in extensions:
        if isinstance(extension.value, x509.InvalidityDate):
            since = min(since, extension.value.invalidity_date_utc)
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.name
    return since, reason
