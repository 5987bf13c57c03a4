"""The documents say how to go back, until when the model is supported, and whom to ask."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.documentation._shared import MIN_WORDS, judge_topics, require_param

META = RuleMeta(
    id="missing-lifecycle-notes",
    family="documentation",
    since="0.1",
    severity=Severity.LOW,
    summary="the documents have a rollback plan, an end of support and somebody to contact",
    why=(
        "A model that misbehaves in production has to be replaced within hours, by the version "
        "that worked before, and someone has to decide it. A model without an end of support runs "
        "on unpatched for years. Both are cheap to write down before the release and costly to "
        "find out after it."
    ),
    remedy=(
        "Write sections on rollback and end of support in README.md or docs/, and name an address "
        "that somebody reads."
    ),
    example="A card that names neither a predecessor to go back to nor a day when support ends.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(require_param(("contact", "rollback", "end-of-support")), MIN_WORDS),
    references=(
        "https://airc.nist.gov/airmf-resources/airmf/5-sec-core/",
        "https://eur-lex.europa.eu/eli/reg/2024/2847/oj",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for each note."""
    return judge_topics(case)
