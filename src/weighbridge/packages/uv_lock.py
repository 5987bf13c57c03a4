"""``uv.lock``, whose entries are those of every platform: the graph decides which of them hold.

What is active is what ``uv sync`` would install: the dependencies of the project's own packages,
the optional ones of others where an active dependency asks for their extra, and the dependency
groups of the project, which are labeled. The project's own extras are not asked for by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import islice

from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.indexes import index_issues
from weighbridge.packages.markers import Markers, environment_for
from weighbridge.packages.source import (
    MAX_PACKAGES,
    Issue,
    MalformedSource,
    Package,
    PackageSource,
    checked_version,
    day,
    normalized,
    strong_hash,
    unique,
)
from weighbridge.packages.toml import Table, load_toml, table, tables, text, texts

MAX_STEPS = 2_000_000
MAX_GROUPS = 500

_ORIGINS = {
    "git": "vcs", "url": "url", "path": "path", "directory": "path", "editable": "editable",
    "virtual": "path",
}  # fmt: skip

_State = tuple[int, str]  # an entry, and the extra of it that is asked for (empty: the base)


@dataclass(frozen=True, slots=True)
class _Group:
    """What a dependency group asks for. ``code`` is its name in markers of conflicting groups."""

    name: str
    code: str
    items: tuple[Table, ...]


def parse_uv_lock(path: str, data: bytes) -> PackageSource:
    """A ``uv.lock`` (or a script's ``*.py.lock``) of version 1.

    Revisions of version 1 are readable by whoever reads version 1, by uv's own promise.

    Raises:
        MalformedSource: it is of another version or shape.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    version = body.get("version")
    if version != 1 or isinstance(version, bool):
        raise MalformedSource(f"{path} has the version {str(version)[:40]!r}; 1 is understood")
    entries = tables(body.get("package"), f"package of {path}")
    if len(entries) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    requires_python = text(body.get("requires-python"), f"requires-python of {path}")
    environment, issues = environment_for(requires_python, path)
    graph = _UvGraph(path, body, entries, Markers(environment))
    supported = texts(body.get("supported-markers"), f"supported-markers of {path}")
    if supported and not any(graph.markers.hold(marker, path) for marker in supported):
        issues.append(Issue("unread", 0, "it is locked for platforms other than Linux on x86-64"))
    graph.walk()
    listed = [i for i in sorted(graph.active) if i not in graph.roots]
    packages = tuple(graph.package(index) for index in listed)
    registries = (text(graph.sources[i].get("registry"), path) for i in listed)
    revision = body.get("revision", 0)
    return PackageSource(
        path,
        "uv.lock",
        packages,
        f"1.{revision}" if isinstance(revision, int) and 0 <= revision < 10**6 else "1",
        environment=environment,
        inactive=len(entries) - len(graph.active),
        issues=(*issues, *graph.markers.issues, *index_issues(registries)),
    )


class _UvGraph:
    """The entries of a ``uv.lock`` and the edges that hold in the declared environment."""

    def __init__(self, path: str, body: Table, entries: list[Table], markers: Markers) -> None:
        self.path = path
        self.entries = entries
        self.markers = markers
        self.names = [normalized(text(e.get("name"), path), source=path) for e in entries]
        self.by_name: dict[str, list[int]] = {}
        for index, name in enumerate(self.names):
            self.by_name.setdefault(name, []).append(index)
        self.sources = [table(e.get("source", {}), f"source of {path}") for e in entries]
        self.manifest = table(body.get("manifest", {}), f"manifest of {path}")
        self.conflicting = bool(body.get("conflicts"))
        self.roots = self._roots()
        self.edges: list[set[int]] = [set() for _ in entries]
        self.active: set[int] = set()
        self.groups: dict[int, set[str]] = {}  # of entries that the base does not reach
        self.direct: set[int] = set()
        self.forks: dict[int, bool] = {}
        self.told = False  # whether the file says who asks for what
        self.steps = 0

    def _roots(self) -> set[int]:
        """The project's own packages: the workspace's members, or what lies in its folder."""
        members = texts(self.manifest.get("members"), f"members of {self.path}")
        names = {normalized(name, source=self.path) for name in members}
        local = {i for i, s in enumerate(self.sources) if {"virtual", "editable"} & set(s)}
        own = {i for i in local if "." in (self.sources[i].get(k) for k in ("virtual", "editable"))}
        chosen = {i for i in local if self.names[i] in names}
        return chosen or own or local

    def walk(self) -> None:
        """Find what is active: first without groups, then what each group adds."""
        groups = list(islice(self._declared_groups(), MAX_GROUPS + 1))
        if len(groups) > MAX_GROUPS:
            raise BoundExceeded(f"{self.path}", MAX_GROUPS, "dependency groups")
        asked = tables(self.manifest.get("requirements"), f"manifest of {self.path}")
        self.told = bool(self.roots or asked or groups)
        if self.told:
            start = [(root, "") for root in sorted(self.roots)]
            start += self._direct(asked, "")
            for root in sorted(self.roots):
                self._direct(self._asked_by((root, "")), "")
        else:
            start = [(index, "") for index in range(len(self.entries))]
        base = self._spread(start, frozenset(), "")
        self.active = {index for index, _ in base}
        for group in groups:
            # Conflicting groups change which edges hold, so these are walked again from the start.
            again = [(root, "") for root in sorted(self.roots)] if self.conflicting else []
            asked_by_group = self._direct(group.items, group.code)
            known = frozenset() if self.conflicting else base
            for index, _ in self._spread([*again, *asked_by_group], known, group.code):
                if index not in self.active:
                    self.groups.setdefault(index, set()).add(group.name)
        self.active |= set(self.groups)

    def _declared_groups(self) -> Iterator[_Group]:
        """The groups of the project's own packages, and of a workspace without one."""
        where = f"dependency-groups of {self.path}"
        for name, items in table(self.manifest.get("dependency-groups", {}), where).items():
            yield _Group(name, "", tuple(tables(items, where)))
        for root in sorted(self.roots):
            where = f"{self.names[root]} in {self.path}"
            by_name = table(self.entries[root].get("dev-dependencies", {}), where)
            for name, items in by_name.items():
                code = f"group-{len(self.names[root])}-{self.names[root]}-{name}"
                yield _Group(name, code, tuple(tables(items, where)))

    def _direct(self, items: Iterable[Table], code: str) -> list[_State]:
        states = [state for item in items for state in self._targets(item, self.path, code)]
        self.direct |= {index for index, _ in states}
        return states

    def _spread(self, start: list[_State], known: Set[_State], code: str) -> set[_State]:
        """Every state that these lead to beyond the known; the edges on the way are kept."""
        seen: set[_State] = set()
        waiting = list(start)
        while waiting:
            state = waiting.pop()
            if state in seen or state in known:
                continue
            seen.add(state)
            self._step(1)
            where = f"{self.names[state[0]]} in {self.path}"
            for item in self._asked_by(state):
                for target in self._targets(item, where, code):
                    self.edges[state[0]].add(target[0])
                    waiting.append(target)
        return seen

    def _step(self, count: int) -> None:
        self.steps += count
        if self.steps > MAX_STEPS:
            raise BoundExceeded(f"walking the graph of {self.path}", MAX_STEPS, "steps")

    def _asked_by(self, state: _State) -> list[Table]:
        """What an entry depends on, or what an extra of it adds."""
        index, extra = state
        where = f"{self.names[index]} in {self.path}"
        if not extra:
            return tables(self.entries[index].get("dependencies"), where)
        optional = table(self.entries[index].get("optional-dependencies", {}), where)
        return tables(optional.get(extra), where)

    def _targets(self, item: Table, where: str, code: str) -> list[_State]:
        """The entries, with their extras, that a dependency stands for where its marker holds."""
        name = normalized(text(item.get("name"), where), source=where)
        if not self.markers.hold(text(item.get("marker"), where), name, code):
            return []
        found = self._candidates(name, item, where)
        if not found:
            raise MalformedSource(f"{where} depends on {name}, which the lock file does not hold")
        extras = ["", *texts(item.get("extra"), where)]
        self._step(len(found) * len(extras))
        return [(index, extra) for index in found for extra in extras]

    def _candidates(self, name: str, item: Table, where: str) -> list[int]:
        """The entries of that name, version and source; of several, those whose fork holds."""
        found = self.by_name.get(name, [])
        self._step(len(found) + 1)
        version = text(item.get("version"), where)
        if version:
            found = [i for i in found if self.entries[i].get("version") == version]
        if len(found) > 1 and item.get("source") is not None:
            found = [i for i in found if self.sources[i] == item["source"]]
        if len(found) > 1:
            found = [i for i in found if self._in_fork(i)] or found
        return found

    def _in_fork(self, index: int) -> bool:
        if index not in self.forks:
            where = f"resolution-markers of {self.names[index]} in {self.path}"
            forks = texts(self.entries[index].get("resolution-markers"), where)
            held = any(self.markers.hold(fork, self.names[index]) for fork in forks)
            self.forks[index] = held or not forks
        return self.forks[index]

    def package(self, index: int) -> Package:
        """An entry as a package, with the edges that hold."""
        entry, source = self.entries[index], self.sources[index]
        where = f"{self.names[index]} in {self.path}"
        version = text(entry.get("version"), where)
        files = tables(entry.get("wheels"), where)
        if "sdist" in entry:
            files = [*files, table(entry["sdist"], where)]
        commit = text(source.get("git"), where).rpartition("#")[2] if "git" in source else ""
        return Package(
            self.names[index],
            version=checked_version(version, source=where) if version else "",
            specifier=f"=={version}" if version else "",
            pinned=bool(version or commit),
            hashes=unique(strong_hash(text(file.get("hash"), where)) for file in files),
            direct=index in self.direct if self.told else None,
            origin=next((origin for key, origin in _ORIGINS.items() if key in source), "index"),
            requires=unique(self.names[target] for target in self.edges[index]),
            uploaded=max((day(f.get("upload-time"), source=where) for f in files), default=""),
            groups=tuple(sorted(self.groups.get(index, ()))),
        )
