"""From laid-out pages to the bytes of a PDF 1.7 file, the same for the same pages.

reportlab writes the pages, the font subsets and the structure tree, pikepdf the catalog, metadata
and attachment; every stream is compressed by pikepdf's own library, so that the bytes do not hang
on the system's zlib.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.report.pdf.draw import Drawn, draw
from weighbridge.report.pdf.flow import Flow, Page, Rect, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR
from weighbridge.report.pdf.style import (
    CONTENT_WIDTH,
    FAINT,
    LEFT,
    LINE,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
)
from weighbridge.report.pdf.tags import ARTIFACT
from weighbridge.report.pdf.xmp import packet

if TYPE_CHECKING:
    from pikepdf import Pdf

LANGUAGE = "en-US"
ATTACHMENT = "audit.json"
_FOOT = PAGE_HEIGHT - 36.0


@dataclass(frozen=True, slots=True)
class Description:
    """What the file says of itself. ``digest`` stands in every page's foot."""

    title: str
    subject: str
    author: str
    tool: str
    date: dt.date
    digest: str


def build(flow: Flow, description: Description, attachment: bytes) -> bytes:
    """The whole file."""
    for number, page in enumerate(flow.pages):
        _furnish(flow, page, number, description)
    return _finish(draw(flow, LANGUAGE), description, attachment)


def _furnish(flow: Flow, page: Page, number: int, description: Description) -> None:
    """Head and foot. The cover has no head."""
    edge = PAGE_WIDTH - RIGHT
    if number:
        title = Text("Weighbridge audit report", BOLD, 7.2, MUTED)
        subject = Text(description.subject, REGULAR, 7.2, MUTED)
        flow.put(LEFT, 40.0, title, 150, page=page, into=ARTIFACT)
        flow.put(edge, 40.0, subject, 320, right=True, page=page, into=ARTIFACT)
        page.rects.append(Rect(LEFT, 47.0, CONTENT_WIDTH, 0.5, LINE))
    page.rects.append(Rect(LEFT, _FOOT - 11.0, CONTENT_WIDTH, 0.5, LINE))
    digest = Text(f"{ATTACHMENT} {description.digest}", MONO, 6.0, FAINT)
    place = Text(f"page {number + 1} of {len(flow.pages)}", REGULAR, 7.0, MUTED)
    flow.put(LEFT, _FOOT, digest, 400, page=page, into=ARTIFACT)
    flow.put(edge, _FOOT, place, 80, right=True, page=page, into=ARTIFACT)


def _finish(drawn: Drawn, description: Description, attachment: bytes) -> bytes:
    import pikepdf
    from pikepdf import Array, AttachedFileSpec, Dictionary, Name

    # The audit's date, never the clock's: the same record gives the same bytes.
    stamp = f"D:{description.date:%Y%m%d}000000Z"
    with _opened(drawn.data) as pdf:
        spec = AttachedFileSpec(
            pdf,
            attachment,
            filename=ATTACHMENT,
            description="The audit record: the authoritative copy of this report.",
            mime_type="application/json",
            creation_date=stamp,
            mod_date=stamp,
            relationship=Name.Data,  # type: ignore[call-arg]  # missing from its stub
        )
        pdf.attachments[ATTACHMENT] = spec
        pdf.Root.AF = Array([spec.obj])
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.StructTreeRoot = pdf.get_object((drawn.structure, 0))
        for number, page in enumerate(pdf.pages):
            page.obj.StructParents = number
            page.obj.Tabs = Name.S  # the tabulator key follows the structure
            if number in drawn.annotations:
                page.obj.Annots = pdf.get_object((drawn.annotations[number], 0))
        for key in list(pdf.docinfo.keys()):
            del pdf.docinfo[key]
        pdf.docinfo["/Title"] = description.title
        pdf.docinfo["/Author"] = description.author
        pdf.docinfo["/Subject"] = f"{description.subject} ({description.digest})"
        pdf.docinfo["/Creator"] = description.tool
        pdf.docinfo["/Producer"] = description.tool
        pdf.docinfo["/CreationDate"] = stamp
        pdf.docinfo["/ModDate"] = stamp
        pdf.Root.Metadata = pdf.make_stream(
            packet(description, LANGUAGE), Type=Name.Metadata, Subtype=Name.XML
        )
        buffer = io.BytesIO()
        pdf.save(
            buffer,
            deterministic_id=True,
            fix_metadata_version=False,  # the packet says nothing of it
            compress_streams=True,
            recompress_flate=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return buffer.getvalue()


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Pdf]:
    """A PDF, to be changed. By way of a file: qpdf reads that three times as fast as our bytes."""
    import tempfile

    import pikepdf

    with tempfile.TemporaryDirectory(prefix="weighbridge-") as folder:
        place = Path(folder) / "drawn.pdf"
        place.write_bytes(data)
        with pikepdf.open(place) as pdf:
            yield pdf
