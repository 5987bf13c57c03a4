"""How bad an advisory says it is: a word, or a CVSS vector of version 3 or 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weighbridge.sources import cvss, cvss4

SEVERITIES = ("low", "medium", "high", "critical")
_WORDS = {"moderate": "medium", "important": "high", **{name: name for name in SEVERITIES}}
_MAX_VECTOR = 400


@dataclass(frozen=True, slots=True)
class Rating:
    """``word`` is one of :data:`SEVERITIES` or empty; ``score`` 0.0 to 10.0 of ``vector``.

    Without a vector that can be read, ``vector`` is empty and ``score`` None.
    """

    word: str = ""
    score: float | None = None
    vector: str = ""

    def worse(self, other: Rating) -> Rating:
        """The worse word of the two, and the higher score with its vector."""
        ranked = ("", *SEVERITIES)
        word = max(self.word, other.word, key=ranked.index)
        mine, its = (-1.0 if r.score is None else r.score for r in (self, other))
        scored = self if mine >= its else other
        return Rating(word, scored.score, scored.vector)


def rating_of(body: Mapping[str, Any]) -> Rating:
    """The worst that an advisory states, of itself or of a package that it affects."""
    found = Rating()
    affected = body.get("affected")
    entries = affected if isinstance(affected, list) else []
    for holder in (body, *(entry for entry in entries if isinstance(entry, Mapping))):
        for key in ("database_specific", "ecosystem_specific"):
            specific = holder.get(key)
            word = specific.get("severity") if isinstance(specific, Mapping) else None
            if isinstance(word, str):
                found = found.worse(Rating(_WORDS.get(word.lower(), "")))
        vectors = holder.get("severity")
        for item in vectors if isinstance(vectors, list) else []:
            vector = item.get("score") if isinstance(item, Mapping) else None
            if isinstance(vector, str) and len(vector) <= _MAX_VECTOR:
                found = found.worse(of_vector(vector))
    return found


def of_vector(vector: str) -> Rating:
    """What a vector amounts to; nothing where it is none of version 3.0, 3.1 or 4.0."""
    text = vector.strip()
    score = cvss4.score(text) if text.startswith("CVSS:4.") else cvss.base_score(text)
    return Rating() if score is None else Rating(cvss.rating(score), score, text)
