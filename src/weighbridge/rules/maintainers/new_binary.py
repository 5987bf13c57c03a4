"""No release carries unreadable files of a sort or size that earlier releases had not."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.new_binary import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release carries an executable, library, packed script or other unreadable file of "
        "a sort that earlier releases had not, or one that grew by much"
    ),
    why=(
        "What nobody can read nobody reviews: the payload of lightning 2.6.2 was 11.4 MB of "
        "packed JavaScript in a Python package, that of xz lay in files for tests. Sorts are "
        "compared, not names, so a project whose releases always had native libraries may have "
        "others. A file of a known sort must be more than four times as large as all before, and "
        "larger than a mebibyte."
    ),
    remedy=(
        "Find out what the file is and which build made it; take the release before it until then."
    ),
    example=(
        "'pkg:pypi/lightning' carries a packed script of 11.4 MB in 2.6.2; no release before it "
        "had any."
    ),
    needs=NEEDS,
    references=(
        "https://nvd.nist.gov/vuln/detail/CVE-2024-3094",
        "https://slsa.dev/spec/v1.2/threats",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the unreadable files of each new release with those of the earlier ones."""
    return judge(case, META, read)
