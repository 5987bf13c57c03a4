"""With whose key a pack is sealed: the local one, or the user's own with a certificate.

The user's key may lie in a PEM file, a PKCS#12 file or a token (PKCS#11). It is an EC key on P-256,
P-384 or P-521, as everywhere in Weighbridge, and its hash is the curve's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from weighbridge.edge.text import visible
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    from weighbridge.model.digest import Digest

MAX_PKCS12_BYTES = 2**20
_CERTIFICATES = "Give the signer's certificate first, then those above it."


class SealSigner(Protocol):
    """Signs a seal and a PDF. ``certificates`` are DER, the signer's own first."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The signer's certificate, then those between it and the root."""
        ...

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The key that the first certificate is for."""
        ...

    def sign(self, data: bytes) -> bytes:
        """A DER ECDSA signature over ``data`` with the curve's hash, its ``s`` the smaller one."""
        ...


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A key of the user's, wherever it lies, with its certificates. ``close`` logs out of a token.

    ``raw`` gives a DER ECDSA signature with the curve's hash.
    """

    public: ec.EllipticCurvePublicKey
    certificates: tuple[bytes, ...]
    raw: Callable[[bytes], bytes]
    close: Callable[[], None] = lambda: None

    def sign(self, data: bytes) -> bytes:
        """The signature in the one spelling that a seal may have."""
        from weighbridge.seal.low_s import low_s

        return low_s(self.public, self.raw(data))

    @property
    def fingerprint(self) -> Digest:
        """SHA-256 of the public key: what others compare and pin."""
        from weighbridge.signing.keys import fingerprint

        return fingerprint(self.public)


def from_key(private: ec.EllipticCurvePrivateKey, certificates: Sequence[bytes]) -> CertifiedKey:
    """A key in memory with its certificates in PEM; without any, it certifies itself.

    Raises:
        UnusableKey: the first certificate cannot be read, or is for another key.
    """
    from weighbridge.seal.keys import self_signed
    from weighbridge.signing.keys import sign

    public = private.public_key()
    chain = _chain(public, certificates) if certificates else (_der(self_signed(private)),)
    return CertifiedKey(public, chain, lambda data: sign(private, data))


def from_pkcs12(data: bytes, password: bytes | None) -> CertifiedKey:
    """The key and the certificates of a PKCS#12 file (RFC 7292).

    Raises:
        UsageError: it cannot be read, the password is wrong, or it has no EC key and certificate.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    try:
        held = pkcs12.load_pkcs12(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(
            "the PKCS#12 file cannot be read, or its password is wrong",
            remedy="Give the password with --password-file or in WEIGHBRIDGE_KEY_PASSWORD.",
        ) from error
    if not isinstance(held.key, ec.EllipticCurvePrivateKey) or held.cert is None:
        raise UsageError(
            "the PKCS#12 file does not hold an EC key and its certificate",
            remedy="Weighbridge signs with EC keys on P-256, P-384 or P-521.",
        )
    others = _upwards(held.cert.certificate, [each.certificate for each in held.additional_certs])
    pems = [each.public_bytes(Encoding.PEM) for each in (held.cert.certificate, *others)]
    return from_key(held.key, pems)


def from_token(uri: str, pin: bytes | None, certificates: Sequence[bytes]) -> CertifiedKey:
    """A token's key (PKCS#11), with its certificates in PEM. Close it when done.

    Raises:
        UsageError: the token cannot be opened, or no certificate is given.
        UnusableKey: no such key, or the certificate is for another one.
    """
    from weighbridge.signing.pkcs11 import open_token

    if not certificates:
        raise UsageError("--seal-pkcs11 needs --seal-certificate", remedy=_CERTIFICATES)
    token = open_token(uri, pin)
    try:
        chain = _chain(token.public, certificates)
    except BaseException:
        token.__exit__()
        raise
    return CertifiedKey(token.public, chain, token.sign_bytes, token.__exit__)


def lacks_non_repudiation(der: bytes) -> bool:
    """Whether a certificate's key usage leaves out nonRepudiation, which PDF readers ask for.

    pyHanko and others then call the signature invalid by their default settings.
    """
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return not usage.content_commitment


def _chain(public: ec.EllipticCurvePublicKey, pems: Sequence[bytes]) -> tuple[bytes, ...]:
    from weighbridge.signing.keys import hash_of
    from weighbridge.signing.signers import certificate_chain

    hash_of(public)
    return certificate_chain(public, pems)


def _upwards(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The others in the order of issue; those that do not lie above the leaf are left out."""
    path, current = [], leaf
    waiting = list(others)
    while waiting:
        above = [each for each in waiting if each.subject == current.issuer]
        if not above:
            break
        waiting.remove(above[0])
        path.append(above[0])
        current = above[0]
    return path


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def shown_name(der: bytes) -> str:
    """Whom a certificate names, safe to show."""
    from cryptography import x509

    from weighbridge.signing.identity import identities

    certificate = x509.load_der_x509_certificate(der)
    names = identities(certificate) or (certificate.subject.rfc4514_string(),)
    return visible(", ".join(names), 200)
