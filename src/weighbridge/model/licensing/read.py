"""Lineage and terms out of their evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.terms import Terms, from_facts


def lineage_of(evidence: Iterable[Evidence]) -> Lineage | None:
    """The graph; none where it was not observed."""
    for item in evidence:
        if item.state is EvidenceState.OBSERVED:
            return Lineage.of(cast(LineageFacts, item.data))
    return None


def terms_of(evidence: Iterable[Evidence]) -> dict[str, Terms]:
    """The terms by every id that stands for them: the one they are asked by, their own, others."""
    found: dict[str, Terms] = {}
    for item in evidence:
        if item.state is EvidenceState.OBSERVED:
            terms = from_facts(item.data)
            found[item.about] = terms
            for other in (terms.id, *terms.also):
                found.setdefault(other, terms)
    return found
