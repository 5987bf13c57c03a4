"""What lies in a subject on disk, before any of it is read; and reading some or all of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from weighbridge.model.artifact import Artifact, Problem
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.snapshot.assemble import assemble, subject_digest
from weighbridge.snapshot.content import DiskOpener
from weighbridge.snapshot.disk import DiskTree
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.place import Place, locate
from weighbridge.snapshot.pool import Known, read_all
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.sparse import left_out
from weighbridge.snapshot.tree import Bounds, Parts, Walked
from weighbridge.snapshot.walk import walk

# Told what was read from a time on (nanoseconds, Unix time), to keep it for another run.
Keep: TypeAlias = "Callable[[Mapping[Parts, Content], int], None]"


class Listing(NamedTuple):
    """The files of a subject by name and size; nothing in them has been looked at."""

    place: Place
    walked: Walked
    bounds: Bounds

    @property
    def _names(self) -> set[str]:
        return {found.path for found in self.walked.files}

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted."""
        return tuple(sorted(self._names))

    def read(
        self,
        plan: Plan,
        *,
        wanted: Callable[[str], bool] | None = None,
        threads: int | None = None,
        known: Known | None = None,
        keep: Keep | None = None,
        allow_none: bool = False,
    ) -> Snapshot:
        """Read the files once.

        Args:
            plan: which digests, and whether to find out what each file is.
            wanted: which paths to read; the others stand in ``Snapshot.unread``, and the subject's
                digest is that of no file at all.
            threads: readers at a time; by default one a processor, two at most.
            known: is asked for the content of large files that need not be read.
            keep: is told what was read; a :class:`weighbridge.snapshot.cache.DigestCache` is both.
            allow_none: a snapshot without any file is no error.

        Raises:
            SubjectError: no file could be read.
        """
        files = [f for f in self.walked.files if wanted is None or wanted(f.path)]
        with DiskTree(self.place.anchor) as tree:
            started = time.time_ns()
            contents = read_all(tree, files, plan, _workers(threads), self.bounds, known)
        if keep:
            keep(contents, started)
        artifacts, problems = assemble(self.walked, contents, allow_none=allow_none)
        artifacts, problems = self._with_left_out(artifacts, problems, wanted)
        here = {found.path: found.real for found in files}
        taken = {path: contents[real] for path, real in here.items()}
        place = self.place
        unread = () if len(here) == len(self.walked.files) else sorted(self._names - here.keys())
        digest = subject_digest(artifacts if wanted is None else ())
        return Snapshot(
            Subject(place.kind, place.name, digest, place.revision),
            artifacts,
            problems,
            DiskOpener(place.anchor, here, contents),
            place.root,
            tuple(unread),
            {path: content.shards for path, content in taken.items() if content.shards},
            {p: c.origin for p, c in taken.items() if c.origin is not Origin.READ and c.digests},
            sum(content.bytes_read for content in contents.values()),
        )

    def _with_left_out(
        self,
        artifacts: tuple[Artifact, ...],
        problems: tuple[Problem, ...],
        wanted: Callable[[str], bool] | None,
    ) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
        """Add the files that a sparse checkout keeps out of the folder."""
        if self.place.kind is not SubjectKind.DIRECTORY or self.place.scope.only is not None:
            return artifacts, problems
        missing, unknown = left_out(self.place.root)
        more = [artifact for artifact in missing if wanted is None or wanted(artifact.path)]
        every = tuple(sorted((*artifacts, *more), key=lambda artifact: artifact.path))
        return every, tuple(sorted((*problems, *unknown)))


def list_subject(subject: str | Path, *, bounds: Bounds | None = None) -> Listing:
    """The files of a folder, one file, or a snapshot folder of the Hugging Face cache.

    Raises:
        SubjectError: there is nothing at that path.
    """
    place = locate(Path(subject))
    limits = bounds or Bounds()
    with DiskTree(place.anchor) as tree:
        return Listing(place, walk(tree, place.scope, limits), limits)


def _workers(threads: int | None) -> int:
    return max(1, threads if threads is not None else min(2, os.cpu_count() or 1))
