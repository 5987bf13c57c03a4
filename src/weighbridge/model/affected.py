"""What evidence about advisories amounts to: every weakness once, and every thing's standing.

Several sources may be asked about one package. Advisories that share a name are one here, whoever
told of them. A thing is ``vulnerable`` if any source says so; else it is ``not-assessed`` if any
source that was to be asked gave no answer; else ``not-vulnerable``, as far as the sources know.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from weighbridge.model.dependencies import Dependencies
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackagesFacts
from weighbridge.model.facts.vulnerability import AdvisoryFact, VulnerabilityFacts
from weighbridge.model.finding import Location

MAX_URLS = 10
_RANKED = ("", "low", "medium", "high", "critical")


class Standing(enum.StrEnum):
    """What is known of one package, model or file."""

    VULNERABLE = "vulnerable"
    NOT_VULNERABLE = "not-vulnerable"
    NOT_ASSESSED = "not-assessed"


@dataclass(frozen=True, slots=True)
class Affected:
    """One weakness of one thing, as all the sources together tell it.

    ``about`` names it (``name==version``, a package URL, a path); ``kind``, ``package`` and
    ``version`` are those of ``VulnerabilityFacts``. ``way`` is the shortest way in which a package
    comes in, from one that is asked for directly; empty where it is asked for itself or nothing is
    known. The other fields are those of ``AdvisoryFact``; ``sources`` say who told.
    """

    about: str
    kind: str
    package: str
    version: str
    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str
    score: str
    vector: str
    fixed_versions: tuple[str, ...]
    malicious: bool
    published: str
    modified: str
    urls: tuple[str, ...]
    way: str
    location: Location | None
    sources: tuple[str, ...]
    evidence: tuple[Digest, ...]

    @property
    def named(self) -> str:
        """How a message calls it."""
        words = {"model": "the model", "base-model": f"{self.about}, which the model is made from,"}
        return words.get(self.kind, self.about)


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that advisories were to be looked up for.

    ``kind`` is empty where no source answered. ``sources`` are those that answered, ``reasons`` why
    others did not. ``weaknesses`` counts what is known, whatever was not asked. ``known``: a source
    has told that it knows the package, so that its silence means something. ``beyond``: a part of a
    package that no source has advisories for; see :func:`is_beyond`.
    """

    about: str
    kind: str
    standing: Standing
    weaknesses: int
    known: bool
    sources: tuple[str, ...]
    reasons: tuple[str, ...]
    beyond: bool


def is_beyond(evidence: Evidence) -> bool:
    """Whether it is about a part inside a package (``pkg:… in numpy``) that nobody can tell of.

    Such a part (a distribution's library in a wheel) is told of, and is for a person: no service
    would ever answer, and what cannot be had is not required.
    """
    return evidence.state is EvidenceState.UNSUPPORTED and " in " in evidence.about


def affected(evidence: Sequence[Evidence]) -> list[Affected]:
    """Every weakness that any source tells of, sorted by what is affected."""
    observed = _of(evidence, EvidenceKind.VULNERABILITY)
    places = _Places(_of(evidence, EvidenceKind.PACKAGES))
    return [
        _joined(about, group, places)
        for about, answers in _by_thing(observed).items()
        for group in _groups(answers)
    ]


def looked_up(evidence: Sequence[Evidence]) -> list[Looked]:
    """Everything that was to be looked up, sorted; nothing where no packages are recorded."""
    everything: dict[str, list[Evidence]] = {}
    for one in evidence:
        if one.kind is EvidenceKind.VULNERABILITY and one.state is not EvidenceState.ABSENT:
            everything.setdefault(one.about, []).append(one)
    weaknesses: dict[str, int] = {}
    for about, answers in _by_thing(_of(evidence, EvidenceKind.VULNERABILITY)).items():
        weaknesses[about] = len(_groups(answers))
    return [
        _looked(about, everything[about], weaknesses.get(about, 0)) for about in sorted(everything)
    ]


