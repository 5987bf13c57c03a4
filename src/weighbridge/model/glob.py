"""Globs over artifact paths, the same for signers, waivers and command lines.

No regular expressions: paths come from strangers, and a match costs at most the product of the two
lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def matches(path: str, pattern: str) -> bool:
    """Whether a glob matches a whole path.

    ``**`` between slashes stands for any number of folders, at the end for everything below; ``*``
    and ``?`` for characters within one name; every other character for itself. A pattern without a
    slash is one for the top level only, but for ``**`` alone, which matches all.
    """
    parts = pattern.split("/")
    if parts[-1] == "**":
        parts.append("*")  # what lies below a folder, and not the folder itself
    return _walk(path.split("/"), parts, "**", _is_name)


def _is_name(name: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return name == pattern
    return _walk(name, pattern, "*", _is_character)


def _is_character(character: str, pattern: str) -> bool:
    return pattern in ("?", character)


def _walk(
    items: Sequence[str], pattern: Sequence[str], star: str, same: Callable[[str, str], bool]
) -> bool:
    """Match left to right, and on failure let the last star, and only that one, take one more.

    What an earlier star took cannot matter any more: whatever the later one may match, it may.
    """
    item = at = again = 0
    last_star = -1
    while item < len(items):
        if at < len(pattern) and pattern[at] == star:
            last_star, again = at, item
            at += 1
        elif at < len(pattern) and same(items[item], pattern[at]):
            item += 1
            at += 1
        elif last_star >= 0:
            again += 1
            item, at = again, last_star + 1
        else:
            return False
    return all(part == star for part in pattern[at:])
