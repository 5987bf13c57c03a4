"""A snapshot of what is staged in git: what a commit made now would hold.

A hook must judge the index and not the folder: a file can be repaired on disk after it was staged,
and with Git LFS the index holds the pointer, whose digest is known without reading the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from weighbridge.model.errors import SubjectError
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.assemble import assemble, subject_digest
from weighbridge.snapshot.git_index import IndexBroken, read_index
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_repository import NotARepository, Repository, find_repository
from weighbridge.snapshot.git_tree import Entry, GitTree
from weighbridge.snapshot.revision import BlobOpener, read_blobs
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.tree import Bounds, Parts, Scope
from weighbridge.snapshot.walk import walk

_Folders = dict[Parts, dict[bytes, list[Entry]]]


class Index:
    """The staged files of the repository that holds a folder.

    Raises:
        SubjectError: no repository, or its index cannot be read.
    """

    def __init__(self, inside: Path) -> None:
        try:
            self.repository: Repository = find_repository(inside)
        except NotARepository as error:
            raise SubjectError(
                error.message, remedy="Run the hook inside a git repository."
            ) from error
        self._entries = _read_index(self.repository)
        self.paths: tuple[str, ...] = tuple(
            sorted(b"/".join(parts).decode("utf-8", "backslashreplace") for parts in self._entries)
        )

    def snapshot(self, folder: str, wanted: Callable[[str], bool] = lambda _path: True) -> Snapshot:
        """The staged files below a folder of the repository, ``""`` for all of it.

        Args:
            folder: with ``/``, from the repository's top.
            wanted: which paths, from the repository's top, to take at all.

        Raises:
            SubjectError: no wanted file is staged there, or none can be read.
        """
        entries = {
            parts: entry
            for parts, entry in self._entries.items()
            if wanted(b"/".join(parts).decode("utf-8", "backslashreplace"))
        }
        start: Parts = tuple(name.encode() for name in folder.split("/") if name)
        bounds = Bounds()
        with self.repository.objects() as objects:
            tree = _IndexTree(objects, entries)
            walked = walk(tree, Scope(start=start), bounds)
            blobs = {found.real: tree.blob_id(found.real) for found in walked.files}
            contents = read_blobs(objects, blobs, ("sha256",), bounds)
        artifacts, problems = assemble(walked, contents)
        ids = {found.path: blobs[found.real] for found in walked.files}
        name = folder.rpartition("/")[2] or (self.repository.top or Path("repository")).name
        subject = Subject(SubjectKind.GIT_REVISION, name, subject_digest(artifacts))
        opener = BlobOpener(self.repository, ids, bounds.blob_bytes, start)
        return Snapshot(subject, artifacts, problems, opener)


class _IndexTree(GitTree):
    """The index's flat list of paths, as folders."""

    def __init__(self, objects: GitObjects, entries: dict[Parts, Entry]) -> None:
        super().__init__(objects, "")
        folders: _Folders = {(): {}}
        for parts, entry in entries.items():
            for depth in range(len(parts) - 1):
                at, name = parts[:depth], parts[depth]
                folders.setdefault(at, {}).setdefault(name, [(0o040000, "")])
            folders.setdefault(parts[:-1], {})[parts[-1]] = [entry]
        self._folders = folders

    def _folder(self, at: Parts) -> dict[bytes, list[Entry]]:
        return self._folders.get(at, {})


def _read_index(repository: Repository) -> dict[Parts, Entry]:
    """Every staged path with its mode and blob id; paths in conflict have none and are left out."""
    try:
        entries = read_index(repository)
    except IndexBroken as error:
        raise SubjectError(
            error.message,
            remedy="Run 'git status'; if git reads it, 'git update-index --index-version 2' helps.",
        ) from error
    return {tuple(path.split(b"/")): (entry.mode, entry.blob) for path, entry in entries.items()}
