"""RFC 3161 timestamps: asking an authority for one, and judging one without the network.

A timestamp proves that some bytes existed at a time, as far as the authority that states the time
is trusted. Trust comes only from roots that the caller names; none are built in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError, WeighbridgeError
from weighbridge.signing.timestamp_token import (
    MAX_TOKEN_BYTES,
    TimestampInvalid,
    TimestampRejected,
    Token,
    read_token,
)

if TYPE_CHECKING:
    from weighbridge.sources.http import HttpClient

__all__ = [
    "Timestamp",
    "TimestampInvalid",
    "TimestampUnavailable",
    "address",
    "judge_token",
    "load_roots",
    "request_timestamp",
    "request_token",
    "verify_timestamp",
]

_MAX_ROOTS_BYTES = 2**20
_BY_LENGTH = {32: "sha256", 48: "sha384", 64: "sha512"}
_CHECK_ADDRESS = "Check that the address is that of an RFC 3161 authority."


class TimestampUnavailable(WeighbridgeError):
    """No timestamp could be had: no answer, a refusal, or an answer that is no timestamp."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A timestamp whose signature holds.

    ``authority`` is the name in its certificate, made safe to show. ``trusted`` is whether that
    certificate chains, at ``time``, to a root that the caller gave; ``reason`` says why not.
    """

    time: dt.datetime
    authority: str
    trusted: bool
    reason: str = ""


def request_timestamp(http: HttpClient, url: str, data: bytes) -> bytes:
    """A checked timestamp over ``data``, as a DER ``TimeStampResp`` in normal form.

    Raises:
        NetworkForbidden: the client is offline.
        TimestampUnavailable: nobody stamped it.
        TimestampInvalid: the answer is a timestamp and a wrong one: over other data, with another
            nonce, or wrongly signed.
    """
    return request_token(http, url, hashlib.sha256(data).digest()).normal_form


def request_token(http: HttpClient, url: str, digest: bytes) -> Token:
    """:func:`request_timestamp` for a digest of the data, giving the parts of the token.

    Which SHA-2 it is, 256, 384 or 512, its length says.
    """
    nonce = secrets.randbits(64)
    token = _ask(http, url, _query(digest, nonce))
    if token.nonce != nonce:
        raise TimestampInvalid(f"{address(url)} answered to another request")
    if token.hash_algorithm != _BY_LENGTH[len(digest)] or token.imprint != digest:
        raise TimestampInvalid(f"{address(url)} stamped other data than was sent")
    return token


def verify_timestamp(token: bytes, data: bytes, roots: Sequence[bytes]) -> Timestamp:
    """Judge a timestamp over ``data``.

    Args:
        token: a DER ``TimeStampResp`` or a bare token. A certificate set in an order that DER
            forbids (``openssl ts`` writes such) is taken as well.
        data: what was stamped.
        roots: certificates in DER. Without any, nothing is trusted.

    Raises:
        TimestampInvalid: it does not hold, whoever signed it.
    """
    return judge_token(read_token(token), data, roots)


def judge_token(read: Token, data: bytes, roots: Sequence[bytes]) -> Timestamp:
    """:func:`verify_timestamp` for a token that was read already."""
    read.check_covers(data)
    reason = _distrust(read, data, roots)
    authority = visible(read.signer.subject.rfc4514_string(), 200)
    return Timestamp(read.time, authority, not reason, reason)


def address(url: str) -> str:
    """An authority's address for a report: without user, password and query, made safe to show."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "what is configured as the timestamp authority's address"
    host = parts.netloc.rpartition("@")[2]
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return visible(f"{scheme}{host}{parts.path}", 200)


def load_roots(data: bytes, *, source: str) -> tuple[bytes, ...]:
    """The certificates of a PEM or DER file, each in DER.

    Raises:
        ConfigurationError: it holds none, or what cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        if len(data) > _MAX_ROOTS_BYTES:
            raise ValueError(f"it is larger than {_MAX_ROOTS_BYTES} bytes")
        if b"-----BEGIN" in data:
            certificates = x509.load_pem_x509_certificates(data)
        else:
            certificates = [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise ConfigurationError(
            f"no certificate can be read: {visible(str(error), 200)}",
            source=source,
            remedy="Give the timestamp authority's root certificate in PEM or DER.",
        ) from error
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates)


def _query(digest: bytes, nonce: int) -> bytes:
    from asn1crypto import tsp

    request = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": _BY_LENGTH[len(digest)]},
            "hashed_message": digest,
        },
        "nonce": nonce,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(request).dump())


def _ask(http: HttpClient, url: str, query: bytes) -> Token:
    from weighbridge.sources.http import SourceUnavailable

    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
    }
    where = address(url)
    try:
        response = http.post(url, query, headers=headers, max_bytes=MAX_TOKEN_BYTES)
    except SourceUnavailable as error:
        raise TimestampUnavailable(error.message, remedy=error.remedy) from error
    if response.status not in (200, 201):
        raise TimestampUnavailable(f"{where} answered with the status {response.status}",
                                   remedy=_CHECK_ADDRESS)  # fmt: skip
    try:
        return read_token(response.body)
    except TimestampRejected as error:
        raise TimestampUnavailable(
            f"{where}: {error.message}", remedy="Configure another authority."
        ) from error
    except TimestampInvalid as error:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/timestamp-reply":
            raise
        raise TimestampUnavailable(
            f"{where} answered with {visible(kind, 60) or 'something'} that is no timestamp",
            remedy=_CHECK_ADDRESS,
        ) from error


def _distrust(token: Token, data: bytes, roots: Sequence[bytes]) -> str:
    """Why the token's authority is not trusted; empty when it chains to a root at its time."""
    if not roots:
        return "no root certificate of a timestamp authority was given"
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    certificates = [x509.load_der_x509_certificate(der) for der in dict.fromkeys(roots)]
    try:
        # The normal form is strict DER, which rfc3161-client 1.0.9 insists on. It checks the
        # signature once more, and the chain with OpenSSL at the token's own time.
        verifier = VerifierBuilder(roots=certificates).build()
        verifier.verify_message(decode_timestamp_response(token.normal_form), data)
    except (VerificationError, ValueError):
        return "its certificate does not chain to a given root"
    return ""
