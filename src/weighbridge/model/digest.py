"""Digests whose algorithm name says everything needed to compute them again.

Names are those of the in-toto ``DigestSet`` where it has one (in-toto attestation spec v1,
``digest_set.md``): ``sha256``, ``sha512``, ``blake2b``, ``gitBlob``, ``gitCommit``, ``dirHash1``.
A parameterized digest spells its parameters in the name: ``sha256-shard-1000000000``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from weighbridge.model.errors import MalformedDigest

# Hex digits each algorithm may have. Git objects are SHA-1 or SHA-256, by repository.
_HEX_DIGITS: dict[str, tuple[int, ...]] = {
    "sha256": (64,),
    "sha384": (96,),
    "sha512": (128,),
    "blake2b": (128,),
    "blake3": (64,),
    "gitBlob": (40, 64),
    "gitCommit": (40, 64),
    "dirHash1": (64,),
}
_SHARD = r"(sha256|blake2b|blake3)-shard-[1-9][0-9]{0,18}\Z"
# dirHash1 over other digests of the files than their SHA-256; itself a SHA-256.
_TREE = r"dirHash1-(?:blake2b|blake3|(?:sha256|blake2b|blake3)-shard-[1-9][0-9]{0,18})\Z"
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Digest:
    """An algorithm and a value in lower-case hexadecimal, printed as ``sha256:ab12…``.

    Raises:
        MalformedDigest: the algorithm is unknown, or the value does not fit it.
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        lengths = _HEX_DIGITS.get(self.algorithm) or _parameterized(self.algorithm)
        if lengths is None:
            raise MalformedDigest(f"unknown digest algorithm {self.algorithm!r}")
        if len(self.value) not in lengths or self.value.strip(_HEX):
            raise MalformedDigest(f"{self.value[:80]!r} is not a {self.algorithm} value")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    def __lt__(self, other: Digest) -> bool:
        return (self.algorithm, self.value) < (other.algorithm, other.value)

    @property
    def short(self) -> str:
        """The first 12 hex digits, for people; never for comparing."""
        return f"{self.algorithm}:{self.value[:12]}"

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read ``algorithm:hex`` back."""
        algorithm, separator, value = text.partition(":")
        if not separator:
            raise MalformedDigest(f"{text[:80]!r} is not of the form algorithm:hex")
        return cls(algorithm, value)


def _parameterized(algorithm: str) -> tuple[int, ...] | None:
    if shard := re.match(_SHARD, algorithm):
        return _HEX_DIGITS[shard.group(1)]
    return _HEX_DIGITS["dirHash1"] if re.match(_TREE, algorithm) else None


def sha256(data: bytes) -> Digest:
    """SHA-256 of some bytes already in memory."""
    return Digest("sha256", hashlib.sha256(data).hexdigest())


def directory_digest(files: Iterable[tuple[str, Digest]]) -> Digest:
    """The name-binding digest of a file tree: in-toto ``dirHash1``.

    It is the SHA-256 of one line a file, sorted by name as bytes, each ``<sha256>  <path>\\n``, so
    anyone can compute it with ``sha256sum``: Go's ``dirhash.Hash1``, in hex. Unlike the root digest
    of OMS it changes when a file is renamed. The Go function refuses a newline in a name; here it
    is written escaped, with the name's backslashes, so that no file can hide.
    """
    return _directory_digest(files, "sha256", "dirHash1")


def tree_digest(files: Iterable[tuple[str, Digest]], algorithm: str) -> Digest:
    """:func:`directory_digest` over any digests of the files, all by the one algorithm.

    It is ``dirHash1`` itself over SHA-256, and is named after the algorithm over any other.
    """
    name = "dirHash1" if algorithm == "sha256" else f"dirHash1-{algorithm}"
    return _directory_digest(files, algorithm, name)


def _directory_digest(files: Iterable[tuple[str, Digest]], algorithm: str, result: str) -> Digest:
    lines: list[bytes] = []
    for path, digest in files:
        if digest.algorithm != algorithm:
            raise MalformedDigest(
                f"{result} is made of {algorithm} digests, not of {digest.algorithm}"
            )
        name = path.replace("\\", "\\\\").replace("\n", "\\n") if "\n" in path else path
        lines.append(name.encode("utf-8", "surrogateescape") + b"\0" + digest.value.encode())
    root = hashlib.sha256()
    for line in sorted(lines):
        name_bytes, _, value = line.rpartition(b"\0")
        root.update(value + b"  " + name_bytes + b"\n")
    return Digest(result, root.hexdigest())
