"""What the two rules on the structure of models have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar, cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.rule import Case

if TYPE_CHECKING:  # most inspections do not need it
    from weighbridge.model.facts.structure import ArchitectureFacts, ShardsFacts

Facts = TypeVar("Facts", "ShardsFacts", "ArchitectureFacts")


def judge(
    case: Case,
    part: str,
    judge_one: Callable[[Evidence, Facts], Iterator[Finding]],
    note: str,
    nothing: str,
) -> Conclusion:
    """One rule over every folder of weights.

    Args:
        case: what the rule may look at.
        part: ``shards`` or ``architecture``; evidence of the other part is passed over.
        judge_one: the failing findings of one folder.
        note: for the report, filled with how many things were compared as ``{count}``.
        nothing: why the rule does not apply where nothing was compared.
    """
    everything = [e for e in case.of(EvidenceKind.STRUCTURE) if e.data.get("part", part) == part]
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("the structure of the models", "it")], digests)
    findings: list[Finding] = []
    count = 0
    for evidence in everything:
        if evidence.state is EvidenceState.ABSENT:
            continue
        if not evidence.data:
            findings.append(_unread(evidence, evidence.about, evidence.reason))
            continue
        facts = cast(Facts, evidence.data)
        findings += judge_one(evidence, facts)
        findings += [
            _unread(evidence, gap["path"], gap["why"])
            for gap in facts["not_compared"]
            if gap["unread"]
        ]
        count += facts["compared_count"]
    if not findings and not count:
        return not_applicable(nothing, digests)
    return conclude(findings, digests, note=note.format(count=count))


def _unread(evidence: Evidence, path: str, why: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"{path} could not be compared with the files that belong to it: {why}.",
        "Make the whole content readable, or leave the file out of what is shipped.",
        Location(path),
        key="not-read",
        evidence=(evidence.digest,),
    )
