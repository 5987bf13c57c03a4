"""Hashing many files on two threads, each file once, however many packages name it.

``hashlib`` lets the other thread run while it works on more than 2 KiB. Short files are read in
one call; long ones wait until the short ones are done and go to the threads longest first.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from weighbridge.packages.installed import Place, open_regular
from weighbridge.packages.record_file import is_compiled_cache

MAX_BYTES = 128 * 2**30  # hashed in one environment
THREADS = 2
SHORT = 2**20
_LONG = 8 * 2**20

_Item = TypeVar("_Item")
What: TypeAlias = Literal["changed", "missing", "unreadable", "outside"]


class Claim(NamedTuple):
    """What one package says of a file; ``digest`` is empty where it only names it."""

    package: int
    algorithm: str
    digest: bytes


class _Task(NamedTuple):
    path: str  # as RECORD names it
    real: str
    claims: Sequence[Claim]
    size: int = 0


class Hashing:
    """Files to hash, and what came of it: ``differences`` and ``verified`` by package number."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.differences: list[tuple[int, str, What]] = []
        self.verified: dict[int, int] = {}
        self._folders: deque[tuple[str, list[tuple[str, list[Claim]]]]] = deque()
        self._elsewhere: deque[_Task] = deque()
        self._late: list[_Task] = []
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, folder: str, found: list[tuple[str, list[Claim]]]) -> None:
        """Regular files of one folder that the walk has met."""
        self._folders.append((folder, found))

    def add_elsewhere(self, path: str, claims: list[Claim]) -> None:
        """A file that was not met as a regular one: a link, a path out of the folder, or nothing.

        It counts if it is in the environment after all links are followed.
        """
        full = posixpath.normpath(posixpath.join(self.place.folder, path))
        try:
            real = os.path.realpath(full, strict=True)
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
            self._elsewhere.append(_Task(path, real, claims))

    def unreadable(self, folder: str, claimed: Mapping[str, list[Claim]]) -> None:
        """A folder that cannot be listed, with what should lie in it."""
        for name, claims in claimed.items():
            self._all(f"{folder}/{name}", claims, "unreadable")

    def finish(self) -> None:
        """Hash everything that was added."""
        _on_threads(self._short_ones)
        self._late.sort(key=lambda task: (-task.size, task.path))
        late = deque(self._late)
        self._late = []
        _on_threads(lambda: self._long_ones(late))

    def _short_ones(self) -> None:
        buffer = memoryview(bytearray(SHORT))
        counts: dict[int, int] = {}
        while (item := _next(self._folders)) is not None:
            folder, found = item
            where = f"{self.place.folder}/{folder}" if folder else self.place.folder
            try:
                opened = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError:
                self.unreadable(folder, dict(found))
                continue
            try:
                for name, claims in found:
                    path = f"{folder}/{name}" if folder else name
                    found_one = _Task(path, f"{where}/{name}", claims)
                    self._one(found_one, name, opened, buffer, counts, wait=True)
            finally:
                os.close(opened)
        while (task := _next(self._elsewhere)) is not None:
            self._one(task, task.real, None, buffer, counts, wait=True)
        self._count(counts)

    def _long_ones(self, tasks: deque[_Task]) -> None:
        buffer = memoryview(bytearray(SHORT))
        counts: dict[int, int] = {}
        while (task := _next(tasks)) is not None:
            self._one(task, task.real, None, buffer, counts, wait=False)
        self._count(counts)

    def _one(
        self,
        task: _Task,
        name: str,
        folder: int | None,
        buffer: memoryview,
        counts: dict[int, int],
        *,
        wait: bool,
    ) -> None:
        try:
            descriptor = open_regular(name, folder)
        except FileNotFoundError:
            self._all(task.path, task.claims, "missing")
            return
        except OSError:
            self._all(task.path, task.claims, "unreadable")
            return
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or not self._may_read(status.st_size, wait=wait):
                self._all(task.path, task.claims, "unreadable")
            elif wait and status.st_size > _LONG:
                self._late.append(task._replace(size=status.st_size))
            else:
                self._compare(task, _digests(descriptor, task.claims, buffer), counts)
        except OSError:
            self._all(task.path, task.claims, "unreadable")
        finally:
            os.close(descriptor)

    def _may_read(self, size: int, *, wait: bool) -> bool:
        if wait and size > _LONG:
            return True  # it is counted when its turn comes
        with self._lock:
            self._bytes += size
            return self._bytes <= MAX_BYTES

    def _compare(self, task: _Task, digests: Mapping[str, bytes], counts: dict[int, int]) -> None:
        for claim in task.claims:
            if not claim.digest:
                continue
            if digests[claim.algorithm] == claim.digest:
                counts[claim.package] = counts.get(claim.package, 0) + 1
            else:
                self.differences.append((claim.package, task.path, "changed"))

    def _all(self, path: str, claims: Sequence[Claim], what: What) -> None:
        """Say of a file what keeps it from being compared; of one without a hash only its lack."""
        for claim in claims:
            if claim.digest or (what == "missing" and not _is_own(path)):
                self.differences.append((claim.package, path, what))

    def _count(self, counts: Mapping[int, int]) -> None:
        with self._lock:
            for package, count in counts.items():
                self.verified[package] = self.verified.get(package, 0) + count


def _is_own(path: str) -> bool:
    return posixpath.basename(path) in ("RECORD", "RECORD.jws", "RECORD.p7s")


def _next(items: deque[_Item]) -> _Item | None:
    try:
        return items.popleft()
    except IndexError:
        return None


def _digests(descriptor: int, claims: Sequence[Claim], buffer: memoryview) -> dict[str, bytes]:
    """The digests that the claims ask for, by algorithm."""
    names = {claim.algorithm for claim in claims if claim.digest}
    got = os.readv(descriptor, [buffer])
    if got < len(buffer):  # the whole file
        return {name: hashlib.new(name, buffer[:got]).digest() for name in names}
    hashers = {name: hashlib.new(name) for name in names}
    while got:
        for hasher in hashers.values():
            hasher.update(buffer[:got])
        got = os.readv(descriptor, [buffer])
    return {name: hasher.digest() for name, hasher in hashers.items()}


def _on_threads(work: Callable[[], None]) -> None:
    """Do the same on every thread; what one raises is raised here."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work) for _ in range(THREADS)]:
            done.result()
