"""Sigstore signatures, verified offline under a pinned trust root.

sigstore-python checks the certificate, the certificate log's promise, the transparency log's proof
and checkpoint, the timestamps and the DSSE signature. Here is added what it leaves open: when a key
of the trust root was withdrawn, that the checkpoint is of the tree that the proof is for, whom the
certificate must name (exactly or by a glob), and that what it verified is what we read.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.policy import TrustedSigner
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.verdict import (
    RootNote,
    SignatureState,
    SignatureVerdict,
    StampNote,
    TimeSource,
    TrustedTime,
)


@dataclass(frozen=True, slots=True)
class _Verified:
    """What one trust root says: why it does not hold, or the times at which it was signed."""

    reason: str
    times: tuple[TrustedTime, ...] = ()


def check_keyless(
    bundle: Bundle, signers: Sequence[TrustedSigner], *, other: int
) -> SignatureVerdict:
    """Judge a bundle in Sigstore's mode. As :func:`weighbridge.signing.trust.check_signature`.

    Raises:
        MalformedBundle: the certificate cannot be read.
        ConfigurationError: a trust root cannot be used.
    """
    from weighbridge.signing.certificates import load_chain, malformed_certificates
    from weighbridge.signing.identity import identities, oidc_issuer
    from weighbridge.signing.trust import nobody_of_this_kind, own_key_problem
    from weighbridge.signing.trust_root import root_note

    (leaf,) = load_chain(bundle.certificates)
    with malformed_certificates():
        names, issuer = identities(leaf), oidc_issuer(leaf)
    if wrong := own_key_problem(bundle, leaf):
        return SignatureVerdict(*_stated(wrong), identities=names, issuer=issuer)
    if not signers:
        reason = nobody_of_this_kind("Sigstore identity", other)
        return SignatureVerdict(
            SignatureState.UNTRUSTED, reason=reason, identities=names, issuer=issuer
        )
    roots = {signer.trusted_root: root_note(signer.trusted_root) for signer in signers}
    verified = {root: _verify(bundle, root) for root in roots}
    valid: list[TrustedSigner] = []
    reasons: list[str] = []
    for signer in signers:
        reason = verified[signer.trusted_root].reason or _other_identity(names, issuer, signer)
        if reason:
            reasons.append(reason)
        else:
            valid.append(signer)
    used = {signer.trusted_root for signer in valid} or set(roots)
    times = [time for root in roots if root in used for time in verified[root].times]
    held = any(not verified[root].reason for root in used)
    return SignatureVerdict(
        SignatureState.VALID if valid else SignatureState.UNTRUSTED,
        tuple(valid),
        "" if valid else "; ".join(dict.fromkeys(reasons)),
        identities=names,
        issuer=issuer,
        signed=min(times, key=lambda time: (time.time, time.source), default=None),
        stamps=tuple(
            StampNote(time.time, time.authority, trusted=True)
            for time in dict.fromkeys(times)
            if time.source is TimeSource.TIMESTAMP
        ),
        logged=held,
        roots=_sorted(roots[root] for root in used),
    )


def load_trusted_root(text: str) -> Any:
    """A pinned trust root as sigstore-python's ``TrustedRoot``.

    Raises:
        ConfigurationError: it cannot be used.
    """
    from sigstore.errors import Error
    from sigstore.models import TrustedRoot
    from sigstore_models.trustroot import v1 as trustroot_v1

    try:
        return TrustedRoot(trustroot_v1.TrustedRoot.from_json(text))
    except (Error, ValueError, TypeError, KeyError) as error:
        raise ConfigurationError(
            f"the Sigstore trust root cannot be used: {visible(str(error), 200)}",
            remedy="Fetch the instance's trusted_root.json again.",
        ) from error


def _stated(
    wrong: tuple[SignatureState, str],
) -> tuple[SignatureState, tuple[TrustedSigner, ...], str]:
    return wrong[0], (), wrong[1]


def _sorted(notes: Any) -> tuple[RootNote, ...]:
    return tuple(sorted(notes, key=lambda note: note.digest))


def _other_identity(names: Sequence[str], issuer: str, signer: TrustedSigner) -> str:
    from weighbridge.signing.identity import pin_matches

    if not any(pin_matches(name, signer.identity) for name in names):
        found = ", ".join(visible(name, 200) for name in names) or "nobody that can be told"
        return f"its certificate names {found}, not {signer.identity!r}"
    if not pin_matches(issuer, signer.issuer):
        found = visible(issuer, 200) or "no issuer"
        return f"its identity is vouched for by {found}, not {signer.issuer!r}"
    return ""


def _verify(bundle: Bundle, root: str) -> _Verified:
    """Verify under one trust root, cut to what it trusted when the signature was made."""
    from weighbridge.signing.trust_root import root_at

    load_trusted_root(root)
    times, reason = _times(bundle, root)
    if reason:
        return _Verified(reason)
    then, left_out = root_at(root, [time.time for time in times])
    reason = _held(bundle, then)
    if reason and left_out and not _held(bundle, root):
        when = min(time.time for time in times)
        reason = (
            f"the trust root did not trust {', '.join(visible(one, 120) for one in left_out)} "
            f"at the signing time {when:%Y-%m-%d %H:%M:%SZ}"
        )
    return _Verified(reason, () if reason else times)


def _times(bundle: Bundle, root: str) -> tuple[tuple[TrustedTime, ...], str]:
    """When the bundle was signed, as the trust root's authorities say; the log's word is checked
    with the rest of its entry."""
    from sigstore.models import Bundle as SigstoreBundle
    from sigstore.verify import Verifier

    def read() -> tuple[TrustedTime, ...]:
        parsed = SigstoreBundle.from_json(bundle.to_bytes())
        results = Verifier(trusted_root=load_trusted_root(root))._establish_time(parsed)
        return tuple(_trusted_time(result) for result in results)

    times, reason = _guarded(read)
    if reason or times is None:
        return (), reason
    if not times:
        return (), "neither a trusted timestamp nor the log says when it was signed"
    return times, ""


def _trusted_time(result: Any) -> TrustedTime:
    from sigstore._internal.timestamp import TimestampSource

    by_log = result.source is TimestampSource.TRANSPARENCY_SERVICE
    source = TimeSource.LOG if by_log else TimeSource.TIMESTAMP
    named = "the transparency log" if by_log else "a timestamp authority of the trust root"
    return TrustedTime(result.time.astimezone(dt.UTC), source, named)


def _held(bundle: Bundle, root: str) -> str:
    """Why the bundle does not hold under a trust root; empty where it does."""
    from sigstore.models import Bundle as SigstoreBundle
    from sigstore.verify import Verifier

    class AnyIdentity:
        """Who signed is compared afterwards: sigstore-python knows exact names only."""

        def verify(self, cert: Any) -> None:
            """Accept."""

    def verify() -> tuple[str, bytes]:
        parsed = SigstoreBundle.from_json(bundle.to_bytes())
        verifier = Verifier(trusted_root=load_trusted_root(root))
        kind, payload = verifier.verify_dsse(parsed, AnyIdentity())
        return kind, payload

    result, reason = _guarded(verify)
    if reason:
        return reason
    if result != (bundle.envelope.payload_type, bundle.envelope.payload):
        return "another payload was verified than the one that was read"
    return _tree_problem(bundle)


def _tree_problem(bundle: Bundle) -> str:
    """Whether the checkpoint is of the very tree that the inclusion proof is for.

    The library compares the root hashes and not the sizes.
    """
    for entry in bundle.log_entries:
        proof = entry["inclusionProof"]
        lines = str(proof["checkpoint"]["envelope"]).split("\n")
        if lines[1] != str(proof["treeSize"]):
            return (
                f"the log's checkpoint is of a tree of {visible(lines[1], 30)} entries, and its "
                f"proof of one of {visible(str(proof['treeSize']), 30)}"
            )
    return ""


def _guarded(call: Any) -> tuple[Any, str]:
    """A call into sigstore-python: its result, or the reason why there is none."""
    logger = logging.getLogger("sigstore")
    before, logger.disabled = logger.disabled, True
    try:
        return call(), ""
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001
        # Whatever a library raises over a hostile bundle (4.5.1 lets ValueError, ExtensionNotFound
        # and others through), the bundle did not verify. The reason is kept, nothing is accepted.
        words = visible(str(error), 300) or type(error).__name__
        return None, f"Sigstore verification failed: {words}"
    finally:
        logger.disabled = before
