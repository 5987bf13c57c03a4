"""``pylock.toml`` (PEP 751), the lock file that is every tool's.

The reader accepts the format versions it was written for and refuses later ones: a lock file that
is half understood would be a list with holes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded
from weighbridge.packages.indexes import index_issues
from weighbridge.packages.markers import environment_for
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
from weighbridge.packages.toml import Table, load_toml, text

MAX_GROUPS = 500
_MAX_EVALUATIONS = 200_000


def parse_pylock(path: str, data: bytes) -> PackageSource:
    """A ``pylock.toml`` of lock version 1.x, through ``packaging.pylock``.

    No extra is asked for and the default groups are, as PEP 751 has it; what another group adds is
    listed with that group's name.

    Raises:
        MalformedSource: it does not follow the specification, or has another version.
        BoundExceeded: it is too large.
    """
    body = load_toml(path, data)
    version = text(body.get("lock-version"), f"lock-version of {path}")
    if version.split(".")[0] != "1":
        raise MalformedSource(f"{path} has the lock version {version[:40]!r}; 1 is understood")
    issues = []
    if version != "1.0":
        # PEP 751: a later minor version adds fields and changes none.
        issues.append(Issue("newer-format", 0, f"lock version {visible(version, 40)}, read as 1.0"))
        body["lock-version"] = "1.0"
    lock = _validated(path, body)
    if len(lock.packages) > MAX_PACKAGES:
        raise BoundExceeded(f"the list of {path}", MAX_PACKAGES, "packages")
    if len(lock.dependency_groups or ()) > MAX_GROUPS:
        raise BoundExceeded(path, MAX_GROUPS, "dependency groups")
    environment, doubts = environment_for(str(lock.requires_python or ""), path)
    reader = _Pylock(path, environment, lock)
    packages = reader.packages()
    return PackageSource(
        path,
        "pylock",
        packages,
        version,
        environment=environment,
        inactive=len(lock.packages) - len(packages),
        issues=(
            *issues,
            *doubts,
            *reader.issues,
            *index_issues(entry.index or "" for entry in reader.active),
        ),
    )


def _validated(path: str, body: Table) -> Any:
    from packaging.pylock import Pylock, PylockValidationError

    try:
        return Pylock.from_dict(body)
    except (PylockValidationError, RecursionError) as error:
        problem = visible(str(error), 200)
        raise MalformedSource(f"{path} is not a valid pylock file: {problem}") from error


class _Pylock:
    def __init__(self, path: str, environment: Mapping[str, str], lock: Any) -> None:
        self.path = path
        self.environment = environment
        self.lock = lock
        self.issues: list[Issue] = []
        self.active: list[Any] = []
        self.evaluations = 0

    def packages(self) -> tuple[Package, ...]:
        """The entries whose marker holds, by default or with a group."""
        self._check_environments()
        groups = [self._groups(entry) for entry in self.lock.packages]
        listed = [(e, g) for e, g in zip(self.lock.packages, groups, strict=True) if g is not None]
        self.active = [entry for entry, _ in listed]
        names = {normalized(entry.name, source=self.path) for entry in self.active}
        default = Counter(entry.name for entry, group in listed if not group)
        for name in sorted(name for name, count in default.items() if count > 1)[:20]:
            self.issues.append(Issue("marker", 0, visible(f"{name} is active more than once", 200)))
        return tuple(self._package(entry, group, names) for entry, group in listed)

    def _check_environments(self) -> None:
        wanted = self.lock.environments or ()
        if wanted and not any(self._evaluate(m, "environments", ()) for m in wanted):
            detail = "it is locked for platforms other than Linux on x86-64"
            self.issues.append(Issue("unread", 0, detail))

    def _groups(self, entry: Any) -> tuple[str, ...] | None:
        """The groups that alone ask for an entry, none of them by default; None if nothing does."""
        default = tuple(self.lock.default_groups or ())
        if entry.marker is None or self._evaluate(entry.marker, entry.name, default):
            return ()
        if "dependency_groups" not in str(entry.marker):
            return None
        others = (group for group in self.lock.dependency_groups or () if group not in default)
        return (
            unique(g for g in others if self._evaluate(entry.marker, entry.name, (*default, g)))
            or None
        )

    def _evaluate(self, marker: Any, name: str, groups: Iterable[str]) -> bool:
        self.evaluations += 1
        if self.evaluations > _MAX_EVALUATIONS:
            raise BoundExceeded(f"the markers of {self.path}", _MAX_EVALUATIONS, "evaluations")
        # In a lock file's markers the names `extras` and `dependency_groups` exist as well.
        chosen = {"extras": frozenset[str](), "dependency_groups": frozenset(groups)}
        try:
            return bool(marker.evaluate({**self.environment, **chosen}, "lock_file"))
        except (ValueError, RecursionError) as error:
            self.issues.append(Issue("marker", 0, visible(f"{name}: {error}", 200)))
            return True

    def _package(self, entry: Any, groups: tuple[str, ...], names: set[str]) -> Package:
        files = [*(entry.wheels or ()), *([entry.sdist] if entry.sdist else ())]
        files += [entry.archive] if entry.archive else []
        hashes = unique(
            strong_hash(f"{algorithm}:{value}")
            for file in files
            for algorithm, value in file.hashes.items()
        )
        version = checked_version(str(entry.version), source=self.path) if entry.version else ""
        origin = "vcs" if entry.vcs else "url" if entry.archive else "index"
        if entry.directory:
            origin = "editable" if entry.directory.editable else "path"
        return Package(
            normalized(entry.name, source=self.path),
            version=version,
            specifier=f"=={version}" if version else "",
            pinned=bool(version or entry.vcs or hashes),
            hashes=hashes,
            origin=origin,
            requires=tuple(n for n in self._requires(entry) if n in names),
            uploaded=max((self._day(file.upload_time) for file in files), default=""),
            groups=groups,
        )

    def _requires(self, entry: Any) -> tuple[str, ...]:
        wanted = (text(d.get("name"), self.path) for d in entry.dependencies or ())
        return unique(normalized(name, source=self.path) for name in wanted)

    def _day(self, moment: dt.datetime | None) -> str:
        return day(moment, source=self.path)
