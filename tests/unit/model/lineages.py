"""Lineages and terms made by hand, for the tests of the verdict engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from weighbridge.model.facts.lineage import EdgeFacts, NodeFacts
from weighbridge.model.facts.model import PlaceFacts
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.terms import (
    Answer,
    Basis,
    Clause,
    Mode,
    Terms,
    Text,
)
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Verdict

DIGEST = "a" * 64
PLACE: PlaceFacts = {"path": "README.md", "key": "base_model", "line": 3, "method": "declared"}
GRANTS = ("use", "modify", "redistribute", "commercial", "hosted-service", "use-outputs",
          "train-on-outputs")  # fmt: skip


def node(
    key: str,
    *licenses: str,
    kind: Any = "model",
    state: Any = "read",
    why: str = "",
    multimodal: bool | None = False,
    **others: str,
) -> NodeFacts:
    """A node; ``others`` are statements by ``how``. A license of ``?`` names no text."""
    said = [("declared", one) for one in licenses] + list(others.items())
    return {
        "key": key,
        "kind": kind,
        "id": "" if key == "subject" else key.partition(":")[2],
        "revision": "",
        "licenses": [
            {
                "how": how,  # type: ignore[typeddict-item]
                "raw": "other" if one == "?" else one,
                "id": "" if one == "?" else one,
                "symbols": [] if one == "?" else [one],
                "place": PLACE,
            }
            for how, one in said
        ],
        "state": state,
        "why": why,
        "multimodal": multimodal,
    }


def edge(child: str, relation: Any, parent: str, basis: Any = "declared") -> EdgeFacts:
    return {
        "child": child,
        "parent": parent,
        "relation": relation,
        "basis": basis,
        "pinned": False,
        "place": {**PLACE, "line": 7},
    }


def lineage(*things: NodeFacts | EdgeFacts, cut: str = "") -> Lineage:
    nodes = [t for t in things if "kind" in t]
    edges = [t for t in things if "child" in t]
    return Lineage.of({"nodes": nodes, "edges": edges, "disputes": [], "asked": [], "cut": cut})


def terms(
    license_id: str,
    *,
    kind: str = "model",
    no: Iterable[str] = (),
    conditional: Iterable[str] = (),
    unsettled: Iterable[str] = (),
    silent: Iterable[str] = (),
    obliges: Iterable[Clause] = (),
    restricts: Iterable[Clause] = (),
    propagates: Iterable[Clause] = (),
    family: str = "",
    also: tuple[str, ...] = (),
) -> Terms:
    """A license that grants everything but what is named."""
    answers = dict.fromkeys(GRANTS, Answer.YES)
    answers |= dict.fromkeys(no, Answer.NO)
    answers |= dict.fromkeys(conditional, Answer.CONDITIONAL)
    answers |= dict.fromkeys(unsettled, Answer.UNSETTLED)
    permits = tuple(
        clause(
            word, f"P-{word}", answer=answer,
            basis=Basis.UNSETTLED if answer is Answer.UNSETTLED else Basis.TEXT,
        )
        for word, answer in answers.items()
        if word not in tuple(silent)
    )  # fmt: skip
    return Terms(
        id=license_id,
        name=f"{license_id} License",
        kind=kind,
        read="text",
        reviewed=False,
        family=family,
        also=also,
        texts=(Text("license", DIGEST, ""), Text("use-policy", "b" * 64, "")),
        permits=permits,
        obliges=tuple(obliges),
        restricts=tuple(restricts),
        propagates=tuple(propagates),
    )


def clause(word: str, where: str = "1", *, basis: Basis = Basis.TEXT, **more: Any) -> Clause:
    return Clause(word, where, basis, **more)


def spreads(word: str, mode: Mode, *, basis: Basis = Basis.TEXT, value: str = "") -> Clause:
    return clause(word, f"S-{word}", mode=mode, basis=basis, value=value)


_NOTICE = (
    spreads("copy", Mode.NOTICE),
    spreads("modified", Mode.NOTICE),
    spreads("distilled-from-outputs", Mode.NONE),
)
_SAME = (spreads("copy", Mode.SAME_LICENSE), spreads("modified", Mode.SAME_LICENSE))
_DOWN = (spreads("copy", Mode.FLOW_DOWN), spreads("modified", Mode.FLOW_DOWN))
FREE = terms(
    "Free-1.0",
    kind="software",
    obliges=[clause("license-copy", "2", uses=("weights", "application"))],
    propagates=_NOTICE,
)
OTHER_FREE = terms("Other-Free-1.0", kind="software", propagates=_NOTICE)
PRIVATE = terms("Private-1.0", restricts=[clause("non-commercial", "2.a")], propagates=_NOTICE,
                no=["commercial"])  # fmt: skip
CAPPED = terms(
    "Capped-1.0",
    family="capped",
    obliges=[
        clause("badge", "1.b", value="Built with Capped", uses=("weights", "service")),
        clause("name-prefix", "1.b.i", value="Capped", uses=("weights",)),
    ],
    restricts=[
        clause("users-cap", "2", value="1000"),
        clause("field-of-use", "all", text="use-policy"),
        clause("territory", "T", text="use-policy", value="EU", models=("multimodal",)),
    ],
    propagates=[
        *_DOWN,
        spreads("distilled-from-outputs", Mode.FLOW_DOWN, value="name-prefix"),
    ],
    conditional=["train-on-outputs", "commercial"],
)
RAIL = terms(
    "Rail-1.0",
    obliges=[clause("use-policy-flow-down", "4.a")],
    restricts=[clause("field-of-use", "A")],
    propagates=[
        *_DOWN,
        spreads("distilled-from-outputs", Mode.FLOW_DOWN),
        spreads("hosted", Mode.FLOW_DOWN),
    ],
)
SHARED = terms("Shared-1.0", kind="content", propagates=_SAME)
FIXED = terms("Fixed-1.0", kind="content", restricts=[clause("no-derivatives", "3.a")],
              propagates=[spreads("copy", Mode.NOTICE)])  # fmt: skip
COPYLEFT = terms("GPL-3.0-only", kind="software", propagates=_SAME)
LIBRARY = terms("LGPL-3.0-only", kind="software", propagates=_SAME)
NETWORK = terms(
    "AGPL-3.0-only",
    kind="software",
    obliges=[clause("network-source", "13", uses=("service",))],
    propagates=[
        *_SAME,
        spreads("hosted", Mode.SAME_LICENSE),
        spreads("trained-on", Mode.SAME_LICENSE, basis=Basis.UNSETTLED),
        clause("trained-on", "said", mode=Mode.SAME_LICENSE, basis=Basis.STATEMENT,
               models=("yolotrainer",)),
    ],
)  # fmt: skip
CLOSED = terms(
    "Closed-3",
    no=["train-on-outputs"],
    restricts=[clause("no-train-others", "1.b.v")],
    propagates=[*_DOWN, spreads("distilled-from-outputs", Mode.NONE)],
)
KNOWN = {
    t.id: t
    for t in (
        *(FREE, OTHER_FREE, PRIVATE, CAPPED, RAIL, SHARED, FIXED, COPYLEFT, LIBRARY, NETWORK),
        CLOSED,
    )
}


def judged(
    own: str,
    relation: str,
    parent: NodeFacts,
    use: Use | None = None,
    *extra: Terms,
    basis: str = "declared",
) -> tuple[Verdict, ...]:
    """A subject under a license that came from one thing."""
    graph = lineage(
        node("subject", *([own] if own else [])), parent,
        edge("subject", relation, parent["key"], basis),
    )  # fmt: skip
    return judge(graph, KNOWN | {t.id: t for t in extra}, use or Use())


def told(verdicts: Iterable[Verdict], answer: str) -> list[tuple[str, str, str]]:
    """The ancestor, the clause's word and what is asked, of one answer."""
    return [(v.node, v.word, ",".join(v.asks)) for v in verdicts if v.answer == answer]
