"""Every weight file carries a valid signature of somebody who may sign for it."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.signature import SignatureFacts, SignatureSummary
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
)
from weighbridge.model.glob import matches
from weighbridge.model.policy import TrustedSigner
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="untrusted-signer",
    family="signatures",
    since="0.1",
    severity=Severity.CRITICAL,
    summary=(
        "every weight file is covered by a valid signature of a signer whom the policy trusts "
        "for that file"
    ),
    why=(
        "Anyone can sign anything. A signature is worth what its key is worth, so the policy names "
        "the keys that count and, with globs, the files each of them may sign for. A model that an "
        "attacker signed with a key of their own verifies flawlessly under that key."
    ),
    remedy=(
        "Let a trusted signer sign the model, or add the signer's public key under trust in the "
        "policy after checking its fingerprint over another channel."
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
        return conclude([_not_collected()], digests)
    weights = cast(SignatureSummary, summary.data)["weights"]
    if not weights:
        return not_applicable("The subject holds no weight files.", digests)
    if not case.trust:
        return conclude([_nobody_trusted()], digests)
    signatures = [evidence for evidence in everything if evidence.about]
    findings = [
        finding for path in weights if (finding := _judge(path, signatures, case.trust)) is not None
    ]
    unread = [evidence for evidence in signatures if _is_opaque(evidence)]
    if unread and any(finding.key == _NOT_COVERED for finding in findings):
        # the signature that could not be read may be the one that is missing here
        findings = [finding for finding in findings if finding.key != _NOT_COVERED]
        findings += [_unread(evidence) for evidence in unread]
    note = f"Weight files: {len(weights)}; signers that the policy trusts: {len(case.trust)}."
    return conclude(findings, digests, note=note)


def _judge(
    path: str, signatures: list[Evidence], trust: tuple[TrustedSigner, ...]
) -> Finding | None:
    """None where a trusted signer vouches for the file; else the best that can be said of it."""
    covering = [e for e in signatures if _covers(e, path)]
    signers: list[str] = []
    for evidence in covering:
        facts = cast(SignatureFacts, evidence.data)
        if facts["signature_state"] != "valid" or not facts["root_consistent"]:
            continue
        for signer in _trusted(facts, trust):
            if any(matches(path, pattern) for pattern in signer.paths):
                return None
            signers.append(signer.name)
    pending = [e for e in covering if _state(e) == "unsupported"]
    if signers:
        return _not_for_this_path(path, sorted(set(signers)), covering)
    if pending:
        return _unsupported(path, pending[0])
    if covering:
        return _unknown_key(path, covering)
    return _no_signature(path)


def _covers(evidence: Evidence, path: str) -> bool:
    if evidence.state is not EvidenceState.OBSERVED:
        return False
    return path in cast(SignatureFacts, evidence.data)["covered"]


def _state(evidence: Evidence) -> str:
    return cast(SignatureFacts, evidence.data)["signature_state"]


def _is_opaque(evidence: Evidence) -> bool:
    """Whether a signature file may cover files, and which ones could not be read."""
    if evidence.state is not EvidenceState.OBSERVED:
        return True
    facts = cast(SignatureFacts, evidence.data)
    return facts["opaque"] and facts["signature_state"] != "unrelated"


def _trusted(facts: SignatureFacts, trust: tuple[TrustedSigner, ...]) -> list[TrustedSigner]:
    """The policy's signers under whose key a signature is valid, matched by fingerprint."""
    fingerprints = {signer["fingerprint"] for signer in facts["valid_for"]}
    return [signer for signer in trust if str(signer.fingerprint) in fingerprints]


def _not_collected() -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        "No evidence about signatures was collected, so nothing can be said about signers.",
        "Run the audit again and look at the collectors that broke.",
        key="not-collected",
    )


def _nobody_trusted() -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        "The policy trusts no signer, so whose signature would count cannot be said.",
        "Add a signer's public key under 'trust:' in a policy of your own.",
        key="no-trust",
    )


def _not_for_this_path(path: str, signers: list[str], evidence: list[Evidence]) -> Finding:
    who = ", ".join(f"'{name}'" for name in signers)
    return Finding(
        Outcome.FAIL,
        f"'{path}' is signed by {who}, whom the policy does not let sign for this path.",
        "Have it signed by a signer who may, or widen the signer's paths in the policy.",
        Location(path),
        key="signer-not-for-path",
        evidence=tuple(e.digest for e in evidence),
    )


def _unsupported(path: str, evidence: Evidence) -> Finding:
    reason = cast(SignatureFacts, evidence.data)["reason"]
    return Finding(
        Outcome.UNKNOWN,
        f"Who signed '{path}' in '{evidence.about}' cannot be verified: {reason}.",
        "Let a trusted signer sign the model with an EC key.",
        Location(path),
        key="unsupported-signature",
        evidence=(evidence.digest,),
    )


def _unknown_key(path: str, evidence: list[Evidence]) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{path}' has no valid signature of a trusted signer: {_reasons(evidence)}.",
        "Let a trusted signer sign the model; trust a new key only after checking its fingerprint.",
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
