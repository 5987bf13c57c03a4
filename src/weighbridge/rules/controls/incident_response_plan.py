"""It is settled who does what when the model does harm."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "incident-response-plan",
    summary=(
        "a trusted person attests to a plan for incidents with the model, and when it was last "
        "tried"
    ),
    why=(
        "Deadlines to report incidents run in hours and days from when somebody knows. Who has "
        "to be told, who decides and where the records lie has to be settled before, and tried, "
        "for this model and not in general."
    ),
    remedy=(
        "Have whoever leads the response write who does what by when, try it, and keep the minutes."
    ),
    example="A plan for servers that names nobody who could say what the model was trained on.",
    references=(
        "https://csrc.nist.gov/pubs/sp/800/61/r3/final",
        "https://eur-lex.europa.eu/eli/reg/2024/2847/oj",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
