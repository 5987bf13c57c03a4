"""YAML from strangers: bounded, plain, with line numbers."""

import datetime as dt

import pytest

from weighbridge.edge.yaml import MAX_DEPTH, MalformedYaml, load_yaml
from weighbridge.model.errors import BoundExceeded

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)


def load(text: str):
    return load_yaml(text, source="t.yaml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2\n", 2),
        ("a: 1\nb: [1,\n", 3),
        ("a: !!python/object/apply:os.system ['true']\n", 1),
        ("a: 1\nb: !custom x\n", 2),
        ("!!set {a, b}\n", 1),
        ("a: !!binary aGk=\n", 1),
        ("? [a, b]\n: c\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: *missing\n", 1),
        ("\ta: 1\n", 1),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(MalformedYaml) as caught:
        load(text)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"t.yaml:{line}: ")


def test_an_alias_bomb_stops_at_the_bound() -> None:
    with pytest.raises(BoundExceeded, match="aliases"):
        load(BOMB)


def test_an_alias_to_itself_is_refused() -> None:
    with pytest.raises(MalformedYaml, match="names nothing"):
        load("a: &a [*a]\n")


def test_deep_nesting_stops_at_the_bound() -> None:
    with pytest.raises(BoundExceeded, match="nesting"):
        load("[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5))
    # libyaml's own composer dies of this one
    with pytest.raises(BoundExceeded, match="nesting"):
        load("[" * 100_000)


def test_size_is_bounded() -> None:
    with pytest.raises(BoundExceeded, match="bytes"):
        load_yaml("a: " + "x" * 100, source="t.yaml", max_bytes=50)


def test_plain_types_come_through() -> None:
    document = load("a: 1\nb: yes\nc: 2026-11-20\nd: ~\ne: [1.5, x]\nf: 2026-11-20T10:00:00Z\n")
    assert document.value == {
        "a": 1, "b": True, "c": dt.date(2026, 11, 20), "d": None, "e": [1.5, "x"],
        "f": "2026-11-20T10:00:00Z",
    }  # fmt: skip


def test_an_impossible_date_is_an_error_with_its_line() -> None:
    with pytest.raises(MalformedYaml) as caught:
        load("a: 1\nb: 2026-02-31\n")
    assert caught.value.line == 2


def test_lines_are_kept_by_key_path() -> None:
    document = load("a:\n  - x\n  - y: 1\nb: 2\n")
    assert document.line(("a",)) == 1
    assert document.line(("a", 1, "y")) == 3
    assert document.line(("b",)) == 4
    assert document.line(("a", 0, "gone")) == 2


def test_an_empty_document_is_none() -> None:
    assert load("").value is None
    assert load("# only a comment\n").value is None
