"""One pass over a file: its digests, what it is, and whether it stood still meanwhile."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import NamedTuple

from weighbridge.formats.peek import HEAD_BYTES, Peek
from weighbridge.model.artifact import Kind, Presence, ProblemKind
from weighbridge.model.digest import Digest
from weighbridge.snapshot.ahead import ahead
from weighbridge.snapshot.disk import DiskTree, FileOpener, Identity
from weighbridge.snapshot.hashing import MAX_SHARDS, MultiHash, Plan, hash_of, new_hasher
from weighbridge.snapshot.origin import Origin
from weighbridge.snapshot.pointer import (
    MAX_BYTES,
    MalformedPointer,
    looks_like_pointer,
    parse_pointer,
)
from weighbridge.snapshot.reasons import Unreadable, os_problem
from weighbridge.snapshot.tree import Parts

BUFFER_BYTES = 4 * 2**20
_ZEROS = memoryview(bytes(BUFFER_BYTES))


class Content(NamedTuple):
    """What reading one file gave; ``problem`` where it, or a part of it, went wrong.

    Without ``digests`` the content could not be had, and there is no artifact. ``shards`` are the
    digests of the file's pieces where they were asked for. ``bytes_read`` counts what was hashed.
    """

    size: int = 0
    kind: Kind = Kind.UNREAD
    presence: Presence = Presence.CONTENT
    digests: tuple[Digest, ...] = ()
    identity: Identity | None = None
    problem: tuple[ProblemKind, str] | None = None
    shards: tuple[str, ...] = ()
    origin: Origin = Origin.READ
    bytes_read: int = 0


class Part(NamedTuple):
    """Some neighboring shards of a file, or why they could not be read."""

    identity: Identity | None
    digests: list[str]
    problem: tuple[ProblemKind, str] | None = None


class Stop:
    """Says to the readers in all threads that the run was interrupted.

    None of them waits for it, so that it need not be a ``threading.Event``.
    """

    __slots__ = ("asked",)

    def __init__(self) -> None:
        self.asked = False


class Stopped(Exception):
    """The run was interrupted while a file was being read."""


_CHANGED = (ProblemKind.CHANGED, "it changed while it was being read")


class Reader:
    """Reads one file after another with one buffer. A thread has its own."""

    def __init__(self, tree: DiskTree, plan: Plan, stop: Stop, *, alone: bool = False) -> None:
        self.files = FileOpener(tree)
        self.plan = plan
        self.stop = stop
        self.alone = alone
        # fresh pages from the system: those that small files never reach are never touched
        self.buffer = memoryview(mmap.mmap(-1, BUFFER_BYTES))
        self._buffers = [self.buffer]

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.files.close()

    def read(self, at: Parts) -> Content:
        """Hash and classify one file. What the file does wrong is a problem, not an error."""
        content = self.read_below(at, None)
        assert isinstance(content, Content)
        return content

    def read_below(self, at: Parts, limit: int | None) -> Content | os.stat_result:
        """As :meth:`read`; of a file of ``limit`` bytes or more the status alone."""
        try:
            descriptor, status = self.files.open(at)
        except Unreadable as error:
            return Content(problem=(error.kind, error.detail))
        try:
            if limit is not None and status.st_size >= limit:
                return status
            if self.plan.classify or self.plan.shards is not None:
                return self._read(descriptor, status)
            return self._read_small(descriptor, status) or self._read(descriptor, status)
        except OSError as error:
            return Content(problem=os_problem(error))
        finally:
            os.close(descriptor)

    def read_part(self, at: Parts, first: int, last: int) -> Part:
        """Hash the shards from ``first`` to before ``last``."""
        try:
            descriptor, status = self.files.open(at)
        except Unreadable as error:
            return Part(None, [], (error.kind, error.detail))
        try:
            before = Identity.of(status)
            digests = self._shards(descriptor, before.size, first, last)
            same = _stood_still(descriptor, before)
        except OSError as error:
            return Part(None, [], os_problem(error))
        finally:
            os.close(descriptor)
        return Part(before, digests) if same else Part(None, [], _CHANGED)

    def finish(self, at: Parts, parts: list[Part]) -> Content:
        """The content of a file whose shards were read in several parts, in order."""
        problem = next((part.problem for part in parts if part.problem), None)
        if problem is None and len({part.identity for part in parts}) != 1:
            problem = _CHANGED
        identity = parts[0].identity
        shards = self.plan.shards
        if problem is not None or identity is None or shards is None:
            return Content(problem=problem or _CHANGED)
        digests = [digest for part in parts for digest in part.digests]
        if len(digests) != shards.count(identity.size):
            return Content(problem=_CHANGED)
        return Content(
            identity.size,
            Kind.UNREAD,
            Presence.CONTENT,
            (shards.join(digests),),
            identity,
            shards=tuple(digests),
            bytes_read=identity.size,
        )

    def _read_small(self, descriptor: int, status: os.stat_result) -> Content | None:
        """A file that fits into the buffer and is no pointer: the same in fewer steps.

        A model of many small files costs what each of them costs here.
        """
        before = Identity.of(status)
        size = before.size
        if not 0 < size < BUFFER_BYTES:
            return None
        data = self.buffer[: os.preadv(descriptor, self._buffers, 0)]
        if len(data) != size or not _stood_still(descriptor, before):
            return Content(problem=_CHANGED)
        if looks_like_pointer(bytes(data[:64])):
            return None
        digests = tuple([Digest(name, hash_of(name, data)) for name in self.plan.whole])
        return Content(size, Kind.UNREAD, Presence.CONTENT, digests, before, bytes_read=size)

    def _read(self, descriptor: int, status: os.stat_result) -> Content:
        before = Identity.of(status)
        size = before.size
        hasher = MultiHash(self.plan.whole, size, alone=self.alone)
        shards: list[str] = []
        if self.plan.shards is not None:
            if self.plan.shards.count(size) > MAX_SHARDS:
                detail = f"it has more than {MAX_SHARDS} shards of {self.plan.shards.size} bytes"
                return Content(problem=(ProblemKind.BOUND, detail))
            shards = self._shards(descriptor, size, 0, self.plan.shards.count(size))
        head, length = self._whole(descriptor, size, hasher)
        if length != size:
            return Content(problem=_CHANGED)
        kind = Kind.UNREAD if size else Kind.EMPTY
        peek = Peek(lambda offset, count: os.pread(descriptor, count, offset), length, head)
        if self.plan.classify:
            from weighbridge.formats.sniff import sniff

            kind = sniff(peek)
        if not _stood_still(descriptor, before):
            return Content(problem=_CHANGED)
        digests = hasher.digests()
        if self.plan.shards is not None:
            digests = (*digests, self.plan.shards.join(shards))
        content = describe(peek, kind, digests, before)
        if content.presence is not Presence.CONTENT:
            return content
        return content._replace(shards=tuple(shards), bytes_read=size)

    def _whole(self, descriptor: int, size: int, hasher: MultiHash) -> tuple[bytes, int]:
        """Feed the whole file to the hashers; the first bytes and the length that was met."""
        if not self.plan.whole:
            head = os.pread(descriptor, HEAD_BYTES, 0)
            return head, os.fstat(descriptor).st_size
        head = b""
        position = 0
        for chunk in self._chunks(descriptor, size):
            if self.stop.asked:
                raise Stopped
            if position == 0:
                head = bytes(chunk[:HEAD_BYTES])
            hasher.update(chunk)
            position += len(chunk)
            if position > size or position == size < BUFFER_BYTES:
                break  # it has grown; or the buffer had room for more, and there was none
        return head, position

    def _chunks(self, descriptor: int, size: int) -> Iterator[memoryview]:
        """The file's bytes, piece after piece; each is valid until the next is asked for."""
        sparse = has_holes(descriptor, size)
        if self.alone and size > BUFFER_BYTES:

            def fetch(position: int, into: memoryview) -> memoryview:
                return self._chunk(descriptor, position, size, sparse, into)

            yield from ahead(fetch, BUFFER_BYTES)
            return
        position = 0
        while chunk := self._chunk(descriptor, position, size, sparse, self.buffer):
            yield chunk
            position += len(chunk)

    def _shards(self, descriptor: int, size: int, first: int, last: int) -> list[str]:
        shards = self.plan.shards
        assert shards is not None
        sparse = has_holes(descriptor, size)
        digests: list[str] = []
        for index in range(first, last):
            hasher = new_hasher(shards.algorithm)
            position, end = index * shards.size, min((index + 1) * shards.size, size)
            while position < end:
                if self.stop.asked:
                    raise Stopped
                room = self.buffer[: end - position]
                chunk = self._chunk(descriptor, position, size, sparse, room)
                if not chunk:
                    break
                hasher.update(chunk)
                position += len(chunk)
            digests.append(hasher.hexdigest())
        return digests

    def _chunk(
        self, descriptor: int, position: int, size: int, sparse: bool, into: memoryview
    ) -> memoryview:
        """The next bytes of the file. A hole as long as the buffer is not fetched from disk."""
        if sparse and _next_data(descriptor, position, size) - position >= len(_ZEROS):
            return _ZEROS[: len(into)]
        return into[: os.preadv(descriptor, [into], position)]


def _stood_still(descriptor: int, before: Identity) -> bool:
    after = os.fstat(descriptor)
    return (
        after.st_mtime_ns == before.mtime_ns
        and after.st_ctime_ns == before.ctime_ns
        and after.st_size == before.size
        and after.st_nlink != 0  # the descriptor is the same, so device and inode are
    )


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
    digests = (pointer.digest,)
    return Content(
        pointer.size, Kind.UNREAD, Presence.POINTER, digests, identity, origin=Origin.DECLARED
    )


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
