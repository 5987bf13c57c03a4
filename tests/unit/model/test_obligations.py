"""What a release must fulfill: from which ancestors, for which use, and what the files show."""

import dataclasses
from typing import Any

import pytest
from tests.unit.model.license_graphs import (
    GEMMA,
    LLAMA_31,
    QWEN,
    edge,
    graph,
    node,
    one,
    terms,
)

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.licensing.fulfillment import Status, fulfillments, phrases_of
from weighbridge.model.licensing.obligations import Due, demands
from weighbridge.model.licensing.phrases import Phrases, begins_with
from weighbridge.model.licensing.released import Release
from weighbridge.model.licensing.terms import Basis, Clause, Mode, Scope, Terms
from weighbridge.model.licensing.use import Activity, Use

WEIGHTS = Use(activities=frozenset({Activity.WEIGHTS}))
SERVICE = Use(activities=frozenset({Activity.SERVICE}))
INTERNAL = Use(activities=frozenset({Activity.INTERNAL}))
LLAMA = terms(LLAMA_31)


def words(lineage, known, use=WEIGHTS) -> set[str]:
    return {duty.word.value for duty in demands(lineage, known, use).obligations}


def release(**facts: Any) -> Release:
    empty = {
        "name": "model", "name_path": "", "name_line": 0, "files": [], "phrases": [],
        "copyright": [], "unread": [], "asked": 0, "cut": 0,
    }  # fmt: skip
    made = Evidence(
        EvidenceKind.RELEASE, "", EvidenceState.OBSERVED, "snapshot", "notices@1",
        data={**empty, **facts},
    )  # fmt: skip
    return Release.of(made, ())


def status(lineage, known, word: str, use=WEIGHTS, **facts: Any) -> Status:
    results = fulfillments(demands(lineage, known, use), release(**facts))
    return next(r.status for r in results if r.obligation.word == word)


def shown(phrase: str, role: str, path: str = "README.md") -> dict[str, Any]:
    return {"phrases": [{"phrase": phrase, "path": path, "role": role, "line": 7}]}


# What reaches the release


@pytest.mark.parametrize("relation", ["finetune", "adapter", "merge", "quantized", ""])
def test_changed_weights_owe_all_of_it(relation: str) -> None:
    lineage = one(relation, LLAMA_31)
    assert words(lineage, LLAMA) == {"license-copy", "notice-sentence", "badge", "name-prefix"}


def test_a_repack_made_nothing_that_could_need_the_name() -> None:
    assert words(one("repack", LLAMA_31), LLAMA) == {"license-copy", "notice-sentence", "badge"}


@pytest.mark.parametrize("relation", ["evaluated-on", "calibrated-on", "links"])
def test_what_is_not_in_the_release_demands_nothing_of_it(relation: str) -> None:
    lineage = one(relation, "CC-BY-4.0", parent="dataset:acme/qa")
    assert words(lineage, terms("CC-BY-4.0")) == set()


def test_linked_code_asks_for_its_source_where_it_does() -> None:
    lineage = one("links", "AGPL-3.0-only", parent="package:thop")
    known = terms("AGPL-3.0-only")
    assert words(lineage, known, SERVICE) <= {"source", "network-source"}
    assert "network-source" in words(lineage, known, SERVICE)
    assert words(lineage, known, INTERNAL) == set()


def test_data_asks_for_credit_and_that_is_unsettled() -> None:
    lineage = one("trained-on", "CC-BY-4.0", parent="dataset:acme/qa")
    (duty,) = demands(lineage, terms("CC-BY-4.0"), WEIGHTS).obligations
    assert duty.word == "attribution"
    assert duty.basis is Basis.UNSETTLED


def test_bundled_data_is_a_copy() -> None:
    lineage = one("bundles", "CC-BY-4.0", parent="dataset:acme/qa")
    found = demands(lineage, terms("CC-BY-4.0"), WEIGHTS).obligations
    assert {"license-copy", "attribution"} <= {duty.word.value for duty in found}
    assert all(duty.basis is Basis.TEXT for duty in found if duty.word == "attribution")


def test_outputs_carry_nothing_of_a_license_that_does_not_reach_them() -> None:
    assert words(one("distilled-from-outputs", "MIT"), terms("MIT")) == set()


def test_the_value_of_a_reach_says_what_goes_along() -> None:
    base = LLAMA[LLAMA_31]
    reach = Clause(
        "distilled-from-outputs", "1.b.i", Basis.TEXT, mode=Mode.FLOW_DOWN, value="name-prefix"
    )
    others = tuple(c for c in base.propagates if c.word != Scope.OUTPUTS)
    named = dataclasses.replace(base, propagates=(*others, reach))
    lineage = one("distilled-from-outputs", LLAMA_31)
    (duty,) = demands(lineage, {LLAMA_31: named}, WEIGHTS).obligations
    assert (duty.word.value, duty.basis) == ("name-prefix", Basis.TEXT)


