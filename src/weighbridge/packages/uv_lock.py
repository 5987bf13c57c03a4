"""``uv.lock``, whose entries are those of every platform: the graph decides which of them hold."""

from __future__ import annotations

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.markers import MarkerUndecided, holds
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
from weighbridge.packages.toml import Table, load_toml, table, tables, text

MAX_EDGES = 200_000


def parse_uv_lock(path: str, data: bytes) -> PackageSource:
    """A ``uv.lock`` of version 1: what the project's own packages reach on Linux, Python 3.11.

    Dependencies, extras and groups of the project all count; forks for other platforms do not.

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
    reader = _UvGraph(path, entries)
    active = reader.reachable()
    packages = [reader.package(i) for i in sorted(active) if i not in reader.roots]
    revision = body.get("revision", 0)
    return PackageSource(
        path,
        "uv.lock",
        tuple(packages),
        f"1.{revision}" if isinstance(revision, int) else "1",
        inactive=len(entries) - len(active),
        issues=tuple(reader.issues),
    )


class _UvGraph:
    """The entries of a ``uv.lock`` and the edges that hold in the declared environment."""

    def __init__(self, path: str, entries: list[Table]) -> None:
        self.path = path
        self.entries = entries
        self.issues: list[Issue] = []
        self.edge_count = 0
        self.names = [normalized(text(e.get("name"), path), source=path) for e in entries]
        self.by_name: dict[str, list[int]] = {}
        for index, name in enumerate(self.names):
            self.by_name.setdefault(name, []).append(index)
        self.sources = [table(e.get("source", {}), f"source of {path}") for e in entries]
        self.roots = {
            i for i, source in enumerate(self.sources) if {"virtual", "editable"} & set(source)
        }
        self.edges: list[list[int]] = [self._edges(i) for i in range(len(entries))]
        self.direct = {target for root in self.roots for target in self.edges[root]}

    def reachable(self) -> set[int]:
        """Every entry that the project reaches; all of them where none is the project's own."""
        if not self.roots:
            return set(range(len(self.entries)))
        seen: set[int] = set()
        waiting = sorted(self.roots)
        while waiting:
            index = waiting.pop()
            if index not in seen:
                seen.add(index)
                waiting.extend(self.edges[index])
        return seen

    def package(self, index: int) -> Package:
        entry, source = self.entries[index], self.sources[index]
        where = f"{self.names[index]} in {self.path}"
        version = text(entry.get("version"), where)
        files = tables(entry.get("wheels"), where)
        if "sdist" in entry:
            files.append(table(entry["sdist"], where))
        hashes = unique(strong_hash(text(file.get("hash"), where)) for file in files)
        commit = text(source.get("git"), where).rpartition("#")[2] if "git" in source else ""
        kinds = (("git", "vcs"), ("url", "url"), ("path", "path"), ("directory", "path"))
        return Package(
            self.names[index],
            version=checked_version(version, source=where) if version else "",
            specifier=f"=={version}" if version else "",
            pinned=bool(version or commit),
            hashes=hashes,
            direct=index in self.direct if self.roots else None,
            origin=next((origin for key, origin in kinds if key in source), "index"),
            requires=unique(self.names[target] for target in self.edges[index]),
        )

    def _edges(self, index: int) -> list[int]:
        """Targets of the dependencies that hold; for the project's own packages the optional too.

        What an extra of another package adds is listed as long as any package asks for the extra;
        that is decided generously here: every optional dependency in the lock was locked because
        something asks for it.
        """
        entry = self.entries[index]
        where = f"{self.names[index]} in {self.path}"
        wanted = tables(entry.get("dependencies"), where)
        for key in ("optional-dependencies", "dev-dependencies"):
            for group in table(entry.get(key, {}), where).values():
                wanted += tables(group, where)
        targets = {target for item in wanted for target in self._targets(item, where)}
        self.edge_count += len(targets)
        if self.edge_count > MAX_EDGES:
            raise BoundExceeded(f"the graph of {self.path}", MAX_EDGES, "edges")
        return sorted(targets)

    def _targets(self, item: Table, where: str) -> list[int]:
        name = normalized(text(item.get("name"), where), source=where)
        if not self._holds(text(item.get("marker"), where), name):
            return []
        candidates = self.by_name.get(name, [])
        version = text(item.get("version"), where)
        if version:
            candidates = [i for i in candidates if self.entries[i].get("version") == version]
        if not candidates:
            raise MalformedSource(f"{where} depends on {name}, which the lock file does not hold")
        return candidates

    def _holds(self, marker: str, name: str) -> bool:
        try:
            return holds(marker, LINUX_311)
        except MarkerUndecided as error:
            self.issues.append(Issue("marker", 0, visible(f"{name}: {error}", 200)))
            return True
