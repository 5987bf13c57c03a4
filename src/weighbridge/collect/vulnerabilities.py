"""Security advisories: for each version of each package that is recorded, and each source asked.

What could not be asked is said for each package: a package without an exact version, a source that
could not be read, a service that failed, a run that is offline, a package of an ecosystem that OSV
does not have (conda). An empty list of advisories is an answer; no answer never becomes an empty
list. What packages embed is looked up too (:mod:`weighbridge.collect.embedded_advisories`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.embedded_advisories import Embedded, embedded_components
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.facts.vulnerability import VulnerabilityFacts

if TYPE_CHECKING:
    from weighbridge.sources.advisories import Answer, Source
    from weighbridge.sources.http import HttpClient
    from weighbridge.sources.osv import PackageVersion

NAME = "vulnerabilities"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.VULNERABILITY,)
_COLLECTOR = f"{NAME}@2"
NO_SERVICE = "none"  # in place of an OSV service's address
_OFFLINE = "offline: advisories were not asked"
_NOBODY = "no service and no database is configured to be asked"
_NO_ECOSYSTEM = "OSV has no ecosystem for packages of {}, so no advisories can be asked for"
_ONLY_PYPI = "without an OSV service advisories are looked up for packages of PyPI only"


@dataclass(frozen=True, slots=True)
class _Thing:
    """What advisories can be asked for; the names are those of its evidence."""

    about: str
    kind: str
    package: str
    version: str
    asked: PackageVersion


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """Advisories for the packages that the packages collector found, and for the models.

    Sorted by package; one that several sources were asked about has a piece of evidence for each.
    """
    from weighbridge.collect.model_advisories import of_models

    packages = ctx.earlier.get(EvidenceKind.PACKAGES, ())
    things: dict[str, _Thing] = {}
    evidence = [*_unread(packages)]
    evidence += _recorded_things(_recorded(packages), things)
    evidence += _embedded_things(embedded_components(ctx), things)
    evidence += _asked(ctx, [things[about] for about in sorted(things)])
    evidence += of_models(ctx, _COLLECTOR)
    if not evidence:
        reason = "no packages are recorded, so there is nothing to ask advisories for"
        evidence.append(_evidence("", EvidenceState.ABSENT, "packages", reason))
    return tuple(sorted(evidence, key=lambda e: (e.about, e.source)))


def _recorded(packages: tuple[Evidence, ...]) -> list[PackageFact]:
    """Every package of every source, once for each name, version and way of being given."""
    distinct: dict[tuple[str, str, str, str], PackageFact] = {}
    for source in packages:
        if source.state is EvidenceState.OBSERVED:
            for package in cast(PackagesFacts, source.data)["packages"]:
                kind = package["purl"].partition("/")[0]
                key = (package["name"], package["version"], package["origin"], kind)
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


def _recorded_things(
    packages: Sequence[PackageFact], things: dict[str, _Thing]
) -> Iterator[Evidence]:
    """Add what can be asked for; of the rest, the reason why it cannot."""
    from weighbridge.sources.osv import PackageVersion

    for package in packages:
        name, version = package["name"], package["version"]
        kind = package["purl"].removeprefix("pkg:").partition("/")[0] or "pypi"
        about = f"{name}=={version}" if version else name
        if kind != "pypi":  # a conda package may have the name of another one of PyPI
            reason = _NO_ECOSYSTEM.format(kind)
            yield _evidence(f"{kind}/{about}", EvidenceState.UNSUPPORTED, "packages", reason)
            continue
        public = _public(version)
        if public:
            asked = PackageVersion(name, public)
            things[about] = _Thing(about, "package", name, version, asked)
            continue
        reason = (
            "the recorded version is not one that advisories can be asked for"
            if version
            else "no exact version is recorded to ask advisories for"
        )
        yield _evidence(about, EvidenceState.UNAVAILABLE, "packages", reason)


def _embedded_things(
    components: Sequence[Embedded], things: dict[str, _Thing]
) -> Iterator[Evidence]:
    """The same for what packages say is inside them."""
    for one in components:
        if one.asked is None:
            yield _evidence(one.about, EvidenceState.UNSUPPORTED, "packages", one.reason)
        else:
            thing = _Thing(one.about, "embedded", one.package, one.version, one.asked)
            things[one.about] = thing


def _asked(ctx: CollectContext, things: Sequence[_Thing]) -> Iterator[Evidence]:
    if not things:
        return
    if ctx.offline and ctx.services.osv_database is None:
        yield from _unasked(things, "osv", _OFFLINE)
        return
    from weighbridge.sources.http import HttpClient

    others = [thing for thing in things if thing.asked.purl]
    pythons = [thing for thing in things if not thing.asked.purl]
    with HttpClient(
        offline=ctx.offline, timeout_seconds=ctx.services.timeout_seconds, store=ctx.store.put
    ) as http:
        makers = _sources(ctx, http)
        if not makers:
            yield from _unasked(things, "osv", _NOBODY)
            return
        if all(what != "osv" for what, _ in makers):
            yield from _unasked(others, "packages", _ONLY_PYPI)
        for what, make in makers:
            # only the service takes package URLs of other ecosystems
            wanted = things if what == "osv" else pythons
            try:
                source = make()
            except ConfigurationError as error:
                yield from _unasked(wanted, what, error.message)
                continue
            answers = source.ask([thing.asked for thing in wanted])
            yield from _answered(wanted, answers, source.name)


def _sources(ctx: CollectContext, http: HttpClient) -> list[tuple[str, Callable[[], Source]]]:
    """Who is to be asked: a database in place of the OSV service, and the index, if named.

    An offline run leaves the index out: the database has answered.
    """
    from weighbridge.sources.advisories import AdvisorySource, DatabaseSource, IndexSource

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


def _unasked(things: Sequence[_Thing], source: str, reason: str) -> Iterator[Evidence]:
    for thing in things:
        yield _evidence(thing.about, EvidenceState.UNAVAILABLE, source, reason)


def _answered(
    things: Sequence[_Thing], answers: Mapping[PackageVersion, Answer], service: str
) -> Iterator[Evidence]:
    from weighbridge.collect.model_advisories import advisory_fact

    for thing in things:
        answer = answers[thing.asked]
        if answer.failure:
            state = EvidenceState.UNAVAILABLE
            yield _evidence(thing.about, state, service, answer.failure, answer.raw)
            continue
        facts: VulnerabilityFacts = {
            "kind": thing.kind,
            "package": thing.package,
            "version": thing.version,
            "asked_version": thing.asked.version,
            "service_knows_package": answer.known,
            "advisories": [advisory_fact(advisory) for advisory in answer.advisories],
            "withdrawn": list(answer.withdrawn),
            "known_on": answer.as_of,
        }
        yield Evidence(
            EvidenceKind.VULNERABILITY,
            thing.about,
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
