"""A lineage as an SVG picture: the model at the left, each generation in a column to its right.

The picture holds no script, no link, no style from elsewhere and no font: a viewer opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.report.console.wrap import columns
from weighbridge.report.lineage import words
from weighbridge.report.lineage.layout import Layout, lay_out

MAX_DRAWN = 300  # nodes
_BOX = (280, 66)  # a node's width and height
_STEP = (430, 92)  # from one node to the next
_EDGE = 24  # around the picture
_LEGEND = 44  # below it
_CHARACTERS = 36  # of 12 units' type in a box
_FONT = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
_ARROW = (
    '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#555555"/></marker></defs>'
)
_WORDS = (
    "Solid arrows: declared or computed. Dashed: inferred, or read in prose. "
    "Orange: no known license."
)
_FILL = {True: "#eef4fb", False: "#fdf3e4"}
_LINE = {True: "#33658a", False: "#b45309"}


def render(facts: LineageFacts) -> bytes:
    """The picture, in UTF-8."""
    layout = lay_out(facts, MAX_DRAWN)
    wide = 2 * _EDGE + _STEP[0] * (layout.columns - 1) + _BOX[0]
    high = int(2 * _EDGE + _STEP[1] * layout.rows) + _LEGEND
    subject = words.name(facts["nodes"][0])
    size = f'width="{wide}" height="{high}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {wide} {high}" {_FONT}>',
        f"<title>{escape('What ' + subject + ' was made from')}</title>",
        f'<rect {size} fill="#ffffff"/>',
        _ARROW,
    ]
    drawn = [
        e for e in facts["edges"] if e["child"] in layout.place and e["parent"] in layout.place
    ]
    labels: dict[tuple[int, int], int] = {}
    lines += [_curve(edge, layout) for edge in drawn]
    for node in facts["nodes"]:
        if node["key"] in layout.place:
            lines += _box(node, layout)
    for edge in drawn:
        lines += _label(edge, layout, labels)
    legend = _WORDS
    if layout.hidden:
        legend += f" {layout.hidden} more nodes are not drawn."
    lines.append(
        f'<text x="{_EDGE}" y="{high - 16}" font-size="11" fill="#555555">{escape(legend)}</text>'
    )
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()


def _corner(key: str, layout: Layout) -> tuple[float, float]:
    column, row = layout.place[key]
    return _EDGE + column * _STEP[0], _EDGE + row * _STEP[1]


def _ends(edge: EdgeFacts, layout: Layout) -> tuple[float, float, float, float]:
    """Where an arrow begins and ends: to the right, or back to an earlier column."""
    (x1, y1), (x2, y2) = _corner(edge["child"], layout), _corner(edge["parent"], layout)
    half = _BOX[1] / 2
    if _is_forward(edge, layout):
        return x1 + _BOX[0], y1 + half, x2, y2 + half
    return x1 + _BOX[0], y1 + half, x2 + _BOX[0], y2 + half


def _is_forward(edge: EdgeFacts, layout: Layout) -> bool:
    """Whether the parent stands farther from the subject than the child."""
    return layout.place[edge["parent"]][0] > layout.place[edge["child"]][0]


def _curve(edge: EdgeFacts, layout: Layout) -> str:
    x1, y1, x2, y2 = _ends(edge, layout)
    forward = _is_forward(edge, layout)
    bend = 70 if forward else 110
    end = x2 - bend if forward else x2 + bend
    dash = ' stroke-dasharray="6 4"' if edge["basis"] in ("prose", "inferred") else ""
    path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {end:g} {y2:g} {x2:g} {y2:g}"
    return f'<path d="{path}" fill="none" stroke="#555555"{dash} marker-end="url(#to)"/>'


def _label(edge: EdgeFacts, layout: Layout, taken: dict[tuple[int, int], int]) -> Iterator[str]:
    """The relation beside the parent's box, where arrows to different parents are apart."""
    x1, y1, x2, y2 = _ends(edge, layout)
    text = words.relation(edge)
    forward = _is_forward(edge, layout)
    width = 6.4 * len(text) + 8
    x = x2 - 16 - width / 2 if forward else max(x1, x2) + 84
    y = y2 if forward else (y1 + y2) / 2
    if layout.place[edge["parent"]][0] < layout.place[edge["child"]][0]:  # beside where it leaves
        x, y = x1 + 14 + width / 2, y1 - 14
    spot = (int(x) // 40, int(y) // 12)
    y += 15 * taken.get(spot, 0)
    taken[spot] = taken.get(spot, 0) + 1
    yield (
        f'<rect x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width:.1f}" height="17" rx="3" '
        'fill="#ffffff" fill-opacity="0.92"/>'
    )
    yield (
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" '
        f'fill="#333333">{escape(text)}</text>'
    )


def _box(node: NodeFacts, layout: Layout) -> Iterator[str]:
    x, y = _corner(node["key"], layout)
    known = words.is_known(node)
    failed = words.state_words(node)
    width = 2.5 if node["key"] == SUBJECT else 1.2
    dash = ' stroke-dasharray="4 3"' if failed else ""
    stated = words.license_words(node)
    rows = (
        (node["kind"] if node["key"] != SUBJECT else "this model", 'font-size="10" fill="#666666"'),
        (words.name(node), 'font-weight="bold" fill="#111111"'),
        (stated or "no license known", 'font-size="11" fill="#333333"'),
        (failed, 'font-size="10" fill="#b45309"'),
    )
    whole = escape("\n".join(text for text, _ in rows if text))
    yield f"<g><title>{whole}</title>"
    yield (
        f'<rect x="{x:g}" y="{y:g}" width="{_BOX[0]}" height="{_BOX[1]}" rx="6" '
        f'fill="{_FILL[known]}" stroke="{_LINE[known]}" stroke-width="{width}"{dash}/>'
    )
    for number, (text, style) in enumerate(rows):
        if text:
            at = y + 16 + 15 * number
            short = escape(_short(text))
            yield f'<text x="{x + 10:g}" y="{at:g}" {style}>{short}</text>'
    yield "</g>"


def _short(text: str) -> str:
    """As much of a text as a box holds; its beginning and its end, where versions stand."""
    most = _CHARACTERS
    while most > 12 and columns(short := _cut(text, most)) > _CHARACTERS:
        most -= 2
    return short


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
