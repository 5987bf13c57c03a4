"""What the rules on git's records share: the commits that matter, and naming them."""

from __future__ import annotations

import datetime as dt
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.commit import CommitFacts
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.rule import Case


def facts_of(evidence: Evidence) -> CommitFacts:
    """What is known of one commit."""
    return cast(CommitFacts, evidence.data)


def current_commits(case: Case) -> list[Evidence]:
    """The commits that gave the present weights their content."""
    return [e for e in case.observed(EvidenceKind.COMMIT) if e.about and facts_of(e)["current"]]


def moment(text: str) -> dt.datetime | None:
    """A date of the facts, None where it is empty."""
    return dt.datetime.fromisoformat(text) if text else None


def end_of_day(case: Case) -> dt.datetime:
    """The last moment of the audit date, in every time zone."""
    return dt.datetime.combine(case.as_of, dt.time(), dt.UTC) + dt.timedelta(days=1, hours=12)


def finding(evidence: Evidence, key: str, what: str, remedy: str, outcome: Outcome) -> Finding:
    """A finding on a commit: its id, what weights it changed, and what is odd about it."""
    weights = facts_of(evidence)["weights"]
    more = f" and {len(weights) - 1} more" if len(weights) > 1 else ""
    return Finding(
        outcome=outcome,
        message=f"Commit {evidence.about[:12]}, which changed {weights[0]}{more}, {what}.",
        remedy=remedy,
        key=f"{key}:{evidence.about}",
        evidence=(evidence.digest,),
    )
