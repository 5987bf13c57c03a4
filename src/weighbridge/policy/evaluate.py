"""Evidence, rules and a policy to results and a verdict. Pure: no file, clock, network or locale.

The same evidence in any order gives the same results: rules see it sorted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.evidence import Breakage, Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Finding, Outcome
from weighbridge.model.policy import Mode, Policy, RuleSetting, Waiver
from weighbridge.model.record import RuleResult, Verdict
from weighbridge.model.rule import Case, Rule, by_id
from weighbridge.model.subject import Subject
from weighbridge.policy.gate import closing, verdict
from weighbridge.policy.waivers import accepts, refuse_dates

_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)
_BY_RULE = frozenset((*_WORST_FIRST, Outcome.PASS, Outcome.NOT_APPLICABLE))


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What every rule is judged with; evidence by kind, sorted, each with its digest."""

    policy: Policy
    subject: Subject
    as_of: dt.date
    evidence: Mapping[EvidenceKind, tuple[tuple[Evidence, Digest], ...]]
    breakages: tuple[Breakage, ...]


def evaluate(
    *,
    policy: Policy,
    rules: Sequence[Rule],
    subject: Subject,
    evidence: Sequence[Evidence],
    breakages: Sequence[Breakage],
    as_of: dt.date,
) -> tuple[tuple[RuleResult, ...], Verdict]:
    """Judge a subject.

    Args:
        policy: the effective policy. A rule it does not name is off.
        rules: in the registry's order, which is the results' order. A rule that the policy turns
            off has no result; the policy lists it.
        subject: what the evidence is about. Waivers for other subjects are not considered.
        evidence: in any order.
        breakages: collectors that crashed: rules that need their kinds end as ``error``.
        as_of: the day that counts as today.

    Raises:
        ConfigurationError: a waiver does not hold on that day, or it names this subject and
            accepts nothing.
    """
    refuse_dates(policy.waivers, as_of)
    waivers = tuple(w for w in policy.waivers if w.subject == subject.digest)
    inputs = _Inputs(policy, subject, as_of, _by_kind(evidence), tuple(breakages))
    table = by_id(rules)
    active = {s.rule: s for s in policy.rules if s.mode is not Mode.OFF}
    results = [
        _judge(rule, active[name], inputs, waivers)
        for name, rule in table.items()
        if name in active
    ]
    results += [_unknown_rule(active[name]) for name in sorted(set(active) - set(table))]
    _refuse_unused(waivers, results)
    return tuple(results), verdict(results, active, policy.gate)


def _by_kind(
    evidence: Sequence[Evidence],
) -> dict[EvidenceKind, tuple[tuple[Evidence, Digest], ...]]:
    hashed = [(e, e.digest) for e in evidence]
    hashed.sort(key=lambda pair: (pair[0].about, pair[0].source, pair[1]))
    return {kind: tuple(p for p in hashed if p[0].kind is kind) for kind in EvidenceKind}


def _judge(
    rule: Rule, setting: RuleSetting, inputs: _Inputs, waivers: tuple[Waiver, ...]
) -> RuleResult:
    conclusion = _conclude(rule, setting, inputs)
    mine = tuple(w for w in waivers if w.rule == setting.rule)
    findings: tuple[Finding, ...] = ()
    rested_on: tuple[Digest, ...] = ()
    if isinstance(conclusion, str):
        outcome, note = Outcome.ERROR, conclusion
    else:
        findings = tuple(_settle(finding, setting, mine) for finding in conclusion.findings)
        outcome = _after_waivers(conclusion.outcome, findings)
        rested_on, note = conclusion.evidence, conclusion.note
    result = RuleResult(
        rule=setting.rule,
        family=rule.META.family,
        summary=rule.META.summary,
        severity=setting.severity,
        mode=setting.mode,
        outcome=outcome,
        findings=findings,
        evidence=rested_on,
        note=note,
        closes_gate=False,
        waivers=tuple(w.id for w in mine if any(accepts(w, f) for f in findings)),
    )
    closes = bool(closing(result, setting, inputs.policy.gate))
    return dataclasses.replace(result, closes_gate=closes)


