"""Digests of a byte stream, several in one pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from weighbridge.model.digest import Digest
from weighbridge.model.errors import UsageError

ALGORITHMS = ("sha256", "sha384", "sha512", "blake2b", "blake3", "gitBlob")

# One file in more pieces than this is not cut up: the list of them would fill the memory.
MAX_SHARDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Shards:
    """Cut each file into pieces of ``size`` bytes, the last one shorter, and hash each alone."""

    algorithm: str
    size: int

    @property
    def name(self) -> str:
        """The algorithm of a file's digest over its pieces' digests."""
        return f"{self.algorithm}-shard-{self.size}"

    def count(self, length: int) -> int:
        """How many pieces a file has; an empty one has none."""
        return -(-length // self.size)

    def join(self, digests: list[str]) -> Digest:
        """One digest of a file: over the raw digests of its pieces, from first to last."""
        joined = new_hasher(self.algorithm)
        joined.update(bytes.fromhex("".join(digests)))
        return Digest(self.name, joined.hexdigest())


class Plan(NamedTuple):
    """What reading a file is to give: digests of the whole, digests of its shards, its kind."""

    whole: tuple[str, ...] = ("sha256",)
    shards: Shards | None = None
    classify: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The algorithms of the digests that a file gets."""
        return (*self.whole, self.shards.name) if self.shards else self.whole


def check_algorithms(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    """The algorithms in order, ``sha256`` always the first, each once.

    Raises:
        UsageError: one is not known.
    """
    unknown = [name for name in algorithms if name not in ALGORITHMS]
    if unknown:
        raise UsageError(
            f"the digest algorithm {unknown[0]!r} is not known",
            remedy=f"One of {', '.join(ALGORITHMS)}.",
        )
    return tuple(dict.fromkeys(("sha256", *algorithms)))


class MultiHash:
    """Several digests of the same bytes. ``size`` is the stream's length, which git hashes first.

    ``hashlib`` and ``blake3`` let other threads run while they work on a long buffer. ``alone``
    says that no other file is read meanwhile, so that BLAKE3 may use every processor for this one.
    """

    def __init__(self, algorithms: tuple[str, ...], size: int, *, alone: bool = False) -> None:
        self._hashers = [(name, new_hasher(name, size, alone=alone)) for name in algorithms]

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        for _, hasher in self._hashers:
            hasher.update(data)

    def digests(self) -> tuple[Digest, ...]:
        """The digests of everything taken so far, in the order asked for."""
        return tuple(Digest(name, hasher.hexdigest()) for name, hasher in self._hashers)


_PLAIN: dict[str, Any] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "blake2b": hashlib.blake2b,
}


def new_hasher(name: str, size: int = 0, *, alone: bool = False) -> Any:
    """An object with ``update`` and ``hexdigest``."""
    plain = _PLAIN.get(name)
    if plain is not None:
        return plain()
    if name == "blake3":
        from blake3 import blake3

        return blake3(max_threads=blake3.AUTO if alone else 1)
    # Git's own object id: not a security claim of ours, and the format leaves no choice.
    hasher = hashlib.sha1(usedforsecurity=False)
    hasher.update(b"blob %d\0" % size)
    return hasher


def hash_of(name: str, data: bytes | memoryview) -> str:
    """The digest of bytes in memory, in hex."""
    plain = _PLAIN.get(name)
    if plain is not None:
        return str(plain(data).hexdigest())
    hasher = new_hasher(name, len(data))
    hasher.update(data)
    return str(hasher.hexdigest())
