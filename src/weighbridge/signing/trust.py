"""Whether a signature is one of those who are trusted: by key, by certificate, by Sigstore.

Nothing here opens a socket, reads a clock or a file: roots stand in the trusted signers, and the
time is a trusted one of the bundle's, or the caller's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.policy import SignerKind, TrustedSigner, identity_fingerprint
from weighbridge.signing import dsse, keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.errors import SignatureInvalid, UnusableKey
from weighbridge.signing.fingerprints import WHERE, with_keys
from weighbridge.signing.verdict import SignatureState, SignatureVerdict, StampNote, TrustedTime

if TYPE_CHECKING:
    from cryptography import x509


def check_signature(
    bundle: Bundle,
    signers: Sequence[TrustedSigner],
    *,
    at: dt.datetime | None = None,
    timestamp_roots: Sequence[str] = (),
    at_hand: Sequence[bytes] = (),
) -> SignatureVerdict:
    """Judge a bundle's signature.

    Args:
        bundle: all that it says beside the envelope is a hint.
        signers: whom to trust; those of the bundle's own mode are tried.
        at: what counts as now, where no trusted timestamp says when the signature was made.
        timestamp_roots: whose RFC 3161 time counts: each text is one set of roots, in PEM.
        at_hand: files that may be keys whose fingerprints are trusted.

    Raises:
        MalformedBundle: a certificate cannot be read.
        ConfigurationError: a signer's key or root cannot be used.
    """
    for signer in signers:
        if signer.kind in (SignerKind.CERTIFICATE, SignerKind.SIGSTORE):
            _check_identity(signer)
    kind = SignerKind(bundle.mode)
    mine = [signer for signer in signers if signer.kind is kind]
    if kind is SignerKind.SIGSTORE:
        from weighbridge.signing.keyless import check_keyless

        return check_keyless(bundle, mine, other=len(signers))
    from weighbridge.signing.stamps import read_stamps, trusted_time

    stamps = read_stamps(bundle, timestamp_roots)
    signed = trusted_time(stamps)
    if kind is SignerKind.KEY:
        found = [*at_hand, bundle.public_key] if bundle.public_key else at_hand
        known = with_keys(signers, found)
        state, valid, reason = _by_key(bundle, mine, known, len(signers))
        return SignatureVerdict(state, valid, reason, signed=signed, stamps=stamps)
    keys_ = [signer for signer in signers if signer.kind is SignerKind.FINGERPRINT]
    return _by_certificate(bundle, mine, keys_, stamps, signed, at, other=len(signers))


def nobody_of_this_kind(kind: str, other: int) -> str:
    """Why a signature cannot be anybody's who is trusted."""
    if not other:
        return f"no trusted {kind} was given to verify it with"
    return f"no trusted {kind} was given to verify it with, and the {other} others do not apply"


def _by_key(
    bundle: Bundle,
    signers: Sequence[TrustedSigner],
    known: Sequence[tuple[TrustedSigner, ec.EllipticCurvePublicKey | None]],
    others: int,
) -> tuple[SignatureState, tuple[TrustedSigner, ...], str]:
    """``known`` are signers by their fingerprint, each with its key where that is at hand."""
    valid: list[TrustedSigner] = []
    named: list[TrustedSigner] = []
    tried = [*((signer, _public_key(signer)) for signer in signers), *known]
    for signer, public in tried:
        if public is None:
            continue
        try:
            dsse.verify_envelope(public, bundle.envelope)
        except SignatureInvalid:
            if bundle.hint == keys.hint(public):
                named.append(signer)
        else:
            valid.append(signer)
    if valid:
        return SignatureState.VALID, tuple(valid), ""
    if named:
        who = ", ".join(repr(signer.name) for signer in named)
        reason = f"the signature names the key of {who} and does not match under it"
        return SignatureState.INVALID, (), reason
    if not tried:
        return SignatureState.NO_KNOWN_KEY, (), nobody_of_this_kind("key", others)
    absent = [signer for signer, public in tried if public is None]
    count = len(tried) - len(absent)
    reason = f"the signature matches under no trusted key ({count} tried)"
    if absent:
        who = ", ".join(f"{signer.name!r} ({signer.fingerprint})" for signer in absent)
        reason += f"; no key is at hand that has the fingerprint of {who}: {WHERE}"
    return SignatureState.NO_KNOWN_KEY, (), reason


