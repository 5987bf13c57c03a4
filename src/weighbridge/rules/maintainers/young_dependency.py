"""No release needs a project that hardly exists yet."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.young_dependency import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no new release depends on a project, new to it, whose own first release was less than 30 "
        "days old"
    ),
    why=(
        "The harmful code need not lie in the release itself: event-stream and axios only gained "
        "a dependency, which had been made for the purpose weeks or hours before. A dependency "
        "that an earlier release already had never fires, however young it is."
    ),
    remedy=(
        "Read the new dependency's code before you install it; stay with the release before it "
        "until then."
    ),
    example=(
        "'pkg:npm/axios' needs plain-crypto-js since 1.14.1, whose first release was 18 hours old "
        "then."
    ),
    needs=NEEDS,
    references=(
        "https://github.com/dominictarr/event-stream/issues/116",
        "https://attack.mitre.org/techniques/T1195/001/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look at the age of each dependency that a new release added."""
    return judge(case, META, read)
