"""Finding what a subject says of its packages: the files, their formats, what they include."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from weighbridge.model.artifact import Artifact
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.addresses import masked
from weighbridge.packages.conda import parse_conda_environment, parse_conda_prefix
from weighbridge.packages.conda_lock import parse_conda_lock
from weighbridge.packages.constraints import Constraints
from weighbridge.packages.inline import parse_script
from weighbridge.packages.locks import parse_pylock
from weighbridge.packages.notebook import parse_notebook
from weighbridge.packages.pdm_lock import parse_pdm_lock
from weighbridge.packages.pipfile import asked_for, parse_pipfile, parse_pipfile_lock
from weighbridge.packages.poetry import parse_poetry_lock
from weighbridge.packages.poetry_project import read_project
from weighbridge.packages.pyproject import parse_pyproject
from weighbridge.packages.requirements import parse_requirements
from weighbridge.packages.setup_cfg import parse_setup_cfg
from weighbridge.packages.source import MAX_FILE_BYTES, MAX_PACKAGES, Issue, PackageSource
from weighbridge.packages.uv_lock import parse_uv_lock
from weighbridge.snapshot.snapshot import Snapshot

MAX_DEPTH = 3
MAX_SOURCES = 500
MAX_INCLUDE_DEPTH = 20

MAX_SCRIPTS = 10_000
MAX_LOOKED_AT = 256 * 2**20  # bytes of scripts, and of conda records

_Parser = Callable[[str, bytes], PackageSource | None]

_REQUIREMENTS = re.compile(r"(?:.*/)?(?:[^/]*requirements[^/]*|requirements/[^/]+)\.txt\Z", re.I)
_PYLOCK = re.compile(r"pylock(?:\.[^./]+)?\.toml\Z")
_CONDA_FILE = re.compile(r"(?:environment|conda|conda[-_]env|env)(?:[-_.][^/]*)?\.ya?ml\Z", re.I)
_CONDA_LOCK = re.compile(r"(?:[^/]*[-_.])?conda-lock\.ya?ml\Z", re.I)
_CONDA_EXPLICIT = re.compile(r"conda-(?:linux|osx|win)-[a-z0-9]+\.lock\Z")
_CONDA_RECORD = re.compile(r"((?:.*/)?conda-meta)/([^/]+\.json)\Z")
_INSTALLED = re.compile(r"(?:lib/python3\.\d+|Lib)/site-packages/[^/]+\.dist-info/METADATA\Z")
_BY_NAME = {
    "uv.lock": "uv", "pdm.lock": "pdm", "poetry.lock": "poetry", "pyproject.toml": "pyproject",
    "Pipfile.lock": "pipfile-lock", "Pipfile": "pipfile", "pipfile.lock": "pipfile-lock",
    "pipfile": "pipfile", "setup.cfg": "setup-cfg",
}  # fmt: skip
_BY_ENDING = ((".py.lock", "uv"), (".py", "script"), (".ipynb", "notebook"))
_BESIDE_A_PROJECT = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
# Files that name packages in a way that is not read yet, or only by running them.
_NOT_READ: Mapping[str, str] = {
    "setup.py": "it would have to be run",
    "pixi.lock": "its format is internal to pixi and changes with it; export a conda-lock file or "
    "an environment.yml",
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

    Scripts and notebooks that declare or install packages count as such files.

    Raises:
        BoundExceeded: more than 500 such files, or 20,000 packages in all of them.
    """
    search = _Search(snapshot)
    for path in sorted(search.artifacts):
        if path.count("/") <= MAX_DEPTH:
            search.look_at(path)
    search.conda_prefixes()
    for problem in snapshot.problems:
        if problem.path.count("/") <= MAX_DEPTH and _kind_of(problem.path):
            search.refuse(problem.path, f"it could not be read: {problem.detail}")
    return search.finish()


def _kind_of(path: str) -> str:
    name = posixpath.basename(path)
    if name.lower() in _NOT_READ or _CONDA_EXPLICIT.match(name):
        return "not-read"
    patterns = (
        (_PYLOCK, name, "pylock"), (_CONDA_LOCK, name, "conda-lock"), (_CONDA_FILE, name, "conda"),
        (_REQUIREMENTS, path, "requirements"),
    )  # fmt: skip
    return (
        _BY_NAME.get(name)
        or next((kind for pattern, text, kind in patterns if pattern.match(text)), "")
        or next((kind for ending, kind in _BY_ENDING if name.endswith(ending)), "")
    )


