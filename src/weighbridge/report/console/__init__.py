"""One screen for a person at a terminal: the verdict, what closes the gate, what is left open.

Messages and remedies are wrapped and never cut; a rule's findings beyond the first eight are
counted and pointed at. Where the whole does not fit :data:`MAX_LINES`, what does not close the gate
is told more briefly; what closes it never is.
"""

from __future__ import annotations

from weighbridge.model.record import AuditRecord
from weighbridge.report.console.screen import MAX_LINES, Detail, Screen
from weighbridge.report.console.select import MAX_PER_RULE
from weighbridge.report.console.wrap import columns

__all__ = ["FILENAME", "MAX_LINES", "MAX_PER_RULE", "MEDIA_TYPE", "NAME", "columns", "render"]

NAME = "console"
FILENAME = "report.txt"
MEDIA_TYPE = "text/plain; charset=utf-8"

MIN_WIDTH = 40


def render(record: AuditRecord, *, color: bool = False, width: int = 80) -> bytes:
    """The report in UTF-8, no line wider than ``width`` columns.

    Args:
        record: what to show.
        color: write ANSI colors; our own words are ASCII either way.
        width: columns of the terminal, at least 40.
    """
    screen = Screen(record, color=color, width=max(width, MIN_WIDTH))
    lines: list[str] = []
    for detail in Detail:
        lines = screen.lines(detail)
        if len(lines) <= MAX_LINES:
            break
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
