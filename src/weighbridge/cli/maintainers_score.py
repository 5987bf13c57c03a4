"""The hijack score of each project as fields: every signal, what it is worth, and what it rests on.

The same numbers as those in the finding of ``hijack-score``, which is judged with its defaults
here; whoever sums ``counted`` over the signals has ``points``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack.contents import shown
from weighbridge.model.hijack.likelihood import Signal
from weighbridge.model.hijack.score import LONGEST, WARN_POINTS, Score, score
from weighbridge.model.hijack.signals import SIGNALS
from weighbridge.model.hijack.view import View
from weighbridge.model.record import AuditRecord

_DECIMALS = 6


def scores(record: AuditRecord) -> Mapping[str, dict[str, Any]]:
    """For each project that was observed, by its purl, its score and all its signals."""
    accepted = {e.about: e for e in _observed(record, EvidenceKind.BASELINE)}
    return {
        one.about: _scored(one, accepted.get(one.about), record)
        for one in _observed(record, EvidenceKind.PROJECT)
    }


def _observed(record: AuditRecord, kind: EvidenceKind) -> Iterable[Evidence]:
    return (
        e for e in record.evidence
        if e.kind is kind and e.about and e.state is EvidenceState.OBSERVED
    )  # fmt: skip


def _scored(now: Evidence, before: Evidence | None, record: AuditRecord) -> dict[str, Any]:
    facts = cast(ProjectFacts, now.data)
    view = View(facts, cast(ProjectFacts, before.data) if before else None, record.as_of)
    total = score(view)
    evidence = [str(one.digest) for one in (now, before) if one is not None]
    return {
        "release": shown(total.release, LONGEST),
        "points": total.points,
        "warn_points": WARN_POINTS,
        "stops": [shown(stop, LONGEST) for stop in total.stops],
        "coverage": total.coverage,
        "gaps": [shown(gap, LONGEST) for gap in total.gaps],
        "signals": [_signal(signal, view, total, evidence) for signal in SIGNALS],
    }


def _signal(signal: Signal, view: View, total: Score, evidence: list[str]) -> dict[str, Any]:
    worth = signal.likelihood
    return {
        "signal": signal.id,
        "group": signal.group.value,
        "state": _state(signal.id, total),
        "points": worth.points,
        "counted": sum(item.counted for item in total.items if item.signal == signal.id),
        "numerator": round(worth.numerator, _DECIMALS),
        "denominator": round(worth.denominator, _DECIMALS),
        "ratio": round(worth.ratio, _DECIMALS),
        "incidents": [worth.incidents, worth.incidents_judged],
        "benign": [worth.benign, worth.benign_judged],
        "source": worth.source,
        "readings": [
            {
                "state": reading.state.value,
                "release": shown(reading.release, LONGEST),
                "what": shown(reading.what, LONGEST),
            }
            for reading in signal.read(view)
        ],
        "evidence": evidence,
    }


def _state(name: str, total: Score) -> str:
    if name in total.fired:
        return "fired"
    if name in total.unavailable:
        return "unavailable"
    return "clear" if name in total.judged else "not_applicable"
