"""Zip archives that frameworks load: torch's, NumPy's ``.npz``, Keras's, and any other zip."""

from __future__ import annotations

import re
from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import numpy
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import Pickles, inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.torch_storage import count_storages, storage_bytes
from weighbridge.weights.zip.directory import Member, read_directory
from weighbridge.weights.zip.members import Placed, content, place_members, verify

MAX_DEPTH = 3  # of archives inside archives
MAX_SNIFFED = 50_000  # members whose first bytes are looked at
MAX_OVERLAPPING = 50  # of an archive whose members overlap: one could be inflated many times
_HEAD = 512
_EXECUTABLE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_STORAGE = re.compile(r"(?:.*/)?data/(\d+)\Z", re.I)
# What torch writes besides pickles and storages (torch/serialization.py, caffe2/serialize).
_TORCH_EXTRAS = re.compile(
    r"(?:.*/)?(version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id)\Z"
)


def inspect_torch(source: Source, log: Log, depth: int = 0) -> None:
    """torch's zip: every member that is a pickle is analysed, storages are measured, not read."""
    archive = _Archive(source, log, depth)
    archive.walk(_torch_member)
    if archive.placed and not any(
        p.member.name.casefold().endswith("data.pkl") for p in archive.placed
    ):
        log.issue("missing-member", "a torch archive without data.pkl", -1, "")
    archive.compare_storages()


def inspect_numpy(source: Source, log: Log, depth: int = 0) -> None:
    """``.npz``: every member must be a ``.npy``."""
    _Archive(source, log, depth).walk(_numpy_member)


def inspect_keras(source: Source, log: Log, depth: int = 0) -> None:
    """Keras's zip: its structure and its pickles. Its configuration has no reader yet."""
    _Archive(source, log, depth).walk(_any_member)
    log.gap("no reader for Keras configurations yet: layers that run code would not be seen")


def inspect_any(source: Source, log: Log, depth: int = 0) -> None:
    """Any other zip: what is inside decides."""
    _Archive(source, log, depth).walk(_any_member)


