"""Operating system errors as problems, in words that are the same on every machine."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from weighbridge.model.artifact import ProblemKind

_WORDS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EIO: "the disk reports a read error",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ESTALE: "the network file system lost it",
}
# What an entry that the walk saw as a file answers when something else has taken its place.
_SWAPPED = frozenset({errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})


class Unreadable(Exception):
    """A path that cannot be read, and why: what a tree of files answers instead of an entry."""

    def __init__(self, kind: ProblemKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Turn the operating system's errors into :class:`Unreadable`."""
    try:
        yield
    except OSError as error:
        raise Unreadable(*os_problem(error)) from error


def os_problem(error: OSError) -> tuple[ProblemKind, str]:
    """The kind and the reason, without any path of the machine and without its locale."""
    number = error.errno or 0
    if number == errno.ENOENT:
        return ProblemKind.VANISHED, "it was there when the folder was listed, and then gone"
    if number in _SWAPPED:
        return ProblemKind.CHANGED, "it was replaced by something else while it was being read"
    name = errno.errorcode.get(number, "unknown error")
    words = _WORDS.get(number, "the operating system refuses to read it")
    return ProblemKind.UNREADABLE, f"{words} ({name})"
