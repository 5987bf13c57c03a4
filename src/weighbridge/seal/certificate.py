"""The certificates in a seal: read strictly, since they travel beside what they vouch for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput

if TYPE_CHECKING:
    from cryptography import x509

    from weighbridge.signing.document_keys import DocumentKey

MAX_CHAIN = 8
# SHA-1 and MD5 collide: an authority's signature over them says nothing about this certificate
_HASHES = ("sha256", "sha384", "sha512")
_PSS_ONLY = "1.2.840.113549.1.1.10"  # id-RSASSA-PSS as a key's own algorithm, RFC 4055


def load(der: bytes) -> x509.Certificate:
    """A certificate in DER, spelled in the one way that DER has.

    Raises:
        HostileInput: malformed.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        certificate = x509.load_der_x509_certificate(der)
        # these are parsed only when they are asked for
        list(certificate.extensions)
        for name in (certificate.subject, certificate.issuer):
            name.rfc4514_string()
        ordered = certificate.not_valid_before_utc <= certificate.not_valid_after_utc
        same = certificate.public_bytes(Encoding.DER) == der
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion,
            x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:  # fmt: skip
        raise HostileInput("a sealing certificate is malformed") from error
    if not same or not ordered:
        raise HostileInput("a sealing certificate is malformed")
    return certificate


def public_key(der: bytes) -> DocumentKey:
    """The public key of a sealing certificate.

    Raises:
        HostileInput: the certificate is malformed, or of another kind of key, or of one that is
            out of bounds.
    """
    from weighbridge.signing.document_keys import document_key
    from weighbridge.signing.errors import UnusableKey

    certificate = load(der)
    if certificate.public_key_algorithm_oid.dotted_string == _PSS_ONLY:
        raise HostileInput(
            "the sealing certificate's key is for RSASSA-PSS alone, by which no seal can be signed"
        )
    try:
        return document_key(_key(certificate))
    except UnusableKey as error:
        raise HostileInput(f"of the sealing certificate {error.message}") from error


def _key(certificate: x509.Certificate) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise HostileInput("the sealing certificate's key cannot be read") from error


def is_self_signed(der: bytes) -> bool:
    """Whether a certificate is signed by its own key: then nobody else vouches for it."""
    certificate = load(der)
    return _issued(certificate, certificate)


def signing_chain(own: bytes, others: Sequence[bytes]) -> tuple[bytes, ...]:
    """The signer's certificate and those above it, in the order of issue.

    A certificate alone must be signed by itself or be one that an authority issued. The
    self-signature says nothing about who holds the key; it makes every byte of it count.

    Raises:
        HostileInput: one is malformed, weakly signed, of an RSA key out of bounds, or does not lie
            above the signer's.
    """
    if len(others) >= MAX_CHAIN:
        raise HostileInput(f"the seal carries more than {MAX_CHAIN} certificates")
    for certificate in map(load, (own, *others)):
        _check_size(certificate)
        _check_hash(certificate)
    chain = [own]
    waiting = list(others)
    while waiting:
        below = load(chain[-1])
        above = [der for der in waiting if _issued(below, load(der))]
        if not above:
            raise HostileInput("the seal carries a certificate that did not issue the one below it")
        chain.append(above[0])
        waiting.remove(above[0])
    top = load(chain[-1])
    if top.issuer == top.subject and not _issued(top, top):
        raise HostileInput("the sealing certificate is not signed by itself as it claims")
    return tuple(chain)


def _check_size(certificate: x509.Certificate) -> None:
    """Before anything is computed with its key: a long one costs whoever verifies."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    from weighbridge.signing.document_keys import MAX_RSA_BITS, MIN_RSA_BITS

    key = _key(certificate)
    if isinstance(key, rsa.RSAPublicKey) and not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise HostileInput(
            f"a sealing certificate is of an RSA key of {key.key_size} bits, and {MIN_RSA_BITS} to "
            f"{MAX_RSA_BITS} are accepted"
        )


def _check_hash(certificate: x509.Certificate) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm as error:
        raise HostileInput("a sealing certificate is signed in a way not known here") from error
    if algorithm is not None and algorithm.name not in _HASHES:  # None: Ed25519 has its own
        root = " (a root may be left out)" if certificate.issuer == certificate.subject else ""
        raise HostileInput(
            f"a sealing certificate is signed with {algorithm.name}, which is refused{root}"
        )


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
