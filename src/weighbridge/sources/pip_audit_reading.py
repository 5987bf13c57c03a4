"""What pip-audit makes of advisories: the one adapter around its library.

Its services are given a session that hands out what was fetched before. The names used are
underscore-private; this module is the only one that knows them.
"""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.sources.advisory import Advisory, Extras, summary_of, urls_of, with_extras
from weighbridge.sources.osv import ECOSYSTEM, PackageVersion

_import_lock = threading.Lock()


_Advisories = tuple[tuple[Advisory, ...], tuple[str, ...]]


def pip_audit_service() -> ModuleType:
    """pip-audit's package of services, imported without letting it start a process.

    Importing it imports ``pip_api``, which runs ``python -m pip --version`` in the working
    directory. Inside a downloaded model that would run the model's own ``pip.py``. Only the version
    number that comes of it is used, to choose a cache that is not used here; so a stand-in takes
    the place of ``pip_api`` for the time of the import, unless it is imported already.
    """
    with _import_lock:
        stand_in = "pip_api" not in sys.modules and "pip_audit._service" not in sys.modules
        if stand_in:
            module = ModuleType("pip_api")
            module.PIP_VERSION = "0"  # type: ignore[attr-defined]
            sys.modules["pip_api"] = module
        try:
            import pip_audit._service as service
        finally:
            if stand_in:
                del sys.modules["pip_api"]
    return service  # type: ignore[no-any-return]


def read_osv(package: PackageVersion, bodies: Sequence[Mapping[str, Any]]) -> _Advisories:
    """Advisories in OSV form that a source gave for a package, and the ids of the withdrawn.

    Raises:
        HostileInput: one of them cannot be read. None is left out.
    """
    current = [body for body in bodies if body.get("withdrawn") is None]
    plain = [_plain(package, body) for body in current]
    results = _asked(package, "OsvService", {"vulns": plain} if plain else {}, len(plain))
    extras: dict[str, Extras] = {}
    for body in current:
        told = Extras.of(body)
        for name in (body["id"], *body.get("aliases", [])):
            extras[name] = extras[name].and_(told) if name in extras else told
    withdrawn = sorted(str(body["id"]) for body in bodies if body.get("withdrawn") is not None)
    return _merged(results, extras), tuple(withdrawn)


def read_index(package: PackageVersion, items: Sequence[Mapping[str, Any]]) -> _Advisories:
    """The ``vulnerabilities`` of a release as a package index tells them. It knows no severity.

    Raises:
        HostileInput: one of them cannot be read. None is left out.
    """
    current = [item for item in items if item.get("withdrawn") is None]
    plain = [_plain_item(item) for item in current]
    results = _asked(package, "PyPIService", {"vulnerabilities": plain}, len(plain))
    extras: dict[str, Extras] = {}
    for item, told in zip(plain, current, strict=True):
        found = Extras(urls=urls_of([{"url": told.get("link")}]))
        for name in (item["id"], *item["aliases"]):
            extras[name] = extras[name].and_(found) if name in extras else found
    withdrawn = sorted(
        visible(str(item.get("id")), 100) for item in items if item.get("withdrawn") is not None
    )
    return _merged(results, extras), tuple(withdrawn)


