"""The scores of a record's projects, computed again from its evidence and its policy.

They are those that the rule ``hijack-score`` judged by: the same evidence, parameters and date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from weighbridge.model.digest import Digest
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.policy import Mode

if TYPE_CHECKING:
    import datetime as dt

    from weighbridge.model.evidence import Evidence
    from weighbridge.model.facts.project import ProjectFacts
    from weighbridge.model.hijack.score import Score
    from weighbridge.model.policy import ParamValue
    from weighbridge.model.record import AuditRecord

RULE = "hijack-score"


@dataclass(frozen=True, slots=True)
class Scored:
    """One project: its purl, its score, whether it was accepted before, the evidence behind it."""

    about: str
    score: Score
    accepted: bool
    evidence: tuple[Digest, ...]


def scored(record: AuditRecord) -> tuple[Scored, ...]:
    """Every project that was observed, the highest score first; none where the rule is off.

    Those whose facts are not of their shape are left out: the rule's own outcome tells of them.
    """
    setting = record.policy.setting(RULE)
    if setting is None or setting.mode is Mode.OFF:
        return ()
    accepted = {
        e.about: e
        for e in record.evidence
        if e.kind is EvidenceKind.BASELINE and e.state is EvidenceState.OBSERVED
    }
    found = []
    for item in record.evidence:
        if item.kind is not EvidenceKind.PROJECT or item.state is not EvidenceState.OBSERVED:
            continue
        before = accepted.get(item.about)
        rests_on = (item.digest, *((before.digest,) if before is not None else ()))
        try:
            total = _score(item, before, record.as_of, setting.params)
        except (KeyError, TypeError, AttributeError, ValueError):
            continue  # a stranger's record, whose facts have another shape
        found.append(Scored(item.about, total, before is not None, rests_on))
    return tuple(
        sorted(found, key=lambda one: (-len(one.score.stops), -one.score.points, one.about))
    )


def _score(
    item: Evidence, before: Evidence | None, as_of: dt.date, params: Mapping[str, ParamValue]
) -> Score:
    # put off: most records are of no project, and the signals are many modules
    from weighbridge.model.hijack.score import score
    from weighbridge.model.hijack.view import View

    view = View(
        cast("ProjectFacts", item.data),
        cast("ProjectFacts", before.data) if before is not None else None,
        as_of,
    )
    return score(
        view,
        warn_points=cast(int, params["warn_points"]),
        stops=cast("tuple[str, ...]", params["stops"]),
        revoked=cast("tuple[str, ...]", params["revoked_digests"]),
    )
