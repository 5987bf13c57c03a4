"""Every index of chunks that HDF5 writes: each chunk is found, and none outside is believed."""

from __future__ import annotations

import struct
import zlib

import pytest
from tests.unit.weights import hdf5_build as b
from tests.unit.weights.looking import codes, seen

from weighbridge.model.errors import HostileInput
from weighbridge.weights import hdf5
from weighbridge.weights.hdf5.layouts import Filter
from weighbridge.weights.hdf5.pipeline import undo
from weighbridge.weights.inspection import Inspection

FAR = 2**40
SINGLE, IMPLICIT, FIXED, EXTENSIBLE, TREE = 1, 2, 3, 4, 5
PICKLE = b"cos\nsystem\n(S'echo inert'\ntR."


def look(data: bytes) -> Inspection:
    return seen(hdf5.inspect, data)


def layout(index: int, parameters: bytes, address: int, flags: int = 0) -> bytes:
    """A layout message of version 4: chunks of one element of four bytes."""
    head = bytes([4, 2, flags, 2, 1, 1, 4, index])
    return head + parameters + b.q(address)


def fixed(file, chunks: list[int], page: int = 10) -> bytes:
    """A fixed array; ``page`` is the logarithm of how many elements a page has."""
    size = 1 << page
    if len(chunks) <= size:
        body = b.q(*chunks)
    else:
        pages = [chunks[at : at + size] for at in range(0, len(chunks), size)]
        marks = sum(0x80 >> number for number in range(len(pages)))
        body = bytes([marks]) + bytes(4) + b"".join(b.q(*part) + bytes(4) for part in pages)
    block = file.add(b"FADB\0\0" + b.q(0) + body + bytes(4))
    head = file.add(b"FAHD\0\0" + bytes([8, page]) + b.q(len(chunks), block) + bytes(4))
    return layout(FIXED, bytes([page]), head)


def extensible(file, chunks: list[int]) -> bytes:
    """An extensible array: two elements in the index block, blocks of two, super blocks behind."""
    inside, rest = chunks[:2], chunks[2:]
    data = []
    for size in (2, 4, 4):
        part, rest = rest[:size], rest[size:]
        filled = part + [2**64 - 1] * (size - len(part))
        place = file.add(b"EADB\0\0" + b.q(0) + bytes(4) + b.q(*filled) + bytes(4))
        data.append(place if part else 2**64 - 1)
    # With a minimum of two pointers, the index block names the blocks of super blocks 0 and 1
    # (one of two elements, and one of four) and then the super blocks behind them.
    blocks = data[:2]
    last = file.add(b"EASB\0\0" + b.q(0) + bytes(4) + b.q(data[2], 2**64 - 1) + bytes(4))
    supers = [last] + [2**64 - 1] * 29
    index = file.add(b"EAIB\0\0" + b.q(0) + b.q(*inside) + b.q(*blocks, *supers) + bytes(4))
    head = b"EAHD\0\0" + bytes([8, 32, 2, 2, 2, 10]) + b.q(*[0] * 6) + b.q(index) + bytes(4)
    return layout(EXTENSIBLE, bytes([32, 2, 2, 2, 10]), file.add(head))


def tree(file, chunks: list[int]) -> bytes:
    """A version 2 B-tree of type 10."""
    records = [b.q(chunk, number) for number, chunk in enumerate(chunks)]
    return layout(TREE, struct.pack("<IBB", 4096, 98, 40), file._tree(10, records))


INDEXES = {"fixed": fixed, "extensible": extensible, "tree": tree}


def _file(make, wrong: int | None, count: int) -> bytes:
    file = b.Hdf5()
    chunks = [file.add(bytes(4)) for _ in range(count)]
    if wrong is not None:
        chunks[wrong] = FAR
    place = file.dataset(sides=(count,), layout=make(file, chunks))
    return file.end(file.group(b.hard("w", place)))


@pytest.mark.parametrize("make", INDEXES.values(), ids=INDEXES)
@pytest.mark.parametrize("count", [2, 6, 9])
def test_chunks_are_found_by_every_index(make, count) -> None:
    seen = look(_file(make, None, count))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert codes(look(_file(make, count - 1, count))) == {"range-outside"}
    assert codes(look(_file(make, 0, count))) == {"range-outside"}


