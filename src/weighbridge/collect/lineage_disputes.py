"""Claims in the graph that do not agree: cycles, two relations to one parent, two bases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from weighbridge.collect.lineage_graph import Graph
from weighbridge.collect.lineage_said import WEIGHTS, base_name, is_card
from weighbridge.collect.model_ledger import shown
from weighbridge.model.facts.lineage import DisputeFacts, EdgeFacts

MAX_DISPUTES = 200
_NAMED = 10  # nodes of a cycle that the message names


def disputes(graph: Graph) -> list[DisputeFacts]:
    """Every dispute, at most :data:`MAX_DISPUTES`."""
    edges = graph.all_edges()
    above: dict[str, list[EdgeFacts]] = {}
    for edge in edges:
        above.setdefault(edge["child"], []).append(edge)
    found = [*_cycles(graph, above), *_relations(graph, above), *_bases(graph, above)]
    return found[:MAX_DISPUTES]


def _name(graph: Graph, key: str) -> str:
    return graph.nodes[key]["id"] or "this model"


def _cycles(graph: Graph, above: Mapping[str, Sequence[EdgeFacts]]) -> Iterator[DisputeFacts]:
    for keys in _components({k: [e["parent"] for e in es] for k, es in above.items()}, graph.nodes):
        inside = set(keys)
        ordered = [key for key in graph.nodes if key in inside]
        edge = next(e for e in above[ordered[0]] if e["parent"] in inside)
        names = ", ".join(_name(graph, key) for key in ordered[:_NAMED])
        yield {
            "kind": "cycle",
            "keys": ordered,
            "message": shown(f"each is named as an ancestor of the other: {names}"),
            "place": edge["place"],
        }


def _components(above: Mapping[str, Sequence[str]], nodes: Iterable[str]) -> Iterator[list[str]]:
    """The strongly connected components of more than one node (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    for root in nodes:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        work = [(root, iter(above.get(root, ())))]
        while work:
            key, parents = work[-1]
            for parent in parents:
                if parent not in index:
                    index[parent] = low[parent] = len(index)
                    stack.append(parent)
                    waiting.add(parent)
                    work.append((parent, iter(above.get(parent, ()))))
                    break
                if parent in waiting:
                    low[key] = min(low[key], index[parent])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    at = stack.index(key)
                    component = stack[at:]
                    del stack[at:]
                    waiting.difference_update(component)
                    if len(component) > 1:
                        yield component


def _relations(graph: Graph, above: Mapping[str, Sequence[EdgeFacts]]) -> Iterator[DisputeFacts]:
    """One parent whose weights it holds, by two relations that were both stated."""
    for child, edges in above.items():
        stated: dict[str, list[EdgeFacts]] = {}
        for edge in edges:
            if edge["relation"] in WEIGHTS:
                stated.setdefault(edge["parent"], []).append(edge)
        for parent, rivals in stated.items():
            if len(rivals) > 1:
                words = " and ".join(f"{e['relation']} ({e['place']['path']})" for e in rivals)
                yield {
                    "kind": "relation",
                    "keys": [child, parent],
                    "message": shown(
                        f"{_name(graph, child)} came from {_name(graph, parent)} by {words}"
                    ),
                    "place": rivals[0]["place"],
                }


def _bases(graph: Graph, above: Mapping[str, Sequence[EdgeFacts]]) -> Iterator[DisputeFacts]:
    """A card and an adapter's configuration that name other bases.

    A base that was made from the other one, as far as the graph tells, is none of these.
    """
    for child, edges in above.items():
        card = [e for e in edges if is_card(e["place"]["path"]) and e["basis"] == "declared"
                and e["relation"] in WEIGHTS]  # fmt: skip
        config = [e for e in edges if base_name(e["place"]["path"]) == "adapter_config.json"]
        named = {edge["parent"] for edge in card}
        for edge in config:
            if not named or edge["parent"] in named:
                continue
            if any(_leads(above, edge["parent"], n) or _leads(above, n, edge["parent"])
                   for n in named):  # fmt: skip
                continue
            others = ", ".join(_name(graph, key) for key in sorted(named))
            yield {
                "kind": "base",
                "keys": [child, edge["parent"], *sorted(named)],
                "message": shown(
                    f"{edge['place']['path']} names {_name(graph, edge['parent'])} as the base, "
                    f"and {card[0]['place']['path']} names {others}"
                ),
                "place": edge["place"],
            }


def _leads(above: Mapping[str, Sequence[EdgeFacts]], start: str, end: str) -> bool:
    """Whether a node is another's ancestor."""
    seen, waiting = {start}, [start]
    while waiting:
        for edge in above.get(waiting.pop(), ()):
            parent = edge["parent"]
            if parent == end:
                return True
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return False
