# ruff: noqa: E501 - a sample reads best as one line of bytes
"""ONNX models that are not what the format asks for, and models that are."""

from __future__ import annotations

import io
import pickle
import struct

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.formats import onnx_start
from weighbridge.weights import onnx, protobuf_file
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.onnx import file, tensors
from weighbridge.weights.source import file_source


def seen(data: bytes) -> Inspection:
    result: Inspection = looking.seen(onnx.inspect, data)
    return result


def of_tensor(body: bytes) -> Inspection:
    return seen(p.model(p.graph(p.node("Relu"), tensors=(body,))))


RELU = p.graph(p.node("Relu"))
LIST = pickle.dumps([1, 2, 3])
EXE = b"\x7fELF\x02\x01\x01" + b"\0" * 60
# what is wrong -> (bytes, issue code)
MODELS = {
    "empty": (b"", "bad-model"),
    "no graph": (p.num(1, 10) + p.sub(8, p.num(2, 21)), "bad-model"),
    "two graphs": (p.model(more=p.sub(7, RELU)), "bad-model"),
    "no version": (p.model()[2:], "bad-version"),
    "version 0": (p.model(ir_version=0), "bad-version"),
    "version -1": (p.model(ir_version=-1), "bad-version"),
    "version 2000": (p.model(ir_version=2000), "bad-version"),
    "no operator sets": (p.model(opsets=()), "bad-version"),
    "operator set 0": (p.model(opsets=(("", 0),)), "bad-version"),
    "operator set -5": (p.model(opsets=(("", -5),)), "bad-version"),
    "operator set without a version": (p.model(more=p.sub(8, p.sub(1, "ai.onnx.ml"))), "bad-version"),
    "unknown field": (p.model(more=p.num(77, 1)), "unknown-field"),
    "field of another type": (p.model(more=p.num(7, 1)), "unknown-field"),
    "unknown field of a graph": (p.model(RELU + p.sub(3, "x")), "unknown-field"),
    "unknown field of a node": (p.model(p.graph(p.node("Relu") + p.num(30, 1))), "unknown-field"),
    "unknown field of an attribute": (p.model(p.graph(p.node("Relu", p.attribute("a", p.num(99, 1))))), "unknown-field"),
    "unknown field of a function": (p.model(functions=(p.function("f", "d") + p.num(40, 1),)), "unknown-field"),
    "unknown field of a property": (p.model(more=p.sub(14, p.sub(3, "x"))), "unknown-field"),
    "node without an operator": (p.model(p.graph(p.sub(1, "x"))), "bad-node"),
    "node with two operators": (p.model(p.graph(p.node("Relu") + p.sub(4, "Abs"))), "bad-node"),
    "node with two domains": (p.model(p.graph(p.node("Relu", domain="a") + p.sub(7, "ai.onnx"))), "bad-node"),
    "trailing zeros": (p.model(more=b"\0" * 8), "malformed"),
    "trailing bytes": (p.model(more=b"hello world"), "malformed"),
    "trailing program": (p.model(more=EXE), "malformed"),
    "cut off": (p.model()[:-3], "malformed"),
    "cut in the graph": (p.model()[:20], "malformed"),
    "text": (b"this is no model", "malformed"),
    "pickle": (LIST, "malformed"),
    "two functions of a name": (p.model(functions=(p.function("f", "d"),) * 2), "duplicate-function"),
    "two tensors of a name": (p.model(p.graph(tensors=(p.tensor(), p.tensor()))), "duplicate-tensor"),
    "program in a property": (p.model(more=p.pair(14, "k", EXE)), "executable-content"),
    "pickle in a property": (p.model(more=p.pair(14, "k", LIST)), "hidden-pickle"),
    "pickle in a graph's property": (p.model(RELU + p.pair(16, "k", LIST)), "hidden-pickle"),
    "pickle in a text attribute": (p.model(p.graph(p.node("Relu", p.attribute("s", p.sub(4, LIST))))), "hidden-pickle"),
    "archive in a description": (p.model(more=p.sub(6, b"PK\x03\x04\x14\0\0\0\0\0" + b"\0" * 30)), "hidden-archive"),
    "program in an unknown field": (p.model(more=p.sub(60, EXE)), "executable-content"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), MODELS.values(), ids=MODELS)
def test_a_defect_of_a_model_is_named(codes, data: bytes, code: str) -> None:
    assert code in codes(seen(data))


