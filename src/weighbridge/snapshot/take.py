"""Taking a snapshot: which subject is meant, and the one pass over its files."""

from __future__ import annotations

from pathlib import Path

from weighbridge.snapshot.hashing import Plan, check_algorithms
from weighbridge.snapshot.listing import Keep, list_subject
from weighbridge.snapshot.pool import Known
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.snapshot.tree import Bounds


def take_snapshot(
    subject: str | Path,
    *,
    revision: str = "",
    algorithms: tuple[str, ...] = ("sha256",),
    threads: int | None = None,
    bounds: Bounds | None = None,
    known: Known | None = None,
    keep: Keep | None = None,
) -> Snapshot:
    """Read every file of a subject once: what it is, its digests, and what could not be read.

    Args:
        subject: a folder, one file, a snapshot folder of the Hugging Face cache; with ``revision``
            a git repository, bare or not, or a folder in one.
        revision: anything that names a commit: ``HEAD~1``, a branch, a tag, an id or its beginning.
        algorithms: of :data:`weighbridge.snapshot.hashing.ALGORITHMS`; ``sha256`` is always there.
        threads: readers at a time; by default one a processor, two at most.
        bounds: where to stop; what lies beyond is a problem of kind ``bound-exceeded``.
        known: gives the content of files on disk that need not be read; ``keep`` is told the rest.
        keep: see ``known``; a :class:`weighbridge.snapshot.cache.DigestCache` is both.

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
    listing = list_subject(path, bounds=limits)
    return listing.read(Plan(wanted), threads=threads, known=known, keep=keep)
