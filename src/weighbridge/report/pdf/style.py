"""Measures and colors of the printed report. Lengths are in points, A4 is 595 by 842."""

from __future__ import annotations

from typing import TypeAlias

from weighbridge.model.clause import Standing
from weighbridge.model.finding import Outcome, Severity

Color: TypeAlias = tuple[float, float, float]

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
LEFT, RIGHT, TOP, BOTTOM = 52.0, 52.0, 66.0, 60.0
CONTENT_WIDTH = PAGE_WIDTH - LEFT - RIGHT
FLOOR = PAGE_HEIGHT - BOTTOM  # content ends here, measured from the top
BODY = 8.8  # the size of running text


def _rgb(code: str) -> Color:
    return (int(code[:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:], 16) / 255)


INK = _rgb("1b2430")
MUTED = _rgb("5c6876")
FAINT = _rgb("93a0ae")
LINE = _rgb("d9dfe6")
BAND = _rgb("f3f5f8")
WHITE = _rgb("ffffff")
ACCENT = _rgb("1f4b7a")
GREEN = _rgb("17734a")
RED = _rgb("b3261e")
AMBER = _rgb("8f5b00")
VIOLET = _rgb("5b3f9e")
BLUE = _rgb("2a5db0")

GREEN_TINT = _rgb("e8f4ee")
RED_TINT = _rgb("fbecea")
AMBER_TINT = _rgb("fbf2e1")

OUTCOME_COLOR: dict[Outcome, Color] = {
    Outcome.PASS: GREEN,
    Outcome.FAIL: RED,
    Outcome.UNKNOWN: AMBER,
    Outcome.NOT_APPLICABLE: MUTED,
    Outcome.MANUAL: BLUE,
    Outcome.ERROR: RED,
    Outcome.WAIVED: VIOLET,
}
OUTCOME_TINT: dict[Outcome, Color] = {
    Outcome.PASS: GREEN_TINT,
    Outcome.FAIL: RED_TINT,
    Outcome.UNKNOWN: AMBER_TINT,
    Outcome.NOT_APPLICABLE: BAND,
    Outcome.MANUAL: _rgb("e9f0fb"),
    Outcome.ERROR: RED_TINT,
    Outcome.WAIVED: _rgb("f0ecf9"),
}
SEVERITY_COLOR: dict[Severity, Color] = {
    Severity.CRITICAL: RED,
    Severity.HIGH: RED,
    Severity.MEDIUM: AMBER,
    Severity.LOW: MUTED,
    Severity.INFO: MUTED,
}
STANDING_COLOR: dict[Standing, Color] = {
    Standing.APPLIES: GREEN,
    Standing.PARTLY: GREEN,
    Standing.NOT_YET: MUTED,
    Standing.SUSPENDED: AMBER,
    Standing.REPEALED: MUTED,
    Standing.VOLUNTARY: BLUE,
    Standing.DISPUTED: AMBER,
}
