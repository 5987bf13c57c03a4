"""Which license a text is.

A license is named only when every word of a known text stands there, in order, and nothing else
does but titles and copyright statements: one changed clause makes it another license (Llama 3 is
not Llama 3.1, and the JSON license is MIT with one sentence more). Anything less is reported as a
variant of the nearest known text, with how near it comes and where it differs.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from weighbridge.licensing.fingerprints import (
    RUN,
    Fingerprint,
    known_texts,
    run_hashes,
    shingle,
    words_digest,
)
from weighbridge.licensing.words import Reading, Word, lenient, split_words, strict
from weighbridge.model.errors import BoundExceeded

MAX_COMPARISONS = 5_000  # whole-text comparisons for one file
VARIANT_PERMILLE = 600  # below this a text is not called a variant of anything
MAX_TITLE_WORDS = 60
MAX_PLACES = 5

# Words that a heading may hold beside the license's own name.
_TITLE_WORDS = (
    "the a license licensed text full file terms version spdx identifier opensource org licenses"
    " html http md txt software agreement public open source of this is are under project work with"
    " as follows below following released distributed january february march april may june july"
    " august september october november december"
)
_TITLE = frozenset(_TITLE_WORDS.split())
_STRICT_TITLE = frozenset({"license"})


@dataclass(frozen=True, slots=True)
class Identification:
    """What a text was found to be.

    ``ids``: the licenses whose whole text it is, sorted; empty when it is none that we know.
    ``also``: other ids that the same words stand for (``GPL-3.0-or-later`` beside ``-only``).
    ``nearest``: the known text that comes nearest when ``ids`` is empty, and
    ``similarity_permille`` how near: 1000 for a whole text, at most 999 for a variant.
    ``extra_words``: words beside the whole texts in ``held`` that nothing accounts for.
    ``places``: the first lines that differ from ``nearest``, where that could be told.
    """

    ids: tuple[str, ...]
    also: tuple[str, ...] = ()
    nearest: str = ""
    similarity_permille: int = 0
    held: tuple[str, ...] = ()
    extra_words: int = 0
    places: tuple[int, ...] = ()


def identify(text: str, known: Sequence[Fingerprint] | None = None) -> Identification:
    """Name the license whose text this is, or the nearest.

    Args:
        text: the content of a license file.
        known: the texts to compare with; the shipped ones by default.

    Raises:
        BoundExceeded: the text is longer than ``words.MAX_CHARACTERS``, or made to be compared
            endlessly.
    """
    table = known_texts() if known is None else tuple(known)
    words = split_words(text)
    scan = _Scan(words)
    for is_strict, reading in ((True, strict(words)), (False, lenient(words))):
        scan.cover(reading, _by_head(table, is_strict))
    held = tuple(sorted({f.id for f in scan.matched if not f.passage}))
    if held and scan.is_only_titles():
        also = {alias for f in scan.matched if not f.passage for alias in f.also}
        return Identification(held, tuple(sorted(also)), similarity_permille=1000, held=held)
    return _nearest(words, table, held, len(scan.terms()))


@functools.lru_cache(maxsize=4)
def _by_head(table: tuple[Fingerprint, ...], is_strict: bool) -> dict[int, tuple[Fingerprint, ...]]:
    """The texts of one reading by the hash of their first words, the longest first."""
    heads: dict[int, list[Fingerprint]] = {}
    for fingerprint in table:
        if fingerprint.strict is is_strict:
            heads.setdefault(fingerprint.head, []).append(fingerprint)
    return {
        head: tuple(sorted(texts, key=lambda f: (-f.words, f.id))) for head, texts in heads.items()
    }


class _Scan:
    """Which words of a text belong to known texts."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.covered = bytearray(len(words))
        self.matched: list[Fingerprint] = []
        self.licenses: set[str] = set()
        self.comparisons = 0

    def cover(self, reading: Reading, heads: dict[int, tuple[Fingerprint, ...]]) -> None:
        """Find whole known texts, first come, the longest at each place."""
        hashes = run_hashes(reading)
        at = 0
        while at < len(hashes):
            fingerprint = None
            if not self.covered[reading.spans[at][0]]:
                fingerprint = self._at(reading, hashes, at, heads.get(hashes[at], ()))
            if fingerprint is None:
                at += 1
                continue
            self.matched.append(fingerprint)
            if not fingerprint.passage:
                self.licenses.update((fingerprint.id, *fingerprint.also))
            begin, end = reading.spans[at][0], reading.spans[at + fingerprint.words - 1][1]
            self.covered[begin:end] = b"\1" * (end - begin)
            at += fingerprint.words

    def _at(
        self, reading: Reading, hashes: list[int], at: int, candidates: Sequence[Fingerprint]
    ) -> Fingerprint | None:
        for fingerprint in candidates:
            if fingerprint.passage and self.licenses.isdisjoint(
                (fingerprint.id, *fingerprint.also)
            ):
                continue  # it goes with another license than the one that stands here
            last = at + fingerprint.words - RUN
            if last >= len(hashes) or hashes[last] != fingerprint.tail:
                continue
            self.comparisons += 1
            if self.comparisons > MAX_COMPARISONS:
                raise BoundExceeded("comparing a license text", MAX_COMPARISONS, "comparisons")
            if words_digest(reading.words[at : at + fingerprint.words]) == fingerprint.sha256:
                return fingerprint
        return None

    def uncovered(self) -> list[str]:
        """The words that belong to no known text, copyright statement or list marker."""
        return [
            word.text
            for word, covered in zip(self.words, self.covered, strict=True)
            if not (covered or word.statement or word.marker)
        ]

    def is_only_titles(self) -> bool:
        """Whether the words beside the known texts are headings that name those texts."""
        return len(self.uncovered()) <= MAX_TITLE_WORDS and not self.terms()

    def terms(self) -> list[str]:
        """The uncovered words that a heading of those texts does not have."""
        if any(f.strict for f in self.matched):
            allowed = _STRICT_TITLE
        else:
            allowed = _TITLE.union(*(title_words(f.id, f.name) for f in self.matched))
        return [word for word in self.uncovered() if word not in allowed]


