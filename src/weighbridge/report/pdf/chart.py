"""Outcomes by area as stacked bars, told apart by pattern and said in words beside each bar."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord
from weighbridge.report.pdf.flow import Flow, Path, Text
from weighbridge.report.pdf.glyphs import BOLD
from weighbridge.report.pdf.style import (
    BAND,
    CONTENT_WIDTH,
    INK,
    LEFT,
    LINE,
    MUTED,
    OUTCOME_COLOR,
    OUTCOME_TINT,
    Color,
)
from weighbridge.report.pdf.tags import Element
from weighbridge.report.summary import OUTCOME_WORDS

ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.WAIVED,
         Outcome.PASS, Outcome.NOT_APPLICABLE)  # fmt: skip
_MAX_AREAS = 11
_NAME, _BAR = 78.0, 176.0
_ROW, _HIGH = 12.2, 8.4
_WIDEST = 18.0  # of one rule
_LEGEND = 13.0
# How far apart the hatching's lines are, and how they run: x grows by this for each point of y.
_HATCH: dict[Outcome, tuple[float, tuple[float, ...]]] = {
    Outcome.FAIL: (3.0, (1.0,)),
    Outcome.ERROR: (3.4, (1.0, -1.0)),
    Outcome.UNKNOWN: (3.0, (-1.0,)),
    Outcome.MANUAL: (2.6, (0.0,)),
    Outcome.WAIVED: (5.4, (1.0,)),
}

Counts = dict[Outcome, int]


def outcomes_by_area(record: AuditRecord) -> list[tuple[str, Counts]]:
    """Each family of rules with how many of them ended how; what is too much for it is one row."""
    found: dict[str, Counts] = {}
    for result in record.results:
        if result.mode is Mode.OFF:
            continue
        counts = found.setdefault(result.family or "others", dict.fromkeys(ORDER, 0))
        counts[result.outcome] += 1
    areas = list(found.items())
    if len(areas) <= _MAX_AREAS:
        return areas
    rest = areas[_MAX_AREAS - 1 :]
    summed = {outcome: sum(counts[outcome] for _, counts in rest) for outcome in ORDER}
    return [*areas[: _MAX_AREAS - 1], (f"{len(rest)} more areas", summed)]


def height(areas: list[tuple[str, Counts]]) -> float:
    """The room that :func:`draw` takes."""
    return len(areas) * _ROW + _LEGEND


def in_words(counts: Counts) -> str:
    """``2 fail, 1 unknown, 4 pass``."""
    said = [f"{counts[o]} {OUTCOME_WORDS[o]}" for o in ORDER if counts[o]]
    return ", ".join(said) or "none"


def draw(flow: Flow, areas: list[tuple[str, Counts]]) -> None:
    """The bars from ``flow.y`` on, as one figure of the structure."""
    figure = flow.element("Figure")
    figure.alt = "Outcomes by area. " + " ".join(f"{a}: {in_words(c)}." for a, c in areas)
    most = max((sum(counts.values()) for _, counts in areas), default=1)
    unit = min(_WIDEST, _BAR / max(most, 1))
    for name, counts in areas:
        baseline = flow.y + _HIGH - 1.3
        flow.put(LEFT, baseline, Text(name, size=7.4, limit=60), _NAME - 4, into=figure)
        x = LEFT + _NAME
        for outcome in ORDER:
            if counts[outcome]:
                width = counts[outcome] * unit
                _segment(flow, outcome, (x, flow.y, width - 0.8, _HIGH), figure)
                x += width
        words = Text(in_words(counts), size=7.0, color=MUTED)
        left = LEFT + _NAME + _BAR + 8.0
        flow.put(left, baseline, words, LEFT + CONTENT_WIDTH - left, into=figure)
        flow.y += _ROW
    _legend(flow, figure)


def _legend(flow: Flow, figure: Element) -> None:
    x = LEFT + _NAME
    for outcome in ORDER:
        _segment(flow, outcome, (x, flow.y + 1.4, 11.0, 6.8), figure)
        text = Text(OUTCOME_WORDS[outcome], size=6.6, color=MUTED)
        flow.put(x + 14.0, flow.y + 7.2, text, into=figure)
        x += 24.0 + flow.face(text).width(text.text, text.size)
    flow.y += _LEGEND


def _segment(
    flow: Flow, outcome: Outcome, box: tuple[float, float, float, float], figure: Element
) -> None:
    x, y, width, high = box
    color = OUTCOME_COLOR[outcome]
    solid = outcome is Outcome.PASS
    fill = color if solid else BAND if outcome is Outcome.NOT_APPLICABLE else OUTCOME_TINT[outcome]
    flow.rect(x, y, width, high, fill, figure)
    if solid:
        return
    page = flow.page
    if outcome in _HATCH:
        apart, slopes = _HATCH[outcome]
        for slope in slopes:
            for points in _hatch(x, y, width, high, apart, slope):
                page.paths.append(Path(points, color, 0.7, element=figure))
    corners = ((x, y), (x + width, y), (x + width, y + high), (x, y + high))
    edge: Color = LINE if outcome is Outcome.NOT_APPLICABLE else color
    page.paths.append(Path(corners, edge, 0.6, closed=True, element=figure))


def _hatch(
    x: float, y: float, width: float, high: float, apart: float, slope: float
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Lines through a box, cut at its edges. A slope of 0 means level lines."""
    if not slope:
        at = y + apart
        while at < y + high - 0.5:
            yield (x, at), (x + width, at)
            at += apart
        return
    # x = start + slope * (level - y): clipped to the box by the levels at which it enters, leaves
    start = x - high + apart / 2 if slope > 0 else x + apart / 2
    end = x + width if slope > 0 else x + width + high
    while start < end:
        levels = sorted(((x - start) / slope, (x + width - start) / slope))
        top, bottom = max(0.0, levels[0]), min(high, levels[1])
        if bottom - top > 0.2:
            yield (start + slope * top, y + top), (start + slope * bottom, y + bottom)
        start += apart


def headline(flow: Flow, text: str) -> None:
    """A small heading of the brief."""
    into = flow.element("H2")
    flow.put(LEFT, flow.y + 9.0, Text(text, BOLD, 9.2, INK), into=into)
    flow.y += 14.0
