"""What is not known is said so, with what would decide it; and what reaches the model at all."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.unit.model.lineages import KNOWN, edge, judged, lineage, node, told

from weighbridge.model.licensing.graph import MAX_DEPTH
from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.judge_reach import Reach, walk
from weighbridge.model.licensing.use import Use

BASE = "model:org/base"


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("named", "", "only named"),
        ("vanished", "the hub answered 404", "the hub answered 404"),
        ("unavailable", "no connection", "no connection"),
        ("cut", "too many", "too many"),
        ("read", "", "states none"),
    ],
)
def test_an_ancestor_without_a_known_license(state: str, why: str, said: str) -> None:
    verdicts = judged("Free-1.0", "merge", node(BASE, state=state, why=why))
    assert told(verdicts, "undetermined") == [(BASE, "license", "")]
    assert said in verdicts[0].message
    assert verdicts[0].remedy
    assert (BASE, "license", "") not in told(verdicts, "ok")


def test_other_without_a_text() -> None:
    verdicts = judged("Free-1.0", "finetune", node(BASE, "?"))
    assert told(verdicts, "undetermined") == [(BASE, "license", "")]
    assert "'other'" in verdicts[0].message
    explained = judged("Free-1.0", "finetune", node(BASE, "?", detected="Free-1.0"))
    assert told(explained, "undetermined") == []
    beside = judged("Free-1.0", "finetune", node(BASE, "Free-1.0", "?"))
    assert told(beside, "undetermined") == [(BASE, "license", "")]


def test_a_license_whose_clauses_are_not_known() -> None:
    verdicts = judged("Free-1.0", "finetune", node(BASE, "LicenseRef-mystery"))
    assert told(verdicts, "undetermined") == [(BASE, "license", "")]
    assert verdicts[0].license == "LicenseRef-mystery"
    own = judged("LicenseRef-mystery", "finetune", node(BASE, "Rail-1.0"))
    assert ("subject", "license", "") in told(own, "undetermined")


def test_a_known_part_of_an_expression_is_judged_beside_the_unknown_one() -> None:
    verdicts = judged("Free-1.0", "finetune", node(BASE, "Rail-1.0 AND LicenseRef-mystery"))
    assert told(verdicts, "conflict") == [(BASE, "use-policy-flow-down", "")]
    assert told(verdicts, "undetermined") == [(BASE, "license", "")]
    chosen = judged("Free-1.0", "finetune", node(BASE, "LicenseRef-mystery OR Free-1.0"))
    assert told(chosen, "undetermined") == []


def test_what_is_no_expression_is_not_known() -> None:
    verdicts = judged("Free-1.0", "finetune", node(BASE, "Free-1.0 AND ("))
    assert told(verdicts, "undetermined") == [(BASE, "license", "")]


def test_the_model_itself_without_a_license() -> None:
    verdicts = judge(lineage(node("subject")), KNOWN, Use())
    assert told(verdicts, "undetermined") == [("subject", "license", "")]
    assert verdicts[0].path == "this model"


def test_packages_without_a_known_license_are_one_verdict() -> None:
    packages = [node(f"package:p{i}", kind="package", state="named") for i in range(9)]
    steps = [edge("subject", "links", p["key"]) for p in packages]
    verdicts = judge(lineage(node("subject", "Free-1.0"), *packages, *steps), KNOWN, Use())
    assert told(verdicts, "undetermined") == [("package:p0", "license", "")]
    assert "licenses of 9 packages" in verdicts[0].message
    assert "and 4 more" in verdicts[0].message


def test_a_lineage_that_was_cut_is_never_all_right() -> None:
    verdicts = judge(lineage(node("subject", "Free-1.0"), cut="more than 5 requests"), KNOWN, Use())
    assert told(verdicts, "undetermined") == [("subject", "lineage", "")]
    assert "more than 5 requests" in verdicts[0].message


def test_a_chain_longer_than_what_is_followed() -> None:
    keys = ["subject", *(f"model:{i}" for i in range(MAX_DEPTH + 5))]
    chain = [edge(a, "finetune", b) for a, b in itertools.pairwise(keys)]
    graph = lineage(node("subject", "Free-1.0"), *(node(k, "Free-1.0") for k in keys[1:]), *chain)
    verdicts = judge(graph, KNOWN, Use())
    assert told(verdicts, "undetermined") == [(f"model:{MAX_DEPTH - 1}", "lineage", "")]


def test_a_cycle_ends() -> None:
    graph = lineage(
        node("subject", "Free-1.0"), node("model:a", "Free-1.0"), node("model:b", "Rail-1.0"),
        edge("subject", "finetune", "model:a"), edge("model:a", "finetune", "model:b"),
        edge("model:b", "finetune", "model:a"), edge("model:b", "finetune", "subject"),
    )  # fmt: skip
    assert told(judge(graph, KNOWN, Use()), "conflict") == [("model:b", "use-policy-flow-down", "")]


def test_an_edge_to_nowhere_is_passed_over() -> None:
    graph = lineage(node("subject", "Free-1.0"), edge("subject", "finetune", "model:gone"))
    assert {v.answer.value for v in judge(graph, KNOWN, Use())} == {"ok"}


def test_what_reaches_nothing_says_so() -> None:
    for relation in ("evaluated-on", "calibrated-on"):
        verdicts = judged("Free-1.0", relation, node("dataset:d", state="named", kind="dataset"))
        assert ("dataset:d", relation, "") in told(verdicts, "ok")
        assert told(verdicts, "undetermined") == []
        assert "reaches nothing here by itself" in next(
            v.message for v in verdicts if v.node != "subject"
        )


_MODEL, _DATA, _CODE = "model", "dataset", "code"


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ([("finetune", _MODEL)], Reach.WHOLE),
        ([("", _MODEL)], Reach.WHOLE),
        ([("quantized", _MODEL), ("merge", _MODEL), ("adapter", _MODEL)], Reach.WHOLE),
        ([("distilled-from-outputs", _MODEL), ("finetune", _MODEL)], Reach.OUTPUTS),
        ([("finetune", _MODEL), ("distilled-from-outputs", _MODEL)], Reach.OUTPUTS),
        ([("trained-on", _DATA)], Reach.DATA),
        ([("finetune", _MODEL), ("trained-on", _DATA), ("repack", _DATA)], Reach.DATA),
        ([("trained-on", _DATA), ("distilled-from-outputs", _MODEL)], Reach.OUTPUTS),
        ([("trained-on", _DATA), ("bundles", _DATA), ("trained-on", _DATA)], Reach.DATA),
        ([("trained-on", _DATA), ("evaluated-on", _DATA)], Reach.NOTHING),
        ([("distilled-from-outputs", _MODEL), ("trained-on", _DATA)], Reach.NOTHING),
        ([("evaluated-on", _DATA), ("repack", _DATA)], Reach.NOTHING),
        ([("bundles", _CODE)], Reach.BUNDLED),
        ([("bundles", _MODEL), ("finetune", _MODEL)], Reach.BUNDLED),
        ([("finetune", _MODEL), ("bundles", _CODE)], Reach.NOTHING),
        ([("links", "package"), ("links", "package")], Reach.LINKED),
        ([("finetune", _MODEL), ("links", "package")], Reach.NOTHING),
    ],
)
def test_what_of_an_ancestor_is_in_the_model(way: list[tuple[str, str]], expected: Reach) -> None:
    keys = ["subject", *(f"{kind}:{i}" for i, (_, kind) in enumerate(way))]
    kinds: list[Any] = [kind for _, kind in way]
    nodes = [node(key, "Free-1.0", kind=kind) for key, kind in zip(keys[1:], kinds, strict=True)]
    steps = [edge(a, rel, b) for a, b, (rel, _) in zip(keys, keys[1:], way, strict=False)]
    *_, last = walk(lineage(node("subject"), *nodes, *steps))
    assert last.node["key"] == keys[-1]
    assert last.reach is expected


def test_one_ancestor_by_two_ways() -> None:
    graph = lineage(
        node("subject", "Free-1.0"), node("model:mid", "Free-1.0"), node(BASE, "Rail-1.0"),
        node("model:root", "Private-1.0"),
        edge("subject", "distilled-from-outputs", BASE), edge("subject", "finetune", "model:mid"),
        edge("model:mid", "finetune", BASE), edge(BASE, "finetune", "model:root"),
    )  # fmt: skip
    reached = {(r.node["key"], r.reach) for r in walk(graph)}
    assert {(BASE, Reach.OUTPUTS), (BASE, Reach.WHOLE), ("model:root", Reach.WHOLE)} <= reached
    assert ("model:root", "non-commercial", "") in told(judge(graph, KNOWN, Use()), "conflict")
