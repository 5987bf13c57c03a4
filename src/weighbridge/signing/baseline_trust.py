"""Whether a maintainers snapshot is a baseline: signed by one whom the policy lets accept projects.

A baseline is what somebody signed. A policy's signer may do so where its ``paths:`` match
:data:`PATH`; what the policy demands of signatures (timestamps, a log, an age) holds for it too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from weighbridge.model.glob import matches
from weighbridge.model.policy import SignatureDemands, TrustedSigner
from weighbridge.signing import keys
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.fingerprints import by_fingerprint
from weighbridge.signing.maintainers_snapshot import ReadSnapshot
from weighbridge.signing.trust import check_signature
from weighbridge.signing.verdict import SignatureState, SignatureVerdict

PATH = "baselines/maintainers"


@dataclass(frozen=True, slots=True)
class CheckedSnapshot:
    """What is known of a baseline's signature; ``verdict`` is None where there is none.

    ``signer`` is the policy's name of who signed it, empty where it is to be believed for nothing;
    ``reason`` says why then.
    """

    signer: str
    reason: str
    verdict: SignatureVerdict | None = None


def verify_snapshot(
    read: ReadSnapshot,
    signers: Sequence[TrustedSigner],
    *,
    at: dt.datetime,
    timestamp_roots: Sequence[str] = (),
    at_hand: Sequence[bytes] = (),
    demands: SignatureDemands | None = None,
) -> CheckedSnapshot:
    """Judge who accepted a snapshot. Arguments as for a model's signature.

    Args:
        demands: what the policy demands of a signature beside its signer. One signer is enough,
            whatever it demands for weights.

    Raises:
        HostileInput: a certificate cannot be read.
        ConfigurationError: a trusted signer's key or root cannot be used.
    """
    if read.bundle is None:
        return CheckedSnapshot("", "nobody signed it")
    if not signers:
        return CheckedSnapshot("", "the policy says of no signer that it trusts them")
    verdict = check_signature(
        read.bundle, signers, at=at, timestamp_roots=timestamp_roots, at_hand=at_hand
    )
    reason = _why_not(read, verdict, at, demands, at_hand)
    if reason:
        return CheckedSnapshot("", reason, verdict)
    return CheckedSnapshot(_allowed(verdict)[0], "", verdict)


def _why_not(
    read: ReadSnapshot,
    verdict: SignatureVerdict,
    at: dt.datetime,
    demands: SignatureDemands | None,
    at_hand: Sequence[bytes],
) -> str:
    """Why a signature does not make a snapshot a baseline; empty where it does."""
    assert read.bundle is not None
    if verdict.state is not SignatureState.VALID:
        return verdict.reason
    if not _named_rightly(read.bundle, verdict, at_hand):
        return "its hint names another key than the one that signed it"
    if not _allowed(verdict):
        who = ", ".join(signer.name for signer in verdict.valid_for)
        return f"the policy does not let {who} sign for {PATH!r}"
    if dt.datetime.fromisoformat(read.snapshot.taken) > at:
        return f"it says that it was taken at {read.snapshot.taken}, after the day of the audit"
    return _undemanded(verdict, demands, at) if demands is not None else ""


def _allowed(verdict: SignatureVerdict) -> list[str]:
    """The names of those who signed and may sign for baselines."""
    return [s.name for s in verdict.valid_for if any(matches(PATH, glob) for glob in s.paths)]


def _undemanded(verdict: SignatureVerdict, demands: SignatureDemands, at: dt.datetime) -> str:
    """Which of a policy's demands on signatures is not met; empty where all are."""
    mine = demands.of(PATH)
    wanted = set(mine.root_groups)
    stamped = [s.time for s in verdict.stamps if s.time and wanted <= set(s.groups) and s.trusted]
    times = [*stamped, verdict.signed.time] if verdict.signed and verdict.logged else stamped
    by_authority = verdict.identities and not verdict.logged  # not by Sigstore, which has its own
    if by_authority and verdict.signed and verdict.signed.time not in times:
        return "its certificate was judged at a time that the policy does not count"
    if mine.require_timestamp and not times:
        return "the policy demands a timestamp of a trusted authority, and it has none"
    if mine.require_log and not verdict.logged:
        return "the policy demands that a transparency log has it, and none has"
    if mine.max_age_days and not times:
        return "the policy limits the age of signatures, and no trusted time says how old it is"
    if mine.max_age_days and (at.date() - min(times).date()).days > mine.max_age_days:
        return f"it was signed on {min(times).date()}, more than {mine.max_age_days} days ago"
    return ""


def _named_rightly(bundle: Bundle, verdict: SignatureVerdict, at_hand: Sequence[bytes]) -> bool:
    """Whether the hint, which nothing signs, is as it was written: no byte is left free."""
    if bundle.mode != "key":
        return True
    known = list(by_fingerprint(at_hand).values())
    known += by_fingerprint(s.public_key.encode() for s in verdict.valid_for).values()
    return any(bundle.hint == keys.hint(public) for public in known)
