"""Finding what a subject says of its packages: the files, their formats, what they include."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.locks import parse_poetry_lock, parse_pylock
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.requirements import parse_requirements
from weighbridge.packages.source import MAX_FILE_BYTES, MAX_PACKAGES, Issue, PackageSource
from weighbridge.packages.uv_lock import parse_uv_lock
from weighbridge.snapshot.snapshot import Snapshot

MAX_DEPTH = 3
MAX_SOURCES = 500
MAX_INCLUDE_DEPTH = 20

_REQUIREMENTS = re.compile(r"(?:.*/)?(?:[^/]*requirements[^/]*|requirements/[^/]+)\.txt\Z", re.I)
_PYLOCK = re.compile(r"pylock(?:\.[^./]+)?\.toml\Z")
_LOCKS: Mapping[str, Callable[[str, bytes], PackageSource]] = {
    "uv.lock": parse_uv_lock,
    "poetry.lock": parse_poetry_lock,
}
# Files that name packages in a way that is not read yet, or only by running them.
_NOT_READ: Mapping[str, str] = {
    "setup.py": "it would have to be run",
    "environment.yml": "conda environments are not read",
    "environment.yaml": "conda environments are not read",
    "conda.yml": "conda environments are not read",
    "conda.yaml": "conda environments are not read",
    "conda-lock.yml": "conda lock files are not read",
    "pixi.lock": "pixi lock files are not read",
    "pipfile": "Pipenv files are not read",
    "pipfile.lock": "Pipenv files are not read",
    "pdm.lock": "PDM lock files are not read",
}


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file that names packages and was not read; ``supported`` if its format is one we read."""

    path: str
    reason: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a subject's files say, sorted by path."""

    sources: tuple[PackageSource, ...]
    not_read: tuple[NotRead, ...]


def find_sources(snapshot: Snapshot) -> Found:
    """Read every requirements and lock file down to three folders deep, and what they include.

    Raises:
        BoundExceeded: more than 500 such files, or 20,000 packages in all of them.
    """
    search = _Search(snapshot)
    for path in sorted(search.artifacts):
        if path.count("/") <= MAX_DEPTH:
            search.look_at(path)
    for problem in snapshot.problems:
        if problem.path.count("/") <= MAX_DEPTH and _kind_of(problem.path):
            search.refuse(problem.path, f"it could not be read: {problem.detail}")
    return search.finish()


def _kind_of(path: str) -> str:
    name = posixpath.basename(path)
    if name.lower() in _NOT_READ:
        return "not-read"
    if name in _LOCKS:
        return name
    if _PYLOCK.match(name):
        return "pylock"
    if name == "pyproject.toml":
        return "pyproject"
    return "requirements" if _REQUIREMENTS.match(path) else ""


