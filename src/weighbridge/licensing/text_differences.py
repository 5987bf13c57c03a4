"""Where a text differs from a known one, of which only hashes of its runs of words are held.

Words in no run that the known text has were added or changed. Words that the known text has and the
file lacks cannot be shown, for they are not held: the place where they must have stood is told, and
how many of the known runs are missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from weighbridge.licensing.fingerprints import RUN, shingle
from weighbridge.licensing.words import Reading, Word

MAX_PLACES = 5
MAX_DIFFERENCES = 12
MAX_SHOWN = 40  # words of one difference

_NUMBER = re.compile(r"\d{1,2}|[ivx]{1,5}|[a-z]")


@dataclass(frozen=True, slots=True)
class Difference:
    """Words that the known text does not have; empty where words of it are missing.

    ``line``: where they stand; ``section``: the number of the list item or clause they stand in, as
    the file has it, empty where the file numbers nothing.
    """

    line: int
    words: str
    section: str


@dataclass(frozen=True, slots=True)
class Differences:
    """The first differences, and how many runs of the known text are missing, -1 where unknown."""

    found: tuple[Difference, ...] = ()
    missing_runs: int = -1

    @property
    def lines(self) -> tuple[int, ...]:
        """The first lines that differ."""
        return tuple(sorted({d.line for d in self.found})[:MAX_PLACES])


def differences(
    words: Sequence[Word],
    reading: Reading,
    hashes: Sequence[int],
    known: frozenset[int],
    compared: Sequence[bool],
    title: frozenset[str],
) -> Differences:
    """Compare a text with one known text.

    Args:
        words: the text's words.
        reading: the reading of them that the known text was hashed in.
        hashes: the hash of each of its runs.
        known: every shingle of the known text.
        compared: for each run, whether it counts; others are as good as shared.
        title: words that a heading above the text may hold without being a difference.
    """
    shared = [
        not counts or shingle(run_hash) in known
        for run_hash, counts in zip(hashes, compared, strict=True)
    ]
    found: list[Difference] = []
    at = 0
    while at < len(shared) and len(found) < MAX_DIFFERENCES:
        if shared[at]:
            at += 1
            continue
        end = next((i for i in range(at, len(shared)) if shared[i]), len(shared))
        # the words of the stretch that no shared run before or after it covers
        first = at + RUN - 1 if at else 0
        last = end if end < len(shared) else len(reading.words)
        own = [i for i in range(first, last) if at or reading.words[i] not in title]
        if own or first >= last:
            start = own[0] if own else min(first, len(reading.words) - 1)
            place = reading.spans[start][0]
            shown = reading.words[own[0] : min(own[-1] + 1, own[0] + MAX_SHOWN)] if own else ()
            more = " …" if own and own[-1] + 1 > own[0] + MAX_SHOWN else ""
            found.append(
                Difference(words[place].line, " ".join(shown) + more, _section(words, place))
            )
        at = end
    missing = len(known - {shingle(run_hash) for run_hash in hashes})
    return Differences(tuple(found), missing)


def _section(words: Sequence[Word], place: int) -> str:
    """The marker of the list item or clause that a word stands in: ``2``, ``b``, ``1 b``."""
    inner = ""
    at = place
    while at >= 0:
        if words[at].marker and (at == 0 or not words[at - 1].marker):
            label: list[str] = []
            while at + len(label) < len(words) and words[at + len(label)].marker:
                label.append(words[at + len(label)].text)
            text = ".".join(label)
            if not inner and _NUMBER.fullmatch(label[0]):
                inner = text
            if label[0].isdigit():
                return text if text == inner or not inner else f"{text}.{inner}"
        at -= 1
    return inner
