"""ONNX graphs whose values are made twice, or by nobody: the standard's checker refuses both."""

from __future__ import annotations

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.weights import onnx
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.onnx import names

FUNCTION = (("", 21), ("local", 1))


def seen(*nodes: bytes, more: bytes = b"", functions: tuple[bytes, ...] = ()) -> Inspection:
    opsets = FUNCTION if functions else (("", 21),)
    body = p.graph(*nodes, tensors=(p.tensor(),), more=more)
    result: Inspection = looking.seen(
        onnx.inspect, p.model(body, opsets=opsets, functions=functions)
    )
    return result


def branch(*nodes: bytes, more: bytes = b"") -> bytes:
    """A graph as an attribute, with no input of its own."""
    inner = b"".join(p.sub(1, body) for body in nodes) + p.sub(2, "inner") + more
    return p.attribute("then_branch", p.sub(6, inner), p.num(20, 5))


def output(name: str, number: int = 12) -> bytes:
    return p.sub(number, p.sub(1, name))


def test_a_value_that_nothing_makes() -> None:
    found = seen(p.node("Relu", takes=("nobody",)))
    assert looking.codes(found) == {"undefined-value"}
    assert "'nobody'" in found.issues[0].message
    assert found.issues[0].offset > 0


def test_a_value_that_only_a_later_node_makes() -> None:
    late = p.node("Relu", takes=("late",)), p.node("Relu", makes=("late",))
    assert looking.codes(seen(*late)) == {"undefined-value"}
    assert not seen(*late[::-1]).issues


def test_a_node_that_uses_what_it_makes() -> None:
    assert looking.codes(seen(p.node("Relu", takes=("y",)))) == {"undefined-value"}


def test_an_output_that_nothing_makes() -> None:
    assert looking.codes(seen(p.node("Relu"), more=output("gone"))) == {"undefined-value"}


@pytest.mark.parametrize("makes", [("y", "y"), ("x",), ("w",)], ids=["twice", "input", "weight"])
def test_a_value_that_is_made_twice(makes: tuple[str, ...]) -> None:
    assert looking.codes(seen(p.node("Relu", makes=makes))) == {"duplicate-value"}


def test_two_nodes_that_make_one_value() -> None:
    assert looking.codes(seen(p.node("Relu"), p.node("Abs"))) == {"duplicate-value"}


def test_two_inputs_of_one_name() -> None:
    assert looking.codes(seen(p.node("Relu"), more=output("x", 11))) == {"duplicate-value"}


def test_a_graph_inside_a_node_sees_what_was_made_before() -> None:
    inside = p.node("Relu", takes=("a",), makes=("b",))
    outer = p.node("Relu", makes=("a",)), p.node("If", branch(inside, more=output("b")))
    assert not seen(*outer).issues
    assert looking.codes(seen(*outer[::-1])) == {"undefined-value"}
    assert looking.codes(seen(outer[1])) == {"undefined-value"}


def test_what_a_graph_inside_a_node_makes_is_not_seen_outside() -> None:
    made = p.node("If", branch(p.node("Relu", makes=("b",))))
    found = seen(made, p.node("Relu", takes=("b",), makes=("z",)))
    assert looking.codes(found) == {"undefined-value"}


def test_both_branches_may_use_the_same_names() -> None:
    inner = branch(p.node("Relu", makes=("b",)))
    other = inner.replace(b"then_branch", b"else_branch")
    assert not seen(p.node("If", inner, other)).issues


def test_functions_have_values_of_their_own() -> None:
    call = p.node("f", domain="local")
    for takes, codes in ((("x",), set()), (("w",), {"undefined-value"})):
        body = p.function("f", "local", p.node("Relu", takes=takes))
        assert looking.codes(seen(call, functions=(body,))) == codes
    twice = p.function("f", "local", p.node("Relu"), p.node("Abs"))
    assert looking.codes(seen(call, functions=(twice,))) == {"duplicate-value"}
    again = p.function("f", "local", p.node("Relu")) + p.sub(4, "x")
    assert looking.codes(seen(call, functions=(again,))) == {"duplicate-value"}


def test_a_training_graph_uses_the_model_s_values() -> None:
    algorithm = p.sub(2, p.sub(1, p.node("Relu", makes=("step",))) + p.sub(2, "a"))
    model = p.model(more=p.sub(20, algorithm))
    assert looking.clean(looking.seen(onnx.inspect, model))


def test_a_weight_may_be_an_input_wherever_either_stands() -> None:
    body = p.sub(5, p.tensor()) + output("w", 11) + p.sub(1, p.node("Relu", takes=("w",)))
    found = looking.seen(onnx.inspect, p.model(body + p.sub(2, "g") + output("y")))
    assert looking.clean(found)


def test_long_names_are_not_taken_for_each_other() -> None:
    long = "n" * 500
    found = seen(*(p.node("Relu", makes=(long + end,)) for end in "ab"), p.node("Abs"))
    assert looking.clean(found)


def test_the_bound_on_names_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MAX_VALUES", 3)
    found = seen(p.node("Relu", takes=("nobody",)), p.node("Abs", makes=("z",)))
    assert found.gaps == ("names of more than 3 values were not compared",)
    assert not found.issues
