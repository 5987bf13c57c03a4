"""The stated use, against every license that reaches the model."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.model.lineages import KNOWN, clause, edge, judged, lineage, node, terms, told

from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.terms import Basis
from weighbridge.model.licensing.use import Activity, Purpose, Use

BASE = "model:org/base"
DATA = "dataset:org/data"


def use(*activities: str, **others: Any) -> Use:
    return Use(activities=frozenset(Activity(a) for a in activities), **others)


COMMERCIAL = use("service", purpose=Purpose.COMMERCIAL)
RESEARCH = use("internal", purpose=Purpose.RESEARCH)


def test_non_commercial_weights_and_data() -> None:
    base = node(BASE, "Private-1.0")
    assert told(judged("Private-1.0", "finetune", base, COMMERCIAL), "conflict") == [
        ("subject", "non-commercial", ""),
        (BASE, "non-commercial", ""),
    ]
    for answer in ("conflict", "undetermined"):
        assert told(judged("Private-1.0", "finetune", base, RESEARCH), answer) == []
    data = node(DATA, "Private-1.0", kind="dataset")
    verdicts = judged("Private-1.0", "trained-on", data, COMMERCIAL)
    by_node = {v.node: v for v in verdicts if v.answer == "conflict"}
    assert by_node[DATA].basis is Basis.INTERPRETATION
    assert by_node["subject"].basis is Basis.TEXT


def test_a_purpose_that_was_not_stated_is_asked_once() -> None:
    graph = lineage(
        node("subject", "Private-1.0"), node(BASE, "Private-1.0"),
        node(DATA, "Private-1.0", kind="dataset"),
        edge("subject", "finetune", BASE), edge("subject", "trained-on", DATA),
    )  # fmt: skip
    verdicts = judge(graph, KNOWN, Use())
    assert told(verdicts, "undetermined") == [("subject", "non-commercial", "purpose")]
    assert "3 clauses depend on it" in verdicts[0].message
    assert "--use commercial" in verdicts[0].remedy
    assert told(verdicts, "ok") == []


@pytest.mark.parametrize(
    ("stated", "conflict", "asked"),
    [(None, False, True), (1000, False, False), (1001, True, False), (0, False, False)],
)
def test_the_cap_on_users(stated: int | None, conflict: bool, asked: bool) -> None:
    verdicts = judged("Capped-1.0", "finetune", node(BASE, "Capped-1.0"), use(users=stated))
    capped = [v for v in verdicts if v.word == "users-cap"]
    assert any(v.answer == "conflict" for v in capped) is conflict
    assert any(v.asks == ("users",) for v in capped) is asked


def test_the_cap_on_revenue_is_for_commercial_use() -> None:
    cap = terms("Money", restricts=[clause("revenue-cap", value="1000000")])
    base = node(BASE, "Money")

    def answers(**stated: Any) -> set[tuple[str, str]]:
        found = judged("Money", "finetune", base, use("internal", **stated), cap)
        return {(v.answer.value, ",".join(v.asks)) for v in found if v.word == "revenue-cap"}

    assert answers(purpose=Purpose.COMMERCIAL) == {("undetermined", "revenue")}
    assert answers(purpose=Purpose.COMMERCIAL, revenue=2_000_000) == {("conflict", "")}
    assert answers(purpose=Purpose.COMMERCIAL, revenue=1) == set()
    assert answers(purpose=Purpose.RESEARCH) == set()


def test_a_cap_without_a_number_is_not_known() -> None:
    cap = terms("Odd", restricts=[clause("users-cap", value="many")])
    verdicts = judged("Odd", "finetune", node(BASE, "Odd"), use(users=5), cap)
    assert (BASE, "users-cap", "") in told(verdicts, "undetermined")


@pytest.mark.parametrize(
    ("multimodal", "territory", "expected"),
    [
        (True, {"DE"}, "conflict"),
        (True, {"EU"}, "conflict"),
        (True, {"US", "CH"}, None),
        (True, set(), "undetermined"),
        (False, {"DE"}, None),
        (None, {"DE"}, "undetermined"),
        (None, {"US"}, None),
    ],
)
def test_territory_for_multimodal_models(
    multimodal: bool | None, territory: set[str], expected: str | None
) -> None:
    base = node(BASE, "Capped-1.0", multimodal=multimodal)
    stated = use("service", users=1, territory=frozenset(territory))
    verdicts = judged("", "finetune", base, stated)
    found = [v for v in verdicts if v.word == "territory"]
    assert [v.answer.value for v in found] == ([expected] if expected else [])
    for verdict in found:
        assert (verdict.text, verdict.where) == ("use-policy", "T")


def test_hosting_and_passing_on() -> None:
    kept = terms("Kept", no=["hosted-service", "redistribute"])
    base = node(BASE, "Kept")

    def answers(*activities: str) -> list[tuple[str, str]]:
        found = judged("", "finetune", base, use(*activities, purpose=Purpose.RESEARCH), kept)
        return [(v.answer.value, v.word) for v in found if v.node == BASE and v.answer != "ok"]

    assert answers("service") == [("conflict", "hosted-service")]
    assert answers("weights") == [("conflict", "redistribute")]
    assert answers("application") == [("conflict", "redistribute")]
    assert answers("internal") == []
    merged = judged("", "finetune", base, use(purpose=Purpose.RESEARCH), kept)
    assert [v.asks for v in merged if v.asks] == [("activities",)]


@pytest.mark.parametrize("word", ["use", "modify", "redistribute", "commercial", "hosted-service"])
def test_what_the_knowledge_base_is_silent_on_or_calls_unsettled_is_never_ok(word: str) -> None:
    stated = use("service", "weights", purpose=Purpose.COMMERCIAL)
    for license_ in (terms("Vague", silent=[word]), terms("Vague", unsettled=[word])):
        verdicts = judged("", "finetune", node(BASE, "Vague"), stated, license_)
        assert (BASE, word, "") in told(verdicts, "undetermined")
        assert (BASE, word, "") not in told(verdicts, "ok")
        assert not [v for v in verdicts if v.answer == "ok" and v.node == BASE]


def test_no_derivatives() -> None:
    base = node(BASE, "Fixed-1.0")
    given = judged("", "finetune", base, use("weights", purpose=Purpose.RESEARCH))
    assert told(given, "conflict") == [(BASE, "no-derivatives", "")]
    kept = judged("", "finetune", base, RESEARCH)
    assert told(kept, "conflict") == []
    copied = judged("", "repack", base, use("weights", purpose=Purpose.RESEARCH))
    assert told(copied, "conflict") == []
    asked = judged("", "finetune", base, use(purpose=Purpose.RESEARCH))
    assert (BASE, "no-derivatives", "activities") in told(asked, "undetermined")


def test_training_on_outputs() -> None:
    closed = node("model:org/closed", "Closed-3")
    verdicts = judged("Free-1.0", "distilled-from-outputs", closed)
    assert told(verdicts, "conflict") == [("model:org/closed", "no-train-others", "")]
    assert verdicts[0].basis is Basis.TEXT
    assert verdicts[0].where == "1.b.v"
    named = judged("Free-1.0", "distilled-from-outputs", node(BASE, "Capped-1.0"), use("weights"))
    assert told(named, "conflict") == []
    duties = {(v.word, v.value) for v in named if v.node == BASE and v.answer == "obligation"}
    assert ("name-prefix", "Capped") in duties
    assert "badge" not in {word for word, _ in duties}


def test_a_set_that_a_model_wrote_is_that_models_outputs() -> None:
    graph = lineage(
        node("subject", "Free-1.0"), node(DATA, "Free-1.0", kind="dataset"), node(BASE, "Closed-3"),
        edge("subject", "trained-on", DATA), edge(DATA, "distilled-from-outputs", BASE),
    )  # fmt: skip
    assert told(judge(graph, KNOWN, Use()), "conflict") == [(BASE, "no-train-others", "")]


def test_outputs_of_the_own_family_may_train_it() -> None:
    graph = lineage(
        node("subject", "Closed-3"), node("model:org/small", "Closed-3"), node(BASE, "Closed-3"),
        edge("subject", "finetune", "model:org/small"),
        edge("subject", "distilled-from-outputs", BASE),
    )  # fmt: skip
    assert told(judge(graph, KNOWN, Use()), "conflict") == []


def test_outputs_of_a_descendant_are_an_interpretation() -> None:
    graph = lineage(
        node("subject", "Free-1.0"), node("model:mid", "Free-1.0"), node(BASE, "Closed-3"),
        edge("subject", "distilled-from-outputs", "model:mid"), edge("model:mid", "finetune", BASE),
    )  # fmt: skip
    verdicts = judge(graph, KNOWN, Use())
    assert told(verdicts, "conflict") == [(BASE, "no-train-others", "")]
    assert verdicts[0].basis is Basis.INTERPRETATION


def test_outputs_within_a_bound_that_files_do_not_tell() -> None:
    bounded = terms(
        "Bounded", conditional=["train-on-outputs"], restricts=[clause("non-competing")]
    )
    verdicts = judged("Free-1.0", "distilled-from-outputs", node(BASE, "Bounded"), None, bounded)
    assert (BASE, "non-competing", "") in told(verdicts, "undetermined")


def test_computation_only_is_no_matter_for_a_model_trained_on_the_data() -> None:
    only = terms("Compute", kind="data", restricts=[clause("computational-use-only")])
    trained = judged("Free-1.0", "trained-on", node(DATA, "Compute", kind="dataset"), None, only)
    assert "computational-use-only" not in {v.word for v in trained}
    copied = judged("Free-1.0", "bundles", node(DATA, "Compute", kind="dataset"), None, only)
    assert "computational-use-only" in {v.word for v in copied if v.answer == "obligation"}


def test_a_clause_for_some_activities_waits_for_them() -> None:
    served = terms("Served", restricts=[clause("users-cap", value="5", uses=("service",))])
    base = node(BASE, "Served")
    over = {"users": 6, "purpose": Purpose.RESEARCH}
    assert told(judged("", "finetune", base, use("service", **over), served), "conflict")
    assert not told(judged("", "finetune", base, use("internal", **over), served), "conflict")
    asked = judged("", "finetune", base, use(**over), served)
    assert (BASE, "users-cap", "activities") in told(asked, "undetermined")


def test_obligations_for_the_stated_activities() -> None:
    base = node(BASE, "Capped-1.0")
    served = judged("Capped-1.0", "finetune", base, use("service", users=1))
    duties = {
        (v.word, v.value) for v in served if v.answer == "obligation" and v.word != "modified"
    }
    assert duties == {("badge", "Built with Capped"), ("field-of-use", "")}
    given = judged("Capped-1.0", "finetune", base, use("weights", users=1))
    assert ("name-prefix", "Capped") in {(v.word, v.value) for v in given}
    unstated = judged("Capped-1.0", "finetune", base, use(users=1))
    assert [v.asks for v in unstated if v.word == "badge"] == [("activities",)]


def test_network_source_is_owed_by_a_service() -> None:
    package = node("package:net", "AGPL-3.0-only", kind="package")
    served = judged("AGPL-3.0-only", "links", package, use("service"))
    assert ("package:net", "network-source", "") in told(served, "obligation")
    kept = judged("AGPL-3.0-only", "links", package, use("internal"))
    assert "network-source" not in {v.word for v in kept}


def test_the_verdicts_do_not_depend_on_the_order_of_the_graph() -> None:
    things = [
        node(BASE, "Capped-1.0"), node("model:x", "Rail-1.0"),
        node(DATA, "Private-1.0", kind="dataset"),
        edge("subject", "finetune", BASE), edge("subject", "trained-on", DATA),
        edge("subject", "merge", "model:x"),
    ]  # fmt: skip
    forward = judge(lineage(node("subject", "Free-1.0"), *things), KNOWN, Use())
    back = judge(
        lineage(node("subject", "Free-1.0"), *reversed(things)),
        dict(reversed(KNOWN.items())),
        Use(),
    )
    assert forward == back
    assert [v.answer.value for v in forward][:3] == ["conflict"] * 3