def _conclude(rule: Rule, setting: RuleSetting, inputs: _Inputs) -> Conclusion | str:
    """The rule's conclusion, or why there can be none."""
    kinds = sorted(set(rule.META.needs))
    for breakage in sorted(inputs.breakages, key=lambda b: (b.collector, b.message)):
        if any(kind in breakage.kinds for kind in kinds):
            return f"The collector {breakage.collector} broke: {breakage.message}"
    for kind in kinds:
        if not inputs.evidence[kind]:
            return f"There is no {kind} evidence, not even that there is none: no collector ran."
    given = tuple(pair for kind in kinds for pair in inputs.evidence[kind])
    case = Case(
        subject=inputs.subject,
        as_of=inputs.as_of,
        evidence=tuple(evidence for evidence, _ in given),
        params=setting.params,
        trust=inputs.policy.trust,
        signatures=inputs.policy.signatures,
    )
    try:
        conclusion = rule.check(case)
    except Exception as error:  # noqa: BLE001
        # A rule that breaks must not end the audit and must not pass: the result is `error`, which
        # closes the gate unless the policy says otherwise. Only the type is told: a message may
        # hold an address in memory, and the record must come out the same on every machine.
        return f"The rule broke with {type(error).__name__}."
    states = {digest: evidence.state for evidence, digest in given}
    return _contradiction(conclusion, states) or conclusion


def _contradiction(conclusion: object, given: Mapping[Digest, EvidenceState]) -> str:
    """Why a conclusion cannot be believed, empty where it can."""
    if not isinstance(conclusion, Conclusion):
        return f"The rule concluded a {type(conclusion).__name__}."
    if conclusion.outcome not in _BY_RULE:
        return f"The rule concluded {conclusion.outcome}, which is not for a rule to say."
    met = {finding.outcome for finding in conclusion.findings}
    worst = next((outcome for outcome in _WORST_FIRST if outcome in met), conclusion.outcome)
    if conclusion.outcome is not worst:
        return f"The rule concluded {conclusion.outcome} with a finding that is {worst}."
    if not set(given).issuperset(conclusion.evidence):
        return "The rule named evidence that it was not given."
    if conclusion.outcome is Outcome.PASS and all(
        given[digest] is EvidenceState.UNAVAILABLE for digest in conclusion.evidence
    ):
        return "The rule concluded pass on nothing but evidence that could not be had."
    return ""


def _settle(finding: Finding, setting: RuleSetting, waivers: tuple[Waiver, ...]) -> Finding:
    """A finding with its severity filled in, and the first waiver that accepts it.

    A severity that a policy file gives replaces the finding's own; otherwise the finding's own
    holds, then the rule's.
    """
    own = None if setting.severity_set else finding.severity
    waiver = next((w.id for w in waivers if accepts(w, finding)), "")
    return dataclasses.replace(finding, severity=own or setting.severity, waiver=waiver)


def _after_waivers(outcome: Outcome, findings: tuple[Finding, ...]) -> Outcome:
    """The outcome of what is not waived. What is waived never becomes a pass."""
    if not any(finding.waiver for finding in findings):
        return outcome
    left = {finding.outcome for finding in findings if not finding.waiver}
    return next((o for o in _WORST_FIRST if o in left), Outcome.WAIVED)


def _unknown_rule(setting: RuleSetting) -> RuleResult:
    """A rule that the policy enforces and this version does not have: never dropped in silence."""
    closes = setting.mode is Mode.ENFORCE and setting.on_error.value == "close"
    return RuleResult(
        rule=setting.rule,
        family="",
        summary="",
        severity=setting.severity,
        mode=setting.mode,
        outcome=Outcome.ERROR,
        findings=(),
        evidence=(),
        note="This version has no such rule.",
        closes_gate=closes,
    )


def _refuse_unused(waivers: tuple[Waiver, ...], results: Sequence[RuleResult]) -> None:
    """Refuse a waiver for this subject that accepts nothing.

    Where its rule could not look everywhere, nobody knows whether the waiver is used: it may stand.
    """
    by_rule = {result.rule: result for result in results}
    for waiver in waivers:
        result = by_rule.get(waiver.rule)
        if result is None:
            raise ConfigurationError(
                f"the waiver {waiver.id!r} is for the rule {waiver.rule!r}, which is off",
                remedy="Remove the waiver.",
            )
        undecided = result.outcome is Outcome.ERROR or any(
            finding.outcome is Outcome.UNKNOWN for finding in result.findings
        )
        if waiver.id not in result.waivers and not undecided:
            raise ConfigurationError(
                f"the waiver {waiver.id!r} accepts nothing: no failing finding of {waiver.rule!r} "
                f"is at {waiver.path!r}",
                remedy="Remove it, or correct its path.",
            )
