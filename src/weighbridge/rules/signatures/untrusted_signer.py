"""Every weight file carries a valid signature of somebody who may sign for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.signature import SignatureFacts, SignatureSummary
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.signatures._shared import is_opaque
from weighbridge.rules.signatures._vouching import Vouching, covering, vouching

META = RuleMeta(
    id="untrusted-signer",
    family="signatures",
    since="0.1",
    severity=Severity.CRITICAL,
    summary=(
        "every weight file is covered by valid signatures of as many signers as the policy "
        "demands, whom it trusts for that file"
    ),
    why=(
        "Anyone can sign anything. A signature is worth what its signer is worth, so the policy "
        "names the keys and the certified identities that count and, with globs, the files each of "
        "them may sign for. A model that an attacker signed with a key of their own verifies "
        "flawlessly under that key. A policy may also demand several signers, so that no single "
        "stolen key suffices, a trusted timestamp, an entry in a transparency log, and a highest "
        "age; a signature that lacks any of it does not count. A timestamp proves that the "
        "signature existed then, not that it is no older."
    ),
    remedy=(
        "Let a trusted signer sign the model, or add the signer's key or identity under trust in "
        "the policy after checking it over another channel."
    ),
    example=(
        "The policy trusts the key of 'release-team' for '**/*.safetensors', and 'model.sig' was "
        "made with another key."
    ),
    needs=(EvidenceKind.SIGNATURE,),
    references=("https://github.com/ossf/model-signing-spec",),
)

_NOT_COVERED = "not-covered"


def check(case: Case) -> Conclusion:
    """Look for a trusted, valid signature over each weight file."""
    everything = case.of(EvidenceKind.SIGNATURE)
    digests = [evidence.digest for evidence in everything]
    summary = next((e for e in case.observed(EvidenceKind.SIGNATURE) if not e.about), None)
    if summary is None:
        return conclude([not_collected("signatures", "signers")], digests)
    weights = cast(SignatureSummary, summary.data)["weights"]
    if not weights:
        return not_applicable("The subject holds no weight files.", digests)
    if not case.trust:
        return conclude([_nobody_trusted()], digests)
    signatures = [evidence for evidence in everything if evidence.about]
    findings = [
        finding for path in weights if (finding := _judge(path, signatures, case)) is not None
    ]
    unread = [evidence for evidence in signatures if is_opaque(evidence)]
    if unread and any(finding.key == _NOT_COVERED for finding in findings):
        # the signature that could not be read may be the one that is missing here
        findings = [finding for finding in findings if finding.key != _NOT_COVERED]
        findings += [_unread(evidence) for evidence in unread]
    return conclude(findings, digests, note=_note(len(weights), case))


def _note(weights: int, case: Case) -> str:
    demands = case.demands
    notes = [f"Weight files: {weights}; signers that the policy trusts: {len(case.trust)}."]
    if demands.min_signers > 1:
        notes.append(f"Each file needs {demands.min_signers} of them.")
    if demands.max_age_days:
        notes.append(f"A signature may be {demands.max_age_days} days old.")
    if demands.require_timestamp:
        notes.append("A signature needs a trusted timestamp.")
    if demands.require_log:
        notes.append("A signature needs a transparency log.")
    notes += [f"More is demanded for {', '.join(more.paths)}." for more in demands.by_path]
    return " ".join(notes)


def _judge(path: str, signatures: list[Evidence], case: Case) -> Finding | None:
    """None where enough trusted signers vouch for the file; else the best to be said of it."""
    found = vouching(path, signatures, case.trust, case.demands, case.as_of)
    if found.enough:
        return None
    listing = covering(signatures, path)
    pending = [e for e in listing if _state(e) == "unsupported"]
    if found.count or found.shortfalls:
        return _too_few(path, found, listing)
    if found.elsewhere:
        return _not_for_this_path(path, found.elsewhere, listing)
    if pending:
        return _unsupported(path, pending[0])
    if listing:
        return _unknown_key(path, listing)
    return _no_signature(path)


def _state(evidence: Evidence) -> str:
    return cast(SignatureFacts, evidence.data)["signature_state"]


def _nobody_trusted() -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        "The policy trusts no signer, so whose signature would count cannot be said.",
        "Add a signer's public key or identity under 'trust:' in a policy of your own.",
        key="no-trust",
    )


def _not_for_this_path(path: str, signers: Sequence[str], evidence: list[Evidence]) -> Finding:
    who = ", ".join(f"'{name}'" for name in signers)
    return Finding(
        Outcome.FAIL,
        f"'{path}' is signed by {who}, whom the policy does not let sign for this path.",
        "Have it signed by a signer who may, or widen the signer's paths in the policy.",
        Location(path),
        key="signer-not-for-path",
        evidence=tuple(e.digest for e in evidence),
    )


def _too_few(path: str, found: Vouching, evidence: list[Evidence]) -> Finding:
    reasons = "; ".join(shortfall.words for shortfall in found.shortfalls)
    if found.count:
        who = ", ".join(f"'{name}'" for name in found.signers)
        more = f"; {reasons}" if reasons else ""
        key = "not-enough-signers"
        message = f"'{path}' has {found.count} of the {found.needed} signers it needs, {who}{more}."
        remedy = "Let a further trusted signer sign the model as it is now."
    else:
        key = found.shortfalls[0].key
        message = f"No signature of '{path}' by a trusted signer counts: {reasons}."
        remedy = _REMEDIES[key]
    return Finding(
        Outcome.FAIL,
        message,
        remedy,
        Location(path),
        key=key,
        evidence=tuple(e.digest for e in evidence),
    )


_REMEDIES = {
    "timestamp-missing": "Sign again with 'weighbridge sign --timestamp URL', and give the "
    "authority's root in the policy.",
    "log-missing": "Sign again with 'weighbridge sign --sigstore'.",
    "signature-too-old": "Look at the model again and let a trusted signer sign it anew.",
}


def _unsupported(path: str, evidence: Evidence) -> Finding:
    reason = cast(SignatureFacts, evidence.data)["reason"]
    return Finding(
        Outcome.UNKNOWN,
        f"Who signed '{path}' in '{evidence.about}' cannot be verified: {reason}.",
        "Let a trusted signer sign the model in a way that can be verified.",
        Location(path),
        key="unsupported-signature",
        evidence=(evidence.digest,),
    )


def _unknown_key(path: str, evidence: list[Evidence]) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{path}' has no valid signature of a trusted signer: {_reasons(evidence)}.",
        "Let a trusted signer sign the model; trust a new one only after checking who it is.",
        Location(path),
        key="untrusted-key",
        evidence=tuple(e.digest for e in evidence),
    )


def _reasons(evidence: list[Evidence]) -> str:
    parts = []
    for one in evidence:
        facts = cast(SignatureFacts, one.data)
        hint = f" (key hint {facts['hint'][:16]})" if facts["hint"] else ""
        reason = facts["reason"] or "its root digest is not that of the files it lists"
        parts.append(f"in '{one.about}'{hint} {reason}")
    return "; ".join(parts)


def _no_signature(path: str) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{path}' is covered by no signature of the model as it is now.",
        "Let a trusted signer sign the model.",
        Location(path),
        key=_NOT_COVERED,
    )


def _unread(evidence: Evidence) -> Finding:
    reason = evidence.reason or cast(SignatureFacts, evidence.data)["reason"]
    return Finding(
        Outcome.UNKNOWN,
        f"Whether '{evidence.about}' is a trusted signer's cannot be said: {reason}.",
        "Replace the signature by one that can be read, or remove it.",
        Location(evidence.about),
        key="unread-signature",
        evidence=(evidence.digest,),
    )
