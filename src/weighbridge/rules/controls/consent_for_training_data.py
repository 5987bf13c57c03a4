"""The people whose data the model was trained on agreed, or the law allowed it without them."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "consent-for-training-data",
    summary=(
        "a trusted person attests to the legal ground on which people's data were used for training"
    ),
    why=(
        "Whether people agreed to the use of what they wrote, said or were recorded as, and "
        "whether another legal ground carries it, stands in contracts, forms and judgments and "
        "in no file of a model. A card that says so is a claim that nobody answers for. Here a "
        "person does, by name, with the papers they looked at named by their digests."
    ),
    remedy=(
        "Have the person who answers for data protection gather consent forms, contracts and "
        "the assessment of legitimate interests."
    ),
    example=(
        "A model tuned on support conversations whose data protection officer has attested to "
        "nothing."
    ),
    references=("https://eur-lex.europa.eu/eli/reg/2016/679/oj",),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
