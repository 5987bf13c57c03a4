"""Every weight file is named in a signature."""

from __future__ import annotations

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

META = RuleMeta(
    id="unsigned-weights",
    family="signatures",
    since="0.1",
    severity=Severity.HIGH,
    summary="every weight file of the model is named in a model signature",
    why=(
        "Weights decide what a model does, and nobody can read them. Without a signature there is "
        "no telling the weights that were trained and tested from weights that somebody put in "
        "their place on a mirror, a share or a build machine. A signature that leaves out one "
        "shard or one adapter protects none of the behavior that this file decides."
    ),
    remedy="Sign the whole model folder with 'weighbridge sign MODEL --key KEY'.",
    example=(
        "A folder with 'model-00001-of-00002.safetensors' and 'model-00002-of-00002.safetensors' "
        "and a 'model.sig' that lists only the first one."
    ),
    needs=(EvidenceKind.SIGNATURE,),
    references=(
        "https://github.com/ossf/model-signing-spec",
        "https://github.com/in-toto/attestation/tree/main/spec/v1",
    ),
)

_SIGN = "Sign the whole folder: weighbridge sign MODEL --key KEY."


def check(case: Case) -> Conclusion:
    """Read the summary of what the model's signatures name."""
    everything = case.of(EvidenceKind.SIGNATURE)
    digests = [evidence.digest for evidence in everything]
    summary = next((e for e in case.observed(EvidenceKind.SIGNATURE) if not e.about), None)
    if summary is None:
        return conclude([not_collected("signatures")], digests)
    facts = cast(SignatureSummary, summary.data)
    if not facts["weights"]:
        return not_applicable("The subject holds no weight files.", digests)
    if not facts["uncovered"]:
        note = f"Weight files, each named in a model signature: {len(facts['weights'])}."
        return conclude([], digests, note=note)
    unread = [evidence for evidence in everything if evidence.about and is_opaque(evidence)]
    if unread:
        return conclude([_unknown(evidence) for evidence in unread], digests)
    if not any(evidence.about and _is_model_signature(evidence) for evidence in everything):
        return conclude([_no_signature(facts, summary)], digests)
    return conclude([_uncovered(path, summary) for path in facts["uncovered"]], digests)


def _is_model_signature(evidence: Evidence) -> bool:
    return cast(SignatureFacts, evidence.data)["signature_state"] not in ("unrelated", "invalid")


def _unknown(evidence: Evidence) -> Finding:
    reason = evidence.reason or cast(SignatureFacts, evidence.data)["reason"]
    return Finding(
        Outcome.UNKNOWN,
        f"Which weights '{evidence.about}' signs cannot be said: {reason}.",
        "Replace the signature by one that can be read, or remove it.",
        Location(evidence.about),
        key="unread-signature",
        evidence=(evidence.digest,),
    )


def _no_signature(facts: SignatureSummary, summary: Evidence) -> Finding:
    weights = facts["weights"]
    shown = ", ".join(f"'{path}'" for path in weights[:3])
    more = f" and {len(weights) - 3} more" if len(weights) > 3 else ""
    return Finding(
        Outcome.FAIL,
        f"The model has no valid signature; its weights are {shown}{more}.",
        _SIGN,
        key="no-signature",
        evidence=(summary.digest,),
    )


def _uncovered(path: str, summary: Evidence) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"'{path}' is a weight file that no signature of the model names.",
        _SIGN,
        Location(path),
        key="unsigned",
        evidence=(summary.digest,),
    )
