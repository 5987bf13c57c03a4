"""Streams compressed as a whole: joblib's pickles, archives, R's files. Unpacked in bounded steps,
then read as whatever they are.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.source import Decompressor, Inflated, Source

MAX_WINDOW = 128 * 2**20  # bytes of history a zstd frame may ask for; lzma may take twice that
_R_NAMES = (".rds", ".rda", ".rdata")  # compressed as a rule
_HEAD = 16  # bytes of R data that tell what they are
_R_START = re.compile(rb"(?:[AXB]\r?\n|RD[AXB][123]\n)[\s\S]{4}")  # R's serialize.c and saveload.c
_SKIPPABLE = tuple(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16))  # RFC 8878, 3.1.2
_ZSTD = b"\x28\xb5\x2f\xfd"


def inspect_gzip(source: Source, log: Log) -> None:
    """A gzip stream, of one or several members."""
    _inspect(source, log, "gzip", lambda: zlib.decompressobj(31), zlib.error)


def inspect_zlib(source: Source, log: Log) -> None:
    """A bare zlib stream, as joblib writes with ``compress=3``."""
    _inspect(source, log, "zlib", zlib.decompressobj, zlib.error, members=False)


def inspect_bzip2(source: Source, log: Log) -> None:
    """A bzip2 stream."""
    _inspect(source, log, "bzip2", bz2.BZ2Decompressor, OSError)


def inspect_xz(source: Source, log: Log) -> None:
    """An xz or bare LZMA stream."""
    _inspect(source, log, "xz", lzma_decompressor, lzma.LZMAError)


def inspect_lz4(source: Source, log: Log) -> None:
    """An LZ4 frame. The legacy frame of the Linux kernel's tools has no reader."""
    if source.head(4) == b"\x02\x21\x4c\x18":
        log.gap("no reader for legacy lz4 frames")
        return
    from lz4.frame import LZ4FrameDecompressor

    _inspect(source, log, "lz4", LZ4FrameDecompressor, RuntimeError)


def inspect_zstd(source: Source, log: Log) -> None:
    """Zstandard frames (RFC 8878)."""
    if source.head(4).startswith(_SKIPPABLE) and not _frame_follows(source):
        log.gap("a zstd skippable frame alone: nobody knows what it holds")
        return
    _inspect(source, log, "zstd", ZstdDecompressor, HostileInput)


def lzma_decompressor() -> Decompressor:
    """For xz and bare LZMA, with bounded memory."""
    return lzma.LZMADecompressor(memlimit=2 * MAX_WINDOW)


def _inspect(
    source: Source,
    log: Log,
    name: str,
    make: Callable[[], Decompressor],
    error: type[Exception],
    *,
    members: bool = True,
) -> None:
    def inflated() -> Inflated:
        return Inflated(
            source.open(), make, error, members=members, whole=not members, spend=log.spend
        )

    promised = log.name.lower().endswith(_R_NAMES)
    known = log.inside(name, Source(inflated, -1))
    if promised and not (known and _R_START.match(_first(inflated))):
        message = "the name promises data of R, and the compressed content is none"
        log.issue("kind-contradicts-name", message, 0)
    if not known:
        log.gap("what the compressed file holds has no reader here")


def _first(inflated: Callable[[], Inflated]) -> bytes:
    """The first bytes of what is packed, as many as there are."""
    stream, data = inflated(), b""
    try:
        while len(data) < _HEAD and (part := stream.read(_HEAD - len(data))):
            data += part
    except HostileInput:
        return data
    return data


def _frame_follows(source: Source) -> bool:
    """Whether a real frame comes behind the skippable ones."""
    stream = source.open()
    for _ in range(1000):
        head = stream.read(8)
        if head[:4] == _ZSTD:
            return True
        if not head.startswith(_SKIPPABLE) or len(head) < 8:
            return False
        stream.seek(int.from_bytes(head[4:], "little"), 1)
    return False


class ZstdDecompressor:
    """One zstd frame, in the shape of the standard library's decompressors.

    The library's own object takes no limit of what it gives. A block is four bytes at least and
    becomes 128 KiB at most (RFC 8878, 3.1.1.2), so little is fed at a time.
    """

    FED = 1024  # bytes, which become 32 MiB at most

    def __init__(self) -> None:
        import zstandard

        self._frame = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        self._error = zstandard.ZstdError
        self._ready = memoryview(b"")  # what was unpacked and not asked for yet
        self.unconsumed_tail: bytes | memoryview = b""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended, and all of it was given."""
        return self._frame.eof and not self._ready

    @property
    def unused_data(self) -> bytes:
        """What follows it."""
        return self._frame.unused_data + bytes(self.unconsumed_tail)

    @property
    def needs_input(self) -> bool:
        """Whether all that was given has been used."""
        return not self.unconsumed_tail

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        """At most ``max_length`` bytes; what was not used waits in :attr:`unconsumed_tail`."""
        self.unconsumed_tail = data
        if not self._ready and not self._frame.eof:
            view = memoryview(data)
            self.unconsumed_tail = view[self.FED :]
            self._ready = memoryview(self._unpack(view[: self.FED]))
        given, self._ready = self._ready[:max_length], self._ready[max_length:]
        return bytes(given)

    def _unpack(self, data: memoryview) -> bytes:
        try:
            return self._frame.decompress(data)
        except self._error as error:
            if "too much memory" in str(error):
                raise BoundExceeded("the zstd window", MAX_WINDOW, "bytes") from error
            raise HostileInput(f"the compressed data is damaged: {error}") from error
