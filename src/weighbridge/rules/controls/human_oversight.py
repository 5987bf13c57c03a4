"""Somebody watches, and can overrule."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "human-oversight",
    summary="a trusted person attests to who watches over what the model does and can overrule it",
    why=(
        "Art. 14 of the AI Act wants people who understand the system, can leave its output "
        "aside and can stop it; Art. 26(2) wants them to have the training and the authority. "
        "No file shows who they are or what they may do."
    ),
    remedy=(
        "Have whoever answers for the service name the roles, their training, and how they "
        "intervene."
    ),
    example="A model whose output is sent to customers unread, with oversight 'by the team'.",
    references=("https://eur-lex.europa.eu/eli/reg/2024/1689/oj",),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