def _looked(about: str, answers: Sequence[Evidence], weaknesses: int) -> Looked:
    observed = [one for one in answers if one.state is EvidenceState.OBSERVED]
    reasons = sorted({one.reason for one in answers if one.state is not EvidenceState.OBSERVED})
    standing = Standing.NOT_ASSESSED if reasons else Standing.NOT_VULNERABLE
    return Looked(
        about=about,
        kind=_kind(cast(VulnerabilityFacts, observed[0].data)) if observed else "",
        standing=Standing.VULNERABLE if weaknesses else standing,
        weaknesses=weaknesses,
        known=any(one.data.get("service_knows_package") for one in observed),
        sources=tuple(sorted({one.source for one in observed})),
        reasons=tuple(reasons),
        beyond=all(is_beyond(one) for one in answers),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One advisory as one source tells it."""

    facts: VulnerabilityFacts
    advisory: AdvisoryFact
    names: frozenset[str]
    source: str
    evidence: Digest

    @property
    def id(self) -> str:
        return self.advisory["id"]


def _of(evidence: Sequence[Evidence], kind: EvidenceKind) -> list[Evidence]:
    return [e for e in evidence if e.kind is kind and e.state is EvidenceState.OBSERVED]


def _kind(facts: VulnerabilityFacts) -> str:
    return facts.get("kind", "package")  # records of version 0.1 have none


def _by_thing(observed: Iterable[Evidence]) -> dict[str, list[_Told]]:
    found: dict[str, list[_Told]] = {}
    for evidence in observed:
        facts = cast(VulnerabilityFacts, evidence.data)
        for advisory in facts["advisories"]:
            names = frozenset((advisory["id"], *advisory["aliases"]))
            told = _Told(facts, advisory, names, evidence.source, evidence.digest)
            found.setdefault(evidence.about, []).append(told)
    return dict(sorted(found.items()))


def _groups(answers: Sequence[_Told]) -> list[list[_Told]]:
    """Those that share a name, directly or by way of a third one, are one."""
    groups: list[tuple[set[str], list[_Told]]] = []
    for told in answers:
        names, members = set(told.names), [told]
        apart = []
        for group in groups:
            if names.isdisjoint(group[0]):
                apart.append(group)
            else:
                names |= group[0]
                members += group[1]
        groups = [*apart, (names, members)]
    joined = [sorted(members, key=_first) for _, members in groups]
    return sorted(joined, key=lambda members: _first(members[0]))


def _first(told: _Told) -> tuple[bool, bool, str, str]:
    """The name that a weakness goes by: malice, then the one that pip-audit puts first."""
    malicious = told.advisory["malicious"]
    return (not malicious, not told.id.startswith("PYSEC"), told.id, told.source)


def _joined(about: str, group: Sequence[_Told], places: _Places) -> Affected:
    best = group[0]
    facts, kind = best.facts, _kind(best.facts)
    place, way = places.of(facts["package"], facts["version"])
    if kind != "package":
        place, way = (Location(about) if kind == "weights" else None), ""
    # what older records lack is empty
    scored = max(group, key=lambda told: float(told.advisory.get("score") or -1))
    summaries = [told.advisory["summary"] for told in group if told.advisory["summary"]]
    published = [day for told in group if (day := told.advisory.get("published", ""))]
    fixed = dict.fromkeys(v for told in group for v in told.advisory["fixed_versions"])
    urls = dict.fromkeys(url for told in group for url in told.advisory.get("urls", ()))
    return Affected(
        about=about,
        kind=kind,
        package=facts["package"],
        version=facts["version"],
        id=best.id,
        aliases=tuple(sorted({name for told in group for name in told.names} - {best.id})),
        summary=next(iter(summaries), ""),
        severity=max((told.advisory["severity"] for told in group), key=_RANKED.index),
        score=scored.advisory.get("score", ""),
        vector=scored.advisory.get("vector", ""),
        fixed_versions=tuple(fixed),
        malicious=any(told.advisory["malicious"] for told in group),
        published=min(published, default=""),
        modified=max(told.advisory.get("modified", "") for told in group),
        urls=tuple(urls)[:MAX_URLS],
        way=way,
        location=place,
        sources=tuple(sorted({told.source for told in group})),
        evidence=tuple(sorted({told.evidence for told in group})),
    )


class _Places:
    """Where packages are named. A file of the subject comes before an environment."""

    def __init__(self, sources: Iterable[Evidence]) -> None:
        self._graphs: dict[str, Dependencies] = {}
        self._named: dict[tuple[str, str], tuple[Evidence, int]] = {}
        for source in sorted(sources, key=lambda e: e.about.startswith("environment:")):
            for package in cast(PackagesFacts, source.data)["packages"]:
                key = (package["name"], package["version"])
                self._named.setdefault(key, (source, package["line"]))

    def of(self, name: str, version: str) -> tuple[Location | None, str]:
        """The place inside the subject, and the way in which it comes in."""
        found = self._named.get((name, version))
        if found is None:
            return None, ""
        source, line = found
        graph = self._graphs.get(source.about)
        if graph is None:
            graph = Dependencies(cast(PackagesFacts, source.data)["packages"])
            self._graphs[source.about] = graph
        way = graph.introduction(name) if graph.depth(name) > 1 else ""
        if source.about.startswith("environment:"):
            return None, way
        return Location(source.about, line), way
