"""Elliptic-curve keys: the only ones that OMS key mode knows (algorithm registry of the OMS spec).

P-256 goes with SHA-256, P-384 with SHA-384, P-521 with SHA-512.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from weighbridge.model.digest import Digest
from weighbridge.model.policy import TrustedSigner
from weighbridge.signing.errors import SignatureInvalid, UnusableKey

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

MAX_PEM_BYTES = 64 * 2**10

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "secp256r1": hashes.SHA256,
    "secp384r1": hashes.SHA384,
    "secp521r1": hashes.SHA512,
}
_MAKE_A_KEY = (
    "Use an EC key on P-256, P-384 or P-521 in PEM, for example one made by "
    "'weighbridge sign --generate-key PATH'."
)


def load_private_key(pem: bytes, password: bytes | None = None) -> ec.EllipticCurvePrivateKey:
    """Read a private key in PEM (PKCS#8 or SEC 1), encrypted or not.

    Raises:
        UnusableKey: not such a key, another curve, or the password is missing or wrong.
    """
    key = read_private_pem(pem, password)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UnusableKey(f"the private key is no EC key: {type(key).__name__}", remedy=_MAKE_A_KEY)
    _check_curve(key.curve)
    return key


def read_private_pem(pem: bytes, password: bytes | None) -> PrivateKeyTypes:
    """Read a private key of any kind in PEM.

    Raises:
        UnusableKey: not a key, or the password is missing or wrong.
    """
    _bounded(pem, "private key")
    try:
        return serialization.load_pem_private_key(pem, password)
    except TypeError as error:
        if password is None:
            raise UnusableKey(
                "the private key is encrypted and no password was given",
                remedy="Give it with --password-file or in WEIGHBRIDGE_KEY_PASSWORD.",
            ) from error
        raise UnusableKey(
            "a password was given and the private key is not encrypted",
            remedy="Leave the password away, or encrypt the key.",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        wrong = "" if password is None else ", or its password is another one"
        raise UnusableKey(
            f"the private key cannot be read: it is not a key in PEM{wrong}", remedy=_MAKE_A_KEY
        ) from error


def load_public_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Read a public key in PEM (SubjectPublicKeyInfo).

    Raises:
        UnusableKey: not such a key, or another curve.
    """
    _bounded(pem, "public key")
    if b"PRIVATE KEY-----" in pem:
        raise UnusableKey(
            "this is a private key where a public one is expected",
            remedy="Write its public half with 'openssl pkey -in KEY -pubout'.",
        )
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(
            "the public key cannot be read: it is not a key in PEM",
            remedy="Give the public half of an EC key, a file that begins with "
            "'-----BEGIN PUBLIC KEY-----'.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UnusableKey(f"the public key is no EC key: {type(key).__name__}", remedy=_MAKE_A_KEY)
    _check_curve(key.curve)
    return key


def generate_key() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(private: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    """PKCS#8 in PEM, encrypted when a password is given."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


def public_pem(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    """SubjectPublicKeyInfo in PEM, as OMS hashes it for the hint: 64 columns, a final newline."""
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


def fingerprint(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> Digest:
    """SHA-256 of the DER SubjectPublicKeyInfo: how policies and reports name a key."""
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Digest("sha256", hashlib.sha256(der).hexdigest())


def spki_digest(certificate: x509.Certificate) -> Digest:
    """:func:`fingerprint` of a certificate's key, of whatever kind that is."""
    info = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Digest("sha256", hashlib.sha256(info).hexdigest())


def hint(public: ec.EllipticCurvePublicKey) -> str:
    """What OMS writes to ``publicKey.hint``: the hex SHA-256 of the PEM text. It proves nothing."""
    return hashlib.sha256(public_pem(public).encode("ascii")).hexdigest()


def trusted_signer(name: str, pem: bytes, paths: tuple[str, ...] = ("**",)) -> TrustedSigner:
    """A signer to trust, from a public key in PEM.

    Raises:
        UnusableKey: the PEM is no usable public key.
    """
    public = load_public_key(pem)
    return TrustedSigner(name, public_pem(public), fingerprint(public), paths)


def sign(private: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """A DER ECDSA signature with the curve's hash.

    It is the deterministic one of RFC 6979 where the platform's OpenSSL has it, so that signing the
    same model twice gives the same file.
    """
    algorithm = _check_curve(private.curve)
    try:
        scheme = ec.ECDSA(algorithm, deterministic_signing=True)
    except UnsupportedAlgorithm:
        scheme = ec.ECDSA(algorithm)
    return private.sign(data, scheme)


def verify(
    public: ec.EllipticCurvePublicKey,
    signature: bytes,
    data: bytes,
    algorithm: hashes.HashAlgorithm | None = None,
) -> None:
    """Check a DER ECDSA signature with the curve's hash, or with the one given.

    Raises:
        SignatureInvalid: it does not match.
    """
    try:
        public.verify(signature, data, ec.ECDSA(algorithm or _check_curve(public.curve)))
    except InvalidSignature as error:
        raise SignatureInvalid(
            f"the signature does not match under the key {fingerprint(public).short}"
        ) from error


def hash_of(public: ec.EllipticCurvePublicKey) -> hashes.HashAlgorithm:
    """The hash that goes with a key's curve.

    Raises:
        UnusableKey: a curve that the format does not have.
    """
    return _check_curve(public.curve)


def _check_curve(curve: ec.EllipticCurve) -> hashes.HashAlgorithm:
    algorithm = _HASHES.get(curve.name)
    if algorithm is None:
        raise UnusableKey(f"the key is on the curve {curve.name}", remedy=_MAKE_A_KEY)
    return algorithm()


def _bounded(pem: bytes, what: str) -> None:
    if len(pem) > MAX_PEM_BYTES:
        raise UnusableKey(f"the {what} is larger than {MAX_PEM_BYTES} bytes", remedy=_MAKE_A_KEY)
