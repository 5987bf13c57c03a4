"""The accounts that may publish a project are those that were accepted."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.changed_owner import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "nobody may publish a project who could not when it was accepted, and nobody who could is "
        "gone"
    ),
    why=(
        "Whoever wants to publish in the name of a project must first be allowed to. A new owner, "
        "one who is gone, another account under an owner's name, or a release by an account that "
        "never owned the project are the earliest that can be seen of a hijack: arrapi had lost "
        "its owner five minutes after a new account was added, and released nothing. Accounts are "
        "compared by the service's own number where it tells one, so a new name is no change. "
        "Most changes are handovers: this is for looking, and hijack-score decides. Without a "
        "baseline nothing can be compared."
    ),
    remedy=(
        "Ask an owner whom you knew before, on another channel; once it is explained, accept the "
        "state with 'weighbridge maintainers snapshot'."
    ),
    example=(
        "'pkg:pypi/arrapi' has an owner who was none when it was accepted, with an account of "
        "that day."
    ),
    needs=NEEDS,
    references=(
        "https://attack.mitre.org/techniques/T1195/001/",
        "https://nvd.nist.gov/vuln/detail/CVE-2024-3094",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the owners of each project with the accepted ones."""
    return judge(case, META, read)
