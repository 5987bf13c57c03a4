"""The versioned JSON and its published schema."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from weighbridge.report import json_schema, json_v1


@pytest.fixture(scope="module")
def validator():
    schema = json_schema.json_schema()
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.validator_for(schema, validate_formats=True)


@pytest.mark.parametrize("make", ["make_record", "holding_record", "hostile_record"])
def test_the_schema_holds(make, factory, validator):
    validator.validate(json.loads(json_v1.render(getattr(factory, make)())))


def test_the_schema_refuses_an_unknown_and_a_missing_field(factory, validator):
    document = json_v1.document(factory.make_record())
    assert not validator.is_valid({**document, "score": "97%"})
    assert not validator.is_valid({k: v for k, v in document.items() if k != "not_checked"})
    assert not validator.is_valid({**document, "record": "sha256:12"})


def test_it_says_what_the_record_says(factory):
    record = factory.make_record()
    document = json.loads(json_v1.render(record))
    assert document["schema"] == "weighbridge.report/1"
    assert document["record"] == str(record.digest)
    assert document["verdict"]["exit_code"] == 1
    assert document["counts"]["fail"] == 1
    by_rule = {r["rule"]: r for r in document["results"]}
    finding = by_rule["unsafe-content"]["findings"][0]
    assert finding["location"] == {"path": "pytorch_model.bin", "member": "data.pkl", "line": None,
                                   "byte_offset": 4242}  # fmt: skip
    assert finding["severity"] == "critical"
    assert finding["clauses"] == ["EU-AIA Art. 15(5)"]
    assert by_rule["unpinned-dependency"]["findings"][0]["waiver"] == "W-12"
    assert {n["kind"] for n in document["not_checked"]} >= {"rule-off", "pointer", "problem"}


def test_a_broken_link_is_not_claimed(factory):
    record = factory.make_record()
    result = next(r for r in record.results if r.rule == "unsigned-weights")
    failing = factory.replace(result, findings=record.results[1].findings,
                              outcome=factory.Outcome.FAIL)  # fmt: skip
    document = json_v1.document(factory.replace(record, results=(failing,)))
    assert document["policy"]["loosened"][0]["what"] == "rule unsigned-commit"
    assert document["results"][0]["findings"][0]["clauses"] == []


def test_no_character_can_steer_a_terminal(factory):
    rendered = json_v1.render(factory.hostile_record())
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in rendered)


def test_it_ends_in_a_newline_and_is_stable(factory):
    first, second = (json_v1.render(factory.make_record()) for _ in range(2))
    assert first == second
    assert first.endswith(b"}\n")
