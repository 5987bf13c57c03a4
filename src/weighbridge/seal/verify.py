"""Verifying an audit pack or a single PDF report: offline, and without believing anything in it.

Every check is named and reported, whatever came of the others, so that a person can see what was
looked at. The exit code is that of :class:`weighbridge.seal.outcome.SealReport`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.seal.certificate import sealing_public_key
from weighbridge.seal.contents import Contents, check_contents, read_record
from weighbridge.seal.folder import read_file
from weighbridge.seal.low_s import low_s
from weighbridge.seal.outcome import Findings, SealReport, SignerTrust, Stamped
from weighbridge.seal.pdf_signature import PdfInvalid, SignedPdf, read_signed_pdf
from weighbridge.seal.seal_file import read_seal
from weighbridge.seal.statement import PDF_FILE, RECORD_FILE, SEAL_FILE
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.dsse import verify_envelope
from weighbridge.signing.errors import SignatureInvalid
from weighbridge.signing.keys import fingerprint
from weighbridge.signing.timestamp import TimestampInvalid, verify_timestamp
from weighbridge.signing.timestamp_token import read_token


class NotAPack(UsageError):
    """What was given is neither an audit pack nor a PDF."""


def verify_pack(
    path: Path,
    *,
    signer: Digest | None = None,
    timestamp_roots: Sequence[bytes] = (),
    known: Digest | None = None,
) -> SealReport:
    """Verify a pack's folder, or a PDF report alone.

    Args:
        path: the folder or the PDF.
        signer: the fingerprint that the sealing key must have.
        timestamp_roots: certificates in DER of the timestamp authorities to trust. If any are
            given, a time that none of them vouches for leaves the result inconclusive.
        known: the fingerprint of this user's own sealing key.

    Raises:
        NotAPack: there is nothing of the kind, or it cannot be read.
    """
    who = _Who(signer, known)
    try:
        if path.is_dir():
            return _verify_folder(path, who, timestamp_roots)
        data = read_file(path)
    except OSError as error:
        raise NotAPack(
            f"{path} cannot be read: {error.strerror}", remedy="Name an audit pack or a PDF report."
        ) from error
    except HostileInput as error:
        raise NotAPack(error.message, remedy="Name an audit pack or a PDF report.") from error
    if not data.startswith(b"%PDF-"):
        raise NotAPack(f"{path} is not a PDF", remedy="Name an audit pack or a PDF report.")
    return _verify_pdf_alone(data, who, timestamp_roots)


class _Who:
    """Whose key is expected."""

    def __init__(self, pinned: Digest | None, known: Digest | None) -> None:
        self.pinned = pinned
        self.known = known

    def trust(self, found: Digest | None) -> SignerTrust:
        if found is None:
            return SignerTrust.NONE
        if self.pinned is not None:
            return SignerTrust.PINNED if found == self.pinned else SignerTrust.OTHER
        return SignerTrust.LOCAL if found == self.known else SignerTrust.UNKNOWN


def _verify_folder(folder: Path, who: _Who, roots: Sequence[bytes]) -> SealReport:
    try:
        data = read_file(folder / SEAL_FILE)
    except FileNotFoundError as error:
        raise NotAPack(
            f"{folder} holds no {SEAL_FILE}",
            remedy="Name the folder that 'weighbridge audit --out' wrote.",
        ) from error
    findings = Findings()
    try:
        bundle, statement = read_seal(data)
    except HostileInput as error:
        findings.add("seal", error.message, "")
        return SealReport("pack", tuple(findings.checks), None, SignerTrust.NONE)
    findings.add("seal", "", f"{SEAL_FILE} is a seal over {len(statement.files)} files")
    key = _check_signature(findings, bundle)
    contents = check_contents(findings, folder, statement)
    _check_pdf_of_pack(findings, contents, bundle, roots)
    state = contents.record.timestamp.state if contents.record else None
    token = bundle.timestamps[0] if bundle.timestamps else None
    _check_timestamp(findings, SEAL_FILE, token, bundle.envelope.signature, state, roots)
    return _report("pack", findings, key, who, contents.record)


def _check_signature(findings: Findings, bundle: Bundle) -> Digest | None:
    """The fingerprint of the key under which the seal's signature holds."""
    try:
        public = sealing_public_key(bundle.certificates[0])
        verify_envelope(public, bundle.envelope)
        if low_s(public, bundle.envelope.signature) != bundle.envelope.signature:
            raise SignatureInvalid("the signature is not in the form in which it was made")
    except (HostileInput, SignatureInvalid) as error:
        findings.add("signature", error.message, "")
        return None
    key = fingerprint(public)
    findings.add("signature", "", f"the statement is signed by the key {key}")
    return key


