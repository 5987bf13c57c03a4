"""What the license texts we know look like, as digests of their words: no text is kept.

``fingerprints.json`` is written by :mod:`weighbridge.licensing.derive` from folders of texts. A
whole text is recognized by the SHA-256 of its words. How near a changed text comes is told by
32-bit hashes of runs of five words (shingles; A. Broder, "On the resemblance and containment of
documents", 1997), of which a long text keeps every eighth.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.licensing.words import Reading

SCHEMA = "urn:weighbridge:license-fingerprints:1"
DATA_FILE = "fingerprints.json"
RUN = 5  # words hashed together


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
    shingles: str

    def shingle_set(self) -> frozenset[int]:
        """The kept hashes."""
        return frozenset(unpack(self.shingles))


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
    """The 32 bits of a run's hash that fingerprints keep."""
    return run_hash & 0xFFFF_FFFF


def pack(shingles: Sequence[int]) -> str:
    """Base64 of the hashes, sorted, four bytes each, the highest first."""
    return base64.b64encode(b"".join(s.to_bytes(4, "big") for s in sorted(shingles))).decode()


def unpack(text: str) -> array[int]:
    """The hashes that :func:`pack` wrote."""
    import sys

    hashes = array("I", base64.b64decode(text))
    if sys.byteorder == "little":
        hashes.byteswap()
    return hashes


@functools.cache
def known_texts() -> tuple[Fingerprint, ...]:
    """The fingerprints that are shipped, sorted by id."""
    data = importlib.resources.files(__package__).joinpath(DATA_FILE).read_bytes()
    return parse_fingerprints(data)


def parse_fingerprints(data: bytes) -> tuple[Fingerprint, ...]:
    """Read a file of fingerprints.

    Raises:
        HostileInput: not JSON.
        ValueError: JSON of another shape. The file is our own, so this is a defect of ours.
    """
    body: dict[str, Any] = load_json(data, source=DATA_FILE)
    if body.get("schema") != SCHEMA:
        raise ValueError(f"{DATA_FILE} does not have the schema {SCHEMA}")
    return tuple(
        Fingerprint(
            id=row["id"],
            also=tuple(row["also"]),
            name=row["name"],
            strict=row["strict"],
            passage=row["passage"],
            words=row["words"],
            sha256=row["sha256"],
            head=int(row["head"], 16),
            tail=int(row["tail"], 16),
            every=row["every"],
            shingles=row["shingles"],
        )
        for row in body["texts"]
    )
