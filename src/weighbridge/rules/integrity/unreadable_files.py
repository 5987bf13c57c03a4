"""Every path of the subject could be read, and none leads out of it."""

from __future__ import annotations

from typing import cast

from weighbridge.model.artifact import ProblemKind
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.files import FilesFacts, ProblemFacts
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, Severity, conclude
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="unreadable-files",
    family="integrity",
    since="0.1",
    severity=Severity.HIGH,
    summary="every path of the subject could be read, and no symbolic link leads out of it",
    why=(
        "What was not read was not audited. A file without read permission, a device, a broken "
        "link or a file that changes while it is read may hold anything, and its digest is in no "
        "signature and no report. A link that leads out of the model's folder is worse: whoever "
        "unpacks the model elsewhere loads another file under the same name."
    ),
    remedy=(
        "Make every file readable and let it rest while it is audited; replace links that leave "
        "the folder by the files they point at; remove devices, FIFOs and sockets."
    ),
    example=(
        "A folder with 'tokenizer.json' as a symbolic link to '/home/me/tokenizer.json', and a "
        "'model.bin' that only its owner may read."
    ),
    needs=(EvidenceKind.SNAPSHOT,),
    references=(
        "https://cwe.mitre.org/data/definitions/59.html",
        "https://cwe.mitre.org/data/definitions/367.html",
    ),
)

_REMEDIES = {
    ProblemKind.SYMLINK_ESCAPE: "Put the file itself in the place of the link.",
    ProblemKind.SYMLINK_LOOP: "Remove the link, or let it point at a file of the model.",
    ProblemKind.SYMLINK_DANGLING: "Fetch the file that the link points at, or remove the link.",
    ProblemKind.SPECIAL_FILE: "Remove it from the model: a model is made of regular files.",
    ProblemKind.UNREADABLE: "Grant the auditing user the right to read it, then audit again.",
    ProblemKind.VANISHED: "Audit again when nothing else works on the folder.",
    ProblemKind.CHANGED: "Audit again when nothing else writes to the folder.",
    ProblemKind.NAME_NOT_UTF8: "Rename the file: signatures and reports name files in UTF-8.",
    ProblemKind.MALFORMED_POINTER: "Commit the file again with git-lfs, or fetch its content.",
    ProblemKind.BOUND: "Audit a smaller folder, or split the model.",
}


def check(case: Case) -> Conclusion:
    """One finding a problem: a link out of the subject fails, the rest was simply not read."""
    evidence = case.of(EvidenceKind.SNAPSHOT)
    digests = [e.digest for e in evidence]
    listing = next((e for e in evidence if e.state is EvidenceState.OBSERVED and not e.about), None)
    if listing is None:
        return conclude([_no_listing()], digests)
    findings = [_finding(e) for e in evidence if e.state is EvidenceState.UNAVAILABLE]
    files = cast(FilesFacts, listing.data)["files"]
    return conclude(findings, digests, note=f"Files listed: {files}.")


def _finding(evidence: Evidence) -> Finding:
    kind = ProblemKind(cast(ProblemFacts, evidence.data)["problem"])
    escapes = kind is ProblemKind.SYMLINK_ESCAPE
    path = evidence.about
    what = f"'{path}'" if path else "The subject"
    return Finding(
        outcome=Outcome.FAIL if escapes else Outcome.UNKNOWN,
        message=f"{what} was not fully read: {evidence.reason}.",
        remedy=_REMEDIES[kind],
        location=Location(path) if path else None,
        key=kind.value,
        evidence=(evidence.digest,),
    )


def _no_listing() -> Finding:
    return Finding(
        outcome=Outcome.UNKNOWN,
        message="No listing of the subject's files was collected.",
        remedy="Run the audit with the collector 'files' switched on.",
        key="no-listing",
    )
