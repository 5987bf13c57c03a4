"""Hashing many files, each once however many packages name it, shared between processes.

Most files are short, so that Python's own work outweighs hashing and threads would wait for one
another; copies of the process do not (:mod:`weighbridge.edge.sharing`).
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from weighbridge.edge.sharing import Lost, share
from weighbridge.packages.installed import Place, open_regular
from weighbridge.packages.record_file import is_compiled_cache

MAX_BYTES = 128 * 2**30  # hashed by one process
BUFFER = 2**18  # most files are shorter; of the long ones, what the processor's cache holds
_PART = 250  # files that one process takes at a time

_HASHERS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}

What: TypeAlias = Literal["changed", "missing", "unreadable", "outside"]


class Claim(NamedTuple):
    """What one package says of a file; ``digest`` is empty where it only names it."""

    package: int
    algorithm: str
    digest: bytes


# A regular file of a folder, and who names it. Plain tuples: there are tens of thousands.
Met: TypeAlias = "tuple[str, list[Claim]]"


class _Task(NamedTuple):
    folder: str  # below the environment's; empty with a ``name`` that is a whole path
    name: str
    claims: Sequence[Claim]
    elsewhere: str = ""  # the path as RECORD names it, where it is not that of folder and name

    @property
    def path(self) -> str:
        return self.elsewhere or (f"{self.folder}/{self.name}" if self.folder else self.name)


class Hashing:
    """Files to hash, and what came of it: ``differences`` and ``verified`` by package number."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.differences: list[tuple[int, str, What]] = []
        self.verified: dict[int, int] = {}
        self._tasks: list[_Task] = []
        self._real: dict[str, str] = {}
        self._bytes = 0

    def add(self, folder: str, files: Sequence[Met]) -> None:
        """Regular files of one folder that the walk has met."""
        self._tasks += [_Task(folder, name, claims) for name, claims in files]

    def add_elsewhere(self, path: str, claims: list[Claim]) -> None:
        """A file that was not met as a regular one: a link, a path out of the folder, or nothing.

        It counts if it is in the environment after all links are followed.
        """
        full = posixpath.normpath(posixpath.join(self.place.folder, path))
        try:
            real = self._realpath(full)
        except (FileNotFoundError, NotADirectoryError):
            if not self.place.holds(full):
                self._all(path, claims, "outside")
            elif not is_compiled_cache(path):
                self._all(path, claims, "missing")
            return
        except OSError:
            self._all(path, claims, "unreadable")
            return
        if not self.place.holds(real):
            self._all(path, claims, "outside")
        elif any(claim.digest for claim in claims):
            self._tasks.append(_Task("", real, claims, path))

    def _realpath(self, path: str) -> str:
        """As ``os.path.realpath``, strictly; hundreds of files lie in a few folders elsewhere."""
        folder, name = posixpath.split(path)
        real = self._real.get(folder)
        if real is None:
            real = self._real[folder] = os.path.realpath(folder, strict=True)
        found = posixpath.join(real, name)
        if stat.S_ISLNK(os.lstat(found).st_mode):
            return os.path.realpath(found, strict=True)
        return found

    def unreadable(self, folder: str, claimed: Mapping[str, list[Claim]]) -> None:
        """A folder that cannot be listed, with what should lie in it."""
        for name, claims in claimed.items():
            self._all(f"{folder}/{name}", claims, "unreadable")

    def finish(self) -> None:
        """Hash everything that was added."""
        tasks = self._tasks
        parts = [tasks[at : at + _PART] for at in range(0, len(tasks), _PART)]
        for part, said in zip(
            parts,
            share(len(parts), lambda n: self._hash(parts[n]), heavy=len(parts) > 2),
            strict=True,
        ):
            if isinstance(said, Lost):  # a copy was killed: what it was to read is not known
                for task in part:
                    self._all(task.path, task.claims, "unreadable")
                continue
            for package, count in said["verified"]:
                self.verified[package] = self.verified.get(package, 0) + count
            for number, what in said["different"]:
                for package in _asking(part[number].path, part[number].claims, what):
                    self.differences.append((package, part[number].path, what))
            for number, packages in said["changed"]:
                self.differences += [(one, part[number].path, "changed") for one in packages]

    def _hash(self, part: Sequence[_Task]) -> dict[str, Any]:
        """What hashing some files gives, as JSON; files by their number in the part."""
        buffer = memoryview(bytearray(BUFFER))
        verified: dict[int, int] = {}
        different: list[tuple[int, What]] = []
        changed: list[tuple[int, list[int]]] = []
        opened, folder = -1, ""
        try:
            for number, task in enumerate(part):
                if opened < 0 or task.folder != folder:
                    opened, folder = self._enter(task.folder, opened), task.folder
                digests = self._read(task, opened, buffer)
                if isinstance(digests, str):
                    different.append((number, digests))
                    continue
                asked = [claim for claim in task.claims if claim.digest]
                wrong = [c.package for c in asked if digests[c.algorithm] != c.digest]
                for claim in asked:
                    if claim.package not in wrong:
                        verified[claim.package] = verified.get(claim.package, 0) + 1
                if wrong:
                    changed.append((number, wrong))
        finally:
            if opened >= 0:
                os.close(opened)
        return {"verified": list(verified.items()), "different": different, "changed": changed}

    def _enter(self, folder: str, before: int) -> int:
        """The folder's descriptor, that of the last one closed; -1 where it cannot be had."""
        if before >= 0:
            os.close(before)
        where = f"{self.place.folder}/{folder}" if folder else self.place.folder
        try:
            return os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return -1

    def _read(self, task: _Task, folder: int, buffer: memoryview) -> dict[str, bytes] | What:
        """The digests that the claims ask for, by algorithm; or why there are none."""
        if folder < 0:
            return "unreadable"
        try:
            descriptor = open_regular(task.name, folder)
        except FileNotFoundError:
            return "missing"
        except OSError:
            return "unreadable"
        try:
            return self._digests(descriptor, task, buffer)
        except OSError:
            return "unreadable"
        finally:
            os.close(descriptor)

    def _digests(self, descriptor: int, task: _Task, buffer: memoryview) -> dict[str, bytes] | What:
        """What the walk met as a regular file is one, and ends in a buffer that it does not fill.

        Of the others no more is read than they had when they were opened: one that grows has
        changed.
        """
        names = {claim.algorithm for claim in task.claims if claim.digest}
        got = os.readv(descriptor, [buffer])
        size = got
        if got == BUFFER or task.elsewhere:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return "unreadable"
            size = status.st_size
        self._bytes += size
        if self._bytes > MAX_BYTES:
            return "unreadable"
        hashers = {name: _HASHERS[name](buffer[:got]) for name in names}
        read = got
        while got and read < size:
            got = os.readv(descriptor, [buffer])
            for hasher in hashers.values():
                hasher.update(buffer[:got])
            read += got
        return {name: hasher.digest() for name, hasher in hashers.items()}

    def _all(self, path: str, claims: Sequence[Claim], what: What) -> None:
        """Say of a file what keeps it from being compared; of one without a hash only its lack."""
        for package in _asking(path, claims, what):
            self.differences.append((package, path, what))


def _asking(path: str, claims: Sequence[Claim], what: What) -> list[int]:
    """The packages that miss a file; one without a hash is missed only where it is not there."""
    return [
        claim.package
        for claim in claims
        if claim.digest or (what == "missing" and not _is_own(path))
    ]


def _is_own(path: str) -> bool:
    return posixpath.basename(path) in ("RECORD", "RECORD.jws", "RECORD.p7s")
