"""No project is quarantined, disabled, deleted or on record as malicious."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.quarantined_project import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no project is quarantined, disabled or deleted by its service, and no record calls the "
        "release in use malicious"
    ),
    why=(
        "An index quarantines a project while it looks into a report of malware, and records of "
        "malicious packages name the releases. Both come after others were hurt, and neither is "
        "given lightly: hijack-score stops at them whatever else is clear. An archived project is "
        "not stopped at: it is no longer maintained, and says so."
    ),
    remedy=(
        "Remove the release, find where it ran, and treat every secret that was in reach as stolen."
    ),
    example="'pkg:pypi/litellm' was quarantined by its index.",
    needs=NEEDS,
    references=(
        "https://peps.python.org/pep-0792/",
        "https://ossf.github.io/osv-schema/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look at each project's status and at records of malicious packages."""
    return judge(case, META, read)
