"""What a MetaGraphDef says of itself: damaged messages that TensorFlow refuses, and whole ones."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.weights.tensorflow import graph, inspect_saved_model

PLAIN = b.graph(b.node("Add"))
EVIL = b.graph(b.node("WriteFile"))
CUT = b"\x0a\x20short"  # a field of 32 bytes, of which there are five
VALUE = b.message((1, b.message((6, 3))), (7, b.message((2, b.message((1, 4))))))


def operators(attribute: bytes) -> tuple[int, bytes]:
    """A second MetaInfoDef: parsers merge the two."""
    operator = b.message((1, "Add"), (2, b.message((1, "x"))), (4, attribute))
    return 1, b.message((2, b.message((1, operator))))


def signature(tensor: bytes) -> tuple[int, bytes]:
    inputs = b.message((1, "x"), (2, tensor))
    return 5, b.message((1, "serving_default"), (2, b.message((1, inputs))))


def look(*rest: tuple[int, bytes], of: bytes = PLAIN) -> Any:
    return looking.seen(inspect_saved_model, b.saved_model(of, *rest))


@pytest.mark.parametrize(
    "part",
    [
        (1, CUT),
        operators(CUT),
        operators(b.message((3, CUT))),
        operators(b.message((7, b.message((1, CUT))))),
        (3, CUT),
        signature(CUT),
        signature(b.message((3, b.message((2, CUT))))),
        (5, b.message((2, b.message((2, CUT))))),
    ],
    ids=["info", "operator", "default", "allowed", "saver", "input", "side", "output"],
)
def test_a_damaged_message_is_found_and_hides_nothing(part: tuple[int, bytes]) -> None:
    assert looking.codes(look(part)) == {"malformed"}
    assert b.named(look(part, of=EVIL)) == {"WriteFile": "dangerous"}


def test_a_file_of_nothing_but_such_fields_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_ABOUT", 30)
    many = 3, b.message((6, 1)) * 100
    found = look(many, many, of=EVIL)
    assert found.gaps
    assert b.named(found) == {"WriteFile": "dangerous"}


def test_whole_messages_are_nothing_to_report() -> None:
    tensor = b.message((1, "x:0"), (2, 1), (3, b.message((2, b.message((1, 4))))))
    parts = operators(b.message((1, "T"), (3, VALUE), (7, VALUE))), signature(tensor)
    assert looking.clean(look(*parts, (3, b.message((1, "save/Const:0"), (6, 1)))))
