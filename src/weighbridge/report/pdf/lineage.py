"""What the model was made from, as a drawing and as a table; both are cut with a count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.model.record import AuditRecord
from weighbridge.report.lineage import words
from weighbridge.report.lineage.layout import lay_out
from weighbridge.report.pdf.flow import Flow, Path, Text
from weighbridge.report.pdf.glyphs import BOLD, REGULAR
from weighbridge.report.pdf.style import (
    ACCENT,
    AMBER,
    AMBER_TINT,
    BAND,
    BODY,
    INK,
    LEFT,
    MUTED,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.tags import Element
from weighbridge.report.pdf.words import count

_COLUMNS, _ROWS = 4, 14
_WIDE, _HIGH = 104.0, 36.0
_STEP_X, _STEP_Y = 129.0, 43.0
_TRIED = (60, 44, 32, 24, 18, 14, 8, 4)
_MAX_ROWS = 150

# Column and row of each node that is drawn, both counted from 0.
Places = Mapping[str, tuple[int, float]]


def lineage(flow: Flow, record: AuditRecord, title: str) -> None:
    """The graph that the evidence holds."""
    facts = _facts(record)
    try:
        drawing = choose(facts) if facts and len(facts["nodes"]) > 1 else None
        rows = list(_ancestors(facts)) if facts and drawing else []
    except (KeyError, TypeError, ValueError, AttributeError):  # a stranger's record
        flow.heading(1, title)
        flow.paragraph(Text("The evidence on the lineage is not of its shape: see audit.json.",
                            size=BODY, color=AMBER))  # fmt: skip
        return
    flow.heading(1, title, follows=_high(drawing[0]) + 60.0 if drawing else 90.0)
    if facts is None:
        flow.paragraph(Text("What the model was made from was not collected.", size=BODY))
    elif drawing is None:
        flow.paragraph(Text("Nothing says that the model was made from another work.", size=BODY))
    else:
        _draw(flow, *drawing, len(facts["nodes"]) - len(drawing[0]), rows)


def _facts(record: AuditRecord) -> LineageFacts | None:
    for item in record.evidence:
        if item.kind is EvidenceKind.LINEAGE and item.state is EvidenceState.OBSERVED:
            return cast(LineageFacts, item.data)
    return None


def _draw(flow: Flow, places: Places, kept: LineageFacts, hidden: int, rows: list[Row]) -> None:
    said = (
        "The model stands at the left, what it was made from to its right. Solid lines: declared "
        "or computed. Dashed: inferred, or read in prose. A thick edge of a box: the model. A "
        "dashed edge: no known license."
    )
    if hidden:
        said += f" {count(hidden, 'more node')} not drawn."
    flow.paragraph(Text(said, size=BODY, color=MUTED))
    _figure(flow, kept, places)
    columns = (Column("Ancestor", 150, heads=True), Column("Kind", 50),
               Column("What was made: how", 110), Column("License", 110),
               Column("State", 71))  # fmt: skip
    table(flow, columns, rows[:_MAX_ROWS])
    if len(rows) > _MAX_ROWS:
        more = f"{len(rows) - _MAX_ROWS:,} more stand in audit.json."
        flow.paragraph(Text(more, size=BODY, color=MUTED))


def _high(places: Places) -> float:
    return (max(row for _, row in places.values()) + 1) * _STEP_Y


def choose(facts: LineageFacts) -> tuple[Places, LineageFacts]:
    """The nodes for which there is room, and the graph they were laid out in.

    Packages and code give way first: there are hundreds of them where there are any.
    """
    without = {n["key"] for n in facts["nodes"] if n["kind"] in ("package", "code")} - {SUBJECT}
    fewer: LineageFacts = {
        **facts,
        "nodes": [n for n in facts["nodes"] if n["key"] not in without],
        "edges": [e for e in facts["edges"] if not {e["child"], e["parent"]} & without],
    }
    graphs = (fewer,) if without and len(facts["nodes"]) > _ROWS else (facts, fewer)
    for graph in graphs:
        for most in _TRIED:
            laid = lay_out(graph, most)
            seen = {key: at for key, at in laid.place.items() if at[0] < _COLUMNS}
            tops = [row for _, row in seen.values()]
            if max(tops) - min(tops) < _ROWS:
                first = min(tops)
                return {key: (column, row - first) for key, (column, row) in seen.items()}, graph
    raise ValueError("a graph of four nodes does not fit")


def _figure(flow: Flow, facts: LineageFacts, places: Places) -> None:
    high = _high(places)
    flow.ensure(high)
    figure = flow.element("Figure")
    nodes = {node["key"]: node for node in facts["nodes"] if node["key"] in places}
    edges = [e for e in facts["edges"] if e["child"] in places and e["parent"] in places]
    figure.alt = "What the model was made from: " + "; ".join(
        f"{words.name(nodes[e['child']])} {words.relation(e)} {words.name(nodes[e['parent']])}"
        for e in edges
    )
    for edge in edges:
        _arrow(flow, edge, places, figure)
    relations: dict[str, list[str]] = {}
    for edge in edges:
        how = relations.setdefault(edge["parent"], [])
        if words.relation(edge) not in how:
            how.append(words.relation(edge))
    for key, node in nodes.items():
        _box(flow, node, places[key], ", ".join(relations.get(key, [])), figure)
    flow.y += high + 4.0


def _at(flow: Flow, place: tuple[int, float]) -> tuple[float, float]:
    column, row = place
    return LEFT + column * _STEP_X, flow.y + row * _STEP_Y


def _arrow(flow: Flow, edge: EdgeFacts, places: Places, figure: Element) -> None:
    (x1, y1), (x2, y2) = _at(flow, places[edge["child"]]), _at(flow, places[edge["parent"]])
    y1, y2, x1 = y1 + _HIGH / 2, y2 + _HIGH / 2, x1 + _WIDE
    forward = places[edge["parent"]][0] > places[edge["child"]][0]
    bend = 12.0 if forward else 16.0
    head = -4.0
    end = x2 - bend
    if not forward:
        x2, head = x2 + _WIDE, 4.0
        end = x2 + bend
    dashed = edge["basis"] in ("prose", "inferred")
    curve = ((x1, y1), (x1 + bend, y1), (end, y2), (x2, y2))
    flow.page.paths.append(Path(curve, MUTED, 0.8, dashed, curved=True, element=figure))
    tip = ((x2 + head, y2 - 2.4), (x2, y2), (x2 + head, y2 + 2.4))
    flow.page.paths.append(Path(tip, MUTED, 0.8, element=figure))


def _box(flow: Flow, node: NodeFacts, place: tuple[int, float], how: str, figure: Element) -> None:
    x, y = _at(flow, place)
    known = words.is_known(node)
    flow.rect(x, y, _WIDE, _HIGH, BAND if known else AMBER_TINT, figure)
    corners = ((x, y), (x + _WIDE, y), (x + _WIDE, y + _HIGH), (x, y + _HIGH))
    own = node["key"] == SUBJECT
    flow.page.paths.append(Path(corners, ACCENT if known or own else AMBER, 1.8 if own else 0.7,
                                not known and not own, closed=True, element=figure))  # fmt: skip
    stated = words.license_words(node) or "no license known"
    rows = (
        (node["kind"] + (f", {how}" if how else ""), REGULAR, 5.8, MUTED),
        (words.name(node), BOLD, 6.6, INK),
        (words.state_words(node) or stated, REGULAR, 5.8, INK if known else AMBER),
    )
    for number, (text, face, size, color) in enumerate(rows):
        baseline = y + 9.6 + number * 9.8
        short = Text(_short(flow, text, face, size), face, size, color)
        flow.put(x + 5.0, baseline, short, _WIDE - 10.0, into=figure)


def _short(flow: Flow, text: str, face: str, size: float) -> str:
    """As much as a box holds: the beginning and the end, where versions stand."""
    for keep in range(min(len(text), 60), 12, -2):
        short = text if keep >= len(text) else f"{text[: keep // 2]}…{text[-(keep // 2) :]}"
        drawn = flow.faces.of(face, short)
        if drawn.width(drawn.show(short), size) <= _WIDE - 10.0:
            return short
    return text


def _ancestors(facts: LineageFacts) -> Iterator[Row]:
    nodes = {node["key"]: node for node in facts["nodes"]}
    claims: dict[str, list[str]] = {}
    for edge in facts["edges"]:
        child = nodes.get(edge["child"])
        of = words.name(child) if child is not None and edge["child"] != SUBJECT else "this model"
        how = claims.setdefault(edge["parent"], [])
        how.append(f"{of}: {words.relation(edge)} ({edge['basis']})")
    for node in facts["nodes"]:
        if node["key"] == SUBJECT:
            continue
        licenses = words.license_words(node)
        how = list(dict.fromkeys(claims.get(node["key"], ["not said"])))
        more = [f"and {len(how) - 3} more"] if len(how) > 3 else []
        yield Row([
            [Text(words.name(node), BOLD, limit=200, lines=6)],
            [Text(node["kind"])],
            [Text(one, limit=200) for one in (*how[:3], *more)],
            [Text(licenses or "not known", color=INK if licenses else AMBER, limit=300)],
            [Text(words.state_words(node) or node["state"], color=MUTED, limit=200)],
        ])  # fmt: skip
