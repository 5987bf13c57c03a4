"""What the installed files of a package add to the facts of its release: read, never run.

Files are those that the package's ``RECORD`` lists. Binaries are told by their content, minified
and packed scripts by their size and their long lines. Start-up code is what runs without being
asked for, and the modules at the top of the package, which run when it is imported.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.formats.sniff import HEAD_BYTES, Peek, sniff
from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.project import BinaryFacts, ReleaseFacts
from weighbridge.packages.installed import (
    Place,
    metadata_folders,
    open_regular,
    place_of,
    read_regular,
)
from weighbridge.packages.record_file import MAX_BYTES, is_compiled_cache, parse_record
from weighbridge.packages.startup_patterns import startup_patterns
from weighbridge.sources.forge_types import Tree

MAX_FILES = 500_000  # of all packages together
MAX_BINARIES = 1_000  # listed of one package
MAX_STARTUP = 100  # files of one package
MAX_SOURCE = 2**20  # bytes of one of them
MAX_COMPARED = 8 * 2**20  # bytes of a file that is compared with the repository's
MAX_DIFFERENCES = 1_000
LARGE_SCRIPT = 2**20  # bytes; lightning 2.6.2 carried 11.4 MB of minified JavaScript
_LONG_LINE = 5_000  # characters, of a line that nobody wrote by hand
_MACHINE = (Kind.ELF, Kind.MACHO, Kind.PE)
_STARTS = (
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe",
)
_SCRIPTS = (
    ".js",
    ".mjs",
    ".cjs",
    ".py",
    ".sh",
    ".ps1",
    ".bat",
    ".cmd",
    ".pl",
    ".rb",
    ".php",
    ".lua",
)
_CODE = (".py", ".pth")
# written when a release is built: setuptools-scm, hatch-vcs, versioningit, torch's own
_GENERATED = re.compile(r"_{0,2}(?:git_)?version(?:_info|_gen|_generated)?_{0,2}\.py\Z")


@dataclass(slots=True)
class Installed:
    """One package of an environment: where it lies, and the paths that its RECORD lists."""

    place: Place
    version: str
    paths: tuple[str, ...]
    _folders: dict[str, str] = field(default_factory=dict)

    def open(self, path: str) -> int:
        """A descriptor of a file. Links are not followed out of the environment, nor at the end.

        Raises:
            OSError: it cannot be opened, or does not lie in the environment.
        """
        folder, _, name = path.rpartition("/")
        real = self._folders.get(folder)
        if real is None:
            real = os.path.realpath(Path(self.place.folder) / folder)
            self._folders[folder] = real
        if not self.place.holds(real):
            raise FileNotFoundError(path)
        return open_regular(f"{real}/{name}")

    def read(self, path: str, limit: int) -> bytes:
        """A file's bytes, one more than ``limit`` where it has more.

        Raises:
            OSError: as :meth:`open`.
        """
        with os.fdopen(self.open(path), "rb") as stream:
            return stream.read(limit + 1)


def installed(folders: tuple[Path, ...]) -> dict[str, Installed]:
    """The packages of environments by normalized name; of two of a name the first.

    What cannot be read is left out, so that nothing is said of it.
    """
    from packaging.utils import canonicalize_name

    found: dict[str, Installed] = {}
    count = 0
    for folder in folders:
        try:
            place = place_of(folder)
            names = metadata_folders(Path(place.folder))
        except HostileInput:
            continue
        for name in names:
            stem, _, version = name.removesuffix(".dist-info").partition("-")
            package = canonicalize_name(stem)
            if not name.endswith(".dist-info") or package in found:
                continue
            try:
                data = read_regular(f"{place.folder}/{name}/RECORD", MAX_BYTES)
                paths = tuple(e.path for e in parse_record(data) if e.path and not e.wrong)
            except (HostileInput, OSError):
                continue
            count += len(paths)
            if count > MAX_FILES:
                return found
            kept = tuple(path for path in paths if not is_compiled_cache(path))
            found[package] = Installed(place, version, kept)
    return found


def add_contents(facts: ReleaseFacts, package: Installed, hooks: list[str] | None) -> None:
    """Put in what the installed files show.

    Args:
        facts: of the release that is installed.
        package: its files.
        hooks: the files of the package that run when Python starts; None where nobody looked.
    """
    facts["binaries"] = _binaries(package)
    facts["hooks"] = hooks
    if hooks is not None:
        facts["patterns"] = _patterns(package, hooks)


def differing(package: Installed, tree: Tree) -> list[str] | None:
    """The paths of code that the tree of the release's commit does not have with that content.

    A file is looked for by the end of its path: packages lie in ``src/``, or in a folder of a
    repository of several. One that is in the tree under no such path counts where it lies at the
    top, as ``x.pth`` does; deeper ones are made by builds. None where less than half of the files
    are in the tree: then this is not where the package is made.
    """
    by_name: dict[str, list[tuple[str, str]]] = {}
    for entry in tree.entries:
        if entry.mode.startswith("100"):
            name = entry.path.rpartition("/")[2]
            by_name.setdefault(name, []).append((f"/{entry.path}", entry.sha))
    found: list[str] = []
    compared = known = 0
    for path in _code(package):
        shown = visible(path, len(path) + 1)
        ending = f"/{shown}"
        stored = [
            sha for at, sha in by_name.get(ending.rpartition("/")[2], ()) if at.endswith(ending)
        ]
        compared += 1
        if not stored:
            if "/" not in path and tree.complete:
                found.append(visible(path))
            continue
        known += 1
        if not _same(package, path, stored):
            found.append(visible(path))
    if known * 2 < compared:
        return None
    return sorted(found)[:MAX_DIFFERENCES]


def _code(package: Installed) -> Iterator[str]:
    for path in package.paths:
        name = path.rpartition("/")[2]
        if path.endswith(_CODE) and not path.startswith(("/", "..")) and not _GENERATED.match(name):
            yield path


def _same(package: Installed, path: str, stored: list[str]) -> bool:
    """Whether a file is one of some blobs of git, apart from how its lines end.

    What cannot be read, or is too large, is not the same as anything.
    """
    try:
        data = package.read(path, MAX_COMPARED)
    except (HostileInput, OSError):
        return False
    if len(data) > MAX_COMPARED:
        return False
    return any(_blob(form) in stored for form in (data, data.replace(b"\r\n", b"\n")))


def _blob(data: bytes) -> str:
    """Git's id of a file's content (gitformat-objects: ``blob <length>`` NUL, then the bytes)."""
    head = b"blob %d\0" % len(data)
    return hashlib.sha1(head + data, usedforsecurity=False).hexdigest()


def _binaries(package: Installed) -> list[BinaryFacts]:
    found = []
    for path in package.paths:
        try:
            size = _binary(package, path)
        except (HostileInput, OSError):
            size = -1 if path.endswith((".so", ".pyd", ".dll", ".dylib", ".exe")) else None
        if size is not None:
            found.append(BinaryFacts(path=visible(path), size=size))
    return sorted(found, key=lambda one: one["path"])[:MAX_BINARIES]


def _binary(package: Installed, path: str) -> int | None:
    """The size of a file that a person cannot read; None for one that can be."""
    with os.fdopen(package.open(path), "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if path.endswith(".pyc"):  # no cache: those are left out
            return size
        script = size > LARGE_SCRIPT and path.lower().endswith(_SCRIPTS)
        head = stream.read(HEAD_BYTES if script else 4)
        if head.startswith(_STARTS):

            def read(offset: int, count: int) -> bytes:
                stream.seek(offset)
                return stream.read(count)

            kind = sniff(Peek(read, size, head + stream.read(HEAD_BYTES - len(head))))
            return size if kind in _MACHINE else None
        return size if script and _is_packed(head) else None


def _is_packed(head: bytes) -> bool:
    """Whether a script's beginning was written by a program: a line of thousands of characters."""
    return max(map(len, head.split(b"\n"))) > _LONG_LINE


def _patterns(package: Installed, hooks: list[str]) -> list[str] | None:
    """What the start-up code does; None where some of it could not be judged."""
    top = [p for p in package.paths if p.endswith(".py") and "/" not in p]
    top += [p for p in package.paths if p.count("/") == 1 and p.endswith("/__init__.py")]
    modules = [h for h in hooks if h.endswith(".py")]
    chosen = [(p, "module") for p in dict.fromkeys([*top, *modules])]
    chosen += [(h, "pth") for h in hooks if h.endswith(".pth")]
    if len(chosen) > MAX_STARTUP:
        return None
    found: set[str] = set()
    for path, kind in chosen:
        try:
            data = package.read(path, MAX_SOURCE)
            found.update(startup_patterns(_text(data), kind=kind))
        except (HostileInput, OSError):
            return None
    return sorted(found)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
