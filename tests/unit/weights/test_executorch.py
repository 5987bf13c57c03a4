"""ExecuTorch programs: header, segments, operators, delegates."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.formats.executorch_start import looks_like_executorch
from weighbridge.weights import executorch

INT, U, L = "<i", "<I", "<Q"
BODY = b"\0" * 64


def ints(*values: int) -> Any:
    return b.Numbers("<i", values)


def value(**tensor: Any) -> dict[int, Any]:
    table = {0: ("<b", 6), 2: ints(2, 3), **{int(k[1:]): v for k, v in tensor.items()}}
    return {0: ("<B", 5), 1: table}


def plan(**change: Any) -> dict[int, Any]:
    step = {0: ("<B", 1), 1: {0: (INT, 0), 1: ints(0, 1)}}
    table = {
        0: "forward",
        2: [value(), value(f5=(U, 1)), {0: ("<B", 2), 1: {0: ("<q", 7)}}],
        3: ints(0),
        4: ints(1),
        5: [{2: [step]}],
        6: [{0: "aten::add", 1: "out"}],
    }
    return {**table, **{int(k[1:]): v for k, v in change.items()}}


def program(**change: Any) -> dict[int, Any]:
    table = {
        0: (U, 0),
        1: [plan()],
        4: [{0: (L, 0), 1: (L, 24)}, {0: (L, 32), 1: (L, 32)}],
        5: {0: (U, 0), 1: b.Numbers("<Q", (0, 0))},
    }
    return {**table, **{int(k[1:]): v for k, v in change.items()}}


def file(table: dict[int, Any], body: bytes = BODY, **header: Any) -> bytes:
    """A program with its extended header, which the tables follow."""
    inner = b.flat(table, b"ET12")
    shifted = struct.unpack_from("<I", inner)[0] + 32
    size = len(inner) + 32
    base = header.get("base", -(-size // 64) * 64)
    fields = struct.pack(
        "<4sIQQQ", b"eh00", header.get("length", 32), header.get("size", size), base,
        header.get("data", len(body)),
    )  # fmt: skip
    out = struct.pack("<I", shifted) + b"ET12" + fields + inner[8:]
    return out.ljust(-(-size // 64) * 64, b"\0") + body


def look(table: dict[int, Any], body: bytes = BODY, **header: Any) -> Any:
    return looking.seen(executorch.inspect, file(table, body, **header))


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "segment-outside": ({"f4": [{0: (L, 0), 1: (L, 24)}, {0: (L, 40), 1: (L, 32)}]},
                        "range-outside"),
    "segment-wraps": ({"f4": [{0: (L, 2**64 - 64), 1: (L, 64)}]}, "range-outside"),
    "segments-overlap": ({"f4": [{0: (L, 0), 1: (L, 64)}, {0: (L, 32), 1: (L, 32)}]},
                         "overlapping-segments"),
    "constants-segment": ({"f5": {0: (U, 9), 1: b.Numbers("<Q", (0, 0))}}, "bad-index"),
    "constant-outside": ({"f5": {0: (U, 0), 1: b.Numbers("<Q", (0, 99))}}, "range-outside"),
    "constant-size": ({"f5": {0: (U, 0), 1: b.Numbers("<Q", (0, 8))}}, "size-mismatch"),
    "constant-number": ({"f1": [plan(f2=[value(f5=(U, 9)), value()])]}, "bad-index"),
    "constant-shape": ({"f1": [plan(f2=[value(f5=(U, 1), f2=ints(-1)), value()])]}, "bad-shape"),
    "type": ({"f1": [plan(f2=[value(f0=("<b", 99)), value()])]}, "unknown-type"),
    "input": ({"f1": [plan(f3=ints(9))]}, "bad-index"),
    "step-operator": ({"f1": [plan(f6=[])]}, "bad-index"),
    "delegate-segment": ({"f1": [plan(f7=[{0: "XnnpackBackend",
                                           1: {0: ("<b", 1), 1: (U, 9)}}])]}, "bad-index"),
    "delegate-blob": ({"f1": [plan(f7=[{0: "XnnpackBackend", 1: {1: (U, 9)}}])]}, "bad-index"),
    "named-data": ({"f7": [{0: "weights", 1: (U, 9)}]}, "bad-index"),
    "mutable-data": ({"f6": [{0: (U, 9)}]}, "bad-index"),
    "two-places": ({"f2": [{}, {0: BODY}]}, "two-places"),
    "inline-elf": ({"f3": [{0: b.ELF}]}, "executable-content"),
    "no-method": ({"f1": []}, "no-method"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "issue"), CASES.values(), ids=CASES)
def test_a_defect_is_an_issue(change: dict[str, Any], issue: str) -> None:
    assert issue in looking.codes(look(program(**change)))


@pytest.mark.parametrize("header", [{"length": 8}, {"size": 2**40}, {"base": 2**40}, {"base": 8}])
def test_a_header_that_lies_is_malformed(header: dict[str, int]) -> None:
    assert "malformed" in looking.codes(look(program(), **header))


def test_segments_past_the_end() -> None:
    assert "range-outside" in looking.codes(look(program(), data=2**40))


@pytest.mark.parametrize(
    ("payload", "issue"), [(b.ELF, "executable-content"), (b.PICKLE, "hidden-pickle")]
)
def test_what_a_segment_hides(payload: bytes, issue: str) -> None:
    assert issue in looking.codes(look(program(), payload.ljust(64, b"\0")))
    assert issue in looking.codes(look(program(), BODY + payload))


def test_data_behind_the_last_segment() -> None:
    assert "trailing-data" in looking.codes(look(program(), BODY + b"\1" * 70_000))


@pytest.mark.parametrize("name", ["my_ops::run", "inert", "", "atenx::add", "::add"])
def test_an_operator_of_nobodys_library(name: str) -> None:
    seen = look(program(f1=[plan(f6=[{0: name}])]))
    assert b.named(seen) == {name or "<empty>": "unlisted-call"}


@pytest.mark.parametrize("name", ["NobodysBackend", "CudaBackend", "AotiBackend", ""])
def test_a_delegate_that_is_unknown_or_runs_compiled_code(name: str) -> None:
    delegate = {0: name, 1: {0: ("<b", 1), 1: (U, 1)}}
    assert b.named(look(program(f1=[plan(f7=[delegate])]))) == {name or "<empty>": "unlisted-call"}


def test_other_schemas_are_gaps() -> None:
    assert looking.seen(executorch.inspect, file(program()).replace(b"ET12", b"ET13", 1)).gaps
    assert look(program(f0=(U, 1))).gaps
    assert "malformed" in looking.codes(
        looking.seen(executorch.inspect, b"\x10\0\0\0TFL3" + b"\0" * 64)
    )


@pytest.mark.parametrize("cut", [4, 12, 39, 60, 200])
def test_a_program_that_is_cut_off_is_never_clean(cut: int) -> None:
    assert not looking.clean(looking.seen(executorch.inspect, file(program())[:cut]))


def test_a_program_as_it_should_be() -> None:
    delegate = {0: "XnnpackBackend", 1: {0: ("<b", 1), 1: (U, 1)}}
    seen = look(program(f1=[plan(f7=[delegate])], f7=[{0: "w", 1: (U, 0)}]))
    assert looking.clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (1, 6, ("float32",))
    assert ("aten::add.out", 1) in seen.allowed


def test_a_program_without_the_extended_header() -> None:
    table = program(f2=[{}, {0: BODY}], f3=[{0: BODY}])
    del table[4], table[5]
    table[1] = [plan(f7=[{0: "CoreMLBackend", 1: {0: ("<b", 0), 1: (U, 0)}}])]
    data = b.flat(table, b"ET12")
    assert looking.clean(looking.seen(executorch.inspect, data))
    assert looks_like_executorch(data, len(data))


def test_recognition() -> None:
    data = file(program())
    assert looks_like_executorch(data, len(data))
    for other in (
        b"",
        b"ET12" * 10,
        b"\x10\0\0\0TFL3" + b"\0" * 20,
        b"\xff\xff\xff\xffET12" + b"\0" * 9,
    ):
        assert not looks_like_executorch(other, len(other))
