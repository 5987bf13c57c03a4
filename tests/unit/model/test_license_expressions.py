"""SPDX expressions as alternatives of licenses that hold together."""

from __future__ import annotations

import pytest
from tests.unit.model.lineages import terms

from weighbridge.model.licensing.judge_copyleft import same_license
from weighbridge.model.licensing.judge_licenses import MAX_BRANCHES, Symbol, parsed
from weighbridge.model.licensing.judge_territory import codes, not_granted


def shown(expression: str) -> list[list[str]]:
    return [
        [f"{s.id} with {s.exception}" if s.exception else s.id for s in branch]
        for branch in parsed(expression)
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "", " ", "()", "(", ")", "MIT)", "(MIT", "MIT Apache-2.0", "AND MIT", "MIT OR", "OR",
        "MIT AND OR Apache-2.0", "MIT (Apache-2.0)", "(MIT) Apache-2.0", "MIT WITH", "( OR )",
        "(MIT OR Apache-2.0) WITH exception", "((MIT)", "(" * 2_000 + "MIT" + ")" * 2_000,
    ],
)  # fmt: skip
def test_what_is_no_expression_has_no_branches(expression: str) -> None:
    assert parsed(expression) == ()


def test_too_many_alternatives_are_none() -> None:
    few = " AND ".join(f"(A{i} OR B{i})" for i in range(6))
    assert len(parsed(few)) == MAX_BRANCHES
    many = " AND ".join(f"(A{i} OR B{i})" for i in range(60))
    assert parsed(many) == ()
    assert parsed(" OR ".join(f"L{i}" for i in range(MAX_BRANCHES + 1))) == ()


def test_deep_parentheses_do_not_exhaust_the_stack() -> None:
    assert shown("(" * 450 + "MIT" + ")" * 450) == [["MIT"]]


@pytest.mark.parametrize(
    ("expression", "branches"),
    [
        ("MIT", [["MIT"]]),
        ("MIT OR Apache-2.0", [["MIT"], ["Apache-2.0"]]),
        ("MIT AND Apache-2.0", [["Apache-2.0", "MIT"]]),
        ("MIT OR A AND B", [["MIT"], ["A", "B"]]),
        ("(MIT OR A) AND B", [["B", "MIT"], ["A", "B"]]),
        ("MIT or MIT", [["MIT"]]),
        ("GPL-2.0-only WITH x-1.0", [["GPL-2.0-only with x-1.0"]]),
        ("A AND B WITH x OR C", [["A", "B with x"], ["C"]]),
    ],
)  # fmt: skip
def test_alternatives(expression: str, branches: list[list[str]]) -> None:
    assert shown(expression) == branches


def test_an_exception_belongs_to_its_license() -> None:
    ((symbol,),) = parsed("A WITH b")
    assert symbol == Symbol("A", "b")


@pytest.mark.parametrize(
    ("asked", "offered", "accepted"),
    [
        ("GPL-3.0-only", "GPL-3.0-or-later", True),
        ("GPL-3.0-only", "GPL-2.0-only", False),
        ("GPL-2.0-only", "GPL-3.0-only", False),
        ("GPL-2.0-or-later", "GPL-3.0-only", True),
        ("GPL-2.0-or-later", "AGPL-3.0-only", True),
        ("GPL-2.0-only", "AGPL-3.0-only", False),
        ("GPL-3.0-only", "AGPL-3.0-only", True),
        ("AGPL-3.0-only", "GPL-3.0-only", False),
        ("LGPL-2.1-only", "GPL-3.0-only", True),
        ("LGPL-3.0-only", "GPL-2.0-only", False),
        ("MPL-2.0", "GPL-3.0-only", True),
        ("MPL-2.0", "MIT", False),
        ("CC-BY-SA-3.0", "CC-BY-SA-4.0", True),
        ("CC-BY-SA-4.0", "CC-BY-SA-3.0", False),
        ("CC-BY-SA-4.0", "GPL-3.0-or-later", True),
        ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", False),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0", False),
        ("Odd", "Odd", True),
        ("Odd", "MIT", False),
    ],
)
def test_licenses_that_may_take_the_place_of_one(asked: str, offered: str, accepted: bool) -> None:
    assert same_license(terms(asked), [offered]) is accepted


def test_places() -> None:
    assert "FR" in codes(["EU"])
    assert "GB" not in codes(["eu"])
    assert codes(["UK"]) == {"GB"}
    assert not_granted("EU GB KR", ["US", "UK", "DE"]) == ("DE", "UK")
    assert not_granted("DE", ["EU"]) == ("EU",)
    assert not_granted("", ["US"]) == ()
