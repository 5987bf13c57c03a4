"""Which face a text of one document is drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.report.pdf.glyphs import BOLD, Face, Shown, faces

if TYPE_CHECKING:
    from weighbridge.report.pdf.east_asian import EastAsian


class Typefaces:
    """What the texts of one document are drawn with: the embedded faces, and further fonts."""

    def __init__(self, eastern: EastAsian | None = None) -> None:
        self.base = faces()
        self.eastern = eastern
        self._made: dict[tuple[str, str], Face] = {}

    def of(self, name: str, text: str) -> Face:
        """The face of a name for a text: the same for all but Chinese, Japanese and Korean."""
        face = self.base[name]
        if self.eastern is None or text.isascii():
            return face
        from weighbridge.report.pdf import east_asian

        script = east_asian.script_of(text)
        if not script:
            return face
        made = self._made.get((name, script))
        if made is None:
            weight = east_asian.BOLD if name == BOLD else east_asian.REGULAR
            fonts = self.eastern.fonts(script, weight)
            shown = Shown((*face.shown.fonts, *fonts))
            made = Face(name, face.font, face.stand_in, shown, fonts) if fonts else face
            self._made[name, script] = made
        return made
