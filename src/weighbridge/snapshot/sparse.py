"""Files that a sparse checkout leaves out: listed in git's index, and not in the folder.

Source: git-sparse-checkout(1), gitformat-index(5): such entries carry the skip-worktree bit, which
an index has from version 3 on. The bit is believed only where the file is indeed not there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.artifact import Artifact, Kind, Presence, Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.pointer import MAX_BYTES, looks_like_pointer, parse_pointer
from weighbridge.snapshot.tree import display

if TYPE_CHECKING:
    from weighbridge.snapshot.git_objects import GitObjects

_FIRST_VERSION = 3
_WHOLE_FOLDER = "a sparse checkout leaves this folder out"
_FOLDER, _SUBMODULE, _TYPE_BITS = 0o040000, 0o160000, 0o170000


def left_out(root: Path) -> tuple[list[Artifact], list[Problem]]:
    """What the index has below a folder and a sparse checkout keeps out of it, by path.

    A file of which the index knows a Git LFS pointer has the digest that the pointer names. Nothing
    is left out where there is no repository, or none with a sparse checkout.
    """
    if not any(os.path.lexists(folder / ".git") for folder in (root, *root.parents)):
        return [], []  # most models; what reads git is imported for the others
    from weighbridge.snapshot.git_index import index_version, read_index
    from weighbridge.snapshot.git_repository import find_repository

    try:
        repository = find_repository(root)
    except HostileInput:
        return [], []
    # an older index has no such bit: most repositories need no further reading
    if repository.top is None or not root.is_relative_to(repository.top):
        return [], []
    if index_version(repository) < _FIRST_VERSION:
        return [], []
    inside = os.fsencode(root.relative_to(repository.top))
    prefix = b"" if inside == b"." else inside + b"/"
    try:
        found = [
            (display(path.removeprefix(prefix).rstrip(b"/")), entry)
            for path, entry in read_index(repository).items()
            if entry.left_out and path.startswith(prefix)
            if not os.path.lexists(os.fsencode(repository.top) + b"/" + path)
        ]
        with repository.objects() as objects:
            artifacts = [
                _artifact(objects, path, entry.blob)
                for path, entry in found
                if entry.mode & _TYPE_BITS not in (_FOLDER, _SUBMODULE)
            ]
    except HostileInput as error:
        detail = f"what a sparse checkout leaves out cannot be said: {error.message}"
        return [], [Problem("", ProblemKind.UNREADABLE, detail)]
    folders = [path for path, entry in found if entry.mode & _TYPE_BITS == _FOLDER]
    return artifacts, [Problem(p, ProblemKind.UNREADABLE, _WHOLE_FOLDER) for p in folders]


def _artifact(objects: GitObjects, path: str, blob: str) -> Artifact:
    known = Digest("gitBlob", blob)
    try:
        data = objects.read(blob, MAX_BYTES).data
        if looks_like_pointer(data):
            pointer = parse_pointer(data)
            digests = (pointer.digest, known)
            return Artifact(path, pointer.size, Kind.UNREAD, Presence.MISSING, digests)
        return Artifact(path, len(data), Kind.UNREAD, Presence.MISSING, (known,))
    except HostileInput:  # not here, long, or no pointer that can be read
        return Artifact(path, 0, Kind.UNREAD, Presence.MISSING, (known,))
