"""Pages onto reportlab's canvas, every piece of content marked with the element it belongs to.

Text is written by operators of ISO 32000-1, 9.4: reportlab's own text object would look every line
up again, whose glyphs and widths are known already.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from weighbridge.report.pdf.flow import Flow, Link, Mark, Page, Path, Rect
from weighbridge.report.pdf.glyphs import REGULAR, Cut, Face, faces
from weighbridge.report.pdf.style import PAGE_HEIGHT, PAGE_WIDTH, Color
from weighbridge.report.pdf.tags import ARTIFACT, Area, Element, Place, Tree, write

_PAGINATION = "/Artifact <</Type /Pagination>> BDC"
_LAYOUT = "/Artifact <</Type /Layout>> BDC"
_IN_TRAILER = (rb"/Size (\d+)", rb"/Root (\d+)", rb"/Info (\d+)", rb"startxref\s+(\d+)")


class Drawn(NamedTuple):
    """A file of pages, with objects of the structure tree that its catalog does not name yet.

    ``structure`` is the number of the tree's root, ``annotations`` are those of the objects that
    list the annotations of a page, by the page.
    """

    data: bytes
    structure: int
    annotations: dict[int, int]


def draw(flow: Flow, language: str) -> Drawn:
    """The pages as reportlab writes them, and the structure tree. The pages are emptied by it."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        invariant=1,
        pageCompression=0,  # pikepdf compresses
        pdfVersion=(1, 7),
        lang=language,
        initialFontName=faces()[REGULAR].font.fontName,  # else an unembedded Helvetica comes in
    )
    pen = _Pen(canvas, flow)
    marks: dict[int, list[Mark]] = {}
    for mark in flow.marks:
        marks.setdefault(mark.page, []).append(mark)
    for link in (link for page in flow.pages for link in page.links):
        if link.target not in flow.anchors:
            link.element.role = "Span"
    for number, page in enumerate(flow.pages):
        for mark in marks.get(number, ()):
            canvas.bookmarkPage(mark.key, fit="XYZ", left=0, top=_top(mark.y), zoom=0)
            canvas.addOutlineEntry(mark.title, mark.key, level=mark.level - 1, closed=True)
        pen.page(page, number)
        canvas.showPage()
        shown = canvas._doc.idToObject[f"Page{number + 1}"]
        shown.stream = shown.stream.encode("ascii")  # reportlab's own codec takes ten times as long
        for things in (page.rects, page.paths, page.lines):
            things.clear()  # thousands of findings are tens of MiB
    canvas.showOutline()
    canvas.save()
    known = canvas._doc.idToObjectNumberAndVersion
    at = [known[f"Page{number + 1}"][0] for number in range(len(flow.pages))]
    data = buffer.getvalue()
    trailer = _Trailer.of(data)
    tree = write(flow.root, pen.pages, pen.areas, at, trailer.size)
    return Drawn(_appended(data, trailer, tree), tree.root, tree.annotations)


def _top(y: float) -> float:
    """How high a reader shows a page for a place on it, a little above."""
    return PAGE_HEIGHT - y + 14


class _Trailer(NamedTuple):
    """What the end of reportlab's file says: the next free number, two objects, and a place."""

    size: int
    root: int
    info: int
    start: int

    @classmethod
    def of(cls, data: bytes) -> _Trailer:
        tail = data[data.rindex(b"trailer") :]
        found = [re.search(pattern, tail) for pattern in _IN_TRAILER]
        return cls(*(int(each[1]) for each in found if each))


def _appended(data: bytes, trailer: _Trailer, tree: Tree) -> bytes:
    """The file and the tree's objects, as an incremental update (ISO 32000-1, 7.5.6)."""
    parts = [data, b"\n"]
    offsets = []
    at = len(data) + 1
    for number, text in enumerate(tree.objects, trailer.size):
        part = f"{number} 0 obj\n{text}\nendobj\n".encode("ascii")
        offsets.append(at)
        at += len(part)
        parts.append(part)
    entries = "".join([f"{offset:010d} 00000 n \n" for offset in offsets])
    end = (
        f"xref\n{trailer.size} {len(offsets)}\n{entries}trailer\n<</Size "
        f"{trailer.size + len(offsets)} /Root {trailer.root} 0 R /Info {trailer.info} 0 R "
        f"/Prev {trailer.start}>>\nstartxref\n{at}\n%%EOF\n"
    )
    return b"".join([*parts, end.encode("ascii")])


