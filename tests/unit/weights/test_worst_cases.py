"""Files that are all small parts: read in bounded time, and read right where the reader hurries."""

from __future__ import annotations

import gzip
import io
import struct
import time

import pytest
from tests.corpus.assemble import safetensors
from tests.corpus.protobuf import field, message

from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.weights import protobuf
from weighbridge.weights.inspect import inspect_file
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import MAX_ISSUES, Log
from weighbridge.weights.pickle.machine import PACKED_OPCODES, PACKED_RATIO
from weighbridge.weights.protobuf import Budget, Wire
from weighbridge.weights.rds_walk import MAX_ITEMS
from weighbridge.weights.safetensors import MAX_SIDES, MAX_TENSORS
from weighbridge.weights.source import file_source

_XDR = b"X\n" + struct.pack(">iii", 2, 0x40301, 0x20300)
_ASCII = b"A\n2\n262913\n131840\n"
_MOST = 6.0  # seconds, three times the bound: these run beside others


def look(data: bytes, kind: Kind) -> Inspection:
    started = time.process_time()
    seen = inspect_file(io.BytesIO(data), len(data), kind, "model.bin")
    assert time.process_time() - started < _MOST
    return seen


def clean(seen: Inspection) -> bool:
    return not (seen.issues or seen.gaps or seen.operations)


# R data


def _texts(count: int, last: int = 9) -> bytes:
    element = struct.pack(">ii", 9, 5) + b"abcde"
    head = _XDR + struct.pack(">ii", 16, count)
    return head + element * (count - 1) + struct.pack(">ii", last, 5) + b"abcde"


def test_a_long_text_vector_is_passed_over_to_its_end() -> None:
    assert clean(look(_texts(100_000), Kind.R_DATA))


def test_what_is_no_text_is_found_at_the_end_of_a_long_text_vector() -> None:
    seen = look(_texts(100_000, last=10), Kind.R_DATA)
    (issue,) = seen.issues
    assert issue.code == "malformed"
    assert f"byte {len(_texts(100_000)) - 13} " in issue.message


@pytest.mark.parametrize("cut", [1, 5, 6, 12])
def test_a_text_vector_that_is_cut_off(cut: int) -> None:
    seen = look(_texts(50_000)[:-cut], Kind.R_DATA)
    assert [issue.code for issue in seen.issues] == ["malformed"]


@pytest.mark.parametrize("length", [-2, -(2**31) + 1])
def test_a_text_of_a_negative_length(length: int) -> None:
    data = _XDR + struct.pack(">iiii", 16, 1, 9, length)
    assert [issue.code for issue in look(data, Kind.R_DATA).issues] == ["malformed"]


def test_missing_texts_have_no_bytes() -> None:
    data = _XDR + struct.pack(">iiiiii", 16, 2, 9, -1, 9, -(2**31))
    assert clean(look(data, Kind.R_DATA))


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (3, b"abc"), (3, rb"\101\n\\"), (2, rb"\7a"), (4, rb"\1234\"x"), (1, rb"\040"), (3, b"a b"),
        (5, b"\\\\" * 5), (300, rb"\303\244" * 150),
    ],
)  # fmt: skip
def test_escapes_count_as_one_character(length: int, written: bytes) -> None:
    data = _ASCII + b"16\n2\n9\n%d\n%s\n9\n1\nz\n" % (length, written)
    assert clean(look(data, Kind.R_DATA))


@pytest.mark.parametrize("written", [b"ab", b"a\\", rb"\101\1", b""])
def test_a_written_text_that_is_cut_off(written: bytes) -> None:
    data = _ASCII + b"16\n1\n9\n3\n" + written
    assert [issue.code for issue in look(data, Kind.R_DATA).issues] == ["malformed"]


def test_the_parts_of_a_package_name_count() -> None:
    package = struct.pack(">iii", 249, 0, 16) + struct.pack(">ii", 9, 0) * 16
    count = MAX_ITEMS // 16
    seen = look(_XDR + struct.pack(">ii", 19, count) + package * count, Kind.R_DATA)
    assert seen.gaps == (f"the R data exceeds the bound of {MAX_ITEMS} values",)


# Protocol buffers


def _fields(data: bytes, *, at_once: bool) -> tuple[list[protobuf.Field], str]:
    wire = Wire(file_source(io.BytesIO(data), len(data)))
    if at_once:
        wire.load(0, len(data))
    found = []
    try:
        found.extend(protobuf.fields(wire, 0, len(data), Budget(5000)))
    except HostileInput as error:
        return found, str(error)
    return found, ""


