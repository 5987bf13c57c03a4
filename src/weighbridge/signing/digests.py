"""Digests of a snapshot's files, hashed now where the snapshot does not hold them."""

from __future__ import annotations

import re

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.digest import Digest
from weighbridge.snapshot.hashing import MAX_SHARDS, Shards, new_hasher
from weighbridge.snapshot.snapshot import ContentUnavailable, Snapshot

_CHUNK = 4 * 2**20
_SHARDS = re.compile(r"(sha256|blake2b|blake3)-shard-([1-9][0-9]*)")


def digest_of(artifact: Artifact, algorithm: str, snapshot: Snapshot) -> Digest | None:
    """A file's digest by any algorithm of OMS, or over its shards' digests.

    Returns:
        None where it cannot be had: the content is not here, or there would be too many shards.
    """
    known = artifact.digest(algorithm)
    if known is not None or artifact.presence is not Presence.CONTENT:
        return known
    if match := _SHARDS.fullmatch(algorithm):
        shards = Shards(match[1], int(match[2]))
        pieces = shards_of(artifact, shards, snapshot)
        return None if pieces is None else shards.join(list(pieces))
    try:
        with snapshot.open(artifact) as stream:
            hasher = new_hasher(algorithm, artifact.size, alone=True)
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
    except (ContentUnavailable, OSError):
        return None
    return Digest(algorithm, hasher.hexdigest())


def shards_of(artifact: Artifact, shards: Shards, snapshot: Snapshot) -> tuple[str, ...] | None:
    """The digests of a file's shards in hex, from first to last.

    Returns:
        None where they cannot be had.
    """
    known = snapshot.shards.get(artifact.path)
    if known is not None and artifact.digest(shards.name) is not None:
        return known
    if artifact.presence is not Presence.CONTENT or shards.count(artifact.size) > MAX_SHARDS:
        return None
    digests: list[str] = []
    try:
        with snapshot.open(artifact) as stream:
            while chunk := stream.read(min(_CHUNK, shards.size)):
                hasher = new_hasher(shards.algorithm)
                left = shards.size
                while chunk:
                    hasher.update(chunk)
                    left -= len(chunk)
                    chunk = stream.read(min(_CHUNK, left))
                digests.append(hasher.hexdigest())
    except (ContentUnavailable, OSError):
        return None
    return tuple(digests)
