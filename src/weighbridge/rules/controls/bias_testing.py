"""Somebody answers for how the model treats groups of people."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "bias-testing",
    summary=(
        "a trusted person attests to how the model's behavior was compared for groups of people"
    ),
    why=(
        "A test for bias is made of choices: which groups, which tasks, which measure, which "
        "difference is too large. Numbers in a card show none of these to be fit, and files "
        "cannot show who is harmed. A person who ran or read the tests can, and says for which "
        "version of the weights."
    ),
    remedy=(
        "Have the tests run on these very weights, and keep the report with what was measured, "
        "on which data, by whom."
    ),
    example=(
        "A model that ranks applications, whose card says 'tested for fairness' and names no test."
    ),
    references=(
        "https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.1270.pdf",
        "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
