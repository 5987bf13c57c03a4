"""Somebody from outside looked at the model."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "third-party-audit",
    summary=(
        "a trusted person attests to an examination of the model by somebody outside the "
        "organization"
    ),
    why=(
        "Who made a model sees it as its maker does. That others examined it, how deep they "
        "were let in and what they found stands in a report; whether the report is about these "
        "weights, only somebody who has read it can say."
    ),
    remedy=(
        "Have whoever ordered the audit name the auditor, the scope and what was found, with "
        "the report as evidence."
    ),
    example=(
        "A model that is offered as 'independently audited', with a report about the version "
        "before."
    ),
    references=("https://www.nist.gov/itl/ai-risk-management-framework",),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
