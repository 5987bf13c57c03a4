"""Which tag of a repository stands for which release.

Tags are named as people like: ``v1.2.3``, ``1.2.3``, ``release-1.2.3``, ``REL_1_2_3``, and in a
repository of several packages ``name-1.2.3``, ``name/v1.2.3``, ``name==1.2.3``. Versions are
compared as PEP 440 has them: ``v1.0rc1`` is the tag of ``1.0.0rc1``. A tag that begins with another
name is another package's, and counts for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from weighbridge.sources.forge_types import Tag

MAX_TAG = 200  # characters
_FREE = frozenset({"release", "releases", "rel", "version", "versions", "ver", "tag", "tags", "v"})
_VERSION = re.compile(r"(?:\A|(?<=[-_/@=.\s]))[vVrR]?(\d[0-9A-Za-z.+!_-]*)\Z")
_SEPARATORS = re.compile(r"[-_/@=.\s]+")


class TagsByVersion:
    """The tags of a repository as one package of it sees them.

    Args:
        tags: all that are known.
        name: the package's normalized name.
        complete: whether these are all of the repository's.
    """

    def __init__(self, tags: Iterable[Tag], name: str, *, complete: bool) -> None:
        self.complete = complete
        self._found: dict[object, tuple[int, Tag]] = {}
        for tag in tags:
            for rank, version in _readings(tag.name, name):
                known = self._found.get(version)
                # a tag with the package's own name goes before one without any
                if known is None or (rank, tag.name) < (known[0], known[1].name):
                    self._found[version] = (rank, tag)

    def of(self, version: str) -> Tag | None:
        """The tag of a release; None where there is none among those that are known."""
        parsed = _parsed(version)
        found = self._found.get(parsed) if parsed is not None else None
        return found[1] if found else None


def guesses(version: str) -> tuple[str, str]:
    """The two names that most tags have, to ask for one by one where a list is not complete."""
    return f"v{version}", version


def _readings(tag: str, name: str) -> Iterable[tuple[int, object]]:
    """The versions that a tag's name can mean for a package, each with its rank (0 is best)."""
    if len(tag) > MAX_TAG:
        return
    match = _leftmost(tag)
    while match is not None:
        rank = _rank(tag[: match.start()].lower(), name)
        version = _parsed(match.group(1)) if rank is not None else None
        if version is not None and rank is not None:
            yield rank, version
            return
        match = _leftmost(tag, match.start(1) + 1)


def _leftmost(tag: str, start: int = 0) -> re.Match[str] | None:
    return _VERSION.search(tag, start)


def _rank(before: str, name: str) -> int | None:
    """0 for the package's own name, 1 for none; None where it is another's.

    Of a path (``packages/name/v1.2``) the last name counts.
    """
    named = [words for part in before.split("/") if (words := _words(part))]
    if not named:
        return 1
    return 0 if named[-1] == name.split("-") else None


def _words(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part and part not in _FREE]


def _parsed(text: str) -> object:
    from packaging.version import InvalidVersion, Version

    for spelling in (text, text.replace("_", ".")):
        try:
            parsed = Version(spelling)
        except InvalidVersion:
            continue
        return Version(parsed.public)
    return None
