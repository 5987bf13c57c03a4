"""The wire format: what parsers refuse is refused, and nothing is read that nobody asked for."""

from __future__ import annotations

import io

import pytest
from tests.unit.weights import proto_build as p

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights import protobuf
from weighbridge.weights.protobuf import GROUP, I32, I64, LEN, VARINT, Budget, Field, Wire
from weighbridge.weights.source import Source, file_source


def wire_of(data: bytes) -> Wire:
    return Wire(file_source(io.BytesIO(data), len(data)))


def read(data: bytes, **more) -> list[Field]:
    return list(protobuf.fields(wire_of(data), 0, len(data), Budget(), **more))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\x01", "field number 0"),
        (b"\x07\x01", "field number 0"),
        (b"\x0e\x01", "wire type 6"),
        (b"\x0f\x01", "wire type 7"),
        (b"\x0c", "wire type 4"),
        (b"\x80\x80\x80\x80\x10\x00", "field number 536870912"),
        (b"\xff" * 11, "more than ten bytes"),
        (b"\x08" + b"\xff" * 10 + b"\x01", "more than ten bytes"),
        (b"\x0a\x05abcd", "1 bytes past"),
        (b"\x0a" + b"\xff" * 9 + b"\x01", "past its message's end"),
        (b"\x08", "past its message's end"),
        (b"\x08\x80", "past its message's end"),
        (b"\x0d\x00\x00\x00", "past its message's end"),
        (b"\x09\x00\x00\x00\x00\x00\x00\x00", "past its message's end"),
        (b"\x0a", "past its message's end"),
        (b"\x0b\x08\x01", "does not end"),
        (b"\x0b\x14", "does not end"),
        (b"\x0b\x0e", "wire type 6"),
        (b"\x0b\x12\x7f\x0c", "does not end"),
    ],
)
def test_what_no_parser_takes_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(HostileInput, match=message):
        read(data)


def test_a_field_may_not_reach_over_the_end_of_its_message() -> None:
    data = p.sub(1, b"\x12\x05ab") + b"cdefgh"
    outer = next(protobuf.fields(wire_of(data), 0, len(data), Budget()))
    with pytest.raises(HostileInput, match="3 bytes past"):
        list(protobuf.fields(wire_of(data), outer.start, outer.end, Budget()))


def test_every_cut_of_a_message_is_refused_or_ends_between_fields() -> None:
    parts = [p.num(1, 300), p.sub(2, "abc"), p.f32(3, 1.5), p.f64(300, 2.5), p.num(2**29 - 1, 1)]
    whole = b"".join(parts)
    ends = {sum(map(len, parts[:n])) for n in range(len(parts) + 1)}
    for cut in range(len(whole)):
        if cut in ends:
            assert len(read(whole[:cut])) == sorted(ends).index(cut)
            continue
        with pytest.raises(HostileInput):
            read(whole[:cut])


def test_depth_and_number_of_fields_are_bounded() -> None:
    with pytest.raises(HostileInput, match="100 deep"):
        read(b"", depth=101)
    with pytest.raises(HostileInput, match="100 deep"):
        read(b"\x0b" * 200)
    data = b"\x08\x01" * 400_000
    budget = Budget(1000)
    with pytest.raises(BoundExceeded, match="1000 fields"):
        list(protobuf.fields(wire_of(data), 0, len(data), budget))
    assert budget.left > -200_000


def test_a_bound_holds_over_many_small_messages() -> None:
    data = p.sub(1, b"\x08\x01") * 5000
    wire, budget = wire_of(data), Budget(1000)

    def walk() -> None:
        for found in protobuf.fields(wire, 0, len(data), budget):
            list(protobuf.fields(wire, found.start, found.end, budget))

    with pytest.raises(BoundExceeded, match="1000 fields"):
        walk()
    assert budget.left > -20


def test_a_file_that_got_shorter_is_refused() -> None:
    source = Source(lambda: io.BytesIO(b"\x08\x01"), 100)
    with pytest.raises(HostileInput, match="shorter than it was"):
        list(protobuf.fields(Wire(source), 0, 100, Budget()))


def test_all_wire_types() -> None:
    data = (
        p.num(1, 150) + p.num(2, -1) + p.f64(3, 1.0) + p.f32(4, 1.0) + p.sub(5, "text") + p.sub(6)
    )
    found = read(data)
    assert [(f.number, f.wire) for f in found] == [
        (1, VARINT), (2, VARINT), (3, I64), (4, I32), (5, LEN), (6, LEN),
    ]  # fmt: skip
    assert [f.value for f in found] == [150, 2**64 - 1, 0x3FF0000000000000, 0x3F800000, 0, 0]
    assert protobuf.signed(found[1].value) == -1
    assert data[found[4].start : found[4].end] == b"text"
    assert found[5].length == 0


