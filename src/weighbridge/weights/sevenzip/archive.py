"""Unpacking a 7z archive, folder by folder, and reading each file by what it is."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tempfile
import zlib
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from weighbridge.model.errors import BoundExceeded, HostileInput, NotReadHere
from weighbridge.weights.compressed import MAX_WINDOW, ZstdDecompressor
from weighbridge.weights.log import Log
from weighbridge.weights.relative_path import leads_out
from weighbridge.weights.sevenzip.header import (
    ENCODED_HEADER,
    Coder,
    Cursor,
    Entry,
    Folder,
    Streams,
    read_header,
    read_streams,
)
from weighbridge.weights.source import Decompressor, Inflated, Readable, Source, file_source

_START = struct.Struct("<6sBBIQQI")  # SignatureHeader
MAX_HEADER = 16 * 2**20  # bytes, unpacked
_IN_MEMORY = 8 * 2**20
_STEP = 2**18
_COPY, _AES = b"\x00", b"\x06\xf1\x07\x01"
_FILTERS: dict[bytes, int] = {
    b"\x03": lzma.FILTER_DELTA, b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC, b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB, b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}  # fmt: skip
_LZMA1, _LZMA2 = b"\x03\x01\x01", b"\x21"
_OTHERS: dict[bytes, tuple[Callable[[], Decompressor], type[Exception]]] = {
    b"\x04\x01\x08": (lambda: zlib.decompressobj(-15), zlib.error),
    b"\x04\x02\x02": (bz2.BZ2Decompressor, OSError),
    b"\x04\xf7\x11\x01": (ZstdDecompressor, HostileInput),
}


def inspect(source: Source, log: Log) -> None:
    """Every file in the archive.

    Raises:
        HostileInput: the headers are damaged or have no reader here, or a bound is passed.
    """
    raw = source.head(_START.size)
    if len(raw) < _START.size:
        raise HostileInput("the 7z archive is cut off in its first bytes")
    _, major, minor, start_crc, offset, size, crc = _START.unpack(raw)
    if major != 0:  # 7zFormat.txt: the version is 0.4, and only the second number ever rose
        log.issue("bad-value", f"the 7z format has no version {major}.{minor}", 6)
    if zlib.crc32(raw[12:]) != start_crc:
        log.issue("crc-mismatch", "the checksum of the 7z start header is wrong", 8)
    end = _START.size + offset + size
    if end > source.size:
        raise HostileInput("the 7z archive is cut off: its header lies beyond the end")
    if end < source.size:
        log.issue("trailing-data", f"{source.size - end} bytes follow the 7z archive", end)
    if not size:
        return
    data = source.part(_START.size + offset, _bounded(size)).head(size)
    if zlib.crc32(data) != crc:
        log.issue("crc-mismatch", "the checksum of the 7z header is wrong", _START.size + offset)
    log.bytes_read += _START.size + size
    rounds = 0
    while data[:1] == bytes([ENCODED_HEADER]):
        rounds += 1
        if rounds > 4:
            raise BoundExceeded("the packed headers of the 7z archive", 4, "in each other")
        data = _unpack_header(source, data, log)
    streams, entries = read_header(data)
    _files(source, log, streams, entries)


def _bounded(size: int) -> int:
    if size > MAX_HEADER:
        raise BoundExceeded("the 7z header", MAX_HEADER, "bytes")
    return size


def _unpack_header(source: Source, data: bytes, log: Log) -> bytes:
    cursor = Cursor(data)
    cursor.byte()
    streams = read_streams(cursor)
    if len(streams.folders) != 1 or not streams.packed:
        raise HostileInput("the packed header of the 7z archive is not one stream")
    folder = streams.folders[0]
    stream = _unpacking(_packed(source, streams, 0), folder, log)
    result = io.BytesIO()
    _copy(stream, result, _bounded(folder.unpacked))
    if folder.crc is not None and zlib.crc32(result.getvalue()) != folder.crc:
        raise HostileInput("the checksum of the packed 7z header is wrong")
    return result.getvalue()


def _files(source: Source, log: Log, streams: Streams, entries: list[Entry]) -> None:
    """Walk the folders once, in order; the stored entries are their files, in order."""
    for entry in entries:
        if leads_out(entry.name):
            message = "the member's name points outside the archive"
            log.issue("traversal-name", message, -1, entry.name)
    stored = [entry.name for entry in entries if entry.stored]
    if len(stored) != sum(len(folder.sizes) for folder in streams.folders):
        log.issue("member-count", "the 7z header lists another number of files than it holds")
        log.gap("which file is which in the 7z archive is not known", uninspected=False)
        return
    if len(streams.packed) != len(streams.folders):
        log.gap("folders of several streams in a 7z archive have no reader here")
        return
    names = iter(stored)
    for number, folder in enumerate(streams.folders):
        mine = [next(names) for _ in folder.sizes]
        try:
            stream = _unpacking(_packed(source, streams, number), folder, log)
            _folder(stream, folder, mine, log)
        except (BoundExceeded, NotReadHere) as error:
            log.give_up(error)
        except HostileInput as error:
            log.issue("damaged-member", str(error), -1, mine[0] if mine else "")
            log.gap(str(error), uninspected=False)


def _folder(stream: Readable, folder: Folder, names: list[str], log: Log) -> None:
    unread = []
    for name, size, crc in zip(names, folder.sizes, folder.crcs, strict=True):
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
            actual = _copy(stream, kept, size)
            if crc is not None and actual != crc:
                log.issue("crc-mismatch", "the member's checksum is wrong", -1, name)
            if size and not log.inside(name, file_source(cast(BinaryIO, kept), size)):
                unread.append(name)
    if unread:
        log.gap(f"{len(unread)} members of kinds that have no reader here: {unread[0]}")


def _copy(stream: Readable, into: IO[bytes], size: int) -> int:
    """Move exactly so many bytes; their CRC-32."""
    crc, left = 0, size
    while left:
        part = stream.read(min(left, _STEP))
        if not part:
            raise HostileInput("a packed stream of the 7z archive ends too early")
        into.write(part)
        crc = zlib.crc32(part, crc)
        left -= len(part)
    return crc


def _packed(source: Source, streams: Streams, number: int) -> Source:
    start = _START.size + streams.start + sum(streams.packed[:number])
    if start + streams.packed[number] > source.size:
        raise HostileInput("a packed stream of the 7z archive lies beyond its end")
    return source.part(start, streams.packed[number])


def _unpacking(packed: Source, folder: Folder, log: Log) -> Readable:
    """The folder's bytes, unpacked step by step."""
    if any(coder.method == _AES for coder in folder.coders):
        log.issue("encrypted-member", "the 7z archive is encrypted")
        raise NotReadHere("the 7z archive is encrypted")
    stream: Readable = packed.open()
    todo = list(folder.coders)
    if not todo:
        raise NotReadHere("7z folders whose coders are no chain have no reader here")
    while todo:
        coder = todo.pop(0)
        if coder.method != _COPY:
            stream = _step(stream, coder, todo, log)
    return stream


