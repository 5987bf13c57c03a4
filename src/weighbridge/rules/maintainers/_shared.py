"""What the rules on maintainers share: finding the history, and saying why there is none."""

from __future__ import annotations

from typing import cast

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.commit import HistoryFacts
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, conclude
from weighbridge.model.finding import not_applicable as does_not_apply
from weighbridge.model.rule import Case

SHALLOW_REMEDY = "Fetch the whole history with 'git fetch --unshallow', then audit again."


def digests_of(case: Case) -> list[Digest]:
    """Everything a rule on maintainers rests on."""
    return [evidence.digest for evidence in case.of(EvidenceKind.COMMIT)]


def history_of(case: Case) -> Evidence | Conclusion:
    """The evidence about the history as a whole, or what to conclude where none can be judged."""
    summary = next((e for e in case.of(EvidenceKind.COMMIT) if not e.about), None)
    if summary is None:
        return conclude([_unread("was not collected", ())], digests_of(case))
    if summary.state is EvidenceState.UNSUPPORTED:
        return does_not_apply(f"There is no history: {summary.reason}.", digests_of(case))
    if summary.state is not EvidenceState.OBSERVED:
        finding = _unread(f"could not be read whole: {summary.reason}", (summary.digest,))
        return conclude([finding], digests_of(case))
    facts = cast(HistoryFacts, summary.data)
    if not facts["weights"]:
        return does_not_apply("No weight file is under version control here.", digests_of(case))
    return summary


def unattributed(summary: Evidence) -> list[Finding]:
    """An unknown for each weight file whose present content no known commit made."""
    facts = cast(HistoryFacts, summary.data)
    groups = (
        ("unattributed", "was made by a commit before those that are here", SHALLOW_REMEDY),
        ("uncommitted", "differs from the newest commit", "Commit it, or restore what is there."),
        ("untracked", "is in no commit", "Commit it, or audit it under another policy."),
        ("uncompared", "could not be compared with the newest commit", "Audit a clean clone."),
    )
    values = cast("dict[str, tuple[str, ...]]", facts)
    return [
        Finding(
            outcome=Outcome.UNKNOWN,
            message=f"{path} {what}, so git cannot say who made what lies here.",
            remedy=remedy,
            location=Location(path),
            key=group,
            evidence=(summary.digest,),
        )
        for group, what, remedy in groups
        for path in values[group]
    ]


def _unread(what: str, evidence: tuple[Digest, ...]) -> Finding:
    return Finding(
        outcome=Outcome.UNKNOWN,
        message=f"The git history {what}.",
        remedy="Repair the clone ('git fsck', 'git fetch'), then audit again.",
        key="history",
        evidence=evidence,
    )
