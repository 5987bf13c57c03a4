"""What the rules on weight files have in common: sorting the evidence, and what was not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

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

if TYPE_CHECKING:
    from weighbridge.model.facts.weights import WeightFacts


def judge(case: Case, judge_one: Callable[[Evidence], Iterator[Finding]], note: str) -> Conclusion:
    """One rule over every weight file. ``note`` is filled with how many files there are."""
    everything = case.of(EvidenceKind.WEIGHTS)
    digests = [evidence.digest for evidence in everything]
    files = [e for e in everything if e.state is not EvidenceState.ABSENT]
    if not everything:
        return conclude([not_collected("weight files")], digests)
    if not files:
        return not_applicable("The subject holds no weight file.", digests)
    findings = [finding for evidence in files for finding in judge_one(evidence)]
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    return conclude(findings, digests, note=note.format(files=count))


def facts_of(evidence: Evidence) -> WeightFacts | None:
    """The payload, also of a file that was read in part; None where nothing was read."""
    return cast("WeightFacts", evidence.data) if evidence.data else None


def not_read(evidence: Evidence, consequence: str, remedy: str) -> Finding:
    """A file of which something was not read, so that ``consequence`` is not known."""
    why = evidence.reason.removeprefix("not read completely: ")
    return Finding(
        Outcome.UNKNOWN,
        f"{evidence.about} was not read completely, so {consequence} ({why}).",
        remedy,
        Location(evidence.about),
        key="not-read",
        evidence=(evidence.digest,),
    )
