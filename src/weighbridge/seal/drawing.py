"""The PDF in a pack against what the record says: drawn again, it must come out the same.

The drawing is a pure function of the record, so the same version with the same libraries gives the
same bytes. A PDF that says something else than the record it carries is thereby found, even if the
right key signed it.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def libraries() -> tuple[tuple[str, str], ...]:
    """What draws the PDF here, by name and version, sorted. Their bytes may differ by version."""
    from weighbridge.report.pdf import REVISION

    found = [(_REVISION, str(REVISION))]
    for name in _DRAWN_WITH:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "unknown"))
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
    here = dict(libraries())
    said = {_REVISION: _FIRST, **drawn_with}
    if said[_REVISION] != here[_REVISION]:
        return (
            f"it was drawn by revision {visible(said[_REVISION], 20)} of the drawing, and this is "
            f"revision {here[_REVISION]}"
        )
    others = [f"{visible(name, 40)} {visible(version, 40)}" for name, version in said.items()
              if here.get(name) != version]  # fmt: skip
    return f"it was drawn with {', '.join(others)}, and others are installed" if others else ""


def base_of_drawing(data: bytes, drawn: bytes) -> int | None:
    """Where a drawing's cross-references lie; None if the PDF does not begin with it.

    What was read of the PDF must have its base there: then nothing but a signature was put on.
    """
    _, found, tail = drawn.rpartition(b"startxref")
    place = tail.split()
    if not (found and place and place[0].isdigit() and data.startswith(drawn)):
        return None
    return int(place[0])
