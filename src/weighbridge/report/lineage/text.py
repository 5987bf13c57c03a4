"""A lineage as a tree for people, in 80 columns: each node once, its license and why we know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.report.console.wrap import wrap
from weighbridge.report.lineage import words

WIDTH = 79
MAX_LINES = 5_000
_MAX_DEPTH = 16  # of indentation; deeper nodes stand at the same column
_SHOWN_PACKAGES = 12
_LEGEND = (
    "Each line says how the one above came from it, and what that rests on: declared in a field "
    "made for it, computed from a tool's file, inferred, or read in prose."
)


def render(facts: LineageFacts) -> str:
    """The tree, what is disputed, and what could not be read."""
    lines = [*_tree(facts)]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"… and {len(lines) - MAX_LINES} lines more: --format json"]
    if len(facts["nodes"]) > 1:
        lines += ["", *wrap(_LEGEND, WIDTH)]
    if facts["disputes"]:
        lines += ["", "Disputed:"]
        for dispute in facts["disputes"]:
            text = f"{dispute['kind']}: {words.safe(dispute['message'], 500)}"
            lines += wrap(text, WIDTH, "  ", "    ")
    lines += _unread(facts)
    lines += ["", *wrap(_counts(facts), WIDTH)]
    return "\n".join(lines) + "\n"


def _tree(facts: LineageFacts) -> Iterator[str]:
    nodes = {node["key"]: node for node in facts["nodes"]}
    above = words.parents_of(facts["edges"])
    yield from wrap(words.name(nodes[SUBJECT]), WIDTH, "", "  ")
    yield from _about(nodes[SUBJECT], "  ")
    drawn = {SUBJECT}
    # (an edge, or a line to print as it is; the lead of its own lines; the lead of what follows)
    stack = _branches(above.get(SUBJECT, ()), nodes, "")
    while stack:
        edge, text, lead, rest = stack.pop()
        if edge is None:
            yield from wrap(text, WIDTH, lead, rest)
            continue
        node = nodes[edge["parent"]]
        again = node["key"] in drawn
        pinned = "" if node["kind"] in ("package", "code") else _pin(edge)
        basis = f"[{edge['basis']}{pinned}]"
        seen = " (see above)" if again else ""
        kind = "" if node["kind"] == "model" else f"{node['kind']} "
        text = f"{words.relation(edge)}: {kind}{words.name(node)} {basis}{seen}"
        yield from wrap(text, WIDTH, lead, rest + "  ")
        if again:
            continue
        drawn.add(node["key"])
        more = above.get(node["key"], ())
        yield from _about(node, rest + ("│ " if more else "  "))
        stack += _branches(more, nodes, rest)


_Branch = tuple[EdgeFacts | None, str, str, str]


def _branches(edges: Sequence[EdgeFacts], nodes: dict[str, NodeFacts], lead: str) -> list[_Branch]:
    """A node's parents, the last first, as a stack takes them."""
    if len(lead) >= 3 * _MAX_DEPTH:
        lead = lead[: 3 * (_MAX_DEPTH - 1)]
    packages = [e for e in edges if nodes[e["parent"]]["kind"] == "package"]
    hidden = packages[_SHOWN_PACKAGES:] if len(packages) > _SHOWN_PACKAGES + 1 else []
    left_out = {edge["parent"] for edge in hidden}
    shown = [edge for edge in edges if edge["parent"] not in left_out]
    branches: list[_Branch] = [(edge, "", f"{lead}├─ ", f"{lead}│  ") for edge in shown]
    if hidden:
        text = f"links: {len(hidden)} more packages (--format json)"
        branches.append((None, text, f"{lead}├─ ", f"{lead}│  "))
    if branches:
        edge, text, _, _ = branches[-1]
        branches[-1] = (edge, text, f"{lead}└─ ", f"{lead}   ")
    return branches[::-1]


def _pin(edge: EdgeFacts) -> str:
    return ", pinned" if edge["pinned"] else ""


def _about(node: NodeFacts, lead: str) -> Iterator[str]:
    stated = words.license_words(node)
    text = f"license: {stated}" if stated else "license: none known"
    yield from wrap(text, WIDTH, lead, f"{lead}  ")
    state = words.state_words(node)
    if state:
        yield from wrap(state, WIDTH, lead, f"{lead}  ")


def _unread(facts: LineageFacts) -> Iterator[str]:
    missed = words.unread(facts)
    if missed or facts["cut"]:
        yield ""
        yield "Not read:"
    if facts["cut"]:
        yield from wrap(words.safe(facts["cut"]), WIDTH, "  ", "    ")
    by_reason: dict[str, list[str]] = {}
    for node in missed:
        reason = words.state_words(node) or f"not in {words.safe(', '.join(facts['asked']))}"
        by_reason.setdefault(reason, []).append(words.name(node))
    for reason, names in by_reason.items():
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        yield from wrap(f"{', '.join(names[:5])}{more}: {reason}", WIDTH, "  ", "    ")
    unasked = words.unasked(facts)
    if unasked:
        yield ""
        text = (
            f"Nobody was asked about {len(unasked)} of its ancestors. Give their cards with "
            "--cards DIR, or name a hub to ask with --hub-url URL."
        )
        yield from wrap(text, WIDTH)


def _counts(facts: LineageFacts) -> str:
    nodes = facts["nodes"][1:]
    of_kind = {k: sum(n["kind"] == k for n in nodes) for k in ("model", "adapter", "dataset",
                                                               "code", "package")}  # fmt: skip
    parts = [f"{kind}s: {count}" for kind, count in of_kind.items() if count]
    known = sum(words.is_known(node) for node in nodes)
    return " · ".join([*parts, f"with a known license: {known} of {len(nodes)}"])
