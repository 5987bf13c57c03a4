"""Where each node of a lineage stands when it is drawn: in columns by generation.

A simple form of the layered method (Sugiyama, Tagawa, Toda 1981): a node's column is its distance
from the subject, its row follows the mean row of its children. Cycles need no care in that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.licensing.graph import SUBJECT

_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """The column and the row of each node by its key, counted from 0; rows may be halves.

    ``hidden`` counts nodes for which there is no room.
    """

    place: Mapping[str, tuple[int, float]]
    columns: int
    rows: float
    hidden: int


def lay_out(facts: LineageFacts, most: int) -> Layout:
    """Places for at most ``most`` nodes, the nearest to the subject first."""
    above: dict[str, list[str]] = {}
    for edge in facts["edges"]:
        above.setdefault(edge["child"], []).append(edge["parent"])
    known = {node["key"] for node in facts["nodes"]}
    column = {SUBJECT: 0}
    order = [SUBJECT]
    for key in order:  # grows while it is read: breadth first
        for parent in above.get(key, ()):
            if parent in known and parent not in column and len(column) < most:
                column[parent] = column[key] + 1
                order.append(parent)
    layers: list[list[str]] = [[] for _ in range(max(column.values()) + 1)]
    for key in order:
        layers[column[key]].append(key)
    row = {key: float(n) for layer in layers for n, key in enumerate(layer)}
    near = _neighbors(above, column)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            _sort(layer, row, near)
    tallest = max(len(layer) for layer in layers)
    place = {
        key: (n, position + (tallest - len(layer)) / 2)
        for n, layer in enumerate(layers)
        for position, key in enumerate(layer)
    }
    return Layout(place, len(layers), float(tallest), len(known) - len(place))


def _neighbors(
    above: Mapping[str, Sequence[str]], column: Mapping[str, int]
) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {key: [] for key in column}
    for child, parents in above.items():
        for parent in parents:
            if child in column and parent in column and column[child] != column[parent]:
                near[child].append(parent)
                near[parent].append(child)
    return near


def _sort(layer: list[str], row: dict[str, float], near: Mapping[str, Sequence[str]]) -> None:
    """Sort a column by the mean row of what its nodes are drawn to, keeping ties as they are."""

    def wanted(key: str) -> float:
        rows = [row[other] for other in near[key]]
        return sum(rows) / len(rows) if rows else row[key]

    layer.sort(key=wanted)
    middle = (len(layer) - 1) / 2
    for position, key in enumerate(layer):
        row[key] = position - middle
