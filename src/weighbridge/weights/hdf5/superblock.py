"""The superblock, what stands before it, and where the file says it ends (section II)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.checksum import check
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_WIDTHS = (2, 4, 8)
# What a loader of another kind would take the user block for.
_OTHER_FORMATS = (
    b"PK\x03\x04", b"\x7fELF", b"MZ", b"#!", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"\x93NUMPY", b"GGUF", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf",
    b"<?php", b"<script", b"<html", b"<!DOCTYPE",
)  # fmt: skip
# MATLAB's 128 bytes and Julia's line of text; anything printable is no worse.
_TEXT_BLOCK = re.compile(rb"(?:MATLAB [^\0]{0,116}.{12}|[\t\n\r\x20-\x7e]*)\0*\Z", re.S)
_LARGEST_LOOK = 64 * 1024
_MAX_LINE_ENDS = 8


@dataclass(frozen=True, slots=True)
class Superblock:
    """What the superblock says. ``tables`` are a version 0 root's B-tree and local heap."""

    version: int
    root: int
    extension: int
    driver: int
    tables: tuple[int, int] | None


def find(source: Source) -> int:
    """Where the superblock stands: at 0, 512, and every doubling; libraries take the first.

    Raises:
        HostileInput: there is none.
    """
    stream = source.open()
    at = 0
    while at + len(SIGNATURE) <= source.size:
        stream.seek(at)
        if stream.read(len(SIGNATURE)) == SIGNATURE:
            return at
        at = at * 2 or 512
    raise HostileInput("no HDF5 superblock")


def read(file: File, log: Log) -> Superblock:
    """Read the superblock and set the file's widths and end.

    Raises:
        HostileInput: it cannot be read.
    """
    head = file.fields(0, 9)
    head.skip(len(SIGNATURE))
    version = head.version("the superblock", 0, 1, 2, 3)
    found = _classic(file, version, log) if version < 2 else _modern(file, version, log)
    if found.driver != UNDEFINED:
        log.gap("a driver information block: the data lies in more files than this one")
    return found


def _classic(file: File, version: int, log: Log) -> Superblock:
    fields = file.fields(9, 7 + (12 if version else 8))
    fields.skip(4)  # versions of parts, which are all 0; one reserved byte
    _widths(file, fields)
    fields.skip(len(fields.data) - fields.at)
    at = 9 + len(fields.data)
    fields = file.fields(at, 4 * file.offsets + 2 * file.offsets + 24)
    base = fields.location()
    fields.skip(file.offsets)  # free-space information
    end, driver = fields.location(), fields.location()
    _end(file, base, end, log)
    fields.skip(file.offsets)
    root = fields.location()
    cached = fields.number(4)
    fields.skip(4)
    tables = (fields.location(), fields.location()) if cached == 1 else None
    return Superblock(version, root, UNDEFINED, driver, tables)


def _modern(file: File, version: int, log: Log) -> Superblock:
    fields = file.fields(9, 3)
    _widths(file, fields)
    size = 12 + 4 * file.offsets
    fields = file.fields(12, size - 12)
    base, extension, end, root = (fields.location() for _ in range(4))
    check(file, 0, file.read(0, size + 4), log)
    _end(file, base, end, log)
    return Superblock(version, root, extension, UNDEFINED, None)


def _widths(file: File, fields: Fields) -> None:
    offsets, lengths = fields.byte(), fields.byte()
    if offsets not in _WIDTHS or lengths not in _WIDTHS:
        raise HostileInput(f"addresses of {offsets} and lengths of {lengths} bytes")
    file.offsets, file.lengths = offsets, lengths


def _end(file: File, base: int, end: int, log: Log) -> None:
    """Compare the end that the superblock names with the file's: libraries refuse a shorter file.

    A base address that is not the superblock's own place is moved to it, and the end with it.
    """
    if base == UNDEFINED or end == UNDEFINED:
        raise HostileInput("the superblock names no end of the file")
    end -= base  # the superblock counts it from the file's first byte
    if end > file.end:
        log.issue(
            "truncated",
            f"the superblock names an end {end - file.end} bytes behind the file's",
            file.base,
        )
        log.gap("the HDF5 file is cut off", uninspected=False)
    elif end < file.end and _only_line_ends(file, max(end, 0)):
        file.end = max(end, 0)
    elif end < file.end:
        log.issue(
            "trailing-data",
            f"{file.end - end} bytes follow the end that the superblock names",
            file.base + max(end, 0),
        )
        file.end = max(end, 0)


def _only_line_ends(file: File, end: int) -> bool:
    """A few line ends, which editors and repository hooks add to a file's end, hold nothing."""
    length = file.end - end
    return length <= _MAX_LINE_ENDS and not file.read(end, length).strip(b"\r\n")


def inspect_user_block(source: Source, size: int, log: Log) -> None:
    """What stands before the superblock: nothing reads it as HDF5, so something else may.

    MATLAB and Julia write a line of text there. A pickle there is analysed.
    """
    log.bytes_read += min(size, _LARGEST_LOOK)
    head = source.part(0, min(size, _LARGEST_LOOK)).head(_LARGEST_LOOK)
    if looks_nested(head):
        scratch = log.scratch()
        found = inspect_pickles(source.part(0, size), scratch)
        log.absorb(scratch)
        if found.count:
            log.issue("polyglot", "the file is a pickle and an HDF5 file at once", 0)
            return
    if head.startswith(_OTHER_FORMATS):
        log.issue("polyglot", f"{size} bytes of another format precede the HDF5 file", 0)
    elif not _TEXT_BLOCK.match(head):
        log.issue("hidden-data", f"{size} bytes of no known format precede the HDF5 file", 0)
