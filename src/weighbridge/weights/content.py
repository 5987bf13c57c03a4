"""Content of any kind, read by the readers that its bytes call for: a whole file, or what lies in
one. An archive's reader hands its members here (:meth:`Log.inside`) and need not know the others.
"""

from __future__ import annotations

from weighbridge.formats.others import other_kinds
from weighbridge.formats.peek import HEAD_BYTES, Peek
from weighbridge.formats.pickle_start import Verdict, pickle_start
from weighbridge.formats.sniff import sniff
from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.weights.enduring import enduring
from weighbridge.weights.log import Log
from weighbridge.weights.registry import UNREAD, promised_reader_of, reader_of, text_reader_of
from weighbridge.weights.source import Slice, Source

_IN_MEMORY = 8 * 2**20  # what is unpacked beyond this goes to a temporary file
_STEP = 2**18
# What these carry behind their own end is theirs: a tar's last member may be a zip archive, and
# TensorFlow Lite's metadata is one that is appended on purpose.
_ZIPS = frozenset({Kind.TORCH_ZIP, Kind.NUMPY_ZIP, Kind.KERAS_ZIP, Kind.ZIP})
_END = b"PK\x05\x06"  # of a zip archive, which lies at most a comment of 64 KiB from the file's end
_TAIL = 2**16 + 22
_CARRIERS = frozenset({Kind.TAR, Kind.SEVEN_ZIP, Kind.TFLITE})


def inspect_member(source: Source, log: Log, name: str) -> bool:
    """Read what lies in other content; whether a reader knew it. Hostile input never raises."""
    try:
        if source.size < 0:
            source = enduring(source, log)
            if _streams(source):
                return _by_kind(source, log, Kind.PICKLE, name, whole_file=False)
        whole = settled(source)
    except HostileInput as error:
        log.give_up(error)
        return True
    return inspect_content(whole, log, sniff(peek_of(whole)), name, whole_file=False)


def inspect_content(
    source: Source, log: Log, kind: Kind, name: str, *, whole_file: bool = True
) -> bool:
    """Read content of a known kind, and as every other kind that it also is.

    Args:
        source: seekable.
        log: gets what is found.
        kind: as its bytes say.
        name: decides between readers of text alone, which has no marks.
        whole_file: a file by itself is expected to hold weights, a member is not.

    Returns:
        Whether a reader knew it.
    """
    before = len(log.archived)
    known = _guarded(source, log, kind, name, whole_file=whole_file)
    if kind in _CARRIERS or not source.size:
        return known
    for other in other_kinds(peek_of(source), kind):
        if kind is Kind.PICKLE and other in _ZIPS and _encloses(source, log.archived[before:]):
            continue  # a Keras model in a pickle: the archive is a byte string, and was read as one
        log.issue("polyglot", f"the file is also {other.value}, which other loaders would read")
        _guarded(source, log, other, name, whole_file=whole_file)
    return known


def _encloses(source: Source, archived: list[tuple[int, int]]) -> bool:
    """Whether the end record that a zip reader would find lies in one of those byte strings."""
    tail = source.part(max(source.size - _TAIL, 0), min(_TAIL, source.size)).head(_TAIL)
    at = source.size - len(tail) + tail.rfind(_END)
    return _END in tail and any(start <= at and at + 22 <= end for start, end in archived)


def _guarded(source: Source, log: Log, kind: Kind, name: str, *, whole_file: bool) -> bool:
    """Run a reader; what it gives up on stands in the log."""
    try:
        return _by_kind(source, log, kind, name, whole_file=whole_file)
    except HostileInput as error:
        log.give_up(error)
        return True


def _by_kind(source: Source, log: Log, kind: Kind, name: str, *, whole_file: bool) -> bool:
    if kind in UNREAD:
        log.gap(f"no reader for {kind.value} yet")
        return True
    reader = reader_of(kind)
    if reader is None and kind in (Kind.TEXT, Kind.JSON):
        reader = text_reader_of(name)
    elif reader is None and kind is Kind.BINARY:
        reader = promised_reader_of(name)
    if reader is not None:
        reader(source, log)
        return True
    from weighbridge.weights import unrecognized

    return unrecognized.inspect(source, log, kind, whole_file=whole_file)


def _streams(source: Source) -> bool:
    """Whether packed content is a pickle, which is read as it comes and need not be kept."""
    head = first_bytes(source, HEAD_BYTES)
    return head[:1] == b"\x80" and pickle_start(head, 2**62) is not Verdict.NO


def settled(source: Source) -> Source:
    """The same bytes where readers can move about in them: unpacked once, beyond some megabytes
    into a temporary file that has no name.

    Raises:
        HostileInput: the packed bytes are damaged.
        BoundExceeded: they become too much.
    """
    if source.size >= 0:
        return source
    import tempfile

    # closed with the last reference to it
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    stream = source.open()
    size = 0
    while part := stream.read(_STEP):
        kept.write(part)
        size += len(part)
    return Source(lambda: Slice(kept, 0, size), size)


def first_bytes(source: Source, count: int) -> bytes:
    """The first bytes, as many as there are; a stream may give fewer at a time."""
    stream = source.open()
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def peek_of(source: Source) -> Peek:
    """A look into a source that can seek."""

    def read(offset: int, count: int) -> bytes:
        return first_bytes(source.part(offset, min(count, source.size - offset)), count)

    return Peek(read, source.size, first_bytes(source, HEAD_BYTES))
