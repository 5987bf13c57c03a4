"""Lock files: ``pylock.toml`` (PEP 751) and ``poetry.lock``; ``uv.lock`` has a module of its own.

Each reader accepts the format versions it was written for and refuses later ones: a lock file that
is half understood would be a list with holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.packages.markers import MarkerUndecided, holds
from weighbridge.packages.source import (
    LINUX_311,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    checked_version,
    normalized,
    strong_hash,
    unique,
)
from weighbridge.packages.toml import Table, load_toml, table, tables, text


def parse_pylock(path: str, data: bytes) -> PackageSource:
    """A ``pylock.toml`` of lock version 1.x, through ``packaging.pylock``.

    Raises:
        MalformedSource: it does not follow the specification, or has another version.
        BoundExceeded: it is too large.
    """
    from packaging.pylock import Pylock, PylockValidationError

    body = load_toml(path, data)
    version = text(body.get("lock-version"), f"lock-version of {path}")
    if version.split(".")[0] != "1":
        raise MalformedSource(f"{path} has the lock version {version[:40]!r}; 1 is understood")
    issues = []
    if version != "1.0":
        # PEP 751: a later minor version adds fields and changes none.
        issues.append(Issue("newer-format", 0, f"lock version {visible(version, 40)}, read as 1.0"))
        body["lock-version"] = "1.0"
    try:
        lock = Pylock.from_dict(body)
    except (PylockValidationError, RecursionError) as error:
        raise MalformedSource(f"{path} is not a valid pylock file: {str(error)[:200]}") from error

    packages: list[Package] = []
    inactive = 0
    environment = {**LINUX_311, **_no_choices(lock.default_groups or ())}
    for entry in lock.packages:
        try:
            # In the lock file's context the names `extras` and `dependency_groups` exist as well.
            active = entry.marker is None or entry.marker.evaluate(environment, "lock_file")
        except (ValueError, RecursionError) as error:
            issues.append(Issue("marker", 0, visible(f"{entry.name}: {error}", 200)))
            active = True
        inactive += not active
        if active:
            packages.append(_of_pylock(entry, path))
    return PackageSource(
        path, "pylock", tuple(packages), version, inactive=inactive, issues=tuple(issues)
    )


def _no_choices(default_groups: Iterable[str]) -> dict[str, Any]:
    return {"extras": frozenset[str](), "dependency_groups": frozenset(default_groups)}


def _of_pylock(entry: Any, path: str) -> Package:
    files = [*(entry.wheels or ()), *([entry.sdist] if entry.sdist else ())]
    files += [entry.archive] if entry.archive else []
    hashes = unique(
        strong_hash(f"{algorithm}:{value}")
        for file in files
        for algorithm, value in file.hashes.items()
    )
    version = checked_version(str(entry.version), source=path) if entry.version else ""
    origin = "vcs" if entry.vcs else "url" if entry.archive else "index"
    if entry.directory:
        origin = "editable" if entry.directory.editable else "path"
    return Package(
        normalized(entry.name, source=path),
        version=version,
        specifier=f"=={version}" if version else "",
        pinned=bool(version or entry.vcs or hashes),
        hashes=hashes,
        origin=origin,
        requires=_names((d.get("name") for d in entry.dependencies or ()), path),
    )


def parse_poetry_lock(path: str, data: bytes) -> PackageSource:
    """A ``poetry.lock`` of lock version 1.x or 2.x.

    Raises:
        MalformedSource: it is of another version or shape.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    metadata = table(body.get("metadata", {}), f"metadata of {path}")
    version = text(metadata.get("lock-version"), f"lock-version of {path}")
    if version.split(".")[0] not in ("1", "2"):
        raise MalformedSource(
            f"{path} has the lock version {version[:40]!r}; 1 and 2 are understood"
        )
    old_files = table(metadata.get("files", {}), f"metadata.files of {path}")
    packages, issues, inactive = [], [], 0
    for entry in tables(body.get("package"), f"package of {path}"):
        name = normalized(text(entry.get("name"), path), source=path)
        where = f"{name} in {path}"
        active, undecided = _any_holds(entry.get("markers"), where)
        issues += [Issue("marker", 0, visible(f"{name}: {undecided}", 200))] if undecided else []
        inactive += not active
        if active:
            packages.append(_of_poetry(name, entry, old_files, where))
    return PackageSource(
        path, "poetry.lock", tuple(packages), version, inactive=inactive, issues=tuple(issues)
    )


def _of_poetry(name: str, entry: Table, old_files: Mapping[str, Any], where: str) -> Package:
    version = checked_version(text(entry.get("version"), where), source=where)
    source = table(entry.get("source", {}), where)
    kind = text(source.get("type"), where)
    files = tables(entry.get("files", old_files.get(text(entry.get("name"), where))), where)
    dependencies = table(entry.get("dependencies", {}), where)
    origins = {"git": "vcs", "url": "url", "file": "path", "directory": "path"}
    return Package(
        name,
        version=version,
        specifier=f"=={version}",
        pinned=True,
        hashes=unique(strong_hash(text(file.get("hash"), where)) for file in files),
        origin=origins.get(kind, "index"),
        requires=_names((n for n, wanted in dependencies.items() if _wanted(wanted, where)), where),
    )


def _wanted(wanted: Any, where: str) -> bool:
    """Whether a dependency of an entry holds: a version, a table, or alternatives of these."""
    alternatives = wanted if isinstance(wanted, list) else [wanted]
    return any(
        not isinstance(item, dict)
        or (not item.get("optional", False) and _any_holds(item.get("markers"), where)[0])
        for item in alternatives
    )


def _any_holds(markers: Any, where: str) -> tuple[bool, str]:
    """Whether a marker, or one of those by group, holds; and why that could not be told."""
    if isinstance(markers, dict):
        by_group = [_any_holds(marker, where) for marker in markers.values()]
        return any(active for active, _ in by_group), next((u for _, u in by_group if u), "")
    try:
        return holds(text(markers, where), LINUX_311), ""
    except MarkerUndecided as error:
        return True, str(error) or "the marker cannot be evaluated"


def _names(names: Iterable[Any], where: str) -> tuple[str, ...]:
    return unique(normalized(text(n, where), source=where) for n in names if n is not None)
