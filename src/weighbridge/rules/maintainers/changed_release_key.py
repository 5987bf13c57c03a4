"""Releases are signed with keys that signed earlier ones."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.changed_release_key import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release's commit is signed with a key that no earlier release was signed with, "
        "and none lacks the author's signature where all had it"
    ),
    why=(
        "Whoever takes over an account can add a key of their own, and the forge shows the commit "
        "as verified all the same. Keys are compared with those of the accepted releases. What a "
        "forge signs for whoever is logged in, or a bot signs, shows that the forge did it: it "
        "makes no key known and is no author's signature. New computers make new keys too: this "
        "is for looking, and hijack-score decides."
    ),
    remedy=(
        "Ask the author on another channel whether the key is theirs; once it is explained, "
        "accept the state with 'weighbridge maintainers snapshot'."
    ),
    example=(
        "'pkg:pypi/demo' signed 2.0.1 with a key that none of the 14 earlier releases was signed "
        "with."
    ),
    needs=NEEDS,
    references=(
        "https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification",
        "https://nvd.nist.gov/vuln/detail/CVE-2024-3094",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the signer of each new release with those of the earlier ones."""
    return judge(case, META, read)