def test_outputs_with_nothing_named_never_fail() -> None:
    base = LLAMA[LLAMA_31]
    reach = Clause("distilled-from-outputs", "1.b.i", Basis.TEXT, mode=Mode.FLOW_DOWN)
    others = tuple(c for c in base.propagates if c.word != Scope.OUTPUTS)
    unnamed = {LLAMA_31: dataclasses.replace(base, propagates=(*others, reach))}
    found = demands(one("distilled-from-outputs", LLAMA_31), unnamed, WEIGHTS)
    assert found.obligations
    assert {r.status for r in fulfillments(found, release())} == {Status.MANUAL}


def test_a_grandparent_counts_and_two_paths_make_one_obligation() -> None:
    nodes = [node("model:a/x", LLAMA_31), node("model:b/y", LLAMA_31), node("model:c/z", LLAMA_31)]
    edges = [
        edge("subject", "merge", "model:a/x"),
        edge("subject", "merge", "model:b/y"),
        edge("model:a/x", "finetune", "model:c/z"),
    ]
    found = demands(graph(nodes, edges), LLAMA, WEIGHTS)
    badge = next(d for d in found.obligations if d.word == "badge")
    assert {s.id for s in badge.sources} == {"a/x", "b/y", "c/z"}
    assert found.ancestors == 3
    assert "this model -merge-> a/x -finetune-> c/z" in {s.path for s in badge.sources}


def test_a_cycle_ends() -> None:
    nodes = [node("model:a/x", LLAMA_31), node("model:b/y", LLAMA_31)]
    edges = [
        edge("subject", "finetune", "model:a/x"),
        edge("model:a/x", "finetune", "model:b/y"),
        edge("model:b/y", "finetune", "model:a/x"),
        edge("model:b/y", "finetune", "subject"),
    ]
    assert demands(graph(nodes, edges), LLAMA, WEIGHTS).ancestors == 2


def test_an_unknown_license_is_told_and_demands_nothing() -> None:
    for lineage in (one("finetune"), one("finetune", "LicenseRef-nobody-knows")):
        found = demands(lineage, {}, WEIGHTS)
        assert found.obligations == ()
        assert [u.source.id for u in found.untold] == ["acme/base"]


def test_one_of_two_licenses_is_a_choice() -> None:
    found = demands(one("finetune", "MIT OR Apache-2.0"), terms("MIT", "Apache-2.0"), WEIGHTS)
    assert found.obligations
    assert all(duty.either for duty in found.obligations)


def test_the_files_of_a_node_go_before_what_its_family_is_known_for() -> None:
    parent = node("model:google/gemma-4-x", "Apache-2.0")
    parent["licenses"] += node("model:x", GEMMA, how="family")["licenses"]
    lineage = graph([parent], [edge("subject", "finetune", parent["key"])])
    found = demands(lineage, terms("Apache-2.0", GEMMA), WEIGHTS)
    assert {duty.license for duty in found.obligations} == {"Apache-2.0"}


# Which use brings it about


def test_the_use_decides_and_what_is_not_stated_is_only_due_on_release() -> None:
    lineage = one("finetune", LLAMA_31)
    assert words(lineage, LLAMA, INTERNAL) == set()
    assert words(lineage, LLAMA, SERVICE) == {"badge", "name-prefix"}
    asked = demands(lineage, LLAMA, Use()).obligations
    assert {duty.word.value for duty in asked} == words(lineage, LLAMA)
    assert {duty.due for duty in asked} == {Due.ON_RELEASE}


def test_a_service_is_distribution_where_the_license_says_so() -> None:
    assert {"license-copy", "use-policy-flow-down"} <= words(
        one("finetune", GEMMA), terms(GEMMA), SERVICE
    )
    assert words(one("finetune", "MIT"), terms("MIT"), SERVICE) == set()


@pytest.mark.parametrize(("multimodal", "expected"), [(True, Status.UNMET), (None, Status.MANUAL)])
def test_a_clause_for_one_kind_of_model(multimodal, expected: Status) -> None:
    clause = Clause("badge", "9", Basis.TEXT, value="Sees", uses=("weights",),
                    models=("multimodal",))  # fmt: skip
    reach = Clause("modified", "9", Basis.TEXT, mode=Mode.NOTICE)
    made = Terms("X", "X", "model", "text", reviewed=False, obliges=(clause,), propagates=(reach,))
    assert status(one("finetune", "X", multimodal=multimodal), {"X": made}, "badge") is expected
    assert words(one("finetune", "X", multimodal=False), {"X": made}) == set()


# What the files show


