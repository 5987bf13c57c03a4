"""Switching the model off was tried, and it works."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "kill-switch-rehearsed",
    summary=(
        "a trusted person attests that switching the model off and rolling it back was rehearsed"
    ),
    why=(
        "A switch that nobody has ever thrown is a hope. Rights expire, names change, and the "
        "version to go back to turns out to be gone. Only those who were there when it was "
        "tried know whether it worked and how long it took."
    ),
    remedy=(
        "Have whoever is on call switch the model off and go back to the version before, and "
        "keep the log with its times."
    ),
    example=(
        "A runbook 'disable the endpoint' from before the service was moved, never tried since."
    ),
    references=(
        "https://www.nist.gov/itl/ai-risk-management-framework",
        "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
