"""What the views of a lineage say of nodes and edges, in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weighbridge.edge.text import visible
from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts
from weighbridge.model.licensing.graph import SUBJECT

# Code points that no XML document may hold and that are no control characters (XML 1.0, 2.2).
_NONCHARACTERS = re.compile("[\ufffe\uffff\ufdd0-\ufdef]")
_LICENSE_REF = re.compile(r"LicenseRef-(?:scancode-)?")
_FAILED = ("vanished", "unavailable", "cut")
_LOOKED_UP = ("model", "adapter", "dataset")


def safe(text: str, limit: int = 300) -> str:
    """One line without control, bidirectional or forbidden characters."""
    return _NONCHARACTERS.sub("\N{REPLACEMENT CHARACTER}", visible(text, limit))


def name(node: NodeFacts) -> str:
    """What a node is called."""
    called = node["id"] or "this model"
    revision = node["revision"]
    pinned = revision[:12] if len(revision) >= 40 else revision
    return safe(f"{called}@{pinned}" if pinned and node["key"] != SUBJECT else called)


def relation(edge: EdgeFacts) -> str:
    """How the child came from the parent, in one word."""
    return edge["relation"] or "base"


def license_words(node: NodeFacts) -> str:
    """The licenses stated of a node, each once with how it is known; empty where none is."""
    found: dict[str, list[str]] = {}
    for one in node["licenses"]:
        called = _LICENSE_REF.sub("", one["id"]) or f"'{one['raw']}', which is not known"
        how = found.setdefault(safe(called), [])
        if one["how"] not in how:
            how.append(one["how"])
    return "; ".join(f"{called} ({', '.join(how)})" for called, how in found.items())


def is_known(node: NodeFacts) -> bool:
    """Whether any statement on the node's license names one that is known."""
    return any(one["symbols"] for one in node["licenses"])


def state_words(node: NodeFacts) -> str:
    """What became of looking the node up, empty where it was read or nobody was asked."""
    if node["state"] not in _FAILED:
        return ""
    return f"{node['state']}: {safe(node['why'])}" if node["why"] else node["state"]


def unread(facts: LineageFacts) -> list[NodeFacts]:
    """The nodes that could not be read, though somebody was asked about them."""
    asked = bool(facts["asked"])
    return [
        node
        for node in facts["nodes"]
        if node["state"] in _FAILED
        or (asked and node["state"] == "named" and node["kind"] in _LOOKED_UP)
    ]


def unasked(facts: LineageFacts) -> list[NodeFacts]:
    """The ancestors that nobody was asked about."""
    if facts["asked"]:
        return []
    return [n for n in facts["nodes"] if n["state"] == "named" and n["kind"] in _LOOKED_UP]


def parents_of(edges: Iterable[EdgeFacts]) -> dict[str, list[EdgeFacts]]:
    """The edges by their child."""
    found: dict[str, list[EdgeFacts]] = {}
    for edge in edges:
        found.setdefault(edge["child"], []).append(edge)
    return found
