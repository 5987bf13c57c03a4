"""Sealing with a Sigstore identity: a certificate of minutes, a log's proof, a timestamp.

The seal is an entry of the transparency log. The PDF and the other statements are signed with the
same key and are in no log: the seal covers them. See decision 23.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.model.errors import HostileInput
from weighbridge.seal.log_entry import plain_bundle
from weighbridge.seal.low_s import low_s
from weighbridge.signing.errors import CannotSign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.keyless_session import SigstoreSession


@dataclass(frozen=True, slots=True)
class SigstoreSeal:
    """A :class:`~weighbridge.seal.signer.SealSigner` for as long as its session lasts."""

    session: SigstoreSession

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The one certificate; those above it are the trust root's to bring."""
        return (self.session.certificate,)

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The session's key, which nobody will use again."""
        return self.session.public

    @property
    def timestamp_url(self) -> str:
        """The first timestamp authority of the instance, empty where it names none."""
        return next(iter(self.session.timestamp_urls), "")

    def sign(self, data: bytes) -> bytes:
        """A DER ECDSA signature, its ``s`` the smaller one."""
        return low_s(self.public, self.session.sign_bytes(data))

    def seal(self, payload: bytes) -> Bundle:
        """A statement as a logged bundle, in the form in which a seal is written.

        Raises:
            CannotSign: a service refused, or what came back does not verify in that form.
        """
        made = self.session.sign(payload)
        try:
            plain = plain_bundle(made)
        except HostileInput as error:
            raise CannotSign(f"Sigstore gave what a seal cannot carry: {error.message}") from error
        self.session.check(plain)
        return plain
