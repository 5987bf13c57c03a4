"""Text to drawable glyphs: which font has a character, how wide it is, where a line may break.

Text is drawn glyph by glyph and never parsed as markup. Three kinds of characters are written as
visible escapes (``\\u4f60``): those that no embedded font holds; controls, format and bidirectional
characters, which :func:`weighbridge.edge.text.visible` names; and those that would need a shaping
engine to be drawn where they belong (combining marks, right-to-left scripts) or that look like an
ordinary space. What is printed is thereby never reordered, stacked or invisible.

Noto Sans has Latin, Greek and Cyrillic, Cascadia Mono boxes and arrows. What both lack is looked
for in FiraGO, which is read only then: Georgian and further symbols (the package's other fonts have
PostScript outlines, which reportlab cannot embed). None of them has Chinese, Japanese or Korean:
see :mod:`~weighbridge.report.pdf.east_asian`. reportlab's own CID fonts for these are not embedded,
so that every reader would show other glyphs.
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from weighbridge.edge.text import visible

# Names of this document's faces, and of the font that stands in for a glyph they lack.
REGULAR, BOLD, MONO = "regular", "bold", "mono"
_SOURCES = {REGULAR: "notos", BOLD: "notosbo", MONO: "cascadia"}  # keys of pymupdf_fonts
_STAND_IN = MONO
_FURTHER = ("figo",)
_UNSHAPED_SCRIPTS = ("GEORGIAN",)  # of the further fonts' letters; others change by neighbors

_UNSHAPED = frozenset({"Mn", "Mc", "Me"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_BREAK_AFTER = frozenset("/-_.,:;!?=&@#+|")
_CACHED_WORDS = 20_000


class Shown(dict[int, str]):
    """How some fonts show characters: for ``str.translate``, filled as they are met."""

    def __init__(self, fonts: tuple[Any, ...]) -> None:
        super().__init__()
        self.fonts = fonts

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = visible(character)
        if shown == character and not self.drawable(character):
            shown = _escape(code)
        self[code] = shown
        return shown

    def drawable(self, character: str) -> bool:
        """Whether a font has it, and it can be drawn by itself."""
        if character == " ":
            return True
        category = unicodedata.category(character)
        if category in _UNSHAPED or category == "Zs":
            return False
        if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
            return False
        if any(ord(character) in font.face.charToGlyph for font in self.fonts):
            return True
        return further(ord(character)) is not None


class _Widths(dict[int, float]):
    """Widths of shown characters by their code, filled as they are met."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def __missing__(self, code: int) -> float:
        glyphs = self.face.font_of(code).face
        width: float = glyphs.charWidths.get(code, glyphs.defaultWidth)
        self[code] = width
        return width


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Cut(str):
    """A line that ends within a word, which goes on in the next."""

    __slots__ = ()


