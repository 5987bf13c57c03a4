"""Somebody answers for where the data lie."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "data-residency",
    summary=(
        "a trusted person attests to the countries in which training data, weights and requests lie"
    ),
    why=(
        "Laws and contracts bind data to places, and a model's files do not know where they are "
        "copied to, where it was trained or where users' requests are answered. Whoever runs "
        "the storage and the machines knows."
    ),
    remedy=(
        "Have whoever runs storage and serving list regions, backups and processors, with the "
        "contracts that fix them."
    ),
    example=(
        "A model for a bank that may process within the EEA alone, served from regions nobody "
        "wrote down."
    ),
    references=(
        "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
        "https://eur-lex.europa.eu/eli/reg/2022/2554/oj",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
