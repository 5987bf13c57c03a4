"""A project that tags its releases still does."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.untagged_release import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new final release lacks a tag in its repository where the finals before it had theirs"
    ),
    why=(
        "Who holds a token of the index and not the repository publishes a version for which the "
        "repository has no tag. Of benign finals 1.7 % have none either, most of them in projects "
        "that do not tag at all, so only a break of habit fires, by the same Beta-binomial as "
        "attestations; pre-releases are left out. Some projects tag after the upload: ask again a "
        "day later."
    ),
    remedy=(
        "Look whether the release's source is in the repository, and ask again a day later; until "
        "then stay with the release before it."
    ),
    example="'pkg:pypi/num2words' published 0.5.15, and its tags end at v0.5.14.",
    needs=NEEDS,
    references=(
        "https://slsa.dev/spec/v1.2/source-requirements",
        "https://attack.mitre.org/techniques/T1195/002/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look for the tag of each new final release."""
    return judge(case, META, read)
