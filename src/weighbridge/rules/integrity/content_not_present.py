"""The content of every weight file is here."""

from __future__ import annotations

from typing import cast

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.facts.files import AwayFacts, FilesFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
)
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="content-not-present",
    family="integrity",
    since="0.1",
    severity=Severity.LOW,
    summary="the content of every weight file is here, and not only a pointer to it",
    why=(
        "A clone without Git LFS holds small pointer files in place of the weights. Their digests "
        "are known, so a signature can be checked, but nobody has looked inside: whether loading "
        "the file would run code cannot be said from a pointer."
    ),
    remedy="Fetch the content, then audit again: 'git lfs pull' for pointers.",
    example="A 'model.safetensors' of 134 bytes that begins 'version https://git-lfs.github.com'.",
    needs=(EvidenceKind.SNAPSHOT,),
    references=("https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md",),
)


def check(case: Case) -> Conclusion:
    """One unknown a weight file whose content is elsewhere."""
    listing = next((e for e in case.observed(EvidenceKind.SNAPSHOT) if not e.about), None)
    digests = [e.digest for e in case.of(EvidenceKind.SNAPSHOT)]
    if listing is None:
        return conclude([_no_listing()], digests)
    facts = cast(FilesFacts, listing.data)
    if not facts["weights"]:
        return not_applicable("The subject holds no weight files.", digests)
    away = [_finding(file, listing.digest) for file in facts["away"] if file["weight"]]
    here = facts["weights"] - len(away)
    return conclude(away, digests, note=f"Weight files whose content is here: {here}.")


def _finding(file: AwayFacts, evidence: Digest) -> Finding:
    pointer = file["presence"] == "pointer"
    what = "is a Git LFS pointer" if pointer else "is in the commit but not in this clone"
    return Finding(
        outcome=Outcome.UNKNOWN,
        message=f"'{file['path']}' {what}, so its content was not inspected.",
        remedy=(
            "Run 'git lfs pull', then audit again."
            if pointer
            else "Fetch the file with 'git fetch' or 'git sparse-checkout add', then audit again."
        ),
        location=Location(file["path"]),
        key=file["presence"],
        evidence=(evidence,),
    )


def _no_listing() -> Finding:
    return Finding(
        outcome=Outcome.UNKNOWN,
        message="No listing of the subject's files was collected.",
        remedy="Run the audit with the collector 'files' switched on.",
        key="no-listing",
    )
