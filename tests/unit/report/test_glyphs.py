"""Glyphs, widths and line breaks; and that the overlap check of the other tests can fail."""

from __future__ import annotations

import pytest

from weighbridge.report.pdf.flow import Flow, Text, fit
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR, Cut, faces
from weighbridge.report.pdf.style import LEFT
from weighbridge.report.pdf.table import Column, Row, table


@pytest.fixture(scope="module")
def regular():
    return faces()[REGULAR]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain / text_1", "plain / text_1"),
        ("é Ж ß ő", "é Ж ß ő"),
        ("→ ✓ □", "→ ✓ □"),  # from the stand-in font
        ("ქართული", "ქართული"),  # from the further font
        ("你\U0001f600", "\\u4f60\\U0001f600"),
        ("\u0e44\u0928", "\\u0e44\\u0928"),  # letters that change by their neighbors
        ("a\u0301", "a\\u0301"),
        ("\u05d0\u0627", "\\u05d0\\u0627"),
        ("\u202e\u200b\u2066", "\\u202e\\u200b\\u2066"),
        ("\u00a0\u2003\u3000", "\\u00a0\\u2003\\u3000"),
        ("\x00\n\x7f", "\\x00\\x0a\\x7f"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_cannot_be_drawn_is_escaped(text, shown, regular):
    assert regular.show(text) == shown


def test_what_is_cut_is_counted(regular):
    assert regular.show("x" * 30, 10) == "x" * 10 + "… (20 more characters)"


@pytest.mark.parametrize("name", [REGULAR, BOLD, MONO])
def test_widths_are_those_of_reportlab(name):
    from reportlab.pdfbase.pdfmetrics import stringWidth

    face = faces()[name]
    text = "Loading pytorch_model.bin calls os.system (é Ж)"
    assert face.width(text, 9) == pytest.approx(stringWidth(text, face.font.fontName, 9))


def test_a_stand_in_glyph_has_its_own_run(regular):
    assert [piece for _, piece in regular.runs("a→b")] == ["a", "→", "b"]


def test_a_further_font_draws_with_its_own_widths(regular):
    pieces = regular.runs("aქb")
    assert [piece for _, piece in pieces] == ["a", "ქ", "b"]
    font = pieces[1][0]
    assert font.fontName == "Weighbridge-figo"
    assert regular.unit(ord("ქ")) == font.face.charWidths[ord("ქ")]


def test_a_line_that_ends_within_a_word_says_so(regular):
    lines = regular.wrap("two words and averylongwordthatisbroken", 8, 60)
    assert [isinstance(line, Cut) for line in lines[-2:]] == [True, False]
    assert not isinstance(lines[0], Cut)


def test_paths_break_after_a_separator(regular):
    lines = regular.wrap("models/first/second/third/weights.safetensors", 8, 80)
    assert "".join(lines) == "models/first/second/third/weights.safetensors"
    assert lines[0].endswith("/")


def test_a_line_narrower_than_a_glyph_ends(regular):
    assert regular.wrap("abc", 10, 1) == ["a", "b", "c"]


def test_fit_ends_in_dots(regular):
    cut = fit(regular, "x" * 500, 9, 60)
    assert cut.endswith("…")
    assert regular.width(cut, 9) <= 60
    assert fit(regular, "x", 9, 60) == "x"


def test_a_row_taller_than_a_page_is_split_and_complete(overlaps):
    flow = Flow()
    flow.heading(1, "Long")
    words = [f"word{n}" for n in range(4000)]
    cell = [Text(" ".join(words), limit=0)]
    table(flow, (Column("A", 1), Column("B", 1)), [Row([[Text("left")], cell])])
    shown = " ".join(line.shown for page in flow.pages for line in page.lines).split()
    assert [word for word in shown if word.startswith("word")] == words
    assert len(flow.pages) > 1
    assert all(overlaps(page) == [] for page in flow.pages)


def test_a_table_of_bands_alone_is_drawn():
    flow = Flow()
    table(flow, (Column("A", 1),), [Row([[Text("only a band")]], band=True)])
    assert "only a band" in [line.shown for line in flow.page.lines]


def test_a_table_without_rows_draws_nothing():
    flow = Flow()
    table(flow, (Column("A", 1),), [])
    assert flow.page.lines == []


def test_the_last_row_is_not_alone_on_its_page():
    for count in range(20, 60):
        flow = Flow()
        table(flow, (Column("A", 1),), [Row([[Text(f"row {n}")]]) for n in range(count)])
        last = [line.shown for line in flow.pages[-1].lines]
        assert f"row {count - 2}" in last


def test_the_overlap_check_can_fail(overlaps):
    flow = Flow()
    flow.put(LEFT, 100.0, Text("one text"))
    assert overlaps(flow.page) == []
    flow.put(LEFT + 10, 103.0, Text("another on top"))
    assert len(overlaps(flow.page)) == 1
    flow.put(LEFT - 20, 300.0, Text("outside"))
    assert len(overlaps(flow.page)) == 2
