"""Version 2 B-trees: their records, in order (section III.A.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File

_MAX_DEPTH = 32
_PREFIX, _SUM = 6, 4  # signature, version and type before the records, the checksum behind


@dataclass(frozen=True, slots=True)
class _Level:
    """How the nodes of one level count: most records of a node, and of it and all below."""

    most: int
    all: int


def records(file: File, address: int, *kinds: int) -> Iterator[Fields]:
    """Every record of the tree at ``address``, whose type must be one of ``kinds``.

    Raises:
        HostileInput: the tree is malformed, or leads in a circle.
    """
    head = file.block(address, b"BTHD", 18 + file.offsets + file.lengths)
    head.version("the version 2 B-tree", 0)
    kind = head.byte()
    if kind not in kinds:
        raise HostileInput(f"a B-tree of type {kind} where another belongs")
    size, width, depth = head.number(4), head.number(2), head.number(2)
    head.skip(2)
    root, count = head.location(), head.number(2)
    if root == UNDEFINED or not count:
        return
    if depth > _MAX_DEPTH or not width or size < _PREFIX + _SUM + width:
        raise HostileInput("a B-tree of impossible dimensions")
    levels = [_Level((size - _PREFIX - _SUM) // width, (size - _PREFIX - _SUM) // width)]
    counted = _bytes_for(levels[0].most)
    for level in range(1, depth + 1):
        pointer = file.offsets + counted + (_bytes_for(levels[-1].all) if level > 1 else 0)
        most = (size - _PREFIX - _SUM - pointer) // (width + pointer)
        if most < 1:
            raise HostileInput("the nodes of a B-tree have no room for a record")
        levels.append(_Level(most, most + (most + 1) * levels[-1].all))
    seen: set[int] = set()
    waiting = [(root, count, depth)]
    while waiting:
        at, number, level = waiting.pop()
        if at in seen:
            raise HostileInput(f"the nodes of a B-tree lead in a circle at {at}")
        seen.add(at)
        if number > levels[level].most:
            raise HostileInput("a node of a B-tree announces more records than it has room for")
        file.spend(1 + number)
        node = file.block(at, b"BTIN" if level else b"BTLF", size)
        node.skip(2)
        for _ in range(number):
            start = node.address + node.at
            yield node.within(node.take(width), start)
        for _ in range(number + 1 if level else 0):
            child, below = node.location(), node.number(counted)
            if level > 1:
                node.skip(_bytes_for(levels[level - 1].all))
            waiting.append((child, below, level - 1))


def _bytes_for(most: int) -> int:
    """Bytes that a count of at most ``most`` takes."""
    return max((most.bit_length() + 7) // 8, 1)
