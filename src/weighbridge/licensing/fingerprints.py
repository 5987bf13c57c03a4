"""What the license texts we know look like, as digests of their words: no text is kept.

``fingerprints.json`` says what texts there are; a whole text is recognized by the SHA-256 of its
words, which needs nothing else. How near a changed text comes is told by 24-bit hashes of runs of
five words (shingles; A. Broder, "On the resemblance and containment of documents", 1997). They
stand in ``fingerprints.bin`` and are read only for a text that is none of the known ones. AI model
licenses, the licenses that a model card can name, what is half made of their words, and short texts
keep every shingle; of a longer text every sixteenth is kept. Both files are written by
:mod:`weighbridge.licensing.derive`.

``fingerprints.bin`` holds each different shingle once, three bytes each, the highest first, in the
order in which the texts have them; then, text by text, the ranges of them that a text has: where it
begins (three bytes) and how many (two bytes). Texts that are taken from each other share ranges.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import itertools
import struct
import sys
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from weighbridge.edge.json import load_json
from weighbridge.licensing.words import Reading

SCHEMA = "urn:weighbridge:license-fingerprints:2"
INDEX_FILE = "fingerprints.json"
DATA_FILE = "fingerprints.bin"
RUN = 5  # words hashed together
COLUMNS = (
    "id", "also", "name", "strict", "passage", "words", "sha256", "head", "tail", "every", "ranges",
)  # fmt: skip
_HASH_BYTES = 3
_RANGE = struct.Struct(">BHH")
MAX_RANGE = 0xFFFF


class Shingles(Protocol):
    """The shingles of one text."""

    def values(self) -> Collection[int]:
        """The shingles, each once."""


class Shelf:
    """The bytes of ``fingerprints.bin``, taken apart when they are asked for.

    ``different`` is how many different shingles there are.
    """

    def __init__(self, data: bytes, different: int) -> None:
        self._data = data
        self._different = different

    @functools.cached_property
    def hashes(self) -> array[int]:
        """Each different shingle."""
        end = self._different * _HASH_BYTES
        wide = bytearray(4 * self._different)
        for byte in range(_HASH_BYTES):
            wide[byte + 1 :: 4] = self._data[byte:end:_HASH_BYTES]
        hashes = array("I", bytes(wide))
        if sys.byteorder == "little":
            hashes.byteswap()
        return hashes

    def ranges(self, first: int, count: int) -> list[tuple[int, int]]:
        """The half-open ranges of :attr:`hashes` from the ``first`` on."""
        start = self._different * _HASH_BYTES + first * _RANGE.size
        rows = _RANGE.iter_unpack(self._data[start : start + count * _RANGE.size])
        return [(begin := high << 16 | low, begin + many) for high, low, many in rows]


@dataclass(frozen=True, slots=True)
class Shelved:
    """The shingles of a text that is on the shelf: ``count`` ranges from the ``first`` on."""

    shelf: Shelf
    first: int
    count: int

    def values(self) -> Collection[int]:
        """The shingles, each once."""
        hashes = self.shelf.hashes
        ranges = self.shelf.ranges(self.first, self.count)
        return [h for begin, end in ranges for h in hashes[begin:end]]


@dataclass(frozen=True, slots=True)
class Loose:
    """Shingles in the order of the text, of a text that is on no shelf."""

    order: tuple[int, ...]

    def values(self) -> Collection[int]:
        """The shingles, each once."""
        return self.order


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One known text, or a passage that may go with one.

    ``id`` is an SPDX id or a LicenseRef, ``also`` are ids whose text is the same, word for word. A
    ``passage`` (how to apply the license) says nothing beside those licenses' own text, and is no
    license by itself. ``strict`` says which reading
    it is compared with. ``head`` and ``tail`` hash the first and last :data:`RUN` words. ``every``
    is the sampling of ``shingles``: those that it divides are kept.
    """

    id: str
    also: tuple[str, ...]
    name: str
    strict: bool
    passage: bool
    words: int
    sha256: str
    head: int
    tail: int
    every: int
    shingles: Shingles = field(repr=False)

    def shingle_set(self) -> frozenset[int]:
        """The kept hashes."""
        return frozenset(self.shingles.values())


def words_digest(words: Sequence[str]) -> str:
    """SHA-256 of words with one space between them."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def run_hashes(reading: Reading) -> list[int]:
    """A 64-bit hash for each run of :data:`RUN` words, by its position."""
    words = reading.words
    return [
        int.from_bytes(
            hashlib.blake2b(" ".join(words[at : at + RUN]).encode(), digest_size=8).digest(), "big"
        )
        for at in range(len(words) - RUN + 1)
    ]


def shingle(run_hash: int) -> int:
    """The 24 bits of a run's hash that fingerprints keep."""
    return run_hash >> 40


def sampled(shingles: Collection[int], every: int) -> list[int]:
    """Those shingles that a text keeps which keeps one in ``every``, in their order."""
    return [kept for kept in shingles if kept % every == 0]


def shared_counts(known: Sequence[Fingerprint], own: frozenset[int]) -> list[tuple[int, int]]:
    """For each known text: how many of its shingles are among ``own``, and how many it keeps."""
    sums: dict[int, list[int]] = {}
    counts = []
    for text in known:
        shingles = text.shingles
        if isinstance(shingles, Shelved):
            key = id(shingles.shelf)
            if key not in sums:
                marks = map(own.__contains__, shingles.shelf.hashes)
                sums[key] = list(itertools.accumulate(marks, initial=0))
            before = sums[key]
            shared = kept = 0
            for begin, end in shingles.shelf.ranges(shingles.first, shingles.count):
                shared += before[end] - before[begin]
                kept += end - begin
            counts.append((shared, kept))
        else:
            values = text.shingle_set()
            counts.append((len(own & values), len(values)))
    return counts


@functools.cache
def known_texts() -> tuple[Fingerprint, ...]:
    """The fingerprints that are shipped, sorted by id."""
    files = importlib.resources.files(__package__)
    return parse_fingerprints(
        files.joinpath(INDEX_FILE).read_bytes(), files.joinpath(DATA_FILE).read_bytes()
    )


def parse_fingerprints(index: bytes, data: bytes) -> tuple[Fingerprint, ...]:
    """Read the two files of fingerprints.

    Raises:
        HostileInput: the index is not JSON.
        ValueError: JSON of another shape, or bytes that do not go with it. The files are our own,
            so this is a defect of ours.
    """
    body: dict[str, Any] = load_json(index, source=INDEX_FILE)
    if body.get("schema") != SCHEMA or body.get("columns") != list(COLUMNS):
        raise ValueError(f"{INDEX_FILE} does not have the schema {SCHEMA}")
    if hashlib.sha256(data).hexdigest() != body["data_sha256"]:
        raise ValueError(f"{DATA_FILE} is not the one that {INDEX_FILE} was written with")
    shelf = Shelf(data, body["different"])
    found = []
    first = 0
    for id_, also, name, strict, passage, words, sha256, head, tail, every, ranges in body["texts"]:
        found.append(
            Fingerprint(
                id_, tuple(also), name, bool(strict), bool(passage), words, sha256, int(head, 16),
                int(tail, 16), every, Shelved(shelf, first, ranges),
            )
        )  # fmt: skip
        first += ranges
    return tuple(found)
