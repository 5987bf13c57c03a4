"""The commits that made the weights carry dates that can be true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.history._shared import (
    current_commits,
    end_of_day,
    facts_of,
    finding,
    moment,
)
from weighbridge.rules.maintainers._shared import digests_of, history_of, unattributed

META = RuleMeta(
    id="backdated-commit",
    family="history",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no commit that made the weights claims a date that cannot be true",
    why=(
        "A commit's dates are typed by whoever makes it, and git believes them: a key that has "
        "expired still counts as good for a commit dated back to when it was valid. A false date "
        "shows where it contradicts what surrounds it: the committer's date lies before that of a "
        "commit it builds on, before the author's, before the key was allowed, or after the audit. "
        "An author's date in the past is no sign: rebasing and picking keep it. Clocks that run "
        "wrong do the same as a forger, so small differences are let pass, and the rule is asked "
        "by the strict policy only."
    ),
    remedy="Ask who made the commit when it was made; have the change reviewed and signed again.",
    example="A commit dated 2025-03-01 has a parent that was committed on 2026-04-12.",
    needs=(EvidenceKind.COMMIT,),
    params=(
        Param(
            "tolerance_hours",
            default=24,
            help="How many hours a clock may be wrong.",
            stricter="lower",
        ),
    ),
    references=(
        "https://git-scm.com/docs/git-commit-tree",
        "https://man.openbsd.org/ssh-keygen.1#ALLOWED_SIGNERS",
    ),
)


def check(case: Case) -> Conclusion:
    """Compare each commit's dates with its parents', its author's, its key's and the audit's."""
    summary = history_of(case)
    if isinstance(summary, Conclusion):
        return summary
    commits = current_commits(case)
    findings = [found for commit in commits for found in _judge(case, commit)]
    findings += unattributed(summary)
    return conclude(findings, digests_of(case), note=f"Commits judged: {len(commits)}.")


def _judge(case: Case, commit: Evidence) -> Iterator[Finding]:
    facts = facts_of(commit)
    slack = dt.timedelta(hours=case.integer("tolerance_hours"))
    committed, authored = moment(facts["committer"]["date"]), moment(facts["author"]["date"])
    parents = moment(facts["parents_date"])

    def found(key: str, what: str, outcome: Outcome = Outcome.FAIL) -> Finding:
        return finding(commit, key, what, META.remedy, outcome)

    if committed is None:
        yield found("no-date", "has no readable committer's date", Outcome.UNKNOWN)
        return
    shown = facts["committer"]["date"]
    if parents is not None and committed + slack < parents:
        what = f"is dated {shown}, before what it builds on ({facts['parents_date']})"
        yield found("before-parent", what)
    if authored is not None and committed + slack < authored:
        what = f"was committed on {shown}, before it was written ({facts['author']['date']})"
        yield found("before-author", what)
    if committed > end_of_day(case) + slack:
        yield found("after-audit", f"is dated {shown}, after the audit")
    if facts["outside"] == "before":
        yield found("before-key", f"is dated {shown}, before its key was allowed to sign")
