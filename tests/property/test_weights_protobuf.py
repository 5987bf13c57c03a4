"""Protobuf readers against bytes that no tool wrote: an answer, never another exception."""

from __future__ import annotations

import io
import struct
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.model.canonical import canonical
from weighbridge.weights import coreml, coreml_weights, onnx, paddle, paddle_tensors, protobuf
from weighbridge.weights.protobuf import GROUP, I32, I64, LEN, VARINT, Budget, Field, Wire
from weighbridge.weights.source import Source, file_source

_BRANCH = p.node("If", p.attribute("then_branch", p.sub(6, p.graph(p.node("Relu")))))
_MODEL = p.model(
    p.graph(
        p.node("Conv", p.attribute("pads", p.num(8, 1), p.f32(7, 1.0), p.sub(9, "x"))),
        _BRANCH,
        tensors=(
            p.tensor(),
            p.tensor("v", external=(("location", "a/w.bin"), ("offset", "0"), ("length", "8"))),
            p.tensor("i", raw=None, dtype=7, more=p.sub(7, b"\1\2")),
        ),
        more=p.sub(15, p.sub(1, p.tensor("s")), p.sub(2, p.tensor("t"))),
    ),
    functions=(p.function("f", "local", p.node("Add")),),
    more=p.pair(14, "k", "v") + p.sub(20, p.sub(2, p.graph(p.node("Relu")))),
)  # fmt: skip
_VALUE = p.sub(2, p.sub(1, p.num(1, 10))) + p.sub(5, p.sub(1, "@model_path/w"), p.num(2, 64))
_OPERATION = p.sub(1, "const") + p.sub(5, p.sub(1, "val"), p.sub(2, _VALUE))
_COREML = p.num(1, 9) + p.sub(2, p.sub(100, p.pair(100, "k", "v"))) + p.sub(
    502, p.sub(2, p.sub(2, p.sub(3, p.sub(2, p.sub(3, _OPERATION)))))
)  # fmt: skip
_PADDLE = p.sub(1, p.num(1, 0), p.num(2, -1), p.sub(4, p.sub(3, "relu"), p.sub(4, p.sub(1, "a"))))
_DESCRIPTION = p.num(1, 5) + p.num(2, 2)
_PARAMETERS = (b"\0" * 16 + struct.pack("<i", len(_DESCRIPTION)) + _DESCRIPTION + b"\0" * 8) * 3
_BLOB = struct.pack("<IIQQQ32x", 0xDEADBEEF, 2, 8, 128, 0) + b"\0" * 8
_WEIGHTS = struct.pack("<II56x", 1, 2) + _BLOB
SEEDS = {
    onnx.inspect: _MODEL,
    coreml.inspect: _COREML,
    coreml_weights.inspect: _WEIGHTS,
    paddle.inspect: _PADDLE,
    paddle_tensors.inspect: _PARAMETERS,
}


def _source(data: bytes) -> Source:
    return file_source(io.BytesIO(data), len(data))


def inspected(reader, data: bytes) -> None:
    started = time.process_time()
    found = looking.seen(reader, data)
    assert time.process_time() - started < 5
    assert found.complete or found.gaps
    assert found.tensors >= 0
    assert found.parameters >= -1
    texts = [o.rendered for o in found.operations] + [i.message for i in found.issues]
    offsets = [o.offset for o in found.operations] + [i.offset for i in found.issues]
    canonical({"texts": texts, "offsets": offsets})


@given(st.sampled_from(list(SEEDS)), st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_an_answer(reader, data: bytes) -> None:
    inspected(reader, data)


@given(st.sampled_from(list(SEEDS)), st.data())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_changed_models_get_an_answer(reader, data: st.DataObject) -> None:
    changed = bytearray(SEEDS[reader])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        how = data.draw(st.sampled_from(("set", "cut", "insert", "repeat")))
        if how == "set" and changed:
            changed[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del changed[at : at + data.draw(st.integers(1, 20))]
        elif how == "insert":
            changed[at:at] = data.draw(st.binary(min_size=1, max_size=12))
        else:
            changed[at:at] = changed[at : at + data.draw(st.integers(1, 40))]
    inspected(reader, bytes(changed))


_FIELDS = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 2**29 - 1), st.just(VARINT), st.integers(0, 2**64 - 1)),
        st.tuples(st.integers(1, 2**29 - 1), st.just(I64), st.integers(0, 2**64 - 1)),
        st.tuples(st.integers(1, 2**29 - 1), st.just(I32), st.integers(0, 2**32 - 1)),
        st.tuples(st.integers(1, 2**29 - 1), st.just(LEN), st.binary(max_size=300)),
        st.tuples(st.integers(1, 2**29 - 1), st.just(GROUP), st.just(0)),
    ),
    max_size=30,
)


def _written(number: int, kind: int, value: int | bytes) -> bytes:
    if kind == LEN:
        return p.sub(number, value)
    if kind == GROUP:
        return p.tag(number, GROUP) + p.num(1, 5) + p.tag(number, 4)
    raw = p.varint(value) if kind == VARINT else value.to_bytes(8 if kind == I64 else 4, "little")
    return p.tag(number, kind) + raw


@given(_FIELDS, st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read(rows, prefix: int) -> None:
    data = b"".join(_written(*row) for row in rows)
    wire = Wire(_source(b"\xff" * prefix + data + b"\xff"))
    end = prefix + len(data)
    found = list(protobuf.fields(wire, prefix, end, Budget()))
    assert [(f.number, f.wire) for f in found] == [(number, kind) for number, kind, _ in rows]
    for field, (_, kind, value) in zip(found, rows, strict=True):
        if kind == LEN:
            assert wire.read(field.start, field.length) == value
        elif kind != GROUP:
            assert field.value == value


@given(_FIELDS)
@settings(max_examples=200, deadline=None)
def test_quiet_fields_change_nothing_else(rows) -> None:
    data = b"".join(_written(number % 40 + 1, kind, value) for number, kind, value in rows)
    quiet = protobuf.runs((1, LEN), (2, VARINT), (3, I32), (4, I64), (17, LEN), (18, VARINT))
    skipped = {(1, LEN), (2, VARINT), (3, I32), (4, I64), (17, LEN), (18, VARINT)}

    def wanted(found: list[Field]) -> list[Field]:
        return [field for field in found if (field.number, field.wire) not in skipped]

    everything = list(protobuf.fields(Wire(_source(data)), 0, len(data), Budget()))
    some = list(protobuf.fields(Wire(_source(data)), 0, len(data), Budget(), quiet=quiet))
    assert wanted(some) == wanted(everything)
    assert set(some) <= set(everything)
