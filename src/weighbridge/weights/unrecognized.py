"""Files that a framework would load by their name, and whose bytes no reader claims."""

from __future__ import annotations

from weighbridge.model.artifact import WEIGHT_SUFFIXES, Kind
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source

_EXECUTABLES = (Kind.ELF, Kind.PE, Kind.MACHO)
# Names under which every loader expects one of the formats that are told apart here.
_PROMISING = (".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".zip")
_MAX_ZEROS = 64 * 2**20  # bytes looked at
_LZMA_ALONE = b"\x5d\x00\x00"
# joblib before 0.10: a mark, the length in hexadecimal in 19 places (one more up to 0.8.4), then
# zlib (joblib/numpy_pickle_compat.py).
_JOBLIB_OLD, _JOBLIB_HEADER = b"ZF0x", 21


def inspect(source: Source, log: Log, kind: Kind, *, whole_file: bool) -> bool:
    """Try the readers whose formats have no sure magic: protocol 0 pickles look like text.

    Args:
        source: the content.
        log: gets what is found.
        kind: what its bytes say.
        whole_file: a file by itself, whose name promises weights; text in an archive is just text.

    Returns:
        Whether it is known what the content is.

    Raises:
        HostileInput: a compressed stream is damaged.
    """
    head = source.head(512)
    if not head:
        if whole_file:
            log.issue("empty-file", "the file is empty, and its name promises weights", 0)
        return True
    if kind in _EXECUTABLES:
        log.issue("executable", "a program or a library lies where weights are expected", 0)
        log.gap(f"no reader for {kind.value} programs")
        return True
    if kind is Kind.BINARY and _packed(source, log, head):
        return True
    if _is_pickle(source, log, head):
        return True
    if kind in (Kind.TEXT, Kind.JSON):
        if not whole_file:
            return True
        if log.name.lower().endswith(WEIGHT_SUFFIXES):
            log.issue("not-weights", f"the file is {kind.value}, and its name promises weights", 0)
        else:
            log.gap(f"the file is {kind.value} that no reader here knows")
        return True
    if whole_file and log.name.lower().endswith(_PROMISING):
        suffix = log.name.rpartition(".")[2].lower()
        log.issue(
            "unrecognized", f"the name promises {suffix}, and the content begins no such file", 0
        )
    elif whole_file and _is_zeros(source):
        log.issue("empty-file", "the file holds nothing but zeros", 0)
    return False


def _is_zeros(source: Source) -> bool:
    stream, left = source.open(), _MAX_ZEROS
    while left > 0 and (part := stream.read(2**18)):
        if part.count(0) != len(part):
            return False
        left -= len(part)
    return True


def _packed(source: Source, log: Log, head: bytes) -> bool:
    """Streams whose compression has no mark that is sure enough for a kind of its own."""
    from weighbridge.weights import compressed

    if _zlib_header(head):
        compressed.inspect_zlib(source, log)
        return True
    if head.startswith(_JOBLIB_OLD) and source.size > _JOBLIB_HEADER:
        wider = head[_JOBLIB_HEADER : _JOBLIB_HEADER + 1] == b" "
        start = _JOBLIB_HEADER + wider
        compressed.inspect_zlib(source.part(start, source.size - start), log)
        return True
    if head.startswith(_LZMA_ALONE):
        compressed.inspect_xz(source, log)
        return True
    return False


def _zlib_header(head: bytes) -> bool:
    return len(head) > 2 and head[0] == 0x78 and (head[0] << 8 | head[1]) % 31 == 0


def _is_pickle(source: Source, log: Log, head: bytes) -> bool:
    scratch = log.scratch()
    found = inspect_pickles(source, scratch)
    whole = found.count > 0 and not found.trailing
    if (
        whole
        or (looks_nested(head) and (found.count or scratch.has(Verdict.UNLISTED)))
        or (scratch.has(Verdict.DANGEROUS))
    ):
        log.take(scratch)
        return True
    return False