# what is wrong -> (body of a TensorProto, issue code)
TENSORS = {
    "too few bytes": (p.tensor(raw=b"\0" * 7), "size-mismatch"),
    "too many bytes": (p.tensor(raw=b"\0" * 9), "size-mismatch"),
    "size of another type": (p.tensor(dtype=10), "size-mismatch"),
    "four bits each": (p.tensor(dtype=22, dims=(3,), raw=b"\0" * 3), "size-mismatch"),
    "overflowing shape": (p.tensor(dims=(2**32, 2**32)), "bad-shape"),
    "negative side": (p.tensor(dims=(-2,)), "bad-shape"),
    "too many sides": (p.tensor(dims=(1,) * 100, raw=b"\0" * 4), "malformed"),
    "type 0": (p.tensor(dtype=0), "unknown-type"),
    "type 99": (p.tensor(dtype=99), "unknown-type"),
    "no values": (p.tensor(raw=None), "missing-data"),
    "raw and typed values": (p.tensor(more=p.sub(4, b"\0" * 8)), "two-values"),
    "typed values of another type": (p.tensor(raw=None, more=p.sub(7, b"\0\0")), "wrong-field"),
    "texts as raw bytes": (p.tensor(dtype=8), "wrong-field"),
    "too few texts": (p.tensor(dtype=8, raw=None, more=p.sub(6, "a")), "size-mismatch"),
    "too few floats": (p.tensor(raw=None, more=p.sub(4, b"\0" * 4)), "size-mismatch"),
    "too many floats, not packed": (p.tensor(raw=None, more=p.f32(4, 1) * 3), "size-mismatch"),
    "too few integers": (p.tensor(dtype=7, raw=None, more=p.sub(7, b"\x05")), "size-mismatch"),
    "far too few integers": (
        p.tensor(dtype=7, dims=(10**6,), raw=None, more=p.sub(7, b"\1" * 70_000)), "size-mismatch"),
    "half a complex number": (p.tensor(dtype=14, raw=None, more=p.sub(4, b"\0" * 8)), "size-mismatch"),
    "in pieces": (p.tensor(more=p.sub(3, p.num(1, 0))), "segment"),
    "two raw values": (p.tensor(more=p.sub(9, b"\0" * 8)), "duplicate-field"),
    "two types": (p.tensor(more=p.num(2, 1)), "duplicate-field"),
    "unknown field": (p.tensor(more=p.num(50, 1)), "unknown-field"),
    "program": (p.tensor(dims=(67,), dtype=2, raw=EXE), "executable-content"),
    "pickle": (p.tensor(dims=(len(LIST),), dtype=2, raw=LIST), "hidden-pickle"),
    "pickle in a text": (p.tensor(dtype=8, dims=(1,), raw=None, more=p.sub(6, LIST)), "hidden-pickle"),
    "pickle in a property": (p.tensor(more=p.pair(16, "k", LIST)), "hidden-pickle"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "code"), TENSORS.values(), ids=TENSORS)
def test_a_defect_of_a_tensor_is_named(codes, body: bytes, code: str) -> None:
    assert code in codes(of_tensor(body))


@pytest.mark.parametrize("place", ["sparse", "constant", "branch", "function", "training", "list"])
def test_tensors_are_checked_wherever_they_stand(codes, place: str) -> None:
    bad = p.tensor(raw=b"\0")
    constant = p.node("Constant", p.attribute("value", p.sub(5, bad)))
    data = {
        "sparse": p.model(RELU + p.sub(15, p.sub(1, bad), p.sub(2, p.tensor()))),
        "constant": p.model(p.graph(constant)),
        "branch": p.model(p.graph(p.node("If", p.attribute("then", p.sub(6, p.graph(constant)))))),
        "function": p.model(functions=(p.function("f", "d", constant),)),
        "training": p.model(more=p.sub(20, p.sub(2, p.graph(constant)))),
        "list": p.model(p.graph(p.node("Relu", p.attribute("many", p.sub(10, bad))))),
    }[place]
    assert "size-mismatch" in codes(seen(data))


@pytest.mark.parametrize("name", ["os.system", "subprocess.check_output"])
def test_a_pickle_that_calls_is_an_operation(name: str) -> None:
    payload = b"c%s\n%s\n(S'echo inert'\ntR." % tuple(name.encode().split(b"."))
    found = of_tensor(p.tensor(dtype=2, dims=(len(payload),), raw=payload))
    assert {o.name for o in found.operations} == {name}


