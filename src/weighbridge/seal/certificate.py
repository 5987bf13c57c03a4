"""The certificates in a seal: read strictly, since they travel beside what they vouch for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

MAX_CHAIN = 8


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


def public_key(der: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of a sealing certificate.

    Raises:
        HostileInput: the certificate is malformed, or of another kind of key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        public = load(der).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise HostileInput("the sealing certificate's key cannot be read") from error
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise HostileInput("the sealing certificate is not one of an EC key")
    return public


def is_self_signed(der: bytes) -> bool:
    """Whether a certificate is signed by its own key: then nobody else vouches for it."""
    certificate = load(der)
    return _issued(certificate, certificate)


def signing_chain(own: bytes, others: Sequence[bytes]) -> tuple[bytes, ...]:
    """The signer's certificate and those above it, in the order of issue.

    A certificate alone must be signed by itself or be one that an authority issued. The
    self-signature says nothing about who holds the key; it makes every byte of it count.

    Raises:
        HostileInput: one is malformed, or does not lie above the signer's.
    """
    if len(others) >= MAX_CHAIN:
        raise HostileInput(f"the seal carries more than {MAX_CHAIN} certificates")
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


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
