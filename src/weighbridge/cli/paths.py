"""Paths that a user gives on the command line."""

from __future__ import annotations

from pathlib import Path

from weighbridge.model.errors import UsageError


def read_small(path: Path, limit: int, what: str) -> bytes:
    """A regular file of at most ``limit`` bytes.

    Raises:
        UsageError: it is missing, no regular file (a FIFO would wait forever), or larger.
    """
    try:
        if not path.is_file():
            raise UsageError(f"{what} {str(path)!r} is not there, or is no regular file")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{what} {str(path)!r} cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise UsageError(f"{what} {str(path)!r} is larger than {limit} bytes")
    return data


def check_model(model: Path) -> None:
    """Refuse what can be no model: nothing there, a FIFO, a device.

    Raises:
        UsageError: it is neither a folder nor a regular file.
    """
    if not model.is_dir() and not model.is_file():
        raise UsageError(
            f"{str(model)!r} is neither a folder nor a file",
            remedy="Give the model's folder, or the file that is the model.",
        )


def relative_to_model(path: Path, model: Path) -> str:
    """The path as the model's files are named, with ``/``; empty where it lies outside."""
    if not model.is_dir():
        return ""  # nothing lies in a model that is one file
    folder = path.parent.resolve()
    root = model.resolve()
    if not folder.is_relative_to(root):
        return ""
    return (folder / path.name).relative_to(root).as_posix()


def write_result(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all.

    Raises:
        UsageError: the folder is missing, full or not to be written to.
    """
    from weighbridge.edge.files import write_atomic

    try:
        write_atomic(path, data, mode=mode)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be written: {error.strerror}") from error
