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

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord
    from weighbridge.seal.pdf_signature import SignedPdf

_DRAWN_WITH = ("reportlab", "pikepdf", "pymupdf-fonts")


def libraries() -> tuple[tuple[str, str], ...]:
    """What draws the PDF here, by name and version, sorted. Their bytes may differ by version."""
    found = []
    for name in sorted(_DRAWN_WITH):
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "unknown"))
    return tuple(found)


def other_drawing(record: AuditRecord, drawn_with: Mapping[str, str]) -> str:
    """Why the PDF cannot be drawn again here with the same bytes; empty where it can."""
    if record.tool_version != __version__:
        return f"it was drawn by weighbridge {record.tool_version}, and this is {__version__}"
    here = dict(libraries())
    others = [f"{name} {version}" for name, version in drawn_with.items()
              if here.get(name) != version]  # fmt: skip
    return f"it was drawn with {', '.join(others)}, and others are installed" if others else ""


def says_the_same(
    data: bytes, pdf: SignedPdf, record: AuditRecord, draw: Callable[[AuditRecord], bytes]
) -> bool:
    """Whether a sealed PDF is the record's drawing with nothing but the signature put on.

    Args:
        data: the PDF.
        pdf: what was read of it.
        record: the record that it carries.
        draw: draws a record.
    """
    drawn = draw(record)
    _, found, tail = drawn.rpartition(b"startxref")
    place = tail.split()
    at = int(place[0]) if found and place and place[0].isdigit() else None
    return data.startswith(drawn) and pdf.base is not None and pdf.base == at
