"""A folder on disk as a tree, every step relative to an open folder and no link followed.

Each path is opened name by name with ``O_NOFOLLOW``, so a folder that is swapped for a link while
the walk is under way is an error and not a way out.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from weighbridge.model.artifact import ProblemKind
from weighbridge.snapshot.reasons import Unreadable, os_problem, readable
from weighbridge.snapshot.tree import Node, NodeType, Parts

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: should a FIFO have taken the file's place, opening it must not wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_SPECIAL = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


class Identity(NamedTuple):
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """The identity that ``fstat`` gives."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


class DiskTree:
    """The tree under ``anchor``. It keeps that folder open until it is closed."""

    has_git_folders = True

    def __init__(self, anchor: Path) -> None:
        real = os.fsencode(anchor.resolve())
        self._names = (real, os.fsencode(anchor.absolute()))
        self._descriptor = os.open(real, _FOLDER)

    def __enter__(self) -> DiskTree:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def children(self, at: Parts) -> Iterator[Node]:
        """A directory's entries; what they are without a look at each. Raises Unreadable."""
        with readable(), self._folder(at) as folder, os.scandir(folder) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                try:
                    if entry.is_file(follow_symlinks=False):
                        yield Node(name, NodeType.FILE)
                    else:
                        yield _node(name, os.stat(name, dir_fd=folder, follow_symlinks=False))
                except OSError as error:
                    kind, detail = os_problem(error)
                    yield Node(name, NodeType.UNREADABLE, detail=detail, problem=kind)

    def node(self, at: Parts) -> Node:
        """One entry. Raises Unreadable."""
        if not at:
            return Node(b"", NodeType.DIRECTORY)
        with readable(), self._folder(at[:-1]) as folder:
            return _node(at[-1], os.stat(at[-1], dir_fd=folder, follow_symlinks=False))

    def read_link(self, at: Parts) -> bytes:
        """A link's text. Raises Unreadable."""
        with readable(), self._folder(at[:-1]) as folder:
            return os.readlink(at[-1], dir_fd=folder)

    def rebase(self, target: bytes) -> Parts | None:
        """Where an absolute path lies under the anchor, None if it does not.

        The target is compared as text, so judging it touches nothing outside (no automount).
        """
        for top in self._names:
            prefix = top.rstrip(b"/") + b"/"
            if target.startswith(prefix) or target == top:
                return tuple(n for n in target[len(prefix) :].split(b"/") if n not in (b"", b"."))
        return None

    def peek(self, at: Parts, size: int) -> bytes:
        """A regular file's first bytes. Raises Unreadable."""
        descriptor = self.open_file(at)
        try:
            with readable():
                return os.pread(descriptor, size, 0)
        finally:
            os.close(descriptor)

    def open_file(self, at: Parts) -> int:
        """A descriptor of a regular file.

        Raises:
            Unreadable: it cannot be opened, or something else has taken its place.
        """
        with readable(), self._folder(at[:-1]) as folder:
            return _open_regular(at[-1], folder)[0]

    def open_folder(self, at: Parts) -> int:
        """A descriptor of a folder, for the caller to close. Raises Unreadable."""
        with readable(), self._folder(at) as folder:
            return os.dup(folder)

    @contextlib.contextmanager
    def _folder(self, at: Parts) -> Iterator[int]:
        """A descriptor of a folder, reached name by name."""
        descriptor = self._descriptor
        try:
            for name in at:
                inner = os.open(name, _FOLDER, dir_fd=descriptor)
                if descriptor != self._descriptor:
                    os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            if descriptor != self._descriptor:
                os.close(descriptor)


class FileOpener:
    """Opens files one after another, with the folder of the last one at hand. For one thread."""

    def __init__(self, tree: DiskTree) -> None:
        self._tree = tree
        self._at: Parts | None = None
        self._folder = -1

    def open(self, at: Parts) -> tuple[int, os.stat_result]:
        """A descriptor of a regular file, and its status. Raises Unreadable."""
        if at[:-1] != self._at:
            self.close()
            self._folder = self._tree.open_folder(at[:-1])
            self._at = at[:-1]
        try:
            return _open_regular(at[-1], self._folder)
        except OSError as error:
            raise Unreadable(*os_problem(error)) from error

    def close(self) -> None:
        """Let the folder go."""
        if self._at is not None:
            os.close(self._folder)
            self._at = None


def _open_regular(name: bytes, folder: int) -> tuple[int, os.stat_result]:
    descriptor = os.open(name, _FILE, dir_fd=folder)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable(ProblemKind.SPECIAL_FILE, f"{_special(status)}: never read")
    return descriptor, status


def _node(name: bytes, status: os.stat_result) -> Node:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return Node(name, NodeType.FILE)
    if stat.S_ISDIR(mode):
        return Node(name, NodeType.DIRECTORY)
    if stat.S_ISLNK(mode):
        return Node(name, NodeType.LINK)
    return Node(name, NodeType.SPECIAL, detail=_special(status), problem=ProblemKind.SPECIAL_FILE)


def _special(status: os.stat_result) -> str:
    return _SPECIAL.get(stat.S_IFMT(status.st_mode), "not a regular file")
