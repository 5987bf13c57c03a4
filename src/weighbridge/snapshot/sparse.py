"""Files that a sparse checkout leaves out: listed in git's index, and not in the folder.

Source: git-sparse-checkout(1), gitformat-index(5): such entries carry the skip-worktree bit, which
an index has from version 3 on. The bit is believed only where the file is indeed not there.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from weighbridge.model.artifact import Artifact, Kind, Presence, Problem, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects, read_regular
from weighbridge.snapshot.git_repository import Repository, find_repository
from weighbridge.snapshot.pointer import MAX_BYTES, looks_like_pointer, parse_pointer
from weighbridge.snapshot.tree import display

_MAX_INDEX_BYTES = 512 * 2**20
_WHOLE_FOLDER = "a sparse checkout leaves this folder out"
_FOLDER, _SUBMODULE, _TYPE_BITS = 0o040000, 0o160000, 0o170000


def left_out(root: Path) -> tuple[list[Artifact], list[Problem]]:
    """What the index has below a folder and a sparse checkout keeps out of it, by path.

    A file of which the index knows a Git LFS pointer has the digest that the pointer names. Nothing
    is left out where there is no repository, or none with a sparse checkout.
    """
    try:
        repository = find_repository(root)
        if repository.top is None or repository.top == root / ".git":
            return [], []
        index = read_regular(repository.folder / "index", _MAX_INDEX_BYTES)
    except (OSError, HostileInput):
        return [], []
    if index[:4] != b"DIRC" or int.from_bytes(index[4:8], "big") < 3:
        return [], []
    return _read(repository, root, index)


def _read(
    repository: Repository, root: Path, index: bytes
) -> tuple[list[Artifact], list[Problem]]:
    from dulwich.index import IndexEntry, read_index_dict

    assert repository.top is not None
    inside = os.fsencode(root.relative_to(repository.top))
    prefix = b"" if inside == b"." else inside + b"/"
    try:
        entries = read_index_dict(io.BytesIO(index))
        with repository.objects() as objects:
            found = [
                (path.removeprefix(prefix), entry.mode & _TYPE_BITS, entry.sha.decode("ascii"))
                for path, entry in sorted(entries.items())
                if isinstance(entry, IndexEntry) and entry.skip_worktree
                if path.startswith(prefix) and not os.path.lexists(_join(repository.top, path))
            ]
            artifacts = [
                _artifact(objects, display(path), blob)
                for path, kind, blob in found
                if kind not in (_WHOLE_FOLDER = "a sparse checkout leaves this folder out"
_FOLDER, _SUBMODULE)
            ]
    except (HostileInput, ValueError, KeyError, AssertionError, IndexError, EOFError) as error:
        detail = f"git's index cannot be read to see what is left out ({type(error).__name__})"
        return [], [Problem("", ProblemKind.UNREADABLE, detail)]
    problems = [
        Problem(display(path.rstrip(b"/")), ProblemKind.UNREADABLE, _WHOLE_FOLDER)
        for path, kind, _ in found
        if kind == _FOLDER
    ]
    return artifacts, problems


def _join(top: Path, path: bytes) -> bytes:
    return os.fsencode(top) + b"/" + path


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
