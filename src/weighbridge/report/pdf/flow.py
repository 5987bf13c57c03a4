"""From text to positioned glyph lines: pages, headings and paragraphs.

Nothing is drawn here. A page is a list of filled rectangles and of text lines, so that the whole
length is known before the first page number is written. ``y`` counts downward from the page's top.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weighbridge.report.pdf.glyphs import BOLD, REGULAR, Face, faces
from weighbridge.report.pdf.style import (
    ACCENT,
    CONTENT_WIDTH,
    FLOOR,
    INK,
    LEFT,
    TOP,
    Color,
)

TEXT_LIMIT = 700  # characters of one text before the rest is counted; audit.json has all of it
TABLE_SIZE = 7.4


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a cell or paragraph; it starts on a line of its own.

    ``marker`` draws a small square before it. ``lines`` bounds how many lines it may take, 0 for
    as many as it needs.
    """

    text: str
    face: str = REGULAR
    size: float = TABLE_SIZE
    color: Color = INK
    marker: Color | None = None
    limit: int = TEXT_LIMIT
    lines: int = 0
    before: float = 0.0  # space above, when it is not the first of its cell


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle; ``y`` is its upper edge."""

    x: float
    y: float
    width: float
    height: float
    color: Color


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that is ready to be drawn; ``y`` is its baseline."""

    x: float
    y: float
    face: Face
    size: float
    color: Color
    shown: str


@dataclass(slots=True)
class Page:
    """What a page shows."""

    rects: list[Rect] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    links: list[tuple[Rect, str]] = field(default_factory=list)


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
    """Fills pages from top to bottom."""

    def __init__(self) -> None:
        self.faces = faces()
        self.pages: list[Page] = [Page()]
        self.marks: list[Mark] = []
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

    def rect(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """Fill a rectangle on this page."""
        self.page.rects.append(Rect(x, y, width, height, color))

    def put(
        self,
        x: float,
        baseline: float,
        text: Text,
        width: float = CONTENT_WIDTH,
        *,
        right: bool = False,
        page: Page | None = None,
    ) -> None:
        """Draw one line at a place, cut to ``width``; ``x`` is its right end if ``right``."""
        face = self.faces[text.face]
        shown = fit(face, face.show(text.text, text.limit), text.size, width)
        at = x - face.width(shown, text.size) if right else x
        line = Line(at, baseline, face, text.size, text.color, shown)
        (page or self.page).lines.append(line)

    def heading(self, level: int, title: str, *, follows: float = 90.0) -> None:
        """A heading that stays with at least ``follows`` points of what it heads."""
        size, above, below = ((15.0, 26.0, 9.0), (10.0, 15.0, 5.0))[level - 1]
        self.ensure(above + size + below + follows)
        self.space(above)
        key = f"mark-{len(self.marks)}"
        self.marks.append(Mark(level, title, key, len(self.pages) - 1, self.y))
        color = INK if level == 1 else ACCENT
        self.put(LEFT, self.y + size, Text(title, BOLD, size, color))
        self.y += size + below

    def paragraph(self, text: Text, *, width: float = CONTENT_WIDTH, after: float = 6.0) -> None:
        """Running text, over pages if need be."""
        leading = text.size * 1.45
        for line in self.wrap(text, width)[1]:
            self.ensure(leading)
            face = self.faces[text.face]
            baseline = self.y + text.size * 1.05
            self.page.lines.append(Line(LEFT, baseline, face, text.size, text.color, line))
            self.y += leading
        self.y += after

    def wrap(self, text: Text, width: float) -> Wrapped:
        """A text broken into lines for a width."""
        face = self.faces[text.face]
        indent = text.size * 1.05 if text.marker else 0.0
        lines = face.wrap(face.show(text.text, text.limit), text.size, width - indent)
        if text.lines and len(lines) > text.lines:
            last = fit(face, lines[text.lines - 1], text.size, width - indent, cut=True)
            lines = [*lines[: text.lines - 1], last]
        return text, lines


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
