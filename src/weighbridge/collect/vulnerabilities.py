"""Security advisories: for each version of each package that is recorded, and each source asked.

What could not be asked is said for each package: a package without an exact version, a source that
could not be read, a service that failed, a run that is offline. An empty list of advisories is an
answer; no answer never becomes an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.model_advisories import advisory_fact, of_models
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.facts.vulnerability import VulnerabilityFacts
from weighbridge.sources.advisories import (
    AdvisorySource,
    Answer,
    DatabaseSource,
    IndexSource,
    Source,
)
from weighbridge.sources.http import HttpClient
from weighbridge.sources.osv import PackageVersion

NAME = "vulnerabilities"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.VULNERABILITY,)
_COLLECTOR = f"{NAME}@2"
NO_SERVICE = "none"  # in place of an OSV service's address
_OFFLINE = "offline: advisories were not asked"
_NOBODY = "no service and no database is configured to be asked"


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """Advisories for the packages that the packages collector found, and for the models.

    Sorted by package; one that several sources were asked about has a piece of evidence for each.
    """
    packages = ctx.earlier.get(EvidenceKind.PACKAGES, ())
    evidence = [*_unread(packages), *_asked(ctx, _recorded(packages)), *of_models(ctx, _COLLECTOR)]
    if not evidence:
        reason = "no packages are recorded, so there is nothing to ask advisories for"
        evidence.append(_evidence("", EvidenceState.ABSENT, "packages", reason))
    return tuple(sorted(evidence, key=lambda e: (e.about, e.source)))


def _recorded(packages: tuple[Evidence, ...]) -> list[PackageFact]:
    """Every package of every source, once for each name, version and way of being given."""
    distinct: dict[tuple[str, str, str], PackageFact] = {}
    for source in packages:
        if source.state is EvidenceState.OBSERVED:
            for package in cast(PackagesFacts, source.data)["packages"]:
                key = (package["name"], package["version"], package["origin"])
                distinct.setdefault(key, package)
    return [distinct[key] for key in sorted(distinct)]


def _unread(packages: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """Sources that may name packages nobody knows of."""
    for source in packages:
        if source.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            yield _evidence(
                source.about,
                EvidenceState.UNAVAILABLE,
                source.source,
                f"the packages in {source.about or 'the subject'} are not known: {source.reason}",
            )
        elif source.state is EvidenceState.OBSERVED:
            facts = cast(PackagesFacts, source.data)
            hidden = [issue for issue in facts["issues"] if issue["incomplete"]]
            if hidden:
                yield _evidence(
                    source.about,
                    EvidenceState.UNAVAILABLE,
                    source.source,
                    f"{source.about} may name packages that could not be read"
                    f" ({len(hidden)} places, the first: {hidden[0]['kind']})",
                )


def _asked(ctx: CollectContext, packages: list[PackageFact]) -> Iterator[Evidence]:
    askable: dict[tuple[str, str], PackageVersion] = {}
    for package in packages:
        name, version = package["name"], package["version"]
        public = _public(version)
        if public:
            askable[name, version] = PackageVersion(name, public)
        elif not version:
            yield _evidence(
                name,
                EvidenceState.UNAVAILABLE,
                "packages",
                "no exact version is recorded to ask advisories for",
            )
        else:
            yield _evidence(
                f"{name}=={version}",
                EvidenceState.UNAVAILABLE,
                "packages",
                "the recorded version is not one that advisories can be asked for",
            )
    if not askable:
        return
    if ctx.offline and ctx.services.osv_database is None:
        yield from _unasked(askable, "osv", _OFFLINE)
        return
    with HttpClient(
        offline=ctx.offline, timeout_seconds=ctx.services.timeout_seconds, store=ctx.store.put
    ) as http:
        makers = _sources(ctx, http)
        if not makers:
            yield from _unasked(askable, "osv", _NOBODY)
        for what, make in makers:
            try:
                source = make()
            except ConfigurationError as error:
                yield from _unasked(askable, what, error.message)
                continue
            answers = source.ask(askable.values())
            for name, version in sorted(askable):
                asked = askable[name, version]
                yield _answered(name, version, asked, answers[asked], source.name)


def _sources(ctx: CollectContext, http: HttpClient) -> list[tuple[str, Callable[[], Source]]]:
    """Who is to be asked: a database in place of the OSV service, and the index, if named.

    An offline run leaves the index out: the database has answered.
    """
    services = ctx.services
    found: list[tuple[str, Callable[[], Source]]] = []
    if services.osv_database is not None:
        database = DatabaseSource(
            services.osv_database,
            as_of=ctx.as_of,
            max_age_days=services.database_days,
            store=ctx.store.put,
        )
        found.append((database.name, lambda: database))
    elif services.osv != NO_SERVICE:
        found.append(("osv", lambda: AdvisorySource(http, services.osv)))
    if services.package_index and not ctx.offline:
        found.append(("package-index", lambda: IndexSource(http, services.package_index)))
    return found


def _unasked(askable: Iterable[tuple[str, str]], source: str, reason: str) -> Iterator[Evidence]:
    for name, version in sorted(askable):
        yield _evidence(f"{name}=={version}", EvidenceState.UNAVAILABLE, source, reason)


def _answered(
    name: str, version: str, asked: PackageVersion, answer: Answer, service: str
) -> Evidence:
    about = f"{name}=={version}"
    if answer.failure:
        return _evidence(about, EvidenceState.UNAVAILABLE, service, answer.failure, answer.raw)
    facts: VulnerabilityFacts = {
        "kind": "package",
        "package": name,
        "version": version,
        "asked_version": asked.version,
        "service_knows_package": answer.known,
        "advisories": [advisory_fact(advisory) for advisory in answer.advisories],
        "withdrawn": list(answer.withdrawn),
        "known_on": answer.as_of,
    }
    return Evidence(
        EvidenceKind.VULNERABILITY,
        about,
        EvidenceState.OBSERVED,
        service,
        _COLLECTOR,
        data={**facts},
        raw=answer.raw,
    )


def _public(version: str) -> str:
    """The version without its local part; empty where it is not one (PEP 440)."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version).public
    except InvalidVersion:
        return ""


def _evidence(
    about: str, state: EvidenceState, source: str, reason: str, raw: tuple[Digest, ...] = ()
) -> Evidence:
    return Evidence(EvidenceKind.VULNERABILITY, about, state, source, _COLLECTOR, reason, raw=raw)
