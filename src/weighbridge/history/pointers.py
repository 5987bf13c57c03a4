"""Pointers that a commit changed: what they pointed at before, and what they point at now.

Sources: the Git LFS specification (see :mod:`weighbridge.snapshot.pointer`); DVC's ``.dvc`` files,
YAML with ``outs:`` and in it ``md5`` and ``size`` of one file. Of a ``.dvc`` file only the first
output is read.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from weighbridge.history.changes import TreeComparer
from weighbridge.model.errors import HostileInput
from weighbridge.snapshot.git_objects import GitObjects
from weighbridge.snapshot.pointer import MalformedPointer, looks_like_pointer, parse_pointer

DVC = ".dvc"
MAX_CONTENT = 64 * 2**20  # a file that became a pointer is hashed up to this many bytes
_MAX_POINTER = 64 * 1024
_OUTS = re.compile(rb"^outs:[ ]*\r?\n(?P<body>(?:[ -][^\n]*\n?)+)", re.MULTILINE)
_MD5 = re.compile(rb"^[ -]+md5:[ ]*['\"]?([0-9a-f]{32}(?:\.dir)?)['\"]?[ ]*\r?$", re.MULTILINE)
_SIZE = re.compile(rb"^[ -]+size:[ ]*([0-9]{1,18})[ ]*\r?$", re.MULTILINE)
_HASH = re.compile(rb"^[ -]+hash:[ ]*md5[ ]*\r?$", re.MULTILINE)
What = Literal["lfs", "dvc", "file", "none", "unread"]


@dataclass(frozen=True, slots=True)
class Pointed:
    """What stands at a path: a pointer, a ``file`` with its content, nothing, or ``unread``.

    ``digest`` is ``sha256:…`` or ``md5:…``, ``size`` in bytes, -1 where it is not said.
    """

    what: What
    digest: str = ""
    size: int = -1


@dataclass(frozen=True, slots=True)
class PointerChange:
    """A pointer that a commit wrote."""

    path: str
    old: Pointed
    new: Pointed

    @property
    def converted(self) -> bool | None:
        """Whether a file became a pointer to other content; None where that was not compared."""
        if self.old.what == "unread":
            return None
        return self.old.what == "file" and self.old.digest != self.new.digest


def pointer_changes(
    objects: GitObjects, comparer: TreeComparer, weights: Mapping[str, str], parent: str | None
) -> tuple[PointerChange, ...]:
    """The pointers among a commit's changed weights.

    Args:
        objects: the repository's.
        comparer: finds what stood at a path before.
        weights: paths with the blob each got, as in a touch.
        parent: the tree of the first parent, None for a commit without any.
    """
    found = []
    for path, blob in sorted(weights.items()):
        new = _read(objects, path, blob)
        if new.what not in ("lfs", "dvc"):
            continue
        found.append(PointerChange(path, _before(objects, comparer, path, parent, new), new))
    return tuple(found)


def _before(
    objects: GitObjects, comparer: TreeComparer, path: str, parent: str | None, new: Pointed
) -> Pointed:
    if parent is None:
        return Pointed("none")
    try:
        blob = comparer.blob(parent, os.fsencode(path))
        if not blob and new.what == "dvc":
            path = path.removesuffix(DVC)  # "dvc add" takes the file itself out of git
            blob = comparer.blob(parent, os.fsencode(path))
    except HostileInput:
        return Pointed("unread")
    old = _read(objects, path, blob)
    if old.what != "file":
        return old
    try:
        data = objects.read(blob, MAX_CONTENT).data
    except HostileInput:
        return Pointed("unread")
    if new.what == "lfs":
        return Pointed("file", f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
    if not new.digest.startswith("md5:") or new.digest.endswith(".dir"):
        return Pointed("unread", size=len(data))
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()  # what DVC compares by
    return Pointed("file", f"md5:{md5}", len(data))


def _read(objects: GitObjects, path: str, blob: str) -> Pointed:
    """What a blob is; of a file no digest is made here."""
    if not blob:
        return Pointed("none")
    try:
        data = objects.read(blob, _MAX_POINTER).data
    except HostileInput:
        return Pointed("file")  # too long for a pointer, or not here
    if path.endswith(DVC):
        return _dvc(data)
    if looks_like_pointer(data):
        try:
            pointer = parse_pointer(data)
        except MalformedPointer:
            return Pointed("file")
        return Pointed("lfs", f"sha256:{pointer.digest.value}", pointer.size)
    return Pointed("file")


def _dvc(data: bytes) -> Pointed:
    outs = _OUTS.search(data)
    body = outs["body"] if outs else b""
    md5, size = _MD5.search(body), _SIZE.search(body)
    if md5 is None:
        return Pointed("file")
    # without "hash: md5" it is of DVC before 3.0, which hashed text with its line ends changed
    kind = "md5" if _HASH.search(body) else "md5-dos2unix"
    return Pointed("dvc", f"{kind}:{md5[1].decode()}", int(size[1]) if size else -1)
