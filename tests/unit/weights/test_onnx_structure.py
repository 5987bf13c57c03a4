"""ONNX: attributes, sparse tensors, properties and functions that contradict themselves."""

from __future__ import annotations

import itertools
import struct
import time

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.weights import onnx
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.onnx import attributes, calls


def seen(data: bytes) -> Inspection:
    result: Inspection = looking.seen(onnx.inspect, data)
    return result


def node(*given: bytes) -> Inspection:
    return seen(p.model(p.graph(p.node("Relu", *given))))


FLOAT, INT, STRING = 1, 2, 3
# What is wrong -> the attributes of one node
WRONG = {
    "twice": (p.attribute("a", p.num(3, 1), p.num(20, INT)),) * 2,
    "twice, one of them text": (
        p.attribute("a", p.num(3, 1), p.num(20, INT)),
        p.attribute("a", p.sub(4, "t"), p.num(20, STRING)),
    ),
    "another type": (p.attribute("a", p.f32(2, 1.0), p.num(20, INT)),),
    "two values": (p.attribute("a", p.f32(2, 1.0), p.num(3, 1), p.num(20, INT)),),
    "a type that is none": (p.attribute("a", p.num(3, 1), p.num(20, 99)),),
    "a number said to be text": (p.attribute("a", p.num(3, 1), p.num(20, STRING)),),
}


@pytest.mark.parametrize("what", WRONG)
def test_attributes_that_contradict_themselves(what: str) -> None:
    assert looking.codes(node(*WRONG[what])) == {"bad-node"}


def test_attributes_as_writers_write_them() -> None:
    packed = p.sub(8, b"\x01\x02\x03")
    given = (
        p.attribute("f", p.f32(2, 1.0), p.num(20, FLOAT)),
        p.attribute("zero", p.num(20, INT)),
        p.attribute("i", p.num(3, -1), p.sub(13, "why"), p.num(20, INT)),
        p.attribute("s", p.sub(4, b"\xff\xfe"), p.num(20, STRING)),
        p.attribute("many", *(p.num(8, n) for n in range(300)), p.num(20, 7)),
        p.attribute("packed", packed, p.num(20, 7)),
        p.attribute("floats", p.f32(7, 1.0), p.f32(7, 2.0), p.num(20, 6)),
        p.attribute("before types", p.num(3, 1)),
        p.attribute("ref", p.num(20, FLOAT), p.sub(21, "alpha")),
    )
    assert looking.clean(node(*given))


def test_the_short_way_takes_only_what_is_right() -> None:
    for values in (WRONG["another type"], WRONG["two values"], WRONG["a type that is none"]):
        body = values[0][2:]
        assert attributes._PLAIN.fullmatch(body) is None


def sparse(
    dims: tuple[int, ...], indices: bytes, *, count: int = 2, shape: tuple[int, ...] = (2,)
) -> Inspection:
    values = p.tensor(dtype=1, dims=(count,), raw=bytes(4 * count))
    places = p.tensor(dtype=7, dims=shape, raw=None, more=indices)
    body = p.sub(1, values) + p.sub(2, places) + b"".join(p.num(3, side) for side in dims)
    return seen(p.model(p.graph(p.node("Relu"), more=p.sub(15, body))))


def raw(*numbers: int) -> bytes:
    return p.sub(9, struct.pack(f"<{len(numbers)}q", *numbers))


def test_sparse_tensors_as_they_should_be() -> None:
    assert looking.clean(sparse((4, 3), raw(1, 11)))
    assert looking.clean(sparse((4, 3), p.sub(7, p.varint(0), p.varint(5))))
    assert looking.clean(sparse((4, 3), raw(0, 2, 3, 0), shape=(2, 2)))
    assert looking.clean(sparse((4, 3), b"", count=0, shape=(0,)))


@pytest.mark.parametrize(
    ("dims", "indices", "shape"),
    [
        ((4, 3), raw(1, 12), (2,)),
        ((4, 3), raw(-1, 2), (2,)),
        ((4, 3), raw(5, 5), (2,)),
        ((4, 3), raw(5, 1), (2,)),
        ((4, 3), raw(0, 3, 1, 0), (2, 2)),
        ((4, 3), raw(1, 2, 3), (3,)),
        ((4, 0), raw(1, 2), (2,)),
        ((), raw(1, 2), (2,)),
        ((1,) * 70, raw(0, 0), (2,)),
        ((4, 3), p.num(7, 1) + p.num(7, 40), (2,)),
    ],
)
def test_sparse_tensors_that_point_elsewhere(dims, indices, shape) -> None:
    assert "bad-index" in looking.codes(sparse(dims, indices, shape=shape))


def test_two_properties_of_one_name() -> None:
    one = p.sub(14, p.sub(1, "author"), p.sub(2, "a"))
    assert looking.clean(seen(p.model(more=one)))
    assert looking.codes(seen(p.model(more=one * 2))) == {"duplicate-key"}


def test_two_versions_of_one_operator_set() -> None:
    same = p.model(opsets=(("", 21), ("ai.onnx", 21)))
    assert looking.clean(seen(same))
    assert looking.codes(seen(p.model(opsets=(("", 21), ("", 9))))) == {"bad-version"}


def test_names_that_are_no_text() -> None:
    assert looking.codes(seen(p.model(p.graph(p.node("Relu", makes=("y\xff",)))))) == set()
    body = p.node("Relu") + p.sub(2, b"y\xff\xfe")
    assert looking.codes(seen(p.model(p.graph(body)))) == {"not-text"}


def functions(*pairs: tuple[str, tuple[str, ...]]) -> Inspection:
    made = []
    for name, called in pairs:
        inner = [p.node(one, domain="l", makes=(f"y{n}",)) for n, one in enumerate(called)]
        made.append(p.function(name, "l", *(inner or [p.node("Relu")])))
    return seen(p.model(p.graph(p.node(pairs[0][0], domain="l")), functions=tuple(made)))


def test_functions_that_call_themselves() -> None:
    assert looking.codes(functions(("a", ("a",)))) == {"cycle"}
    assert looking.codes(functions(("a", ("b",)), ("b", ("c", "a")), ("c", ()))) == {"cycle"}
    assert looking.clean(functions(("a", ("b", "c")), ("b", ("c",)), ("c", ())))


def test_functions_that_become_more_and_more() -> None:
    names = [f"f{n}" for n in range(41)]
    chain = [(name, (after, after)) for name, after in itertools.pairwise(names)]
    started = time.process_time()
    assert looking.codes(functions(*chain, (names[-1], ()))) == {"alias-bomb"}
    assert looking.clean(functions(*chain[-10:], (names[-1], ())))
    assert time.process_time() - started < 1


def test_overloads_are_functions_of_their_own() -> None:
    inner = p.node("f", p.sub(8, "other"), domain="l")
    pair = (
        p.function("f", "l", inner) + p.sub(13, "one"),
        p.function("f", "l", p.node("Relu")) + p.sub(13, "other"),
    )
    call = p.graph(p.node("f", p.sub(8, "one"), domain="l"))
    assert looking.clean(seen(p.model(call, functions=pair)))


def test_calls_in_any_order() -> None:
    found = calls.Calls()
    for caller, called in (("a", "c"), ("b", "c"), ("", "b"), ("", "a"), ("c", "d")):
        found.caller = ("", caller, "")
        found.node()
        found.call(("", called, ""))
    assert found.judge() == (None, 2 + 2 + 2)
