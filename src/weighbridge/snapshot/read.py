"""One pass over a file: its digests, what it is, and whether it stood still meanwhile."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from weighbridge.model.artifact import Kind, Presence, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.snapshot.disk import DiskTree, Identity
from weighbridge.snapshot.hashing import MultiHash
from weighbridge.snapshot.pointer import (
    MAX_BYTES,
    MalformedPointer,
    looks_like_pointer,
    parse_pointer,
)
from weighbridge.snapshot.reasons import Unreadable, readable
from weighbridge.snapshot.sniff import HEAD_BYTES, Peek, sniff
from weighbridge.snapshot.tree import Parts

BUFFER_BYTES = 4 * 2**20
_ZEROS = memoryview(bytes(BUFFER_BYTES))


@dataclass(frozen=True, slots=True)
class Content:
    """What reading one file gave; ``problem`` where it, or a part of it, went wrong.

    Without ``digests`` the content could not be had, and there is no artifact.
    """

    size: int = 0
    kind: Kind = Kind.UNREAD
    presence: Presence = Presence.CONTENT
    digests: tuple[Digest, ...] = ()
    identity: Identity | None = None
    problem: tuple[ProblemKind, str] | None = None


class Stopped(Exception):
    """The run was interrupted while a file was being read."""


@dataclass(slots=True)
class Reader:
    """Reads one file after another with one buffer. A thread has its own."""

    tree: DiskTree
    algorithms: tuple[str, ...]
    stop: threading.Event
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(BUFFER_BYTES)))

    def read(self, at: Parts) -> Content:
        """Hash and classify one file. What the file does wrong is a problem, not an error."""
        try:
            descriptor = self.tree.open_file(at)
        except Unreadable as error:
            return Content(problem=(error.kind, error.detail))
        try:
            with readable():
                return self._read(descriptor)
        except Unreadable as error:
            return Content(problem=(error.kind, error.detail))
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int) -> Content:
        before = Identity.of(os.fstat(descriptor))
        hasher = MultiHash(self.algorithms, before.size)
        head, length = self._hash(descriptor, before.size, hasher)
        peek = Peek(lambda offset, count: os.pread(descriptor, count, offset), length, head)
        kind = sniff(peek)
        after = os.fstat(descriptor)
        if Identity.of(after) != before or length != before.size or after.st_nlink == 0:
            return Content(problem=(ProblemKind.CHANGED, "it changed while it was being read"))
        return describe(peek, kind, hasher.digests(), before)

    def _hash(self, descriptor: int, size: int, hasher: MultiHash) -> tuple[bytes, int]:
        """Feed the whole file to the hashers; the first bytes and the length that was met."""
        head = b""
        position = 0
        sparse = has_holes(descriptor, size)
        while position <= size:
            if self.stop.is_set():
                raise Stopped
            chunk = self._chunk(descriptor, position, size, sparse)
            if not chunk:
                break
            if position == 0:
                head = bytes(chunk[:HEAD_BYTES])
            hasher.update(chunk)
            position += len(chunk)
        return head, position

    def _chunk(self, descriptor: int, position: int, size: int, sparse: bool) -> memoryview:
        """The next bytes of the file. A hole as long as the buffer is not fetched from disk."""
        if sparse and _next_data(descriptor, position, size) - position >= len(_ZEROS):
            return _ZEROS
        return self.buffer[: os.preadv(descriptor, [self.buffer], position)]


def describe(
    peek: Peek, kind: Kind, digests: tuple[Digest, ...], identity: Identity | None = None
) -> Content:
    """The content of a file that was read whole: itself, or what a pointer in it stands for."""
    if not looks_like_pointer(peek.head):
        return Content(peek.size, kind, Presence.CONTENT, digests, identity)
    try:
        pointer = parse_pointer(peek.head if peek.size < MAX_BYTES else peek.head[:MAX_BYTES])
    except MalformedPointer as error:
        problem = (ProblemKind.MALFORMED_POINTER, f"a Git LFS pointer gone wrong: {error.message}")
        return Content(peek.size, kind, Presence.CONTENT, digests, identity, problem)
    return Content(pointer.size, Kind.UNREAD, Presence.POINTER, (pointer.digest,), identity)


def has_holes(descriptor: int, size: int) -> bool:
    """Whether a file has stretches that were never written, and its file system says so."""
    if size < BUFFER_BYTES:
        return False
    try:
        return os.lseek(descriptor, 0, os.SEEK_HOLE) < size
    except OSError:
        return False


def _next_data(descriptor: int, position: int, size: int) -> int:
    try:
        return os.lseek(descriptor, position, os.SEEK_DATA)
    except OSError:
        return size  # ENXIO: nothing but a hole until the end
