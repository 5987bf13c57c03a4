"""The PDF in a pack against what the record says: drawn again, it must come out the same.

The drawing is a pure function of the record, so the same version with the same libraries gives the
same bytes. A PDF that says something else than the record it carries is thereby found, even if the
right key signed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import metadata
from typing import TYPE_CHECKING

from weighbridge import __version__
from weighbridge.edge.text import visible

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord

# What a seal calls the revision of the drawing; those that name none were drawn by the first.
_REVISION = "weighbridge-drawing"
_FIRST = "1"
_DRAWN_WITH = ("reportlab", "pikepdf", "pymupdf-fonts")
# What a seal calls the fonts for Chinese, Japanese and Korean, if the record has such text. Without
# them the same text is drawn as escapes, which can be done everywhere.
_EAST_ASIAN = "east-asian-fonts"
_NO_FONTS = "none"


def libraries(record: AuditRecord | None = None) -> tuple[tuple[str, str], ...]:
    """What draws the PDF here, by name and version, sorted. Their bytes may differ by version.

    Args:
        record: what is drawn; only one with East Asian text hangs on fonts for it.
    """
    from weighbridge.report.pdf import REVISION, east_asian_fonts

    found = [(_REVISION, str(REVISION))]
    for name in _DRAWN_WITH:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "unknown"))
    if record is not None and (fonts := east_asian_fonts(record)):
        found.append((_EAST_ASIAN, fonts))
    return tuple(sorted(found))


def other_drawing(record: AuditRecord, drawn_with: Mapping[str, str] | None) -> str:
    """Why the PDF cannot be drawn again here with the same bytes; empty where it can.

    Args:
        drawn_with: what drew it, as the seal says; None where no seal does.
    """
    if record.tool_version != __version__:
        version = visible(record.tool_version, 40)
        return f"it was drawn by weighbridge {version}, and this is {__version__}"
    if drawn_with is None:
        return ""
    here = dict(libraries(record))
    said = {_REVISION: _FIRST, **drawn_with}
    if said[_REVISION] != here[_REVISION]:
        return (
            f"it was drawn by revision {visible(said[_REVISION], 20)} of the drawing, and this is "
            f"revision {here[_REVISION]}"
        )
    fonts = here.pop(_EAST_ASIAN, "")
    named = said.pop(_EAST_ASIAN, _NO_FONTS) if fonts else fonts
    others = [f"{visible(name, 40)} {visible(version, 40)}" for name, version in said.items()
              if here.get(name) != version]  # fmt: skip
    if others:
        return f"it was drawn with {', '.join(others)}, and others are installed"
    if named in (fonts, _NO_FONTS):
        return ""
    return (
        f"its Chinese, Japanese and Korean text was drawn with the fonts {visible(named, 60)}, "
        f"and {_fonts_here(fonts)}: {_remedy()}"
    )


def without_fonts(record: AuditRecord) -> str:
    """A note that a record's East Asian text is drawn as escapes here, and why; empty if not."""
    from weighbridge.report.pdf import east_asian_fonts

    fonts = east_asian_fonts(record)
    if fonts != _NO_FONTS:
        return ""
    return (
        "the PDF shows Chinese, Japanese and Korean text as escapes, because "
        f"{_fonts_here(fonts)}: {_remedy()}"
    )


def _fonts_here(fonts: str) -> str:
    from weighbridge.report.pdf.east_asian import other_files

    if other_files():
        return "the files that are installed in their place are not those that this version knows"
    return "no fonts for it are installed" if fonts == _NO_FONTS else f"{fonts} are installed"


def _remedy() -> str:
    from weighbridge.report.pdf.east_asian import REMEDY

    return REMEDY


def base_drawn_again(
    data: bytes, record: AuditRecord, draw: Callable[[AuditRecord], bytes]
) -> int | None:
    """:func:`base_of_drawing` for what a record draws, with or without fonts for East Asian text.

    Both are true drawings. Which one it was is the seal's to say, which may not be at hand yet.
    """
    from weighbridge.report.pdf import east_asian_fonts

    base = base_of_drawing(data, draw(record))
    if base is None and east_asian_fonts(record) not in ("", _NO_FONTS):
        from weighbridge.report.pdf.east_asian import left_out

        with left_out():
            base = base_of_drawing(data, draw(record))
    return base


def base_of_drawing(data: bytes, drawn: bytes) -> int | None:
    """Where a drawing's cross-references lie; None if the PDF does not begin with it.

    What was read of the PDF must have its base there: then nothing but a signature was put on.
    """
    _, found, tail = drawn.rpartition(b"startxref")
    place = tail.split()
    if not (found and place and place[0].isdigit() and data.startswith(drawn)):
        return None
    return int(place[0])
