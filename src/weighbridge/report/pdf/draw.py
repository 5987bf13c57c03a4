"""Pages onto reportlab's canvas, every piece of content marked with the element it belongs to.

Text is written by operators of ISO 32000-1, 9.4: reportlab's own text object would look every line
up again, whose glyphs and widths are known already.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from weighbridge.report.pdf.flow import Flow, Line, Mark, Page, Path, Rect
from weighbridge.report.pdf.glyphs import REGULAR, Cut, faces
from weighbridge.report.pdf.style import PAGE_HEIGHT, PAGE_WIDTH, Color
from weighbridge.report.pdf.tags import ARTIFACT, Area, Element, Place, write

_PAGINATION = "/Artifact <</Type /Pagination>> BDC"
_LAYOUT = "/Artifact <</Type /Layout>> BDC"


def draw(flow: Flow, language: str) -> tuple[bytes, int]:
    """The file as reportlab writes it, and the number of the object that is the structure tree.

    The pages are emptied as they are drawn.
    """
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
    marks: dict[str, Mark] = {mark.key: mark for mark in flow.marks}
    wanted = {link.target for page in flow.pages for link in page.links} | set(marks)
    for link in (link for page in flow.pages for link in page.links):
        if link.target not in flow.anchors:
            link.element.role = "Span"
    places: dict[int, list[tuple[str, float]]] = {}
    for key, (number, y) in flow.anchors.items():
        if key in wanted:
            places.setdefault(number, []).append((key, y))
    for number, page in enumerate(flow.pages):
        for key, y in places.get(number, ()):
            canvas.bookmarkPage(key, fit="XYZ", left=0, top=PAGE_HEIGHT - y + 14, zoom=0)
            if mark := marks.get(key):
                canvas.addOutlineEntry(mark.title, key, level=mark.level - 1, closed=True)
        pen.page(page, number)
        canvas.showPage()
        for things in (page.rects, page.paths, page.lines):
            things.clear()  # thousands of findings are tens of MiB
    canvas.showOutline()
    root = write(flow.root, pen.pages, pen.areas, canvas._doc)
    canvas.save()
    return buffer.getvalue(), root


class _Pen:
    """Draws pages, and keeps which element each piece of marked content belongs to.

    ``pages`` are these elements by page and number, ``areas`` those of the links.
    """

    def __init__(self, canvas: Any, flow: Flow) -> None:
        self.canvas = canvas
        self.flow = flow
        self.pages: list[list[Element]] = []
        self.areas: list[Element] = []
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
                for font, text in self.pieces(line):
                    if used != (font, line.size):
                        used = (font, line.size)
                        code.append(f"{font} {line.size:g} Tf")
                    code.append(f"({text}) Tj")
                if position < len(lines) and not isinstance(line.shown, Cut):
                    code[-1] = f"{code[-1][:-4]} ) Tj"  # else the words run together when read
            code.append("EMC")
        code.append("ET")
        self.canvas._code += code
        for link in page.links:
            if link.target in self.flow.anchors:
                corners = (link.x, PAGE_HEIGHT - link.y - link.height,
                           link.x + link.width, PAGE_HEIGHT - link.y)  # fmt: skip
                self.link(corners, link.target, link.element, number)

    def mark(self, element: Element, page: int) -> str:
        """Begin a piece of an element's content."""
        if element.parent is not None and not element.attached:
            element.attach()
        place = Place(page, len(self.pages[-1]))
        element.kids.append(place)
        self.pages[-1].append(element)
        return f"/{element.role} <</MCID {place.number}>> BDC"

    def link(self, corners: tuple[float, ...], target: str, element: Element, number: int) -> None:
        from reportlab.pdfbase.pdfdoc import LinkAnnotation

        class Annotation(LinkAnnotation):  # type: ignore[misc]  # reportlab has no types
            permitted = (*LinkAnnotation.permitted, "StructParent")

        name = f"link-{len(self.areas)}"
        self.canvas._addAnnotation(
            Annotation(
                list(corners), f"Go to {target}", self.canvas._bookmarkReference(target),
                Border="[0 0 0]", StructParent=len(self.flow.pages) + len(self.areas),
            ),
            name,
        )  # fmt: skip
        self.areas.append(element)
        element.kids.append(Area(number, self.canvas._doc.annotationName(name)))

    def pieces(self, line: Line) -> Iterator[tuple[str, str]]:
        """A line's text by the name of the font subset that has it, as PDF strings."""
        face = line.face
        if line.shown.isascii():  # the first subset of every font holds ASCII at its own codes
            yield self.font(face.font, 0), _escape(line.shown)
            return
        for font, text in face.runs(line.shown):
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