class _Archive:
    def __init__(self, source: Source, log: Log, depth: int) -> None:
        self.source, self.log, self.depth = source, log, depth
        self.placed: tuple[Placed, ...] = ()
        self.storages: dict[str, tuple[str, int]] = {}
        self.unread: list[str] = []

    def walk(self, visit: Callable[[_Archive, Placed, Source, bytes], None]) -> None:
        """Place the members and visit each; what precedes them is tried as a pickle."""
        if self.depth >= MAX_DEPTH:
            self.log.gap(f"archives nested more than {MAX_DEPTH} deep")
            return
        outer = self.log.member
        directory = read_directory(self.source, self.log)
        self.log.bytes_read += sum(46 + len(m.raw_name) for m in directory.members)
        self.placed = place_members(self.source, directory, self.log)
        self._prefix()
        most = MAX_OVERLAPPING if self.log.has_issue("overlapping-members") else MAX_SNIFFED
        seen: set[tuple[int, int, int, str]] = set()
        for number, item in enumerate(self.placed):
            suffix = item.member.name.rpartition(".")[2].casefold()
            extent = (item.data, item.member.packed, item.member.method, suffix)
            if extent in seen:
                continue  # the same bytes, to be read the same way: place_members reports it
            seen.add(extent)
            if number >= most:
                self.log.gap(f"only the first {most} of the archive's members were looked at")
                break
            self.log.member = f"{outer}!{item.member.name}" if outer else item.member.name
            try:
                self._visit(item, visit)
            except HostileInput as error:
                self._damaged(error)
            finally:
                self.log.member = outer
        if self.unread:
            shown = ", ".join(sorted(self.unread)[:3])
            self.log.gap(f"{len(self.unread)} members of kinds that have no reader here: {shown}")

    def _visit(
        self, item: Placed, visit: Callable[[_Archive, Placed, Source, bytes], None]
    ) -> None:
        source = content(self.source, item, self.log)
        if item.member.name.endswith("/") and not item.member.size:
            return
        if source is None:
            self.log.gap(f"compression method {item.member.method} has no reader here")
            return
        head = source.head(_HEAD)
        if head.startswith(_EXECUTABLE) and not _STORAGE.match(item.member.name):
            self.log.issue("executable-member", "a program or library lies among the weights")
        visit(self, item, source, head)

    def _damaged(self, error: HostileInput) -> None:
        if isinstance(error, BoundExceeded):
            self.log.gap(str(error))
        else:
            self.log.issue("damaged-member", str(error))
            self.log.gap(str(error), uninspected=False)

    def _prefix(self) -> None:
        """An archive that starts with something else may be loaded as that: torch looks there."""
        head = self.source.head(_HEAD)
        if not head.startswith(b"PK"):
            scratch = self.log.scratch()
            found = inspect_pickles(self.source, scratch)
            if found.count:
                self.log.issue("polyglot", "the file is a pickle and a zip archive at once", 0)
                self.log.absorb(scratch)
            else:
                self.log.absorb(scratch, least=Verdict.DANGEROUS)

    def pickle(self, source: Source, member: Member) -> None:
        """Analyse a member that is, or should be, pickles."""
        found: Pickles = inspect_pickles(source, self.log)
        self.storages.update(found.storages)
        verify(source, member, self.log)

    def nested(self, item: Placed, source: Source, head: bytes) -> None:
        """A member that is an archive itself."""
        if source.size < 0:
            self.log.gap("a compressed archive inside an archive has no reader here")
        elif b"data.pkl" in head:
            inspect_torch(source, self.log, self.depth + 1)
        else:
            inspect_any(source, self.log, self.depth + 1)

    def compare_storages(self) -> None:
        """Each storage that a pickle names must be there, with as many bytes as it needs."""
        count_storages(self.storages, self.log)
        sizes: dict[str, int] = {}
        for item in self.placed:
            match = _STORAGE.match(item.member.name)
            if match:
                sizes[match.group(1)] = item.member.size
        for key, (kind, count) in sorted(self.storages.items()):
            needed = storage_bytes(kind, count)
            if needed is not None and key in sizes and sizes[key] != needed:
                self.log.issue(
                    "storage-size", f"storage {key} needs {needed} bytes and has {sizes[key]}", -1
                )
            elif key not in sizes:
                self.log.issue(
                    "missing-member", f"the pickle names storage {key}, which is missing", -1
                )


def _torch_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    name = item.member.name
    if name.casefold().endswith(".pkl"):
        archive.pickle(source, item.member)
    elif _STORAGE.match(name):
        _maybe_pickle(archive, source, head)
    elif head.startswith(b"PK\x03\x04"):
        archive.nested(item, source, head)
    elif re.search(r"(?:\A|/)code/.*\.py(\.debug_pkl)?\Z", name):
        archive.unread.append(name)
    elif _TORCH_EXTRAS.match(name) or _maybe_pickle(archive, source, head):
        pass
    else:
        archive.unread.append(name)


def _numpy_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    if not head.startswith(b"\x93NUMPY"):
        archive.log.issue("foreign-member", "a member of the .npz archive is not a .npy array")
        _any_member(archive, item, source, head)
        return
    numpy.inspect(source, archive.log, item.member.size)


def _any_member(archive: _Archive, item: Placed, source: Source, head: bytes) -> None:
    name = item.member.name
    if head.startswith(b"PK\x03\x04"):
        archive.nested(item, source, head)
    elif head.startswith(b"\x93NUMPY"):
        numpy.inspect(source, archive.log, item.member.size)
    elif re.search(r"\.(pkl|pickle|joblib)\Z", name, re.I):
        archive.pickle(source, item.member)
    elif not _maybe_pickle(archive, source, head) and item.member.size:
        archive.unread.append(name)


def _maybe_pickle(archive: _Archive, source: Source, head: bytes) -> bool:
    """Try content that looks like a pickle; raw numbers that do so by chance leave no trace."""
    if not looks_nested(head):
        return False
    scratch = archive.log.scratch()
    found = inspect_pickles(source, scratch)
    if found.count:
        archive.log.take(scratch)
    else:
        archive.log.absorb(scratch, least=Verdict.DANGEROUS)
    return bool(found.count)
