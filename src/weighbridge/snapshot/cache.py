"""Digests of large local files, kept for the next run.

An entry says: the file with this device, inode, size, mtime and ctime had these digests. Whoever
changes a file changes its ctime, which no ordinary program can set. Two things could still deceive
it, and each has its guard: a change within the resolution of the file system's clock (an entry is
only kept when the file had last changed well before it was read, git's rule for its own index), and
somebody who can write the cache itself (it must belong to this user, and nobody else may write it).
A cache that is broken, busy or of doubtful ownership is not used, and :attr:`DigestCache.note` says
so; a run without it is only slower.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.formats.peek import HEAD_BYTES, Peek
from weighbridge.model.artifact import Kind, Presence
from weighbridge.model.digest import Digest
from weighbridge.model.errors import MalformedDigest
from weighbridge.snapshot.disk import DiskTree, FileOpener, Identity
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.read import Content
from weighbridge.snapshot.reasons import Unreadable
from weighbridge.snapshot.tree import Parts

if TYPE_CHECKING:
    import sqlite3

DIRECTORY_VARIABLE = "WEIGHBRIDGE_CACHE_DIR"
FILENAME = "digests-1.sqlite3"

MIN_BYTES = 2**20  # reading a smaller file costs no more than looking it up
MAX_ENTRIES = 50_000
# A file that changed so shortly before it was read may have changed again unnoticed.
SETTLED_NS = 2 * 10**9
_BUSY_SECONDS = 2.0

_TABLE = """
CREATE TABLE IF NOT EXISTS digest (
  device INTEGER, inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER,
  algorithm TEXT, value TEXT, used INTEGER,
  PRIMARY KEY (device, inode, algorithm)
) WITHOUT ROWID
"""


def cache_folder() -> Path:
    """Where the cache lies: ``WEIGHBRIDGE_CACHE_DIR``, else the platform's folder for caches."""
    named = os.environ.get(DIRECTORY_VARIABLE, "")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("weighbridge")


def cache_allowed() -> bool:
    """Whether a run may use the cache at all: not in CI, where every run stands for itself."""
    return os.environ.get("CI", "").lower() in ("", "0", "false")


class DigestCache:
    """Both a :data:`weighbridge.snapshot.listing.Known` and, by :meth:`keep`, a ``Keep``.

    ``note`` says in words why the cache was not used, and is empty where it was.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()
        self.note = ""

    def __call__(self, tree: DiskTree, files: list[Parts], plan: Plan) -> Mapping[Parts, Content]:
        """What is known of these files. Their beginning is looked at again, to tell their kind."""
        known: dict[Parts, Content] = {}
        opener = FileOpener(tree)
        with contextlib.closing(opener), self._database(create=False) as database:
            for real in files if database is not None else ():
                assert database is not None
                content = _known(database, opener, real, plan)
                if content is not None:
                    known[real] = content
        return known

    def keep(self, read: Mapping[Parts, Content], started: int) -> None:
        """Remember what was read from ``started`` (nanoseconds, Unix time), if it had settled."""
        settled = started - SETTLED_NS
        rows = [
            (*content.identity, digest.algorithm, digest.value)
            for content in read.values()
            if content.identity is not None
            and content.origin is Origin.READ
            and content.presence is Presence.CONTENT
            and content.problem is None
            and content.size >= MIN_BYTES
            and max(content.identity.mtime_ns, content.identity.ctime_ns) < settled
            for digest in content.digests
        ]
        if not rows:
            return
        with self._database(create=True) as database:
            if database is None:
                return
            used = time.time_ns()
            database.executemany(
                "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(*(_signed(n) for n in row[:5]), *row[5:], used) for row in rows],
            )
            database.execute(
                "DELETE FROM digest WHERE (device, inode, algorithm) IN (SELECT device, inode, "
                "algorithm FROM digest ORDER BY used DESC, device, inode, algorithm "
                "LIMIT -1 OFFSET ?)",
                (MAX_ENTRIES,),
            )

    @contextlib.contextmanager
    def _database(self, *, create: bool) -> Iterator[sqlite3.Connection | None]:
        """The open database, None where it cannot be used. What is done in it is done whole."""
        path = self.folder / FILENAME
        try:
            if create:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            elif not path.exists():
                yield None
                return
            self.note = _not_ours(self.folder) or _not_ours(path)
        except OSError as error:
            self.note = f"the digest cache is not used: {error.strerror}"
        if self.note:
            yield None
            return
        import sqlite3

        database = sqlite3.connect(path, timeout=_BUSY_SECONDS)
        try:
            try:
                database.execute(_TABLE)
            except sqlite3.Error as error:
                self.note = f"the digest cache is not used: {error}"
                if not isinstance(error, sqlite3.OperationalError):
                    path.unlink(missing_ok=True)  # it is no database; the next run begins one
                yield None
                return
            with database:
                yield database
        except sqlite3.Error as error:
            self.note = f"the digest cache is not used: {error}"
        finally:
            database.close()


def _known(
    database: sqlite3.Connection, opener: FileOpener, real: Parts, plan: Plan
) -> Content | None:
    """A file's content from the cache; None where it has to be read, or cannot be opened."""
    try:
        descriptor, status = opener.open(real)
    except Unreadable:
        return None  # reading it will say what is wrong
    try:
        if status.st_size < MIN_BYTES:
            return None
        identity = Identity.of(status)
        digests = _digests(database, identity, plan.names)
        if digests is None:
            return None
        kind = Kind.UNREAD
        if plan.classify:
            from weighbridge.formats.sniff import sniff

            head = os.pread(descriptor, HEAD_BYTES, 0)
            kind = sniff(
                Peek(lambda at, count: os.pread(descriptor, count, at), identity.size, head)
            )
    except OSError:
        return None  # as above
    finally:
        os.close(descriptor)
    return Content(identity.size, kind, Presence.CONTENT, digests, identity, origin=Origin.CACHED)


def _digests(
    database: sqlite3.Connection, identity: Identity, names: tuple[str, ...]
) -> tuple[Digest, ...] | None:
    rows = database.execute(
        "SELECT algorithm, value FROM digest WHERE device = ? AND inode = ? AND size = ? "
        "AND mtime = ? AND ctime = ?",
        tuple(_signed(number) for number in identity),
    ).fetchall()
    table = {algorithm: value for algorithm, value in rows if isinstance(value, str)}
    if not names or not all(name in table for name in names):
        return None
    try:
        return tuple(Digest(name, table[name]) for name in names)
    except MalformedDigest:
        return None


def _signed(number: int) -> int:
    """Inode and device numbers are unsigned 64 bits, SQLite's integers are signed."""
    return number - 2**64 if number >= 2**63 else number


def _not_ours(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return "the digest cache is not used: it is a symbolic link"
    if status.st_uid != os.geteuid():
        return "the digest cache is not used: it belongs to somebody else"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "the digest cache is not used: others may write to it"
    return ""
