"""Reaching the files of an installed environment: never run, never waited for, never outside it.

An environment is the folder of installed packages (``site-packages``) and the prefix above it
(``bin``, ``share``), where packages put scripts and data (sysconfig's installation schemes).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.source import MalformedSource

MAX_ENTRIES = 1_000_000
METADATA_SUFFIXES = (".dist-info", ".egg-info")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# lib/python3.12/site-packages, Debian's lib/python3/dist-packages, and Lib/site-packages of Windows
_POSIX = re.compile(r"/(?:lib|lib64)/python3(?:\.\d{1,2})?t?/(?:site|dist)-packages\Z")
_WINDOWS = re.compile(r"/Lib/site-packages\Z")


class EnvironmentUnreadable(HostileInput):
    """The folder is missing, no folder, or may not be listed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an environment lies: ``folder`` with no link in it, ``prefix`` above or the folder."""

    folder: str
    prefix: str

    def holds(self, real: str) -> bool:
        """Whether a path without links lies in the environment."""
        return real == self.prefix or real.startswith(self.prefix.rstrip("/") + "/")


def place_of(folder: Path) -> Place:
    """The folder's real path and its prefix; where its path tells of no prefix, the folder itself.

    Raises:
        EnvironmentUnreadable: it is missing, or no folder.
    """
    try:
        real = os.path.realpath(folder, strict=True)
        if not stat.S_ISDIR(Path(real).stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError as error:
        raise unreadable(error) from error
    for form, levels in ((_POSIX, 3), (_WINDOWS, 2)):
        if form.search(real):
            return Place(real, str(Path(real).parents[levels - 1]))
    return Place(real, real)


def unreadable(error: OSError) -> EnvironmentUnreadable:
    """The error of a folder that cannot be listed."""
    return EnvironmentUnreadable(
        f"the environment cannot be listed: {error.strerror}",
        remedy="Give the path of its site-packages folder.",
    )


def metadata_folders(folder: Path) -> list[str]:
    """The names that end in ``.dist-info`` and ``.egg-info``, sorted.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
        BoundExceeded: it holds too much.
    """
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count > MAX_ENTRIES:
                    raise BoundExceeded("the environment", MAX_ENTRIES, "entries")
                if entry.name.endswith(METADATA_SUFFIXES):
                    names.append(entry.name)
    except OSError as error:
        raise unreadable(error) from error
    return sorted(names)


def read_regular(path: Path | str, limit: int) -> bytes:
    """A regular file's bytes; a link, device or FIFO is refused and never waited for.

    Raises:
        MalformedSource: it is no regular file.
        BoundExceeded: it is longer than ``limit`` bytes.
        OSError: it cannot be opened.
    """
    name = Path(path).name
    try:
        descriptor = open_regular(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise MalformedSource(f"{name} is a symbolic link, which is not followed") from error
        raise
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise MalformedSource(f"{name} is not a regular file")
        if status.st_size > limit:
            raise BoundExceeded(name, limit, "bytes")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise BoundExceeded(name, limit, "bytes")
    return data


def read_inside(place: Place, path: str, limit: int) -> bytes:
    """As :func:`read_regular`, following links as long as they stay in the environment.

    Raises:
        MalformedSource: also where a link leads out of it.
    """
    real = os.path.realpath(path, strict=True)
    if not place.holds(real):
        raise MalformedSource(f"{Path(path).name} is a link that leads out of it")
    return read_regular(real, limit)


def open_regular(path: Path | str, folder: int | None = None) -> int:
    """A descriptor, below an open folder where one is given. The caller checks what it is of."""
    return os.open(path, _OPEN, dir_fd=folder)
