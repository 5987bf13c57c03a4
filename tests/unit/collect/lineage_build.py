"""Subjects and folders of cards for the tests of lineage, and the graph that is read of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weighbridge.collect import datasets, licenses, lineage, model, packages
from weighbridge.collect.context import CollectContext, RawStore, Services
from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.licensing.graph import Lineage
from weighbridge.snapshot.take import take_snapshot

DAY = dt.date(2026, 11, 20)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def card(text: str = "", **front: Any) -> str:
    """A model card; JSON is YAML."""
    return f"---\n{json.dumps(front)}\n---\n{text}\n"


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    """Files by path: text, bytes, or JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return folder


class Drawn:
    """The evidence of a run, and the graph in it."""

    def __init__(self, evidence: tuple[Evidence, ...], store: RawStore) -> None:
        (self.graph,) = [e for e in evidence if e.kind is EvidenceKind.LINEAGE]
        self.terms = {e.about: e for e in evidence if e.kind is EvidenceKind.TERMS}
        self.store = store
        assert self.graph.state is EvidenceState.OBSERVED, self.graph.reason
        assert all(e.digest for e in evidence), "every value can stand in canonical JSON"
        self.facts: Any = thaw(self.graph.data)
        assert self.facts["nodes"][0]["key"] == "subject"
        assert list(Lineage.of(self.facts).paths()) is not None
        keys = [node["key"] for node in self.facts["nodes"]]
        assert len(keys) == len(set(keys))
        assert all(e[end] in set(keys) for e in self.facts["edges"] for end in ("child", "parent"))

    def edges(self, child: str = "subject") -> list[tuple[str, str, str]]:
        """Relation, parent and basis of a node's edges."""
        edges = [e for e in self.facts["edges"] if e["child"] == child]
        return [(e["relation"], e["parent"], e["basis"]) for e in edges]

    def node(self, key: str) -> Any:
        """A node by its key."""
        return next(node for node in self.facts["nodes"] if node["key"] == key)

    def licenses(self, key: str) -> list[tuple[str, str]]:
        """How and what, of a node's licenses."""
        return [(one["how"], one["id"]) for one in self.node(key)["licenses"]]


def draw(folder: Path, *, offline: bool = True, **services: Any) -> Drawn:
    """What the collectors make of a subject."""
    store = RawStore()
    snapshot = take_snapshot(folder)
    earlier: dict[EvidenceKind, tuple[Evidence, ...]] = {}
    found: tuple[Evidence, ...] = ()
    for collector in (model, packages, licenses, datasets, lineage):
        context = CollectContext(
            snapshot, DAY, offline, services=Services(**services), store=store,
            earlier=dict(earlier),
        )  # fmt: skip
        found = tuple(collector.collect(context))
        for kind in collector.KINDS:
            earlier[kind] = tuple(e for e in found if e.kind is kind)
    return Drawn(found, store)
