"""Releases are published in the way in which they were before."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.changed_publisher import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "each new release was published by the kind, repository, workflow and environment that "
        "published those before it"
    ),
    why=(
        "A stolen token publishes from anywhere; a trusted publisher only from its own workflow. "
        "A project that was published by one for many releases, and then by a token or by another "
        "workflow, has changed its way of working or lost a token. How many releases stand behind "
        "the habit decides: after one, nothing can be said, after fifty the chance is one in a "
        "hundred, and the finding names it. Each major line is judged with those below it, so "
        "that a fix for an old line is no change. Going over to trusted publishing is none "
        "either, nor is a token whose release is attested by the same repository."
    ),
    remedy=(
        "Look in the project's repository for who changed its way of publishing; stay with the "
        "release before it until that is explained."
    ),
    example=(
        "'pkg:pypi/ultralytics' published 8.3.45 with a token after many releases by its workflow."
    ),
    needs=NEEDS,
    references=(
        "https://github.com/pnpm/pnpm/issues/10202",
        "https://github.com/pnpm/pnpm/issues/10622",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the publisher of each new release with those before it."""
    return judge(case, META, read)
