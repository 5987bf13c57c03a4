"""Answers about revocation, fetched while they can still be had, to be kept in the PDF.

For every certificate that names an OCSP responder (RFC 6960) or a list of revoked certificates (RFC
5280, 4.2.1.13), the first that answers. An answer is looked into only as far as needed to keep no
nonsense: that it can be read and speaks of the certificate. Whether it is signed by whom it must be
is for whoever validates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.seal.pdf_archive import Material

if TYPE_CHECKING:
    from cryptography import x509

    from weighbridge.sources.http import HttpClient

MAX_OCSP_BYTES = 64 * 2**10
MAX_CRL_BYTES = 4 * 2**20
MAX_CERTIFICATES = 16
_MAX_ADDRESSES = 3


def gather(http: HttpClient, certificates: Sequence[bytes]) -> Material:
    """The certificates and what their authorities say of them now.

    Nothing raises: an answer that cannot be had is a note, and the signature without it still
    holds. ``certificates`` are DER in any order, each once.
    """
    from cryptography import x509

    kept = tuple(dict.fromkeys(certificates))
    loaded = [x509.load_der_x509_certificate(der) for der in kept]
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    notes: list[str] = []
    for certificate in loaded[:MAX_CERTIFICATES]:
        if certificate.subject == certificate.issuer:
            continue  # nobody revokes a root but by leaving it out
        responders, lists = addresses(certificate)
        if not responders and not lists:
            continue
        issuer = next((each for each in loaded if each.subject == certificate.issuer), None)
        answer = _ocsp(http, certificate, issuer, responders) if issuer else None
        if answer is not None:
            ocsps.append(answer)
            if _is_revoked(answer):
                notes.append(f"the certificate of {_name(certificate)} is revoked")
            continue
        listed = _crl(http, certificate, lists)
        if listed is not None:
            crls.append(listed)
        else:
            notes.append(
                "no answer could be had about whether the certificate of "
                f"{_name(certificate)} is revoked"
            )
    return Material(kept, tuple(dict.fromkeys(ocsps)), tuple(dict.fromkeys(crls)), tuple(notes))


def addresses(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    """The OCSP responders and the revocation lists that a certificate names, HTTP only."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    responders: list[str] = []
    lists: list[str] = []
    try:
        for extension in certificate.extensions:
            value = extension.value
            if isinstance(value, x509.AuthorityInformationAccess):
                responders += [
                    access.access_location.value
                    for access in value
                    if access.access_method == AuthorityInformationAccessOID.OCSP
                    and isinstance(access.access_location, x509.UniformResourceIdentifier)
                ]
            if isinstance(value, x509.CRLDistributionPoints):
                lists += [
                    name.value
                    for point in value
                    for name in point.full_name or ()
                    if isinstance(name, x509.UniformResourceIdentifier)
                ]
    except (ValueError, x509.DuplicateExtension):
        return [], []
    return list(_web(responders)), list(_web(lists))


def _name(certificate: x509.Certificate) -> str:
    return visible(certificate.subject.rfc4514_string(), 100)


def _is_revoked(answer: bytes) -> bool:
    from cryptography.x509 import ocsp

    status = ocsp.load_der_ocsp_response(answer).certificate_status
    return status is ocsp.OCSPCertStatus.REVOKED


def _web(found: Sequence[str]) -> Iterator[str]:
    for url in found[:_MAX_ADDRESSES]:
        if url.startswith(("http://", "https://")):
            yield url


def _ocsp(
    http: HttpClient,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    responders: Sequence[str],
) -> bytes | None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import ocsp

    from weighbridge.sources.http import SourceUnavailable

    # SHA-1 here names the issuer and protects nothing; many responders know no other (RFC 5019)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    query = builder.build().public_bytes(Encoding.DER)
    headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
    for url in responders:
        try:
            response = http.post(url, query, headers=headers, max_bytes=MAX_OCSP_BYTES)
        except SourceUnavailable:
            continue
        if response.status != 200:
            continue
        try:
            answer = ocsp.load_der_ocsp_response(response.body)
            speaks = (
                answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
                and answer.serial_number == certificate.serial_number
            )
        except ValueError:
            continue
        if speaks:
            return response.body
    return None


def _crl(http: HttpClient, certificate: x509.Certificate, lists: Sequence[str]) -> bytes | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from weighbridge.sources.http import SourceUnavailable

    for url in lists:
        try:
            response = http.get(url, max_bytes=MAX_CRL_BYTES)
        except SourceUnavailable:
            continue
        if response.status != 200:
            continue
        try:
            pem = response.body.startswith(b"-----BEGIN")
            load = x509.load_pem_x509_crl if pem else x509.load_der_x509_crl
            found = load(response.body)
            same = found.issuer == certificate.issuer
        except ValueError:
            continue
        if same:
            return found.public_bytes(Encoding.DER)
    return None
