"""The audit pack as a folder: what may lie in it, reading it, writing it whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest
from weighbridge.model.errors import BoundExceeded, HostileInput, SealError, UsageError

EVIDENCE = "evidence/sha256"
MAX_FILE_BYTES = 512 * 2**20
MAX_FILES = 100_000
_HEX = re.compile(r"[0-9a-f]{64}\Z")


def evidence_name(digest: Digest) -> str:
    """Where raw bytes lie in a pack.

    Raises:
        HostileInput: the digest is not a sha256.
    """
    if digest.algorithm != "sha256":
        raise HostileInput(f"raw evidence is addressed by sha256, not by {digest.algorithm}")
    return f"{EVIDENCE}/{digest.value}"


def listing(folder: Path) -> tuple[list[str], list[str]]:
    """Every file of a pack by its path with ``/``, and everything that a pack cannot hold.

    The second list names links, devices, folders other than those of the evidence, and these where
    they hold nothing. Nothing is followed.

    Raises:
        BoundExceeded: more than :data:`MAX_FILES` entries.
        OSError: a folder cannot be read.
    """
    files: list[str] = []
    strange: list[str] = []
    folders: list[str] = []
    for name, entry in _entries(folder):
        if entry.is_file(follow_symlinks=False):
            files.append(name)
        elif entry.is_dir(follow_symlinks=False) and name in ("evidence", EVIDENCE):
            folders.append(name)
        else:
            strange.append(name)
        if len(files) + len(strange) > MAX_FILES:
            raise BoundExceeded(f"the pack {visible(folder.name, 80)}", MAX_FILES, "files")
    held = [*files, *strange]
    strange += [name for name in folders if not any(n.startswith(f"{name}/") for n in held)]
    return sorted(files), sorted(strange)


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as top:
        for entry in top:
            yield entry.name, entry
    for inner in ("evidence", EVIDENCE):
        path = folder / inner
        # only real folders: a link was already reported as strange
        if path.is_dir() and not path.is_symlink() and not (folder / "evidence").is_symlink():
            with os.scandir(path) as below:
                for entry in below:
                    yield f"{inner}/{entry.name}", entry


def read_file(path: Path) -> bytes:
    """A regular file's bytes; links are not followed and devices not opened for long.

    Raises:
        HostileInput: it is something else, or larger than :data:`MAX_FILE_BYTES`.
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise HostileInput(f"{visible(path.name, 80)} is not a regular file")
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise BoundExceeded(visible(path.name, 80), MAX_FILE_BYTES, "bytes")
    return data


def check_target(out: Path) -> None:
    """Check that a pack may be written to ``out``: absent, empty, or an earlier pack.

    Raises:
        UsageError: anything else lies there. Nothing that we did not write is ever removed.
    """
    remedy = "Name a folder that does not exist yet, or an earlier audit pack."
    try:
        if out.is_symlink():
            raise UsageError(f"{out} is a symbolic link", remedy=remedy)
        if not out.exists():
            return
        if not out.is_dir():
            raise UsageError(f"{out} is not a folder", remedy=remedy)
        foreign = _foreign(out)
    except OSError as error:  # the name is too long, or a folder on the way is closed to us
        raise UsageError(f"{out} cannot be used: {error.strerror}", remedy=remedy) from error
    if foreign:
        raise UsageError(
            f"{out} holds {visible(foreign, 80)}, which is not part of an audit pack",
            remedy=remedy,
        )


def _foreign(out: Path) -> str:
    """Something in the folder that is not of a pack; empty where there is nothing of the kind."""
    from weighbridge.seal.renewals import RENEWALS_FILE
    from weighbridge.seal.seal_file import read_seal
    from weighbridge.seal.statement import PROOF_FILE, SEAL_FILE

    files, strange = listing(out)
    if strange:
        return strange[0]
    if not files:
        return ""
    if SEAL_FILE not in files:
        return files[0]
    try:
        _, statement = read_seal(read_file(out / SEAL_FILE))
    except HostileInput:
        return SEAL_FILE
    known = {name for name, _ in statement.files} | {SEAL_FILE, RENEWALS_FILE, PROOF_FILE}
    for name in files:
        folder, _, leaf = name.rpartition("/")
        if name not in known and not (folder == EVIDENCE and _HEX.match(leaf)):
            return name
    return ""


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Write a pack: into a folder beside ``out``, then by renaming it: no half is ever seen.

    An earlier pack is moved aside first and removed last; if the new one cannot take its place, it
    is moved back.

    Raises:
        UsageError: see :func:`check_target`.
        SealError: the disk is full or the folder cannot be written; ``out`` is as it was before.
    """
    check_target(out)
    out = out.absolute()
    workshop: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=out.parent))
        staging = workshop / "new"
        staging.mkdir()  # a folder of its own: mkdtemp's is closed to others
        for name in sorted(files):
            _write(staging / name, files[name])
        _sync(staging)
        _take_place(staging, out, workshop / "old")
        _sync(out.parent)
    except OSError as error:
        raise SealError(
            f"the audit pack {out} cannot be written: {error.strerror or error}",
            remedy="Make room, or name a folder that you can write to; nothing was changed.",
        ) from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _take_place(staging: Path, out: Path, aside: Path) -> None:
    try:
        staging.rename(out)  # also over an empty folder
    except OSError:
        if not out.is_dir():
            raise
    else:
        return
    out.rename(aside)
    try:
        check_target(aside)  # once more, now that nobody else can put anything into it
        staging.rename(out)
    except (OSError, UsageError):
        _restore(aside, out)
        raise


def _restore(aside: Path, out: Path) -> None:
    """Bring the earlier pack back; where that fails, save it from being cleared away."""
    try:
        aside.rename(out)
    except OSError as error:
        saved = out.with_name(f"{out.name}.earlier")
        aside.rename(saved)
        raise SealError(
            f"{out} could not be replaced: {error.strerror}",
            remedy=f"The earlier pack lies in {saved}.",
        ) from error


def _sync(folder: Path) -> None:
    """Make renames durable, where the file system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
