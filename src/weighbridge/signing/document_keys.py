"""Keys that seal documents: EC as everywhere in Weighbridge, and RSA, which most authorities give.

RSA signs by RSASSA-PKCS1-v1_5 with SHA-256, whatever its size: that is what Sigstore's registry has
for certificates (``PublicKeyDetails``: PKIX_RSA_PKCS1V15_2048_SHA256 to _4096_SHA256) and what all
PDF readers know. Sizes and exponents are bounded: shorter moduli are not secure any more (NIST SP
800-131A rev. 2), longer ones only cost time, and FIPS 186-5, A.1.1 wants an exponent above 2**16;
OpenSSL takes none above 2**64 for long moduli. Model signatures know no RSA
(:mod:`weighbridge.signing.keys`).
"""

from __future__ import annotations

from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from weighbridge.signing import keys
from weighbridge.signing.errors import SignatureInvalid, UnusableKey

DocumentKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateDocumentKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
MIN_EXPONENT, MAX_EXPONENT = 2**16 + 1, 2**64 - 1
_USABLE = (
    f"Use an EC key on P-256, P-384 or P-521, or an RSA key of {MIN_RSA_BITS} to {MAX_RSA_BITS} "
    "bits."
)


def document_key(public: object) -> DocumentKey:
    """The key, if it is one that may seal.

    Raises:
        UnusableKey: another kind of key, another curve, or RSA out of bounds.
    """
    if isinstance(public, ec.EllipticCurvePublicKey):
        keys.hash_of(public)
        return public
    if not isinstance(public, rsa.RSAPublicKey):
        kind = type(public).__name__.strip("_")
        raise UnusableKey(f"the key is neither EC nor RSA: {kind}", remedy=_USABLE)
    if not MIN_RSA_BITS <= public.key_size <= MAX_RSA_BITS:
        raise UnusableKey(f"the key is RSA of {public.key_size} bits", remedy=_USABLE)
    if not MIN_EXPONENT <= public.public_numbers().e <= MAX_EXPONENT:
        raise UnusableKey(
            "the key is RSA with a public exponent that is not between 2**16 and 2**64",
            remedy="Make a key with the usual exponent, 65537.",
        )
    return public


def load_private_key(pem: bytes, password: bytes | None = None) -> PrivateDocumentKey:
    """Read a private key in PEM, EC or RSA, encrypted or not.

    Raises:
        UnusableKey: not such a key, out of bounds, or the password is missing or wrong.
    """
    return private_key(keys.read_private_pem(pem, password))


def private_key(private: object) -> PrivateDocumentKey:
    """The private key, if it is one that may seal. Raises as :func:`document_key`."""
    if isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        document_key(private.public_key())
        return private
    kind = type(private).__name__.strip("_")
    raise UnusableKey(f"the private key is neither EC nor RSA: {kind}", remedy=_USABLE)


def hash_of(public: DocumentKey) -> hashes.HashAlgorithm:
    """The hash that goes with a key: its curve's, and SHA-256 with RSA."""
    return hashes.SHA256() if isinstance(public, rsa.RSAPublicKey) else keys.hash_of(public)


def sign(private: PrivateDocumentKey, data: bytes) -> bytes:
    """A signature with the key's hash: DER ECDSA, or RSASSA-PKCS1-v1_5."""
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return keys.sign(private, data)


def verify(public: DocumentKey, signature: bytes, data: bytes) -> None:
    """Check a signature as :func:`sign` makes it.

    Raises:
        SignatureInvalid: it does not match.
        UnusableKey: the key is out of bounds.
    """
    if not isinstance(public, rsa.RSAPublicKey):
        keys.verify(public, signature, data)
        return
    document_key(public)
    try:
        public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise SignatureInvalid(
            f"the signature does not match under the key {keys.fingerprint(public).short}"
        ) from error
