"""Taking a snapshot: which subject is meant, and the one pass over its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from weighbridge.model.errors import SubjectError
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.assemble import assemble, readable_name, subject_digest
from weighbridge.snapshot.content import DiskOpener
from weighbridge.snapshot.disk import DiskTree, Identity
from weighbridge.snapshot.hashing import check_algorithms
from weighbridge.snapshot.hub import hub_snapshot
from weighbridge.snapshot.pool import read_all
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.sparse import left_out
from weighbridge.snapshot.tree import Bounds, Parts, Scope
from weighbridge.snapshot.walk import walk


@dataclass(frozen=True, slots=True)
class Place:
    """A subject on disk: the tree's top folder, the part of it that is meant, and its name."""

    kind: SubjectKind
    name: str
    anchor: Path
    scope: Scope
    root: Path
    revision: str = ""


def take_snapshot(
    subject: str | Path,
    *,
    revision: str = "",
    algorithms: tuple[str, ...] = ("sha256",),
    threads: int | None = None,
    bounds: Bounds | None = None,
) -> Snapshot:
    """Read every file of a subject once: what it is, its digests, and what could not be read.

    Args:
        subject: a folder, one file, a snapshot folder of the Hugging Face cache; with ``revision``
            a git repository, bare or not, or a folder in one.
        revision: anything that names a commit: ``HEAD~1``, a branch, a tag, an id or its beginning.
        algorithms: of :data:`weighbridge.snapshot.hashing.ALGORITHMS`; ``sha256`` is always there.
        threads: readers at a time; by default one a processor, two at most.
        bounds: where to stop; what lies beyond is a problem of kind ``bound-exceeded``.

    Raises:
        SubjectError: there is nothing at that path, no file to be read, or no such revision.
        UsageError: an algorithm is not known.
    """
    path = Path(subject)
    wanted = check_algorithms(algorithms)
    limits = bounds or Bounds()
    if revision:
        from weighbridge.snapshot.revision import take_revision

        return take_revision(path, revision, wanted, limits)
    place = locate(path)
    with DiskTree(place.anchor) as tree:
        walked = walk(tree, place.scope, limits)
        contents = read_all(tree, walked, wanted, _workers(threads), limits)
    artifacts, problems = assemble(walked, contents)
    if place.kind is SubjectKind.DIRECTORY and place.scope.only is None:
        missing, unknown = left_out(place.root)
        artifacts = tuple(sorted((*artifacts, *missing), key=lambda artifact: artifact.path))
        problems = tuple(sorted((*problems, *unknown)))
    opened = {found.path: found.real for found in walked.files}
    states: dict[str, tuple[Parts, Identity]] = {}
    for name, real in opened.items():
        identity = contents[real].identity
        if identity is not None:
            states[name] = (real, identity)
    found = Subject(place.kind, place.name, subject_digest(artifacts), place.revision)
    return Snapshot(found, artifacts, problems, DiskOpener(place.anchor, states), place.root)


def locate(path: Path) -> Place:
    """What a path on disk stands for.

    Raises:
        SubjectError: nothing is there, or neither a folder nor a file.
    """
    try:
        real = path.resolve(strict=True)
        is_folder, is_file = real.is_dir(), real.is_file()
    except (OSError, RuntimeError) as error:
        raise SubjectError(
            f"there is no subject at {path}",
            remedy="Give the path of a model's folder or of one weight file.",
        ) from error
    if is_folder:
        hub = hub_snapshot(real)
        if hub is not None:
            return Place(SubjectKind.HUB_CACHE, hub.name, hub.anchor, hub.scope, real, hub.revision)
        return Place(SubjectKind.DIRECTORY, readable_name(real), real, Scope(), real)
    if is_file:
        # The path was given by hand, so a link is followed wherever it leads.
        only = Scope(only=os.fsencode(real.name))
        return Place(SubjectKind.DIRECTORY, readable_name(path), real.parent, only, real.parent)
    raise SubjectError(
        f"{path} is neither a folder nor a regular file",
        remedy="A device, a FIFO or a socket is never opened; give a folder or a file.",
    )


def _workers(threads: int | None) -> int:
    return max(1, threads if threads is not None else min(2, os.cpu_count() or 1))
