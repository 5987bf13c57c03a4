"""What one commit changed in the files that matter, found by comparing trees alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from weighbridge.model.errors import BoundExceeded
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.git_pack import GitObjectBroken
from weighbridge.snapshot.git_tree import MAX_TREE_BYTES, parse_tree
from weighbridge.snapshot.tree import Parts, display

_FOLDER, _SUBMODULE, _TYPE_BITS = 0o040000, 0o160000, 0o170000
_MAX_DEPTH = 200
_CACHED_ENTRIES = 500_000

Entries = dict[bytes, tuple[bool, str]]  # name to (is it a folder, object id)


@dataclass(slots=True)
class TreeComparer:
    """Compares trees below one folder. ``budget`` is how many entries it may still look at.

    The bound is on all comparisons together: a commit may name the same folder a billion times.
    """

    objects: GitObjects
    folder: Parts
    wanted: Callable[[str], bool]
    budget: int
    _cache: dict[str, Entries] = field(default_factory=dict)
    _cached: int = 0

    def changed(self, tree: str, parents: Sequence[str]) -> dict[str, str]:
        """The wanted paths whose content differs from that in every parent, with their blob ids.

        A path that is gone has the id "". Without parents, every wanted path counts.

        Raises:
            HostileInput: a tree is missing or damaged, or the budget is spent.
        """
        if not parents:
            return self._compare(self.start(tree), None)
        found: dict[str, str] | None = None
        for parent in parents:
            if parent == tree:
                return {}
            differs = self._compare(self.start(tree), self.start(parent))
            found = differs if found is None else {p: i for p, i in found.items() if p in differs}
            if not found:
                return {}
        return found or {}

    def start(self, tree: str) -> str | None:
        """The id of the subject's folder in a tree, None where there is none."""
        current = tree
        for name in self.folder:
            is_folder, current = self._entries(current).get(name, (False, ""))
            if not is_folder:
                return None
        return current

    def blob(self, tree: str, path: bytes) -> str:
        """The id of what stands at a path below the folder, "" where there is no file."""
        *folders, name = path.split(b"/")
        current = self.start(tree)
        for folder in folders:
            is_folder, current = self._entries(current).get(folder, (False, ""))
            if not is_folder:
                return ""
        is_folder, found = self._entries(current).get(name, (True, ""))
        return "" if is_folder else found

    def _compare(self, new: str | None, old: str | None) -> dict[str, str]:
        changed: dict[str, str] = {}
        stack: list[tuple[Parts, str | None, str | None]] = [((), new, old)]
        while stack:
            at, new, old = stack.pop()
            if new == old:
                continue
            if len(at) > _MAX_DEPTH:
                raise BoundExceeded("the depth of a git tree", _MAX_DEPTH, "folders")
            new_entries, old_entries = self._entries(new), self._entries(old)
            self.budget -= len(new_entries) + len(old_entries)
            if self.budget < 0:
                raise BoundExceeded("the history", 0, "further tree entries")
            for name in new_entries.keys() | old_entries.keys():
                here, there = new_entries.get(name), old_entries.get(name)
                if here == there:
                    continue
                path = (*at, name)
                folders = [entry[1] if entry and entry[0] else None for entry in (here, there)]
                if any(folders):
                    stack.append((path, folders[0], folders[1]))
                if (here and not here[0]) or (there and not there[0]):
                    shown = display(b"/".join(path))
                    if self.wanted(shown):
                        changed[shown] = here[1] if here and not here[0] else ""
        return changed

    def _entries(self, tree: str | None) -> Entries:
        if tree is None:
            return {}
        if tree not in self._cache:
            found = self.objects.read(tree, MAX_TREE_BYTES)
            if found.type != "tree":
                raise GitObjectBroken("a git commit names another object as its tree")
            entries = {
                name: (mode & _TYPE_BITS == _FOLDER, object_id)
                for name, mode, object_id in parse_tree(found.data, len(tree) // 2)
                if mode & _TYPE_BITS != _SUBMODULE
            }
            self._cached += len(entries) + 1
            if self._cached > _CACHED_ENTRIES:
                self._cache.clear()
                self._cached = len(entries) + 1
            self._cache[tree] = entries
        return self._cache[tree]
