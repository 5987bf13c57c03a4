"""JSON, text and files at the edge."""

import os

import pytest

from weighbridge.edge.files import write_atomic
from weighbridge.edge.json import load_json
from weighbridge.edge.text import paragraph, visible
from weighbridge.model.errors import BoundExceeded, HostileInput


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":2}', b"NaN", b"[Infinity]", b"{", b"\xff", b"", b"[1,]", b"{'a':1}"]
)
def test_what_is_not_strict_json_is_refused(data: bytes) -> None:
    with pytest.raises(HostileInput, match=r"t\.json"):
        load_json(data, source="t.json")


def test_depth_and_size_are_bounded() -> None:
    with pytest.raises(BoundExceeded):
        load_json(b"[" * 100_000, source="t.json")
    with pytest.raises(BoundExceeded):
        load_json(b"[1,2,3]", source="t.json", max_bytes=3)
    assert load_json(b"[" * 200 + b"]" * 200, source="t.json")


def test_brackets_in_strings_are_not_depth() -> None:
    text = b'["' + b"[{" * 1000 + b'\\""]'
    assert load_json(text, source="t.json") == ["[{" * 1000 + '"']


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢字 😀", "plain é 漢字 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\udcff", "\\udcff"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_invisible_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_long_text_is_cut_and_says_so() -> None:
    assert visible("x" * 600, limit=500) == "x" * 500 + "… (100 more characters)"


def test_a_paragraph_keeps_its_lines() -> None:
    assert paragraph("a\n\x1bb") == "a\n\\x1bb"


def test_an_atomic_write_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch) -> None:
    target = tmp_path / "x"
    write_atomic(target, b"old", mode=0o600)
    assert target.stat().st_mode & 0o777 == 0o600

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
