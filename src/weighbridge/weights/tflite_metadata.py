"""What belongs to a TensorFlow Lite model and lies outside its tables: the zip archive of label
files that may follow it, and tensors in other files.

Source: TensorFlow Lite Metadata (``tensorflow/lite/g3doc/models/convert/metadata.md``): associated
files are packed as a zip archive behind the model, so that the file is both. Python's writer
counts offsets from the start of the file, the C++ one from the start of the archive.
"""

from __future__ import annotations

import re

from weighbridge.weights.hidden_content import Content
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow.paths import outside
from weighbridge.weights.zip.directory import read_directory
from weighbridge.weights.zip.members import Placed, content, place_members, verify

MAX_FILES = 1000
MAX_PADDING = 4096  # bytes between the model and what follows, or behind it
_TAIL = 65_535 + 22
_HEAD = 4096
# ScaNN's index of an on-device searcher is a LevelDB table; SentencePiece's model a message whose
# first entries are its pieces.
_LEVELDB = 0xDB4775248B80FB57.to_bytes(8, "little")
_PIECES = re.compile(rb"\n[\x05-\x7f]\n[\x01-\x7f]")


def judge_external(name: str, at: int, log: Log) -> None:
    """A file that tensors are read from: it must lie beside the model."""
    if outside(name):
        log.operation(
            Verdict.DANGEROUS, "operator", "ExternalBufferGroup", f"ExternalBufferGroup({name!r})",
            "reads tensors from a file outside the model's folder", at, "ExternalBufferGroup",
        )  # fmt: skip


def inspect_tail(source: Source, end: int, log: Log, content_of: Content) -> None:
    """What stands behind the model's last table: nothing, or an archive of label files.

    Args:
        source: the file.
        end: the offset behind the last byte that the model's tables claim.
        log: gets what is found.
        content_of: looks at what is no archive.

    Raises:
        HostileInput: the archive cannot be read.
    """
    if source.size - end < 22:
        return
    start = max(source.size - _TAIL, end)
    tail = _read(source, start, source.size - start)
    log.bytes_read += len(tail)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or place + 22 > len(tail):
        if start == end:
            if not tail.strip(b"\0"):
                return
            skipped = len(tail) - len(tail.lstrip(b"\0"))
            content_of.look(end + skipped, source.size - end - skipped, "what follows the model")
        if source.size - end > MAX_PADDING:
            log.issue(
                "trailing-data", f"{source.size - end} bytes behind the model belong to none", end
            )
        return
    size, offset = (int.from_bytes(tail[place + at : place + at + 4], "little") for at in (12, 16))
    origin = start + place - size - offset
    if end - MAX_PADDING <= origin <= source.size:
        _inspect_archive(source.part(origin, source.size - origin), end - origin, log)
    else:
        _inspect_archive(source, end, log)


def _read(source: Source, start: int, count: int) -> bytes:
    stream = source.part(start, count).open()
    parts = []
    while part := stream.read(count):
        parts.append(part)
    return b"".join(parts)


def _inspect_archive(source: Source, end: int, log: Log) -> None:
    """``end``: where the model's tables end, from the start of ``source``."""
    scratch = log.scratch()
    directory = read_directory(source, scratch)
    placed = place_members(source, directory, scratch)
    for issue in scratch.freeze("zip").issues:
        if (issue.code, issue.offset) != ("hidden-data", 0):  # the model precedes it
            log.issue(issue.code, issue.message, issue.offset, issue.member)
    for gap in scratch.gaps:
        log.gap(gap, uninspected=scratch.uninspected)
    first = min((item.member.offset for item in placed), default=end)
    if not 0 <= first - end <= MAX_PADDING:
        log.issue("hidden-data", "the associated files do not follow the model's last table", first)
    if len(placed) > MAX_FILES:
        log.gap(f"only the first {MAX_FILES} of the model's associated files were looked at")
    for item in placed[:MAX_FILES]:
        _inspect_file(source, item, log)


def _inspect_file(source: Source, item: Placed, log: Log) -> None:
    """An associated file: labels and vocabularies are text; anything else is looked into."""
    name = item.member.name
    packed = content(source, item, log)
    if packed is None:
        log.gap(f"compression method {item.member.method} of {name} has no reader here")
        return
    head = _first(packed, _HEAD)
    log.bytes_read += len(head)
    if _is_text(head):
        verify(packed, item.member, log)
        if looks_nested(head):  # pickles of protocol 0 are text as well, and so are words like it
            _try_pickle(packed, name, log)
    elif not (_PIECES.match(head) or _is_table(packed, item)) and not log.inside(name, packed):
        log.gap(f"the associated file {name} is of a kind that has no reader here")


def _try_pickle(packed: Source, name: str, log: Log) -> None:
    with log.at(name):
        scratch = log.scratch()
        inspect_pickles(packed, scratch)
        if scratch.has(Verdict.UNLISTED_CALL):
            log.take(scratch)


def _first(source: Source, count: int) -> bytes:
    stream = source.open()
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    return data


def _is_text(head: bytes) -> bool:
    if b"\0" in head or head.startswith((b"\x80", b"#!")):
        return False
    try:
        head[: -4 if len(head) == _HEAD else None].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 8 and len(head) == _HEAD
    return True


def _is_table(source: Source, item: Placed) -> bool:
    if source.size < 48 or item.member.size < 48:
        return False
    return source.part(source.size - 8, 8).head(8) == _LEVELDB
