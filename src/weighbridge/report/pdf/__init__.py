"""The audit report for people, as an unsigned PDF; the ``seal`` room signs it.

``audit.json`` is attached and stays the authoritative copy. The same record gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.record import AuditRecord

if TYPE_CHECKING:
    from weighbridge.report.pdf.flow import Flow

NAME = "pdf"
FILENAME = "report.pdf"
MEDIA_TYPE = "application/pdf"


def render(record: AuditRecord) -> bytes:
    """An A4 PDF 1.7 file: cover, checks, clauses, findings, waivers, evidence, how to verify."""
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
    from weighbridge.report.pdf import annex, cover, sections
    from weighbridge.report.pdf.flow import Flow

    flow = Flow()
    contents = cover.draw(flow, record, digest)
    flow.new_page()
    for section in (*sections.SECTIONS, *annex.SECTIONS):
        section(flow, record)
    cover.fill_contents(flow, contents)
    return flow
