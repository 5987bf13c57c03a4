"""A license text as words: what is left when layout, letter case and punctuation are taken away.

Two readings are made of one text. The *strict* one keeps every word; AI model licenses are compared
by it. The *lenient* one follows the SPDX License List Matching Guidelines (annex B of the SPDX
specification) where they let a text vary: copyright statements and list markers are left out, and
the names that the BSD family leaves blank are replaced by a slot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from weighbridge.model.errors import BoundExceeded

MAX_CHARACTERS = 2**20
SLOT = "\N{LOW LINE}"  # stands for a name; no word of a text can be one, words have no underscore

_NEWLINE = re.compile(r"\r\n|\r|\n")  # and not str.splitlines: line numbers are an editor's
_WORD = re.compile(r"[^\W_]+")
_LIST_MARKER = re.compile(
    r"[\s#>|*/;%-]*(?:[-*+•·‣▪◦–—]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)(?=\s)"
)
_MARKUP_TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|h[1-6]|li|ul|ol|div|span|pre|code|html|body|center)\s{0,5}/?>"
)
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^()\s]{1,300})\)")
_URL = re.compile(r"https?://(?:www\.)?")

_STATEMENT = re.compile(
    r"(?:\W*(?:portions|parts|this file is|some parts(?: of this file)? (?:are|is)))?\W*"
    r"(?:copyright\s*(?:notice\s*)?(?:\(c\)|©|&copy;)|\(c\)\s*copyright|©|\(c\)\s*(?=[<\[{]|\d{4})"
    r"|copyright\W{0,3}(?:[<\[{]|\d{4}))"
)
# "Copyright Some Body, Inc." has neither sign nor year; prose that a line break left starting with
# "copyright" goes on with one of these words.
_BARE_STATEMENT = re.compile(
    r"copyright:?\s+(?!notices?\b|holders?\b|owners?\b|laws?\b|statements?\b|interests?\b|and\b"
    r"|protection\b|in\b|to\b|of\b|on\b|or\b|is\b|are\b|as\b|treaty|treaties|for\b|doctrine|term)"
)
_RESERVED = re.compile(r"\W*all rights? reserved\W*\Z")
# A statement with one of these says more than who holds the copyright, and is never left out.
_TERM_WORDS = (
    "not no non never only may must shall can cannot commercial noncommercial permitted permission"
    " prohibited forbidden except unless research academic provided without condition conditions"
    " restricted restriction subject granted license licensed licensee use used uses distribute"
    " distributed reproduce reproduced modify modified copy copied copies free freely public domain"
    " you your anyone agree terms law purpose purposes sell sale sold derivative derivatives train"
    " training warranty liability required allow allowed permits transmitted"
)
_TERMS = frozenset(_TERM_WORDS.split())
_MAX_STATEMENT_WORDS = 40
_MAX_BARE_WORDS = 14
_MAX_CONTINUED_WORDS = 12

# Wordings that the guidelines or the texts' own stewards treat as one: (as written, as read).
_SAME: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("notice", "including", "the", "next", "paragraph", "shall"), ("notice", "shall")),
    (("modify", "and", "or", "distribute"), ("modify", "and", "distribute")),
)

# Where the BSD family, ISC and NCSA name somebody: (words before, words after, at most so many).
_SLOTS: tuple[tuple[tuple[str, ...], tuple[str, ...], int], ...] = (
    (("neither", "the", "name", "of"), ("nor", "the", "names", "of"), 14),
    (("neither", "the", "names", "of"), ("nor", "the", "names", "of"), 14),
    (("nor", "the", "names", "of"), ("may", "be", "used"), 5),
    (("software", "is", "provided", "by"), ("as", "is", "and", "any"), 14),
    (("in", "no", "event", "shall"), ("be", "liable", "for"), 14),
    (("as", "is", "and"), ("disclaims", "all", "warranties"), 8),
)
_SLOT_STARTS = frozenset(opening[0] for opening, _, _ in _SLOTS)


class Word(NamedTuple):
    """A word, the line it stands on (from 1), and what the line's layout makes of it.

    ``statement``: it is part of a copyright statement. ``marker``: it numbers an item of a list.
    """

    text: str
    line: int
    statement: bool
    marker: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a list of words: its words, and which of the list each one stands for.

    ``spans[i]`` is the half-open range of the words that ``words[i]`` stands for: one word, or the
    several words of a name.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def split_words(text: str) -> list[Word]:
    """Every word of a text, in order, lower-case, ``licence`` spelled ``license``.

    Raises:
        BoundExceeded: the text is longer than 2**20 characters, or grows past that in NFKC.
    """
    plain = text if len(text) > MAX_CHARACTERS else unicodedata.normalize("NFKC", text)
    if len(plain) > MAX_CHARACTERS:
        raise BoundExceeded("a license text", MAX_CHARACTERS, "characters")
    found: list[Word] = []
    in_statement = False
    # lower() and not casefold(): an unusual letter must stay unusual
    for number, raw in enumerate(_NEWLINE.split(plain.lower()), 1):
        if not raw or raw.isspace():
            in_statement = False
            continue
        in_statement = _is_statement(raw) or (in_statement and _continues(raw))
        line = _plain(raw)
        marker = _LIST_MARKER.match(line)
        found += (
            Word(
                word.group().replace("licence", "license"),
                number,
                in_statement,
                marker is not None and word.end() <= marker.end(),
            )
            for word in _WORD.finditer(line)
        )
    return found


def strict(words: Sequence[Word]) -> Reading:
    """All the words."""
    return Reading(tuple(w.text for w in words), tuple((i, i + 1) for i in range(len(words))))


def lenient(words: Sequence[Word]) -> Reading:
    """The words without copyright statements and list markers, names replaced by :data:`SLOT`."""
    kept = _same([(w.text, i) for i, w in enumerate(words) if not (w.statement or w.marker)])
    texts = [text for text, _ in kept]
    read: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(texts):
        name = _name_at(texts, at) if texts[at] in _SLOT_STARTS else None
        for index in range(at, name[0] if name else at + 1):
            read.append(texts[index])
            spans.append((kept[index][1], kept[index][1] + 1))
        if name:
            read.append(SLOT)
            spans.append((kept[name[0]][1], kept[name[1] - 1][1] + 1))
        at = name[1] if name else at + 1
    return Reading(tuple(read), tuple(spans))


def _same(kept: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The words with each known wording written in one way."""
    for written, read in _SAME:
        texts = [text for text, _ in kept]
        out: list[tuple[str, int]] = []
        at = 0
        while at < len(kept):
            if texts[at] == written[0] and tuple(texts[at : at + len(written)]) == written:
                indexes = [index for _, index in kept[at : at + len(read) - 1]]
                out += zip(read, [*indexes, kept[at + len(written) - 1][1]], strict=True)
                at += len(written)
            else:
                out.append(kept[at])
                at += 1
        kept = out
    return kept


