"""Who signs: each takes a payload and gives back a bundle that names its signer in its own way."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.edge.text import visible
from weighbridge.signing import document_keys, dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import UnusableKey

if TYPE_CHECKING:
    from weighbridge.sources.http import HttpClient

MAX_CHAIN_BYTES = 2**20


class Signer(Protocol):
    """Anything that can sign a payload."""

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """OMS key mode: the bundle has a hint at the key."""

    private: ec.EllipticCurvePrivateKey

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle."""
        envelope = dsse.sign_envelope(self.private, payload_type, payload)
        return Bundle(envelope, hint=keys.hint(self.private.public_key()))


@dataclass(frozen=True, slots=True)
class CertificateSigner:
    """OMS certificate mode: the bundle has the signer's certificate and those above it, in DER.

    ``signer`` signs with the key of the first one: a :class:`KeySigner`, or a token.
    """

    signer: Signer
    chain: tuple[bytes, ...]

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle."""
        signed = self.signer.sign(payload_type, payload)
        return Bundle(signed.envelope, certificates=self.chain)


@dataclass(frozen=True, slots=True)
class StampedSigner:
    """Adds an RFC 3161 timestamp to what another signer makes: of the first authority that grants.

    A stamp that is asked for and cannot be had is an error: nothing is signed then.
    """

    signer: Signer
    http: HttpClient
    urls: tuple[str, ...]

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle.

        Raises:
            TimestampUnavailable: no authority granted a timestamp.
        """
        from weighbridge.signing.stamps import stamp_by_first

        bundle = self.signer.sign(payload_type, payload)
        stamp = stamp_by_first(self.http, self.urls, bundle.envelope.signature)
        return dataclasses.replace(bundle, timestamps=(*bundle.timestamps, stamp))


def certificate_signer(
    signer: Signer, public: ec.EllipticCurvePublicKey, pems: Sequence[bytes]
) -> CertificateSigner:
    """A signer in certificate mode.

    Args:
        signer: who signs with the key.
        public: that key's public half.
        pems: files with the signer's certificate first, then those above it.

    Raises:
        UnusableKey: no certificate, or the first one is for another key.
    """
    return CertificateSigner(signer, certificate_chain(public, pems))


def certificate_chain(
    public: document_keys.DocumentKey, pems: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The certificates of PEM files in DER, in their order, the first one for the given key.

    Raises:
        UnusableKey: no certificate, or the first one is for another key.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    chain: list[x509.Certificate] = []
    for pem in pems:
        try:
            chain += x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise UnusableKey(
                f"a certificate cannot be read: {visible(str(error), 200)}",
                remedy="Give certificates in PEM, the signer's own with --certificate.",
            ) from error
    if chain[0].public_key() != public:
        raise UnusableKey(
            "the certificate is for another key than the one to sign with",
            remedy="Give the certificate that was issued for this key.",
        )
    return tuple(dict.fromkeys(certificate.public_bytes(Encoding.DER) for certificate in chain))
