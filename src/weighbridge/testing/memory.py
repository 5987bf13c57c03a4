"""Snapshots of files that exist only in memory, for tests."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from weighbridge.model.artifact import Artifact, Kind, Presence, Problem
from weighbridge.model.digest import Digest, directory_digest, sha256
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot


def snapshot_of(
    files: Mapping[str, bytes],
    *,
    pointers: Mapping[str, Digest] | None = None,
    links: Mapping[str, str] | None = None,
    problems: Iterable[Problem] = (),
    kind: SubjectKind = SubjectKind.DIRECTORY,
    name: str = "model",
) -> Snapshot:
    """A snapshot holding these files, with their SHA-256 and the kind ``binary``.

    Args:
        files: content by path.
        pointers: what a pointer file declares, by path.
        links: the target of those paths of ``files`` that are symbolic links.
        problems: as the walk would have met them.
        kind: what the files come from.
        name: the subject's name.
    """
    targets = links or {}
    artifacts = [
        Artifact(
            path,
            len(content),
            Kind.BINARY if content else Kind.EMPTY,
            Presence.CONTENT,
            (sha256(content),),
            targets.get(path, ""),
        )
        for path, content in files.items()
    ]
    artifacts += [
        Artifact(path, 1, Kind.UNREAD, Presence.POINTER, (digest,))
        for path, digest in (pointers or {}).items()
    ]
    artifacts.sort(key=lambda artifact: artifact.path)

    def opener(artifact: Artifact) -> BinaryIO:
        return io.BytesIO(files[artifact.path])

    root = directory_digest((a.path, a.digests[0]) for a in artifacts)
    return Snapshot(Subject(kind, name, root), tuple(artifacts), tuple(problems), opener)
