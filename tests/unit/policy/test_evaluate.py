"""Evaluation: what closes the gate, what waivers do, and what is never believed."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError, ExitCode
from weighbridge.model.evidence import Breakage, Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
)
from weighbridge.model.policy import Gate, Mode, OnInconclusive, Policy, RuleSetting, Waiver
from weighbridge.model.record import RuleResult, Verdict
from weighbridge.policy.evaluate import evaluate

AS_OF = dt.date(2026, 11, 20)
NAME = "unsigned-weights"
CLOSE, REPORT = OnInconclusive.CLOSE, OnInconclusive.REPORT


def failing(severity: Severity | None = None, path: str = "a.bin", key: str = "k") -> Finding:
    return Finding(Outcome.FAIL, f"{path} fails.", "Fix it.", Location(path), key, severity)


UNKNOWN = Finding(Outcome.UNKNOWN, "Could not look.", "Look.")
MANUAL = Finding(Outcome.MANUAL, "Ask somebody.", "Ask.")


def waiver(subject, path: str = "**", name: str = "W-1", rule: str = NAME) -> Waiver:
    return Waiver(name, rule, subject.digest, path, "o", "r", "a", dt.date(2026, 11, 1),
                  dt.date(2026, 12, 1))  # fmt: skip


@pytest.fixture
def judge(subject, observe):
    def judge_one(
        *rules,
        evidence=None,
        breakages=(),
        gate: Gate = Gate(),  # noqa: B008
        waivers=(),
        as_of: dt.date = AS_OF,
        extra: tuple[RuleSetting, ...] = (),
        **setting,
    ) -> tuple[tuple[RuleResult, ...], Verdict]:
        settings = tuple(
            RuleSetting(rule.META.id, **{"severity": rule.META.severity, **setting})
            for rule in rules
        )
        return evaluate(
            policy=Policy("p", "1", "o", settings + extra, gate=gate, waivers=tuple(waivers)),
            rules=rules,
            subject=subject,
            evidence=[observe("a.bin")] if evidence is None else evidence,
            breakages=breakages,
            as_of=as_of,
        )

    return judge_one


def test_a_pass_opens_the_gate_and_names_its_evidence(judge, rule, observe) -> None:
    (result,), verdict = judge(rule())
    assert result.outcome is Outcome.PASS
    assert result.evidence == (observe("a.bin").digest,)
    assert verdict == Verdict(True, ExitCode.HOLDS, ())


GATE_TABLE = [
    # findings, settings, fail_on, exit code
    ((failing(),), {}, "high", 1),
    ((failing(),), {"mode": Mode.REPORT}, "high", 0),
    ((failing(),), {}, "critical", 0),
    ((failing(Severity.CRITICAL),), {}, "critical", 1),
    ((failing(Severity.LOW),), {}, "high", 0),
    ((failing(Severity.LOW), failing(Severity.HIGH)), {}, "high", 1),
    ((failing(Severity.CRITICAL),), {"severity": Severity.LOW}, "high", 1),
    ((failing(Severity.CRITICAL),), {"severity": Severity.LOW, "severity_set": True}, "high", 0),
    ((failing(Severity.LOW),), {"severity": Severity.HIGH, "severity_set": True}, "high", 1),
    ((UNKNOWN,), {}, "high", 3),
    ((UNKNOWN,), {"on_unknown": REPORT}, "high", 0),
    ((UNKNOWN,), {"severity": Severity.INFO}, "critical", 3),
    ((UNKNOWN,), {"mode": Mode.REPORT}, "high", 0),
    ((MANUAL,), {}, "high", 0),
    ((MANUAL,), {"on_manual": CLOSE}, "high", 3),
    ((MANUAL,), {"on_manual": CLOSE, "mode": Mode.REPORT}, "high", 0),
    # a fail that leaves the gate open must not hide what could not be looked at
    ((failing(Severity.LOW), UNKNOWN), {}, "high", 3),
    ((failing(Severity.LOW), UNKNOWN), {"on_unknown": REPORT}, "high", 0),
    ((failing(Severity.HIGH), UNKNOWN), {}, "high", 1),
    ((UNKNOWN, MANUAL), {"on_unknown": REPORT, "on_manual": CLOSE}, "high", 3),
]


@pytest.mark.parametrize(("findings", "setting", "fail_on", "code"), GATE_TABLE)
def test_when_the_gate_closes(findings, setting, fail_on, code, judge, rule) -> None:
    (result,), verdict = judge(rule(findings=findings), gate=Gate(Severity(fail_on)), **setting)
    assert verdict.exit_code == code
    assert verdict.open is (code == 0)
    assert result.closes_gate is (code != 0)
    assert bool(verdict.reasons) is (code != 0)


def test_findings_get_a_severity(judge, rule) -> None:
    findings = (failing(Severity.LOW, "a"), failing(None, "b"))
    (result,), _ = judge(rule(findings=findings), severity=Severity.MEDIUM)
    assert [f.severity for f in result.findings] == [Severity.LOW, Severity.MEDIUM]
    (result,), _ = judge(rule(findings=findings), severity=Severity.MEDIUM, severity_set=True)
    assert [f.severity for f in result.findings] == [Severity.MEDIUM, Severity.MEDIUM]


def test_a_rule_that_is_off_is_not_run(judge, rule) -> None:
    def never(_case):
        raise AssertionError("an off rule was run")

    results, verdict = judge(rule(check=never), mode=Mode.OFF)
    assert results == ()
    assert verdict.open


def test_a_rule_that_the_policy_does_not_name_is_not_run(judge, rule, subject, observe) -> None:
    results, _ = evaluate(policy=Policy("p", "1", "o", ()), rules=[rule()], subject=subject,
                          evidence=[observe()], breakages=(), as_of=AS_OF)  # fmt: skip
    assert results == ()


def test_a_rule_that_this_version_lacks_is_an_error_and_not_dropped(judge, rule) -> None:
    results, verdict = judge(rule(), extra=(RuleSetting("gone", Severity.HIGH),))
    assert [r.outcome for r in results] == [Outcome.PASS, Outcome.ERROR]
    assert verdict.exit_code is ExitCode.ERROR
    assert verdict.reasons == ("gone ended in an error: This version has no such rule.",)


def test_results_stand_in_the_registrys_order(judge, rule) -> None:
    results, _ = judge(rule("zzz"), rule("aaa"), rule("mmm"))
    assert [r.rule for r in results] == ["zzz", "aaa", "mmm"]


class Secretive(Exception):
    def __str__(self) -> str:
        return f"at {id(self):#x}"


@pytest.mark.parametrize("error", [Secretive(), KeyError("x"), RecursionError(), MemoryError()])
def test_a_rule_that_breaks_is_an_error_with_its_type_alone(error, judge, rule) -> None:
    def broken(_case):
        raise error

    (result,), verdict = judge(rule(check=broken))
    assert (result.outcome, verdict.exit_code) == (Outcome.ERROR, ExitCode.ERROR)
    assert result.note == f"The rule broke with {type(error).__name__}."
    (_,), verdict = judge(rule(check=broken), on_error=REPORT)
    assert verdict.open


def test_ctrl_c_is_not_swallowed(judge, rule) -> None:
    def interrupted(_case):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(rule(check=interrupted))


ALIEN = Digest("sha256", "0" * 64)
UNBELIEVED = {
    "a pass without evidence": lambda _: conclude([], []),
    "no conclusion": lambda _: None,
    "a bool": lambda _: True,
    "evidence it was not given": lambda _: conclude([], [ALIEN]),
    "waived": lambda _: Conclusion(Outcome.WAIVED),
    "error": lambda _: Conclusion(Outcome.ERROR),
    "not applicable, with a failing finding": lambda _: Conclusion(
        Outcome.NOT_APPLICABLE, (failing(),)
    ),
    "manual, with a failing finding": lambda _: Conclusion(Outcome.MANUAL, (failing(),)),
}


@pytest.mark.parametrize("what", UNBELIEVED)
def test_what_no_rule_may_conclude_is_an_error(what, judge, rule) -> None:
    (result,), verdict = judge(rule(check=UNBELIEVED[what]))
    assert result.outcome is Outcome.ERROR
    assert verdict.exit_code is ExitCode.ERROR


def test_a_pass_on_nothing_but_unavailable_evidence_is_an_error(judge, rule) -> None:
    evidence = Evidence(EvidenceKind.WEIGHTS, "a.bin", EvidenceState.UNAVAILABLE, "file:a.bin",
                        "fake@1", reason="too large")  # fmt: skip
    (result,), _ = judge(rule(), evidence=[evidence])
    assert result.outcome is Outcome.ERROR


def test_evidence_that_is_absent_may_pass(judge, rule) -> None:
    evidence = Evidence(EvidenceKind.WEIGHTS, "", EvidenceState.ABSENT, "subject", "fake@1",
                        reason="there is none")  # fmt: skip
    (result,), _ = judge(rule(), evidence=[evidence])
    assert result.outcome is Outcome.PASS


def test_a_failing_conclusion_without_findings_counts_as_the_rules_severity(judge, rule) -> None:
    (result,), verdict = judge(rule(check=lambda _: Conclusion(Outcome.FAIL, note="So.")))
    assert result.closes_gate
    assert verdict.reasons == (f"{NAME} fails: 0 findings, high at worst. So.",)


def test_not_applicable_leaves_the_gate_open(judge, rule) -> None:
    (result,), verdict = judge(rule(check=lambda _: not_applicable("No weights.")))
    assert (result.outcome, verdict.open) == (Outcome.NOT_APPLICABLE, True)


def test_missing_evidence_is_an_error(judge, rule, observe) -> None:
    needs = (EvidenceKind.WEIGHTS, EvidenceKind.SIGNATURE)
    (result,), verdict = judge(rule(needs=needs), evidence=[observe("a.bin")])
    assert result.outcome is Outcome.ERROR
    assert "no signature evidence" in result.note
    assert verdict.exit_code is ExitCode.ERROR


def test_a_broken_collector_is_an_error_even_where_it_left_evidence(judge, rule) -> None:
    breakage = Breakage("weights@1", (EvidenceKind.WEIGHTS,), "OSError: no")
    (result,), _ = judge(rule(), breakages=[breakage])
    assert result.outcome is Outcome.ERROR
    assert result.note == "The collector weights@1 broke: OSError: no"
    other = Breakage("commits@1", (EvidenceKind.COMMIT,), "OSError: no")
    (result,), _ = judge(rule(), breakages=[other])
    assert result.outcome is Outcome.PASS


def test_a_rule_sees_only_the_kinds_it_needs_sorted(judge, rule, observe) -> None:
    seen = []

    def look(case):
        seen.append([(e.kind, e.about) for e in case.evidence])
        return conclude([], [e.digest for e in case.evidence])

    evidence = [observe("b"), observe("x", EvidenceKind.COMMIT), observe("a")]
    judge(rule(check=look), evidence=evidence)
    assert seen == [[(EvidenceKind.WEIGHTS, "a"), (EvidenceKind.WEIGHTS, "b")]]


def test_parameters_signers_and_date_reach_the_rule(judge, rule) -> None:
    def look(case):
        assert (case.params["n"], case.as_of) == (3, AS_OF)
        return conclude([], [e.digest for e in case.evidence])

    (result,), _ = judge(rule(check=look), params={"n": 3})
    assert result.outcome is Outcome.PASS


def test_all_findings_waived_is_waived_and_never_a_pass(judge, rule, subject) -> None:
    (result,), verdict = judge(rule(findings=(failing(),)), waivers=[waiver(subject)])
    assert (result.outcome, result.waivers) == (Outcome.WAIVED, ("W-1",))
    assert [f.waiver for f in result.findings] == ["W-1"]
    assert verdict.open


def test_findings_that_are_left_still_fail(judge, rule, subject) -> None:
    findings = (failing(Severity.CRITICAL, "a.bin"), failing(Severity.LOW, "b.bin"))
    waivers = [waiver(subject, "a.bin")]
    (result,), verdict = judge(rule(findings=findings), waivers=waivers)
    assert result.outcome is Outcome.FAIL
    assert [f.waiver for f in result.findings] == ["W-1", ""]
    assert verdict.open  # what is left is low
    (result,), verdict = judge(rule(findings=findings), waivers=waivers, gate=Gate(Severity.LOW))
    assert verdict.exit_code is ExitCode.VIOLATED
    assert verdict.reasons == (f"{NAME} fails: 1 finding, low at worst. b.bin fails.",)


def test_a_waiver_does_not_cover_what_is_unknown(judge, rule, subject) -> None:
    (result,), verdict = judge(rule(findings=(failing(), UNKNOWN)), waivers=[waiver(subject)])
    assert (result.outcome, verdict.exit_code) == (Outcome.UNKNOWN, ExitCode.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("pattern", "accepted"),
    [("**", True), ("d/a.bin", True), ("d/*.bin", True), ("*.bin", False), ("d/a.bi", False)],
)
def test_a_waivers_path_is_a_glob(pattern, accepted, judge, rule, subject) -> None:
    ruled = rule(findings=(failing(path="d/a.bin"), failing(path="z")))
    both = [waiver(subject, pattern), waiver(subject, "z", "W-2")]
    if accepted:
        (result,), _ = judge(ruled, waivers=both)
        assert result.outcome is Outcome.WAIVED
    else:
        with pytest.raises(ConfigurationError, match="accepts nothing"):
            judge(ruled, waivers=both)


def test_a_name_that_looks_like_a_glob_can_be_waived(judge, rule, subject) -> None:
    (result,), _ = judge(rule(findings=(failing(path="a[1]?.bin"),)),
                         waivers=[waiver(subject, "a[1]?.bin")])  # fmt: skip
    assert result.outcome is Outcome.WAIVED


def test_a_finding_without_a_place_needs_the_widest_waiver(judge, rule, subject) -> None:
    ruled = rule(findings=(Finding(Outcome.FAIL, "Bad.", "Fix."),))
    (result,), _ = judge(ruled, waivers=[waiver(subject)])
    assert result.outcome is Outcome.WAIVED
    with pytest.raises(ConfigurationError, match="accepts nothing"):
        judge(ruled, waivers=[waiver(subject, "*")])


def test_an_unused_waiver_is_an_error(judge, rule, subject) -> None:
    with pytest.raises(ConfigurationError, match="'W-1' accepts nothing"):
        judge(rule(), waivers=[waiver(subject)])
    with pytest.raises(ConfigurationError, match="which is off"):
        judge(rule(), waivers=[waiver(subject)], mode=Mode.OFF)


def test_where_nobody_could_look_a_waiver_is_not_called_unused(judge, rule, subject) -> None:
    (result,), _ = judge(rule(findings=(UNKNOWN,)), waivers=[waiver(subject)])
    assert (result.outcome, result.waivers) == (Outcome.UNKNOWN, ())
    breakage = Breakage("weights@1", (EvidenceKind.WEIGHTS,), "x")
    (result,), _ = judge(rule(), waivers=[waiver(subject)], breakages=[breakage])
    assert result.outcome is Outcome.ERROR


def test_a_waiver_for_another_subject_is_not_considered(judge, rule, subject) -> None:
    other = dataclasses.replace(waiver(subject), subject=Digest("dirHash1", "cd" * 32))
    (result,), verdict = judge(rule(findings=(failing(),)), waivers=[other])
    assert (result.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.VIOLATED)


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2026, 12, 2)])
def test_a_waiver_must_hold_on_the_day_of_evaluation(day, judge, rule, subject) -> None:
    with pytest.raises(ConfigurationError, match="holds from"):
        judge(rule(findings=(failing(),)), waivers=[waiver(subject)], as_of=day)


def test_a_rule_cannot_waive_its_own_finding(judge, rule) -> None:
    mine = dataclasses.replace(failing(), waiver="W-9")
    (result,), verdict = judge(rule(findings=(mine,)))
    assert (result.outcome, verdict.exit_code) == (Outcome.FAIL, ExitCode.VIOLATED)


def test_two_outranks_one_outranks_three_and_reasons_stand_in_that_order(judge, rule) -> None:
    def broken(_case):
        raise KeyError

    rules = (
        rule("unknown-one", findings=(UNKNOWN,)),
        rule("low-fail", findings=(failing(Severity.HIGH),)),
        rule("bad-fail", findings=(failing(Severity.CRITICAL),)),
        rule("broken", check=broken),
    )
    _, verdict = judge(*rules)
    assert verdict.exit_code is ExitCode.ERROR
    assert [reason.split()[0] for reason in verdict.reasons] == [
        "broken", "bad-fail", "low-fail", "unknown-one",
    ]  # fmt: skip
    assert judge(*rules[:3])[1].exit_code is ExitCode.VIOLATED
    assert judge(*rules[:1])[1].exit_code is ExitCode.INCONCLUSIVE


def test_a_digest_is_computed_once_for_all_rules(judge, rule, observe, monkeypatch) -> None:
    from weighbridge.model import evidence as module

    calls = []
    monkeypatch.setattr(
        module, "canonical_digest", lambda v: calls.append(v) or Digest("sha256", "1" * 64)
    )
    judge(rule("one"), rule("two"), rule("three"), evidence=[observe("a.bin")])
    assert len(calls) == 1
