"""Lineages and their evidence for tests: small graphs under licenses of the knowledge base."""

from __future__ import annotations

from typing import Any

from weighbridge.licensing import knowledge
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.terms import Terms, to_facts

LLAMA_31 = "LicenseRef-scancode-llama-3.1-license-2024"
GEMMA = "LicenseRef-scancode-gemma-tou-2025-03-24"
QWEN = "LicenseRef-scancode-qwen-2024"


def node(key: str, *ids: str, how: str = "declared", **more: Any) -> dict[str, Any]:
    """A node; ``key`` is ``kind:id``. Each id may be an expression."""
    kind, _, name = key.partition(":")
    licenses = [
        {
            "how": how,
            "raw": i.lower(),
            "id": i,
            "symbols": [w for w in i.split() if w not in ("OR", "AND")],
            "place": _place("", 0),
        }
        for i in ids
    ]
    return {
        "key": key, "kind": kind if name else "model", "id": name, "revision": "",
        "licenses": licenses, "state": "read", "why": "", "multimodal": False, **more,
    }  # fmt: skip


def edge(child: str, relation: str, parent: str, line: int = 3) -> dict[str, Any]:
    return {
        "child": child, "parent": parent, "relation": relation, "basis": "declared",
        "pinned": False, "place": _place("README.md", line),
    }  # fmt: skip


def _place(path: str, line: int) -> dict[str, Any]:
    return {"path": path, "key": "base_model", "line": line, "method": "declared"}


def facts(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
    subject = node("subject")
    return {"nodes": [subject, *nodes], "edges": edges, "disputes": [], "asked": [], "cut": ""}


def graph(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> Lineage:
    return Lineage.of(facts(nodes, edges))  # type: ignore[arg-type]


def one(relation: str, *ids: str, parent: str = "model:acme/base", **more: Any) -> Lineage:
    """The subject and one parent."""
    return graph([node(parent, *ids, **more)], [edge("subject", relation, parent)])


def terms(*ids: str) -> dict[str, Terms]:
    found = {i: knowledge.terms(i) for i in ids}
    missing = [i for i, t in found.items() if t is None]
    assert not missing, f"the knowledge base lacks {missing}"
    return {i: t for i, t in found.items() if t is not None}


def evidence(drawn: dict[str, Any], *ids: str) -> tuple[Evidence, ...]:
    """The evidence of a lineage and the licenses in it."""
    lineage = Evidence(
        EvidenceKind.LINEAGE, "", EvidenceState.OBSERVED, "snapshot", "lineage@1", data=drawn
    )
    known = (
        Evidence(
            EvidenceKind.TERMS, i, EvidenceState.OBSERVED, "knowledge base", "lineage@1",
            data=to_facts(t),
        )
        for i, t in terms(*ids).items()
    )  # fmt: skip
    return (lineage, *known)
