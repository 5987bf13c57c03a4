"""Every content that commits added below a folder, each once: for looking at what was removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from weighbridge.history.changes import TreeComparer
from weighbridge.history.commit import parse_commit
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
_MAX_COMMIT = 2**20


@dataclass(frozen=True, slots=True)
class Added:
    """A content that a commit brought to a path."""

    commit: str
    path: str
    data: bytes


@dataclass(slots=True)
class AddedBlobs:
    """What was walked so far; ``gaps`` says what was not."""

    commits: int = 0
    blobs: int = 0
    gaps: list[str] = field(default_factory=list)


def added_blobs(
    snapshot: Snapshot, wanted: Callable[[str], bool], told: AddedBlobs,
    *, max_commits: int = MAX_COMMITS, max_bytes: int = MAX_BYTES,
) -> Iterator[Added]:  # fmt: skip
    """Walk the newest commit's ancestors, newest first, and read what each added or changed.

    Of a content that several commits brought, the commit that the walk meets first is named. Other
    branches are not walked.

    Args:
        snapshot: of a folder in a git working tree, or of a revision.
        wanted: which paths to read.
        told: is filled while this runs.
    """
    try:
        repository, folder, revision = repository_of(snapshot)
    except NotARepository as error:
        told.gaps.append(f"the history was not read: {error.message}")
        return
    shallow = repository.shallow()
    seen: set[str] = set()
    room = max_bytes
    try:
        with repository.objects() as objects:
            comparer = TreeComparer(objects, folder, wanted, MAX_TREE_ENTRIES)
            queue = [repository.resolve(objects, revision)]
            queued = set(queue)
            while queue:
                if told.commits == max_commits:
                    told.gaps.append(f"only the newest {max_commits} commits were read")
                    return
                commit = parse_commit(queue[0], _read_commit(objects, queue.pop(0)))
                told.commits += 1
                parents = () if commit.id in shallow else commit.parents
                if commit.id in shallow and commit.parents:
                    told.gaps.append("the clone is shallow: older commits are not here")
                trees = [parse_commit(p, _read_commit(objects, p)).tree for p in parents]
                for path, blob in sorted(comparer.changed(commit.tree, trees).items()):
                    if not blob or blob in seen:
                        continue
                    seen.add(blob)
                    data = _content(objects, blob, path, min(MAX_BLOB_BYTES, room), told)
                    if data is not None:
                        room -= len(data)
                        yield Added(commit.id, path, data)
                    if room <= 0:
                        told.gaps.append(f"only {max_bytes} bytes of the history were read")
                        return
                fresh = [parent for parent in parents if parent not in queued]
                queue += dict.fromkeys(fresh)
                queued.update(fresh)
    except HostileInput as error:
        told.gaps.append(f"the history was not read to its end: {error.message}")


def _read_commit(objects: GitObjects, commit_id: str) -> bytes:
    return objects.read(commit_id, _MAX_COMMIT).data


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
