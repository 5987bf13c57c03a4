"""Walking a tree of files without ever leaving it.

Symbolic links are resolved by hand, name by name, so that a link is followed only when every step
of it stays inside. What is not a file ends as a :class:`Problem`, never in silence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

from weighbridge.model.artifact import Problem, ProblemKind
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import (
    Bounds,
    Found,
    Node,
    NodeType,
    Parts,
    Scope,
    Tree,
    Walked,
    display,
    is_utf8,
)

_GONE = ProblemKind.VANISHED
MAX_HOPS = 40  # links followed for one path, as Linux counts them


def walk(tree: Tree, scope: Scope, bounds: Bounds) -> Walked:
    """Every regular file of the scope, and a problem for every other thing but folders.

    The internals of git (a folder ``.git`` that is one, or the ``gitdir:`` file of a worktree or
    submodule) are left out; nothing else is.
    """
    walker = _Walker(tree, scope, bounds)
    walker.run()
    return walker.walked


class _Folder(NamedTuple):
    """``trail`` holds the real folders on the way here: meeting one of them again is a loop."""

    logical: Parts
    real: Parts
    trail: tuple[Parts, ...]


class _Walker:
    def __init__(self, tree: Tree, scope: Scope, bounds: Bounds) -> None:
        self.tree = tree
        self.scope = scope
        self.bounds = bounds
        self.walked = Walked()
        self.full = False
        self.names: set[str] = set()

    def run(self) -> None:
        start = self.scope.start
        stack = [_Folder((), start, (start,))]
        while stack and not self.full:
            stack.extend(reversed(self._folder(stack.pop())))

    def _folder(self, folder: _Folder) -> list[_Folder]:
        """Take one folder's files; hand back its folders."""
        room = self.bounds.entries - self.walked.entries
        try:
            nodes = list(itertools.islice(self._entries(folder), room + 1))
        except Unreadable as error:
            self._problem(folder.logical, error.kind, error.detail)
            return []
        nodes.sort(key=lambda node: node.name)
        if len(nodes) > room:
            self.full = True
            self._problem(
                folder.logical,
                ProblemKind.BOUND,
                f"the subject has more than {self.bounds.entries} entries; the rest was not read",
            )
            nodes = nodes[:room]
        self.walked.entries += len(nodes)
        unusual = self._plain_files(folder, nodes)
        inner = [self._entry(folder, node) for node in unusual]
        return [found for found in inner if found is not None]

    def _plain_files(self, folder: _Folder, nodes: list[Node]) -> list[Node]:
        """Take the files with nothing special about them; hand back the other entries."""
        if folder.real != (*self.scope.start, *folder.logical):
            return nodes  # reached over a link, so that each file's own target has to be told
        prefix = "".join([f"{display(name)}/" for name in folder.logical])
        others: list[Node] = []
        for node in nodes:
            name = node.name
            path = f"{prefix}{name.decode('ascii')}" if name.isascii() else ""
            if node.type is not NodeType.FILE or not path or name == b".git" or path in self.names:
                others.append(node)
                continue
            self.names.add(path)
            self.walked.files.append(Found(path, (*folder.real, name), node))
        return others

    def _entries(self, folder: _Folder) -> Iterable[Node]:
        if self.scope.only is not None:
            return [self.tree.node((*folder.real, self.scope.only))]
        return self.tree.children(folder.real)

    def _entry(self, folder: _Folder, node: Node) -> _Folder | None:
        logical = (*folder.logical, node.name)
        real = (*folder.real, node.name)
        if not is_utf8(node.name):
            self._problem(logical, ProblemKind.NAME_NOT_UTF8, "the name is not UTF-8")
        if node.type is NodeType.LINK:
            try:
                real, node = self._resolve(real)
            except Unreadable as trouble:
                self._problem(logical, trouble.kind, trouble.detail)
                return None
        if node.type is NodeType.FILE:
            if not self._is_git_file(logical, real):
                self._file(logical, real, node)
        elif node.type is NodeType.DIRECTORY:
            return self._directory(folder, logical, real)
        elif node.type is NodeType.SPECIAL:
            self._problem(logical, ProblemKind.SPECIAL_FILE, f"{node.detail}: never opened")
        else:
            self._problem(logical, node.problem, node.detail)
        return None

    def _file(self, logical: Parts, real: Parts, node: Node) -> None:
        path = display(b"/".join(logical))
        if path in self.names:
            detail = "its name, made readable, is another file's too; it is not in the listing"
            self._problem(logical, ProblemKind.NAME_NOT_UTF8, detail)
            return
        self.names.add(path)
        linked = real != (*self.scope.start, *logical)
        target = self.scope.relative(real) if linked else ""
        self.walked.files.append(Found(path, real, node, target))

    def _directory(self, folder: _Folder, logical: Parts, real: Parts) -> _Folder | None:
        if real in folder.trail:
            self._problem(
                logical,
                ProblemKind.SYMLINK_LOOP,
                "a symbolic link to a folder that it lies in",
            )
            return None
        if logical[-1] == b".git" and self.tree.has_git_folders and self._is_git_folder(real):
            return None
        if len(logical) > self.bounds.depth:
            self._problem(
                logical,
                ProblemKind.BOUND,
                f"folders are nested deeper than {self.bounds.depth}; this one was not read",
            )
            return None
        return _Folder(logical, real, (*folder.trail, real))

    def _is_git_folder(self, real: Parts) -> bool:
        return (
            self._type((*real, b"objects")) is NodeType.DIRECTORY
            and self._type((*real, b"HEAD")) is NodeType.FILE
        )

    def _is_git_file(self, logical: Parts, real: Parts) -> bool:
        if logical[-1] != b".git" or not self.tree.has_git_folders:
            return False
        try:
            return self.tree.peek(real, 8) == b"gitdir: "
        except Unreadable:
            return False  # it is listed, and reading it will say what is wrong

    def _type(self, real: Parts) -> NodeType | None:
        try:
            return self.tree.node(real).type
        except Unreadable:
            return None

    def _resolve(self, link: Parts) -> tuple[Parts, Node]:
        """The link-free path and the entry that a link ends at.

        Raises:
            Unreadable: it leaves the subject, ends nowhere, or goes round in a circle.
        """
        current, todo = self._jump(link)
        hops = 1
        node = Node(b"", NodeType.DIRECTORY)
        while todo:
            name = todo.pop(0)
            if node.type is not NodeType.DIRECTORY:
                raise _dangling()
            if name == b"..":
                if not current:
                    raise _escape()
                current, node = current[:-1], Node(b"", NodeType.DIRECTORY)
                continue
            try:
                node = self.tree.node((*current, name))
            except Unreadable as error:
                raise self._lost(error, (*current, name)) from error
            if node.type is not NodeType.LINK:
                current = (*current, name)
                continue
            hops += 1
            if hops > MAX_HOPS:
                raise Unreadable(
                    ProblemKind.SYMLINK_LOOP,
                    f"a symbolic link that leads over more than {MAX_HOPS} others",
                )
            current, further = self._jump((*current, name))
            node, todo = Node(b"", NodeType.DIRECTORY), further + todo
        if not self.scope.holds(current):
            raise _escape()
        return current, node

    def _jump(self, link: Parts) -> tuple[Parts, list[bytes]]:
        """Where resolving a link starts, and the names still to go."""
        target = self.tree.read_link(link)
        if not target.startswith(b"/"):
            return link[:-1], [name for name in target.split(b"/") if name not in (b"", b".")]
        inside = self.tree.rebase(target)
        if inside is None:
            raise _escape()
        return (), list(inside)

    def _lost(self, error: Unreadable, at: Parts) -> Unreadable:
        if not self.scope.holds(at) and not self._leads_inside(at):
            return _escape()
        # gone, or a step of the way is a file
        return _dangling() if error.kind in (_GONE, ProblemKind.CHANGED) else error

    def _leads_inside(self, at: Parts) -> bool:
        return any(top[: len(at)] == at for top in (self.scope.start, *self.scope.also))

    def _problem(self, logical: Parts, kind: ProblemKind, detail: str) -> None:
        self.walked.problems.append(Problem(display(b"/".join(logical)), kind, detail))


def _dangling() -> Unreadable:
    return Unreadable(
        ProblemKind.SYMLINK_DANGLING, "a symbolic link to something that is not there"
    )


def _escape() -> Unreadable:
    return Unreadable(
        ProblemKind.SYMLINK_ESCAPE, "a symbolic link that leaves the subject: not followed"
    )
