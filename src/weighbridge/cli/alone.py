"""A record of a few rules alone, for verbs that judge a part: no policy of the user's, no seal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weighbridge.model.evidence import Evidence
    from weighbridge.model.policy import Gate
    from weighbridge.model.record import AuditRecord
    from weighbridge.snapshot.snapshot import Snapshot


def judged_alone(
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
    *,
    family: str,
    rules: Collection[str],
    as_of: dt.date,
    offline: bool,
    gate: Gate | None = None,
) -> AuditRecord:
    """The evidence judged by some rules of a family, each at its own severity."""
    from weighbridge import __version__
    from weighbridge.model.policy import Gate, Policy, RuleSetting
    from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState
    from weighbridge.policy.evaluate import evaluate
    from weighbridge.rules.registry import load_rules

    chosen = tuple(rule for rule in load_rules(family) if rule.META.id in rules)
    policy = Policy(
        id=family,
        version=__version__,
        owner="weighbridge",
        rules=tuple(
            RuleSetting(rule.META.id, rule.META.severity, params=rule.META.defaults)
            for rule in chosen
        ),
        gate=gate or Gate(),
    )
    results, verdict = evaluate(
        policy=policy,
        rules=chosen,
        subject=snapshot.subject,
        evidence=evidence,
        breakages=(),
        as_of=as_of,
    )
    return AuditRecord(
        tool_version=__version__,
        as_of=as_of,
        offline=offline,
        subject=snapshot.subject,
        artifacts=snapshot.artifacts,
        problems=snapshot.problems,
        policy=policy,
        clauses=(),
        evidence=evidence,
        breakages=(),
        results=results,
        verdict=verdict,
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "the record is not sealed"),
    )
