"""The commits that touched weights, walked from the newest back."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from weighbridge.history.changes import TreeComparer
from weighbridge.history.commit import Commit, parse_commit
from weighbridge.history.compare import State, compare
from weighbridge.history.key_use import KeyUse, key_uses
from weighbridge.history.pointers import DVC, PointerChange, pointer_changes
from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_repository import NotARepository, Repository
from weighbridge.snapshot.revision import repository_of
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.tree import Parts

MAX_COMMITS = 20_000
MAX_TREE_ENTRIES = 20_000_000
MAX_COMMIT_BYTES = 512 * 2**20  # of all commits walked: they are held in memory
_MAX_ONE_COMMIT = 16 * 2**20
_MAX_POINTERS = 10_000  # in all commits together; each costs reading up to two files
SHALLOW = "the clone is shallow: older commits are not here"
GRAFTED = "git shows other commits in place of some here (grafts, 'git replace')"


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit that touched weights.

    ``position`` counts the commits walked before it, so a smaller one is newer. ``weights`` are the
    paths with the blob each then had, "" where it was removed. ``not_before`` is the latest date
    that the commit or any ancestor claims, in seconds since 1970: dates that run backwards do not
    make a commit older than what it builds on. ``parents_time`` is the latest date of its parents'
    own, None where it has none that is known. ``pointers`` are the LFS and DVC pointers among the
    weights.
    """

    commit: Commit
    position: int
    weights: dict[str, str]
    not_before: int | None
    parents_time: int | None = None
    pointers: tuple[PointerChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Author:
    """An author of commits, by address. ``first`` is the earliest ``not_before`` of theirs."""

    key: str
    name: str
    email: str
    first: int | None
    commits: int


@dataclass(frozen=True, slots=True)
class History:
    """What was walked. ``limits`` says why it is not all, ``damage`` what could not be read.

    ``tracked`` are the wanted paths as the newest commit has them, with their blob ids; ``states``
    says for each weight of the subject how it stands to that commit. ``keys`` are those that signed
    commits, by committer and key.
    """

    head: str
    commits: int
    touches: tuple[Touch, ...]
    authors: tuple[Author, ...]
    tracked: dict[str, str]
    states: dict[str, State]
    limits: tuple[str, ...]
    damage: str = ""
    keys: dict[tuple[str, str], KeyUse] = field(default_factory=dict)

    def current(self) -> frozenset[str]:
        """The commits that gave the weights in the newest commit the content they have there."""
        return frozenset(self._makers().values())

    def unattributed(self) -> list[str]:
        """The weights in the newest commit of which no walked commit is known to have made them."""
        return sorted(self.tracked.keys() - self._makers().keys())

    def _makers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for touch in self.touches:
            for path in touch.weights:
                if path in self.tracked:
                    found.setdefault(path, touch.commit.id)
        return found


def open_history(snapshot: Snapshot, *, max_commits: int = MAX_COMMITS) -> History | None:
    """Walk the history of a snapshot's folder.

    Args:
        snapshot: of a folder in a git working tree, or of a revision. Its weights are what is
            looked for, and whatever else has a weight's name.
        max_commits: where to stop; ``limits`` then says so.

    Returns:
        None where the subject lies in no git repository, or in one that knows nothing of it.

    Raises:
        HostileInput: there is a repository, and not even its newest commit can be read.
    """
    try:
        repository, folder, revision = repository_of(snapshot)
    except NotARepository as error:
        if error.remedy:
            raise  # there is one, of a kind that is not read: not the same as none
        return None
    weights = {a.path: a for a in snapshot.artifacts if a.is_weight}
    with repository.objects() as objects:
        if revision == "HEAD" and repository.reference("HEAD") is None and repository.is_unborn():
            return None
        head = repository.resolve(objects, revision)
        walk = _Walk(objects, repository, folder, weights, max_commits)
        return walk.run(head)


class _Walk:
    def __init__(
        self,
        objects: GitObjects,
        repository: Repository,
        folder: Parts,
        weights: dict[str, Artifact],
        max_commits: int,
    ) -> None:
        self.objects = objects
        self.shallow = repository.shallow()
        self.weights = weights
        self.comparer = TreeComparer(
            objects, folder, lambda path: path in weights or _named_so(path), MAX_TREE_ENTRIES
        )
        self.max_commits = max_commits
        self.limits = [GRAFTED] if repository.replaced() else []
        self.pointers = _MAX_POINTERS
        self.damage = ""
        self.room = MAX_COMMIT_BYTES

    def run(self, head: str) -> History | None:
        first = self._commit(head)
        if self.comparer.start(first.tree) is None:
            return None
        tracked = self.comparer.changed(first.tree, ())
        commits = self._commits(first)
        order = _newest_first(commits, head)
        floors = _not_before(commits, order)
        touches = []
        for position, commit_id in enumerate(order):
            changed = self._changed(commits, commits[commit_id])
            if self.damage:
                break
            if changed:
                parents = [commits[p] for p in commits[commit_id].parents if p in commits]
                times = [p.committer.time for p in parents if p.committer.time is not None]
                touches.append(
                    Touch(
                        commit=commits[commit_id],
                        position=position,
                        weights=changed,
                        not_before=floors[commit_id],
                        parents_time=max(times, default=None),
                        pointers=self._pointers(changed, parents),
                    )
                )
        return History(
            head=head,
            commits=len(commits),
            touches=tuple(touches),
            authors=_authors(commits, order, floors),
            tracked=tracked,
            states=compare(self.objects, tracked, self.weights.values()),
            limits=tuple(self.limits),
            damage=self.damage,
            keys=key_uses(commits, order, floors),
        )

    def _pointers(
        self, weights: dict[str, str], parents: list[Commit]
    ) -> tuple[PointerChange, ...]:
        chosen = dict(sorted(weights.items())[: max(self.pointers, 0)])
        self.pointers -= len(chosen)
        parent = parents[0].tree if parents else None
        return pointer_changes(self.objects, self.comparer, chosen, parent)

    def _commit(self, commit_id: str) -> Commit:
        found = self.objects.read(commit_id, min(_MAX_ONE_COMMIT, self.room))
        self.room -= len(found.data)
        if found.type != "commit":
            raise GitObjectBroken(f"{commit_id} is a {found.type}, not a commit")
        return parse_commit(commit_id, found.data)

    def _commits(self, head: Commit) -> dict[str, Commit]:
        """Commits reachable from the newest, later dates first, up to the bound."""
        commits: dict[str, Commit] = {}
        heap = [(-(head.committer.time or 0), head.id, head)]
        queued = {head.id}
        while heap:
            if len(commits) >= self.max_commits:
                self.limits.append(f"only the newest {self.max_commits} commits were walked")
                break
            commit = heapq.heappop(heap)[2]
            commits[commit.id] = commit
            if commit.id in self.shallow:
                if commit.parents and SHALLOW not in self.limits:
                    self.limits.append(SHALLOW)
                continue
            for parent in commit.parents:
                if parent in queued:
                    continue
                queued.add(parent)
                try:
                    found = self._commit(parent)
                except HostileInput as error:
                    self.damage = self.damage or error.message
                    continue
                heapq.heappush(heap, (-(found.committer.time or 0), parent, found))
        return commits

    def _changed(self, commits: dict[str, Commit], commit: Commit) -> dict[str, str]:
        known = [parent for parent in commit.parents if parent in commits]
        if len(known) != len(commit.parents):
            # The end of what is here: what it changed cannot be told from what it found.
            return {}
        try:
            return self.comparer.changed(commit.tree, [commits[p].tree for p in known])
        except HostileInput as error:
            self.damage = error.message
            return {}


def _named_so(path: str) -> bool:
    """By its name; a DVC pointer stands for the weights it names."""
    path = path.removesuffix(DVC)
    return Artifact(path, 0, Kind.UNREAD, Presence.MISSING).is_weight


def _newest_first(commits: dict[str, Commit], head: str) -> list[str]:
    """Children before their parents whatever their dates say, later dates first otherwise."""
    children = dict.fromkeys(commits, 0)
    for commit in commits.values():
        for parent in set(commit.parents) & commits.keys():
            children[parent] += 1
    ready = [(0, head)]
    order = []
    while ready:
        commit_id = heapq.heappop(ready)[1]
        order.append(commit_id)
        for parent in sorted(set(commits[commit_id].parents) & commits.keys()):
            children[parent] -= 1
            if not children[parent]:
                heapq.heappush(ready, (-(commits[parent].committer.time or 0), parent))
    return order


def _not_before(commits: dict[str, Commit], order: list[str]) -> dict[str, int | None]:
    floors: dict[str, int | None] = {}
    for commit_id in reversed(order):
        commit = commits[commit_id]
        times = [floors[p] for p in commit.parents if p in floors] + [commit.committer.time]
        known = [time for time in times if time is not None]
        floors[commit_id] = max(known) if known else None
    return floors


def _authors(
    commits: dict[str, Commit], order: list[str], floors: dict[str, int | None]
) -> tuple[Author, ...]:
    first: dict[str, int | None] = {}
    count: dict[str, int] = {}
    latest: dict[str, str] = {}
    for commit_id in order:
        key = commits[commit_id].author.key
        latest.setdefault(key, commit_id)
        count[key] = count.get(key, 0) + 1
        known = [t for t in (first.get(key), floors[commit_id]) if t is not None]
        first[key] = min(known) if known else None
    return tuple(
        Author(key, commits[c].author.name, commits[c].author.email, first[key], count[key])
        for key, c in sorted(latest.items())
    )
