"""SARIF: content, limits, and nothing active in a message. The structure is a conformance test."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from weighbridge.model.clause import Clause, ClauseLink, LegalStatus, Strength
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.record import Verdict
from weighbridge.model.rule import RuleMeta
from weighbridge.report import sarif


def run_of(record, metas=()):
    return json.loads(sarif.render(record, metas))["runs"][0]


def test_outcomes_become_kinds_and_levels(factory):
    results = run_of(factory.make_record())["results"]
    seen = {(r["ruleId"], r["kind"], r["level"]) for r in results}
    assert seen == {
        ("unsafe-content", "fail", "error"),
        ("uninspected-weights", "open", "none"),
        ("uncited-dataset", "review", "none"),
    }


def test_waived_findings_are_counted_and_left_out(factory):
    run = run_of(factory.make_record())
    assert run["properties"]["waivedFindings"] == 1
    assert not any(r["ruleId"] == "unpinned-dependency" for r in run["results"])


def test_places(factory):
    first, second = run_of(factory.make_record())["results"][:2]
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "pytorch_model.bin"
    assert physical["region"] == {"byteOffset": 4242, "byteLength": 0}
    name = first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert name == "pytorch_model.bin!data.pkl"
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "scaler.pkl"


def test_artifacts_carry_their_hash(factory):
    record = factory.make_record()
    artifacts = {a["location"]["uri"]: a for a in run_of(record)["artifacts"]}
    expected = next(a for a in record.artifacts if a.path == "scaler.pkl").digest().value
    assert artifacts["scaler.pkl"]["hashes"] == {"sha-256": expected}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.bin", "a%20b/%C3%BC.bin"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("//evil.example/x", "evil.example/x"),
        ("x#y?z", "x%23y%3Fz"),
        ("back\\slash", "back%5Cslash"),
        ("%2e%2e", "%252e%252e"),
    ],
)
def test_uris_are_relative_and_encoded(path, uri, factory):
    record = factory.make_record()
    finding = Finding(Outcome.FAIL, "m", "r", Location(path))
    record = replace(record, results=(replace(record.results[1], findings=(finding,)),))
    result = run_of(record)["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_message_holds_no_link_and_no_placeholder(factory):
    for result in run_of(factory.hostile_record())["results"]:
        text = result["message"]["text"]
        assert "](" not in text
        assert "{0}" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text


def test_fingerprints_tell_siblings_apart(factory):
    record = factory.make_record()
    twin = record.results[1].findings[0]
    record = replace(record, results=(replace(record.results[1], findings=(twin, twin)),))
    first, second = (r["partialFingerprints"] for r in run_of(record)["results"])
    assert first["weighbridge/v1"] == second["weighbridge/v1"]
    assert first["primaryLocationLineHash"] != second["primaryLocationLineHash"]


def test_too_many_results_are_cut_and_counted(factory, monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 10)
    run = run_of(factory.large_record(40))
    assert len(run["results"]) == 10
    assert run["properties"]["resultsCut"] == 32
    assert {r["properties"]["severity"] for r in run["results"]} == {"critical"}


def test_too_many_tags_are_cut_and_counted(factory):
    links = (ClauseLink("unsafe-content", Strength.PARTIAL, "r"),)
    many = tuple(
        Clause("F", "1", f"Art. {n}", "t", "p", LegalStatus.VOLUNTARY, (), False, None, "",
               links=links)
        for n in range(30)
    )  # fmt: skip
    run = run_of(replace(factory.make_record(), clauses=many))
    rule = next(r for r in run["tool"]["driver"]["rules"] if r["id"] == "unsafe-content")
    assert len(rule["properties"]["tags"]) == 20
    assert run["properties"]["tagsCut"] == {"unsafe-content": 12}


def test_metas_give_help(factory):
    meta = RuleMeta("unsafe-content", "weights", "0.1.0", Severity.CRITICAL, "nothing runs",
                    "Loading would run code.", "Convert it.", "a pickle with os.system",
                    (EvidenceKind.WEIGHTS,), references=("CWE-502",))  # fmt: skip
    rules = run_of(factory.make_record(), (meta,))["tool"]["driver"]["rules"]
    rule = next(r for r in rules if r["id"] == "unsafe-content")
    assert rule["fullDescription"]["text"] == "Loading would run code."
    assert "Convert it." in rule["help"]["text"]
    assert "    a pickle with os.system" in rule["help"]["markdown"]
    assert "- CWE-502" in rule["help"]["markdown"]


def test_a_broken_audit_is_no_successful_execution(factory):
    record = replace(factory.make_record(), verdict=Verdict(False, ExitCode.ERROR, ("broke",)))
    invocation = run_of(record)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 2


def test_what_was_not_checked_is_notified(factory):
    notes = run_of(factory.make_record())["invocations"][0]["toolExecutionNotifications"]
    assert any("crashed-collector" in n["message"]["text"] and n["level"] == "error" for n in notes)
    assert any("pointer" in n["message"]["text"] for n in notes)
