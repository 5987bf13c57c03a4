"""The graph of what came from what, as it grows; bounded, and free of duplicates.

Two places that name the same parent make one edge. The one that was written down goes before one
that a tool computed, that before a conclusion, and a sentence comes last; a relation that a place
states goes before one that was worked out. Two stated relations that differ stay two edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from weighbridge.collect.lineage_licenses import MAX_STATEMENTS
from weighbridge.collect.lineage_said import MAX_ID, WEIGHTS, Kind, Parent, Said
from weighbridge.collect.model_ledger import shown
from weighbridge.collect.model_names import is_commit
from weighbridge.model.facts.lineage import (
    MAX_NODES,
    DisputeFacts,
    EdgeFacts,
    LineageFacts,
    NodeFacts,
    NodeLicenseFacts,
)
from weighbridge.model.licensing.graph import SUBJECT

MAX_EDGES = 60_000
_BASES = ("declared", "computed", "inferred", "prose")
_MAIN = ("", "main", "master")


@dataclass(slots=True)
class _Drawn:
    """An edge, and whether its relation was worked out and not stated."""

    facts: EdgeFacts
    weak: bool


@dataclass(slots=True)
class Graph:
    """Nodes by key in the order found, the subject first; edges by child and parent."""

    own_id: str
    nodes: dict[str, NodeFacts] = field(default_factory=dict)
    edges: dict[tuple[str, str], list[_Drawn]] = field(default_factory=dict)
    disputes: list[DisputeFacts] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cut: str = ""
    _keys: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _drawn: int = 0

    def add_subject(self, said: Said, revision: str) -> None:
        """The model itself."""
        self.nodes[SUBJECT] = {
            "key": SUBJECT,
            "kind": said.kind,
            "id": shown(self.own_id, MAX_ID),
            "revision": revision,
            "licenses": said.licenses[:MAX_STATEMENTS],
            "state": "unavailable" if said.unread else "read",
            "why": shown(said.unread),
            "multimodal": said.multimodal,
        }

    def add_parents(self, child: str, said: Said) -> list[str]:
        """Draw what one thing says of its parents. The keys of nodes that were not there before."""
        pins: dict[tuple[str, str], str] = {}
        for parent in said.parents:
            if _revision(parent):
                pins.setdefault((parent.kind, parent.id.casefold()), _revision(parent))
        new: list[str] = []
        for parent in said.parents:
            revision = _revision(parent) or pins.get((parent.kind, parent.id.casefold()), "")
            key = self._node(parent, revision, new)
            if key and key != child:
                self._edge(child, key, parent)
        return new

    def _node(self, parent: Parent, revision: str, new: list[str]) -> str:
        """The key of a parent, empty where there is no more room."""
        name = parent.id.casefold()
        if not name:
            return ""
        if parent.kind in ("model", "adapter") and name == self.own_id.casefold() and "/" in name:
            return SUBJECT
        group: Kind = "model" if parent.kind == "adapter" else parent.kind
        known = self._keys.get((group, name, revision))
        if known is None:
            if len(self.nodes) >= MAX_NODES:
                self.cut = self.cut or f"more than {MAX_NODES} nodes"
                return ""
            known = f"{parent.kind}:{parent.id}" + (f"@{revision}" if revision else "")
            self._keys[group, name, revision] = known
            self.nodes[known] = {
                "key": known,
                "kind": parent.kind,
                "id": parent.id,
                "revision": revision,
                "licenses": [],
                "state": parent.state,
                "why": "",
                "multimodal": None,
            }
            new.append(known)
        self.state_licenses(known, parent.licenses)
        return known

    def state_licenses(self, key: str, licenses: Sequence[NodeLicenseFacts]) -> None:
        """Add statements on a node's license; the same one from the same place is one."""
        held = self.nodes[key]["licenses"]
        for one in licenses:
            if one not in held and len(held) < MAX_STATEMENTS:
                held.append(one)

    def _edge(self, child: str, parent: str, claim: Parent) -> None:
        weak = claim.concluded or claim.relation == "" or claim.basis in ("inferred", "prose")
        facts: EdgeFacts = {
            "child": child,
            "parent": parent,
            "relation": claim.relation,
            "basis": claim.basis,
            "pinned": is_commit(claim.revision),
            "place": claim.place,
        }
        drawn = self.edges.setdefault((child, parent), [])
        holds = claim.relation in WEIGHTS
        rivals = [e for e in drawn if (e.facts["relation"] in WEIGHTS) == holds]
        if not holds:
            rivals = [e for e in rivals if e.facts["relation"] == claim.relation]
        for known in rivals:
            if known.facts["relation"] == claim.relation or weak or known.weak:
                _join(known, facts, weak=weak)
                return
        if self._drawn >= MAX_EDGES:
            self.cut = self.cut or f"more than {MAX_EDGES} edges"
            return
        self._drawn += 1
        drawn.append(_Drawn(facts, weak))

    def all_edges(self) -> list[EdgeFacts]:
        """Every edge, children in the order found."""
        order = {key: number for number, key in enumerate(self.nodes)}
        pairs = sorted(self.edges, key=lambda pair: (order[pair[0]], order[pair[1]]))
        return [drawn.facts for pair in pairs for drawn in self.edges[pair]]

    def facts(self) -> LineageFacts:
        """The graph as evidence has it."""
        return {
            "nodes": list(self.nodes.values()),
            "edges": self.all_edges(),
            "disputes": self.disputes,
            "asked": self.asked,
            "cut": self.cut,
        }


def _revision(parent: Parent) -> str:
    return "" if parent.revision in _MAIN else parent.revision


def _join(known: _Drawn, facts: EdgeFacts, *, weak: bool) -> None:
    """One edge of two that mean the same."""
    held = known.facts
    if known.weak and facts["relation"] and (not weak or not held["relation"]):
        held["relation"], known.weak = facts["relation"], weak
    held["pinned"] = held["pinned"] or facts["pinned"]
    if _BASES.index(facts["basis"]) < _BASES.index(held["basis"]):
        held["basis"], held["place"] = cast("object", facts["basis"]), facts["place"]  # type: ignore[typeddict-item]
