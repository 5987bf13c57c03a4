"""Levels by dimension, and how every view tells a person's word from a machine's finding."""

from __future__ import annotations

import dataclasses
import json

import pytest

from weighbridge.model.clause import ClauseLink, Strength
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.report import console, json_v1, maturity
from weighbridge.report.cyclonedx import attestations
from weighbridge.report.maturity import DIMENSIONS, Level, dimension_of, standings
from weighbridge.report.pdf.matrix import _link_cell
from weighbridge.report.summary import ATTESTED, attested_by, outcome_words
from weighbridge.rules.registry import load_rules

METAS = [rule.META for rule in load_rules()]


def attestation(name="Ann Example", **data):
    facts = {"person": {"name": name, "role": "Lead", "email": ""}, "made": "2026-11-02",
             "expires": "2027-11-01", **data}  # fmt: skip
    return Evidence(EvidenceKind.ATTESTATION, f"{name}.json", EvidenceState.OBSERVED, "x", "t@1",
                    data=facts)  # fmt: skip


def record_of(factory, *outcomes, mode=Mode.ENFORCE, evidence=()):
    """A record of these rules and outcomes; those of a control rest on an attestation."""
    base = factory.make_record()
    word = attestation()
    results = []
    families = {meta.id: meta.family for meta in METAS}
    for rule, outcome in outcomes:
        rests = (word.digest,) if families[rule] == "controls" else (base.evidence[0].digest,)
        results.append(
            dataclasses.replace(base.results[0], rule=rule, family=families[rule], findings=(),
                                outcome=Outcome(outcome), mode=mode, evidence=rests,
                                closes_gate=False, note="The note.")
        )  # fmt: skip
    return dataclasses.replace(
        base, results=tuple(results), evidence=(*base.evidence, word, *evidence)
    )


def level(record, name):
    return next(s.level for s in standings(record) if s.dimension.name == name)


def test_every_rule_and_every_vouching_rule_belongs_somewhere() -> None:
    names = {dimension.name for dimension in DIMENSIONS}
    assert {dimension_of(meta.id, meta.family) for meta in METAS} == names
    known = {meta.id for meta in METAS}
    assert {rule for dimension in DIMENSIONS for rule in dimension.vouching} <= known
    assert set(maturity.BY_RULE) <= known
    assert dimension_of("of-tomorrow", "of-tomorrow") == ""


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], None),
        ([("kill-switch-rehearsed", "manual")], Level.NOTHING),
        ([("unpinned-dependency", "fail"), ("kill-switch-rehearsed", "unknown")], Level.NOTHING),
        ([("unpinned-dependency", "not_applicable")], Level.NOTHING),
        ([("unpinned-dependency", "pass"), ("kill-switch-rehearsed", "manual")], Level.SOME),
        ([("unpinned-dependency", "waived"), ("kill-switch-rehearsed", "pass")], Level.SOME),
        ([("unpinned-dependency", "pass"), ("unhashed-dependency", "error")], Level.SOME),
        ([("unpinned-dependency", "pass")], Level.ALL),
        ([("unpinned-dependency", "pass"), ("unhashed-dependency", "not_applicable")], Level.ALL),
        ([("kill-switch-rehearsed", "pass")], Level.ALL),
        ([("kill-switch-rehearsed", "pass"), ("incident-response-plan", "pass")], Level.VOUCHED),
    ],
)
def test_a_level_is_what_its_condition_says(factory, outcomes, expected) -> None:
    assert level(record_of(factory, *outcomes), "readiness") == expected


def test_what_is_not_enforced_does_not_hold_a_level_back(factory) -> None:
    record = record_of(factory, ("unpinned-dependency", "pass"))
    loose = record_of(factory, ("unhashed-dependency", "fail"), mode=Mode.REPORT)
    both = dataclasses.replace(record, results=record.results + loose.results)
    assert level(both, "readiness") is Level.ALL


