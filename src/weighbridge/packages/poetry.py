"""``poetry.lock``, and the dependencies of a ``pyproject.toml`` in Poetry's own tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.indexes import index_issues
from weighbridge.packages.markers import Markers, environment_for
from weighbridge.packages.poetry_project import Project, python_specifier
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

MAX_STEPS = 2_000_000
_EXTRA_ITEM = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_ORIGINS = {"git": "vcs", "url": "url", "file": "path", "directory": "path"}


def parse_poetry_lock(path: str, data: bytes, project: Project | None = None) -> PackageSource:
    """A ``poetry.lock`` of lock version 1.x or 2.x.

    Args:
        path: relative to the subject.
        data: the file's bytes.
        project: what the ``pyproject.toml`` beside it asks for. A lock file does not tell which
            packages the project itself names, nor with which extras.

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
    entries = tables(body.get("package"), f"package of {path}")
    if len(entries) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    wanted_python = text(metadata.get("python-versions"), f"python-versions of {path}")
    environment, doubts = environment_for(python_specifier(wanted_python), path)
    old_files = table(metadata.get("files", {}), f"metadata.files of {path}")
    reader = _PoetryGraph(path, entries, Markers(environment), old_files)
    packages = reader.packages(project)
    # Poetry names an index in an entry only where it is not the usual one.
    issues = index_issues(reader.indexes, always=True)
    return PackageSource(
        path,
        "poetry.lock",
        packages,
        version,
        environment=environment,
        inactive=len(entries) - len(packages),
        issues=(*doubts, *reader.markers.issues, *reader.issues, *issues),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    package: Package
    dependencies: Mapping[str, list[Any]]  # by normalized name: alternatives, each holds or not
    extras: Mapping[str, frozenset[str]]  # the names that each extra of it adds


@dataclass(slots=True)
class _PoetryGraph:
    path: str
    entries: list[Table]
    markers: Markers
    old_files: Mapping[str, Any]
    issues: list[Issue] = field(default_factory=list)
    indexes: set[str] = field(default_factory=set)
    active: list[_Entry] = field(default_factory=list)
    by_name: dict[str, list[int]] = field(default_factory=dict)
    steps: int = 0

    def packages(self, project: Project | None) -> tuple[Package, ...]:
        """The entries that are installed, with the edges that hold between them."""
        for table_ in self.entries:
            name = normalized(text(table_.get("name"), self.path), source=self.path)
            groups = self._groups(table_, name)
            if groups is not None:
                self.by_name.setdefault(name, []).append(len(self.active))
                self.active.append(self._entry(name, table_, groups))
        edges = self._edges(project.extras if project else {})
        return tuple(
            replace(
                entry.package,
                requires=unique(edges[index]),
                direct=entry.package.name in project.extras if project else None,
            )
            for index, entry in enumerate(self.active)
        )

    def _groups(self, entry: Table, name: str) -> tuple[str, ...] | None:
        """The groups that alone ask for an entry; None where it is not installed by default."""
        where = f"{name} in {self.path}"
        if entry.get("optional") is True:
            return None  # only an extra of the project asks for it
        markers = entry.get("markers")
        category = text(entry.get("category"), where)
        groups = texts(entry.get("groups"), where) or ([category] if category else ["main"])
        by_group = markers if isinstance(markers, dict) else dict.fromkeys(groups, markers)
        holding = {
            group
            for group, marker in by_group.items()
            if self.markers.hold(text(marker, where), name)
        }
        # A group without a marker of its own has none.
        holding |= set(groups) - set(by_group)
        if not holding:
            return None
        return () if "main" in holding else unique(holding)

    def _entry(self, name: str, entry: Table, groups: tuple[str, ...]) -> _Entry:
        where = f"{name} in {self.path}"
        version = checked_version(text(entry.get("version"), where), source=where)
        source = table(entry.get("source", {}), where)
        kind = text(source.get("type"), where)
        if kind in ("legacy", "pypi") and source.get("url"):
            self.indexes.add(text(source["url"], where))
        files = tables(entry.get("files", self.old_files.get(text(entry["name"], where))), where)
        dependencies: dict[str, list[Any]] = {}
        for wanted, value in table(entry.get("dependencies", {}), where).items():
            alternatives = value if isinstance(value, list) else [value]
            dependencies.setdefault(normalized(wanted, source=where), []).extend(alternatives)
        extras = {
            normalized(extra, source=where): frozenset(self._added(items, where))
            for extra, items in table(entry.get("extras", {}), where).items()
        }
        package = Package(
            name,
            version=version,
            specifier=f"=={version}",
            pinned=True,
            hashes=unique(strong_hash(text(file.get("hash"), where)) for file in files),
            origin=_ORIGINS.get(kind, "index"),
            groups=groups,
        )
        return _Entry(package, dependencies, extras)

    def _added(self, items: Any, where: str) -> Iterator[str]:
        for item in texts(items, where):
            match = _EXTRA_ITEM.match(item)
            if match:
                yield normalized(match.group(1), source=where)

    def _edges(self, asked: Mapping[str, frozenset[str]]) -> list[set[str]]:
        """The names that each entry requires: from its base, and from every extra asked for."""
        edges: list[set[str]] = [set() for _ in self.active]
        waiting = [(index, "") for index in range(len(self.active))]
        for name, extras in asked.items():
            waiting += [(i, extra) for i in self.by_name.get(name, ()) for extra in extras]
        seen: set[tuple[int, str]] = set()
        missing: set[tuple[str, str]] = set()
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            entry = self.active[state[0]]
            for name, extras in self._wanted(entry, state[1]):
                targets = self.by_name.get(name)
                if targets is None:
                    missing.add((entry.package.name, name))
                    continue
                edges[state[0]].add(name)
                self._step(len(targets) * (1 + len(extras)))
                waiting += [(target, extra) for target in targets for extra in extras]
        self._tell(missing)
        return edges

    def _wanted(self, entry: _Entry, extra: str) -> Iterator[tuple[str, frozenset[str]]]:
        """What the base of an entry asks for, or an extra of it beyond that: name and extras."""
        where = f"{entry.package.name} in {self.path}"
        added = entry.extras.get(extra, frozenset())
        for name, alternatives in entry.dependencies.items():
            self._step(len(alternatives) + 1)
            for wanted in alternatives:
                if not isinstance(wanted, dict):
                    text(wanted, where)
                    if not extra:
                        yield name, frozenset()
                    continue
                optional = wanted.get("optional") is True
                if (optional and name not in added) or (extra and not optional):
                    continue
                if self.markers.hold(text(wanted.get("markers"), where), name, extra):
                    asked = texts(wanted.get("extras"), where)
                    yield name, frozenset(normalized(e, source=where) for e in asked)

    def _tell(self, missing: set[tuple[str, str]]) -> None:
        """Say what is required and not in the file; what is there and inactive is no such thing."""
        present = {normalized(text(e.get("name"), self.path), source=self.path)
                   for e in self.entries}  # fmt: skip
        for name, wanted in sorted(missing):
            if wanted not in present:
                detail = f"{name} requires {wanted}, which the lock file does not hold"
                self.issues.append(Issue("unread", 0, visible(detail, 200)))

    def _step(self, count: int) -> None:
        self.steps += count
        if self.steps > MAX_STEPS:
            raise BoundExceeded(f"walking the graph of {self.path}", MAX_STEPS, "steps")
