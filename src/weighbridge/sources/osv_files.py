"""The files of a local OSV database, one record at a time, read where they lie.

The layout is that of osv-scanner, ``<ecosystem>/all.zip`` with one JSON file a record, or a plain
folder of such JSON files (a clone of a database, an unpacked archive). Nothing is extracted.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.sources.osv import ECOSYSTEM

MAX_ARCHIVE = 2**30  # bytes
MAX_RECORDS = 500_000
MAX_RECORD = 8 * 2**20  # bytes
MAX_TOTAL = 8 * 2**30  # bytes of all records of a database, unpacked
MAX_DEPTH = 8  # folders below the one given
_MAX_NAMES = 2_000_000  # of files and folders that are passed
_LOCAL = struct.Struct("<4s22xHH")
_ARCHIVES = (f"{ECOSYSTEM}/all.zip", f"osv-scanner/{ECOSYSTEM}/all.zip", "all.zip")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The bytes of one record. ``date`` is that of its entry in an archive, YYYY-MM-DD, or empty.

    ``name`` is its place in the database, for messages.
    """

    name: str
    data: bytes
    date: str = ""


def stored_records(folder: Path) -> Iterator[StoredRecord]:
    """Every record of a database, in the order of the archive or of the paths.

    Raises:
        HostileInput: there is no database in the folder, it is damaged, or past a bound.
    """
    yield from _summed(_records(folder), "the OSV database")


def plain_records(folder: Path, what: str) -> Iterator[StoredRecord]:
    """Every JSON file of a folder and of those in it, in the order of their paths.

    Args:
        folder: hidden files and links to folders are passed by.
        what: its name in messages.

    Raises:
        HostileInput: it holds none, one cannot be read, or it is past a bound.
    """
    yield from _summed(_plain(folder, what), what)


def _summed(records: Iterator[StoredRecord], what: str) -> Iterator[StoredRecord]:
    total = 0
    for record in records:
        total += len(record.data)
        if total > MAX_TOTAL:
            raise BoundExceeded(what, MAX_TOTAL, "bytes")
        yield record


def _records(folder: Path) -> Iterator[StoredRecord]:
    if not folder.is_dir():
        raise HostileInput("the OSV database is not a folder that can be read")
    for name in _ARCHIVES:
        if (folder / name).exists():
            yield from _archived(folder / name, name)
            return
    below = folder / ECOSYSTEM
    yield from _plain(below if below.is_dir() else folder, "the OSV database")


def _archived(path: Path, name: str) -> Iterator[StoredRecord]:
    where = f"the OSV database's {name}"
    try:
        with _opened(path, where, MAX_ARCHIVE) as stream, zipfile.ZipFile(stream) as archive:
            entries = [e for e in archive.infolist() if e.filename.lower().endswith(".json")]
            if len(entries) > MAX_RECORDS:
                raise BoundExceeded(where, MAX_RECORDS, "records")
            for entry in entries:
                year, month, day = entry.date_time[:3]
                data = _unpacked(stream, entry, where)
                yield _bounded(entry.filename, data, f"{year:04}-{month:02}-{day:02}", where)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
        ValueError, struct.error,
    ) as error:  # fmt: skip
        raise HostileInput(
            f"{where} is damaged or no archive: {visible(str(error), 160)}"
        ) from error


def _unpacked(stream: BinaryIO, entry: zipfile.ZipInfo, where: str) -> bytes:
    """One entry, found and checked by the archive's directory.

    ``zipfile`` makes four objects an entry, which for 20,000 of them costs as much as unpacking.
    Layout of the local header: PKWARE APPNOTE 6.3.10, section 4.3.7.
    """
    if entry.flag_bits & 0x1 or entry.compress_type not in (
        zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED,
    ):  # fmt: skip
        raise HostileInput(f"{where} has an entry that is encrypted or packed in another way")
    if entry.compress_size > MAX_RECORD:
        raise BoundExceeded(f"{where}, {visible(entry.filename, 120)},", MAX_RECORD, "bytes")
    stream.seek(entry.header_offset)
    signature, name_size, extra_size = _LOCAL.unpack(stream.read(_LOCAL.size))
    if signature != b"PK\x03\x04":
        raise HostileInput(f"{where} is damaged: an entry is not where it should be")
    data = stream.read(name_size + extra_size + entry.compress_size)[name_size + extra_size :]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        data = zlib.decompressobj(-15).decompress(data, MAX_RECORD + 1)
    if len(data) <= MAX_RECORD and zlib.crc32(data) != entry.CRC:
        raise HostileInput(f"{where} is damaged: {visible(entry.filename, 120)} is not as written")
    return data


def _plain(folder: Path, what: str) -> Iterator[StoredRecord]:
    passed = found = 0
    waiting = [(folder, 0)]
    while waiting:
        current, depth = waiting.pop()
        inner: list[tuple[Path, int]] = []
        for path, is_folder in _listing(current, what):
            passed += 1
            if passed > _MAX_NAMES:
                raise BoundExceeded(what, _MAX_NAMES, "files and folders")
            if is_folder:
                if depth == MAX_DEPTH:
                    raise BoundExceeded(what, MAX_DEPTH, "levels of folders")
                inner.append((path, depth + 1))
            elif path.suffix.lower() == ".json":
                found += 1
                if found > MAX_RECORDS:
                    raise BoundExceeded(what, MAX_RECORDS, "records")
                yield _file(path, path.relative_to(folder).as_posix(), what)
        waiting += reversed(inner)
    if not found:
        raise HostileInput(f"{what} is not in the folder given: it holds no JSON files")


def _listing(folder: Path, what: str) -> list[tuple[Path, bool]]:
    """What lies in a folder, sorted. Hidden names (``.git``) and links to folders are passed by."""
    try:
        with os.scandir(folder) as entries:
            found = [
                (folder / entry.name, entry.is_dir(follow_symlinks=False))
                for entry in entries
                if not entry.name.startswith(".")
            ]
    except OSError as error:
        raise HostileInput(f"a folder of {what} cannot be read: {error.strerror}") from error
    return sorted(found)


def _file(path: Path, name: str, what: str) -> StoredRecord:
    try:
        with _opened(path, f"{what}'s {visible(name, 120)}", MAX_RECORD) as stream:
            return _bounded(name, stream.read(MAX_RECORD + 1), "", what)
    except OSError as error:
        raise HostileInput(
            f"{what}'s {visible(name, 120)} cannot be read: {error.strerror}"
        ) from error


def _opened(path: Path, where: str, max_bytes: int) -> BinaryIO:
    """A regular file of at most so many bytes, opened without waiting for a pipe's writer."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise HostileInput(f"{where} is not a regular file")
        if found.st_size > max_bytes:
            raise BoundExceeded(where, max_bytes, "bytes")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _bounded(name: str, data: bytes, date: str, what: str) -> StoredRecord:
    if len(data) > MAX_RECORD:
        raise BoundExceeded(f"{what}'s {visible(name, 120)}", MAX_RECORD, "bytes")
    return StoredRecord(name, data, date)
