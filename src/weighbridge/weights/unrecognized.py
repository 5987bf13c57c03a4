"""Files that a framework would load by their name, and whose bytes no reader claims."""

from __future__ import annotations

import re

from weighbridge.model.artifact import WEIGHT_SUFFIXES, Kind
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source

_EXECUTABLES = (Kind.ELF, Kind.PE, Kind.MACHO)
# Names under which every loader expects one of the formats that are told apart here.
_PROMISING = (
    ".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".zip", ".gz", ".bz2", ".xz", ".zst",
    ".lz4", ".7z", ".tar", ".tgz", ".skops", ".nemo", ".mar", ".pt2", ".pte",
)  # fmt: skip
# Names beside the general ones that text contradicts.
_BINARY_NAMES = (".pdmodel", ".pdiparams", ".pdparams", ".pdopt", ".mlmodel")
# Names of plain text: a list of words may begin like a pickle of protocol 0, and is none.
_TEXT_NAME = re.compile(
    r"\.(csv|tsv|txt|jsonl?|md|rst|ya?ml|xml|html?|log|vocab|merges|cfg|ini|toml|svm|libsvm|dat)"
    r"(\.\w{1,5})?\Z",
    re.I,
)
# What is never a model, whatever it is called. Sources: the formats' specifications.
_MEDIA = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"), (b"GIF89a", "a GIF image"), (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE document"), (b"OggS", "an Ogg stream"),
    (b"fLaC", "a FLAC stream"), (b"\0asm", "a WebAssembly module"),
)  # fmt: skip
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
    if not whole_file:
        return kind in (Kind.TEXT, Kind.JSON)
    if kind in (Kind.TEXT, Kind.JSON):
        _text(head, log, kind)
        return True
    _binary(source, head, log)
    return False


def _text(head: bytes, log: Log, kind: Kind) -> None:
    """A file by itself that is text, which no reader of a name takes."""
    if _holds_controls(head):
        log.gap("the file is neither text nor a format that is known here")
    elif log.name.lower().endswith((*WEIGHT_SUFFIXES, *_BINARY_NAMES)):
        log.issue("not-weights", f"the file is {kind.value}, and its name promises weights", 0)
    else:
        log.gap(f"the file is {kind.value} that no reader here knows")


def _binary(source: Source, head: bytes, log: Log) -> None:
    """A file by itself that no format fits: what its name promised."""
    name = log.name.lower()
    medium = next((what for mark, what in _MEDIA if head.startswith(mark)), "")
    if medium and name.endswith((*WEIGHT_SUFFIXES, *_BINARY_NAMES)):
        log.issue("not-weights", f"the file is {medium}, and its name promises weights", 0)
    elif name.endswith(".json"):
        log.issue("not-text", "the name promises JSON, and the content is not text", 0)
    elif name.endswith(_PROMISING):
        suffix = name.rpartition(".")[2]
        log.issue(
            "unrecognized", f"the name promises {suffix}, and the content begins no such file", 0
        )
    elif _is_zeros(source):
        log.issue("empty-file", "the file holds nothing but zeros", 0)


def _holds_controls(head: bytes) -> bool:
    """Bytes that no text has: a small protocol buffer may be valid UTF-8."""
    return any(byte < 32 and byte not in b"\t\n\x0b\f\r\x1b" for byte in head)


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
    words = _TEXT_NAME.search(log.path) is not None and head[:1] != b"\x80"
    least = Verdict.UNLISTED_CALL if words else Verdict.UNLISTED
    if (
        whole
        or (looks_nested(head) and ((found.count and not words) or scratch.has(least)))
        or (scratch.has(Verdict.DANGEROUS))
    ):
        log.take(scratch)
        return True
    return False