def test_a_badge_must_be_shown_and_not_lie_in_a_notice() -> None:
    lineage = one("finetune", LLAMA_31)
    phrase = "Built with Llama"
    assert status(lineage, LLAMA, "badge") is Status.UNMET
    assert status(lineage, LLAMA, "badge", **shown(phrase, "notice")) is Status.UNMET
    assert status(lineage, LLAMA, "badge", **shown(phrase, "readme")) is Status.MET
    assert status(lineage, LLAMA, "badge", SERVICE) is Status.MANUAL  # a service has its own pages


def test_one_of_several_badges_is_enough() -> None:
    lineage, known = one("finetune", QWEN), terms(QWEN)
    assert {"Built with Qwen", "Improved using Qwen"} <= set(
        phrases_of(demands(lineage, known, WEIGHTS))
    )
    said = shown("Improved using Qwen", "readme")
    assert status(lineage, known, "badge", **said) is Status.MET


def test_a_sentence_belongs_into_the_notice() -> None:
    lineage = one("finetune", LLAMA_31)
    clause = next(c for c in LLAMA[LLAMA_31].obliges if c.word == "notice-sentence")
    word = "notice-sentence"
    assert status(lineage, LLAMA, word, **shown(clause.value, "readme")) is Status.UNMET
    assert status(lineage, LLAMA, word, **shown(clause.value, "notice", "Notice")) is Status.MET
    gap = {"unread": [{"path": "NOTICE", "role": "notice", "reason": "it is binary"}]}
    assert status(lineage, LLAMA, word, **gap) is Status.UNKNOWN


def test_what_was_not_looked_for_is_not_missing() -> None:
    lineage = one("finetune", LLAMA_31)
    assert status(lineage, LLAMA, "badge", cut=3) is Status.UNKNOWN
    assert status(lineage, LLAMA, "name-prefix", cut=3, name="x", name_path="a") is Status.UNMET


def test_a_folder_is_not_the_models_name() -> None:
    lineage = one("finetune", LLAMA_31)
    named = {"name": "Tiny", "name_path": "README.md", "name_line": 1}
    assert status(lineage, LLAMA, "name-prefix", **named) is Status.UNMET
    assert status(lineage, LLAMA, "name-prefix", name="checkout") is Status.MANUAL
    assert status(lineage, LLAMA, "name-prefix", name="llama-checkout") is Status.MET


def test_only_a_person_can_say_whether_changes_are_stated() -> None:
    lineage, known = one("finetune", "Apache-2.0"), terms("Apache-2.0")
    assert status(lineage, known, "state-changes") is Status.MANUAL


def test_a_choice_of_licenses_never_fails() -> None:
    lineage = one("finetune", "MIT OR Apache-2.0")
    assert status(lineage, terms("MIT", "Apache-2.0"), "license-copy") is Status.MANUAL


# Phrases


@pytest.mark.parametrize(
    "text",
    [
        "Built with Llama",
        "BUILT\n  with\tllama!",
        "**Built with [Llama](https://llama.com)**",
        "<b>Built</b> with <a href='x'>Llama</a>.",
        "<!-- x -->Built with Llama<!-- y -->",
        "> _Built with_ \N{LEFT DOUBLE QUOTATION MARK}Llama\N{RIGHT DOUBLE QUOTATION MARK}",
        "Built with \N{FULLWIDTH LATIN CAPITAL LETTER L}lama",
    ],
)
def test_layout_does_not_hide_a_phrase(text: str) -> None:
    assert Phrases.of(text).line_of("Built with Llama") >= 1


@pytest.mark.parametrize(
    "text",
    [
        "", "Built with Llamas", "Rebuilt with Llama", "Built with the Llama", "Llama built with",
        "<!-- Built with Llama -->", "Built <!-- \n", "<!-- Built with Llama",
        "Built with Ll\N{CYRILLIC SMALL LETTER A}ma",
    ],
)  # fmt: skip
def test_what_is_not_the_phrase(text: str) -> None:
    assert Phrases.of(text).line_of("Built with Llama") == 0


def test_a_phrase_has_its_line() -> None:
    text = "one\n<!-- a\nb -->\r\nBuilt\rwith Llama"
    assert Phrases.of(text, first_line=10).line_of("built with llama") == 13
    assert Phrases.of(text).line_of("...") == 0


@pytest.mark.parametrize(
    ("name", "prefix", "expected"),
    [
        ("llama-3-x", "Llama", True), ("acme/Llama-x", "Llama", True),
        ("Tiny-Llama", "Llama", False),
        ("hyperclova_x-1b", "HyperCLOVA X", True), ("llama/x", "Llama", False),
        ("", "Llama", False),
        ("x", "", False),
    ],
)  # fmt: skip
def test_how_a_name_begins(name: str, prefix: str, *, expected: bool) -> None:
    assert begins_with(name, prefix) is expected
