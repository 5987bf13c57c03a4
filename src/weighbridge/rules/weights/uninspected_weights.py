"""Rule uninspected-weights: there is no weight file that nobody looked into."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Finding, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.weights._shared import judge, not_read

META = RuleMeta(
    id="uninspected-weights",
    family="weights",
    since="0.1",
    severity=Severity.HIGH,
    summary="every weight file could be inspected to its end",
    why=(
        "A file that no reader understands, that is too large for a bound, or whose content is "
        "elsewhere may hold anything. Calling it clean because nothing was found would be the one "
        "answer that is certainly wrong."
    ),
    remedy=(
        "Fetch the content of pointers, convert the file to a format that can be inspected "
        "(safetensors, GGUF, a plain torch archive), or leave it out of what is shipped."
    ),
    example=(
        "`model.ort` has no reader here; `model.7z` is encrypted; `model.safetensors` is a Git LFS "
        "pointer."
    ),
    needs=(EvidenceKind.WEIGHTS,),
    references=("OWASP LLM03:2025 Supply Chain",),
)


def check(case: Case) -> Conclusion:
    """A file that was not inspected for want of content, reader or room is unknown."""
    return judge(case, _findings, "{files} inspected to the end.")


def _findings(evidence: Evidence) -> Iterator[Finding]:
    if evidence.state is EvidenceState.OBSERVED:
        return
    yield not_read(
        evidence,
        "what it holds is not known",
        "Fetch the content, or convert the file to a format that can be inspected.",
    )