class _Fetched:
    """Stands where pip-audit has its session, and as the response; it opens nothing."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer

    def post(self, **_request: object) -> _Fetched:
        return self

    get = post

    def raise_for_status(self) -> None:
        """Errors were dealt with when it was fetched."""

    def json(self) -> dict[str, Any]:
        return dict(self._answer)


def _asked(
    package: PackageVersion, name: str, answer: Mapping[str, Any], expected: int
) -> list[Any]:
    from packaging.version import Version

    service = pip_audit_service()
    kind = getattr(service, name)
    reader = kind.__new__(kind)
    reader.session = _Fetched(answer)
    reader.timeout, reader.osv_url = None, ""
    dependency = service.ResolvedDependency(package.name, Version(package.version))
    try:
        _, results = reader.query(dependency)
    except (KeyError, TypeError, ValueError, AttributeError, service.ServiceError) as error:
        raise HostileInput(
            f"an advisory for {package.name} cannot be read: {type(error).__name__}: {error}"
        ) from error
    if len(results) != expected:
        raise HostileInput(f"pip-audit left out an advisory for {package.name}")
    return list(results)


def _plain(package: PackageVersion, body: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of an advisory that pip-audit reads, in the shape in which it reads all of them.

    It takes the repaired versions of the last matching entry only, compares names as written, and
    fails on entries without a package (git ranges have none); so one entry holds all events.

    Raises:
        HostileInput: it is of another schema, or its fields are not what the schema says.
    """
    where = f"advisory {visible(str(body.get('id')), 80)}"
    if str(body.get("schema_version", "1.0.0")).split(".")[0] != "1":
        raise HostileInput(f"{where} has a schema version that is not understood")
    aliases, affected = body.get("aliases", []), body.get("affected")
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise HostileInput(f"{where} has aliases that are not a list of ids")
    if not isinstance(affected, list):
        raise HostileInput(f"{where} does not say what it affects")
    events = [event for entry in affected for event in _events(package, entry, where)]
    return {
        "id": body["id"],
        "aliases": [visible(alias, 100) for alias in aliases],
        "summary": summary_of(body),
        "affected": [
            {
                "package": {"name": package.name, "ecosystem": ECOSYSTEM},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


def _plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    identifier, aliases = item.get("id"), item.get("aliases", [])
    fixed = item.get("fixed_in", [])
    if not isinstance(identifier, str) or not identifier:
        raise HostileInput("the package index lists a vulnerability without an id")
    for listed in (aliases, fixed):
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            raise HostileInput(f"vulnerability {visible(identifier, 80)} is of another shape")
    return {
        "id": visible(identifier, 100),
        "aliases": [visible(alias, 100) for alias in aliases],
        "summary": summary_of(item),
        "fixed_in": list(fixed),
    }


def _events(package: PackageVersion, entry: Any, where: str) -> list[dict[str, str]]:
    """The ``fixed`` events of one ``affected`` entry, if it is about the package."""
    from packaging.utils import canonicalize_name

    try:
        named = entry.get("package") or {}
        same = canonicalize_name(named.get("name", "")) == package.name
        if not same or named.get("ecosystem") != ECOSYSTEM:
            return []
        return [
            {"fixed": event["fixed"]}
            for item in entry.get("ranges", [])
            if item["type"] == "ECOSYSTEM"
            for event in item["events"]
            if "fixed" in event
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise HostileInput(f"{where} has ranges of another shape") from error


def _merged(results: Iterable[Any], extras: Mapping[str, Extras]) -> tuple[Advisory, ...]:
    """Results that share a name become one, as pip-audit's own command merges them."""
    merged: list[Any] = []
    pysec_first = sorted(
        results, key=lambda r: (not str(r.id).startswith("PYSEC"), str(r.id), sorted(r.aliases))
    )
    for result in pysec_first:
        current = result
        for other in [m for m in merged if m.alias_of(result)]:
            merged.remove(other)
            fixes = sorted({*other.fix_versions, *current.fix_versions})
            names = (other.aliases | current.aliases | {current.id}) - {other.id}
            current = dataclasses.replace(
                other,
                aliases=names,
                fix_versions=fixes,
                description=other.description or current.description,
            )
        merged.append(current)
    return tuple(sorted((_advisory(r, extras) for r in merged), key=lambda a: a.id))


def _advisory(result: Any, extras: Mapping[str, Extras]) -> Advisory:
    names = {str(result.id), *map(str, result.aliases)}
    told = Extras()
    for name in sorted(names):
        told = told.and_(extras.get(name, Extras()))
    fixed = tuple(str(version) for version in result.fix_versions)
    return with_extras(str(result.id), names, str(result.description), fixed, told)
