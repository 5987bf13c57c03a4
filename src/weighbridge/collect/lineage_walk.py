"""From the subject to its ancestors, breadth first, without recursion, as far as cards are had."""

from __future__ import annotations

from weighbridge.collect.lineage_cards import Cards
from weighbridge.collect.lineage_graph import Graph
from weighbridge.collect.lineage_licenses import by_family
from weighbridge.collect.lineage_said import WEIGHTS
from weighbridge.collect.model_ledger import shown
from weighbridge.model.facts.lineage import NodeFacts
from weighbridge.model.licensing.graph import MAX_DEPTH

_FOLLOWED = ("model", "adapter", "dataset")
# What is looked up first where requests are few: whose weights are in it, what it learned from.
_RANK = {"distilled-from-outputs": 1, "trained-on": 2, "bundles": 2, "calibrated-on": 3}


def walk(graph: Graph, cards: Cards, first: list[str]) -> None:
    """Look up each ancestor's card, and draw what it says of its own parents.

    Args:
        graph: with the subject and its parents.
        cards: where cards are had.
        first: the keys of the subject's parents.
    """
    level = first
    if cards.any:
        for depth in range(1, MAX_DEPTH + 1):
            level = _next(graph, cards, _ordered(graph, level))
            if not level:
                break
            if depth == MAX_DEPTH:
                bound = f"ancestors more than {MAX_DEPTH} generations away were not followed"
                graph.cut = graph.cut or bound
                for key in level:
                    if graph.nodes[key]["state"] == "named":
                        graph.nodes[key]["state"], graph.nodes[key]["why"] = "cut", bound
    for node in graph.nodes.values():
        _known_by_name(node)


def _next(graph: Graph, cards: Cards, level: list[str]) -> list[str]:
    """Look up one generation. The keys of the next one."""
    following: list[str] = []
    for key in level:
        node = graph.nodes[key]
        if node["kind"] not in _FOLLOWED or node["state"] != "named":
            continue
        looked = cards.look(node["kind"], node["id"], node["revision"])
        node["state"], node["why"] = looked.state, shown(looked.why)
        if looked.state == "cut":
            graph.cut = graph.cut or looked.why
        if looked.said is None:
            continue
        if looked.said.kind == "adapter":
            node["kind"] = "adapter"
        node["multimodal"] = looked.said.multimodal
        graph.state_licenses(key, looked.said.licenses)
        following += graph.add_parents(key, looked.said)
    return following


def _ordered(graph: Graph, level: list[str]) -> list[str]:
    """The weights first, the data that it was only measured on last."""
    inside = set(level)
    rank: dict[str, int] = {}
    for (_, parent), drawn in graph.edges.items():
        if parent in inside:
            for edge in drawn:
                relation = edge.facts["relation"]
                mine = 0 if relation in WEIGHTS else _RANK.get(relation, 4)
                rank[parent] = min(rank.get(parent, 9), mine)
    order = {key: number for number, key in enumerate(level)}
    return sorted(order, key=lambda key: (rank.get(key, 9), order[key]))


def _known_by_name(node: NodeFacts) -> None:
    """A model whose card was not read may be of a family whose license is known by its name."""
    if node["kind"] not in ("model", "adapter") or node["state"] == "read":
        return
    if not any(statement["symbols"] for statement in node["licenses"]):
        found = by_family(node["id"])
        if found is not None:
            node["licenses"].append(found)
