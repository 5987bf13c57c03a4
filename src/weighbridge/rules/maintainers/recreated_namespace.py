"""Each project is the one that was accepted, and no other of its name."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.recreated_namespace import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "each project, its repository and its owner have the numbers with which they were "
        "accepted, so that nobody else has taken their names"
    ),
    why=(
        "A name that is given up can be registered by anybody, and everything that asks for it by "
        "name then gets what the stranger put there. Services number what they keep: another "
        "number under the same name is another project, which nobody accepted. A Hub's number "
        "holds the second in which it was made. It costs no further question, and nothing benign "
        "looks like it, so hijack-score stops at it whatever else is clear."
    ),
    remedy=(
        "Take nothing from under this name; find where the project that was accepted is now, and "
        "pin it by commit and digest."
    ),
    example=(
        "'pkg:huggingface/org/model' is another project than the one that was accepted: its "
        "number is another."
    ),
    needs=NEEDS,
    references=(
        "https://www.mongodb.com/docs/manual/reference/bson-types/#objectid",
        "https://attack.mitre.org/techniques/T1195/",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Compare the numbers and days of each project with the accepted ones."""
    return judge(case, META, read)