class _Pen:
    """Draws pages, and keeps which element each piece of marked content belongs to.

    ``pages`` are these elements by page and number, ``areas`` the links with theirs.
    """

    def __init__(self, canvas: Any, flow: Flow) -> None:
        self.canvas = canvas
        self.flow = flow
        self.pages: list[list[Element]] = []
        self.areas: list[tuple[Element, Area]] = []
        self.fonts: dict[tuple[str, int], str] = {}

    def page(self, page: Page, number: int) -> None:
        self.pages.append([])
        code: list[str] = []
        for element, shapes in _runs((*page.rects, *page.paths)):
            code.append(_LAYOUT if element is ARTIFACT else self.mark(element, number))
            for shape in shapes:
                code += _rect(shape) if isinstance(shape, Rect) else _path(shape)
            code.append("EMC")
        code.append("BT")
        color: Color | None = None
        used: tuple[str, float] | None = None
        for element, lines in _runs(page.lines):
            code.append(_PAGINATION if element is ARTIFACT else self.mark(element, number))
            for position, line in enumerate(lines, 1):
                if line.color != color:
                    color = line.color
                    code.append(_color(color, "rg"))
                code.append(f"1 0 0 1 {line.x:.2f} {PAGE_HEIGHT - line.y:.2f} Tm")
                # a line that does not end within a word ends in a space, else words run together
                more = position < len(lines) and not isinstance(line.shown, Cut)
                for font, text in self.pieces(line.face, f"{line.shown} " if more else line.shown):
                    if used != (font, line.size):
                        used = (font, line.size)
                        code.append(f"{font} {line.size:g} Tf")
                    code.append(f"({text}) Tj")
            code.append("EMC")
        code.append("ET")
        self.canvas._code += code
        for link in page.links:
            if link.target in self.flow.anchors:
                self.link(link, number)

    def mark(self, element: Element, page: int) -> str:
        """Begin a piece of an element's content."""
        if element.parent is not None and not element.attached:
            element.attach()
        place = Place(page, len(self.pages[-1]))
        element.kids.append(place)
        self.pages[-1].append(element)
        return f"/{element.role} <</MCID {place.number}>> BDC"

    def link(self, link: Link, page: int) -> None:
        to, y = self.flow.anchors[link.target]
        corners = (link.x, PAGE_HEIGHT - link.y - link.height,
                   link.x + link.width, PAGE_HEIGHT - link.y)  # fmt: skip
        area = Area(page, corners, to, _top(y), link.target)
        self.areas.append((link.element, area))
        link.element.kids.append(area)

    def pieces(self, face: Face, shown: str) -> Iterator[tuple[str, str]]:
        """A line's text by the name of the font subset that has it, as PDF strings."""
        if shown.isascii():  # the first subset of every font holds ASCII at its own codes
            yield self.font(face.font, 0), _escape(shown)
            return
        for font, text in face.runs(shown):
            for subset, codes in font.splitString(text, self.canvas._doc):
                yield self.font(font, subset), self.canvas._escape(codes)

    def font(self, font: Any, subset: int) -> str:
        key = (font.fontName, subset)
        name = self.fonts.get(key)
        if name is None:
            document = self.canvas._doc
            font._assignState(document)
            name = self.fonts[key] = font.getSubsetInternalName(subset, document)
        return name


def _runs(things: Iterable[Any]) -> Iterator[tuple[Element, list[Any]]]:
    """Things that follow each other and belong to the same element."""
    run: list[Any] = []
    element = ARTIFACT
    for thing in things:
        if thing.element is not element and run:
            yield element, run
            run = []
        element = thing.element
        run.append(thing)
    if run:
        yield element, run


def _escape(text: str) -> str:
    """ASCII between the parentheses of a string (ISO 32000-1, 7.3.4.2)."""
    if "\\" in text or "(" in text or ")" in text:
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return text


def _color(color: Color, operator: str) -> str:
    red, green, blue = color
    return f"{red:.3f} {green:.3f} {blue:.3f} {operator}"


def _rect(rect: Rect) -> Iterator[str]:
    yield _color(rect.color, "rg")
    bottom = PAGE_HEIGHT - rect.y - rect.height
    yield f"{rect.x:.2f} {bottom:.2f} {rect.width:.2f} {rect.height:.2f} re f"


def _path(path: Path) -> Iterator[str]:
    at = [f"{x:.2f} {PAGE_HEIGHT - y:.2f}" for x, y in path.points]
    yield _color(path.color, "RG")
    yield f"{path.width:g} w [{'2.4 1.8' if path.dashed else ''}] 0 d"
    yield f"{at[0]} m"
    if path.curved:
        yield f"{' '.join(at[1:])} c"
    else:
        yield from (f"{point} l" for point in at[1:])
    yield "s" if path.closed else "S"
