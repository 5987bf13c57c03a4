"""Who signed and when, in words; and whether a policy's demands on signatures are met."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.model.policy import SignerKind
from weighbridge.signing.verdict import SignatureState, SignatureVerdict, TimeSource

if TYPE_CHECKING:
    from weighbridge.cli.trust_options import Trusted
    from weighbridge.signing.model import ModelVerification


@dataclass(frozen=True, slots=True)
class Unmet:
    """A signed file for which too few signatures count under the policy, and why."""

    path: str
    reason: str


def signed_by(verdict: SignatureVerdict) -> str:
    """The trusted signers whose signature it is."""
    by_key = (SignerKind.KEY, SignerKind.FINGERPRINT)
    keys = [s for s in verdict.valid_for if s.kind in by_key]
    if keys and len(keys) == len(verdict.valid_for):
        return "signed with " + ", ".join(f"{visible(s.name)} ({s.fingerprint})" for s in keys)
    names = ", ".join(visible(name) for name in verdict.identities)
    issuer = f", for whom {visible(verdict.issuer)} vouches" if verdict.issuer else ""
    trusted = ", ".join(dict.fromkeys(visible(s.name) for s in verdict.valid_for))
    return f"signed by {names}{issuer}" + (f"; trusted as {trusted}" if trusted != names else "")


def signing_lines(verdict: SignatureVerdict, today: dt.date) -> list[str]:
    """When it was signed as others say, what does not count, and how old the trust root is."""
    lines = []
    signed = verdict.signed
    if signed:
        by = "a timestamp" if signed.source is TimeSource.TIMESTAMP else "the log"
        authority = f" of {visible(signed.authority)}" if by == "a timestamp" else ""
        lines.append(f"time        {signed.time:%Y-%m-%d %H:%M:%SZ}, by {by}{authority}")
    elif verdict.state is SignatureState.VALID and verdict.identities:
        lines.append("time        no trusted one: the certificate was judged as of now")
    lines += [
        f"timestamp   does not count: {visible(stamp.reason)}"
        for stamp in verdict.stamps
        if not stamp.trusted
    ]
    if verdict.logged:
        lines.append("log         the transparency log includes the signature")
    for root in verdict.roots:
        age = (today - root.newest).days
        newest = f"its newest key is from {root.newest}, {age} days ago"
        lines.append(f"trust root  {root.digest.short}: {newest}; later changes are not in it")
    return lines


def unmet_demands(verification: ModelVerification, trusted: Trusted) -> tuple[Unmet, ...]:
    """The signed files for which the policy demands more; none where no policy was given."""
    if not trusted.by_policy:
        return ()
    from weighbridge.collect.signatures import evidence_of
    from weighbridge.rules.signatures._vouching import vouching

    evidence = [
        evidence_of(outcome.name, outcome.verified)
        for outcome in verification.outcomes
        if outcome.verified is not None
    ]
    paths = {
        path
        for outcome in verification.outcomes
        if outcome.verified is not None
        for path in outcome.verified.comparison.covered
    }
    paths -= {*verification.signature_files}  # a signature needs none itself
    unmet = []
    for path in sorted(paths):
        found = vouching(path, evidence, trusted.signers, trusted.demands, trusted.at.date())
        if found.enough:
            continue
        reasons = [shortfall.words for shortfall in found.shortfalls]
        if found.elsewhere:
            reasons.append(f"{', '.join(found.elsewhere)} may not sign for this path")
        if found.signers:
            reasons.append(f"signed by {', '.join(found.signers)}")
        counted = f"{found.count} of {found.needed} signers"
        unmet.append(Unmet(path, f"{counted}: {'; '.join(reasons) or 'nobody who is trusted'}"))
    return tuple(unmet)
