"""Digests of a byte stream, several in one pass."""

from __future__ import annotations

import hashlib
from typing import Any

from weighbridge.model.digest import Digest
from weighbridge.model.errors import UsageError

ALGORITHMS = ("sha256", "sha384", "sha512", "blake2b", "blake3", "gitBlob")


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

    ``hashlib`` and ``blake3`` let other threads run while they work on a long buffer.
    """

    def __init__(self, algorithms: tuple[str, ...], size: int) -> None:
        self._hashers = [(name, _hasher(name, size)) for name in algorithms]

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        for _, hasher in self._hashers:
            hasher.update(data)

    def digests(self) -> tuple[Digest, ...]:
        """The digests of everything taken so far, in the order asked for."""
        return tuple(Digest(name, hasher.hexdigest()) for name, hasher in self._hashers)


def _hasher(name: str, size: int) -> Any:
    if name == "blake3":
        from blake3 import blake3

        return blake3()
    if name == "gitBlob":
        # Git's own object id: not a security claim of ours, and the format leaves no choice.
        hasher = hashlib.sha1(usedforsecurity=False)
        hasher.update(b"blob %d\0" % size)
        return hasher
    return hashlib.new(name)