def test_bounds_are_gaps(monkeypatch) -> None:
    body = RELU
    for _ in range(40):
        body = p.graph(p.node("If", p.attribute("then_branch", p.sub(6, body))))
    assert "100 deep" in seen(p.model(body)).incomplete_reason
    many = p.graph(more=p.sub(1, p.sub(4, "Relu"), p.sub(7, "ai.onnx"), p.num(30, 1)) * 5000)
    monkeypatch.setattr(protobuf_file, "MAX_FIELDS", 10_000)
    assert "10000 fields" in seen(p.model(many)).incomplete_reason
    monkeypatch.undo()
    monkeypatch.setattr(file, "MAX_OPERATORS", 500)
    names = (p.sub(1, p.sub(4, f"Op{n}")) for n in range(501))
    assert "different operators" in seen(p.model(p.graph(more=b"".join(names)))).incomplete_reason


def test_later_versions_are_gaps_and_no_issues() -> None:
    found = seen(p.model(ir_version=15, more=p.num(88, 1)))
    assert not found.issues
    assert "IR version 15" in found.incomplete_reason
    found = seen(p.model(p.graph(p.node("NotYetKnown")), opsets=(("", 99),)))
    assert (found.operations, found.issues) == ((), ())
    assert "version 99 of the domain ai.onnx" in found.incomplete_reason


@pytest.mark.parametrize("dtype", sorted(tensors.DTYPES))
@pytest.mark.parametrize("count", [0, 1, 5])
def test_every_type_as_raw_bytes(dtype: int, count: int) -> None:
    label, bits, field = tensors.DTYPES[dtype]
    if field == tensors.STRINGS:
        body = p.tensor(dtype=dtype, dims=(count,), raw=None, more=p.sub(6, "text") * count)
    else:
        body = p.tensor(dtype=dtype, dims=(count,), raw=b"\0" * -(-count * bits // 8))
    found = of_tensor(body)
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (found.tensors, found.parameters, found.dtypes) == (1, count, (label,))


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (1, p.sub(4, struct.pack("<3f", 1, 2, 3))),
        (1, p.f32(4, 1) + p.f32(4, 2) + p.f32(4, 3)),
        (1, p.sub(4, struct.pack("<2f", 1, 2)) + p.f32(4, 3)),
        (7, p.sub(7, p.varint(-1), p.varint(300), p.varint(0))),
        (7, p.num(7, -1) * 3),
        (10, p.sub(5, p.varint(15360) * 3)),
        (11, p.sub(10, b"\0" * 24)),
        (13, p.sub(11, p.varint(2**64 - 1) * 3)),
        (14, p.sub(4, b"\0" * 24)),
        (15, p.sub(10, b"\0" * 48)),
        (22, p.sub(5, b"\1\2")),
        (22, p.sub(5, b"\1\2\3")),
    ],
)
def test_values_in_typed_fields(dtype: int, values: bytes) -> None:
    found = of_tensor(p.tensor(dtype=dtype, dims=(3,), raw=None, more=values))
    assert (found.operations, found.issues, found.gaps) == ((), (), ())


def test_an_honest_model() -> None:
    loop = p.node("Loop", p.attribute("body", p.sub(6, RELU), p.num(20, 5)), makes=("z",))
    twice = p.node("Twice", domain="local", takes=("z", "", "w"), makes=("twice", ""))
    found = seen(
        p.model(
            p.graph(p.node("Relu"), loop, twice, tensors=(p.tensor(),)),
            opsets=(("", 21), ("local", 1)),
            functions=(p.function("Twice", "local", p.node("Add")),),
            more=p.pair(14, "author", "nobody") + p.sub(20, p.sub(2, RELU)) + p.sub(6, "about"),
        )
    )
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert found.complete
    assert dict(found.allowed) == {
        "ai.onnx.Add": 1, "ai.onnx.Loop": 1, "ai.onnx.Relu": 3, "local.Twice": 1,
    }  # fmt: skip
    assert (found.tensors, found.parameters, found.dtypes) == (1, 2, ("FLOAT",))
    assert found.bytes_read > 0


def test_first_version_needs_no_operator_sets() -> None:
    found = seen(p.model(opsets=(), ir_version=2))
    assert (found.issues, found.gaps) == ((), ())


def test_onnx_runtimes_own_format() -> None:
    data = b"\x18\0\0\0ORTM" + b"\0" * 40
    assert onnx_start.looks_like_ort(data, len(data))
    for other in (b"\x18\0\0\0TFL3" + b"\0" * 40, b"\xff\xff\0\0ORTM" + b"\0" * 40, b"ORTM", b""):
        assert not onnx_start.looks_like_ort(other, len(other))
    log = Log()
    onnx.inspect_ort(file_source(io.BytesIO(data), len(data)), log)
    assert not log.freeze("ort").complete
