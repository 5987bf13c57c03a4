"""Several signatures under one Sigstore certificate: a report's seal, and the PDF that it covers.

The key is made for the session, held in memory and never written. What is signed as a bundle is
logged and verified as :class:`~weighbridge.signing.keyless_signer.SigstoreSigner` does it; bytes
that are signed alone are in no log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible
from weighbridge.signing import keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import CannotSign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from weighbridge.signing.keyless_signer import SigstoreSigner

_REMEDY = "Check the services of the trust configuration and the identity token, then try again."


@dataclass(frozen=True, slots=True)
class SigstoreSession:
    """One certificate, in DER, and its key. ``timestamp_urls`` are the instance's authorities."""

    certificate: bytes
    public: ec.EllipticCurvePublicKey
    timestamp_urls: tuple[str, ...]
    _signer: SigstoreSigner = field(repr=False)
    _inner: Any = field(repr=False)

    def sign_bytes(self, data: bytes) -> bytes:
        """A DER ECDSA signature with SHA-256. No log learns of it."""
        return keys.sign(self._inner._private_key, data)

    def sign(self, payload: bytes) -> Bundle:
        """An in-toto statement, signed, logged, timestamped where the instance does so.

        Raises:
            CannotSign: a service refused or cannot be reached, or what came back does not verify.
        """
        from sigstore.dsse import Statement

        with _refusals():
            made = str(self._inner.sign_dsse(Statement(payload)).to_json()).encode()
        bundle = Bundle.from_bytes(made)
        if bundle.envelope.payload != payload or bundle.certificates != (self.certificate,):
            raise CannotSign("another statement came back than was to be signed", remedy=_REMEDY)
        self.check(bundle)
        return bundle

    def check(self, bundle: Bundle) -> None:
        """Verify a bundle offline, under the instance's trust root and as this signer's.

        Raises:
            CannotSign: it does not verify.
        """
        if reason := self._signer.why_not(bundle):
            raise CannotSign(f"what was signed does not verify: {reason}", remedy=_REMEDY)


@contextmanager
def sigstore_session(signer: SigstoreSigner) -> Iterator[SigstoreSession]:
    """A certificate for the holder of the signer's token, for as long as the block lasts.

    Raises:
        CannotSign: the token is not accepted, or no certificate can be had.
    """
    from cryptography.hazmat.primitives.serialization import Encoding
    from sigstore.oidc import IdentityToken
    from sigstore.sign import SigningContext

    with _refusals():
        context = SigningContext.from_trust_config(signer.config)
        opened = context.signer(IdentityToken(signer.token))
        inner = opened.__enter__()
        certificate = inner._signing_cert().public_bytes(Encoding.DER)
        urls = tuple(str(client.url) for client in signer.config.signing_config.get_tsas())
    try:
        yield SigstoreSession(certificate, inner._private_key.public_key(), urls, signer, inner)
    finally:
        opened.__exit__(None, None, None)


@contextmanager
def _refusals() -> Iterator[None]:
    """What sigstore-python raises where a service does not do its part, as one typed error."""
    from sigstore._internal.fulcio import ExpiredCertificate
    from sigstore.errors import Error
    from sigstore.oidc import ExpiredIdentity, IdentityError

    try:
        yield
    except (
        IdentityError, ExpiredIdentity, ExpiredCertificate, Error, OSError, ValueError,
    ) as error:  # fmt: skip  # OSError: requests' own
        words = visible(str(error), 300) or type(error).__name__
        raise CannotSign(f"Sigstore did not sign: {words}", remedy=_REMEDY) from error
