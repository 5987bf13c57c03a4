"""Signing with Sigstore: a certificate for an identity token, a log entry, a timestamp.

sigstore-python asks the services that a trust configuration names; one file describes a private
instance whole. What comes back is verified under that configuration's trust root, offline, before
it is handed over: sigstore-python 4.5.1 only warns where a timestamp could not be had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError, UsageError
from weighbridge.model.policy import TrustedSigner, identity_fingerprint
from weighbridge.signing import dsse
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import CannotSign

MAX_CONFIG_BYTES = 2**20
MAX_TOKEN_BYTES = 64 * 2**10
_REMEDY = "Check the services of the trust configuration and the identity token, then try again."


@dataclass(frozen=True, slots=True)
class SigstoreSigner:
    """Signs as the holder of an OpenID Connect token.

    ``config`` is sigstore-python's ``ClientTrustConfig``; ``root`` its trust root, normalized.
    """

    config: Any
    root: str
    token: str

    def sign(self, payload_type: str, payload: bytes) -> Bundle:
        """The signed payload, in a bundle.

        Raises:
            CannotSign: a service refused or cannot be reached, or what came back does not verify.
        """
        if payload_type != dsse.IN_TOTO:
            raise CannotSign(f"Sigstore signs in-toto statements, not {visible(payload_type, 60)}")
        bundle = Bundle.from_bytes(self._ask(payload))
        if bundle.envelope.payload != payload:
            raise CannotSign("another payload came back than was to be signed", remedy=_REMEDY)
        if reason := self.why_not(bundle):
            raise CannotSign(f"what was signed does not verify: {reason}", remedy=_REMEDY)
        return bundle

    def _ask(self, payload: bytes) -> bytes:
        from sigstore.dsse import Statement
        from sigstore.errors import Error
        from sigstore.oidc import IdentityError, IdentityToken
        from sigstore.sign import SigningContext

        try:
            context = SigningContext.from_trust_config(self.config)
            with context.signer(IdentityToken(self.token)) as signer:
                return str(signer.sign_dsse(Statement(payload)).to_json()).encode()
        except (IdentityError, Error, OSError, ValueError) as error:  # OSError: requests' own
            words = visible(str(error), 300) or type(error).__name__
            raise CannotSign(f"Sigstore did not sign: {words}", remedy=_REMEDY) from error

    def why_not(self, bundle: Bundle) -> str:
        """Why a bundle does not verify as the signer's own, under the trust root; else empty."""
        from weighbridge.signing.certificates import load_chain
        from weighbridge.signing.identity import identities, oidc_issuer
        from weighbridge.signing.keyless import check_keyless
        from weighbridge.signing.verdict import SignatureState

        (leaf,) = load_chain(bundle.certificates)
        names, issuer = identities(leaf), oidc_issuer(leaf)
        if not names:
            return "its certificate names nobody"
        me = TrustedSigner(
            "the signer",
            "",
            identity_fingerprint(names[0], issuer, (), self.root),
            identity=names[0],
            issuer=issuer,
            trusted_root=self.root,
        )
        verdict = check_keyless(bundle, [me], other=1)
        return "" if verdict.state is SignatureState.VALID else verdict.reason


def sigstore_signer(config: bytes | None, token: str) -> SigstoreSigner:
    """A signer for a trust configuration; without one, for the public Sigstore instance.

    Args:
        config: a ``ClientTrustConfig`` in JSON. None asks the public instance's update repository.
        token: an OpenID Connect token; empty asks the surroundings (a CI job's own identity).

    Raises:
        ConfigurationError: the configuration cannot be used.
        UsageError: there is no token.
    """
    from sigstore.errors import Error
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityError, detect_credential

    from weighbridge.signing.trust_root import normalized_root

    try:
        if config is None:
            parsed = ClientTrustConfig.production()
        else:
            parsed = ClientTrustConfig.from_json(config.decode("utf-8"))
        root = normalized_root(
            parsed._inner.trusted_root.to_json().encode(), "the trust configuration"
        )
    except (Error, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"the Sigstore trust configuration cannot be used: {visible(str(error), 200)}",
            remedy="Give the instance's client trust configuration with --trust-config.",
        ) from error
    if not token:
        try:
            token = detect_credential() or ""
        except IdentityError as error:
            raise UsageError(f"no identity token can be had here: {error}") from error
    if not token:
        raise UsageError(
            "there is no identity token to sign with",
            remedy="Give a file with one by --identity-token, or run in a CI job that has one.",
        )
    return SigstoreSigner(parsed, root, token)
