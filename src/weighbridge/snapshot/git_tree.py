"""A commit's tree as a tree of files, read from the object store and never checked out."""

from __future__ import annotations

import collections
from collections.abc import Iterator

from weighbridge.model.artifact import ProblemKind
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import Node, NodeType, Parts

MAX_TREE_BYTES = 64 * 2**20
_MAX_LINK_BYTES = 4096
_CACHED_ENTRIES = 500_000

Entry = tuple[int, str]  # mode and object id
_TYPES = {0o040000: NodeType.DIRECTORY, 0o120000: NodeType.LINK, 0o100000: NodeType.FILE}


def parse_tree(data: bytes, id_bytes: int) -> list[tuple[bytes, int, str]]:
    """The entries of a tree object: name, mode, object id.

    Raises:
        GitObjectBroken: an entry is cut short or its mode is not octal.
    """
    entries = []
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        end = data.find(b"\0", space) if space > 0 else -1
        if space < 0 or end < 0 or end + 1 + id_bytes > len(data):
            raise GitObjectBroken("a git tree is cut short")
        try:
            mode = int(data[at:space], 8)
        except ValueError as error:
            raise GitObjectBroken("a git tree holds an entry without a mode") from error
        entries.append((data[space + 1 : end], mode, data[end + 1 : end + 1 + id_bytes].hex()))
        at = end + 1 + id_bytes
    return entries


class GitTree:
    """The tree with the id ``top``. Names that git would not check out are unreadable entries."""

    has_git_folders = False

    def __init__(self, objects: GitObjects, top: str) -> None:
        self._objects = objects
        self._top = top
        self._trees: collections.OrderedDict[str, dict[bytes, list[Entry]]] = (
            collections.OrderedDict()
        )
        self._cached = 0

    def children(self, at: Parts) -> Iterator[Node]:
        """A folder's entries. Raises Unreadable."""
        for name, entries in self._folder(at).items():
            yield _node(name, entries)

    def node(self, at: Parts) -> Node:
        """One entry. Raises Unreadable."""
        if not at:
            return Node(b"", NodeType.DIRECTORY)
        return _node(at[-1], self._entries(at))

    def read_link(self, at: Parts) -> bytes:
        """A link's text, which git stores as a blob. Raises Unreadable."""
        return self._blob(at, _MAX_LINK_BYTES)

    def rebase(self, target: bytes) -> Parts | None:
        """Nothing absolute lies inside a commit."""
        return None

    def peek(self, at: Parts, size: int) -> bytes:
        """A file's first bytes. Raises Unreadable."""
        return self._blob(at, MAX_TREE_BYTES)[:size]

    def blob_id(self, at: Parts) -> str:
        """The object id of a file. Raises Unreadable."""
        return self._entries(at)[0][1]

    def _blob(self, at: Parts, limit: int) -> bytes:
        try:
            return self._objects.read(self.blob_id(at), limit).data
        except HostileInput as error:
            raise Unreadable(ProblemKind.UNREADABLE, error.message) from error

    def _entries(self, at: Parts) -> list[Entry]:
        entries = self._folder(at[:-1]).get(at[-1])
        if entries is None:
            raise Unreadable(ProblemKind.VANISHED, "not in the commit")
        return entries

    def _folder(self, at: Parts) -> dict[bytes, list[Entry]]:
        tree = self._top
        for name in at:
            entries = self._tree(tree).get(name)
            if entries is None or _kind(entries[0][0]) is not NodeType.DIRECTORY:
                raise Unreadable(ProblemKind.VANISHED, "not a folder of the commit")
            tree = entries[0][1]
        return self._tree(tree)

    def _tree(self, tree: str) -> dict[bytes, list[Entry]]:
        if tree in self._trees:
            self._trees.move_to_end(tree)
            return self._trees[tree]
        try:
            found = self._objects.read(tree, MAX_TREE_BYTES)
            if found.type != "tree":
                raise GitObjectBroken("a git tree names another object as a tree")
            entries: dict[bytes, list[Entry]] = {}
            for name, mode, object_id in parse_tree(found.data, len(tree) // 2):
                entries.setdefault(name, []).append((mode, object_id))
        except HostileInput as error:
            raise Unreadable(ProblemKind.UNREADABLE, error.message) from error
        self._trees[tree] = entries
        self._cached += len(entries) + 1
        while self._cached > _CACHED_ENTRIES and len(self._trees) > 1:
            self._cached -= len(self._trees.popitem(last=False)[1]) + 1
        return entries


def _kind(mode: int) -> NodeType:
    return _TYPES.get(mode & 0o170000, NodeType.UNREADABLE)


def _node(name: bytes, entries: list[Entry]) -> Node:
    mode = entries[0][0]
    if len(entries) > 1:
        detail = "the commit names it more than once"
    elif name in (b"", b".", b"..") or b"/" in name or name.lower() == b".git":
        detail = "a name that git refuses to check out"
    elif mode & 0o170000 == 0o160000:
        detail = "a git submodule: its files are another repository's"
    elif _kind(mode) is NodeType.UNREADABLE:
        detail = f"an entry of the unknown mode {mode:o}"
    else:
        return Node(name, _kind(mode))
    return Node(name, NodeType.UNREADABLE, detail=detail)
