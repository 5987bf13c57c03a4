"""No project publishes three releases within a day."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.release_burst import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.INFO,
    summary="no new release is the third or a later one of its project within 24 hours",
    why=(
        "Whoever holds an account for hours publishes what they can: ua-parser-js had three bad "
        "releases in one go, ctx eleven. But so has 2 % of benign releases, often fixes for "
        "several version lines at once: alone, and together with the other signal on times, this "
        "never reaches the warning line of hijack-score. Times are believed only where the "
        "service itself gives them."
    ),
    remedy="Look whether the releases are of several version lines and repair the same thing.",
    example="'pkg:npm/ua-parser-js' published 0.7.29, 0.8.0 and 1.0.0 on one afternoon.",
    needs=NEEDS,
    references=(
        "https://github.com/advisories/GHSA-pjwm-rvh2-c87w",
        "https://arxiv.org/abs/2103.03846",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Count the releases within the day that ends with each new one."""
    return judge(case, META, read)
