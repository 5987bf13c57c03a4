"""With whose key a pack is sealed: the local one, or the user's own with a certificate.

The user's key may lie in a PEM file, a PKCS#12 file or a token (PKCS#11). It is an EC key on P-256,
P-384 or P-521 or an RSA key, as :mod:`weighbridge.signing.document_keys` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from weighbridge.edge.text import visible
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from cryptography import x509

    from weighbridge.model.digest import Digest
    from weighbridge.signing.document_keys import DocumentKey, PrivateDocumentKey

MAX_PKCS12_BYTES = 2**20
_CERTIFICATES = "Give the signer's certificate first, then those above it."


class SealSigner(Protocol):
    """Signs a seal and a PDF. ``certificates`` are DER, the signer's own first."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The signer's certificate, then those between it and the root."""
        ...

    @property
    def public(self) -> DocumentKey:
        """The key that the first certificate is for."""
        ...

    def sign(self, data: bytes) -> bytes:
        """A signature over ``data`` with the key's hash; by ECDSA in DER, its ``s`` the smaller."""
        ...


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A key of the user's, wherever it lies, with its certificates. ``close`` logs out of a token.

    ``raw`` gives a signature with the key's hash, of any spelling.
    """

    public: DocumentKey
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


def from_key(private: PrivateDocumentKey, certificates: Sequence[bytes]) -> CertifiedKey:
    """A key in memory with its certificates in PEM; without any, it certifies itself.

    Raises:
        UnusableKey: the key may not seal, the first certificate cannot be read, is for another key
            or may not seal, or another does not lie above it.
    """
    from weighbridge.seal.keys import self_signed
    from weighbridge.signing.document_keys import sign

    public = private.public_key()
    chain = _chain(public, certificates) if certificates else (_der(self_signed(private)),)
    return CertifiedKey(public, chain, lambda data: sign(private, data))


def from_pkcs12(data: bytes, password: bytes | None) -> CertifiedKey:
    """The key and the certificates of a PKCS#12 file (RFC 7292).

    Raises:
        UsageError: it cannot be read, the password is wrong, or it has no certificate.
        UnusableKey: as :func:`from_key`.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    from weighbridge.signing.document_keys import private_key

    try:
        held = pkcs12.load_pkcs12(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(
            "the PKCS#12 file cannot be read, or its password is wrong",
            remedy="Give the password with --password-file or in WEIGHBRIDGE_KEY_PASSWORD.",
        ) from error
    if held.key is None or held.cert is None:
        raise UsageError(
            "the PKCS#12 file does not hold a key and its certificate",
            remedy="Export both, for example with 'openssl pkcs12 -export -inkey … -in …'.",
        )
    key = private_key(held.key)
    others = _upwards(held.cert.certificate, [each.certificate for each in held.additional_certs])
    pems = [each.public_bytes(Encoding.PEM) for each in (held.cert.certificate, *others)]
    return from_key(key, pems)


def from_token(uri: str, pin: bytes | None, certificates: Sequence[bytes]) -> CertifiedKey:
    """A token's key (PKCS#11), with its certificates in PEM. Close it when done.

    Raises:
        UsageError: the token cannot be opened, or no certificate is given.
        UnusableKey: no such key, or one or a certificate that may not seal.
    """
    from weighbridge.signing.pkcs11 import open_document_token

    if not certificates:
        raise UsageError("--seal-pkcs11 needs --seal-certificate", remedy=_CERTIFICATES)
    token = open_document_token(uri, pin)
    try:
        chain = _chain(token.public, certificates)
    except BaseException:
        token.close()
        raise
    return CertifiedKey(token.public, chain, token.sign_bytes, token.close)


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


def _chain(public: DocumentKey, pems: Sequence[bytes]) -> tuple[bytes, ...]:
    """The certificates in DER, after the checks that whoever verifies makes of them.

    Nothing is sealed that would then be refused.
    """
    from weighbridge.model.errors import HostileInput
    from weighbridge.seal.certificate import public_key, signing_chain
    from weighbridge.signing.document_keys import document_key
    from weighbridge.signing.errors import UnusableKey
    from weighbridge.signing.signers import certificate_chain

    document_key(public)
    chain = certificate_chain(public, pems)
    try:
        public_key(chain[0])
        ordered = signing_chain(chain[0], chain[1:])
    except HostileInput as error:
        raise UnusableKey(error.message, remedy=_CERTIFICATES) from error
    return ordered


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
