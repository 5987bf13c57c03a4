"""Where the chunks of a dataset lie, by every kind of chunk index (section VII.A and III.A.1)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5 import arrays, btree2
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File
from weighbridge.weights.hdf5.layouts import (
    BTREE_1,
    BTREE_2,
    EXTENSIBLE_ARRAY,
    FIXED_ARRAY,
    IMPLICIT,
    SINGLE,
    Layout,
)

# Address and bytes of a chunk as stored, and the mask of filters that were left out of it.
Chunk: TypeAlias = tuple[int, int, int]
_PLAIN_RECORD, _FILTERED_RECORD = 10, 11
_MAX_LEVEL = 32


def chunks(file: File, layout: Layout, sides: tuple[int, ...]) -> Iterator[Chunk]:
    """Every chunk that is stored.

    Args:
        file: where it lies.
        layout: of a chunked dataset.
        sides: the dataset's extent, in elements.

    Raises:
        HostileInput: the index is malformed.
        BoundExceeded: it is too large.
    """
    if layout.address == UNDEFINED:
        return
    whole = math.prod(layout.chunk)
    if layout.index == SINGLE:
        yield layout.address, layout.size if layout.size >= 0 else whole, 0
    elif layout.index == IMPLICIT:
        pairs = zip(sides, layout.chunk, strict=False)
        count = math.prod(-(-side // part) for side, part in pairs)
        yield layout.address, whole * count, 0
    elif layout.index == BTREE_1:
        yield from _classic(file, layout)
    elif layout.index == BTREE_2:
        rank = len(layout.chunk) - 1
        for record in btree2.records(file, layout.address, _PLAIN_RECORD, _FILTERED_RECORD):
            yield _element(record, len(record.data) - 8 * rank, whole)
    elif layout.index in (FIXED_ARRAY, EXTENSIBLE_ARRAY):
        read = arrays.fixed if layout.index == FIXED_ARRAY else arrays.extensible
        for element in read(file, layout.address):
            if element.data[: file.offsets].strip(b"\xff"):
                yield _element(element, len(element.data), whole)


def _element(fields: Fields, width: int, whole: int) -> Chunk:
    """A chunk's address, and its size and filter mask where the dataset is filtered."""
    address = fields.location()
    rest = width - fields.offsets
    if rest <= 0:
        return address, whole, 0
    return address, fields.number(max(rest - 4, 0)), fields.number(4)


def _classic(file: File, layout: Layout) -> Iterator[Chunk]:
    """A version 1 B-tree of type 1: keys of size, filter mask and offsets before each child."""
    key = 8 + 8 * len(layout.chunk)
    seen: set[int] = set()
    waiting = [(layout.address, -1)]
    while waiting:
        at, expected = waiting.pop()
        if at in seen:
            raise HostileInput(f"the nodes of a chunk index lead in a circle at {at}")
        seen.add(at)
        head = file.block(at, b"TREE", 8 + 2 * file.offsets)
        if head.byte() != 1:
            raise HostileInput("the B-tree of a group where an index of chunks belongs")
        level, used = head.byte(), head.number(2)
        if level > _MAX_LEVEL or (expected >= 0 and level != expected):
            raise HostileInput("the levels of a chunk index do not descend")
        file.spend(1 + used)
        step = key + file.offsets
        node = file.fields(at + 8 + 2 * file.offsets, used * step)
        for _ in range(used):
            size, mask = node.number(4), node.number(4)
            node.skip(key - 8)
            child = node.location()
            if level:
                waiting.append((child, level - 1))
            else:
                yield child, size, mask