def _name_at(texts: list[str], at: int) -> tuple[int, int] | None:
    """Where a name begins and ends, if one of the slots opens at ``at``."""
    for opening, closing, most in _SLOTS:
        begin = at + len(opening)
        if tuple(texts[at:begin]) != opening:
            continue
        for end in range(begin + 1, min(begin + most, len(texts)) + 1):
            if tuple(texts[end : end + len(closing)]) == closing:
                if not _TERMS.intersection(texts[begin:end]):
                    return begin, end
                break
    return None


def _plain(line: str) -> str:
    """One line without simple markup and the schemes of addresses."""
    line = _MARKUP_TAG.sub(" ", line)
    if "](" in line:
        line = _MARKDOWN_LINK.sub(_link, line)
    return _URL.sub(" ", line).replace(" www.", " ")


def _link(match: re.Match[str]) -> str:
    """The words of a link, and its target unless that says the same."""
    shown, target = (_URL.sub("", part).removeprefix("www.") for part in match.groups())
    same = _WORD.findall(shown) == _WORD.findall(target)
    return f" {shown} " if same else f" {shown} {target} "


def _is_statement(line: str) -> bool:
    """Whether a line does nothing but say who holds the copyright."""
    if _RESERVED.match(line):
        return True
    bare = line.lstrip(" \t#*/;%>|-\"'`")
    if _STATEMENT.match(bare):
        most = _MAX_STATEMENT_WORDS
    elif _BARE_STATEMENT.match(bare):
        most = _MAX_BARE_WORDS
    else:
        return False
    words = _WORD.findall(bare)
    return len(words) <= most and not _TERMS.intersection(words)


def _continues(line: str) -> bool:
    """Whether a line goes on with the copyright statement of the line before: indented names."""
    words = _WORD.findall(line)
    return (
        line[:2].isspace()
        and 0 < len(words) <= _MAX_CONTINUED_WORDS
        and not _TERMS.intersection(words)
    )
