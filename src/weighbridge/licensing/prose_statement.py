"""A license statement, and how one is made of the names that a sentence has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from weighbridge.licensing.prose_blocks import Block
from weighbridge.licensing.prose_covers import Covers, Names
from weighbridge.licensing.prose_names import Mention
from weighbridge.licensing.prose_words import CHANGED_AFTER, CHANGED_BEFORE

MAX_WORDS = 300  # characters of a sentence that are kept


@dataclass(frozen=True, slots=True)
class Statement:
    """A license as a text states it.

    ``ids``: the licenses; several are one wording each of one license, or are offered together
    (``joined`` by ``AND`` or ``OR``). ``family``: how its ids begin where the version is left out.
    ``why``: why the words are no license that is known, half a sentence. ``raw``: the name as
    written; ``words``: the sentence. ``source``: the kind of place.
    """

    line: int
    words: str
    raw: str
    ids: tuple[str, ...]
    family: tuple[str, ...]
    why: str
    covers: Covers
    source: Literal["sentence", "label", "badge", "link", "spdx"]
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands: its block, its section's subject, where it begins in the block."""

    block: Block
    in_section: bool
    section: Covers
    names: Names


def statement_of(
    place: Place, at: int, sentence: str, group: list[Mention], covers: Covers,
    source: Literal["sentence", "label", "badge", "link"], said: int = 0,
) -> Statement:  # fmt: skip
    """The statement that a group of names makes, offered together.

    Args:
        place: where the sentence stands.
        at: where it begins in the block's text.
        sentence: its words.
        group: the names.
        covers: what it is about.
        source: the kind of place.
        said: where in the sentence the words begin that lead to the names.
    """
    first, last = group[0], group[-1]
    ids: tuple[str, ...] = tuple(dict.fromkeys(i for m in group for i in m.named.ids))
    family = tuple(dict.fromkeys(f for m in group for f in m.named.family))
    why = ""
    if source in ("sentence", "label"):
        if CHANGED_BEFORE.search(sentence[max(said, first.begin - 80) : first.begin]):
            why = f"it is said to be a changed form of {first.raw}"
        elif CHANGED_AFTER.match(sentence, last.end) and not any("-NC" in i for i in ids):
            why = f"terms are said to be added to {last.raw}, or taken from it"
    elif not ids and not family:
        why = "it names no license text"
    between = sentence[first.end : last.begin] if len(group) > 1 else ""
    line = place.block.line(at + first.begin)
    if place.section == "base" and covers in ("", "model", "origin"):
        covers = "base"
    return Statement(
        line,
        cut(sentence),
        cut(first.raw if len(group) == 1 else sentence[first.begin : last.end]),
        () if why else ids,
        () if why else family,
        why,
        covers,
        source,
        operator_of(between) if len(group) > 1 else "",
    )


def operator_of(text: str) -> str:
    """How names are joined by the words between them."""
    return "OR" if re.search(r"\bor\b|/|\|", text, re.I) else "AND"


def cut(text: str) -> str:
    """A sentence on one line, at most MAX_WORDS characters."""
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_WORDS else plain[: MAX_WORDS - 1] + "…"
