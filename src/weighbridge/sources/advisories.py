"""Security advisories for Python packages: the one adapter around pip-audit.

How the work is divided, and why:

* *Asking* is ours (:mod:`weighbridge.sources.osv`). pip-audit 2.10 sends one request a package,
  one after the other, through a session of its own with a cache on disk; it ignores
  ``next_page_token``, ends in a traceback on an HTML answer or a dropped connection with the exit
  status that also means "vulnerable", and keeps no raw answer. Ours goes through the one HTTP
  client, in batches, and not at all when the run is offline.
* *Reading* advisories is pip-audit's: which ones count, which version repairs them, which names
  mean the same one. Its ``OsvService`` is given a session that hands out what was fetched.
* What pip-audit would leave out without a word (an advisory of another schema, one that does not
  list what it affects) is a failure here, so the package ends as not assessed.

The names used are underscore-private; this module is the only one that knows them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.sources.cvss import base_score, rating
from weighbridge.sources.http import HttpClient
from weighbridge.sources.osv import ECOSYSTEM, OsvClient, PackageVersion

SEVERITIES = ("low", "medium", "high", "critical")
_MAX_SUMMARY = 300
_WORDS = {"moderate": "medium", "important": "high", **{name: name for name in SEVERITIES}}
_import_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Advisory:
    """One weakness; the fields are those of ``AdvisoryFact``."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str
    fixed_versions: tuple[str, ...]
    malicious: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one package. ``failure`` says why nothing may be concluded."""

    advisories: tuple[Advisory, ...] = ()
    withdrawn: tuple[str, ...] = ()
    raw: tuple[Digest, ...] = ()
    failure: str = ""


class AdvisorySource:
    """Advisories from an OSV service.

    Args:
        http: offline or not, and where raw answers are stored.
        osv_url: the service; empty for the one that pip-audit asks by default.
    """

    def __init__(self, http: HttpClient, osv_url: str = "") -> None:
        self._osv = OsvClient(http, osv_url or str(pip_audit_service().OsvService.DEFAULT_OSV_URL))

    @property
    def name(self) -> str:
        """The service's address, for the record."""
        return self._osv.base_url

    def ask(self, packages: Iterable[PackageVersion]) -> dict[PackageVersion, Answer]:
        """An answer for every package; none is left out.

        Raises:
            NetworkForbidden: the client is offline.
        """
        answers = {}
        for package, found in self._osv.ask(packages).items():
            if found.failure:
                answers[package] = Answer(raw=found.raw, failure=found.failure)
                continue
            try:
                advisories, withdrawn = _read(package, found.advisories)
                answers[package] = Answer(advisories, withdrawn, found.raw)
            except HostileInput as error:
                answers[package] = Answer(raw=found.raw, failure=visible(error.message, 400))
        return answers


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


class _Fetched:
    """Stands where pip-audit has its session, and as the response; it opens nothing."""

    def __init__(self, advisories: Sequence[Mapping[str, Any]]) -> None:
        self._advisories = advisories

    def post(self, **_request: object) -> _Fetched:
        return self

    def raise_for_status(self) -> None:
        """Errors were dealt with when it was fetched."""

    def json(self) -> dict[str, Any]:
        return {"vulns": list(self._advisories)} if self._advisories else {}


def _read(
    package: PackageVersion, bodies: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    """What pip-audit makes of the advisories, with severity and malice, which it does not tell."""
    from packaging.version import Version

    service = pip_audit_service()
    current = [body for body in bodies if not _is_withdrawn(body)]
    reader = service.OsvService.__new__(service.OsvService)
    reader.session = _Fetched([_plain(package, body) for body in current])
    reader.timeout, reader.osv_url = None, ""
    dependency = service.ResolvedDependency(package.name, Version(package.version))
    try:
        _, results = reader.query(dependency)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HostileInput(
            f"an advisory for {package.name} cannot be read: {type(error).__name__}: {error}"
        ) from error
    if len(results) != len(current):
        raise HostileInput(f"pip-audit left out an advisory for {package.name}")
    severities: dict[str, str] = {}
    for body in current:
        for name in (body["id"], *body.get("aliases", [])):
            severities[name] = _worse(severities.get(name, ""), _severity(body))
    merged = _merge(results)
    withdrawn = tuple(sorted(str(body["id"]) for body in bodies if _is_withdrawn(body)))
    return tuple(sorted((_advisory(r, severities) for r in merged), key=lambda a: a.id)), withdrawn


def _is_withdrawn(body: Mapping[str, Any]) -> bool:
    return body.get("withdrawn") is not None


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
        "summary": _summary(body),
        "affected": [
            {
                "package": {"name": package.name, "ecosystem": ECOSYSTEM},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
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


def _summary(body: Mapping[str, Any]) -> str:
    text = body.get("summary") or body.get("details") or ""
    return visible(" ".join(str(text)[:4_000].split()), _MAX_SUMMARY)


def _merge(results: Iterable[Any]) -> list[Any]:
    """Results that share a name become one, as pip-audit's own command merges them."""
    import dataclasses

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
    return merged


def _advisory(result: Any, severities: Mapping[str, str]) -> Advisory:
    names = {str(result.id), *map(str, result.aliases)}
    malicious = sorted(name for name in names if name.startswith("MAL-"))
    identifier = malicious[0] if malicious else str(result.id)
    severity = ""
    for name in names:
        severity = _worse(severity, severities.get(name, ""))
    return Advisory(
        identifier,
        tuple(sorted(names - {identifier})),
        str(result.description),
        "critical" if malicious else severity,
        tuple(str(version) for version in result.fix_versions),
        bool(malicious),
    )


def _severity(body: Mapping[str, Any]) -> str:
    """The highest severity that an advisory states: as a word, or as a CVSS v3 vector.

    CVSS v4 needs the standard's lookup tables; such a vector counts as none.
    """
    found = ""
    affected = [entry for entry in body.get("affected", []) if isinstance(entry, dict)]
    for holder in (body, *affected):
        for key in ("database_specific", "ecosystem_specific"):
            specific = holder.get(key)
            word = specific.get("severity") if isinstance(specific, dict) else None
            found = _worse(found, _WORDS.get(word.lower(), "") if isinstance(word, str) else "")
        vectors = holder.get("severity")
        for item in vectors if isinstance(vectors, list) else []:
            vector = item.get("score") if isinstance(item, dict) else None
            score = base_score(vector) if isinstance(vector, str) else None
            found = _worse(found, rating(score) if score is not None else "")
    return found


def _worse(one: str, other: str) -> str:
    ranked = ("", *SEVERITIES)
    return max(one, other, key=ranked.index)
