"""From what was walked and read to the artifacts and problems of a snapshot."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from weighbridge.model.artifact import Artifact, Problem
from weighbridge.model.digest import Digest, directory_digest
from weighbridge.model.errors import SubjectError
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.tree import Found, Parts, Walked


def assemble(
    walked: Walked, contents: Mapping[Parts, Content], *, allow_none: bool = False
) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
    """Artifacts and problems, each sorted, out of a walk and what reading gave.

    Files that ``contents`` does not hold were not asked for. ``allow_none`` takes a subject of
    which no file could be read.

    Raises:
        SubjectError: not one file could be read.
    """
    problems = set(walked.problems)
    artifacts: list[Artifact] = []
    for found in walked.files:
        content = contents.get(found.real)
        if content is None:
            continue
        if content.problem is not None:
            problems.add(Problem(found.path, *content.problem))
        if content.digests or content.identity is not None:  # no digest may have been asked for
            artifacts.append(_artifact(found, content))
    if not artifacts and not allow_none:
        raise _nothing(sorted(problems))
    return tuple(sorted(artifacts, key=lambda a: a.path)), tuple(sorted(problems))


def subject_digest(artifacts: tuple[Artifact, ...]) -> Digest:
    """``dirHash1`` over every file whose SHA-256 is known."""
    known = ((a.path, a.digest()) for a in artifacts)
    return directory_digest((path, digest) for path, digest in known if digest is not None)


def _artifact(found: Found, content: Content) -> Artifact:
    return Artifact(
        path=found.path,
        size=content.size,
        kind=content.kind,
        presence=content.presence,
        digests=content.digests,
        link_target=found.link_target,
    )


def _nothing(problems: list[Problem]) -> SubjectError:
    if not problems:
        return SubjectError(
            "the subject is empty: there is no file in it",
            remedy="Give the folder that holds the model's files.",
        )
    first = problems[0]
    return SubjectError(
        f"no file of the subject could be read; the first reason: {first.path or '.'}: "
        f"{first.detail}",
        remedy="Make at least one file readable, or give another folder.",
    )


def readable_name(path: Path) -> str:
    """A path's last name in Unicode."""
    return os.fsencode(path.name or "/").decode("utf-8", "backslashreplace")
