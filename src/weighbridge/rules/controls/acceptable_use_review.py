"""The planned use was compared with what license and use policy allow."""

from __future__ import annotations

from weighbridge.model.finding import Conclusion
from weighbridge.model.rule import Case
from weighbridge.rules.controls._shared import control_meta, judge

META = control_meta(
    "acceptable-use-review",
    summary=(
        "a trusted person attests that the planned use was compared with licenses and use policies"
    ),
    why=(
        "Use policies forbid purposes, not files: what the model is for is known to those who "
        "plan it alone. The license rules can say what is allowed for a use that is stated; "
        "that the use is stated truly and in full, a person must say."
    ),
    remedy=(
        "Have whoever plans the use and whoever reads licenses go through the use policies "
        "together, and keep what they decided."
    ),
    example=(
        "A model under a license with use restrictions, built into a product for which nobody "
        "read them."
    ),
    references=(
        "https://www.licenses.ai/",
        "https://arxiv.org/abs/2011.03116",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for a trusted person's attestation to it."""
    return judge(case, META.id)
