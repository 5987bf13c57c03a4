"""Globs over artifact paths, the same for signers, waivers and command lines.

No regular expressions: paths come from strangers, and a match costs at most the product of the two
lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def matches(path: str, pattern: str) -> bool:
    """Whether a glob matches a whole path.

    ``**`` between slashes stands for any number of folders, at the end for everything below; ``*``
    and ``?`` for characters within one name, ``[1-4]`` for one of a set and ``[!ab]`` for one that
    is not of it; every other character, and a ``[`` that nothing closes, for itself. A pattern
    without a slash is one for the top level only, but for ``**`` alone, which matches all.
    """
    parts = pattern.split("/")
    if parts[-1] == "**":
        parts.append("*")  # what lies below a folder, and not the folder itself
    return _walk(path.split("/"), parts, "**", _is_name)


def _is_name(name: str, pattern: str) -> bool:
    if not any(special in pattern for special in "*?["):
        return name == pattern
    return _walk(name, _tokens(pattern), "*", _is_character)


def _tokens(pattern: str) -> list[str]:
    """A name's pattern cut into single characters and whole sets in brackets."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        # a "]" right after the opening belongs to the set, as in a shell
        first = at + (3 if pattern[at + 1 : at + 2] == "!" else 2)
        end = pattern.find("]", first) if pattern[at] == "[" else -1
        tokens.append(pattern[at : end + 1] if end > 0 else pattern[at])
        at += len(tokens[-1])
    return tokens


def _is_character(character: str, token: str) -> bool:
    if len(token) == 1:
        return token in ("?", character)
    inside = token[1:-1]
    wanted = not inside.startswith("!")
    return _in_set(character, inside if wanted else inside[1:]) is wanted


def _in_set(character: str, inside: str) -> bool:
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            if inside[at] <= character <= inside[at + 2]:
                return True
            at += 3
        else:
            if inside[at] == character:
                return True
            at += 1
    return False


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