def _by_certificate(
    bundle: Bundle,
    signers: Sequence[TrustedSigner],
    fingerprints: Sequence[TrustedSigner],
    stamps: tuple[StampNote, ...],
    signed: TrustedTime | None,
    at: dt.datetime | None,
    *,
    other: int,
) -> SignatureVerdict:
    """``fingerprints`` are signers whose key is trusted, whatever certificate is around it."""
    from weighbridge.signing.certificates import load_chain, malformed_certificates
    from weighbridge.signing.identity import identities, issuer_names

    chain = load_chain(bundle.certificates)
    with malformed_certificates():
        names, issued_by = identities(chain[0]), issuer_names(chain[0])
        key = keys.spki_digest(chain[0])

    def verdict(
        state: SignatureState, reason: str = "", valid: tuple[TrustedSigner, ...] = ()
    ) -> SignatureVerdict:
        issuer = visible(issued_by[-1], 300) if issued_by else ""
        return SignatureVerdict(state, valid, reason, names, issuer, signed, stamps, key=key)

    if wrong := own_key_problem(bundle, chain[0]):
        return verdict(*wrong)
    valid = [signer for signer in fingerprints if signer.fingerprint == key]
    if not signers and not valid:
        reason = nobody_of_this_kind("certificate identity", other)
        if fingerprints:
            reason = f"its certificate's key is {key}, which is not trusted; {reason}"
        return verdict(SignatureState.UNTRUSTED, reason)
    when = signed.time if signed else at
    if when is None and not valid:
        return verdict(SignatureState.UNTRUSTED, "no time is known at which to judge it")
    reasons: list[str] = []
    for signer in signers if when is not None else ():
        assert when is not None
        reason = _certified(signer, chain, names, issued_by, when)
        if reason:
            reasons.append(reason)
        else:
            valid.append(signer)
    if valid:
        return verdict(SignatureState.VALID, valid=tuple(valid))
    reason = "; ".join(dict.fromkeys(reasons)) + _no_stamp(stamps, signed)
    return verdict(SignatureState.UNTRUSTED, reason)


def own_key_problem(bundle: Bundle, leaf: x509.Certificate) -> tuple[SignatureState, str] | None:
    """Why the signature does not match under the key of the certificate that it carries."""
    from weighbridge.signing.certificates import malformed_certificates

    with malformed_certificates():
        public = leaf.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        kind = type(public).__name__.strip("_")
        return SignatureState.UNSUPPORTED, f"its certificate's key is no EC key but {kind}"
    try:
        dsse.verify_envelope(public, bundle.envelope)
    except SignatureInvalid:
        reason = "the signature does not match under the key of the certificate that it carries"
        return SignatureState.INVALID, reason
    except UnusableKey as error:
        return SignatureState.UNSUPPORTED, error.message
    return None


def _certified(
    signer: TrustedSigner,
    chain: Sequence[x509.Certificate],
    names: Sequence[str],
    issued_by: Sequence[str],
    at: dt.datetime,
) -> str:
    """Why a certificate is not the signer's; empty where it is."""
    from weighbridge.signing.certificates import UntrustedCertificate, check_path, load_roots
    from weighbridge.signing.identity import pin_matches

    roots = load_roots(signer.certificate_roots, repr(signer.name))
    try:
        check_path(chain, roots, at)
    except UntrustedCertificate as error:
        return str(error)
    if not any(pin_matches(name, signer.identity) for name in names):
        found = ", ".join(visible(name, 100) for name in names) or "nobody that can be told"
        return f"its certificate names {found}, not {signer.identity!r}"
    if signer.issuer and not any(pin_matches(name, signer.issuer) for name in issued_by):
        found = visible(issued_by[0], 100) if issued_by else "nobody"
        return f"its certificate was issued by {found}, not {signer.issuer!r}"
    return ""


def _no_stamp(stamps: Sequence[StampNote], signed: TrustedTime | None) -> str:
    """That a certificate was judged as of now, and why its timestamps did not help."""
    if signed:
        return ""
    if not stamps:
        return " (judged as of now: the signature has no timestamp)"
    reasons = "; ".join(dict.fromkeys(stamp.reason for stamp in stamps))
    return f" (judged as of now: no timestamp counts, {reasons})"


def _public_key(signer: TrustedSigner) -> ec.EllipticCurvePublicKey:
    """A signer's key, which must be the one that its fingerprint names."""
    try:
        public = keys.load_public_key(signer.public_key.encode("utf-8", "replace"))
    except UnusableKey as error:
        raise ConfigurationError(
            f"the key of the trusted signer {signer.name!r} cannot be used: {error.message}",
            remedy=error.remedy,
        ) from error
    if keys.fingerprint(public) != signer.fingerprint:
        raise _other_fingerprint(signer)
    return public


def _check_identity(signer: TrustedSigner) -> None:
    if not signer.identity or (signer.trusted_root and not signer.issuer):
        raise ConfigurationError(
            f"the trusted signer {signer.name!r} has no identity pinned",
            remedy="Say whom the certificate must name, and for Sigstore by which issuer.",
        )
    if signer.fingerprint != identity_fingerprint(
        signer.identity, signer.issuer, signer.certificate_roots, signer.trusted_root
    ):
        raise _other_fingerprint(signer)


def _other_fingerprint(signer: TrustedSigner) -> ConfigurationError:
    return ConfigurationError(
        f"the key of the trusted signer {signer.name!r} has another fingerprint than stated",
        remedy="Correct the fingerprint or the key in the policy's trust section.",
    )
