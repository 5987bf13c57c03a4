"""Somebody answers for it that people get an explanation."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "right-to-explanation",
    summary=(
        "a trusted person attests to how people get an explanation of decisions the model had "
        "part in"
    ),
    why=(
        "Art. 86 of the AI Act and Art. 15(1)(h) and 22(3) of the GDPR give people who are "
        "decided about a right to an explanation. Whether there is a way to ask, somebody who "
        "answers, and something true to say is a matter of the service around the model."
    ),
    remedy=(
        "Have whoever runs the service describe how a request comes in, who answers it and from "
        "which records, with an example."
    ),
    example="A model that scores credit applications in a service without any address to ask at.",
    references=(
        "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
