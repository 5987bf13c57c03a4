"""A ledger's files: opened by name from the ledger's folder without following any link.

What is written is written whole: to ``.new``, flushed, renamed, and the folder flushed. One writer
at a time holds ``.lock``. Whatever a killed writer leaves is ``.new`` and files that the checkpoint
does not reach yet.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.ledger.errors import LedgerDamaged, LedgerError
from weighbridge.model.errors import BoundExceeded

LOCK, STAGED = ".lock", ".new"
MAX_FILES = 50_000  # a full ledger has some 8,200, and 255 partial ones on each level
MAX_DEPTH = 6  # tile/0/x001/x234/067.p/12
_LOCK_SECONDS = 30.0
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LedgerFolder:
    """A ledger's folder. Names are relative to it, with ``/``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str, limit: int) -> bytes | None:
        """A file's bytes, None where there is none.

        Raises:
            LedgerDamaged: it is a link, or no regular file, or lies behind a link.
            BoundExceeded: it is larger than ``limit``.
            LedgerError: it cannot be read.
        """
        try:
            with self._parent(name) as (parent, leaf):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(leaf, flags, dir_fd=parent)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise LedgerDamaged(f"{visible(name, 80)} of the ledger is no regular file")
                data = stream.read(limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(name, error) from error
        if len(data) > limit:
            raise BoundExceeded(f"{visible(name, 80)} of the ledger", limit, "bytes")
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all, and make that durable.

        Raises:
            LedgerDamaged: a link lies on the way.
            LedgerError: it cannot be written.
        """
        try:
            with self._parent(STAGED) as (top, _), self._parent(name, make=True) as (parent, leaf):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(STAGED, dir_fd=top)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                descriptor = os.open(STAGED, flags, 0o644, dir_fd=top)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(STAGED, leaf, src_dir_fd=top, dst_dir_fd=parent)
                os.fsync(parent)
        except OSError as error:
            raise self._refused(name, error) from error

    def discard(self, name: str) -> None:
        """Remove a folder of files that are needed no more; what cannot be removed stays."""
        with contextlib.suppress(OSError), self._parent(f"{name}/.") as (folder, _):
            with os.scandir(folder) as entries:
                leaves = [entry.name for entry in entries]
            for leaf in leaves:
                os.unlink(leaf, dir_fd=folder)
            with self._parent(name) as (parent, last):
                os.rmdir(last, dir_fd=parent)

    def listing(self) -> tuple[list[str], list[str]]:
        """All regular files but the two of the writer, and everything else that is no folder.

        Raises:
            BoundExceeded: more than :data:`MAX_FILES` names or :data:`MAX_DEPTH` levels.
            LedgerError: a folder cannot be read.
        """
        files: list[str] = []
        strange: list[str] = []
        waiting = [""]
        count = 0
        while waiting:
            above = waiting.pop()
            try:
                with self._parent(f"{above}.") as (folder, _), os.scandir(folder) as entries:
                    for entry in entries:
                        name = f"{above}{entry.name}"
                        count += 1
                        if count > MAX_FILES or name.count("/") > MAX_DEPTH:
                            raise BoundExceeded("the ledger's folder", MAX_FILES, "files")
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(f"{name}/")
                        elif not entry.is_file(follow_symlinks=False):
                            strange.append(name)
                        elif name not in (LOCK, STAGED):
                            files.append(name)
            except OSError as error:
                raise self._refused(above, error) from error
        return sorted(files), sorted(strange)

    @contextlib.contextmanager
    def locked(self, *, write: bool) -> Iterator[None]:
        """Hold the ledger: alone for writing (the folder is made), with others for reading.

        Raises:
            LedgerError: another process holds it for too long, or the folder cannot be used.
        """
        try:
            if write:
                self.path.mkdir(parents=True, exist_ok=True)
            with self._parent(LOCK) as (top, _):
                flags = os.O_RDWR | os.O_CREAT if write else os.O_RDONLY
                held = os.open(LOCK, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644,
                               dir_fd=top)  # fmt: skip
        except FileNotFoundError:  # a copy on a disk that is only read has none
            if write:
                raise
            yield
            return
        except OSError as error:
            raise self._refused(LOCK, error) from error
        try:
            self._take(held, fcntl.LOCK_EX if write else fcntl.LOCK_SH)
            yield
        finally:
            os.close(held)

    def _take(self, held: int, how: int) -> None:
        end = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(held, how | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise LedgerError(
                        f"{self.path} is held by another process", remedy="Try again later."
                    ) from error
                time.sleep(0.02)
            else:
                return

    @contextlib.contextmanager
    def _parent(self, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that a name lies in, and its last part. No link below is followed."""
        *folders, leaf = name.split("/")
        current = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in folders:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=current)
                        os.fsync(current)
                inner = os.open(part, _FOLDER, dir_fd=current)
                os.close(current)
                current = inner
            yield current, leaf
        finally:
            os.close(current)

    def _refused(self, name: str, error: OSError) -> LedgerDamaged | LedgerError:
        where = visible(f"{self.path}/{name}".rstrip("/"), 200)
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO):
            return LedgerDamaged(f"{where} is a link or no regular file, and is not followed")
        return LedgerError(
            f"{where} cannot be used: {error.strerror}",
            remedy="Make room, or name a ledger's folder that you can read and write.",
        )
