"""Where safetensors' numbers lie: told as information, in bounded memory, and never a finding."""

from __future__ import annotations

import json
import struct
import tracemalloc

import numpy as np
import pytest

from weighbridge.cli.inspect import inspect as command
from weighbridge.collect.weights import facts
from weighbridge.model.artifact import Kind
from weighbridge.weights.log import MAX_REMARKS, Log
from weighbridge.weights.safetensors import DTYPE_BITS
from weighbridge.weights.safetensors_layout import METHODS, Layout


def file(entries: str, body: bytes, *, spaces: int) -> bytes:
    """A file whose header has that many spaces behind it."""
    header = f"{{{entries}}}".encode() + b" " * spaces
    return struct.pack("<Q", len(header)) + header + body


def aligned(entries: str) -> int:
    """How many spaces put the data at a multiple of 8."""
    return -(len(entries) + 2) % 8


ONE = '"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
# a byte before two numbers: the second tensor is off by one
ODD = '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}'  # fmt: skip # noqa: E501


@pytest.fixture
def told(look):
    """The remarks about a file that is clean all the same, by kind."""

    def told(data: bytes) -> dict[str, str]:
        seen = look(data, Kind.SAFETENSORS, "m.safetensors")
        assert (seen.issues, seen.operations, seen.gaps) == ((), (), ())
        assert all(one.method == METHODS[one.kind] for one in seen.remarks)
        return {one.kind: one.message for one in seen.remarks}

    return told


def test_a_hostile_name_is_short_and_shows_as_itself(look) -> None:
    entries = ODD.replace('"b"', '"b\\u001b[2J' + "x" * 5000 + '"')
    seen = look(file(entries, bytes(9), spaces=0), Kind.SAFETENSORS, "m.safetensors")
    assert {issue.code for issue in seen.issues} == {"odd-name"}
    for remark in seen.remarks:
        assert remark.message.isprintable()
        assert len(remark.message) < 300


def test_ranges_beyond_the_file_and_every_count_are_no_danger() -> None:
    log, layout = Log(), Layout(DTYPE_BITS, 80)
    layout.add("a", "F64", (2**60,), 2**64 - 1, 2**64)
    layout.add("b", "F64", (0,), 9, 3)  # backwards: a defect that others tell
    layout.add("c", "NONE", (1,), 1, 2)
    layout.tell(2**63 + 1, log)
    remarks = log.freeze("safetensors").remarks
    assert [(one.kind, one.offset) for one in remarks] == [("data-start", -1)]


def test_memory_is_that_of_a_few_tensors_however_many_there_are() -> None:
    log, layout = Log(), Layout(DTYPE_BITS, 80)
    layout.add("warm", "I64", (1,), 3, 11)
    tracemalloc.start()
    try:
        for number in range(20_000):
            layout.add("n" * 200 + str(number), "F64", (1,), number * 8 + 1, number * 8 + 9)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16_384
    layout.tell(8, log)
    (remark,) = log.freeze("safetensors").remarks
    assert "20,001 tensors begin at offsets" in remark.message
    assert remark.offset == 9


def test_remarks_are_bounded_and_carried_over() -> None:
    log, other = Log(), Log()
    for number in range(MAX_REMARKS + 5):
        other.remark("data-start", f"remark {number}", "a method", number)
    assert len(other.freeze("safetensors").remarks) == MAX_REMARKS
    log.take(other)
    assert log.freeze("safetensors").remarks == other.freeze("safetensors").remarks


def test_data_behind_a_header_that_is_not_padded(told) -> None:
    found = told(file(ONE, bytes(8), spaces=aligned(ONE) + 1))
    start = 8 + len(ONE) + 2 + aligned(ONE) + 1
    assert f"tensor data begin at byte {start:,}, which is no multiple of 8" in found["data-start"]
    assert f"(first: 'a', offset {start:,}, F32)" in found["tensor-start"]


def test_a_tensor_behind_another_of_odd_length(told) -> None:
    found = told(file(ODD, bytes(9), spaces=aligned(ODD)))
    start = 8 + len(ODD) + 2 + aligned(ODD)
    assert list(found) == ["tensor-start"]
    assert found["tensor-start"].startswith("1 tensor begins at an offset that is no multiple")
    assert f"(first: 'b', offset {start + 1:,}, F32)" in found["tensor-start"]


@pytest.mark.parametrize("spaces", range(8))
def test_a_start_of_four_suits_four_bytes_and_not_eight(told, spaces) -> None:
    start = 8 + len(ONE) + 2 + spaces
    found = told(file(ONE, bytes(8), spaces=spaces))
    assert ("data-start" in found) is bool(start % 8)
    assert ("tensor-start" in found) is bool(start % 4)


@pytest.mark.parametrize(
    "entries",
    [
        '"__metadata__":{"format":"pt"}',
        '"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}',
        "",
    ],
)
def test_nothing_is_said_where_there_are_no_numbers(told, entries) -> None:
    assert told(file(entries, b"", spaces=aligned(entries) + 1)) == {}


def test_the_library_s_own_files_say_nothing(told) -> None:
    from safetensors.numpy import save

    kinds = [np.dtype(name) for name in ("u1", "f2", "i4", "f8", "?", "c8")]
    tensors = {f"t{n}": np.ones(n + 1, kind) for n, kind in enumerate(kinds)}
    assert told(save(tensors, metadata={"format": "np"})) == {}


def test_facts_have_remarks_only_where_there_are_some(look) -> None:
    plain = look(file(ONE, bytes(8), spaces=aligned(ONE)), Kind.SAFETENSORS, "m.safetensors")
    assert "remarks" not in facts(plain, 1)
    odd = look(file(ODD, bytes(9), spaces=aligned(ODD)), Kind.SAFETENSORS, "m.safetensors")
    (remark,) = facts(odd, 1)["remarks"]
    assert set(remark) == {"kind", "message", "method", "offset", "member"}


def test_inspect_tells_it_and_the_file_stays_clean(tmp_path, capsys) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(file(ODD, bytes(9), spaces=aligned(ODD) + 2))
    with pytest.raises(SystemExit) as ended:
        command([str(path)])
    text = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert "m.safetensors: clean, safetensors" in text
    assert "note: tensor data begin at byte" in text
    assert f"method: {METHODS['data-start']}" in text
    with pytest.raises(SystemExit):
        command([str(path)], format_="json")
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert (found["state"], found["findings"]) == ("clean", [])
    assert [one["kind"] for one in found["remarks"]] == ["data-start", "tensor-start"]
