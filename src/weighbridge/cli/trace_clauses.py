"""Clauses as people write them in a trailer, found among those that are shipped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.model.clause import Clause

_DROPPED = re.compile(r"[\s/_\-]+|\.(?![0-9])")
_PARTS = re.compile(r"\s*[;,]\s*")
_MAX_FILE = 1024 * 1024


class ClauseIndex:
    """Finds clauses by key. Case, blanks, slashes, hyphens and dots but before a digit are alike.

    So ``EU-AIA Art. 15(5)`` may be written ``eu-aia/Art-15(5)``. Where two clauses would be taken
    for each other, neither is found but by its exact key.
    """

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self.clauses = {clause.key: clause for clause in clauses}
        self.frameworks = sorted({clause.framework for clause in self.clauses.values()})
        loose: dict[str, list[str]] = {}
        for key in self.clauses:
            loose.setdefault(_plain(key), []).append(key)
        self._loose = {plain: keys[0] for plain, keys in loose.items() if len(keys) == 1}

    def find(self, text: str) -> str | None:
        """The key of the clause that a text names, None for none."""
        words = " ".join(text.split())
        return words if words in self.clauses else self._loose.get(_plain(words))

    def split(self, value: str) -> list[tuple[str, str | None]]:
        """Each reference of a trailer's value with its clause, None where it names none.

        The value may hold several, with commas or semicolons between them.
        """
        whole = self.find(value)
        if whole is not None:
            return [(value, whole)]
        return [(part, self.find(part)) for part in _PARTS.split(value.strip()) if part]

    def means_a_clause(self, text: str) -> bool:
        """Whether it begins with the name of a framework, so that it must name one of its clauses.

        ``Refs:`` holds other things too: issues, requirements.
        """
        plain = _plain(text)
        return any(
            plain.startswith(_plain(name)) and len(plain) > len(_plain(name))
            for name in self.frameworks
        )

    def suggestion(self, text: str) -> str:
        """Which clause may have been meant."""
        from weighbridge.policy.suggest import did_you_mean

        plain = _plain(text)
        known = {_plain(key): key for key in self.clauses}
        near = did_you_mean(plain, known)
        match = re.fullmatch(r"Did you mean '(.*)'\?", near)
        if match:
            return f"Did you mean {known[match[1]]!r}?"
        return "See 'weighbridge clauses list'."


def asked_for(names: Iterable[str], index: ClauseIndex) -> set[str]:
    """The keys of the clauses that ``--clauses`` selects.

    Args:
        names: frameworks, clauses, or files with one of either on each line, ``#`` for comments.
        index: the clauses there are.

    Raises:
        UsageError: a name is no framework, clause or file.
    """
    chosen: set[str] = set()
    for name in names:
        lines = [name]
        if _selected(name, index) is None and Path(name).is_file():
            lines = _lines(Path(name))
        for line in lines:
            found = _selected(line, index)
            if found is None:
                remedy = index.suggestion(line)
                raise UsageError(f"{line[:200]!r} is no framework, clause or file", remedy=remedy)
            chosen |= found
    return chosen


def _selected(name: str, index: ClauseIndex) -> set[str] | None:
    if name in index.frameworks:
        return {key for key, clause in index.clauses.items() if clause.framework == name}
    key = index.find(name)
    return None if key is None else {key}


def _lines(path: Path) -> list[str]:
    with path.open("rb") as stream:
        data = stream.read(_MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise UsageError(f"{path} is longer than {_MAX_FILE} bytes", remedy="Name a list.")
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8", remedy="Name a list of clauses.") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _plain(text: str) -> str:
    return _DROPPED.sub("", text.casefold())
