"""Asking deps.dev what it knows of packages and their versions.

``GET <address>/v3/systems/<system>/packages/<name>`` and ``…/versions/<version>`` (``api.proto`` of
version 3: GetPackage, GetVersion). It tells which attestations of a version it has verified itself,
and from which repository and commit they say that it was built; it does not tell who owns it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer, JsonService
from weighbridge.sources.shapes import (
    Misshapen,
    Table,
    flag,
    inner,
    moment,
    named,
    rows,
    table,
    text,
)

DEPS_DEV = "https://api.deps.dev"
MAX_VERSIONS = 50_000
MAX_ATTESTATIONS = 1_000
_MAX_PACKAGE = 32 * 2**20
_MAX_NAME = 300

System = Literal["pypi", "npm", "cargo", "go", "maven", "nuget"]


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version of a package. ``default``: the one that is installed when none is named."""

    version: str
    published: str
    default: bool


@dataclass(frozen=True, slots=True)
class KnownPackage:
    """A package and its versions, in the order of the service. ``name`` as the service has it."""

    system: str
    name: str
    versions: tuple[KnownVersion, ...]


@dataclass(frozen=True, slots=True)
class Attestation:
    """An attestation. ``verified``: deps.dev has checked its signature.

    ``repository`` is an address (``https://github.com/o/r``), ``commit`` an id of git, each empty
    where the attestation does not tell.
    """

    type: str
    url: str
    verified: bool
    repository: str
    commit: str


@dataclass(frozen=True, slots=True)
class RelatedProject:
    """A repository that belongs to a version.

    ``id`` is ``github.com/o/r``; ``relation`` is ``SOURCE_REPO`` or ``ISSUE_TRACKER``;
    ``provenance`` says how that is known: ``UNVERIFIED_METADATA`` is what the publisher claims,
    ``SLSA_ATTESTATION`` and the like were verified.
    """

    id: str
    relation: str
    provenance: str


@dataclass(frozen=True, slots=True)
class KnownRelease:
    """A version of a package. ``status`` is the project's (``active``, ``quarantined``, …).

    ``deprecated`` and ``status`` are None and empty where the service does not tell.
    """

    system: str
    name: str
    version: str
    published: str
    deprecated: bool | None
    attestations: tuple[Attestation, ...]
    projects: tuple[RelatedProject, ...]
    status: str
    status_reason: str


class DepsDev:
    """One service."""

    def __init__(self, http: HttpClient, address: str = DEPS_DEV) -> None:
        self._service = JsonService(http, address)
        self.name = self._service.name

    def package(self, name: str, *, system: System = "pypi") -> Answer[KnownPackage]:
        """A package and its versions."""
        if not _is_name(name):
            return Answer("unavailable", f"it was not asked: {name[:200]!r} is no package's name")
        read = partial(_package, system=system, asked=name)
        return self._service.ask(
            _path(system, name), read, absent=_no_package, max_bytes=_MAX_PACKAGE
        )

    def release(self, name: str, version: str, *, system: System = "pypi") -> Answer[KnownRelease]:
        """One version of a package."""
        if not _is_name(name) or not _is_name(version):
            what = f"{name[:200]!r} {version[:200]!r}"
            return Answer("unavailable", f"it was not asked: {what} is no version of a package")
        path = f"{_path(system, name)}/versions/{quote(version, safe='')}"
        read = partial(_release, system=system, asked=name, version=version)
        return self._service.ask(path, read, absent=_no_version)


def _path(system: System, name: str) -> str:
    return f"/v3/systems/{system}/packages/{quote(name, safe='')}"


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _MAX_NAME and name.isprintable() and name not in (".", "..")


def _package(body: Any, _response: Response, *, system: System, asked: str) -> KnownPackage:
    entry = table(body, "its answer")
    name = _same_package(inner(entry, "packageKey"), system, asked)
    versions = rows(entry.get("versions"), "its versions", MAX_VERSIONS)
    return KnownPackage(system, name, tuple(_version(row, system, asked) for row in versions))


def _version(row: Table, system: System, asked: str) -> KnownVersion:
    key = inner(row, "versionKey")
    _same_package(key, system, asked)
    default = flag(row, "isDefault") is True
    return KnownVersion(named(key, "version", _MAX_NAME), moment(row, "publishedAt"), default)


def _release(
    body: Any, _response: Response, *, system: System, asked: str, version: str
) -> KnownRelease:
    entry = table(body, "its answer")
    key = inner(entry, "versionKey")
    name, found = _same_package(key, system, asked), named(key, "version", _MAX_NAME)
    if not _same_version(found, version, system):
        raise Misshapen(f"it answered with another version, {found}")
    status = inner(entry, "projectStatus")
    attestations = rows(entry.get("attestations"), "its attestations", MAX_ATTESTATIONS)
    return KnownRelease(
        system=system,
        name=name,
        version=found,
        published=moment(entry, "publishedAt"),
        deprecated=flag(entry, "isDeprecated"),
        attestations=tuple(_attestation(row) for row in attestations),
        projects=tuple(
            RelatedProject(
                named(inner(row, "projectKey"), "id"),
                text(row, "relationType", 60),
                text(row, "relationProvenance", 60),
            )
            for row in rows(entry.get("relatedProjects"), "its projects", MAX_ATTESTATIONS)
        ),
        status=text(status, "status", 40),
        status_reason=text(status, "reason"),
    )


def _attestation(row: Table) -> Attestation:
    """What is left out is the default of protobuf: false, or an empty text."""
    return Attestation(
        text(row, "type"),
        text(row, "url", 1_000),
        flag(row, "verified") is True,
        text(row, "sourceRepository", 500),
        text(row, "commit", 80),
    )


def _same_package(key: Table, system: System, asked: str) -> str:
    """The name in a key, which must be of the package that was asked for."""
    name = named(key, "name", _MAX_NAME)
    if named(key, "system", 20).lower() != system or _plain(name, system) != _plain(asked, system):
        raise Misshapen(f"it answered with another package, {name}")
    return name


def _plain(name: str, system: System) -> str:
    """A name as two spellings of it are compared (PEP 503; NuGet ignores case)."""
    if system == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if system == "nuget" else name


def _same_version(found: str, asked: str, system: System) -> bool:
    from packaging.version import InvalidVersion, Version

    if system != "pypi" or found == asked:
        return found == asked
    try:
        return Version(found) == Version(asked)
    except InvalidVersion:
        return False


def _no_package(response: Response) -> str:
    known = response.status not in (404, 410)
    return "" if known else f"it does not know this package ({response.status})"


def _no_version(response: Response) -> str:
    known = response.status not in (404, 410)
    return "" if known else f"it does not know this version ({response.status})"
