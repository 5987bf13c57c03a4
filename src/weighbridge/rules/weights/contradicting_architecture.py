"""Rule contradicting-architecture: what is said of a model is what its tensors are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.weights._structure import judge

if TYPE_CHECKING:  # most inspections do not need it
    from weighbridge.model.facts.structure import ArchitectureFacts, MismatchFacts

META = RuleMeta(
    id="contradicting-architecture",
    family="weights",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="configuration, card and index give no size, type or count that the tensors contradict",
    why=(
        "Documentation, licenses and duties hang on what a model is and how large it is, and "
        "nobody counts: the number is copied from a card. Tensors' names and shapes say it "
        "exactly. Where they say something else, the weights are not those of the model that is "
        "described, or the description is out of date."
    ),
    remedy=(
        "Find out which of the two is right: compare the files' digests with the publisher's, and "
        "correct the configuration or the card if the weights are the ones that are meant."
    ),
    example="`config.json` says 32 layers, and the tensors have 28.",
    needs=(EvidenceKind.STRUCTURE,),
    references=(
        "Regulation (EU) 2024/1689, Annex XI, section 1, point 1(d)",
        "https://huggingface.co/docs/transformers/main_classes/configuration",
        "https://github.com/huggingface/huggingface_hub/issues/4221",
    ),
)


def check(case: Case) -> Conclusion:
    """Every value that the tensors contradict fails; what could not be compared is unknown."""
    return judge(
        case,
        "architecture",
        _findings,
        "Descriptions of models that were held against tensors: {count}.",
        "Nothing says of a model in the subject what its tensors could confirm.",
    )


def _findings(evidence: Evidence, facts: ArchitectureFacts) -> Iterator[Finding]:
    for one in facts["mismatches"]:
        yield Finding(
            Outcome.FAIL,
            f"The {one['what']} is {one['declared']} by {one['declared_in']}, and {one['found']} "
            f"by {one['found_in']}.",
            "Compare the weights with their publisher's, or correct the description.",
            Location(one["at"], one["line"]),
            key=f"{one['what']}: {one['declared_in'].rpartition(', ')[2]}",
            severity=_severity(one),
            evidence=(evidence.digest,),
        )


def _severity(one: MismatchFacts) -> Severity:
    """Types change with every conversion, and trainers that split a model over devices write a
    count of their own part into the index: both are wrong, and neither makes another model."""
    if one["what"] == "type" or one["declared_in"].endswith("metadata.total_parameters"):
        return Severity.LOW
    return Severity.MEDIUM
