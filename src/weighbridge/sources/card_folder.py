"""A folder with the cards of other models and datasets, read in place of a hub, offline too.

Three layouts, which may stand side by side: ``<org>/<name>/README.md``,
``datasets/<org>/<name>/README.md``, and the Hub's own cache
(``models--<org>--<name>/snapshots/<commit>/README.md``, with ``refs/main`` naming a commit;
huggingface_hub, "Understand caching"). Beside the card, the small files that name parents are read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

FILES = ("README.md", "adapter_config.json", "mergekit_config.yml")
MAX_HEAD = 2**20 + 1  # bytes of one file that are read: a card's front matter ends within
MAX_TOTAL = 256 * 2**20
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}\Z")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}\Z")
_MAX_SNAPSHOTS = 1_000

Kind = Literal["models", "datasets"]


@dataclass(frozen=True, slots=True)
class Held:
    """One repository's files as far as they are held: the first bytes of each, and its size.

    ``commit`` is empty where the folder does not tell it. ``unread`` says why a file that is there
    could not be read.
    """

    commit: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    unread: str = ""


class CardFolder:
    """One folder. It holds what it holds: that a card is not in it says nothing about the Hub."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0

    def find(self, kind: Kind, repo_id: str, revision: str = "") -> Held | None:
        """What is held of a repository, None where nothing is.

        A snapshot of the revision comes first; a card in a plain folder tells no revision.
        """
        parts = repo_id.split("/")
        if not 1 <= len(parts) <= 2 or not all(_PART.match(p) and ".." not in p for p in parts):
            return None
        for folder, commit in self._places(kind, parts, revision):
            held = self._held(folder, commit)
            if held.files or held.unread:
                return held
        return None

    def _places(self, kind: Kind, parts: list[str], revision: str) -> Iterator[tuple[Path, str]]:
        cached = self._folder / "--".join((kind, *parts))
        commit = _commit(cached, revision)
        if commit:
            yield cached / "snapshots" / commit, commit
        yield self._folder.joinpath(*(("datasets",) if kind == "datasets" else ()), *parts), ""

    def _held(self, folder: Path, commit: str) -> Held:
        files: dict[str, bytes] = {}
        sizes: dict[str, int] = {}
        for name in FILES:
            if self._read > MAX_TOTAL:
                return Held(commit, files, sizes, f"cards of more than {MAX_TOTAL} bytes were read")
            try:
                found = _head(folder / name)
            except OSError as error:
                return Held(commit, files, sizes, f"{name} cannot be read: {error.strerror}")
            if found is not None:
                files[name], sizes[name] = found
                self._read += len(found[0])
        return Held(commit, files, sizes)


def _commit(cached: Path, revision: str) -> str:
    """The commit whose snapshot the cache holds for a revision, empty where it holds none."""
    wanted = revision.lower()
    if not _COMMIT.match(wanted):
        if revision and (not _REF.match(revision) or ".." in revision):
            return ""
        try:
            found = _head(cached / "refs" / (revision or "main"))
        except OSError:
            return ""
        wanted = found[0][:100].decode("ascii", "replace").strip() if found else ""
    if _COMMIT.match(wanted) and (cached / "snapshots" / wanted).is_dir():
        return wanted
    return "" if revision or wanted else _only_snapshot(cached)


def _only_snapshot(cached: Path) -> str:
    """The one snapshot of a cache without references, which ``--revision`` downloads leave."""
    try:
        with os.scandir(cached / "snapshots") as entries:
            names = [e.name for _, e in zip(range(_MAX_SNAPSHOTS), entries, strict=False)]
    except OSError:
        return ""
    return names[0] if len(names) == 1 and _COMMIT.match(names[0]) else ""


def _head(path: Path) -> tuple[bytes, int] | None:
    """A regular file's first bytes and its size; None where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(MAX_HEAD), about.st_size
