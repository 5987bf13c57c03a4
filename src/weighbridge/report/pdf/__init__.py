"""The audit report for people, as an unsigned PDF; the ``seal`` room signs it.

``audit.json`` is attached and stays the authoritative copy. The same record gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.record import AuditRecord

if TYPE_CHECKING:
    from weighbridge.report.pdf.east_asian import EastAsian
    from weighbridge.report.pdf.flow import Flow

NAME = "pdf"
FILENAME = "report.pdf"
MEDIA_TYPE = "application/pdf"
# Which drawing this is: one more with every change that gives other pages for the same record, also
# between two states of the same version. Seals name it, so that a report of another one is told
# apart from one whose pages were changed. tests/unit/report/test_pdf_revision.py says when.
REVISION = 3


def render(record: AuditRecord) -> bytes:
    """A tagged A4 PDF 1.7 file: a brief on one page, then every section of the report."""
    from weighbridge.edge.text import visible
    from weighbridge.report.pdf.document import Description, build

    data = record.to_bytes()
    digest = sha256(data)
    name = visible(record.subject.name, 200)
    description = Description(
        title=f"Audit report: {name}",
        subject=name,
        author=visible(record.policy.owner, 200) or "Weighbridge",
        tool=f"Weighbridge {visible(record.tool_version, 40)}",
        date=record.as_of,
        digest=str(digest),
    )
    return build(lay_out(record, digest), description, data)


def lay_out(record: AuditRecord, digest: Digest) -> Flow:
    """The pages without head and foot, and the headings."""
    from weighbridge.report.pdf import (
        annex,
        brief,
        findings,
        lineage,
        material,
        matrix,
        obligations,
        people,
        scope,
        sections,
    )
    from weighbridge.report.pdf.flow import Flow

    parts = (
        ("What was checked", sections.what_was_checked),
        ("Clauses", matrix.clauses),
        ("Findings", findings.findings),
        ("Waivers", sections.waivers),
        ("Attestations", people.attestations),
        ("License obligations", obligations.obligations),
        ("Lineage", lineage.lineage),
        ("Maintainers' signals", people.maintainers),
        ("Bill of materials", material.material),
        ("What was not checked", sections.what_was_not_checked),
        ("Evidence", annex.evidence),
        ("Files", annex.files),
        ("How to verify this report", annex.how_to_verify),
        ("Limits", annex.limits),
        ("Sign-off", annex.sign_off),
    )
    flow = Flow(_eastern(record))
    brief.draw(flow, record, digest)
    flow.new_page()
    contents = scope.contents(flow, len(parts) + 1)
    scope.scope(flow, record, digest, "1  Scope and method")
    for number, (title, draw) in enumerate(parts, 2):
        draw(flow, record, f"{number}  {title}")
    scope.fill(flow, contents)
    return flow


def _eastern(record: AuditRecord) -> EastAsian | None:
    if record.to_bytes().isascii():
        return None
    from weighbridge.report.pdf.east_asian import fonts_for

    return fonts_for(record)


def east_asian_fonts(record: AuditRecord) -> str:
    """What draws a record's Chinese, Japanese and Korean text here; empty if it has none.

    Either the fonts with their digests, or ``none``: all of it is printed as escapes.
    """
    if record.to_bytes().isascii():
        return ""
    from weighbridge.report.pdf import east_asian

    return east_asian.identity() if east_asian.is_needed(record) else ""
