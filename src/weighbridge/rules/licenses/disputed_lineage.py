"""What the files say of the model's ancestors agrees with itself."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import DisputeFacts, LineageFacts
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
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="disputed-lineage",
    family="licenses",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="what the files say of the models that this one was made from is no contradiction",
    why=(
        "Which terms hold depends on what a model was made from and how. Where a card and an "
        "adapter's configuration name other bases, or two models are each other's ancestor, at "
        "least one statement is wrong, and a verdict on licenses would rest on it."
    ),
    remedy="Correct the statement that is wrong: in the card, or in the file that a tool wrote.",
    example=(
        "A card with 'base_model: mistralai/Mistral-7B-v0.3' beside an adapter_config.json that "
        "names meta-llama/Llama-3.1-8B."
    ),
    needs=(EvidenceKind.LINEAGE,),
    references=("https://huggingface.co/docs/hub/model-cards#specifying-a-base-model",),
)
_REMEDIES = {
    "cycle": "Correct the card that names a descendant as its base.",
    "relation": "Say in 'base_model_relation' how the model came from it.",
    "base": "Name the base that the weights were trained on in both places.",
}


def check(case: Case) -> Conclusion:
    """A cycle cannot be; which of two statements holds, a person has to say."""
    everything = case.of(EvidenceKind.LINEAGE)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("what the model was made from", "its ancestors")], digests)
    findings: list[Finding] = []
    weights = unpinned = 0
    for evidence in everything:
        if evidence.state is not EvidenceState.OBSERVED:
            findings.append(_unread(evidence))
            continue
        facts = cast(LineageFacts, evidence.data)
        own = [e for e in facts["edges"] if e["child"] == SUBJECT and e["parent"].startswith(
            ("model:", "adapter:"))]  # fmt: skip
        weights += len(own)
        unpinned += sum(not edge["pinned"] for edge in own)
        findings += [_disputed(dispute, evidence) for dispute in facts["disputes"]]
    if not findings and not weights:
        return not_applicable("No file names a model that this one was made from.", digests)
    note = f"Models that it was made from directly: {weights}, without a full revision: {unpinned}."
    return conclude(findings, digests, note=note)


def _disputed(dispute: DisputeFacts, evidence: Evidence) -> Finding:
    kind, place = dispute["kind"], dispute["place"]
    inside = SUBJECT in dispute["keys"][:1] and place["path"]
    text = dispute["message"]
    return Finding(
        Outcome.FAIL if kind == "cycle" else Outcome.MANUAL,
        f"{text[:1].upper()}{text[1:]}.",
        _REMEDIES[kind],
        Location(place["path"], line=place["line"]) if inside else None,
        key=f"{kind}:{' '.join(dispute['keys'][:3])}"[:300],
        evidence=(evidence.digest,),
    )


def _unread(evidence: Evidence) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"What the model was made from is not known: {evidence.reason}.",
        "Repair what could not be read, and run the audit again.",
        key="unread-lineage",
        evidence=(evidence.digest,),
    )
