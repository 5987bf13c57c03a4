# ruff: noqa: E501 - a sample reads best as one line of bytes
"""PaddlePaddle programs and parameters."""

from __future__ import annotations

import pickle
import struct

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.formats import paddle_start, paddle_tensors_start
from weighbridge.weights import paddle, paddle_tensors
from weighbridge.weights.inspection import Inspection, Verdict

LIST = pickle.dumps([1, 2, 3])


def operator(name: str, *attributes: bytes) -> bytes:
    inputs = p.sub(1, p.sub(1, "X"), p.sub(2, "x"))
    return p.sub(4, inputs, p.sub(3, name), *(p.sub(4, a) for a in attributes))


def text(name: str, value: str | bytes) -> bytes:
    return p.sub(1, name) + p.num(2, 2) + p.sub(5, value)


def block(*parts: bytes, index: int = 0, parent: int = -1) -> bytes:
    return p.sub(1, p.num(1, index), p.num(2, parent), *parts)


def program(*parts: bytes) -> bytes:
    return block(*parts) + p.sub(4, p.num(1, 0))


def variable(dtype: int, *sides: int) -> bytes:
    description = p.num(1, dtype) + b"".join(p.num(2, side) for side in sides)
    return p.sub(
        3, p.sub(1, "w"), p.sub(2, p.num(1, 7), p.sub(3, p.sub(1, description))), p.num(3, 1)
    )


def seen(data: bytes) -> Inspection:
    result: Inspection = looking.seen(paddle.inspect, data)
    return result


MALFORMED = {
    "empty": (b"", "bad-model"),
    "no block": (p.sub(4, p.num(1, 0)), "bad-model"),
    "unknown field": (program() + p.num(60, 1), "unknown-field"),
    "unknown field of a block": (program(p.num(60, 1)), "unknown-field"),
    "unknown field of an operator": (program(p.sub(4, p.sub(3, "relu"), p.num(60, 1))), "unknown-field"),
    "operator without a type": (program(p.sub(4, p.sub(1, "x"))), "bad-node"),
    "operator with two types": (program(p.sub(4, p.sub(3, "relu"), p.sub(3, "abs"))), "bad-node"),
    "trailing bytes": (program() + b"\0\0\0", "malformed"),
    "cut off": (program(operator("relu"))[:-9], "malformed"),
    "pickle in an attribute": (program(operator("relu", text("t", LIST))), "hidden-pickle"),
    "pickle in an unknown field": (program() + p.sub(60, LIST), "hidden-pickle"),
    "tensor of many dimensions": (program(variable(5, *[1] * 80)), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), MALFORMED.values(), ids=MALFORMED)
def test_a_defect_of_a_program_is_named(codes, data: bytes, code: str) -> None:
    assert code in codes(seen(data))


OPERATORS = {
    "py_func": Verdict.DANGEROUS, "pylayer": Verdict.DANGEROUS, "load": Verdict.DANGEROUS,
    "load_combine": Verdict.DANGEROUS, "save": Verdict.DANGEROUS, "save_combine": Verdict.DANGEROUS,
    "read_file": Verdict.DANGEROUS, "listen_and_serv": Verdict.DANGEROUS, "send": Verdict.DANGEROUS,
    "c_gen_nccl_id": Verdict.DANGEROUS, "run_program": Verdict.UNLISTED_CALL,
    "inert_custom_op": Verdict.UNLISTED_CALL, "py_func_grad": Verdict.DANGEROUS,
    "read": Verdict.UNLISTED, "tensorrt_engine": Verdict.UNLISTED,
}  # fmt: skip


@pytest.mark.parametrize(("name", "verdict"), OPERATORS.items())
def test_operators_that_reach_further(name: str, verdict: Verdict) -> None:
    body = operator(name, text("file_path", "/nonexistent/inert"))
    for data in (
        program(body),
        program(operator("while")) + block(operator("relu"), body, index=1, parent=0),
    ):
        (found,) = seen(data).operations
        assert (found.verdict, found.action) == (verdict, "operator")
        assert found.name == f"paddle.{name}"
        assert "file_path='/nonexistent/inert'" in found.rendered


def test_an_honest_program() -> None:
    numbers = p.sub(1, "axes") + p.num(2, 3) + p.num(6, 1) + p.num(6, -1) + p.f32(7, 1.0)
    data = (
        program(
            variable(5, 3, 4), operator("feed"), operator("conv2d", numbers, text("padding_algorithm", "EXPLICIT")),
            operator("conv2d_grad"), operator("matmul_v2"), operator("sync_batch_norm"), operator("fetch"),
        )
        + p.sub(5, p.sub(1, p.sub(1, "relu"), p.sub(2, p.num(1, 1))))
    )  # fmt: skip
    found = seen(data)
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (found.tensors, found.parameters, found.dtypes) == (1, 12, ("FP32",))
    assert ("conv2d", 1) in found.allowed
    assert paddle_start.looks_like_program(data, len(data))
    for other in (b"", data[:5], block(index=1), p.model(), b"\x0a" + b"\xff" * 30, data[:40]):
        assert not paddle_start.looks_like_program(other, len(other))


