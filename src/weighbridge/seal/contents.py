"""A pack's files, held against the seal's statement and against the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput
from weighbridge.model.record import AuditRecord
from weighbridge.seal.again import Again
from weighbridge.seal.folder import evidence_name, listing, read_file
from weighbridge.seal.outcome import Findings
from weighbridge.seal.pdf_signature import PdfInvalid, SignedPdf, read_signed_pdf
from weighbridge.seal.renewals import RENEWALS_FILE
from weighbridge.seal.sealed_statement import SUFFIX
from weighbridge.seal.statement import PDF_FILE, PROOF_FILE, RECORD_FILE, SEAL_FILE, Statement

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a pack the further checks need; None where it is missing or cannot be read.

    ``statements`` are the other signed statements in it, by name.
    """

    record: AuditRecord | None
    record_bytes: bytes
    pdf: bytes | None
    signed: SignedPdf | None
    pdf_problem: str
    statements: tuple[tuple[str, bytes], ...]


def check_contents(
    findings: Findings, folder: Path, statement: Statement, again: Again
) -> Contents:
    """Every file that the seal names, nothing else, and the record with its raw evidence.

    Args:
        again: is begun with the record and the PDF before anything is checked.
    """
    present, strange = listing(folder)
    pdf = _read(folder / PDF_FILE) if PDF_FILE in present else None
    data = _read(folder / RECORD_FILE) if RECORD_FILE in present else None
    record, record_problem = _read_record(again, pdf, data)
    signed, pdf_problem = _read_pdf(pdf)
    had = {name: one for name, one in ((PDF_FILE, pdf), (RECORD_FILE, data)) if one is not None}
    kept = _check_files(findings, folder, statement, present, signed, had)
    _check_record(findings, statement, record, record_problem)
    named = {name for name, _ in statement.files} | {SEAL_FILE, RENEWALS_FILE, PROOF_FILE}
    raw = _raw_names(record)
    extra = [name for name in present if name not in named and name not in raw]
    findings.add(
        "nothing else",
        _listed("files that the seal does not know", [*extra, *strange]),
        "there is no file that the seal or the record does not know",
    )
    _check_evidence(findings, folder, record, raw)
    statements = tuple((name, data) for name, data in kept.items() if name.endswith(SUFFIX))
    return Contents(record, data or b"", pdf, signed, pdf_problem, statements)


def _read_record(
    again: Again, pdf: bytes | None, data: bytes | None
) -> tuple[AuditRecord | None, str]:
    """The record, or why there is none."""
    if data is None:
        again.close()
        return None, f"{RECORD_FILE} is missing"
    try:
        return again.begin(pdf, data), ""
    except HostileInput as error:
        return None, error.message


def _read_pdf(data: bytes | None) -> tuple[SignedPdf | None, str]:
    """What was read of the PDF, or why nothing could be."""
    if data is None:
        return None, f"{PDF_FILE} is missing"
    try:
        return read_signed_pdf(data), ""
    except PdfInvalid as error:
        return None, error.message


def _check_files(
    findings: Findings,
    folder: Path,
    statement: Statement,
    present: list[str],
    pdf: SignedPdf | None,
    had: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Compare digests; gives the statements among the files, changed or not.

    Of a PDF to which archive timestamps were added later, the bytes before them are compared.

    Args:
        had: the files that were read before; what was looked into is what is compared.
    """
    kept: dict[str, bytes] = {}
    changed: list[str] = []
    missing = [name for name, _ in statement.files if name not in present]
    for name, digest in statement.files:
        if name in missing:
            continue
        data = had[name] if name in had else _read(folder / name)
        ends = pdf.ends if pdf and name == PDF_FILE else ()
        if data is None or (
            sha256(data) != digest and all(sha256(data[:end]) != digest for end in ends)
        ):
            changed.append(name)
        if data is not None and name.endswith(SUFFIX):
            kept[name] = data
    problems = [_listed("missing", missing), _listed("changed since they were sealed", changed)]
    count = len(statement.files)
    findings.add("files", "; ".join(filter(None, problems)), f"all {count} files are as sealed")
    return kept


def _check_record(
    findings: Findings, statement: Statement, record: AuditRecord | None, problem: str
) -> None:
    if record is None:
        findings.add("record", problem, "")
        return
    differing = statement.differences(record)
    findings.add(
        "record",
        _listed("the seal and the record differ in", differing),
        f"the record {record.digest} says what the seal says",
    )


def _raw_names(record: AuditRecord | None) -> dict[str, Digest]:
    if record is None:
        return {}
    digests = {digest for evidence in record.evidence for digest in evidence.raw}
    return {evidence_name(d): d for d in sorted(digests) if d.algorithm == "sha256"}


def _check_evidence(
    findings: Findings, folder: Path, record: AuditRecord | None, raw: dict[str, Digest]
) -> None:
    if record is None:
        findings.skip("evidence", "the record could not be read")
        return
    # a digest that names no file could not be checked, and must not be passed over
    wrong = [str(d) for e in record.evidence for d in e.raw if d.algorithm != "sha256"]
    for name, digest in raw.items():
        data = _read(folder / name)
        if data is None or sha256(data) != digest:
            wrong.append(name)
    findings.add(
        "evidence",
        _listed("raw evidence missing or changed", wrong),
        f"all {len(raw)} raw answers that the evidence rests on are there",
    )


def _read(path: Path) -> bytes | None:
    """A file's bytes, None for whatever cannot be read as one: the caller reports it by name."""
    try:
        return read_file(path)
    except (OSError, HostileInput):
        return None


def _listed(words: str, names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(visible(name, 100) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{words}: {shown}{more}"
