"""The words of walking: what a tree of files is, on disk or in git, and what a walk brings home."""

from __future__ import annotations

import enum
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from weighbridge.model.artifact import Problem, ProblemKind

Parts: TypeAlias = tuple[bytes, ...]  # a path's names, from the tree's top; () is the top itself


class NodeType(enum.Enum):
    """What a directory entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    SPECIAL = "special"  # device, FIFO, socket
    UNREADABLE = "unreadable"


class Node(NamedTuple):
    """One directory entry.

    ``detail`` says what a special one is or why it is unreadable; ``problem`` is then its kind.
    """

    name: bytes
    type: NodeType
    detail: str = ""
    problem: ProblemKind = ProblemKind.UNREADABLE


class Tree(Protocol):
    """A tree of files. Paths given to it hold no symbolic link, ``.`` or ``..``.

    ``has_git_folders`` says whether a ``.git`` in it may be git's own; in a commit it never is.
    """

    has_git_folders: bool

    def children(self, at: Parts) -> Iterable[Node]:
        """A directory's entries, in any order. Raises Unreadable."""

    def node(self, at: Parts) -> Node:
        """One entry, links not followed. Raises Unreadable."""

    def read_link(self, at: Parts) -> bytes:
        """A link's text. Raises Unreadable."""

    def rebase(self, target: bytes) -> Parts | None:
        """Where an absolute link target lies inside the tree, None if it does not."""

    def peek(self, at: Parts, size: int) -> bytes:
        """A regular file's first bytes. Raises Unreadable."""


class Bounds(NamedTuple):
    """Where a snapshot stops. Each is reported by name when it is reached.

    ``hole_bytes``: hashing a sparse file costs the time of its apparent size, and a hole of many
    exbibytes costs nothing to make; so many bytes of holes are hashed for one subject in all.
    ``blob_bytes``: a git object has to be held in memory, this is the largest that is.
    """

    entries: int = 1_000_000
    depth: int = 200
    hole_bytes: int = 256 * 2**30
    blob_bytes: int = 2 * 2**30


class Scope(NamedTuple):
    """Which part of a tree is the subject.

    ``start`` is the subject's folder; a link may end under ``start`` or under one of ``also``.
    ``only`` narrows the subject to one name in that folder.
    """

    start: Parts = ()
    also: tuple[Parts, ...] = ()
    only: bytes | None = None

    def holds(self, real: Parts) -> bool:
        """Whether a link-free path is inside."""
        return any(real[: len(top)] == top for top in (self.start, *self.also))

    def relative(self, real: Parts) -> str:
        """A link-free path as seen from the subject's folder."""
        here, top = (b"/" + b"/".join(parts) for parts in (real, self.start))
        return display(posixpath.relpath(here, top))


class Found(NamedTuple):
    """A regular file. ``real`` is its path without links, ``link_target`` the same for people."""

    path: str
    real: Parts
    node: Node
    link_target: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Walked:
    """What a walk met."""

    files: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    entries: int = 0


def display(name: bytes) -> str:
    """A name in Unicode; bytes that are not UTF-8 stand as ``\\xNN``."""
    return name.decode("utf-8", "backslashreplace")


def is_utf8(name: bytes) -> bool:
    """Whether a name is valid UTF-8."""
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
