"""Rule malformed-weights: weight files are what their formats ask for."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.weights._shared import facts_of, judge, not_read

META = RuleMeta(
    id="malformed-weights",
    family="weights",
    since="0.1",
    severity=Severity.HIGH,
    summary="every weight file is well formed and is the format that its name promises",
    why=(
        "A file that two programs read differently shows one thing to the scanner and another to "
        "the loader: two archives in one, a tensor that stands twice, data that belongs to nobody. "
        "Damaged and lying headers also crash loaders written in C. No tool writes such files by "
        "itself."
    ),
    remedy=(
        "Fetch the file again and compare its digest with the publisher's. If it arrived as it was "
        "published, have it written anew with the format's own library."
    ),
    example="`model.safetensors` is a pickle, or its header names one tensor twice.",
    needs=(EvidenceKind.WEIGHTS,),
    references=(
        "safetensors format specification",
        "PKWARE APPNOTE 6.3.10 (zip)",
        "GGUF specification, version 3",
        "HDF5 File Format Specification, version 3.0",
        "zip archives read in two ways: CVE-2025-1944, CVE-2025-1945, CVE-2025-10156",
        "GGUF headers that overflow: CVE-2025-53630, CVE-2026-27940, CVE-2026-33298, CVE-2026-7482",
        "tensors that reach beyond their storage: CVE-2026-24747",
    ),
)

# Odd, and no danger: no pickler writes them, and loaders pass them over, or refuse the file.
_SEVERITY = {
    "empty-file": Severity.MEDIUM,
    "json-constant": Severity.MEDIUM,
    "stack-leftover": Severity.LOW,
    "empty-state": Severity.LOW,
}


def check(case: Case) -> Conclusion:
    """Every structural defect fails; what was not read is unknown."""
    return judge(case, _findings, "{files} read; each is what its format asks for.")


def _findings(evidence: Evidence) -> Iterator[Finding]:
    facts = facts_of(evidence)
    for issue in facts["issues"] if facts is not None else ():
        member = issue["member"]
        where = f"{evidence.about} (in {member})" if member else evidence.about
        yield Finding(
            Outcome.FAIL,
            f"{where} is malformed: {issue['message']}.",
            "Do not load this file; fetch it again, or write it anew with the format's library.",
            Location(evidence.about, byte_offset=issue["offset"], member=member),
            key=issue["code"],
            severity=_SEVERITY.get(issue["code"]),
            evidence=(evidence.digest,),
        )
    if evidence.state is not EvidenceState.OBSERVED:
        yield not_read(
            evidence,
            "whether it is well formed is not known",
            "Make the whole content readable, or leave the file out of what is shipped.",
        )
