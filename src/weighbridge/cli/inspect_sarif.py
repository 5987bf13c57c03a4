"""``weighbridge inspect`` as SARIF: the same view as an audit's, of the weight rules alone."""

from __future__ import annotations

from weighbridge import __version__
from weighbridge.cli.inspect_files import Inspected
from weighbridge.model.finding import Severity
from weighbridge.model.policy import Gate, Policy, RuleSetting
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState
from weighbridge.policy.evaluate import evaluate
from weighbridge.report import sarif


def as_sarif(inspected: Inspected) -> bytes:
    """A run with the weight rules, each enforced from its lowest severity on."""
    rules = tuple(judged.rule for judged in inspected.judged)
    settings = tuple(
        RuleSetting(j.rule.META.id, j.rule.META.severity, params=j.params) for j in inspected.judged
    )
    policy = Policy("inspect", "1", "weighbridge", settings, Gate(Severity.INFO))
    results, verdict = evaluate(
        policy=policy,
        rules=rules,
        subject=inspected.subject,
        evidence=inspected.evidence,
        breakages=(),
        as_of=inspected.as_of,
    )
    record = AuditRecord(
        tool_version=__version__,
        as_of=inspected.as_of,
        offline=True,
        subject=inspected.subject,
        artifacts=inspected.artifacts,
        problems=inspected.problems,
        policy=policy,
        clauses=(),
        evidence=inspected.evidence,
        breakages=(),
        results=results,
        verdict=verdict,
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "nothing is sealed"),
    )
    return sarif.render(record, tuple(rule.META for rule in rules))