def _step(stream: Readable, coder: Coder, todo: list[Coder], log: Log) -> Readable:
    if coder.method in _OTHERS:
        make, error = _OTHERS[coder.method]
        return Inflated(stream, make, error, members=True, spend=log.spend)
    if coder.method not in (_LZMA1, _LZMA2):
        raise NotReadHere(f"the 7z method {coder.method.hex() or 'without a name'} has no reader")
    chain = [_main(coder)]
    while todo and todo[0].method in _FILTERS:  # liblzma undoes them in the same pass
        chain.insert(0, _filter(todo.pop(0)))
    return Inflated(
        stream,
        lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain),
        lzma.LZMAError,
        spend=log.spend,
    )


def _filter(coder: Coder) -> dict[str, int]:
    if coder.method == b"\x03":
        return {"id": lzma.FILTER_DELTA, "dist": (coder.properties[:1] or b"\0")[0] + 1}
    return {"id": _FILTERS[coder.method]}


def _main(coder: Coder) -> dict[str, int]:
    if coder.method == _LZMA2:
        bits = (coder.properties[:1] or b"\xff")[0]
        if bits > 40:
            raise HostileInput("the 7z archive states an impossible dictionary")
        size = 0xFFFFFFFF if bits == 40 else (2 | (bits & 1)) << (bits // 2 + 11)
        return {"id": lzma.FILTER_LZMA2, "dict_size": _window(size)}
    if len(coder.properties) != 5 or coder.properties[0] >= 9 * 5 * 5:
        raise HostileInput("the 7z archive states impossible LZMA properties")
    rest, lc = divmod(coder.properties[0], 9)
    pb, lp = divmod(rest, 5)
    size = int.from_bytes(coder.properties[1:], "little")
    return {"id": lzma.FILTER_LZMA1, "dict_size": _window(size), "lc": lc, "lp": lp, "pb": pb}


def _window(size: int) -> int:
    if size > MAX_WINDOW:
        raise BoundExceeded("the 7z dictionary", MAX_WINDOW, "bytes")
    return max(size, 4096)
