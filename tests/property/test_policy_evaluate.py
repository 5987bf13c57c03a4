"""Whatever rules conclude and collectors hand over, the gate keeps its word."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from weighbridge.model.codec import to_json
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
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
from weighbridge.model.rule import RuleMeta
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.policy.evaluate import evaluate

SUBJECT = Subject(SubjectKind.DIRECTORY, "tiny", Digest("dirHash1", "ab" * 32))
AS_OF = dt.date(2026, 11, 20)
NAMES = ("one", "two", "three")
KINDS = (EvidenceKind.WEIGHTS, EvidenceKind.LICENSE)

severities = st.sampled_from(Severity)
inconclusive = st.sampled_from(OnInconclusive)
findings = st.builds(
    Finding,
    outcome=st.sampled_from([Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL]),
    message=st.just("found"),
    remedy=st.just("do"),
    location=st.none() | st.builds(Location, st.sampled_from(["a", "b"])),
    severity=st.none() | severities,
)
settings = st.builds(
    RuleSetting,
    rule=st.just(""),
    severity=severities,
    mode=st.sampled_from(Mode),
    on_unknown=inconclusive,
    on_error=inconclusive,
    on_manual=inconclusive,
    severity_set=st.booleans(),
)
evidence = st.builds(
    Evidence,
    kind=st.sampled_from(KINDS),
    about=st.sampled_from(["a", "b", "c"]),
    state=st.sampled_from(EvidenceState),
    source=st.sampled_from(["x", "y"]),
    collector=st.just("fake@1"),
    reason=st.just("because"),
    data=st.dictionaries(st.sampled_from("pq"), st.integers(0, 3), max_size=2),
)
breakages = st.builds(
    Breakage, st.sampled_from(["c1", "c2"]), st.sampled_from([(k,) for k in KINDS]), st.just("x")
)
# what a rule does: its findings, "not applicable", or break
behaviors = st.lists(findings, max_size=4) | st.sampled_from(["not applicable", "break"])


def make_rule(name: str, behavior: object) -> SimpleNamespace:
    def check(case) -> Conclusion:
        if behavior == "break":
            raise RuntimeError
        digests = [e.digest for e in case.evidence]
        if behavior == "not applicable":
            return not_applicable("no", digests)
        return conclude(behavior, digests, note=str([e.about for e in case.evidence]))

    meta = RuleMeta(name, "fake", "1", Severity.HIGH, "s", "w", "r", "e", KINDS)
    return SimpleNamespace(META=meta, check=check)


@st.composite
def audits(draw):
    rules = [make_rule(name, draw(behaviors)) for name in NAMES]
    chosen = [
        RuleSetting(**{**{f: getattr(s, f) for f in RuleSetting.__slots__}, "rule": name})
        for name, s in zip(NAMES, draw(st.tuples(settings, settings, settings)), strict=True)
    ]
    policy = Policy("p", "1", "o", tuple(chosen), gate=Gate(draw(severities)))
    return (policy, rules, draw(st.lists(evidence, max_size=6)),
            draw(st.lists(breakages, max_size=2)))  # fmt: skip


def judge(audit, order=list, waivers=()):
    policy, rules, found, broken = audit
    import dataclasses

    return evaluate(
        policy=dataclasses.replace(policy, waivers=tuple(waivers)),
        rules=rules,
        subject=SUBJECT,
        evidence=order(found),
        breakages=order(broken),
        as_of=AS_OF,
    )


@given(audits(), st.randoms())
def test_the_order_of_the_evidence_means_nothing(audit, random) -> None:
    def shuffled(items):
        items = list(items)
        random.shuffle(items)
        return items

    results, verdict = judge(audit)
    again, same = judge(audit, shuffled)
    assert to_json(again) == to_json(results)
    assert to_json(same) == to_json(verdict)


@given(audits())
def test_the_gate_is_never_open_over_what_closes_it(audit) -> None:
    policy = audit[0]
    results, verdict = judge(audit)
    for result in results:
        setting = policy.setting(result.rule)
        must_close = setting.mode is Mode.ENFORCE and (
            any(
                f.outcome is Outcome.FAIL and f.severity.rank >= policy.gate.fail_on.rank
                for f in result.findings
            )
            or (result.outcome is Outcome.ERROR and setting.on_error == "close")
            or (
                any(f.outcome is Outcome.UNKNOWN for f in result.findings)
                and setting.on_unknown == "close"
            )
            or (
                any(f.outcome is Outcome.MANUAL for f in result.findings)
                and setting.on_manual == "close"
            )
        )
        assert result.closes_gate is must_close
    assert verdict.open is not any(result.closes_gate for result in results)
    assert verdict.open is (verdict.exit_code is ExitCode.HOLDS)
    assert verdict.open is (verdict.reasons == ())


@given(audits())
def test_report_and_off_never_close_and_off_has_no_result(audit) -> None:
    results, _ = judge(audit)
    on = [s.rule for s in audit[0].rules if s.mode is not Mode.OFF]
    assert [result.rule for result in results] == on
    assert not any(r.closes_gate for r in results if r.mode is Mode.REPORT)


@given(audits())
def test_a_pass_rests_on_evidence_of_every_kind_it_needs(audit) -> None:
    results, _ = judge(audit)
    _, _, found, broken = audit
    whole = {e.kind for e in found} == set(KINDS) and not broken
    for result in results:
        if result.outcome is Outcome.PASS:
            assert result.evidence
            assert whole
        elif not whole:
            assert result.outcome is Outcome.ERROR


@given(audits())
def test_a_waiver_turns_no_result_into_a_pass_and_closes_nothing_more(audit) -> None:
    plain, before = judge(audit)
    waivers = [
        Waiver(f"W-{r.rule}", r.rule, SUBJECT.digest, "**", "o", "r", "a", AS_OF, AS_OF)
        for r in plain
        if any(f.outcome is Outcome.FAIL for f in r.findings)
    ]
    waived, after = judge(audit, waivers=waivers)
    for old, new in zip(plain, waived, strict=True):
        assert (new.outcome is Outcome.PASS) is (old.outcome is Outcome.PASS)
        assert len(new.findings) == len(old.findings)
        assert old.closes_gate or not new.closes_gate
        assert (new.outcome is Outcome.WAIVED) <= (new.waivers != ())
    assert after.open or not before.open
