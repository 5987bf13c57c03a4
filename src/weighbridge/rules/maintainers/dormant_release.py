"""No release comes after an unusual silence."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.dormant_release import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.INFO,
    summary=(
        "no new release came more than 180 days and five times the median gap after the one "
        "before it"
    ),
    why=(
        "A project that nobody looks after is the easier to take over, and nobody is surprised by "
        "its release. But 2.6 % of benign releases come as late: alone, and together with the "
        "other signal on times, this never reaches the warning line of hijack-score. Times are "
        "believed only where the service itself gives them: a mirror's follow when it made its "
        "copy."
    ),
    remedy="Look at what changed in the release, and who published it.",
    example="'pkg:pypi/ctx' published 0.2.2 more than seven years after the release before it.",
    needs=NEEDS,
    references=(
        "https://arxiv.org/abs/2103.03846",
        "https://arxiv.org/abs/2112.10165",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the gap before each new release with the median gap."""
    return judge(case, META, read)
