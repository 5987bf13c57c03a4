"""Pairing projects with what was accepted of them, and what no answer amounts to."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.unit.model.hijack.projects import (
    AS_OF,
    FIRED,
    UNAVAILABLE,
    history,
    owner,
    project,
    release,
)

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Outcome, Severity
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import Reading
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.rules.maintainers import changed_owner, hijack_score, release_burst
from weighbridge.rules.maintainers._projects import judge
from weighbridge.rules.registry import load_rules

PROJECT, BASELINE = EvidenceKind.PROJECT, EvidenceKind.BASELINE
TORCH = "pkg:pypi/torch"


def seen(facts: Any, about: str = TORCH, kind: EvidenceKind = PROJECT) -> Evidence:
    return Evidence(kind, about, EvidenceState.OBSERVED, "x", "projects@1", data=facts)


def unseen(state: str, about: str = TORCH, kind: EvidenceKind = PROJECT) -> Evidence:
    return Evidence(kind, about, EvidenceState(state), "x", "projects@1", "nobody answered")


def accepted(facts: Any, about: str = TORCH) -> Evidence:
    return seen(facts, about, BASELINE)


def ask(rule: Any, *evidence: Evidence, **params: Any) -> Conclusion:
    subject = Subject(SubjectKind.DIRECTORY, "model", Digest("dirHash1", "0" * 64))
    case = Case(subject, AS_OF, evidence, {**rule.META.defaults, **params})
    return rule.check(case)


@pytest.mark.parametrize("rule", [changed_owner, release_burst, hijack_score])
class TestNoAnswer:
    def test_no_evidence_at_all_is_unknown(self, rule) -> None:
        assert ask(rule).outcome is Outcome.UNKNOWN
        assert ask(rule, accepted(project())).outcome is Outcome.UNKNOWN

    @pytest.mark.parametrize("state", ["unavailable", "absent", "unsupported"])
    def test_a_project_that_was_not_read_is_unknown_beside_one_that_was(self, rule, state) -> None:
        other = "pkg:pypi/other"
        found = ask(rule, seen(project()), accepted(project()), unseen(state, other))
        assert found.outcome is Outcome.UNKNOWN
        assert [finding.key for finding in found.findings] == [f"{other} {state}"]

    @pytest.mark.parametrize("state", ["absent", "unsupported"])
    def test_a_model_that_stands_on_nothing(self, rule, state) -> None:
        assert ask(rule, unseen(state, "")).outcome is Outcome.NOT_APPLICABLE

    def test_services_that_were_not_asked(self, rule) -> None:
        assert ask(rule, unseen("unavailable", "")).outcome is Outcome.UNKNOWN

    @pytest.mark.parametrize("about", ["", TORCH])
    def test_a_baseline_that_is_not_believed_is_unknown(self, rule, about) -> None:
        found = ask(rule, seen(project()), unseen("unavailable", about, BASELINE))
        assert found.outcome is Outcome.UNKNOWN
        assert any(finding.key.startswith("baseline") for finding in found.findings)

    def test_everything_that_was_looked_at_is_named(self, rule) -> None:
        evidence = (seen(project()), accepted(project()), unseen("absent", "", BASELINE))
        assert set(ask(rule, *evidence).evidence) == {e.digest for e in evidence}


def test_a_project_is_held_against_its_own_baseline_alone() -> None:
    mine, other = project(owners=[owner("eve", "2")]), project(owners=[owner("eve", "2")])
    found = ask(
        changed_owner,
        seen(mine, "pkg:pypi/a"),
        seen(other, "pkg:pypi/b"),
        accepted(project(), "pkg:pypi/a"),
        accepted(other, "pkg:pypi/b"),
    )
    assert {finding.key.split()[0] for finding in found.findings} == {"pkg:pypi/a"}


def test_a_finding_rests_on_both_states_of_its_project() -> None:
    now, before = seen(project(owners=[])), accepted(project())
    (finding,) = ask(changed_owner, now, before).findings
    assert set(finding.evidence) == {now.digest, before.digest}


def test_what_fired_outranks_what_could_not_be_read() -> None:
    meta = changed_owner.META
    readings = [Reading(meta.id, UNAVAILABLE, "says nothing"), Reading(meta.id, FIRED, "shows it")]
    case = Case(
        Subject(SubjectKind.DIRECTORY, "m", Digest("dirHash1", "0" * 64)), AS_OF, (seen(project()),)
    )
    found = judge(case, meta, lambda _view: iter(readings))
    assert found.outcome is Outcome.FAIL
    assert len(found.findings) == 2


def test_names_from_outside_cannot_turn_or_hide_a_message() -> None:
    evil = owner("\x1b[2Jeve\u202e\n", "2")
    found = ask(changed_owner, seen(project(owners=[evil])), accepted(project()))
    for finding in found.findings:
        assert finding.message.isprintable()


def test_no_two_findings_share_a_key() -> None:
    before = history()
    new = [release(f"2.0.{n}", 900 + n / 30, attested=False, tag="") for n in range(6)]
    evidence = (seen(project([*before, *new], owners=[])), accepted(project(before)))
    for rule in load_rules("maintainers"):
        if BASELINE not in rule.META.needs:
            continue
        keys = [finding.key for finding in ask(rule, *evidence).findings]
        assert len(keys) == len(set(keys)), rule.META.id


def test_every_signal_has_a_rule_that_is_slight_by_itself() -> None:
    rules = {rule.META.id: rule.META for rule in load_rules("maintainers")}
    for signal in SIGNALS:
        meta: RuleMeta = rules[signal.id]
        assert meta.network
        assert {PROJECT, BASELINE} <= set(meta.needs)
        if signal.group.value == "timing":
            assert meta.severity is Severity.INFO


class TestScore:
    def test_each_point_is_printed_with_its_counts(self) -> None:
        bad = release("2.0.0", 730, tag="")
        now, before = seen(project([*history(), bad])), accepted(project())
        (finding,) = ask(hijack_score, now, before).findings
        assert finding.severity is None  # the rule's own, medium
        assert finding.message.startswith(f"{TORCH}@2.0.0 shows what hijacked projects show: 12 ")
        assert "untagged-release +12 (incidents 6/20, benign 11/631: 0.3095/0.01820 = 17.0;" in (
            finding.message
        )
        assert set(finding.evidence) == {now.digest, before.digest}

    def test_a_hard_stop_is_critical(self) -> None:
        now = seen(project(status="quarantined"))
        (finding,) = ask(hijack_score, now, accepted(project())).findings
        assert finding.severity is Severity.CRITICAL
        assert "quarantine" in finding.message

    def test_points_below_the_line_are_in_the_note(self) -> None:
        new = [release(f"2.0.{n}", 730 + n / 30) for n in range(3)]
        found = ask(hijack_score, seen(project([*history(), *new])), accepted(project()))
        assert found.outcome is Outcome.PASS
        assert f"{TORCH}@2.0.2 9: release-burst +9" in found.note

    def test_the_policy_moves_the_line(self) -> None:
        new = release("2.0.0", 730, attested=False)
        evidence = (seen(project([*history(), new])), accepted(project()))
        assert ask(hijack_score, *evidence).outcome is Outcome.PASS
        assert ask(hijack_score, *evidence, warn_points=9).outcome is Outcome.FAIL

    def test_the_policy_asks_for_coverage(self) -> None:
        silent = project(owners=None, owner="", owner_id="", domains=None)
        evidence = (seen(silent), accepted(project()))
        assert ask(hijack_score, *evidence).outcome is Outcome.PASS
        found = ask(hijack_score, *evidence, minimum_coverage=100)
        assert found.outcome is Outcome.UNKNOWN
        assert "account-domain" in found.findings[0].message

    def test_five_hundred_projects_in_less_than_a_second(self) -> None:
        before = history(12)
        now = project([*before, release("2.0.0", 390, tag="")])
        kept = project(before)
        evidence = [
            e
            for n in range(500)
            for e in (seen(now, f"pkg:pypi/p{n}"), accepted(kept, f"pkg:pypi/p{n}"))
        ]
        for one in evidence:
            assert one.digest  # the record has hashed them before
        started = time.process_time()
        found = ask(hijack_score, *evidence)
        assert time.process_time() - started < 1
        assert len(found.findings) == 500
