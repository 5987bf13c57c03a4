"""The mail domains of owners are in the hands that had them."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.account_domain import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no mail domain of an owner is free for anybody to register, or was registered again since"
    ),
    why=(
        "Who holds a mail domain receives the letter that resets the account's password: ctx was "
        "taken over for the price of a domain that had run out. The registration is compared with "
        "what stood before, the accepted state or the releases before the one in use; compared "
        "with the newest release, it would look old again once the attacker has published one. Of "
        "1.63 million packages, 8,494 had an owner whose domain had run out."
    ),
    remedy=(
        "Ask the owner on another channel whether the domain is theirs, and stay with the "
        "accepted release."
    ),
    example=(
        "'pkg:pypi/ctx' has an owner whose mail domain was registered again a week before its "
        "release."
    ),
    needs=NEEDS,
    references=(
        "https://arxiv.org/abs/2112.10165",
        "https://peps.python.org/pep-0541/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look at the registration of each owner's mail domain."""
    return judge(case, META, read)