def test_the_view_has_evidence_and_what_is_missing_and_no_score(factory) -> None:
    record = record_of(factory, ("kill-switch-rehearsed", "pass"), ("unpinned-dependency", "fail"))
    body = json.loads(maturity.render(record))
    readiness = next(d for d in body["dimensions"] if d["dimension"] == "readiness")
    assert readiness["level"] == 1
    assert readiness["counts"] == {"pass": 1, "fail": 1}
    assert readiness["missing"] == ["unpinned-dependency: fail. The note."]
    assert readiness["rules"][0]["outcome"] == ATTESTED
    assert readiness["rules"][0]["evidence"] == [str(attestation().digest)]
    assert body["record"] == str(record.digest)
    text = maturity.as_text(record)
    assert "level 1, at least one rule passes" in text
    assert "kill-switch-rehearsed: pass (attested) by Ann Example (Lead) on 2026-11-02" in text
    for word in ("%", "score:", "percent"):
        assert word not in text


def test_a_record_of_hostile_names_stays_on_its_lines(factory) -> None:
    text = maturity.as_text(factory.hostile_record())
    assert not [c for c in text if ord(c) < 0x20 and c != "\n"]
    assert "\u202e" not in text
    assert json.loads(maturity.render(factory.hostile_record()))["schema"] == maturity.SCHEMA


def test_only_a_pass_on_somebodys_word_is_attested(factory) -> None:
    record = record_of(factory, ("bias-testing", "pass"), ("unpinned-dependency", "pass"),
                       ("data-residency", "fail"))  # fmt: skip
    words = [outcome_words(record, result) for result in record.results]
    assert words == [ATTESTED, "pass", "fail"]
    assert str(attested_by(record, record.results[0])[0]) == (
        "Ann Example (Lead) on 2026-11-02, until 2027-11-01"
    )


@pytest.mark.parametrize(
    "data", [{"person": None}, {"person": {"name": 1}}, {"made": ["x"]}, {"expires": None}]
)
def test_a_strangers_record_of_another_shape_attests_nothing(factory, data) -> None:
    odd = attestation("Odd", **data)
    record = record_of(factory, ("unpinned-dependency", "pass"), evidence=(odd,))
    result = dataclasses.replace(record.results[0], evidence=(odd.digest,))
    assert attested_by(record, result) == ()


def test_console_json_matrix_and_attestations_name_the_person(factory) -> None:
    record = record_of(factory, ("bias-testing", "pass"))
    screen = console.render(record, width=120).decode()
    assert "Pass (attested), which no machine checked:" in screen
    assert "bias-testing: Ann Example (Lead) on 2026-11-02, until 2027-11-01" in screen
    (result,) = json_v1.document(record)["results"]
    assert result["outcome"] == "pass"
    assert result["attested_by"] == [{"name": "Ann Example", "role": "Lead", "made": "2026-11-02",
                                      "expires": "2027-11-01"}]  # fmt: skip
    link = ClauseLink("bias-testing", Strength.SUPPORTING, "The rest.")
    cell = _link_cell(record, record.results[0], link)
    assert cell.text.startswith("bias-testing: pass (attested) by Ann Example (Lead) on 2026-11-02")
    clause = dataclasses.replace(record.clauses[0], links=(link,), broken=())
    made = attestations.render(dataclasses.replace(record, clauses=(clause,)))
    assert b"bias-testing (supporting): pass (attested)" in made


def test_a_hostile_name_cannot_steer_the_screen(factory) -> None:
    record = record_of(factory, ("bias-testing", "pass"))
    evil = attestation("Ann\x1b[2J\u202e\nGate open")
    result = dataclasses.replace(record.results[0], evidence=(evil.digest,))
    record = dataclasses.replace(record, results=(result,), evidence=(evil,))
    screen = console.render(record, width=120).decode()
    assert "\x1b" not in screen
    assert "\nGate open" not in screen
