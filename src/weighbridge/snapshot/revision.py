"""A snapshot of a commit: trees and blobs from the object store, nothing checked out."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from weighbridge.formats.sniff import Peek, sniff
from weighbridge.model.artifact import Artifact, Kind, Presence, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.errors import BoundExceeded, HostileInput, SubjectError
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.assemble import assemble, readable_name, subject_digest
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectMissing
from weighbridge.snapshot.git_repository import (
    NotARepository,
    Repository,
    commit_tree,
    find_repository,
)
from weighbridge.snapshot.git_tree import GitTree
from weighbridge.snapshot.hashing import MultiHash
from weighbridge.snapshot.read import Content, describe
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot
from weighbridge.snapshot.tree import Bounds, NodeType, Parts, Scope, display
from weighbridge.snapshot.walk import walk

_MAX_COMMIT = 16 * 2**20


@dataclass(frozen=True, slots=True)
class BlobOpener:
    """Opens blobs of one repository by their ids. ``folder`` is the subject's in the commit."""

    repository: Repository
    blobs: Mapping[str, str]
    limit: int
    folder: Parts = ()

    def __call__(self, artifact: Artifact) -> BinaryIO:
        """A stream over the blob, checked against its id. Raises ContentUnavailable."""
        if artifact.path not in self.blobs:
            raise ContentUnavailable(f"{artifact.path} is not a file of this snapshot")
        try:
            with self.repository.objects() as objects:
                found = objects.read(self.blobs[artifact.path], self.limit)
        except HostileInput as error:
            raise ContentUnavailable(f"{artifact.path}: {error.message}") from error
        return io.BytesIO(found.data)


def take_revision(
    path: Path, revision: str, algorithms: tuple[str, ...], bounds: Bounds
) -> Snapshot:
    """The files of a commit, or of the folder ``path`` in it.

    Raises:
        SubjectError: no repository, no such commit or folder, no file to be read.
    """
    try:
        repository = find_repository(path)
        with repository.objects() as objects:
            commit = repository.resolve(objects, revision)
            tree = GitTree(objects, commit_tree(objects.read(commit, _MAX_COMMIT).data))
            scope = _scope(repository, tree, path.resolve())
            walked = walk(tree, scope, bounds)
            blobs = {found.real: tree.blob_id(found.real) for found in walked.files}
            contents = read_blobs(objects, blobs, algorithms, bounds)
    except NotARepository as error:
        raise SubjectError(
            f"{error.message}, so it has no revision {revision!r}",
            remedy=error.remedy or "Leave the revision out, or give a clone of the repository.",
        ) from error
    except HostileInput as error:
        raise SubjectError(
            error.message,
            remedy=error.remedy or "Give a branch, a tag or the full id of a commit.",
        ) from error
    artifacts, problems = assemble(walked, contents)
    ids = {found.path: blobs[found.real] for found in walked.files}
    name = readable_name(path.resolve()).removesuffix(".git")
    subject = Subject(SubjectKind.GIT_REVISION, name, subject_digest(artifacts), commit)
    opener = BlobOpener(repository, ids, bounds.blob_bytes, scope.start)
    return Snapshot(subject, artifacts, problems, opener)


def repository_of(snapshot: Snapshot) -> tuple[Repository, Parts, str]:
    """The repository a snapshot lies in, the subject's folder in it, and the revision it shows.

    Raises:
        NotARepository: it lies in none.
    """
    if isinstance(snapshot.opener, BlobOpener):
        opener = snapshot.opener
        return opener.repository, opener.folder, snapshot.subject.revision or "HEAD"
    if snapshot.root is None:
        raise NotARepository("the subject is not a folder on disk")
    repository = find_repository(snapshot.root)
    return repository, _folder(repository, snapshot.root.resolve()), "HEAD"


def _folder(repository: Repository, real: Path) -> Parts:
    top = repository.top
    inside = real.relative_to(top).parts if top is not None and real.is_relative_to(top) else ()
    return () if inside[:1] == (".git",) else tuple(os.fsencode(name) for name in inside)


def _scope(repository: Repository, tree: GitTree, real: Path) -> Scope:
    """The subject's folder inside the commit, or its one file."""
    parts = _folder(repository, real)
    try:
        kind = tree.node(parts).type
    except Unreadable as error:
        raise SubjectError(
            f"{display(b'/'.join(parts))} is not in that commit",
            remedy="Give a revision that has it, or the repository's top folder.",
        ) from error
    if kind is NodeType.FILE:
        return Scope(start=parts[:-1], only=parts[-1])
    return Scope(start=parts)


def read_blobs(
    objects: GitObjects, blobs: dict[Parts, str], algorithms: tuple[str, ...], bounds: Bounds
) -> dict[Parts, Content]:
    """The content of every file; a blob that stands at many paths is read once."""
    contents: dict[str, Content] = {}
    for blob in sorted(set(blobs.values())):
        contents[blob] = _read_blob(objects, blob, algorithms, bounds.blob_bytes)
    return {real: contents[blob] for real, blob in blobs.items()}


def _read_blob(objects: GitObjects, blob: str, algorithms: tuple[str, ...], limit: int) -> Content:
    try:
        found = objects.read(blob, limit)
    except GitObjectMissing:
        # a partial clone: the commit says what it is, and the bytes are elsewhere
        return Content(0, Kind.UNREAD, Presence.MISSING, (Digest("gitBlob", blob),))
    except BoundExceeded as error:
        return Content(problem=(ProblemKind.BOUND, error.message))
    except HostileInput as error:
        return Content(problem=(ProblemKind.UNREADABLE, error.message))
    if found.type != "blob":
        return Content(problem=(ProblemKind.UNREADABLE, f"the commit has a {found.type} here"))
    hasher = MultiHash(algorithms, len(found.data))
    hasher.update(found.data)
    peek = Peek.of(found.data)
    return describe(peek, sniff(peek), hasher.digests())
