"""The comparison of two records: better, worse, unknown, and never the one for the other."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import Verdict
from weighbridge.report.diff import Kind, compare
from weighbridge.report.diff_views import as_json, as_markdown

RULE = "unsigned-weights"


def found(outcome: Outcome = Outcome.FAIL, key: str = "k", **changes: object) -> Finding:
    return Finding(outcome, f"found {key}", "do", Location("a.bin"), key, **changes)  # type: ignore[arg-type]


def with_rule(record, outcome: Outcome, *findings: Finding, **changes: object):
    """The record with one of its rules ending otherwise."""
    results = [
        replace(r, outcome=outcome, findings=findings, note="", **changes) if r.rule == RULE else r
        for r in record.results
    ]
    return replace(record, results=tuple(results))


def kinds(old, new) -> list[tuple[Kind, str]]:
    return [(change.kind, change.fingerprint) for change in compare(old, new).changes]


@pytest.fixture
def record(factory):
    return factory.make_record()


def test_a_record_differs_in_nothing_from_itself(record):
    same = compare(record, record)
    assert (same.changes, same.clauses, same.facts) == ((), (), ())
    assert same.exit_code is ExitCode.HOLDS


@pytest.mark.parametrize(
    ("before", "after", "kind", "code"),
    [
        ("PASS", "FAIL", Kind.WORSE, 1),
        ("UNKNOWN", "FAIL", Kind.WORSE, 1),
        ("WAIVED", "FAIL", Kind.WORSE, 1),
        ("PASS", "UNKNOWN", Kind.UNKNOWN, 3),
        ("PASS", "ERROR", Kind.UNKNOWN, 3),
        ("PASS", "MANUAL", Kind.UNKNOWN, 3),
        ("FAIL", "UNKNOWN", Kind.UNKNOWN, 3),
        ("FAIL", "PASS", Kind.BETTER, 0),
        ("UNKNOWN", "PASS", Kind.BETTER, 0),
        ("WAIVED", "PASS", Kind.BETTER, 0),
        ("FAIL", "WAIVED", Kind.OTHER, 0),
        ("FAIL", "NOT_APPLICABLE", Kind.OTHER, 0),
        ("UNKNOWN", "MANUAL", Kind.OTHER, 0),
        ("NOT_APPLICABLE", "PASS", Kind.OTHER, 0),
    ],
)
def test_what_a_rules_change_means(record, before, after, kind, code):
    old, new = with_rule(record, Outcome[before]), with_rule(record, Outcome[after])
    (change,) = compare(old, new).changes
    assert (change.kind, change.rule) == (kind, RULE)
    assert compare(old, new).exit_code == code


def test_findings_are_told_apart_by_their_fingerprint(record):
    old = with_rule(record, Outcome.FAIL, found(key="a"), found(key="b"))
    reworded = replace(found(key="b"), message="other words", location=Location("a.bin", line=9))
    new = with_rule(record, Outcome.FAIL, reworded, found(key="c"))
    changes = compare(old, new).changes
    assert [(c.kind, c.text) for c in changes] == [
        (Kind.WORSE, "high: found c"), (Kind.BETTER, "is gone: high: found a")]  # fmt: skip
    assert compare(old, new).exit_code is ExitCode.VIOLATED


def test_more_of_the_same_finding_is_worse(record):
    old = with_rule(record, Outcome.FAIL, found())
    new = with_rule(record, Outcome.FAIL, found(), found(), found())
    (change,) = compare(old, new).changes
    assert (change.kind, change.count) == (Kind.WORSE, 2)


def test_what_nobody_could_look_at_has_not_gone_away(record):
    old = with_rule(record, Outcome.FAIL, found())
    blind = with_rule(record, Outcome.UNKNOWN)
    assert {c.kind for c in compare(old, blind).changes} == {Kind.UNKNOWN}
    doubtful = with_rule(record, Outcome.UNKNOWN, found(Outcome.UNKNOWN))
    assert {c.kind for c in compare(old, doubtful).changes} == {Kind.UNKNOWN}


def test_a_waived_finding_is_neither_better_nor_worse(record):
    old = with_rule(record, Outcome.FAIL, found())
    new = with_rule(record, Outcome.WAIVED, found(waiver="W-1"))
    assert {c.kind for c in compare(old, new).changes} == {Kind.OTHER}
    assert {c.kind for c in compare(new, old).changes} == {Kind.WORSE}


def test_the_gate(record):
    opened = replace(record, verdict=Verdict(True, ExitCode.HOLDS, ()))
    assert kinds(record, opened) == [(Kind.BETTER, "")]
    assert kinds(opened, record) == [(Kind.WORSE, "")]
    other = replace(record, verdict=replace(record.verdict, exit_code=ExitCode.INCONCLUSIVE))
    assert kinds(record, other) == [(Kind.OTHER, "")]


def test_rules_that_are_asked_anew_or_no_longer(record):
    without = replace(record, results=tuple(r for r in record.results if r.rule != RULE))
    assert kinds(without, record) == [(Kind.ASKED, "")]
    assert kinds(record, without) == [(Kind.DROPPED, "")]
    off = with_rule(record, Outcome.PASS, mode=Mode.OFF)
    assert kinds(record, off) == [(Kind.DROPPED, "")]
    failing = with_rule(record, Outcome.FAIL, found())
    assert [kind for kind, _ in kinds(without, failing)] == [Kind.ASKED, Kind.WORSE]
    broken = with_rule(record, Outcome.ERROR)
    assert [kind for kind, _ in kinds(without, broken)] == [Kind.ASKED, Kind.UNKNOWN]


def test_clauses_are_named_with_the_rule_that_moved_them(record):
    def unsafe(outcome: Outcome):
        results = [replace(r, outcome=outcome, findings=()) if r.rule == "unsafe-content" else r
                   for r in record.results]  # fmt: skip
        return replace(record, results=tuple(results))

    for outcome, meaning in ((Outcome.PASS, "better"), (Outcome.UNKNOWN, "unknown"),
                             (Outcome.WAIVED, "changed")):  # fmt: skip
        (one,) = compare(record, unsafe(outcome)).clauses
        assert (one.clause, one.meaning) == ("EU-AIA Art. 15(5)", meaning)
        assert one.rules == (("unsafe-content", "fail", outcome.value),)
    (back,) = compare(unsafe(Outcome.PASS), record).clauses
    assert back.meaning == "worse"


def test_a_link_that_is_lost_is_a_change_of_the_clause(record):
    clause = record.clauses[0]
    loose = replace(clause, links=(), broken=(*clause.broken, *clause.links))
    new = replace(record, clauses=(loose, *record.clauses[1:]))
    (one,) = compare(record, new).clauses
    assert one.rules == (("unsafe-content", "fail", "lost"),)


def test_a_law_that_has_come_to_apply(record):
    later = replace(record, as_of=dt.date(2028, 12, 1))
    moved = {one.clause: one.standing for one in compare(record, later).clauses}
    assert moved["EU-AIA Art. 15(5)"] == ("applies in some cases", "applies")
    assert moved["EU-CRA Annex I Part II(1)"] == ("not yet", "applies")


def test_facts(record, factory):
    setting = replace(record.policy.rules[0], params={"min_signers": 2}, mode=Mode.REPORT)
    policy = replace(record.policy, version="2", rules=(setting, *record.policy.rules[1:]))
    files = (replace(record.artifacts[0], size=1), *record.artifacts[2:])
    new = replace(record, policy=policy, artifacts=files, evidence=record.evidence[:2])
    facts = {fact.what: (fact.old, fact.new) for fact in compare(record, new).facts}
    assert facts["policy"] == ("org-baseline 1.4.0", "org-baseline 2")
    assert facts["mode of unsigned-weights"] == ("enforce", "report")
    assert facts["min_signers of unsigned-weights"] == ("0", "2")
    assert facts["files"] == ("6", "5: 0 added, 1 removed, 1 changed")
    assert facts["evidence signature, absent"] == ("1", "0")
    assert "effective policy" in facts
    assert "subject" not in facts


def test_json_and_markdown_say_the_same_of_hostile_records(factory):
    difference = compare(factory.make_record(), factory.hostile_record())
    data = json.loads(as_json(difference))
    assert as_json(difference).isascii()
    assert data["exit_code"] == int(difference.exit_code) == 1
    assert len(data["changes"]) == len(difference.changes)
    text = as_markdown(difference).decode()
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    inner = [child.type for one in parsed for child in one.children or ()]
    assert not {"link_open", "image", "html_inline"} & set(inner)
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_many_changes_are_cut_in_markdown_and_counted(factory):
    difference = compare(factory.make_record(), factory.large_record(5000))
    text = as_markdown(difference).decode()
    assert "- and " in text
    assert len(text) < 200_000
