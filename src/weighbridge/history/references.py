"""What a repository's references lead to: branches, remote ones, tags, stashes, and all the others.

Sources: gitrepository-layout(5) (``refs/``, ``packed-refs``, ``logs/``), git-stash(1): the newest
stash is ``refs/stash``, the older ones stand in its log alone. Whatever else lies under ``refs/``
(``refs/original`` of a rewritten history, ``refs/pull``, ``refs/notes``) is in every copy of the
folder as well.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects, read_regular
from weighbridge.snapshot.git_repository import Repository

MAX_REFERENCES = 20_000
MAX_STASHES = 1_000
MAX_LOG_BYTES = 2**20
HEAD = "HEAD"
_STASH = "refs/stash"
_ORDER = ("refs/heads/", "refs/remotes/", "refs/tags/", _STASH)
_LOGGED = re.compile(r"[0-9a-f]{40,64} ([0-9a-f]{40}(?:[0-9a-f]{24})?) ")


@dataclass(frozen=True, slots=True)
class Start:
    """A commit to walk from. ``reference`` is the name that leads there, fit to be shown."""

    reference: str
    commit: str


def starts(
    repository: Repository, objects: GitObjects, revision: str, gaps: list[str]
) -> list[Start]:
    """The revision first, then branches, remote ones, tags, stashes and others, each by name.

    A symbolic reference that leads to none (``refs/remotes/origin/HEAD`` of a branch that is gone)
    stands for no commit, and nothing is lost by it.

    Args:
        repository: the repository.
        objects: its objects.
        revision: what ``HEAD`` stands for here.
        gaps: takes what leads nowhere.
    """
    found = []
    for name, target in (("", revision), *_references(repository, gaps)):
        try:
            found.append(Start(visible(name, 200), repository.resolve(objects, target)))
        except HostileInput as error:
            if name:
                gaps.append(f"{visible(name, 200)} was not walked: {visible(error.message, 300)}")
            elif not (revision == HEAD and repository.is_unborn()):
                gaps.append(f"the history was not read to its end: {error.message}")
    if not found and not gaps:
        gaps.append("the history was not read: there is no commit yet")
    return found


def _references(repository: Repository, gaps: list[str]) -> Iterator[tuple[str, str]]:
    try:
        packed = repository.packed()
    except HostileInput as error:
        gaps.append(f"packed references were not read: {error.message}")
        packed = {}
    names = sorted({*packed, *_loose(repository.common)}, key=_rank)
    if len(names) > MAX_REFERENCES:
        gaps.append(f"only {MAX_REFERENCES} references were followed")
    for name in names[:MAX_REFERENCES]:
        try:
            target = repository.reference(name)
        except HostileInput as error:
            gaps.append(f"{visible(name, 200)} was not walked: {error.message}")
            continue
        if target is not None:
            yield name, target
        elif not _is_symbolic(repository.common / name):
            gaps.append(f"{visible(name, 200)} was not walked: it names no object")
        if name == _STASH:
            yield from _older_stashes(repository, gaps)


def _rank(name: str) -> tuple[int, str]:
    place = next((at for at, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))
    return place, name


def _loose(common: Path) -> Iterator[str]:
    """The names of the files under ``refs``; links to folders are not followed."""
    left = MAX_REFERENCES + 1
    for folder, folders, files in os.walk(common / "refs"):
        folders.sort()
        for name in itertools.islice(sorted(files), max(left, 0)):
            left -= 1
            if not name.endswith(".lock"):  # git's own, while it writes
                yield (Path(folder) / name).relative_to(common).as_posix()
        if left <= 0:
            return


def _is_symbolic(path: Path) -> bool:
    try:
        return read_regular(path, 4096).startswith(b"ref:")
    except (OSError, HostileInput):
        return False


def _older_stashes(repository: Repository, gaps: list[str]) -> Iterator[tuple[str, str]]:
    """``stash@{1}`` and on; the log ends with the newest, which the reference itself has."""
    try:
        text = os.fsdecode(read_regular(repository.common / "logs" / _STASH, MAX_LOG_BYTES))
    except OSError:
        return  # no log: there is no older one
    except HostileInput as error:
        gaps.append(f"older stashes were not walked: {error.message}")
        return
    lines = [line for line in text.split("\n") if line]
    logged = [_LOGGED.match(line) for line in reversed(lines)]
    if not all(logged) or len(logged) > MAX_STASHES:
        gaps.append("not all older stashes were walked: their log is damaged or too long")
    for number, line in enumerate(logged[:MAX_STASHES]):
        if line is not None and number:
            yield f"stash@{{{number}}}", line[1]
