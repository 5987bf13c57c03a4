"""The recognizers of formats without a mark: none takes another's file for its own."""

from __future__ import annotations

from tests.corpus.registry import generated

from weighbridge.formats.peek import HEAD_BYTES
from weighbridge.formats.unmarked import recognizers

TEXTS = (
    b"", b"hello\n", b"# A model\n", b"{}", b'{"a": 1}', b"[1, 2]", b"a: 1\nb: [2]\n", b"<html/>",
    b"<?xml version='1.0'?><svg/>", b"import os\n", bytes(64), bytes(range(256)) * 4, b"\xff" * 64,
)  # fmt: skip


def test_no_two_take_the_same_file() -> None:
    taken = set()
    for sample in generated():
        head = sample.content[:HEAD_BYTES]
        kinds = [kind for kind, looks in recognizers() if looks(head, len(sample.content))]
        assert len(kinds) <= 1, (sample.family, sample.name, kinds)
        taken.update(kinds)
    assert len(taken) >= 3  # the generated corpus has files of these; the real one of the others


def test_ordinary_bytes_are_nobodys() -> None:
    for text in TEXTS:
        assert [kind for kind, looks in recognizers() if looks(text, len(text))] == [], text
