"""No project passes for a better known one that it is a fork or copy of."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.hijack.hostile_fork import SIGNAL, read
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.maintainers._projects import NEEDS, judge

META = RuleMeta(
    id=SIGNAL,
    family="maintainers",
    since="0.1",
    severity=Severity.LOW,
    summary=(
        "no project is at once named almost like a better known one, a fork or copy of it, and "
        "young or of a young owner"
    ),
    why=(
        "A copy of a known project, under a name that is almost the same, works like it and runs "
        "what its owner added: Open-OSS/privacy-filter of 2026 was the copy of a model of a known "
        "company. Likeness alone is common, forks are how people work, and every project was "
        "young once; only the three together are named. How often a project is downloaded or "
        "starred says nothing here: such numbers can be bought."
    ),
    remedy=(
        "Compare the owner with the one in the documentation of the project you mean, and take "
        "that one."
    ),
    example=(
        "'pkg:huggingface/Open-OSS/privacy-filter' is a copy of openai's model, and was made last "
        "week."
    ),
    needs=NEEDS,
    references=(
        "https://attack.mitre.org/techniques/T1195/001/",
        "https://slsa.dev/spec/v1.2/threats",
    ),
    network=True,
)


def check(case: Case) -> Conclusion:
    """Look for likeness, origin and youth together."""
    return judge(case, META, read)
