"""A subject's files as they stood when they were read, and the way to their bytes."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple, Protocol

from weighbridge.model.artifact import Artifact, Presence, Problem
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.subject import Subject
from weighbridge.snapshot.origin import Origin


class ContentUnavailable(HostileInput):
    """An artifact's bytes cannot be had: a pointer, missing, vanished, or changed since hashing."""


class Opener(Protocol):
    """How a snapshot reaches content: a directory, a git object store."""

    def __call__(self, artifact: Artifact) -> BinaryIO:
        """A stream over the artifact's bytes. Raises ContentUnavailable."""


class Snapshot(NamedTuple):
    """The files of a subject, sorted by path.

    ``root`` is the directory on disk, None where there is none (a git revision). ``unread`` are
    files that lie there and were not asked for; the subject's digest is then of the others alone.
    ``shards`` are the digests of files' pieces, by path, where they were asked for. ``origins``
    names the files whose digests were not computed by reading them now.
    """

    subject: Subject
    artifacts: tuple[Artifact, ...]
    problems: tuple[Problem, ...]
    opener: Opener
    root: Path | None = None
    unread: tuple[str, ...] = ()
    shards: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    origins: Mapping[str, Origin] = MappingProxyType({})
    bytes_read: int = 0

    def find(self, path: str) -> Artifact | None:
        """The artifact at a path."""
        index = bisect.bisect_left(self.artifacts, path, key=lambda artifact: artifact.path)
        found = self.artifacts[index : index + 1]
        return found[0] if found and found[0].path == path else None

    def open(self, artifact: Artifact) -> BinaryIO:
        """A seekable binary stream over exactly the bytes that were hashed.

        Raises:
            ContentUnavailable: they are not here, or no longer the same.
        """
        if artifact.presence is not Presence.CONTENT:
            raise ContentUnavailable(f"{artifact.path} is a {artifact.presence}: no content here")
        return self.opener(artifact)

    def read(self, artifact: Artifact, limit: int) -> bytes:
        """The whole content, at most ``limit`` bytes.

        Raises:
            ContentUnavailable: as :meth:`open`.
            BoundExceeded: it is longer.
        """
        if artifact.size > limit:
            raise BoundExceeded(artifact.path, limit, "bytes")
        with self.open(artifact) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise BoundExceeded(artifact.path, limit, "bytes")
        return data
