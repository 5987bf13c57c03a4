"""Every commit reachable from a revision, read once, keeping those that carry certain trailers."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from weighbridge.history.commit import Commit, parse_commit
from weighbridge.history.history import GRAFTED, SHALLOW
from weighbridge.history.trailers import Trailer, split_message, trailers_of
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_repository import Repository, commit_parents

MAX_COMMITS = 500_000
MAX_READ_BYTES = 4 * 2**30  # of all commits, read and let go
MAX_KEPT_BYTES = 256 * 2**20  # of those kept in memory
MAX_WAITING_BYTES = 512 * 2**20  # of those read ahead, to be put in order
_MAX_ONE_COMMIT = 16 * 2**20
_MAX_SUBJECT = 300
_COMMITTER = re.compile(rb"^committer [^\n]*> (-?[0-9]{1,15}) [-+][0-9]{1,7}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit that carries at least one of the wanted trailers. ``trailers`` are those alone."""

    commit: Commit
    subject: str
    trailers: tuple[Trailer, ...]


@dataclass(slots=True)
class Log:
    """``commits`` counts those read. ``limits`` say why older or other ones may be missing."""

    head: str
    commits: int = 0
    entries: list[Entry] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


def read_log(
    repository: Repository,
    objects: GitObjects,
    keys: Collection[str],
    *,
    revision: str = "HEAD",
    since: str = "",
    max_commits: int = MAX_COMMITS,
) -> Log:
    """Read the history of a revision, later dates first, as ``git log SINCE..REVISION`` does.

    Args:
        repository: where the references are.
        objects: its objects, open.
        keys: trailer keys to keep, compared without regard to case.
        revision: where to begin.
        since: leave out this revision and what it builds on; empty for nothing.
        max_commits: how many to read at most, those left out included.

    Raises:
        HostileInput: one of the revisions names no commit that is here.
    """
    walk = _Walk(repository, objects, max_commits)
    head = repository.resolve(objects, revision)
    log = Log(head, limits=walk.limits)
    hidden = walk.reach(repository.resolve(objects, since), frozenset(), None) if since else set()
    names = {key.lower() for key in keys}
    pattern = b"|".join(re.escape(name.encode()) for name in sorted(names))
    start = re.compile(rb"^(?:%s)[ \t]*:" % pattern, re.IGNORECASE | re.MULTILINE)
    wanted = _Wanted(start, names, MAX_KEPT_BYTES)
    log.commits = len(walk.reach(head, hidden, wanted))
    log.entries = wanted.entries
    if wanted.room < 0:
        walk.limits.append(f"more than {MAX_KEPT_BYTES} bytes of commits have such trailers")
    if repository.replaced():
        walk.limits.append(GRAFTED)
    return log


@dataclass(slots=True)
class _Wanted:
    pattern: re.Pattern[bytes]
    keys: set[str]
    room: int
    entries: list[Entry] = field(default_factory=list)

    def look(self, commit_id: str, data: bytes) -> None:
        """Keep the commit if it has such a trailer; most are told by one search."""
        if self.pattern.search(data) is None or self.room < 0:
            return
        message = split_message(data)
        found = tuple(t for t in trailers_of(message) if t.key.lower() in self.keys)
        if not found:
            return
        self.room -= len(data)
        if self.room >= 0:
            subject = message.split(b"\n", 1)[0].decode("utf-8", "backslashreplace")
            self.entries.append(
                Entry(parse_commit(commit_id, data), subject.strip()[:_MAX_SUBJECT], found)
            )


class _Walk:
    def __init__(self, repository: Repository, objects: GitObjects, max_commits: int) -> None:
        self.objects = objects
        self.shallow = repository.shallow()
        self.left = max_commits
        self.max_commits = max_commits
        self.room = MAX_READ_BYTES
        self.limits: list[str] = []

    def reach(self, head: str, hidden: Collection[str], wanted: _Wanted | None) -> set[str]:
        """The commits reachable from one, but for the hidden; each wanted one is looked at."""
        if head in hidden:
            return set()
        heap = [(0, head, self._read(head))]
        seen = {head}
        waiting = len(heap[0][2])
        done = set()
        while heap:
            if self.left <= 0 or self.room <= 0:
                self._limit(f"only the newest {self.max_commits} commits were read")
                break
            _, commit_id, data = heapq.heappop(heap)
            self.left -= 1
            waiting -= len(data)
            done.add(commit_id)
            if wanted is not None:
                wanted.look(commit_id, data)
            parents = commit_parents(data)
            if commit_id in self.shallow and parents:
                self._limit(SHALLOW)
                continue
            for parent in parents:
                if parent in seen or parent in hidden:
                    continue
                seen.add(parent)
                try:
                    raw = self._read(parent)
                    time = _COMMITTER.search(raw, 0, raw.find(b"\n\n") + 1 or len(raw))
                    commit_parents(raw)
                except HostileInput as error:
                    self._limit(error.message)
                    continue
                waiting += len(raw)
                if waiting > MAX_WAITING_BYTES:
                    self._limit("too many commits wait to be put in order")
                    return done
                heapq.heappush(heap, (-int(time[1]) if time else 0, parent, raw))
        return done

    def _read(self, commit_id: str) -> bytes:
        found = self.objects.read(commit_id, max(0, min(_MAX_ONE_COMMIT, self.room)))
        self.room -= len(found.data)
        if found.type != "commit":
            raise GitObjectBroken(f"{commit_id} is a {found.type}, not a commit")
        return found.data

    def _limit(self, reason: str) -> None:
        if reason not in self.limits and len(self.limits) < 20:
            self.limits.append(reason)
