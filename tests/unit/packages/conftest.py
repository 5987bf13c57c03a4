"""Snapshots built by hand: a mapping of path to bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pytest

from weighbridge.model.artifact import Artifact, Kind, Presence, Problem
from weighbridge.model.digest import directory_digest, sha256
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.snapshot import Snapshot

MakeSnapshot = Callable[..., Snapshot]


def snapshot_of(
    files: Mapping[str, bytes | str],
    problems: tuple[Problem, ...] = (),
    pointers: tuple[str, ...] = (),
) -> Snapshot:
    contents = {p: d.encode() if isinstance(d, str) else d for p, d in files.items()}
    artifacts = tuple(
        Artifact(
            path,
            len(contents[path]),
            Kind.UNREAD if path in pointers else Kind.TEXT,
            Presence.POINTER if path in pointers else Presence.CONTENT,
            (sha256(contents[path]),),
        )
        for path in sorted(contents)
    )
    digest = directory_digest((a.path, a.digests[0]) for a in artifacts)
    subject = Subject(SubjectKind.DIRECTORY, "model", digest)
    return Snapshot(subject, artifacts, problems, lambda a: io.BytesIO(contents[a.path]))


@pytest.fixture
def make_snapshot() -> MakeSnapshot:
    return snapshot_of
