"""FlatBuffers: every offset is checked before it is followed."""

from __future__ import annotations

import io
import struct

import pytest
from tests.unit.weights import flat_build as b

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import flatbuffer
from weighbridge.weights.flatbuffer import Flatbuffer
from weighbridge.weights.source import file_source


def opened(data: bytes) -> Flatbuffer:
    return Flatbuffer(file_source(io.BytesIO(data), len(data)))


def one_table(vtable: bytes, body: bytes, back: int | None = None) -> bytes:
    """A root table of ``body`` behind its vtable, at offset 16 + len(vtable) rounded up."""
    padded = vtable + b"\0" * (-len(vtable) % 4)
    at = 8 + len(padded)
    step = at - 8 if back is None else back
    return struct.pack("<I", at) + b"TEST" + padded + struct.pack("<i", step) + body


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 7,
        struct.pack("<I", 2**32 - 4) + b"TEST",
        struct.pack("<I", 9) + b"TEST" + b"\0" * 20,
        struct.pack("<I", 8) + b"TEST" + struct.pack("<i", 2**31 - 1),
        struct.pack("<I", 8) + b"TEST" + struct.pack("<i", -(2**31)),
        one_table(struct.pack("<HH", 2, 4), b""),
        one_table(struct.pack("<HH", 5, 4), b""),
        one_table(struct.pack("<HH", 4, 3), b""),
        one_table(struct.pack("<HH", 4, 400), b""),
        one_table(struct.pack("<HH", 60_000, 4), b""),
    ],
    ids=["empty", "short", "root-outside", "root-odd", "vtable-before", "vtable-behind",
         "vtable-too-short", "vtable-odd", "table-too-short", "table-outside", "vtable-outside"],
)  # fmt: skip
def test_a_root_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(HostileInput):
        opened(data).root()


@pytest.mark.parametrize("offset", [1, 3, 6, 8, 2000])
def test_a_field_outside_its_table_is_refused(offset: int) -> None:
    table = opened(one_table(struct.pack("<HHH", 6, 8, offset), b"\1\2\3\4")).root()
    with pytest.raises(HostileInput):
        table.scalar(0, 4)


@pytest.mark.parametrize("length", [5, 2**31, 2**32 - 1])
def test_a_vector_longer_than_the_file_is_refused_without_reading_it(length: int) -> None:
    data = bytearray(b.flat({0: b"1234"}, b"TEST"))
    at = data.index(b"\4\0\0\x001234")
    data[at : at + 4] = struct.pack("<I", length)
    root = opened(bytes(data)).root()
    with pytest.raises(HostileInput):
        root.vector(0, 4)


def test_a_string_without_its_zero_byte_is_refused() -> None:
    data = bytearray(b.flat({0: "word"}, b"TEST"))
    data[data.index(b"word") + 4] = 1
    with pytest.raises(HostileInput, match="zero byte"):
        opened(bytes(data)).root().text(0)


def test_an_unaligned_vector_is_refused() -> None:
    data = bytearray(b.flat({0: b"1234"}, b"TEST"))
    root = int.from_bytes(data[:4], "little")
    data[root + 4] += 1
    with pytest.raises(HostileInput, match="not aligned"):
        opened(bytes(data)).root().vector(0, 1)


def test_a_tree_of_shared_tables_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector whose entries all point to one table: small in the file, large to walk."""
    monkeypatch.setattr(flatbuffer, "MAX_VISITS", 1000)
    places = 5000
    data = bytearray(b.flat({0: b.Numbers("<I", [0] * places), 1: {0: ("<I", 7)}}, b"TEST"))
    root = opened(bytes(data)).root()
    target = root.table(1)
    vector = root.vector(0, 4)
    assert target
    assert vector
    for index in range(places):
        at = vector.start + 4 * index
        data[at : at + 4] = struct.pack("<I", (target.at - at) % 2**32)
    with pytest.raises(BoundExceeded, match="1000 tables"):
        for _ in opened(bytes(data)).root().tables(0):
            pass


def test_pages_and_numbers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b.flat({0: b.Numbers("<q", range(30_000))}, b"TEST")
    monkeypatch.setattr(flatbuffer, "MAX_LOADS", 3)
    with pytest.raises(BoundExceeded, match="pages"):
        opened(data).root().values(0, 8)
    monkeypatch.setattr(flatbuffer, "MAX_LOADS", 100)
    monkeypatch.setattr(flatbuffer, "MAX_NUMBERS", 29_999)
    with pytest.raises(BoundExceeded, match="numbers"):
        opened(data).root().values(0, 8)


def test_fields_of_every_kind() -> None:
    numbers = list(range(-40_000, 40_000, 3))
    data = b.flat(
        {
            0: ("<B", 1), 1: ("<i", -5), 2: ("<Q", 2**63), 3: "text", 4: b"bytes",
            5: b.Numbers("<i", numbers), 6: {0: ("<H", 9)}, 7: [{0: ("<b", -1)}, {}],
            8: ["one", "two"],
        },
        b"TEST",
    )  # fmt: skip
    buffer = opened(data)
    root = buffer.root()
    assert buffer.identifier() == b"TEST"
    assert (root.scalar(0, 1), root.scalar(1, 4, signed=True), root.scalar(2, 8)) == (1, -5, 2**63)
    assert root.text(3) == "text"
    assert root.text(3, 2) == "te"
    vector = root.vector(4, 1)
    assert vector
    assert data[vector.start : vector.end] == b"bytes"
    assert list(root.values(5, 4, signed=True)) == numbers
    inner = root.table(6)
    assert inner
    assert inner.scalar(0, 2) == 9
    assert [t.scalar(0, 1, 3, signed=True) for t in root.tables(7)] == [-1, 3]
    assert list(root.texts(8)) == ["one", "two"]
    assert root.count(7) == 2
    assert buffer.reach <= len(data)


def test_absent_fields_have_defaults() -> None:
    root = opened(b.flat({1: ("<I", 1)}, b"TEST")).root()
    assert root.scalar(0, 4, 17) == 17
    assert root.scalar(9, 4, 18) == 18
    assert not root.has(0)
    assert root.has(1)
    assert root.text(9) == ""
    assert root.table(9) is None
    assert root.vector(9, 4) is None
    assert list(root.values(9, 4)) == []
    assert list(root.tables(9)) == []
    assert root.count(9) == 0
