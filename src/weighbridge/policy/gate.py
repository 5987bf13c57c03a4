"""When the gate closes, and why, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weighbridge.model.errors import ExitCode, worst
from weighbridge.model.finding import Finding, Outcome, Severity
from weighbridge.model.policy import Gate, Mode, OnInconclusive, RuleSetting
from weighbridge.model.record import RuleResult, Verdict

# What each outcome that closes the gate exits with, the weightiest first.
_CODES = {
    Outcome.ERROR: ExitCode.ERROR,
    Outcome.FAIL: ExitCode.VIOLATED,
    Outcome.UNKNOWN: ExitCode.INCONCLUSIVE,
    Outcome.MANUAL: ExitCode.INCONCLUSIVE,
}
_WEIGHT = tuple(_CODES)


def closing(result: RuleResult, setting: RuleSetting, gate: Gate) -> tuple[Outcome, ...]:
    """What in one result closes the gate, the weightiest first; empty where it leaves it open.

    Every finding counts, not the outcome alone: a fail of low severity must not hide that something
    else could not be looked at. Waived findings do not count.
    """
    if setting.mode is not Mode.ENFORCE:
        return ()
    failing = _worst_failing(result)
    closes = {
        Outcome.ERROR: setting.on_error is OnInconclusive.CLOSE,
        Outcome.FAIL: failing is not None and failing.rank >= gate.fail_on.rank,
        Outcome.UNKNOWN: setting.on_unknown is OnInconclusive.CLOSE,
        Outcome.MANUAL: setting.on_manual is OnInconclusive.CLOSE,
    }
    return tuple(outcome for outcome in _CODES if closes[outcome] and _met(result, outcome))


def verdict(
    results: Sequence[RuleResult], settings: Mapping[str, RuleSetting], gate: Gate
) -> Verdict:
    """The gate over all results, with a sentence for each thing that closes it.

    Args:
        results: of the rules that are on.
        settings: by rule.
        gate: its threshold.
    """
    reasons = []
    for position, result in enumerate(results):
        severity = (_worst_failing(result) or result.severity).rank
        for outcome in closing(result, settings[result.rule], gate):
            weight = (_WEIGHT.index(outcome), -severity, position)
            reasons.append((weight, outcome, _reason(result, outcome)))
    reasons.sort(key=lambda reason: reason[0])
    exit_code = worst(_CODES[outcome] for _, outcome, _ in reasons)
    return Verdict(not reasons, exit_code, tuple(text for _, _, text in reasons))


def _live(result: RuleResult, outcome: Outcome) -> list[Finding]:
    return [f for f in result.findings if f.outcome is outcome and not f.waiver]


def _met(result: RuleResult, outcome: Outcome) -> bool:
    return result.outcome is outcome or bool(_live(result, outcome))


def _worst_failing(result: RuleResult) -> Severity | None:
    """The worst severity among failing findings that are not waived."""
    severities = [f.severity or result.severity for f in _live(result, Outcome.FAIL)]
    if not severities and result.outcome is Outcome.FAIL:
        severities = [result.severity]  # a rule that fails and points at nothing
    return max(severities, key=lambda severity: severity.rank, default=None)


def _reason(result: RuleResult, outcome: Outcome) -> str:
    if outcome is Outcome.ERROR:
        return f"{result.rule} ended in an error: {result.note}"
    found = _live(result, outcome)
    first = _weightiest(result, found).message if found else result.note
    if outcome is Outcome.FAIL:
        what = f"fails: {_counted(found)}, {_worst_failing(result)} at worst"
    else:
        words = "is unknown" if outcome is Outcome.UNKNOWN else "needs a person"
        what = f"{words}: {_counted(found)}"
    return f"{result.rule} {what}. {first}".rstrip()


def _weightiest(result: RuleResult, found: Sequence[Finding]) -> Finding:
    """The first of the worst: a changed weight file is named before an added script."""
    return max(found, key=lambda finding: (finding.severity or result.severity).rank)


def _counted(findings: Sequence[Finding]) -> str:
    return "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
