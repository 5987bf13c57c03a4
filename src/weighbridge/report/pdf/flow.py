"""From text to positioned glyph lines: pages, headings and paragraphs.

Nothing is drawn here. A page is a list of filled rectangles, paths and text lines, so that the
whole length is known before the first page number is written. ``y`` counts downward from the page's
top. Every line belongs to an element of the structure tree, or to none
(:data:`~weighbridge.report.pdf.tags.ARTIFACT`). What a page holds by the ten thousand are named
tuples, which are made several times as fast as frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from weighbridge.report.pdf.glyphs import BOLD, REGULAR, Face
from weighbridge.report.pdf.style import (
    ACCENT,
    CONTENT_WIDTH,
    FLOOR,
    INK,
    LEFT,
    TOP,
    Color,
)
from weighbridge.report.pdf.tags import ARTIFACT, Element
from weighbridge.report.pdf.typefaces import Typefaces

if TYPE_CHECKING:
    from weighbridge.report.pdf.east_asian import EastAsian

TEXT_LIMIT = 700  # characters of one text before the rest is counted; audit.json has all of it
TABLE_SIZE = 7.4
LEADING = 1.36  # of a cell's line, by its size


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a cell or paragraph; it starts on a line of its own.

    ``marker`` draws a small square before it. ``lines`` bounds how many lines it may take, 0 for
    as many as it needs. ``target`` names a place that a click on it leads to, ``anchor`` makes a
    place of it; a target that nothing is the anchor of leads nowhere.
    """

    text: str
    face: str = REGULAR
    size: float = TABLE_SIZE
    color: Color = INK
    marker: Color | None = None
    limit: int = TEXT_LIMIT
    lines: int = 0
    before: float = 0.0  # space above, when it is not the first of its cell
    target: str = ""
    anchor: str = ""


class Rect(NamedTuple):
    """A filled rectangle; ``y`` is its upper edge."""

    x: float
    y: float
    width: float
    height: float
    color: Color
    element: Element = ARTIFACT


class Path(NamedTuple):
    """A stroked line through ``points``, or a cubic curve through four of them if ``curved``."""

    points: Sequence[tuple[float, float]]
    color: Color
    width: float = 0.6
    dashed: bool = False
    curved: bool = False
    closed: bool = False
    element: Element = ARTIFACT


class Line(NamedTuple):
    """A line of text that is ready to be drawn; ``y`` is its baseline."""

    x: float
    y: float
    face: Face
    size: float
    color: Color
    shown: str
    element: Element = ARTIFACT


class Link(NamedTuple):
    """An area of a page that leads to an anchor."""

    x: float
    y: float
    width: float
    height: float
    target: str
    element: Element


