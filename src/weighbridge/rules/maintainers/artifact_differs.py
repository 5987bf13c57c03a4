"""What is published is what the tag of the source has."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.artifact_differs import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release has code that the source at its tag does not have, beyond what earlier "
        "builds wrote too"
    ),
    why=(
        "Reviewers read the repository, machines install the file: what is only in the file "
        "nobody has read. That is how the payloads of xz, aiocpa and ultralytics were shipped. "
        "Builds write files as well, such as _version.py; what earlier releases differed in is "
        "let pass, and where none was compared such a file alone leaves the rule open."
    ),
    remedy=(
        "Compare the files with the tag; build from the tag yourself, or take the release before "
        "it."
    ),
    example=(
        "'pkg:pypi/aiocpa' published code in 0.1.13 that its tag does not have: "
        "aiocpa/utils/sync.py."
    ),
    needs=NEEDS,
    references=(
        "https://slsa.dev/spec/v1.2/threats",
        "https://nvd.nist.gov/vuln/detail/CVE-2024-3094",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the code of each new release with that of its tag."""
    return judge(case, META, read)
