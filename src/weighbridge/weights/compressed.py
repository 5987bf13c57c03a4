"""Streams compressed as a whole: joblib's pickles, mostly. Inflated in bounded steps, then
inspected.
"""

from __future__ import annotations

import bz2
import lzma
import zlib

from weighbridge.model.errors import HostileInput
from weighbridge.weights import numpy
from weighbridge.weights.inspection import Log, Verdict
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Decompressor, Inflated, Source

_LZMA_MEMORY = 256 * 2**20


def inspect_gzip(source: Source, log: Log) -> None:
    """A gzip stream, of one or several members."""
    _inspect(
        Source(
            lambda: Inflated(source.open(), _gzip, zlib.error, members=True, spend=log.spend), -1
        ),
        log,
    )


def inspect_zlib(source: Source, log: Log) -> None:
    """A bare zlib stream, as joblib writes with ``compress=3``."""
    _inspect(Source(lambda: Inflated(source.open(), _zlib, zlib.error, spend=log.spend), -1), log)


def inspect_bzip2(source: Source, log: Log) -> None:
    """A bzip2 stream."""
    _inspect(
        Source(lambda: Inflated(source.open(), bz2.BZ2Decompressor, OSError, members=True,
                                spend=log.spend), -1),
        log,
    )  # fmt: skip


def inspect_xz(source: Source, log: Log) -> None:
    """An xz or bare LZMA stream."""
    _inspect(
        Source(
            lambda: Inflated(source.open(), _xz, lzma.LZMAError, members=True, spend=log.spend), -1
        ),
        log,
    )


def _gzip() -> Decompressor:
    return zlib.decompressobj(31)


def _zlib() -> Decompressor:
    return zlib.decompressobj()


def _xz() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)


def _inspect(inner: Source, log: Log) -> None:
    head = inner.head(512)
    if head.startswith(b"\x93NUMPY"):
        numpy.inspect(inner, log)
        return
    if head[257:262] == b"ustar":
        log.gap("no reader for tar archives yet")
        return
    scratch = log.scratch()
    found = inspect_pickles(inner, scratch)
    if found.count or scratch.has(Verdict.UNLISTED):
        log.take(scratch)
        return
    if head[:1] == b"\x80":
        raise HostileInput("; ".join(scratch.gaps) or "the compressed pickle is damaged")
    log.gap("what the compressed file holds has no reader here")
