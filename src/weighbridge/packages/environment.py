"""An installed environment, read as files: ``*.dist-info`` of a ``site-packages`` folder.

No interpreter is started and nothing is imported: an environment's own ``.pth`` and
``sitecustomize`` files run in any interpreter that is started in it.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.addresses import without_secrets
from weighbridge.packages.installed import metadata_folders, read_regular
from weighbridge.packages.license_names import settled_by_texts, spdx_expression
from weighbridge.packages.license_texts import license_of_text
from weighbridge.packages.markers import MarkerUndecided, holds
from weighbridge.packages.metadata import (
    Fields,
    declared_license,
    declared_supplier,
    declared_url,
    license_classifiers,
    license_statement,
    metadata_fields,
    only,
)
from weighbridge.packages.source import (
    LINUX_311,
    MAX_PACKAGES,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    checked_version,
    normalized,
    strong_hash,
    unique,
)

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement

MAX_METADATA_BYTES = 4 * 2**20
MAX_REQUIREMENTS = 200_000
MAX_STEPS = 1_000_000
_MAX_REQUIREMENT = 8 * 1024
_PYTHON = re.compile(r"(?:lib|lib64)/python3\.(\d{1,2})(?:t)?/(?:site|dist)-packages\Z")
_MAX_LICENSE_FILES = 8
_MAX_INFO_FILES = 1_000
_LICENSE_NAME = re.compile(r"(?:LICEN[CS]E|COPYING)(?:[.-][A-Za-z0-9.-]{1,20})?\Z", re.I)
_MAX_LICENSE_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class _Dependency:
    name: str
    extras: frozenset[str]
    marker: Marker | None


def read_environment(folder: Path, *, label: str) -> PackageSource:
    """The distributions of a ``site-packages`` folder.

    Args:
        folder: the folder that holds ``*.dist-info``.
        label: how the source is named in the record; never a path of the machine.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
        BoundExceeded: it holds too much.
    """
    issues: list[Issue] = []
    packages: dict[str, Package] = {}
    wanted: dict[str, tuple[_Dependency, ...]] = {}
    any_requested = False
    for name in metadata_folders(folder):
        try:
            package, dependencies = _distribution(folder / name, name)
        except (HostileInput, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            issues.append(Issue("unread", 0, visible(f"{name}: {reason}", 200)))
            continue
        if package.name in packages:
            issues.append(Issue("unread", 0, visible(f"{package.name} is installed twice", 200)))
            continue
        any_requested = any_requested or bool(package.direct)
        packages[package.name] = package
        wanted[package.name] = dependencies
        if len(packages) > MAX_PACKAGES:
            raise BoundExceeded(f"the list of {label}", MAX_PACKAGES, "packages")
    environment = _environment_of(folder)
    edges = _active_edges(wanted, environment, issues)
    listed = tuple(
        replace(
            packages[name],
            requires=unique(edges[name]),
            # Without any REQUESTED file the installer did not record who asked for what.
            direct=packages[name].direct if any_requested else None,
        )
        for name in sorted(packages)
    )
    return PackageSource(
        label, "environment", listed, environment=environment, issues=tuple(issues)
    )


def _distribution(path: Path, name: str) -> tuple[Package, tuple[_Dependency, ...]]:
    file = path / ("METADATA" if name.endswith(".dist-info") else "PKG-INFO")
    is_single_file = name.endswith(".egg-info") and not path.is_dir()
    fields = metadata_fields(read_regular(path if is_single_file else file, MAX_METADATA_BYTES))
    declared = normalized(only(fields, "name"), source=name)
    version = checked_version(only(fields, "version"), source=name)
    stem = name.rpartition(".")[0]
    if name.endswith(".dist-info"):
        in_folder, _, folder_version = stem.partition("-")
        if (normalized(in_folder, source=name), folder_version) != (declared, version):
            raise MalformedSource(f"the metadata say {declared} {version}")
    license_text, is_expression = declared_license(fields)
    origin, specifier, hashes = _direct_url(path if not is_single_file else None)
    package = Package(
        declared,
        version=version,
        specifier=specifier or f"=={version}",
        pinned=True,
        hashes=hashes,
        direct=not is_single_file and os.path.lexists(path / "REQUESTED"),
        origin=origin,
        license=license_text,
        license_is_expression=is_expression,
        spdx=_spdx(fields, None if is_single_file else path),
        supplier=declared_supplier(fields),
        url=declared_url(fields),
    )
    return package, tuple(_dependencies(fields.get("requires-dist", ()), name))


def _spdx(fields: Fields, folder: Path | None) -> str:
    """The SPDX expression of the license; the files of its text are the last resort."""
    text, is_expression = license_statement(fields)
    stated = spdx_expression(text, is_expression, license_classifiers(fields))
    if folder is None or (stated and not stated.startswith("LicenseRef-")):
        return stated
    texts = _license_texts(fields, folder)
    if stated:
        return settled_by_texts(stated, texts)
    told = {license_of_text(text) for text in texts} - {""}
    # several texts: which of them covers what, nobody says
    return told.pop() if len(told) == 1 else ""


def _license_texts(fields: Fields, folder: Path) -> list[str]:
    """The files that License-File names: in ``licenses`` (PEP 639), or beside the metadata.

    Older build tools put the files there and name none: then those called like a license count.
    """
    texts: list[str] = []
    named = fields.get("license-file") or _called_license(folder)
    for name in named[:_MAX_LICENSE_FILES]:
        parts = name.split("/")
        if not name.strip() or ".." in parts or name.startswith("/") or "\0" in name:
            continue
        for below in (folder / "licenses", folder):
            try:
                data = read_regular(below / name, _MAX_LICENSE_BYTES)
            except (HostileInput, OSError):
                continue
            texts.append(data.decode("utf-8", "replace"))
            break
    return texts


def _called_license(folder: Path) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return sorted(name for name in names[:_MAX_INFO_FILES] if _LICENSE_NAME.match(name))


def _direct_url(path: Path | None) -> tuple[str, str, tuple[str, ...]]:
    """Origin, specifier and hashes from ``direct_url.json`` (PEP 610)."""
    if path is None:
        return "index", "", ()
    try:
        data = read_regular(path / "direct_url.json", MAX_METADATA_BYTES)
    except FileNotFoundError:
        return "index", "", ()
    body = load_json(data, source="direct_url.json")
    if not isinstance(body, dict) or not isinstance(body.get("url"), str):
        raise MalformedSource("direct_url.json does not name an address")
    url = body["url"]
    # The address of a local folder is a path of the machine, which a record does not hold.
    shown = "@ file" if url.lower().startswith("file:") else f"@ {without_secrets(url)}"[:500]
    if isinstance(body.get("vcs_info"), dict):
        return "vcs", f"{shown}@{str(body['vcs_info'].get('commit_id', ''))[:64]}", ()
    if isinstance(body.get("dir_info"), dict):
        return ("editable" if body["dir_info"].get("editable") else "path"), shown, ()
    archive = body.get("archive_info")
    hashes = archive.get("hashes") if isinstance(archive, dict) else None
    pairs = sorted(hashes.items()) if isinstance(hashes, dict) else []
    return "url", shown, unique(strong_hash(f"{algorithm}:{value}") for algorithm, value in pairs)


def _dependencies(values: Iterable[str], name: str) -> Iterable[_Dependency]:
    from packaging.markers import InvalidMarker
    from packaging.requirements import InvalidRequirement

    for value in values:
        try:
            if len(value) > _MAX_REQUIREMENT:
                raise MalformedSource(f"a requirement has {len(value)} characters")
            wanted, _, text = value.partition(";")
            if "@" in wanted or not text:  # an address may hold semicolons
                requirement = _requirement(value)
                marker = requirement.marker
            else:
                requirement, marker = _requirement(wanted), _marker(text)
        except (InvalidRequirement, InvalidMarker, RecursionError) as error:
            raise MalformedSource(f"its metadata require {value[:60]!r}") from error
        yield _Dependency(
            normalized(requirement.name, source=name), frozenset(requirement.extras), marker
        )


# The same words stand in hundreds of lines ("pytest", "extra == 'dev'"), and parsing them is most
# of the time that an environment takes.
@functools.lru_cache(maxsize=4096)
def _requirement(text: str) -> Requirement:
    from packaging.requirements import Requirement

    return Requirement(text)


@functools.lru_cache(maxsize=4096)
def _marker(text: str) -> Marker:
    from packaging.markers import Marker

    return Marker(text)


def _active_edges(
    wanted: Mapping[str, tuple[_Dependency, ...]],
    environment: Mapping[str, str],
    issues: list[Issue],
) -> dict[str, set[str]]:
    """Who requires whom, with the extras that someone asks for; extras spread until none is new.

    An extra that a person asked for at installation is not recorded anywhere, so what only that
    extra brings in stays without an edge; it is listed all the same.
    """
    if sum(map(len, wanted.values())) > MAX_REQUIREMENTS:
        raise BoundExceeded("the environment", MAX_REQUIREMENTS, "requirements")
    extras: dict[str, frozenset[str]] = {name: frozenset() for name in wanted}
    edges: dict[str, set[str]] = {name: set() for name in wanted}
    waiting = sorted(wanted, reverse=True)
    undecided: set[str] = set()
    steps = 0
    while waiting:
        name = waiting.pop()
        steps += len(wanted[name]) * (1 + len(extras[name]))
        if steps > MAX_STEPS:
            raise BoundExceeded("the graph of the environment", MAX_STEPS, "steps")
        for dependency in wanted[name]:
            try:
                active = holds(dependency.marker, environment, extras[name])
            except MarkerUndecided as error:
                undecided.add(f"{name}: {error}")
                active = True
            if not active:
                continue
            edges[name].add(dependency.name)
            known = extras.get(dependency.name)
            if known is not None and not dependency.extras <= known:
                extras[dependency.name] = known | dependency.extras
                waiting.append(dependency.name)
    issues.extend(Issue("marker", 0, visible(text, 200)) for text in sorted(undecided))
    return edges


def _environment_of(folder: Path) -> dict[str, str]:
    """The declared environment, with the Python version that the folder's own path tells."""
    match = _PYTHON.search(folder.as_posix().rstrip("/"))
    if match is None:
        return dict(LINUX_311)
    version = f"3.{match.group(1)}"
    full = f"{version}.0"
    return {
        **LINUX_311,
        "python_version": version,
        "python_full_version": full,
        "implementation_version": full,
    }
