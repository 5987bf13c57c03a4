"""No newcomer made the weights that lie here."""

from __future__ import annotations

import datetime as dt
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.commit import AuthorFacts, CommitFacts, HistoryFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.maintainers._shared import (
    SHALLOW_REMEDY,
    digests_of,
    history_of,
    unattributed,
)

META = RuleMeta(
    id="first-time-weight-author",
    family="maintainers",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="nobody who is new to the repository made the weights that others had made before",
    why=(
        "Hijacked projects show it again and again: an account that appeared a few weeks ago "
        "changes what everybody downloads. Two facts together raise this finding, and nothing "
        "else: weights now have content by an author whose first commit in the repository, of any "
        "kind, is younger than min_days; and someone else had made weights there before. Whoever "
        "begins a repository's weights is not new to it, however young it is. A person's name, "
        "country, time zone or popularity is never looked at. Dates are read so that a commit is "
        "never older than what it builds on; a history that was rewritten as a whole can still "
        "claim any date."
    ),
    remedy="Have a maintainer who knows the model review the change and sign the weights.",
    example=(
        "Alice has committed every checkpoint for a year; three days after his first commit, Bob "
        "replaces 'model.safetensors'."
    ),
    needs=(EvidenceKind.COMMIT,),
    params=(
        Param(
            "min_days",
            default=30,
            help="How many days an author's first commit must lie back, counted to the audit date.",
            stricter="higher",
        ),
    ),
    references=(
        "https://nvd.nist.gov/vuln/detail/CVE-2024-3094",
        "https://slsa.dev/spec/v1.2/threats",
    ),
)


def check(case: Case) -> Conclusion:
    """Compare the authors of the present weights with those who touched weights before them."""
    summary = history_of(case)
    if isinstance(summary, Conclusion):
        return summary
    facts = cast(HistoryFacts, summary.data)
    authors = {author["key"]: author for author in facts["authors"]}
    newest: dict[str, Evidence] = {}
    for evidence in case.observed(EvidenceKind.COMMIT):
        if evidence.about and _facts(evidence)["current"]:
            key = _author_key(evidence)
            if key not in newest or _facts(evidence)["position"] < _facts(newest[key])["position"]:
                newest[key] = evidence
    findings = [
        found
        for key, evidence in sorted(newest.items())
        if (found := _judge(case, facts, authors, key, evidence)) is not None
    ]
    findings += unattributed(summary)
    note = f"Authors of the present weights: {len(newest)}; commits walked: {facts['commits']}."
    return conclude(findings, digests_of(case), note=note)


def _facts(evidence: Evidence) -> CommitFacts:
    return cast(CommitFacts, evidence.data)


def _author_key(evidence: Evidence) -> str:
    return _facts(evidence)["author_key"]


def _judge(
    case: Case,
    facts: HistoryFacts,
    authors: dict[str, AuthorFacts],
    key: str,
    evidence: Evidence,
) -> Finding | None:
    """None for authors who are known here long enough, and for those who began the weights."""
    author = authors[key]
    days = _age(author["first_date"], case.as_of)
    if days is not None and days >= case.integer("min_days"):
        return None
    others = [a for a in authors.values() if a["first_weights"] > author["first_weights"]]
    if not others and facts["complete"]:
        return None
    if not facts["complete"]:
        reason = "how long its author is known cannot be said, the history is not whole"
        return _finding(evidence, author, reason, Outcome.UNKNOWN)
    if days is None:
        reason = "its author's first commit has no readable date"
        return _finding(evidence, author, reason, Outcome.UNKNOWN)
    age = f"{days} days before" if days >= 0 else "after"
    reason = f"its author first committed here {age} the audit date, and weights by others existed"
    return _finding(evidence, author, reason, Outcome.FAIL)


def _age(first_date: str, as_of: dt.date) -> int | None:
    """Whole days from an author's first commit to the audit date."""
    if not first_date:
        return None
    return (as_of - dt.date.fromisoformat(first_date[:10])).days


def _finding(evidence: Evidence, author: AuthorFacts, reason: str, outcome: Outcome) -> Finding:
    weights = _facts(evidence)["weights"]
    more = f" and {len(weights) - 1} more" if len(weights) > 1 else ""
    return Finding(
        outcome=outcome,
        message=(
            f"{weights[0]}{more} was changed by {author['email'] or author['name']} in commit "
            f"{evidence.about[:12]}: {reason}."
        ),
        remedy=SHALLOW_REMEDY if outcome is Outcome.UNKNOWN else META.remedy,
        key=f"{author['key']}:{evidence.about}",
        evidence=(evidence.digest,),
    )
