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
    sampled,
    shared_counts,
    shingle,
    words_digest,
)
from weighbridge.licensing.text_differences import Difference, Differences, differences
from weighbridge.licensing.words import Reading, Word, lenient, split_words, strict
from weighbridge.model.errors import BoundExceeded

MAX_COMPARISONS = 5_000  # whole-text comparisons for one file
VARIANT_PERMILLE = 600  # below this a text is not called a variant of anything
MAX_TITLE_WORDS = 60

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
    ``places``: the first lines that differ from ``nearest``, where that could be told, and
    ``differences`` with the words that stand there; ``missing_runs``: how many runs of five words
    of ``nearest`` the text lacks, -1 where not all of them are known.
    """

    ids: tuple[str, ...]
    also: tuple[str, ...] = ()
    nearest: str = ""
    similarity_permille: int = 0
    held: tuple[str, ...] = ()
    extra_words: int = 0
    places: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
    missing_runs: int = -1


def identify(
    text: str, known: Sequence[Fingerprint] | None = None, *, nearest: bool = True
) -> Identification:
    """Name the license whose text this is, or the nearest.

    Args:
        text: the content of a license file.
        known: the texts to compare with; the shipped ones by default.
        nearest: whether to look for the nearest text where it is none of them.

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
    if not nearest:
        return Identification((), held=held, extra_words=len(scan.terms()) if held else 0)
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
    best, best_permille = None, 0
    for is_strict in (True, False):
        texts = [f for f in table if f.strict is is_strict and not f.passage]
        own = frozenset(map(shingle, runs[is_strict]))
        mine = {every: len(sampled(own, every)) for every in {f.every for f in texts}}
        for fingerprint, (shared, kept) in zip(texts, shared_counts(texts, own), strict=True):
            permille = _dice(shared, mine[fingerprint.every], kept)
            if permille > best_permille:
                best, best_permille = fingerprint, permille
    if best is None or best_permille < VARIANT_PERMILLE:
        return Identification((), held=held, extra_words=extra if held else 0,
                              similarity_permille=best_permille)  # fmt: skip
    differs = Differences()
    if best.every == 1:
        reading, hashes = readings[best.strict], runs[best.strict]
        theirs = best.shingle_set()
        left = _without_passages(reading, hashes, best, table)
        own = frozenset(shingle(h) for h, stays in zip(hashes, left, strict=True) if stays)
        best_permille = max(best_permille, _dice(len(own & theirs), len(own), len(theirs)))
        title = title_words(best.id, best.name) | _TITLE
        differs = differences(words, reading, hashes, theirs, left, title)
    return Identification((), best.also, best.id, min(best_permille, 999), held,
                          extra if held else 0, differs.lines, differs.found,
                          differs.missing_runs)  # fmt: skip


def _dice(shared: int, mine: int, theirs: int) -> int:
    return 2000 * shared // (mine + theirs) if mine + theirs else 0


def _without_passages(
    reading: Reading, hashes: list[int], best: Fingerprint, table: tuple[Fingerprint, ...]
) -> list[bool]:
    """For each run whether it is left when what the license's own steward puts after it is not."""
    left = [True] * len(hashes)
    passages: dict[int, list[Fingerprint]] = {}
    for passage in table:
        if passage.passage and not {best.id, *best.also}.isdisjoint((passage.id, *passage.also)):
            passages.setdefault(passage.head, []).append(passage)
    for at, run_hash in enumerate(hashes):
        for passage in passages.get(run_hash, ()):
            last = at + passage.words - RUN
            if last < len(hashes) and hashes[last] == passage.tail:
                body = reading.words[at : at + passage.words]
                if words_digest(body) == passage.sha256:
                    left[max(0, at - RUN + 1) : last + RUN] = [False] * (
                        min(last + RUN, len(hashes)) - max(0, at - RUN + 1)
                    )
    return left
