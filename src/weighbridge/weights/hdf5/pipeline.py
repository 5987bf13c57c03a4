"""Filters of datasets: which every HDF5 library has, and undoing the few that hide references.

Numbers: the specification's section IV.A.2.l, and The HDF Group's list of registered filters.
"""

from __future__ import annotations

import zlib

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.layouts import Filter
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log

DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3
_BUILT_IN = frozenset(range(1, 7))  # deflate, shuffle, fletcher32, szip, nbit, scaleoffset
_H5PY = frozenset((32000,))  # lzf is part of h5py
_PYTABLES = frozenset((305, 307, 32001, 32026))  # lzo, bzip2, blosc, blosc2 are part of PyTables


def report(filters: tuple[Filter, ...], path: str, offset: int, log: Log, *, known: bool) -> None:
    """Filters that HDF5 would look for among the plugin libraries it finds, and load.

    Args:
        filters: of a dataset.
        path: its name.
        offset: where it stands in the file.
        log: gets an operation for each that is not built in.
        known: whether PyTables wrote the file, and so brings its own filters.
    """
    listed = _BUILT_IN | _H5PY | (_PYTABLES if known else frozenset())
    for found in filters:
        if found.number not in listed:
            log.operation(
                Verdict.UNLISTED,
                "import",
                f"hdf5.filter.{found.number}",
                f"filter {found.number} ({found.name or 'without a name'}) on {path}",
                "loads a plugin library to decode the data",
                offset,
                "FilterPipeline",
            )


def undo(raw: bytes, filters: tuple[Filter, ...], mask: int, whole: int) -> bytes | None:
    """A chunk's bytes before its filters, None where one of them is not undone here.

    Args:
        raw: the chunk as stored.
        filters: in the order in which they were applied.
        mask: bits of those that were left out.
        whole: bytes of the chunk without filters, which bounds the result.

    Raises:
        HostileInput: the chunk is damaged.
    """
    for number in reversed(range(len(filters))):
        if mask >> number & 1:
            continue
        kind = filters[number].number
        if kind == FLETCHER32:
            raw = raw[:-4]
        elif kind == SHUFFLE:
            raw = _unshuffled(raw, filters[number].values)
        elif kind == DEFLATE:
            try:
                raw = zlib.decompressobj().decompress(raw, whole + 4)
            except zlib.error as error:
                raise HostileInput(f"a compressed chunk is damaged: {error}") from error
        else:
            return None
    return raw


def _unshuffled(raw: bytes, values: tuple[int, ...]) -> bytes:
    """Bytes were grouped by their place in the element; a rest stays at the end."""
    width = values[0] if values else 1
    count = len(raw) // width if width else 0
    if width < 2 or not count:
        return raw
    data = bytearray(width * count)
    for place in range(width):
        data[place::width] = raw[place * count : (place + 1) * count]
    return bytes(data) + raw[width * count :]
