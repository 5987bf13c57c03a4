"""An advisory as evidence has it; of this, severity, days and links are not told by pip-audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.sources.severity import Rating, rating_of

MAX_URLS = 5
_MAX_SUMMARY = 300
_MAX_URL = 500


@dataclass(frozen=True, slots=True)
class Advisory:
    """One weakness; the fields are those of ``AdvisoryFact``."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str
    fixed_versions: tuple[str, ...]
    malicious: bool
    score: str = ""
    vector: str = ""
    published: str = ""
    modified: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extras:
    """What pip-audit does not tell of an advisory."""

    rating: Rating = field(default_factory=Rating)
    published: str = ""
    modified: str = ""
    urls: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Extras:
        """Of an advisory in OSV form."""
        days = [_day(body.get(key)) for key in ("published", "modified")]
        return cls(rating_of(body), days[0], days[1], urls_of(body.get("references")))

    def and_(self, other: Extras) -> Extras:
        """Both in one: the worse rating, the earliest publication, the latest change."""
        published = [day for day in (self.published, other.published) if day]
        return Extras(
            self.rating.worse(other.rating),
            min(published, default=""),
            max(self.modified, other.modified),
            tuple(dict.fromkeys((*self.urls, *other.urls)))[:MAX_URLS],
        )


def _day(value: Any) -> str:
    """The moment in UTC to the second (``2026-01-01T00:00:00Z``), empty where it is none."""
    import datetime as dt

    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else ""
    except (TypeError, ValueError, OverflowError):
        return ""


def urls_of(references: Any) -> tuple[str, ...]:
    """Web addresses, those of advisories and repairs first."""
    found = [item for item in references if isinstance(item, Mapping)] if isinstance(
        references, list
    ) else []  # fmt: skip
    first = [item for item in found if item.get("type") in ("ADVISORY", "FIX")]
    urls = [item.get("url") for item in (*first, *found)]
    kept = [
        url
        for url in urls
        if isinstance(url, str)
        and url.startswith(("https://", "http://"))
        and len(url) <= _MAX_URL
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(' "<>\\^`{|}')
    ]
    return tuple(dict.fromkeys(kept))[:MAX_URLS]


def advisory_without_versions(
    body: Mapping[str, Any], aliases: Sequence[str], fixed: Sequence[str]
) -> Advisory:
    """An advisory about what has no versions that pip-audit could read."""
    identifier = visible(str(body["id"]), 100)
    return with_extras(
        identifier, {identifier, *aliases}, summary_of(body), tuple(fixed), Extras.of(body)
    )


def summary_of(body: Mapping[str, Any]) -> str:
    """What it is about, on one line."""
    text = body.get("summary") or body.get("details") or ""
    return visible(" ".join(str(text)[:4_000].split()), _MAX_SUMMARY)


def with_extras(
    identifier: str, names: set[str], summary: str, fixed: tuple[str, ...], told: Extras
) -> Advisory:
    """A name ``MAL-…`` comes first: whoever wrote it says that the package is the attack."""
    malicious = sorted(name for name in names if name.startswith("MAL-"))
    first = malicious[0] if malicious else identifier
    score = told.rating.score
    return Advisory(
        id=first,
        aliases=tuple(sorted(names - {first})),
        summary=summary,
        severity="critical" if malicious else told.rating.word,
        fixed_versions=fixed,
        malicious=bool(malicious),
        score="" if score is None else f"{score:.1f}",
        vector=told.rating.vector,
        published=told.published,
        modified=told.modified,
        urls=told.urls,
    )