def _check_pdf_of_pack(
    findings: Findings, contents: Contents, bundle: Bundle, roots: Sequence[bytes]
) -> None:
    if contents.pdf is None:
        findings.add("pdf", f"{PDF_FILE} is missing", "")
        return
    pdf = _check_pdf(findings, contents.pdf)
    if pdf is None:
        return
    same_key = pdf.certificate == bundle.certificates[0]
    findings.add(
        "pdf signer",
        "" if same_key else f"{PDF_FILE} is signed under another certificate than the seal",
        "the PDF and the seal are signed under the same certificate",
    )
    attached = pdf.attachments == ((RECORD_FILE, contents.record_bytes),)
    findings.add(
        "pdf attachment",
        "" if attached else f"{PDF_FILE} does not carry exactly the {RECORD_FILE} of the pack",
        f"the {RECORD_FILE} in the PDF is that of the pack, byte for byte",
    )
    state = contents.record.timestamp.state if contents.record else None
    _check_timestamp(findings, PDF_FILE, pdf.token, pdf.signature, state, roots)


def _check_pdf(findings: Findings, data: bytes) -> SignedPdf | None:
    try:
        pdf = read_signed_pdf(data)
    except PdfInvalid as error:
        findings.add("pdf", error.message, "")
        return None
    findings.add("pdf", "", "the PDF's signature covers the entire file and allows no change")
    return pdf


def _verify_pdf_alone(data: bytes, who: _Who, roots: Sequence[bytes]) -> SealReport:
    findings = Findings()
    pdf = _check_pdf(findings, data)
    if pdf is None:
        return SealReport("pdf", tuple(findings.checks), None, SignerTrust.NONE)
    key = None
    try:
        key = fingerprint(sealing_public_key(pdf.certificate))
        findings.add("pdf signer", "", f"the PDF is signed by the key {key}")
    except HostileInput as error:
        findings.add("pdf signer", error.message, "")
    record = _attached_record(findings, pdf)
    state = record.timestamp.state if record else None
    _check_timestamp(findings, PDF_FILE, pdf.token, pdf.signature, state, roots)
    findings.skip("pack", "only the PDF was given: the seal and the other files were not looked at")
    return _report("pdf", findings, key, who, record)


def _attached_record(findings: Findings, pdf: SignedPdf) -> AuditRecord | None:
    names = [name for name, _ in pdf.attachments]
    if names != [RECORD_FILE]:
        findings.add("pdf attachment", f"the PDF does not carry exactly one {RECORD_FILE}", "")
        return None
    try:
        record = read_record(pdf.attachments[0][1])
    except HostileInput as error:
        findings.add("pdf attachment", error.message, "")
        return None
    findings.add("pdf attachment", "", f"the PDF carries the record {record.digest}")
    return record


def _check_timestamp(
    findings: Findings,
    part: str,
    token: bytes | None,
    data: bytes,
    promised: TimestampState | None,
    roots: Sequence[bytes],
) -> None:
    """One timestamp against what the record says there is, and against the roots that are given."""
    name = f"timestamp of {part}"
    if promised is None:
        findings.skip(name, "the record could not be read, so what it promises is not known")
        return
    stamped = promised is TimestampState.STAMPED
    if stamped is not (token is not None):
        findings.add(
            name,
            "the record says that there is a timestamp, and it was removed"
            if stamped
            else "the record says that there is no timestamp, and one was added",
            "",
        )
        return
    if token is None:
        (findings.unsure if roots else findings.skip)(name, "there is none, as the record says")
        return
    try:
        read = read_token(token)
        timestamp = verify_timestamp(token, data, roots)
    except TimestampInvalid as error:
        findings.add(name, error.message, "")
        return
    if token != (read.content_info if part == PDF_FILE else read.normal_form):
        findings.add(name, "the timestamp's unsigned parts were changed", "")
        return
    findings.timestamps.append(Stamped(part, timestamp))
    said = f"{timestamp.time.isoformat()} by {timestamp.authority}"
    if timestamp.trusted:
        findings.add(name, "", f"it existed at {said}")
    elif roots:
        findings.unsure(name, f"it states {said}, and {timestamp.reason}")
    else:
        findings.skip(name, f"it states {said}; pass the authority's root with --timestamp-root "
                      "to check who that is")  # fmt: skip


def _report(
    kind: str, findings: Findings, key: Digest | None, who: _Who, record: AuditRecord | None
) -> SealReport:
    return SealReport(
        kind=kind,
        checks=tuple(findings.checks),
        signer=key,
        trust=who.trust(key),
        timestamps=tuple(findings.timestamps),
        record_digest=sha256(record.to_bytes()) if record else None,
        subject_name=visible(record.subject.name, 200) if record else "",
        subject_digest=record.subject.digest if record else None,
        gate_open=record.verdict.open if record else None,
        as_of=record.as_of.isoformat() if record else "",
    )