def test_paged_fixed_arrays() -> None:
    def make(file, chunks):
        return fixed(file, chunks, page=1)

    assert not look(_file(make, None, 5)).issues
    for wrong in range(5):
        assert codes(look(_file(make, wrong, 5))) == {"range-outside"}


@pytest.mark.parametrize(("index", "count"), [(SINGLE, 1), (IMPLICIT, 3)])
def test_chunks_without_an_index(index, count) -> None:
    for address, found in ((None, set()), (FAR, {"range-outside"})):
        file = b.Hdf5()
        at = file.add(bytes(4 * count)) if address is None else address
        place = file.dataset(sides=(count,), layout=layout(index, b"", at))
        assert codes(look(file.end(file.group(b.hard("w", place))))) == found


def test_two_chunks_in_one_place() -> None:
    file = b.Hdf5()
    chunk = file.add(bytes(8))
    place = file.dataset(sides=(2,), layout=tree(file, [chunk, chunk + 2]))
    assert codes(look(file.end(file.group(b.hard("w", place))))) == {"overlapping-tensors"}


DAMAGED = {
    "fixed-count": lambda f: layout(FIXED, b"\x0a", f.add(b"FAHD\0\0\x08\x0a" + b.q(2**60, 96))),
    "fixed-width": lambda f: layout(FIXED, b"\x0a", f.add(b"FAHD\0\0\xff\x0a" + b.q(1, 96))),
    "fixed-magic": lambda f: layout(FIXED, b"\x0a", f.add(b"FAHX\0\0\x08\x0a" + b.q(1, 96))),
    "extensible-zero": lambda f: layout(
        EXTENSIBLE, bytes(5), f.add(b"EAHD\0\0\x08" + bytes(5) + b.q(*[0] * 6, 96))
    ),
    "index-type": lambda f: layout(9, b"", 96),
    "tree-type": lambda f: layout(TREE, bytes(6), f._tree(5, [bytes(16)])),
    "tree-magic": lambda f: layout(TREE, bytes(6), 96),
    "no-address": lambda f: layout(TREE, bytes(6), FAR),
}


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED)
def test_damaged_indexes(make) -> None:
    file = b.Hdf5()
    place = file.dataset(sides=(2,), layout=make(file))
    assert codes(look(file.end(file.group(b.hard("w", place))))) == {"malformed"}


@pytest.mark.parametrize("packed", [False, True])
def test_pickled_elements_in_chunks(packed) -> None:
    file = b.Hdf5()
    heap = file.add(b.global_heap(b"other", PICKLE))
    raw = b.sequence(heap, 2, len(PICKLE))
    filters = ((b.FILTERS, b.filters(1)),) if packed else ()
    stored = zlib.compress(raw) if packed else raw
    chunk = file.add(stored)
    index = file.add(
        b"TREE\x01\0\x01\0" + b.NOWHERE * 2 + struct.pack("<II", len(stored), 0)
        + b.q(0, 0, chunk, 0, 1, 0)
    )  # fmt: skip
    place = file.dataset(
        (b.ATTRIBUTE, b.attribute("PSEUDOATOM", b"object")), *filters,
        sides=(1,), kind=b.list_type(b.U8), layout=b.chunked(index, 1, 16),
    )  # fmt: skip
    seen = look(file.end(file.group(b.hard("objects", place))))
    assert ("dangerous", "os.system") in {(o.verdict.value, o.name) for o in seen.operations}


def test_filters_are_undone_in_reverse() -> None:
    raw = bytes(range(16)) + b"abc"
    shuffled = b"".join(raw[place:16:4] for place in range(4)) + b"abc"
    stored = zlib.compress(shuffled) + b"sum4"
    steps = (Filter(2, "", (4,)), Filter(1, "", (6,)), Filter(3, "", ()))
    assert undo(stored, steps, 0, 19) == raw
    assert undo(shuffled, steps, 0b110, 19) == raw
    assert undo(stored, (*steps, Filter(32001, "", ())), 0, 20) is None
    assert undo(stored, (*steps, Filter(32001, "", ())), 0b1000, 20) == raw
    with pytest.raises(HostileInput):
        undo(b"not packed", steps, 0, 20)


def test_a_packed_chunk_does_not_grow_beyond_its_size() -> None:
    stored = zlib.compress(bytes(10_000_000))
    assert len(undo(stored, (Filter(1, "", ()),), 0, 100) or b"") <= 104