@dataclass(slots=True)
class Face:
    """One typeface with its stand-in. Widths are in thousandths of the font's size.

    ``eastern`` are fonts for Chinese, Japanese and Korean, in the order that a text asks for. No
    other font has a character of theirs.
    """

    name: str
    font: Any
    stand_in: Any
    shown: Shown
    eastern: tuple[Any, ...] = ()
    words: dict[str, float] = field(default_factory=dict)
    widths: dict[int, float] = field(init=False)

    def __post_init__(self) -> None:
        self.widths = _Widths(self)

    def show(self, text: str, limit: int = 0) -> str:
        """The text as it can be drawn; past ``limit`` characters the rest is counted."""
        cut = len(text) - limit if limit else 0
        if cut > 0:
            text = text[:limit]
        drawn = text.translate(self.shown)
        return f"{drawn}… ({cut} more characters)" if cut > 0 else drawn

    def units(self, word: str) -> float:
        """The width of shown text."""
        width = self.words.get(word)
        if width is None:
            width = sum(map(self.widths.__getitem__, map(ord, word)))
            if len(self.words) >= _CACHED_WORDS:
                self.words.clear()
            self.words[word] = width
        return width

    def unit(self, code: int) -> float:
        """The width of one shown character."""
        return self.widths[code]

    def font_of(self, code: int) -> Any:
        """The font that draws a shown character: this face's, the stand-in, or a further one."""
        if code in self.font.face.charToGlyph:
            return self.font
        if code in self.stand_in.face.charToGlyph:
            return self.stand_in
        for font in self.eastern:
            if code in font.face.charToGlyph:
                return font
        return further(code) or self.stand_in

    def width(self, shown: str, size: float) -> float:
        """The width of shown text in points."""
        return self.units(shown) * size / 1000

    def runs(self, shown: str) -> list[tuple[Any, str]]:
        """The shown text in pieces, each with the font that draws it."""
        if shown.isascii():
            return [(self.font, shown)]
        pieces: list[tuple[Any, str]] = []
        for character in shown:
            font = self.font_of(ord(character))
            if pieces and pieces[-1][0] is font:
                pieces[-1] = (font, pieces[-1][1] + character)
            else:
                pieces.append((font, character))
        return pieces

    def wrap(self, shown: str, size: float, width: float) -> list[str]:
        """Lines no wider than ``width`` points, broken at spaces, in long words anywhere.

        A single glyph wider than the line stands alone.
        """
        if self.eastern:
            return self._wrap_eastern(shown, width * 1000 / size)
        room = width * 1000 / size
        space = self.unit(32)
        lines: list[str] = []
        line: list[str] = []
        used = 0.0
        for word in shown.split(" "):
            wide = self.units(word)
            if line and used + space + wide <= room:
                line.append(word)
                used += space + wide
                continue
            if line:
                lines.append(" ".join(line))
            if wide > room:
                *full, rest = self.pieces(word, room)
                lines.extend(map(Cut, full))
                line, used = [rest], self.units(rest)
            else:
                line, used = [word], wide
        lines.append(" ".join(line))
        return lines

    def _wrap_eastern(self, shown: str, room: float) -> list[str]:
        """The same, broken between ideographs too: a line that ends there ends within a word."""
        from weighbridge.report.pdf.east_asian import pieces

        space = self.unit(32)
        lines: list[str] = []
        line, used, begun = "", 0.0, False
        for number, word in enumerate(shown.split(" ")):
            glue, gap = (" ", space) if number else ("", 0.0)
            for piece in pieces(word) or [""]:
                wide = self.units(piece)
                if begun and used + gap + wide <= room:
                    line, used = line + glue + piece, used + gap + wide
                else:
                    if begun:
                        lines.append(line if glue else Cut(line))
                    *full, line = self.pieces(piece, room) if wide > room else [piece]
                    lines.extend(map(Cut, full))
                    used, begun = self.units(line), True
                glue, gap = "", 0.0
        return [*lines, line]

    def pieces(self, word: str, room: float) -> list[str]:
        """A word longer than a line, cut after punctuation where there is some near the end."""
        pieces: list[str] = []
        start, used, good = 0, 0.0, 0
        position = 0
        widths = self.widths
        while position < len(word):
            wide = widths[ord(word[position])]
            if used + wide > room and position > start:
                cut = good if good - start > (position - start) // 2 else position
                pieces.append(word[start:cut])
                start, used, good = cut, self.units_of(word, cut, position), 0
                continue
            used += wide
            position += 1
            if word[position - 1] in _BREAK_AFTER:
                good = position
        pieces.append(word[start:])
        return pieces

    def units_of(self, word: str, start: int, end: int) -> float:
        """The width of a slice, not cached."""
        return sum(self.widths[ord(c)] for c in word[start:end])


def further(code: int) -> Any:
    """The first further font that has a character which may be drawn by itself; None without."""
    character = chr(code)
    if unicodedata.category(character)[0] not in "SPN" and not unicodedata.name(
        character, ""
    ).startswith(_UNSHAPED_SCRIPTS):
        return None
    found = (font for font in _further() if code in font.face.charToGlyph)
    return next(found, None)


@functools.cache
def _further() -> tuple[Any, ...]:
    return tuple(_load(key, key) for key in _FURTHER)


@functools.cache
def faces() -> dict[str, Face]:
    """The embedded faces: Noto Sans and Cascadia Mono, both under the SIL Open Font License."""
    fonts = {name: _load(name, key) for name, key in _SOURCES.items()}
    stand_in = fonts[_STAND_IN]
    return {
        name: Face(name, font, stand_in, Shown(tuple(dict.fromkeys((font, stand_in)))))
        for name, font in fonts.items()
    }


def _load(name: str, key: str) -> Any:
    """Register one of the package's fonts with reportlab."""
    import io

    from pymupdf_fonts import fontbuffers
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(f"Weighbridge-{name}", io.BytesIO(fontbuffers[key]()), asciiReadable=True,
                  shapable=False)  # fmt: skip
    pdfmetrics.registerFont(font)
    return font