WHOLE = message((1, "name"), (2, 300), (3, b"x" * 200), (15, 1), (16, 2), (200, "y"), (4, 1.5))


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_short_message_says_the_same_read_at_once_or_not(end: int) -> None:
    assert _fields(WHOLE[:end], at_once=True) == _fields(WHOLE[:end], at_once=False)


def test_what_stands_before_the_damage_of_a_short_message_is_given() -> None:
    found, why = _fields(message((1, "ab"), (2, 7)) + b"\x0a\x7f", at_once=True)
    assert [entry.number for entry in found] == [1, 2]
    assert "past its message's end" in why


def test_fields_that_are_read_at_once_cost_their_budget() -> None:
    data = field(2, 1) * 400
    wire = Wire(file_source(io.BytesIO(data), len(data)))
    wire.load(0, len(data))
    budget = Budget(1000)
    assert len(list(protobuf.fields(wire, 0, len(data), budget))) == 400
    assert budget.left == 600


def test_a_graph_of_tiny_nodes_is_read_in_time() -> None:
    nodes = (message((1, f"n{n}"), (2, "Identity"), (3, f"n{n - 1}")) for n in range(60_000))
    assert clean(look(b"".join(field(1, node) for node in nodes), Kind.TF_GRAPH))


def test_a_node_of_very_many_attributes_is_read_in_time() -> None:
    pairs = ((5, message((1, "output_stream"), (2, field(2, f"file:{n}")))) for n in range(60_000))
    seen = look(field(1, message((1, "n"), (2, "PrintV2"), *pairs)), Kind.TF_GRAPH)
    assert len(seen.operations) == 500
    assert seen.operations_dropped == 59_500


# safetensors


def _header(count: int, description: str, name: str = "t") -> bytes:
    entries = ",".join(f'"{name}{n}":{description}' for n in range(count))
    return safetensors(("{" + entries + "}").encode())


def test_a_name_with_escapes_before_a_plain_description() -> None:
    plain = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'
    seen = look(_header(20_000, plain, "\\u00e4"), Kind.SAFETENSORS)
    assert clean(seen)
    assert seen.tensors == 20_000
    twice = f'{{"\\u0061":{plain},"a":{plain}}}'.encode()
    assert [i.code for i in look(safetensors(twice), Kind.SAFETENSORS).issues] == ["duplicate-key"]


def test_a_header_of_defects_alone_is_read_in_time() -> None:
    wrong = '{"dtype":"U8","shape":[9],"data_offsets":[7,3],"x":1}'
    seen = look(_header(50_000, wrong), Kind.SAFETENSORS)
    codes = [issue.code for issue in seen.issues]
    assert seen.tensors == 50_000
    for code in ("unknown-field", "size-mismatch", "range-outside"):
        assert codes.count(code) == MAX_ISSUES