def title_words(license_id: str, name: str) -> frozenset[str]:
    """The words of a license's id and name."""
    return frozenset(word.text for word in split_words(f"{license_id}\n{name}"))


def is_title_word(word: str, own: frozenset[str]) -> bool:
    """Whether a heading may hold the word: it is general, a year, or of the license's own name."""
    return word in _TITLE or word in own


def _nearest(
    words: list[Word], table: tuple[Fingerprint, ...], held: tuple[str, ...], extra: int
) -> Identification:
    """The known text that shares the most runs of words, by the Dice coefficient."""
    readings = {True: strict(words), False: lenient(words)}
    runs = {key: run_hashes(reading) for key, reading in readings.items()}
    own = {key: frozenset(map(shingle, hashes)) for key, hashes in runs.items()}
    sampled = {
        (key, every): frozenset(s for s in own[key] if s % every == 0)
        for key in (True, False)
        for every in {f.every for f in table}
    }
    best, best_permille = None, 0
    for fingerprint in table:
        if fingerprint.passage:
            continue
        mine = sampled[fingerprint.strict, fingerprint.every]
        theirs = fingerprint.shingle_set()
        total = len(mine) + len(theirs)
        permille = 2000 * len(mine & theirs) // total if total else 0
        if permille > best_permille:
            best, best_permille = fingerprint, permille
    if best is None or best_permille < VARIANT_PERMILLE:
        return Identification((), held=held, extra_words=extra if held else 0,
                              similarity_permille=best_permille)  # fmt: skip
    places: tuple[int, ...] = ()
    if best.every == 1:
        places = _places(words, readings[best.strict], runs[best.strict], best)
    return Identification((), best.also, best.id, min(best_permille, 999), held,
                          extra if held else 0, places)  # fmt: skip


def _places(
    words: list[Word], reading: Reading, hashes: list[int], nearest: Fingerprint
) -> tuple[int, ...]:
    """The first lines that hold a word which the nearest text lacks, or that miss one it has."""
    theirs = nearest.shingle_set()
    shared = [shingle(run_hash) in theirs for run_hash in hashes]
    title = title_words(nearest.id, nearest.name)
    lines: set[int] = set()
    at = 0
    while at < len(shared) and len(lines) < MAX_PLACES:
        if shared[at]:
            at += 1
            continue
        end = next((i for i in range(at, len(shared)) if shared[i]), len(shared))
        # the words of the stretch that no shared run before or after it covers
        first = at + RUN - 1 if at else 0
        last = end if end < len(shared) else len(reading.words)
        own = [i for i in range(first, last) if not is_title_word(reading.words[i], title)]
        if own or first >= last:
            lines.add(words[reading.spans[own[0] if own else first][0]].line)
        at = end
    return tuple(sorted(lines))