def test_the_list_is_what_it_says() -> None:
    known = paddle.known()
    assert len(known) > 900
    assert {"conv2d", "batch_norm", "multiclass_nms3", "py_func"} <= known


def stream(
    dtype: int = 5,
    dims: tuple[int, ...] = (2,),
    raw: bytes = b"\0" * 8,
    *,
    levels: bytes = b"\0" * 8,
) -> bytes:
    description = p.num(1, dtype) + b"".join(p.num(2, side) for side in dims)
    return b"\0" * 4 + levels + b"\0" * 4 + struct.pack("<i", len(description)) + description + raw


PARAMETERS = {
    "version 1": b"\1" + stream()[1:],
    "version 1 of the tensor": stream()[:12] + b"\1" + stream()[13:],
    "cut in the header": stream()[:10],
    "cut in the description": stream()[:22],
    "cut in the numbers": stream()[:-1],
    "trailing bytes": stream() + b"\0\0\0",
    "trailing text": stream() + b"hello, this is no tensor at all",
    "negative description": stream()[:16] + struct.pack("<i", -1) + stream()[20:],
    "huge description": stream()[:16] + struct.pack("<i", 2**31 - 1) + stream()[20:],
    "unknown type": stream(99),
    "texts": stream(29),
    "no type": b"\0" * 16 + struct.pack("<i", 2) + p.num(2, 2) + b"\0" * 8,
    "negative side": stream(dims=(-2,)),
    "overflowing shape": stream(dims=(2**62, 2**62)),
    "too many sides": stream(dims=(1,) * 100),
    "too many levels": stream(levels=struct.pack("<Q", 2**60)),
    "level outside": stream(levels=struct.pack("<QQ", 1, 2**40)),
}


@pytest.mark.parametrize("data", PARAMETERS.values(), ids=PARAMETERS)
def test_a_defect_of_parameters_is_named(codes, data: bytes) -> None:
    found = looking.seen(paddle_tensors.inspect, data)
    assert "malformed" in codes(found)
    assert not found.complete


def test_content_that_is_no_numbers_is_named(codes) -> None:
    found = looking.seen(paddle_tensors.inspect, stream(20, (len(LIST),), LIST))
    assert "hidden-pickle" in codes(found)
    unknown = (
        stream()[:16] + struct.pack("<i", 6) + p.num(1, 5) + p.num(2, 2) + p.num(3, 1) + b"\0" * 8
    )
    assert "unknown-field" in codes(looking.seen(paddle_tensors.inspect, unknown))


def test_too_many_tensors_are_a_gap(monkeypatch) -> None:
    monkeypatch.setattr(paddle_tensors, "MAX_TENSORS", 10)
    assert "10 tensors" in looking.seen(paddle_tensors.inspect, stream() * 11).incomplete_reason
    assert looking.seen(paddle_tensors.inspect, stream() * 9).complete


def test_honest_parameters() -> None:
    packed = p.num(1, 3) + p.sub(2, p.varint(2), p.varint(1))
    data = (
        stream()
        + stream(5, (), b"\0" * 4)
        + stream(22, (3, 5), b"\0" * 30, levels=struct.pack("<QQQ", 1, 8, 3))
        + stream(0, (0, 7), b"")
        + b"\0" * 16 + struct.pack("<i", len(packed)) + packed + b"\0" * 16
    )  # fmt: skip
    found = looking.seen(paddle_tensors.inspect, data)
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (found.tensors, found.parameters) == (5, 2 + 1 + 15 + 0 + 2)
    assert found.dtypes == ("BF16", "BOOL", "FP32", "INT64")
    assert paddle_tensors_start.looks_like_parameters(data, len(data))
    for other in (b"", b"\0" * 100, stream(99), stream()[:-1], stream(dims=(1,))[:-9], p.model()):
        assert not paddle_tensors_start.looks_like_parameters(other, len(other))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (program(variable(5, 2), variable(5, 2)), "duplicate-value"),
        (block(index=0, parent=44), "bad-index"),
        (
            program(operator("while", p.sub(1, "sub_block") + p.num(2, 8) + p.num(12, 9))),
            "bad-index",
        ),
        (
            program(operator("while", p.sub(1, "blocks") + p.num(2, 10) + p.num(14, -2))),
            "bad-index",
        ),
    ],
)
def test_programs_whose_parts_do_not_fit(data: bytes, code: str) -> None:
    assert code in looking.codes(looking.seen(paddle.inspect, data))


def test_blocks_that_there_are() -> None:
    runs = operator("while", p.sub(1, "sub_block") + p.num(2, 8) + p.num(12, 1))
    data = block(runs) + block(variable(5, 2), index=1, parent=0)
    assert looking.clean(looking.seen(paddle.inspect, data))