def test_the_dimensions_of_all_tensors_are_bounded() -> None:
    deep = '{"dtype":"U8","shape":[' + ",".join("1" * 64) + '],"data_offsets":[0,1]}'
    seen = look(_header(MAX_SIDES // 64 + 1, deep), Kind.SAFETENSORS)
    assert seen.gaps == (f"the safetensors header exceeds the bound of {MAX_SIDES} dimensions",)


def test_a_header_of_more_tensors_than_any_model_has_is_read_in_time() -> None:
    plain = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'
    seen = look(_header(MAX_TENSORS + 1, plain, "\\u00e4"), Kind.SAFETENSORS)
    assert seen.tensors == MAX_TENSORS
    assert seen.gaps == (f"the safetensors header exceeds the bound of {MAX_TENSORS} tensors",)


def test_a_shape_that_was_measured_once_is_still_held_against_each_range() -> None:
    good = '{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}'
    wrong = '{"dtype":"F32","shape":[2,3],"data_offsets":[24,47]}'
    beyond = '{"dtype":"F32","shape":[2,3],"data_offsets":[47,71]}'
    header = f'{{"a":{good},"b":{wrong},"c\\u0000":{beyond}}}'.encode()
    seen = look(safetensors(header, bytes(47)), Kind.SAFETENSORS)
    codes = {issue.code for issue in seen.issues}
    assert codes == {"size-mismatch", "range-outside", "odd-name"}
    assert (seen.tensors, seen.parameters) == (3, 18)


def test_half_of_a_surrogate_pair_in_a_name_before_a_plain_description() -> None:
    header = b'{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'
    (issue,) = look(safetensors(header), Kind.SAFETENSORS).issues
    assert "half of a surrogate pair" in issue.message


# pickles


def test_numbers_as_text_are_read_in_time() -> None:
    data = b"(lp0\n" + b"I1\naF-2.5\naI2\na" * 500_000 + b"cos\nsystem\n."
    seen = look(data, Kind.PICKLE)
    assert not seen.gaps
    assert [operation.name for operation in seen.operations] == ["os.system"]


@pytest.mark.parametrize("odd", [b"I1x\na", b"I\na", b"F1..\na", b"I1\nA", b"F1,5\na"])
def test_what_is_no_number_is_found_among_numbers(odd: bytes) -> None:
    data = b"(l" + b"I1\na" * 200 + odd + b"I1\na" * 200 + b"."
    assert "damaged-pickle" in [issue.code for issue in look(data, Kind.PICKLE).issues]


def test_a_frame_ends_among_numbers_as_it_does_among_others() -> None:
    body = b"(l" + b"I1\na" * 200
    for size, crosses in ((len(body), False), (len(body) - 2, True)):
        data = b"\x80\x04\x95" + struct.pack("<Q", size) + body + b"I1\na" * 9 + b"."
        codes = [issue.code for issue in look(data, Kind.PICKLE).issues]
        assert ("frame-violation" in codes) is crosses


def test_a_chain_of_memoized_tuples_is_read_in_time() -> None:
    assert clean(look(b"\x80\x04N" + b"\x85\x94" * 1_000_000 + b".", Kind.PICKLE))


# TensorFlow


def _node(number: int, op: str = "Identity") -> bytes:
    kind = message((1, "T"), (2, message((6, 1))))
    return field(1, message((1, f"n{number}"), (2, op), (3, "n0"), (5, kind)))


def test_a_graph_of_more_nodes_than_its_size_allows_is_stopped_in_time() -> None:
    seen = look(b"".join(map(_node, range(140_000))), Kind.TF_GRAPH)
    (gap,) = seen.gaps
    assert gap.startswith("the graph exceeds the bound of")
    assert gap.endswith("nodes and functions")


def test_the_inputs_of_one_node_are_passed_over_in_time() -> None:
    node = message((1, "a"), (2, "AddN")) + field(3, "x") * 2_000_000
    assert clean(look(field(1, node), Kind.TF_GRAPH))


def test_empty_functions_count() -> None:
    seen = look(_node(0) + field(2, field(1, b"") * 800_000), Kind.TF_GRAPH)
    (gap,) = seen.gaps
    assert gap.endswith("nodes and functions")


def test_a_node_read_in_one_step_is_judged_as_any_other() -> None:
    long = message((1, "x"), (2, message((2, b"\x7fELF\x02\x01" + bytes(100)))))
    twice = message((1, "b"), (2, "Identity"), (3, "n0"), (2, "PyFunc"))
    data = _node(0) + _node(1) + _node(1) + _node(3, "PyFunc") + field(1, twice)
    data += field(1, message((1, "c"), (2, "Identity"), (5, long)))
    seen = look(data, Kind.TF_GRAPH)
    codes = sorted(issue.code for issue in seen.issues)
    assert codes == ["bad-node", "duplicate-node", "executable-content"]
    assert [operation.name for operation in seen.operations].count("PyFunc") == 2


# the log


def test_a_full_log_says_so_for_each_kind_of_defect() -> None:
    log = Log()
    for number in range(MAX_ISSUES):
        assert not log.is_full("a")
        log.issue("a", f"defect {number}")
    assert log.is_full("a")
    assert not log.is_full("b")


@pytest.mark.parametrize("name", ["plain.name", "a\nb", "\u202ex", "n" * 300, "\ud800", "\xa0"])
def test_names_are_shown_as_the_edge_shows_them(name: str) -> None:
    from weighbridge.edge.text import visible
    from weighbridge.weights.inspection import Verdict

    log = Log()
    log.operation(Verdict.DANGEROUS, "call", name, name, "runs", 0, "R")
    (operation,) = log.freeze("x").operations
    assert (operation.name, operation.rendered) == (visible(name, 200), visible(name, 300))


# Pickles in compressed data


def test_a_packed_pickle_of_far_more_opcodes_than_the_file_has_bytes_is_a_bomb() -> None:
    data = gzip.compress(b"\x80\x02" + b"]0" * 8_000_000 + b"N.", 6)
    seen = look(data, Kind.GZIP)
    most = PACKED_OPCODES + PACKED_RATIO * len(data)
    (issue,) = [i for i in seen.issues if i.code == "decompression-bomb"]
    assert f"exceeds the bound of {most} opcodes" in issue.message
    assert not seen.complete


def test_a_packed_pickle_that_repeats_itself_is_none() -> None:
    data = gzip.compress(b"\x80\x02](" + b"K\x01" * 500_000 + b"e.", 6)
    assert len(data) < 10_000
    seen = look(data, Kind.GZIP)
    assert clean(seen)
