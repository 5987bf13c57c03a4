"""No release runs code by itself that earlier releases did not."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.new_install_hook import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release runs code at its installation, or when Python starts, where none of the "
        "earlier releases did"
    ),
    why=(
        "Code that runs by itself needs no user: a preinstall script ran the miner of ua-parser- "
        "js, a .pth the thief of litellm 1.82.8, before anybody had imported either. Earlier "
        "releases are compared, so a project that always had a hook has none that is new. New "
        "hooks are also added for good reasons: this is for looking, and hijack-score decides. "
        "Releases that nobody looked into stay unknown."
    ),
    remedy=(
        "Read what the hook runs before anything installs the release; take the release before it "
        "until then."
    ),
    example=(
        "'pkg:pypi/litellm' runs litellm_init.pth by itself since 1.82.8; no release before it did."
    ),
    needs=NEEDS,
    references=(
        "https://docs.python.org/3/library/site.html",
        "https://docs.npmjs.com/cli/v11/using-npm/scripts",
        "PYSEC-2026-2",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the hooks of each new release with those of the earlier ones."""
    return judge(case, META, read)
