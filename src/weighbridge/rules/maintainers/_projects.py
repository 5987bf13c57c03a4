"""What the rules on hijack signals share: pairing a project with what was accepted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import BaselineFacts, ProjectFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Outcome,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.hijack.contents import shown
from weighbridge.model.hijack.score import LONGEST
from weighbridge.model.hijack.view import Reading, SignalState, View
from weighbridge.model.rule import Case, RuleMeta

NEEDS = (EvidenceKind.PROJECT, EvidenceKind.BASELINE)

SNAPSHOT = "weighbridge maintainers snapshot"
_AGAIN = "Ask again later, or ask the service itself instead of a mirror, then audit again."


@dataclass(frozen=True, slots=True)
class Judged:
    """One project that was read: its purl, both states of it, and the evidence they come from."""

    about: str
    view: View
    evidence: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Projects:
    """All projects of a case. ``open`` are findings on what could not be read at all."""

    judged: tuple[Judged, ...]
    open: tuple[Finding, ...]
    evidence: tuple[Digest, ...]
    baseline: BaselineFacts | None


def projects(case: Case) -> Projects | Conclusion:
    """The projects with what was accepted of them, or what to conclude where there are none."""
    everything = case.of(EvidenceKind.PROJECT)
    digests = tuple(e.digest for kind in NEEDS for e in case.of(kind))
    if not everything:
        missing = not_collected("the projects that the model stands on", "who keeps them")
        return conclude([missing], digests)
    if all(not e.about for e in everything) and all(
        e.state in (EvidenceState.ABSENT, EvidenceState.UNSUPPORTED) for e in everything
    ):
        return not_applicable(f"There is no project to ask about: {everything[0].reason}.", digests)
    accepted = {e.about: e for e in case.observed(EvidenceKind.BASELINE)}
    whole = accepted.pop("", None)
    judged = []
    open_questions = list(_unread_baseline(case))
    for evidence in everything:
        if evidence.state is not EvidenceState.OBSERVED:
            open_questions.append(_unread(evidence))
            continue
        before = accepted.get(evidence.about)
        view = View(
            cast(ProjectFacts, evidence.data),
            cast(ProjectFacts, before.data) if before is not None else None,
            case.as_of,
        )
        rests_on = (evidence.digest, *((before.digest,) if before is not None else ()))
        judged.append(Judged(evidence.about, view, rests_on))
    facts = cast(BaselineFacts, whole.data) if whole is not None else None
    return Projects(tuple(judged), tuple(open_questions), digests, facts)


def judge(case: Case, meta: RuleMeta, read: Callable[[View], Iterator[Reading]]) -> Conclusion:
    """What one signal says of every project.

    A reading that fired is a fail, one that could not be made an unknown. Where the question arises
    for no project the rule is not applicable; that a signal is clear somewhere makes it a pass.
    """
    found = projects(case)
    if isinstance(found, Conclusion):
        return found
    findings = list(found.open)
    clear = 0
    because: dict[str, None] = {}
    for project in found.judged:
        for reading in read(project.view):
            if reading.state is SignalState.CLEAR:
                clear += 1
            elif reading.state is SignalState.NOT_APPLICABLE:
                because.setdefault(f"{project.about} {reading.what}")
            else:
                findings.append(_finding(meta, project, reading))
    if not findings and not clear:
        first = next(iter(because), "no project says anything of it")
        more = f", and {len(because) - 1} more" if len(because) > 1 else ""
        return not_applicable(f"{first}{more}.", found.evidence)
    return conclude(findings, found.evidence, note=_note(found, clear, len(because)))


def _finding(meta: RuleMeta, project: Judged, reading: Reading) -> Finding:
    fired = reading.state is SignalState.FIRED
    return Finding(
        outcome=Outcome.FAIL if fired else Outcome.UNKNOWN,
        message=f"{shown(project.about, LONGEST)} {shown(reading.what, LONGEST)}.",
        remedy=meta.remedy if fired else _AGAIN,
        key=key_of(project.about, reading),
        evidence=project.evidence,
    )


def key_of(about: str, reading: Reading) -> str:
    """What tells a reading from all others: the project, the release, the signal's own key."""
    named = f"{about}@{reading.release}" if reading.release else about
    return f"{named} {reading.key}" if reading.key else named


def _unread(evidence: Evidence) -> Finding:
    what = evidence.about or "The projects that the model stands on"
    return Finding(
        outcome=Outcome.UNKNOWN,
        message=f"{what} could not be looked at: {evidence.reason}.",
        remedy=_AGAIN,
        key=f"{evidence.about or 'projects'} {evidence.state.value}",
        evidence=(evidence.digest,),
    )


def _unread_baseline(case: Case) -> Iterator[Finding]:
    """A baseline that was given and could not be read leaves all that it would have shown open."""
    for evidence in case.of(EvidenceKind.BASELINE):
        if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            what = f"What was accepted of {evidence.about}" if evidence.about else "The baseline"
            yield Finding(
                outcome=Outcome.UNKNOWN,
                message=f"{what} could not be read: {evidence.reason}.",
                remedy=f"Give the document that '{SNAPSHOT}' wrote, unchanged.",
                key=f"baseline {evidence.about}".rstrip(),
                evidence=(evidence.digest,),
            )


def _note(found: Projects, clear: int, silent: int) -> str:
    accepted = sum(project.view.before is not None for project in found.judged)
    return (
        f"Projects looked at: {len(found.judged)}, of which accepted before: {accepted}; readings "
        f"that are clear: {clear}, that do not apply: {silent}."
    )
