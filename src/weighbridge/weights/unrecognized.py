"""Files that a framework would load by their name, and whose bytes no reader claims."""

from __future__ import annotations

from weighbridge.model.artifact import Kind
from weighbridge.weights import compressed
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source

_EXECUTABLES = (Kind.ELF, Kind.PE, Kind.MACHO)
_LZMA_ALONE = b"\x5d\x00\x00"


def inspect(source: Source, log: Log, kind: Kind) -> None:
    """Try the readers whose formats have no sure magic: protocol 0 pickles look like text.

    Raises:
        HostileInput: a compressed stream is damaged.
    """
    head = source.head(512)
    if not head:
        log.issue("empty-file", "the file is empty, and its name promises weights", 0)
        return
    if kind in _EXECUTABLES:
        log.issue(
            "executable", "the file is a program or a library, and its name promises weights", 0
        )
        log.gap(f"no reader for {kind.value} programs")
        return
    if kind is Kind.BINARY and _zlib_header(head):
        compressed.inspect_zlib(source, log)
        return
    if kind is Kind.BINARY and head.startswith(_LZMA_ALONE):
        compressed.inspect_xz(source, log)
        return
    if _is_pickle(source, log, head):
        return
    if kind in (Kind.TEXT, Kind.JSON):
        log.issue("not-weights", f"the file is {kind.value}, and its name promises weights", 0)
        return
    log.gap("no reader for this binary format")


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
