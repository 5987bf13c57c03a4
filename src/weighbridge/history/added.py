"""Every content that commits added below a folder, each once: for looking at what was removed."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from weighbridge.history.changes import TreeComparer
from weighbridge.history.commit import parse_commit
from weighbridge.history.references import Start, starts
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectMissing
from weighbridge.snapshot.git_repository import NotARepository
from weighbridge.snapshot.revision import repository_of
from weighbridge.snapshot.snapshot import Snapshot

MAX_COMMITS = 10_000
MAX_TREE_ENTRIES = 5_000_000
MAX_BLOB_BYTES = 4 * 2**20  # of one content; source text is hardly ever longer
MAX_BYTES = 256 * 2**20  # of all contents
MAX_COMMIT_BYTES = 256 * 2**20  # of all commits
_MAX_COMMIT = 2**20
_MAX_BROKEN = 1_000  # a commit may name as many parents as there are bytes in it
_SHALLOW = "the clone is shallow: older commits are not here"


@dataclass(frozen=True, slots=True)
class Added:
    """A content that a commit brought to a path.

    ``reference`` is the name that leads to the commit (``refs/heads/side``, ``stash@{1}``), empty
    where the revision itself does, whatever else leads there too.
    """

    commit: str
    path: str
    data: bytes
    reference: str = ""


@dataclass(slots=True)
class AddedBlobs:
    """What was walked so far; ``gaps`` says what was not."""

    commits: int = 0
    blobs: int = 0
    references: int = 0
    gaps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Node:
    """What the walk needs of a commit: its message is not kept."""

    id: str
    tree: str
    parents: tuple[str, ...]
    time: int


def added_blobs(
    snapshot: Snapshot, wanted: Callable[[str], bool], told: AddedBlobs,
    *, everywhere: bool = False, max_commits: int = MAX_COMMITS, max_bytes: int = MAX_BYTES,
) -> Iterator[Added]:  # fmt: skip
    """Walk commits, newest first and each once, and read what each added or changed.

    Of a content that several commits brought, the commit that the walk meets first is named. A
    commit that cannot be read ends its own line and no other.

    Args:
        snapshot: of a folder in a git working tree, or of a revision.
        wanted: which paths to read.
        told: is filled while this runs.
        everywhere: walk from all references and stashes too, not from the newest commit alone.
        max_commits: where to stop, as ``told`` then says.
        max_bytes: of all contents together.
    """
    try:
        repository, folder, revision = repository_of(snapshot)
        shallow = repository.shallow()
        with repository.objects() as objects:
            if everywhere:
                begin = starts(repository, objects, revision, told.gaps)
            else:
                begin = [Start("", repository.resolve(objects, revision))]
            told.references = len(begin)
            comparer = TreeComparer(objects, folder, wanted, MAX_TREE_ENTRIES)
            yield from _Walk(objects, comparer, shallow, told, max_commits, max_bytes).run(begin)
    except NotARepository as error:
        told.gaps.append(f"the history was not read: {error.message}")
    except HostileInput as error:
        told.gaps.append(f"the history was not read to its end: {error.message}")


class _Walk:
    """``under`` has for each commit that was met the place of its reference among the starts."""

    def __init__(
        self, objects: GitObjects, comparer: TreeComparer, shallow: frozenset[str],
        told: AddedBlobs, max_commits: int, max_bytes: int,
    ) -> None:  # fmt: skip
        self.objects, self.comparer, self.shallow, self.told = objects, comparer, shallow, told
        self.max_commits, self.max_bytes = max_commits, max_bytes
        self.room, self.commit_room = max_bytes, MAX_COMMIT_BYTES
        self.nodes: dict[str, _Node | None] = {}
        self.under: dict[str, int] = {}
        self.seen: set[str] = set()
        self.broken = 0

    def run(self, begin: list[Start]) -> Iterator[Added]:
        heap: list[tuple[int, str]] = []
        for place, start in enumerate(begin):
            self._meet(heap, start.commit, place)
        while heap:
            node = self.nodes[heapq.heappop(heap)[1]]
            if node is None:
                continue
            if self.told.commits == self.max_commits:
                self._gap(f"only the newest {self.max_commits} commits were read")
                return
            self.told.commits += 1
            parents = () if node.id in self.shallow else node.parents
            if node.id in self.shallow and node.parents:
                self._gap(_SHALLOW)
            for parent in parents:
                self._meet(heap, parent, self.under[node.id])
            trees = [found.tree for p in parents if (found := self.nodes[p]) is not None]
            yield from self._contents(node, trees, begin[self.under[node.id]].reference)
            if self.room <= 0:
                self._gap(f"only {self.max_bytes} bytes of the history were read")
                return

    def _meet(self, heap: list[tuple[int, str]], commit: str, place: int) -> None:
        """Put a commit where its time belongs; of several references the first in order counts."""
        self.under[commit] = min(place, self.under.get(commit, place))
        if commit in self.nodes:
            return
        node = self.nodes[commit] = self._node(commit)
        if node is not None:
            heapq.heappush(heap, (-node.time, commit))

    def _node(self, commit: str) -> _Node | None:
        if self.commit_room <= 0:
            raise BoundExceeded("the commits of the history", MAX_COMMIT_BYTES, "bytes")
        try:
            data = self.objects.read(commit, _MAX_COMMIT).data
            self.commit_room -= len(data)
            found = parse_commit(commit, data)
        except HostileInput as error:
            self._gap(f"the history was not read to its end: {error.message}")
            self.broken += 1
            if self.broken > _MAX_BROKEN:
                raise BoundExceeded("the history", _MAX_BROKEN, "unreadable commits") from error
            return None
        return _Node(commit, found.tree, found.parents, found.committer.time or 0)

    def _contents(self, node: _Node, trees: list[str], reference: str) -> Iterator[Added]:
        try:
            changed = self.comparer.changed(node.tree, trees)
        except BoundExceeded:
            raise
        except HostileInput as error:
            self._gap(f"the history was not read to its end: {error.message}")
            return
        for path, blob in sorted(changed.items()):
            if not blob or blob in self.seen or self.room <= 0:
                continue
            self.seen.add(blob)
            limit = min(MAX_BLOB_BYTES, self.room)
            data = _content(self.objects, blob, path, limit, self.told)
            if data is not None:
                self.room -= len(data)
                yield Added(node.id, path, data, reference)

    def _gap(self, gap: str) -> None:
        if gap not in self.told.gaps[:100]:
            self.told.gaps.append(gap)


def _content(
    objects: GitObjects, blob: str, path: str, limit: int, told: AddedBlobs
) -> bytes | None:
    try:
        found = objects.read(blob, limit)
    except BoundExceeded:
        told.gaps.append(f"{path} in the history is longer than {limit} bytes and was not read")
        return None
    except GitObjectMissing:
        told.gaps.append(f"{path} in the history is not in this clone")
        return None
    told.blobs += 1
    return found.data if found.type == "blob" else None
