"""The model card says what a reader needs to know."""

from __future__ import annotations

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Conclusion, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.documentation._shared import MIN_WORDS, judge_topics, require_param

META = RuleMeta(
    id="incomplete-model-card",
    family="documentation",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the card and the documents beside it write about every topic that the policy asks for",
    why=(
        "Whoever uses a model has to know what it is for, where it fails, and what it was trained "
        "and measured on; laws and frameworks ask for the same in their own words. Cards are made "
        "from templates, so a heading alone shows nothing: its text may be a placeholder."
    ),
    remedy=(
        "Write each missing section in README.md, or in a document of its own such as SECURITY.md; "
        "'weighbridge report documentation PACK' lists the EU's fields and what fills them."
    ),
    example="A card whose section 'Intended Use' says '[More Information Needed]'.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(require_param(("basic",)), MIN_WORDS),
    references=(
        "https://huggingface.co/docs/hub/model-cards",
        "https://arxiv.org/abs/1810.03993",
        "https://artificialintelligenceact.eu/annex/11",
    ),
)


def check(case: Case) -> Conclusion:
    """Look for what is said about each topic."""
    return judge_topics(case)
