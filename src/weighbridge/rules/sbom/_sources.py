"""What the rules on dependency risks have in common: each source judged, and what was not read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackagesFacts
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

# None where the source cannot tell what the rule asks
JudgeOne = Callable[[Evidence, PackagesFacts], Iterable[Finding] | None]


def judge(
    case: Case, judge_one: JudgeOne, *, question: str, mute: str, hiding: Collection[str] = ()
) -> Conclusion:
    """One rule over every source of packages.

    Args:
        case: the rule's.
        judge_one: the findings of one source that was read.
        question: completes "Whether … is not known".
        mute: one sentence for the report, where no source can tell.
        hiding: kinds of issues that hide nothing from this rule, though they may hide a package.
    """
    everything = case.of(EvidenceKind.PACKAGES)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("packages")], digests)
    if all(evidence.state is EvidenceState.ABSENT for evidence in everything):
        return not_applicable("No packages are recorded, see unrecorded-dependencies.", digests)
    findings: list[Finding] = []
    judged = 0
    for evidence in everything:
        if evidence.state is EvidenceState.OBSERVED:
            facts = cast(PackagesFacts, evidence.data)
            found = judge_one(evidence, facts)
            if found is not None:
                judged += 1
                findings += found
                findings += _incomplete(evidence, facts, question, hiding)
        elif evidence.state is not EvidenceState.ABSENT:
            findings.append(_unread(evidence, question))
    if not judged and not findings:
        return not_applicable(mute, digests)
    return conclude(findings, digests, note=f"Sources of packages looked at: {judged}.")


def location(evidence: Evidence, line: int = 0) -> Location | None:
    """The place in a file of the subject; None in an environment, which is not part of it."""
    inside = evidence.about and not evidence.about.startswith("environment:")
    return Location(evidence.about, line) if inside else None


def _incomplete(
    evidence: Evidence, facts: PackagesFacts, question: str, hiding: Collection[str]
) -> Iterator[Finding]:
    hidden = [i for i in facts["issues"] if i["incomplete"] and i["kind"] not in hiding]
    if hidden:
        first = hidden[0]
        places = "1 place" if len(hidden) == 1 else f"{len(hidden)} places"
        yield Finding(
            Outcome.UNKNOWN,
            f"Whether {question} in '{evidence.about}' is not known for all of it: {places} could "
            f"not be read, the first is {first['kind']}: {first['detail']}.",
            "Name each package by name and exact version in this file.",
            location(evidence, first["line"]),
            key=f"incomplete:{evidence.about}",
            evidence=(evidence.digest,),
        )


def _unread(evidence: Evidence, question: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"Whether {question} in '{evidence.about}' is not known: {evidence.reason}.",
        "Give the packages in a file that can be read: requirements, pylock, uv or poetry.",
        location(evidence),
        key=f"unread:{evidence.about}",
        evidence=(evidence.digest,),
    )
