"""The documents say something of bias, robustness and explanations."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.documentation._shared import MIN_WORDS, judge_topics, require_param

META = RuleMeta(
    id="missing-risk-statements",
    family="documentation",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the documents state what is known of bias, of robustness and of explaining outputs",
    why=(
        "Who is treated worse, which input leads the model astray and whether an output can be "
        "explained are asked when harm was done. That nothing was looked at is an answer that a "
        "reader can act on; that nothing is said is none. Only a person can say whether a "
        "statement is true: see the rule 'bias-testing'."
    ),
    remedy=(
        "Write what was tested, on which groups or attacks, and what was found; or that it was "
        "not, and what that means for uses of the model."
    ),
    example="A card with benchmarks and usage, and no word on bias or adversarial input.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(require_param(("bias-and-fairness", "explainability", "robustness")), MIN_WORDS),
    references=(
        "https://airc.nist.gov/airmf-resources/airmf/3-sec-characteristics/",
        "https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.1270.pdf",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for each statement."""
    return judge_topics(case)