def test_a_number_may_be_written_longer_than_it_need_be() -> None:
    assert read(b"\x88\x80\x00\x85\x80\x80\x00") == [Field(1, VARINT, 5, 7, 0)]
    assert read(b"\x08" + b"\xff" * 9 + b"\x7f")[0].value == 2**64 - 1


def test_groups_are_passed_over_with_all_that_is_in_them() -> None:
    inner = p.tag(2, 3) + p.num(1, 1) + p.tag(2, 4)
    data = p.tag(1, 3) + inner + p.sub(3, "\x0c") + p.f32(4, 1) + b"\x8c\x00" + p.num(7, 9)
    found = read(data)
    assert [(f.number, f.wire) for f in found] == [(1, GROUP), (7, VARINT)]
    assert data[found[0].start : found[0].end].startswith(inner)
    assert found[1].value == 9


def test_payloads_are_not_read() -> None:
    size = 300 * 2**20

    class Zeros(io.RawIOBase):
        def __init__(self) -> None:
            self.at = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = offset
            return offset

        def read(self, count: int = -1) -> bytes:
            head = b"\x0a" + p.varint(size)
            whole = head + b"\0" * 64 if self.at < 64 else b"\0" * count
            data = whole[self.at :][:count] if self.at < 64 else whole
            if self.at + len(data) > size + len(head):
                data = b"\x10\x07"[: max(0, size + len(head) + 2 - self.at)]
            self.at += len(data)
            return data

    total = 1 + len(p.varint(size)) + size + 2
    wire = Wire(Source(Zeros, total))
    found = list(protobuf.fields(wire, 0, total, Budget()))
    assert [(f.number, f.length, f.value) for f in found] == [(1, size, 0), (2, 0, 7)]
    assert wire.taken < 2**19


def test_messages_across_the_edges_of_windows() -> None:
    rows = [p.sub(1, p.num(1, n), p.sub(2, "x" * (n % 300))) for n in range(5000)]
    data = b"".join(rows)
    wire, budget = wire_of(data), Budget()
    for number, row in enumerate(protobuf.fields(wire, 0, len(data), budget)):
        first, second = protobuf.fields(wire, row.start, row.end, budget, depth=1)
        assert (first.value, second.length) == (number, number % 300)
        assert wire.read(second.start, second.length) == b"x" * (number % 300)
    assert wire.taken <= len(data)
    assert budget.most - budget.left == 15_000


def test_quiet_fields_cost_next_to_nothing() -> None:
    quiet = protobuf.runs((1, LEN), (7, I32), (8, VARINT), (20, VARINT), (9, I64))
    noise = [p.sub(1, "name"), p.f32(7, 1.0), p.num(8, -5), p.num(20, 3), p.f64(9, 1.0)]
    data = b"".join(noise * 5000) + p.num(2, 42) + p.sub(1, "x" * 500) + b"".join(noise)
    wire, budget = wire_of(data), Budget()
    found = list(protobuf.fields(wire, 0, len(data), budget, quiet=quiet))
    assert [(f.number, f.value) for f in found if f.number == 2] == [(2, 42)]
    assert {f.number for f in found} <= {1, 2, 7, 8, 9, 20}
    assert budget.most - budget.left < 4000


def test_quiet_fields_end_with_their_message() -> None:
    quiet = protobuf.runs((1, LEN))
    data = p.sub(2, b"\x0a\x03a") + b"bc"
    outer = next(protobuf.fields(wire_of(data), 0, len(data), Budget(), quiet=quiet))
    with pytest.raises(HostileInput, match="2 bytes past"):
        list(protobuf.fields(wire_of(data), outer.start, outer.end, Budget(), quiet=quiet))


def test_repeated_numbers_packed_and_not() -> None:
    data = p.sub(1, p.varint(3), p.varint(-1), p.varint(300)) + p.num(1, 4) + p.f32(1, 1.0)
    wire, budget = wire_of(data), Budget()
    packed, single, other = protobuf.fields(wire, 0, len(data), budget)
    assert list(protobuf.varints(wire, packed, budget)) == [3, 2**64 - 1, 300]
    assert list(protobuf.varints(wire, single, budget)) == [4]
    assert list(protobuf.varints(wire, other, budget)) == []
    cut = p.sub(1, b"\x01\x80") + b"\x01"
    place = next(protobuf.fields(wire_of(cut), 0, len(cut), budget))
    with pytest.raises(HostileInput, match="cut off"):
        list(protobuf.varints(wire_of(cut), place, budget))


def test_texts_are_bounded_and_need_not_be_utf8() -> None:
    data = p.sub(1, b"ab\xff\xc3\xa9cdef")
    (found,) = read(data)
    assert protobuf.text(wire_of(data), found, 100) == "ab\\xffécdef"
    assert protobuf.text(wire_of(data), found, 2) == "ab"
