"""A small audit record, small views of it and a small PDF, to seal in tests."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import Policy
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState, Verdict
from weighbridge.model.subject import Subject, SubjectKind

RAW = b'{"vulns": []}'


def sample_record(*, timestamp_required: bool = False) -> AuditRecord:
    """A record with one piece of evidence that rests on one raw answer, :data:`RAW`."""
    evidence = Evidence(
        kind=EvidenceKind.VULNERABILITY,
        about="requests==2.32.0",
        state=EvidenceState.OBSERVED,
        source="https://advisories.example.com",
        collector="sample@1",
        data={"advisories": []},
        raw=(sha256(RAW),),
    )
    return AuditRecord(
        tool_version="0.0.0",
        as_of=dt.date(2026, 11, 20),
        offline=False,
        subject=Subject(SubjectKind.DIRECTORY, "tiny-model", Digest("dirHash1", "ab" * 32)),
        artifacts=(),
        problems=(),
        policy=Policy("sample", "1", "nobody", (), timestamp_required=timestamp_required),
        clauses=(),
        evidence=(evidence,),
        breakages=(),
        results=(),
        verdict=Verdict(open=True, exit_code=ExitCode.HOLDS, reasons=()),
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "the record is not sealed"),
    )


def sample_raw() -> Mapping[Digest, bytes]:
    """The raw bytes behind the sample's evidence."""
    return {sha256(RAW): RAW}


class SampleView:
    """A view of one line."""

    NAME = "sample"
    FILENAME = "sample.txt"
    MEDIA_TYPE = "text/plain"

    def render(self, record: AuditRecord) -> bytes:
        """The record's digest and timestamp note."""
        return f"{record.digest} {record.timestamp.state}\n".encode()


def sample_pdf(record: AuditRecord) -> bytes:
    """One page that says which record it is, with audit.json attached."""
    return pdf_with({"audit.json": record.to_bytes()}, str(record.digest))


def pdf_with(attachments: Mapping[str, bytes], text: str = "a report") -> bytes:
    """One page with a line of text and attachments; the same input gives the same bytes."""
    import pikepdf
    from reportlab.pdfgen.canvas import Canvas

    page = io.BytesIO()
    canvas = Canvas(page, invariant=1)
    canvas.drawString(72, 720, text)
    canvas.showPage()
    canvas.save()
    result = io.BytesIO()
    with pikepdf.open(io.BytesIO(page.getvalue())) as pdf:
        for name, data in attachments.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(
                pdf, data, filename=name, description="", mime_type="application/json",
                creation_date="", mod_date="",
            )  # fmt: skip
        pdf.save(result, deterministic_id=True)
    return result.getvalue()
