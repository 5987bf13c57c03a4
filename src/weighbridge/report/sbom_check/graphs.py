"""Circles in a graph of references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from weighbridge.edge.text import visible

_SHOWN = 6


def circles(graph: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Groups of two or more nodes each of which leads to every other one, each group sorted.

    Kosaraju's algorithm, without recursion: a document may hold a chain of any length. Takes time
    in proportion to nodes and edges.
    """
    backwards: dict[str, list[str]] = {node: [] for node in graph}
    for node, targets in graph.items():
        for target in targets:
            if target in graph:
                backwards[target].append(node)
    seen: set[str] = set()
    left = [node for root in graph for node in _after(root, graph, seen)]
    seen.clear()
    for root in reversed(left):
        group = list(_after(root, backwards, seen))
        if len(group) > 1:
            yield sorted(group)


def _after(root: str, graph: Mapping[str, Sequence[str]], seen: set[str]) -> Iterator[str]:
    """The nodes that are reached from one and were not seen, each after those that it leads to."""
    if root in seen:
        return
    seen.add(root)
    work = [(root, iter(graph[root]))]
    while work:
        node, targets = work[-1]
        for target in targets:
            if target in graph and target not in seen:
                seen.add(target)
                work.append((target, iter(graph[target])))
                break
        else:
            work.pop()
            yield node


def in_words(circle: Sequence[str]) -> str:
    """The first names of a circle, and how many more there are."""
    names = ", ".join(visible(name, 80) for name in circle[:_SHOWN])
    more = len(circle) - _SHOWN
    return f"{names} and {more} more" if more > 0 else names
