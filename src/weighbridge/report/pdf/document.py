"""From laid-out pages to the bytes of a PDF 1.7 file, the same for the same pages.

reportlab writes the pages and the font subsets, pikepdf the catalog, metadata and attachment; every
stream is compressed by pikepdf's own library, so that the bytes do not hang on the system's zlib.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from weighbridge.report.pdf.flow import Flow, Mark, Page, Rect, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR, faces
from weighbridge.report.pdf.style import (
    CONTENT_WIDTH,
    FAINT,
    LEFT,
    LINE,
    MUTED,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    Color,
)

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
    return _finish(_draw(flow.pages, flow.marks), description, attachment)


def _furnish(flow: Flow, page: Page, number: int, description: Description) -> None:
    """Head and foot. The cover has no head."""
    edge = PAGE_WIDTH - RIGHT
    if number:
        title = Text("Weighbridge audit report", BOLD, 7.2, MUTED)
        subject = Text(description.subject, REGULAR, 7.2, MUTED)
        flow.put(LEFT, 40.0, title, 150, page=page)
        flow.put(edge, 40.0, subject, 320, right=True, page=page)
        page.rects.append(Rect(LEFT, 47.0, CONTENT_WIDTH, 0.5, LINE))
    page.rects.append(Rect(LEFT, _FOOT - 11.0, CONTENT_WIDTH, 0.5, LINE))
    digest = Text(f"{ATTACHMENT} {description.digest}", MONO, 6.0, FAINT)
    place = Text(f"page {number + 1} of {len(flow.pages)}", REGULAR, 7.0, MUTED)
    flow.put(LEFT, _FOOT, digest, 400, page=page)
    flow.put(edge, _FOOT, place, 80, right=True, page=page)


def _draw(pages: list[Page], marks: list[Mark]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        invariant=1,
        pageCompression=0,  # pikepdf compresses
        pdfVersion=(1, 7),
        lang=LANGUAGE,
        initialFontName=faces()[REGULAR].font.fontName,  # else an unembedded Helvetica comes in
    )
    by_page: dict[int, list[Mark]] = {}
    for mark in marks:
        by_page.setdefault(mark.page, []).append(mark)
    for number, page in enumerate(pages):
        for mark in by_page.get(number, ()):
            canvas.bookmarkPage(mark.key, fit="XYZ", left=0, top=PAGE_HEIGHT - mark.y + 14, zoom=0)
            canvas.addOutlineEntry(mark.title, mark.key, level=mark.level - 1, closed=True)
        _draw_page(canvas, page)
        canvas.showPage()
    canvas.showOutline()
    canvas.save()
    return buffer.getvalue()


def _draw_page(canvas: Any, page: Page) -> None:
    for rect in page.rects:
        canvas.setFillColorRGB(*rect.color)
        canvas.rect(rect.x, PAGE_HEIGHT - rect.y - rect.height, rect.width, rect.height, 0, 1)
    for area, key in page.links:
        bottom = PAGE_HEIGHT - area.y - area.height
        corners = (area.x, bottom, area.x + area.width, bottom + area.height)
        canvas.linkRect("", key, corners, thickness=0)
    text = canvas.beginText()
    color: Color | None = None
    used: tuple[Any, float] | None = None
    for line in page.lines:
        if line.color != color:
            color = line.color
            text.setFillColorRGB(*color)
        text.setTextOrigin(round(line.x, 2), round(PAGE_HEIGHT - line.y, 2))
        for font, piece in line.face.runs(line.shown):
            if used != (font, line.size):
                used = (font, line.size)
                text.setFont(font.fontName, line.size)
            text.textOut(piece)
    canvas.drawText(text)


def _finish(drawn: bytes, description: Description, attachment: bytes) -> bytes:
    import pikepdf
    from pikepdf import Array, AttachedFileSpec, Dictionary, Name

    # The audit's date, never the clock's: the same record gives the same bytes.
    stamp = f"D:{description.date:%Y%m%d}000000Z"
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
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
        for key in list(pdf.docinfo.keys()):
            del pdf.docinfo[key]
        pdf.docinfo["/Title"] = description.title
        pdf.docinfo["/Author"] = description.author
        pdf.docinfo["/Subject"] = f"{description.subject} ({description.digest})"
        pdf.docinfo["/Creator"] = description.tool
        pdf.docinfo["/Producer"] = description.tool
        pdf.docinfo["/CreationDate"] = stamp
        pdf.docinfo["/ModDate"] = stamp
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            metadata.load_from_docinfo(pdf.docinfo)
            metadata["dc:language"] = {LANGUAGE}
        # reportlab derives it from SOURCE_DATE_EPOCH; without it, it is made of the content.
        del pdf.trailer["/ID"]
        buffer = io.BytesIO()
        pdf.save(
            buffer,
            force_version="1.7",
            deterministic_id=True,
            compress_streams=True,
            recompress_flate=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return buffer.getvalue()
