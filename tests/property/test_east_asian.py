"""Lines of Chinese, Japanese and Korean lose nothing and keep their width."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.report.pdf import east_asian
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR, Cut
from weighbridge.report.pdf.typefaces import Typefaces
from weighbridge.testing.seal_samples import sample_record

LETTERS = "你好模型骨直の日本ーっカタ、。「」（）：・한국어모델 //.-ab→Ж\u0301\U0001f600ｂ\u3000"
sample = sample_record()
TYPEFACES = Typefaces(
    east_asian.fonts_for(replace(sample, subject=replace(sample.subject, name=LETTERS)))
)
texts = st.text(alphabet=st.one_of(st.sampled_from(LETTERS), st.characters()), max_size=200)


@given(texts)
def test_pieces_are_the_word(word):
    pieces = east_asian.pieces(word)
    assert "".join(pieces) == word
    assert all(pieces)


@given(texts, st.sampled_from([REGULAR, BOLD, MONO]), st.floats(20, 300))
@settings(max_examples=150, deadline=None)
def test_wrapping_loses_nothing_and_keeps_the_width(text, name, width):
    face = TYPEFACES.of(name, text)
    shown = face.show(text)
    lines = face.wrap(shown, 8, width)
    assert all(face.width(line, 8) <= width + 1e-6 for line in lines)
    again = "".join(line if isinstance(line, Cut) else f"{line} " for line in lines)
    assert again == f"{shown} "


@given(texts)
def test_what_is_drawn_is_the_text_or_an_escape(text):
    face = TYPEFACES.of(REGULAR, text)
    for character, shown in ((each, face.show(each)) for each in text):
        assert shown in (character,) or shown.startswith("\\")
        if shown == character and not character.isascii():
            font = face.font_of(ord(character))
            assert ord(character) in font.face.charToGlyph
