"""The self-signed certificate in a seal: read strictly, since nothing else vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec


def sealing_public_key(der: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of a sealing certificate, which must be signed by that very key.

    The self-signature says nothing about who holds the key; it makes every byte of the certificate
    count.

    Raises:
        HostileInput: malformed, not EC, or not signed by itself.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        certificate = x509.load_der_x509_certificate(der)
        public = certificate.public_key()
        certificate.verify_directly_issued_by(certificate)
        same = certificate.public_bytes(Encoding.DER) == der
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm,
            x509.InvalidVersion) as error:  # fmt: skip
        raise HostileInput("the sealing certificate is malformed or not self-signed") from error
    if not same or not isinstance(public, ec.EllipticCurvePublicKey):
        raise HostileInput("the sealing certificate is not one of an EC key")
    return public
