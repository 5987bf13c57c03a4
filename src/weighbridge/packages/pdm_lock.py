"""``pdm.lock``, the lock file of PDM, of lock version 4.

An entry with ``extras`` stands beside that of the package itself and holds what they add.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.addresses import masked
from weighbridge.packages.markers import Markers, environment_for
from weighbridge.packages.source import (
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
from weighbridge.packages.toml import Table, load_toml, table, tables, text, texts

_MAX_REQUIREMENT = 8 * 1024
_ORIGINS = {"git": "vcs", "hg": "vcs", "svn": "vcs", "url": "url", "path": "path"}


def parse_pdm_lock(path: str, data: bytes) -> PackageSource:
    """A ``pdm.lock`` of lock version 4.x.

    Raises:
        MalformedSource: it is of another version or shape.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    metadata = table(body.get("metadata", {}), f"metadata of {path}")
    version = text(metadata.get("lock_version"), f"lock_version of {path}")
    if version.split(".")[0] != "4":
        raise MalformedSource(f"{path} has the lock version {version[:40]!r}; 4 is understood")
    entries = tables(body.get("package"), f"package of {path}")
    if len(entries) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    targets = tables(metadata.get("targets"), f"metadata.targets of {path}")
    wanted = text(targets[0].get("requires_python"), path) if targets else ""
    environment, doubts = environment_for(wanted, path)
    reader = _PdmLock(path, Markers(environment))
    packages = reader.packages(entries)
    return PackageSource(
        path,
        "pdm.lock",
        packages,
        version,
        environment=environment,
        inactive=len(entries) - reader.active,
        issues=(*doubts, *reader.markers.issues, *reader.issues),
    )


class _PdmLock:
    def __init__(self, path: str, markers: Markers) -> None:
        self.path = path
        self.markers = markers
        self.issues: list[Issue] = []
        self.active = 0

    def packages(self, entries: list[Table]) -> tuple[Package, ...]:
        """One package a name and version, what its extras add being part of it."""
        found: dict[tuple[str, str], Package] = {}
        for entry in entries:
            name = normalized(text(entry.get("name"), self.path), source=self.path)
            where = f"{name} in {self.path}"
            if not self.markers.hold(text(entry.get("marker"), where), name):
                continue
            self.active += 1
            package = self._package(name, entry, where)
            key = (name, package.version)
            found[key] = _merged(found[key], package) if key in found else package
        names = {name for name, _ in found}
        return tuple(
            replace(package, requires=tuple(n for n in package.requires if n in names))
            for package in found.values()
        )

    def _package(self, name: str, entry: Table, where: str) -> Package:
        version = text(entry.get("version"), where)
        place = next((key for key in _ORIGINS if key in entry), "")
        groups = texts(entry.get("groups"), where)
        files = tables(entry.get("files"), where)
        if place == "path" and entry.get("editable") is True:
            origin = "editable"
        else:
            origin = _ORIGINS.get(place, "index")
        return Package(
            name,
            version=checked_version(version, source=where) if version else "",
            specifier=f"=={version}" if version else "",
            pinned=bool(version or text(entry.get("revision"), where)),
            hashes=unique(strong_hash(text(file.get("hash"), where)) for file in files),
            origin=origin,
            requires=unique(self._requires(name, entry, where)),
            groups=unique(groups) if groups and "default" not in groups else (),
        )

    def _requires(self, name: str, entry: Table, where: str) -> Iterator[str]:
        from packaging.requirements import InvalidRequirement, Requirement

        for item in texts(entry.get("dependencies"), where):
            try:
                if len(item) > _MAX_REQUIREMENT:
                    raise MalformedSource(f"a requirement has {len(item)} characters")
                requirement = Requirement(item)
                target = normalized(requirement.name, source=where)
            except (InvalidRequirement, MalformedSource, RecursionError) as error:
                detail = f"{item[:80]}: {str(error).splitlines()[0][:100]}"
                self.issues.append(Issue("unparsed", 0, visible(masked(detail), 200)))
                continue
            # An entry with extras depends on the package itself; that is no edge.
            if target != name and self.markers.hold(str(requirement.marker or ""), target):
                yield target


def _merged(one: Package, other: Package) -> Package:
    groups = unique((*one.groups, *other.groups)) if one.groups and other.groups else ()
    return replace(
        one,
        requires=unique((*one.requires, *other.requires)),
        hashes=unique((*one.hashes, *other.hashes)),
        groups=groups,
    )
