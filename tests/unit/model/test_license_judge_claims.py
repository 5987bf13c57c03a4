"""The license that a model states, against what its ancestors demand: whatever the use."""

from __future__ import annotations

import pytest
from tests.unit.model.lineages import (
    DIGEST,
    KNOWN,
    RAIL,
    clause,
    edge,
    judged,
    lineage,
    node,
    spreads,
    terms,
    told,
)

from weighbridge.model.licensing.judge import judge
from weighbridge.model.licensing.terms import Basis, Mode
from weighbridge.model.licensing.use import Use

BASE = "model:org/base"


@pytest.mark.parametrize(
    ("own", "relation", "base", "word"),
    [
        ("Free-1.0", "finetune", "Capped-1.0", "field-of-use"),
        ("Free-1.0", "quantized", "Capped-1.0", "field-of-use"),
        ("Free-1.0", "", "Capped-1.0", "field-of-use"),
        ("Free-1.0", "merge", "Rail-1.0", "use-policy-flow-down"),
        ("Free-1.0", "repack", "Rail-1.0", "use-policy-flow-down"),
        ("Free-1.0", "distilled-from-outputs", "Rail-1.0", "use-policy-flow-down"),
        ("Free-1.0", "adapter", "Private-1.0", "non-commercial"),
        ("Capped-1.0", "finetune", "Private-1.0", "non-commercial"),
        ("Free-1.0", "finetune", "Shared-1.0", "modified"),
        ("Free-1.0", "finetune", "Fixed-1.0", "no-derivatives"),
        ("Rail-1.0", "finetune", "Capped-1.0", "users-cap"),
    ],
)
def test_a_license_that_drops_what_must_stay(own: str, relation: str, base: str, word: str) -> None:
    verdicts = judged(own, relation, node(BASE, base))
    assert told(verdicts, "conflict") == [(BASE, word, "")]
    conflict = verdicts[0]
    assert conflict.license == base
    assert conflict.basis is Basis.TEXT
    assert conflict.text_sha256 in (DIGEST, "b" * 64)
    assert conflict.where
    assert conflict.path == f"this model -{relation or 'base'}-> org/base"
    assert conflict.steps == ("subject", relation, BASE)
    assert (conflict.path_file, conflict.line) == ("README.md", 7)


@pytest.mark.parametrize(
    ("own", "relation", "base"),
    [
        ("Free-1.0", "finetune", "Free-1.0"),
        ("Other-Free-1.0", "finetune", "Free-1.0"),
        ("Private-1.0", "finetune", "Free-1.0"),
        ("Shared-1.0", "finetune", "Free-1.0"),
        ("Capped-1.0", "finetune", "Capped-1.0"),
        ("Rail-1.0", "quantized", "Rail-1.0"),
        ("Private-1.0", "finetune", "Capped-1.0"),  # stricter: the terms go along all the same
        ("Free-1.0", "repack", "Fixed-1.0"),
        ("Free-1.0", "distilled-from-outputs", "Capped-1.0"),  # the name prefix only
        ("GPL-3.0-only", "finetune", "LGPL-3.0-only"),
        ("AGPL-3.0-only", "finetune", "GPL-3.0-only"),
        ("Free-1.0", "evaluated-on", "Private-1.0"),
        ("Free-1.0", "calibrated-on", "Shared-1.0"),
        ("Free-1.0", "bundles", "LGPL-3.0-only"),
        ("Free-1.0", "links", "GPL-3.0-only"),
    ],
)
def test_negative_controls(own: str, relation: str, base: str) -> None:
    assert told(judged(own, relation, node(BASE, base)), "conflict") == []


def test_a_stricter_license_still_has_to_pass_the_terms_on() -> None:
    verdicts = judged("Private-1.0", "finetune", node(BASE, "Rail-1.0"))
    duties = {(v.node, v.word) for v in verdicts if v.answer == "obligation"}
    assert (BASE, "use-policy-flow-down") in duties


def test_another_use_policy_has_to_be_read_by_a_person() -> None:
    other = terms("Other-Rail", obliges=[clause("use-policy-flow-down")],
                  restricts=[clause("field-of-use")])  # fmt: skip
    verdicts = judged("Other-Rail", "finetune", node(BASE, "Rail-1.0"), None, other)
    assert told(verdicts, "undetermined") == [(BASE, "use-policy-flow-down", "")]
    assert verdicts[0].basis is Basis.UNSETTLED


def test_a_sibling_of_the_family_that_keeps_the_clauses_is_no_conflict() -> None:
    newer = terms(
        "Capped-2.0",
        family="capped",
        restricts=[
            clause("users-cap", value="500"),
            clause("field-of-use"),
            clause("territory", value="EU GB"),
        ],
    )
    base = node(BASE, "Capped-1.0", multimodal=True)
    assert told(judged("Capped-2.0", "finetune", base, None, newer), "conflict") == []
    wider = terms("Capped-3.0", family="capped", restricts=[
        clause("users-cap", value="5000"), clause("field-of-use"), clause("territory", value="GB"),
    ])  # fmt: skip
    verdicts = judged("Capped-3.0", "finetune", base, None, wider)
    assert told(verdicts, "conflict") == [(BASE, "users-cap", "")]
    assert "the cap on users, the excluded territory" in verdicts[0].message


def test_data_that_is_not_for_sale_under_a_license_that_sells() -> None:
    data = node("dataset:org/data", "Private-1.0", kind="dataset")
    verdicts = judged("Free-1.0", "trained-on", data)
    assert told(verdicts, "conflict") == [("dataset:org/data", "non-commercial", "")]
    assert verdicts[0].basis is Basis.INTERPRETATION
    assert "interpretation" in verdicts[0].message
    assert told(judged("Private-1.0", "trained-on", data), "conflict") == []


