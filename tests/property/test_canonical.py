"""Canonical JSON is that of RFC 8785, whichever of the two ways it is written."""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from weighbridge.model.canonical import canonical, freeze

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example({"\U00010000": 1, "\uffff": 2, "a": [1.0, 1e21, -0.0]})  # sorted by UTF-16
@example({"": '\x00\x1f\x7f\b\t\n\f\r"\\/\u2028\u00e9\U0001f600', "b": {}, "a": []})
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == canonical(freeze(value)) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, {"a": ["\ud83d"]}, 2**53, -(2**53),
                                   float("nan"), float("inf"), [{"a": 2**64}]])  # fmt: skip
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical(value)


def test_values_of_other_types_than_those_of_json() -> None:
    class Word(enum.StrEnum):
        YES = "yes"

    class Number(int):
        pass

    assert canonical({"a": Word.YES, "b": Number(7)}) == b'{"a":"yes","b":7}'
    assert canonical(MappingProxyType({"b": (1, True), "a": None})) == b'{"a":null,"b":[1,true]}'
    with pytest.raises(TypeError):
        canonical({"a": {1, 2}})
