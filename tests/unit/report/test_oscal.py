"""OSCAL Assessment Results: what is satisfied and what is not; nothing active in any of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from weighbridge.model.clause import ClauseLink, Strength
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.report import oscal
from weighbridge.report.oscal_results import MAX_FINDINGS
from weighbridge.report.oscal_text import line, markup, token, tokens


def result_of(record):
    body = json.loads(oscal.render(record))["assessment-results"]
    return body["results"][0]


def linked(record, rule: str):
    """The record with one clause, to which only this rule is linked."""
    clause = replace(record.clauses[0], broken=(),
                     links=(ClauseLink(rule, Strength.PARTIAL, "What stays open."),))  # fmt: skip
    return replace(record, clauses=(clause,))


def finding_of(record, rule: str):
    (found,) = result_of(linked(record, rule))["findings"]
    return found


def props(part) -> dict[str, str]:
    return {p["name"]: p["value"] for p in part["props"]}


def test_only_a_pass_satisfies(factory):
    record = factory.make_record()
    for result in record.results:
        found = finding_of(record, result.rule)
        status = found["target"]["status"]
        assert (status["state"] == "satisfied") == (result.outcome is Outcome.PASS)
        assert props(found)["outcome"] == result.outcome.value
        expected = {Outcome.PASS: "pass", Outcome.FAIL: "fail"}.get(result.outcome, "other")
        assert status["reason"] == expected
        assert "Open even where the rule passes: What stays open." in found["remarks"]


def test_what_does_not_apply_says_so(factory):
    found = finding_of(factory.make_record(), "first-time-weight-author")
    assert found["target"]["implementation-status"] == {"state": "not-applicable"}
    assert "nothing was assessed" in found["target"]["status"]["remarks"]


def test_a_rule_that_is_off_is_not_satisfied(factory):
    found = finding_of(factory.make_record(), "unsigned-commit")
    assert found["target"]["status"]["state"] == "not-satisfied"
    assert "turns this rule off" in found["target"]["status"]["remarks"]
    assert "related-observations" not in found


def test_a_lost_link_is_not_satisfied_though_the_rule_passes(factory):
    record = factory.make_record()
    found = [f for f in result_of(record)["findings"] if f["title"].endswith(": unsigned-weights")]
    (one,) = found
    assert props(one) | {"outcome": "pass", "strength": "lost"} == props(one)
    assert one["target"]["status"]["state"] == "not-satisfied"
    assert "min&#95;signers" in one["target"]["status"]["remarks"]


def test_evidence_is_pointed_at_in_audit_json(factory):
    record = factory.make_record()
    audit = json.loads(record.to_bytes())
    seen = 0
    for observation in result_of(record)["observations"]:
        for evidence in observation["relevant-evidence"]:
            name, _, pointer = evidence["href"].partition("#/evidence/")
            assert name == "audit.json"
            digest = str(record.evidence[int(pointer)].digest)
            assert props(evidence)["digest"] == digest
            assert audit["evidence"][int(pointer)]["kind"] in evidence["description"]
            seen += 1
    assert seen


def test_evidence_that_the_record_does_not_hold_is_told(factory):
    record = replace(factory.make_record(), evidence=())
    (first, *_) = result_of(record)["observations"]
    assert first["relevant-evidence"][0]["href"] == "audit.json"
    assert "does not hold" in first["relevant-evidence"][0]["description"]


def test_the_record_is_named_by_its_digest(factory):
    record = factory.make_record()
    body = json.loads(oscal.render(record))["assessment-results"]
    (resource,) = body["back-matter"]["resources"]
    (link,) = resource["rlinks"]
    assert link["hashes"][0]["value"] == hashlib.sha256(record.to_bytes()).hexdigest()
    assert body["metadata"]["version"] == str(record.digest)
    assert body["metadata"]["last-modified"] == "2026-11-20T00:00:00Z"


def test_identifiers_are_the_records_own(factory):
    one, same = factory.make_record(), factory.make_record()
    other = replace(one, offline=False)
    assert oscal.render(one) == oscal.render(same)
    ids = [json.loads(oscal.render(r))["assessment-results"]["uuid"] for r in (one, other)]
    assert ids[0] != ids[1]


def test_findings_beyond_what_is_shown_are_counted(factory):
    record = factory.large_record(2 * MAX_FINDINGS + 20)
    shown = [o for o in result_of(record)["observations"] if o["title"] == "unsafe-content"]
    (one,) = shown
    assert one["description"].count("\n- ") == MAX_FINDINGS
    assert props(one)["findings-not-shown"] == "10"
    assert props(one)["findings"] == str(MAX_FINDINGS + 10)


def test_rules_that_are_off_leave_no_observation(factory):
    record = factory.make_record()
    off = replace(record, results=tuple(replace(r, mode=Mode.OFF) for r in record.results))
    assert "observations" not in result_of(off)
    states = {f["target"]["status"]["state"] for f in result_of(off)["findings"]}
    assert states == {"not-satisfied"}


HOSTILE = "<script>x</script> {{ insert: param, x }} [a](b) **c** `d` \u202e\x1b[31m\ud800\n# e"


def test_hostile_text_is_shown_and_does_nothing():
    shown = markup(HOSTILE)
    assert not set(shown) & set('<>`*_[]{}\\~^"!|\n\u202e\x1b\ud800')
    assert "&#60;script&#62;" in shown
    assert "{{" not in shown


def test_hostile_names_stay_text_everywhere(factory):
    data = oscal.render(factory.hostile_record())
    assert data.isascii()
    shown = markup_of(json.loads(data))
    assert any("&#60;img" in text for text in shown)
    for text in shown:
        assert not set(text) & set("<>`[]{}\u202e\x1b\x07\x00")


def markup_of(value, name: str = "") -> list[str]:
    """Every text in the document that OSCAL defines as markup."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in markup_of(item, key)]
    if isinstance(value, list):
        return [text for item in value for text in markup_of(item)]
    return [value] if name in ("title", "description", "remarks") else []


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\n", " a\t"])
def test_a_string_has_no_blank_ends(text):
    assert line(text) == line(text).strip() != ""


def test_clause_keys_become_tokens():
    assert token("EU-AIA Art. 15(5)") == "EU-AIA-Art.-15-5"
    assert token("1 (a)") == "_1-a"
    assert token("第七条") == "_"
    names = tokens(["A 1(2)", "A 1-2", "A 1", "A 1(2)", "x" * 5000, "第七条", "第八条"])
    assert len(set(names.values())) == len(names) == 6
    assert names["A 1"] == "A-1"
    assert all(len(name) < 200 for name in names.values())