@pytest.mark.parametrize(
    ("data", "word"), [("Shared-1.0", "modified"), ("Fixed-1.0", "no-derivatives")]
)
def test_whether_a_model_adapts_its_data_is_unsettled(data: str, word: str) -> None:
    verdicts = judged("Free-1.0", "trained-on", node("dataset:d", data, kind="dataset"))
    assert ("dataset:d", word, "") in told(verdicts, "undetermined")
    assert told(verdicts, "conflict") == []
    assert all(
        v.basis is Basis.UNSETTLED for v in verdicts if (v.node, v.word) == ("dataset:d", word)
    )


def test_a_data_license_that_frees_results_reaches_no_model() -> None:
    freed = terms("Freed", kind="data", propagates=[
        spreads("modified", Mode.SAME_LICENSE), spreads("trained-on", Mode.NONE),
    ])  # fmt: skip
    verdicts = judged(
        "Free-1.0", "trained-on", node("dataset:d", "Freed", kind="dataset"), None, freed
    )
    assert {v.answer.value for v in verdicts} == {"ok"}


def test_a_dataset_made_from_a_dataset_holds_it() -> None:
    subject = node("subject", "Free-1.0", kind="dataset")
    base = node("dataset:org/nc", "Private-1.0", kind="dataset")
    graph = lineage(subject, base, edge("subject", "trained-on", "dataset:org/nc"))
    verdicts = judge(graph, KNOWN, Use())
    assert told(verdicts, "conflict") == [("dataset:org/nc", "non-commercial", "")]
    assert verdicts[0].basis is Basis.TEXT


def test_code_that_is_shipped_and_code_that_is_needed() -> None:
    shipped = judged("Free-1.0", "bundles", node("code:gpl", "GPL-3.0-only", kind="code"))
    assert told(shipped, "conflict") == [("code:gpl", "copy", "")]
    assert shipped[0].basis is Basis.INTERPRETATION
    needed = judged("Free-1.0", "links", node("package:net", "AGPL-3.0-only", kind="package"))
    assert told(needed, "conflict") == []
    assert ("package:net", "trained-on", "") in told(needed, "undetermined")
    claimed = node("package:yolotrainer", "AGPL-3.0-only", kind="package")
    verdicts = judged("Free-1.0", "links", claimed)
    assert told(verdicts, "conflict") == [("package:yolotrainer", "trained-on", "")]
    assert verdicts[0].basis is Basis.STATEMENT
    assert told(judged("AGPL-3.0-only", "links", claimed), "conflict") == []


def test_every_statement_of_the_model_is_an_offer() -> None:
    base = node(BASE, "Capped-1.0")
    both = edge("subject", "finetune", BASE)
    for own in (
        node("subject", "Capped-1.0", detected="Free-1.0"),
        node("subject", "Capped-1.0", prose="Free-1.0"),
        node("subject", "Capped-1.0 OR Free-1.0"),
    ):
        assert told(judge(lineage(own, base, both), KNOWN, Use()), "conflict") == [
            (BASE, "field-of-use", "")
        ]
    for own in (
        node("subject", "Capped-1.0 AND Free-1.0"),
        node("subject", "Capped-1.0", "Free-1.0"),
        node("subject", "Capped-1.0", family="Free-1.0"),
    ):
        assert told(judge(lineage(own, base, both), KNOWN, Use()), "conflict") == []


def test_the_worst_statement_of_an_ancestor_counts_and_is_named() -> None:
    base = node(BASE, "Free-1.0", detected="Rail-1.0")
    verdicts = judged("Free-1.0", "finetune", base)
    assert told(verdicts, "conflict") == [(BASE, "use-policy-flow-down", "")]
    assert "(by its license file)" in verdicts[0].message


def test_an_ancestor_that_leaves_a_choice_is_taken_at_its_best() -> None:
    assert (
        told(judged("Free-1.0", "finetune", node(BASE, "Rail-1.0 OR Free-1.0")), "conflict") == []
    )
    both = judged("Free-1.0", "finetune", node(BASE, "Rail-1.0 AND Free-1.0"))
    assert told(both, "conflict") == [(BASE, "use-policy-flow-down", "")]


def test_an_exception_may_lift_what_would_be_a_conflict() -> None:
    base = node(BASE, "GPL-3.0-only WITH Some-exception-1.0")
    verdicts = judged("Free-1.0", "finetune", base)
    assert told(verdicts, "conflict") == []
    assert (BASE, "modified", "") in told(verdicts, "undetermined")


def test_a_step_that_was_read_in_a_sentence_makes_it_an_interpretation() -> None:
    verdicts = judged("Free-1.0", "finetune", node(BASE, "Rail-1.0"), basis="prose")
    assert told(verdicts, "conflict") == [(BASE, "use-policy-flow-down", "")]
    assert verdicts[0].basis is Basis.INTERPRETATION


def test_an_ancestor_under_another_id_of_the_same_terms_keeps_them() -> None:
    twin = terms("Twin-1.0", also=("Rail-1.0",), obliges=RAIL.obliges, propagates=RAIL.propagates)
    verdicts = judged("Rail-1.0", "finetune", node(BASE, "Twin-1.0"), None, twin)
    assert told(verdicts, "conflict") == []


def test_the_grandparent_reaches_as_well() -> None:
    graph = lineage(
        node("subject", "Free-1.0"), node("model:mid", "Free-1.0"), node(BASE, "Capped-1.0"),
        edge("subject", "quantized", "model:mid"), edge("model:mid", "finetune", BASE),
    )  # fmt: skip
    verdicts = judge(graph, KNOWN, Use())
    assert told(verdicts, "conflict") == [(BASE, "field-of-use", "")]
    assert verdicts[0].path == "this model -quantized-> mid -finetune-> org/base"