class _Search:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.artifacts: dict[str, Artifact] = {a.path: a for a in snapshot.artifacts}
        self.read: dict[str, PackageSource] = {}  # requirements files too that only constrain
        self.not_read: dict[str, NotRead] = {}
        self.listed: set[str] = set()  # in `read`, and naming packages to install

    def look_at(self, path: str) -> None:
        kind = _kind_of(path)
        if kind == "not-read":
            reason = _NOT_READ[posixpath.basename(path).lower()]
            self.not_read[path] = NotRead(path, f"{path} names packages; {reason}", supported=False)
        elif kind == "requirements":
            self.requirements(path)
            self.listed.add(path)
        elif kind == "pyproject" and not self.is_locked(posixpath.dirname(path)):
            self.parse(path, parse_pyproject)
            self.listed.add(path)
        elif kind and kind != "pyproject":
            self.parse(path, parse_pylock if kind == "pylock" else _LOCKS[kind])
            self.listed.add(path)

    def is_locked(self, folder: str) -> bool:
        """Whether a lock file beside a ``pyproject.toml`` says the same more exactly."""
        prefix = f"{folder}/" if folder else ""
        names = (*_LOCKS, "pylock.toml")
        return any(f"{prefix}{name}" in self.artifacts for name in names)

    def parse(self, path: str, parser: Callable[[str, bytes], PackageSource | None]) -> None:
        if path in self.read or path in self.not_read:
            return
        if len(self.read) + len(self.not_read) >= MAX_SOURCES:
            raise BoundExceeded("the number of files that name packages", MAX_SOURCES, "files")
        try:
            data = self.snapshot.read(self.artifacts[path], MAX_FILE_BYTES)
            source = parser(path, data)
        except HostileInput as error:
            self.refuse(path, error.message)
            return
        if source is not None:
            self.read[path] = source

    def refuse(self, path: str, reason: str) -> None:
        self.not_read[path] = NotRead(path, reason, supported=True)

    def requirements(self, path: str) -> None:
        """One requirements file and everything it leads to, each file once."""
        waiting = [(path, 0, True)]
        while waiting:
            current, depth, listed = waiting.pop()
            known = current in self.read or current in self.not_read
            if known and (not listed or current in self.listed):
                continue
            self.parse(current, parse_requirements)
            if listed:
                self.listed.add(current)
            source = self.read.get(current)
            if source is None:
                continue
            for target, as_requirement in (
                *((t, listed) for t in source.includes),
                *((t, False) for t in source.constraints),
            ):
                if target not in self.artifacts:
                    self.tell(current, "include-missing", target)
                elif depth >= MAX_INCLUDE_DEPTH:
                    self.tell(current, "include-depth", target)
                else:
                    waiting.append((target, depth + 1, as_requirement))

    def tell(self, path: str, kind: str, detail: str) -> None:
        source = self.read[path]
        issue = Issue(kind, 0, detail[:200])
        if issue not in source.issues:
            self.read[path] = replace(source, issues=(*source.issues, issue))

    def finish(self) -> Found:
        pinned = _Constraints(self.read)
        sources = tuple(
            pinned.apply(self.read[path]) for path in sorted(self.listed & set(self.read))
        )
        if sum(len(source.packages) for source in sources) > MAX_PACKAGES:
            raise BoundExceeded("the packages of all files", MAX_PACKAGES, "packages")
        return Found(sources, tuple(self.not_read[path] for path in sorted(self.not_read)))


class _Constraints:
    """Exact versions from constraints files, for the files that name them and all these include.

    pip applies a constraint to the whole installation; a package that only a constraint pins is
    pinned for every file that is installed together with it.
    """

    def __init__(self, read: Mapping[str, PackageSource]) -> None:
        self.read = read
        self.pins: dict[str, dict[str, str]] = {}
        for path in sorted(read):
            exact = self._exact(read[path].constraints)
            if exact:
                for member in self._closure((path,)):
                    self.pins.setdefault(member, {}).update(exact)

    def apply(self, source: PackageSource) -> PackageSource:
        pins = self.pins.get(source.path)
        if not pins:
            return source
        packages = tuple(
            replace(package, version=pins[package.name], pinned=True)
            if not package.pinned and package.origin == "index" and pins.get(package.name)
            else package
            for package in source.packages
        )
        return replace(source, packages=packages)

    def _exact(self, paths: tuple[str, ...]) -> dict[str, str]:
        """Names that the constraints pin; one with two versions is pinned by neither."""
        exact: dict[str, str] = {}
        for path in self._closure(paths):
            for package in self.read[path].packages:
                if package.version and package.origin == "index":
                    same = exact.setdefault(package.name, package.version) == package.version
                    exact[package.name] = package.version if same else ""
        return {name: version for name, version in exact.items() if version}

    def _closure(self, paths: tuple[str, ...]) -> list[str]:
        seen: set[str] = set()
        waiting = list(paths)
        while waiting:
            path = waiting.pop()
            source = self.read.get(path)
            if path in seen or source is None:
                continue
            seen.add(path)
            waiting += [*source.includes, *source.constraints]
        return sorted(seen)