@dataclass(slots=True)
class Page:
    """What a page shows."""

    rects: list[Rect] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading, for the outline and the table of contents. ``page`` counts from 0."""

    level: int
    title: str
    key: str
    page: int
    y: float


# A text that was wrapped: its lines, and how they look.
Wrapped = tuple[Text, list[str]]


class Flow:
    """Fills pages from top to bottom. ``eastern`` are the fonts for East Asian text, if any is."""

    def __init__(self, eastern: EastAsian | None = None) -> None:
        self.eastern = eastern
        self.faces = Typefaces(eastern)
        self.pages: list[Page] = [Page()]
        self.marks: list[Mark] = []
        self.anchors: dict[str, tuple[int, float]] = {}
        self.root = Element("Document", None, attached=True)
        self.part = self.element("Sect", self.root)
        self.y = TOP

    @property
    def page(self) -> Page:
        """The page being filled."""
        return self.pages[-1]

    def new_page(self) -> None:
        """Go on at the top of a fresh page."""
        self.pages.append(Page())
        self.y = TOP

    def ensure(self, height: float) -> None:
        """Start a page unless that much room is left on this one."""
        if self.y + height > FLOOR and self.y > TOP:
            self.new_page()

    def space(self, height: float) -> None:
        """Leave room, though never at the top of a page."""
        if self.y > TOP:
            self.y += height

    def element(self, role: str, parent: Element | None = None) -> Element:
        """A new part of the structure, at the end of ``parent`` or of the current section."""
        return Element(role, parent or self.part).attach()

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        color: Color,
        element: Element = ARTIFACT,
    ) -> None:
        """Fill a rectangle on this page."""
        self.page.rects.append(Rect(x, y, width, height, color, element))

    def face(self, text: Text) -> Face:
        """The face of a text, by its script."""
        if self.eastern is None:
            return self.faces.base[text.face]
        return self.faces.of(text.face, text.text[: text.limit] if text.limit else text.text)

    def put(
        self,
        x: float,
        baseline: float,
        text: Text,
        width: float = CONTENT_WIDTH,
        *,
        right: bool = False,
        page: Page | None = None,
        into: Element | None = None,
    ) -> None:
        """Draw one line at a place, cut to ``width``; ``x`` is its right end if ``right``.

        It belongs to ``into``; without that it is a paragraph of its own.
        """
        face = self.face(text)
        shown = fit(face, face.show(text.text, text.limit), text.size, width)
        at = x - face.width(shown, text.size) if right else x
        self.line(page or self.page, at, baseline, text, shown,
                  _linked(text, into or self.element("P")))  # fmt: skip

    def line(
        self, page: Page, x: float, baseline: float, text: Text, shown: str, element: Element
    ) -> None:
        """Place one line of a text that was wrapped or cut."""
        face = self.face(text)
        if text.target and shown:
            top, width = baseline - text.size, face.width(shown, text.size)
            link = Link(x, top, width, text.size * 1.25, text.target, element)
            page.links.append(link)
        page.lines.append(Line(x, baseline, face, text.size, text.color, shown, element))

    def heading(self, level: int, title: str, *, follows: float = 90.0) -> None:
        """A heading that stays with at least ``follows`` points of what it heads.

        One of level 1 begins a section.
        """
        size, above, below = ((15.0, 26.0, 9.0), (10.0, 15.0, 5.0))[level - 1]
        self.ensure(above + size + below + follows)
        self.space(above)
        key = f"mark-{len(self.marks)}"
        self.marks.append(Mark(level, title, key, len(self.pages) - 1, self.y))
        self.anchor(key)
        if level == 1:
            self.part = self.element("Sect", self.root)
        color = INK if level == 1 else ACCENT
        into = self.element(f"H{level}")
        self.put(LEFT, self.y + size, Text(title, BOLD, size, color), into=into)
        self.y += size + below

    def anchor(self, key: str, y: float | None = None) -> None:
        """Make a place that links may lead to; the first of a name counts."""
        self.anchors.setdefault(key, (len(self.pages) - 1, self.y if y is None else y))

    def paragraph(self, text: Text, *, width: float = CONTENT_WIDTH, after: float = 6.0) -> None:
        """Running text, over pages if need be."""
        leading = text.size * 1.45
        into = self.element("P")
        for shown in self.wrap(text, width)[1]:
            self.ensure(leading)
            self.line(self.page, LEFT, self.y + text.size * 1.05, text, shown, into)
            self.y += leading
        self.y += after

    def wrap(self, text: Text, width: float) -> Wrapped:
        """A text broken into lines for a width."""
        face = self.face(text)
        indent = text.size * 1.05 if text.marker else 0.0
        lines = face.wrap(face.show(text.text, text.limit), text.size, width - indent)
        if text.lines and len(lines) > text.lines:
            last = fit(face, lines[text.lines - 1], text.size, width - indent, cut=True)
            lines = [*lines[: text.lines - 1], last]
        return text, lines

    def cell(self, x: float, y: float, wrapped: Sequence[Wrapped], into: Element) -> float:
        """Place wrapped texts below each other, from ``y`` on; gives where the next may begin."""
        page = self.page
        for number, (text, lines) in enumerate(wrapped):
            y += text.before if number else 0.0
            leading = text.size * LEADING
            left = x
            if text.anchor:
                self.anchor(text.anchor, y)
            if text.marker:
                side = text.size * 0.62
                self.rect(x, y + text.size * 0.46, side, side, text.marker)
                left += text.size * 1.05
            element = _linked(text, into)
            for shown in lines:
                self.line(page, left, y + text.size * 1.06, text, shown, element)
                y += leading
        return y


def _linked(text: Text, into: Element) -> Element:
    """The element of a text's lines; a link joins its parent when it is drawn, in its order."""
    return Element("Link", into) if text.target else into


def height_of(wrapped: Sequence[Wrapped]) -> float:
    """How much room :meth:`Flow.cell` takes for these."""
    gaps = sum(text.before for text, _ in wrapped[1:])
    return gaps + sum(len(lines) * text.size * LEADING for text, lines in wrapped)


def fit(face: Face, shown: str, size: float, width: float, *, cut: bool = False) -> str:
    """The text cut to a width, ending in dots; ``cut`` says that it was cut before."""
    if not cut and face.width(shown, size) <= width:
        return shown
    room = width * 1000 / size - face.unit(ord("…"))
    used = 0.0
    for position, character in enumerate(shown):
        used += face.unit(ord(character))
        if used > room:
            return shown[:position] + "…"
    return shown + "…"
