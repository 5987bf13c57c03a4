"""How one package name comes to be taken for another: the ways that squatters of names use.

Source: what is known of such packages (Vu et al., "Typosquatting and Combosquatting Attacks on the
Python Ecosystem", 2020; "Spellbound", 2020): a letter left out, added, replaced or swapped with its
neighbor; separators; affixes such as ``python-``; characters that look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MIN_LENGTH = (
    5  # characters of a name one edit from which something is odd: short names are all alike
)

_AFFIXES = ("python", "py", "python3", "py3", "lib", "dev", "official")
_LOOKS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s"})
_LOOKS_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Likenesses:
    """Finds which of some known names another name could be taken for.

    Names are normalized (PEP 503). A name costs time in proportion to the square of its length, and
    nothing where it is longer than the known ones by more than an affix.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._looks: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._less: dict[str, list[str]] = {}
        for name in sorted(self._known):
            self._looks.setdefault(_looks(name), []).append(name)
            self._stems.setdefault(_stem(name), []).append(name)
            if len(name) >= MIN_LENGTH:
                for shorter in {name, *_one_less(name)}:
                    self._less.setdefault(shorter, []).append(name)
        longest = max((len(name) for name in self._known), default=0)
        self._longest = longest + 2 * max(map(len, _AFFIXES)) if longest else 0

    def of(self, name: str) -> tuple[str, str] | None:
        """The known name that this one is like, and how (for a sentence); None where it is of none.

        A known name is like no other. Of several the first in the alphabet, the closest way first.
        """
        if name in self._known or len(name) > self._longest:
            return None
        for other in self._looks.get(_looks(name), ()):
            if name.replace("-", "") == other.replace("-", ""):
                return other, "differs in nothing but hyphens"
            return other, "looks the same at a glance"
        edits = sorted((other, how) for other in self._near(name) if (how := _edit(name, other)))
        if edits:
            return edits[0]
        for other in self._stems.get(_stem(name), ()):
            return other, "differs in an affix that says nothing"
        return None

    def _near(self, name: str) -> set[str]:
        """All that are at most two deletions apart: one edit is, and so is a transposition."""
        return {other for key in {name, *_one_less(name)} for other in self._less.get(key, ())}


def _one_less(name: str) -> Iterator[str]:
    return (name[:at] + name[at + 1 :] for at in range(len(name)))


def _looks(name: str) -> str:
    plain = name.replace("-", "").translate(_LOOKS)
    for pair, single in _LOOKS_TOGETHER:
        plain = plain.replace(pair, single)
    return plain


def _stem(name: str) -> str:
    """Without an affix set off by a hyphen, or ``py`` and ``python`` at its beginning or end."""
    words = [word for word in name.split("-") if word not in _AFFIXES] or [name]
    stem = "".join(words)
    for affix in ("python", "py"):
        if len(stem) >= len(affix) + MIN_LENGTH - 1:
            stem = stem.removeprefix(affix) if stem.startswith(affix) else stem.removesuffix(affix)
    return stem


def _edit(name: str, other: str) -> str:
    """The one edit that makes a name of another, for people; empty where there is none.

    A digit for a digit is another version (``cu11``, ``cu12``), and no likeness.
    """
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    mine, theirs = name[start:], other[start:]
    if mine[1:] == theirs:
        return f"has one {_character(mine[0])} more"
    if mine == theirs[1:]:
        return f"has one {_character(theirs[0])} less"
    if mine[1:] == theirs[1:]:
        both_digits = mine[0].isdigit() and theirs[0].isdigit()
        return "" if both_digits else f"has {mine[0]!r} where that has {theirs[0]!r}"
    if mine[2:] == theirs[2:] and mine[:2] == theirs[1::-1]:
        return f"swaps {theirs[0]!r} and {theirs[1]!r}"
    return ""


def _character(character: str) -> str:
    return "hyphen" if character == "-" else f"{character!r}"