class _Search:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.artifacts: dict[str, Artifact] = {a.path: a for a in snapshot.artifacts}
        self.read: dict[str, PackageSource] = {}  # requirements files too that only constrain
        self.not_read: dict[str, NotRead] = {}
        self.listed: set[str] = set()  # in `read`, and naming packages to install
        self.scripts = self.looked_at = 0
        self.more_scripts = ""  # the first script that was not looked at

    def look_at(self, path: str) -> None:
        """Read one file of the subject if its name says that it names packages."""
        kind = _kind_of(path)
        folder, name = posixpath.split(path)
        readers: dict[str, _Parser] = {
            "requirements": parse_requirements,
            "conda": parse_conda_environment,
            "conda-lock": parse_conda_lock,
            "notebook": parse_notebook,
            "pylock": parse_pylock,
            "uv": parse_uv_lock,
            "pdm": parse_pdm_lock,
            "pyproject": parse_pyproject,
            "pipfile": parse_pipfile,
            "setup-cfg": parse_setup_cfg,
            "poetry": self._poetry,
            "pipfile-lock": self._pipfile_lock,
        }
        if kind == "not-read":
            reason = _NOT_READ.get(name.lower(), "explicit conda lists are not read")
            self.not_read[path] = NotRead(path, f"{path} names packages; {reason}", supported=False)
        elif kind == "script":
            self._script(path)
        elif kind and not (
            (kind in ("pyproject", "setup-cfg") and self._lies_in(folder, *_BESIDE_A_PROJECT))
            or (kind == "pipfile" and self._lies_in(folder, "Pipfile.lock"))
        ):
            self.follow(path, readers[kind])

    def _lies_in(self, folder: str, *names: str) -> bool:
        """Whether a lock file beside a project file says the same more exactly."""
        return any(posixpath.join(folder, name) in self.artifacts for name in names)

    def _script(self, path: str) -> None:
        """A script is read where no lock file of its own lies beside it, and within a bound."""
        artifact = self.artifacts[path]
        if f"{path}.lock" in self.artifacts:
            return
        self.scripts += 1
        self.looked_at += artifact.size
        if self.scripts <= MAX_SCRIPTS and self.looked_at <= MAX_LOOKED_AT:
            self.follow(path, parse_script)
        elif not self.more_scripts:
            self.more_scripts = path
            self.refuse(
                path,
                f"{path} and the scripts after it were not looked at: more than {MAX_SCRIPTS} "
                f"scripts or {MAX_LOOKED_AT} bytes",
            )

    def _beside(self, path: str, name: str) -> bytes:
        """The bytes of another file in the folder, none where it cannot be had."""
        artifact = self.artifacts.get(posixpath.join(posixpath.dirname(path), name))
        try:
            return self.snapshot.read(artifact, MAX_FILE_BYTES) if artifact else b""
        except HostileInput:
            return b""

    def _poetry(self, path: str, data: bytes) -> PackageSource:
        project = self._beside(path, "pyproject.toml")
        return parse_poetry_lock(path, data, read_project(path, project) if project else None)

    def _pipfile_lock(self, path: str, data: bytes) -> PackageSource:
        pipfile = self._beside(path, "Pipfile")
        return parse_pipfile_lock(path, data, asked_for(path, pipfile) if pipfile else None)

    def conda_prefixes(self) -> None:
        """Each ``conda-meta`` folder is one source, named by the folder."""
        folders: dict[str, list[str]] = {}
        for path in sorted(self.artifacts):
            match = _CONDA_RECORD.match(path)
            if match and match.group(1).count("/") <= MAX_DEPTH:
                folders.setdefault(match.group(1), []).append(match.group(2))
        for folder, names in folders.items():
            prefix = folder.removesuffix("conda-meta")
            installed = [
                path.removeprefix(prefix)
                for path in self.artifacts
                if path.startswith(prefix) and _INSTALLED.match(path, len(prefix))
            ]
            self.count()
            try:
                records = self._records(folder, names)
                self.read[folder] = parse_conda_prefix(folder, records, installed)
                self.listed.add(folder)
            except HostileInput as error:
                self.refuse(folder, error.message)

    def _records(self, folder: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
        total = 0
        for name in names:
            data = self.snapshot.read(self.artifacts[f"{folder}/{name}"], MAX_FILE_BYTES)
            total += len(data)
            if total > MAX_LOOKED_AT:
                raise BoundExceeded(f"the records of {folder}", MAX_LOOKED_AT, "bytes")
            yield name, data

    def count(self) -> None:
        """Refuse more sources than there may be."""
        if len(self.read) + len(self.not_read) >= MAX_SOURCES:
            raise BoundExceeded("the number of files that name packages", MAX_SOURCES, "files")

    def parse(self, path: str, parser: _Parser) -> None:
        """Read one file, once."""
        if path in self.read or path in self.not_read:
            return
        try:
            data = self.snapshot.read(self.artifacts[path], MAX_FILE_BYTES)
            source = parser(path, data)
        except HostileInput as error:
            self.count()
            self.refuse(path, error.message)
            return
        if source is not None:
            self.count()
            self.read[path] = source

    def refuse(self, path: str, reason: str) -> None:
        self.not_read[path] = NotRead(path, masked(reason), supported=True)

    def follow(self, path: str, parser: _Parser) -> None:
        """One file and the requirements files that it leads to, each file once."""
        waiting = [(path, 0, True)]
        while waiting:
            current, depth, listed = waiting.pop()
            known = current in self.read or current in self.not_read
            if known and (not listed or current in self.listed):
                continue
            self.parse(current, parser if current == path else parse_requirements)
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
        pinned = Constraints(self.read)
        sources = tuple(
            pinned.apply(self.read[path]) for path in sorted(self.listed & set(self.read))
        )
        if sum(len(source.packages) for source in sources) > MAX_PACKAGES:
            raise BoundExceeded("the packages of all files", MAX_PACKAGES, "packages")
        return Found(sources, tuple(self.not_read[path] for path in sorted(self.not_read)))
