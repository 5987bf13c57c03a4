"""The links of a group: in symbol tables, in messages, and in dense storage
(sections III.A.1, III.B, III.C, IV.A.2.c and IV.A.2.g)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5 import btree2
from weighbridge.weights.hdf5.damage import going_on
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File
from weighbridge.weights.hdf5.fractal import FractalHeap
from weighbridge.weights.hdf5.heaps import LocalHeap
from weighbridge.weights.log import Log

HARD, SOFT, EXTERNAL = 0, 1, 64
_FIRST_OWN = 64  # types from here on are user-defined
_CACHED_TABLES, _CACHED_SOFT = 1, 2
_BY_NAME, _BY_ORDER = 5, 6
_MAX_LEVEL = 32
_DENSE_COST = 3  # steps of finding one object in a heap


@dataclass(frozen=True, slots=True)
class Link:
    """A name in a group. ``address``: of the object, for a hard link. ``file`` and ``target``:
    what an external link names. ``tables``: a copy of the object's B-tree and heap addresses that
    a symbol table keeps. ``place``: where the link stands."""

    name: bytes
    kind: int
    place: int
    address: int = UNDEFINED
    file: bytes = b""
    target: bytes = b""
    tables: tuple[int, int] | None = None


def read_link(fields: Fields) -> Link:
    """A link message.

    Raises:
        HostileInput: it is malformed.
    """
    place = fields.address
    fields.version("the link", 1)
    flags = fields.byte()
    kind = fields.byte() if flags & 8 else HARD
    fields.skip((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = fields.take(fields.number(1 << (flags & 3)))
    if kind == HARD:
        return Link(name, kind, place, fields.location())
    if kind != SOFT and kind < _FIRST_OWN:
        raise HostileInput(f"a link of the unknown type {kind}")
    value = fields.within(fields.take(fields.number(2)), fields.address + fields.at)
    if kind == EXTERNAL:
        value.skip(1)
        return Link(name, kind, place, file=value.text(), target=value.text())
    return Link(name, kind, place, target=value.data)


def dense_links(file: File, fields: Fields, log: Log) -> Iterator[Link]:
    """The links of a link info message, by each of its indexes: readers use one or the other.
    A damaged one is logged and left out.

    Raises:
        HostileInput: their indexes are malformed.
    """
    for found in dense(file, fields, 8, (_BY_NAME, 4), (_BY_ORDER, 8), log):
        link = None
        with going_on(log, "a link"):
            link = read_link(found)
        if link is not None:
            yield link


def dense(
    file: File,
    fields: Fields,
    order_size: int,
    by_name: tuple[int, int],
    by_order: tuple[int, int],
    log: Log,
) -> Iterator[Fields]:
    """The objects of a heap that a link info or attribute info message names.

    Args:
        file: where they lie.
        fields: the message.
        order_size: bytes of the largest creation order it may hold.
        by_name: type of the records of its first B-tree, and where in one the heap ID stands.
        by_order: the same of its second.
        log: gets what is damaged.

    Raises:
        HostileInput: the heap or an index is malformed.
    """
    fields.version("the index of links or attributes", 0)
    flags = fields.byte()
    fields.skip(order_size if flags & 1 else 0)
    heap_address = fields.location()
    trees = fields.location(), fields.location() if flags & 2 else UNDEFINED
    if heap_address == UNDEFINED:
        return
    heap = FractalHeap(file, heap_address)
    seen: set[bytes] = set()
    for tree, (kind, start) in zip(trees, (by_name, by_order), strict=True):
        if tree == UNDEFINED:
            continue
        for record in btree2.records(file, tree, kind):
            identity = record.data[start : start + heap.id_length]
            if identity not in seen:
                seen.add(identity)
                file.spend(_DENSE_COST)
                found = None
                with going_on(log, "an object of a heap"):
                    found = heap.get(identity)
                if found is not None:
                    yield fields.within(*found)


def table_links(file: File, tree: int, heap_address: int, log: Log) -> Iterator[Link]:
    """The links of a symbol table: a version 1 B-tree of type 0 and a local heap.

    Raises:
        HostileInput: they are malformed.
    """
    heap = LocalHeap(file, heap_address)
    seen: set[int] = set()
    waiting = [(tree, -1)]
    while waiting:
        at, expected = waiting.pop()
        if at in seen:
            raise HostileInput(f"the nodes of a group lead in a circle at {at}")
        seen.add(at)
        if expected == 0:
            yield from _symbols(file, heap, at, log)
            continue
        head = file.block(at, b"TREE", 8 + 2 * file.offsets)
        if head.byte() != 0:
            raise HostileInput("an index of chunks where the B-tree of a group belongs")
        level, used = head.byte(), head.number(2)
        if level > _MAX_LEVEL or (expected > 0 and level != expected - 1):
            raise HostileInput("the levels of a group's B-tree do not descend")
        file.spend(1 + used)
        node = file.fields(
            at + 8 + 2 * file.offsets, used * (file.lengths + file.offsets) + file.lengths
        )
        for _ in range(used):
            node.skip(file.lengths)
            # A child of level 0 is a symbol node, which is read as level "0 to come".
            waiting.append((node.location(), level))


def _symbols(file: File, heap: LocalHeap, address: int, log: Log) -> Iterator[Link]:
    head = file.block(address, b"SNOD", 8)
    head.version("the symbol table node", 1)
    head.skip(1)
    count = head.number(2)
    step = 2 * file.offsets + 24
    entries = file.fields(address + 8, count * step)
    file.spend(2 * count)
    for _ in range(count):
        place = entries.address + entries.at
        link = None
        entry = entries.within(entries.take(step), place)
        with going_on(log, "a symbol"):
            link = _symbol(entry, heap, place)
        if link is not None:
            yield link


def _symbol(entry: Fields, heap: LocalHeap, place: int) -> Link:
    name = heap.name(entry.number(entry.offsets))
    header, cached = entry.location(), entry.number(4)
    entry.skip(4)
    if cached == _CACHED_SOFT:
        return Link(name, SOFT, place, target=heap.name(entry.number(4)))
    if cached == _CACHED_TABLES:
        tables = entry.location(), entry.location()
        return Link(name, HARD, place, header, tables=tables)
    return Link(name, HARD, place, header)
