"""Which Chinese, Japanese and Korean characters are drawn, by which font, and how lines break."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from dataclasses import replace

import pytest

from weighbridge.report import pdf
from weighbridge.report.pdf import east_asian
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR, Cut, Face, faces
from weighbridge.report.pdf.typefaces import Typefaces
from weighbridge.testing.seal_samples import sample_record

ZH = "模型的许可证（第3条）不允许商业使用；请先取得书面授权。"
JA = "この日本語モデルは、公開前に確認してください。「骨・直・海」"
KO = "이 모델은 한국어 말뭉치로 학습되었습니다."
MIXED = f"{ZH} / {JA} / {KO} 𠮷"


def named(name: str):
    record = sample_record()
    return replace(record, subject=replace(record.subject, name=name))


def face_for(text: str, name: str = REGULAR) -> Face:
    return Typefaces(east_asian.fonts_for(named(text))).of(name, text)


def font_names(text: str, name: str = REGULAR) -> list[tuple[str, str]]:
    face = face_for(text, name)
    return [(font.fontName, piece) for font, piece in face.runs(face.show(text))]


# --- what must not be drawn


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("你ｐａｙ１２", "你\\uff50\\uff41\\uff59\\uff11\\uff12"),  # fullwidth Latin
        ("你／．＠＼＿", "你\\uff0f\\uff0e\\uff20\\uff3c\\uff3f"),  # what paths are made of
        ("你\u3000好", "你\\u3000好"),  # looks like an ordinary space
        ("葛\U000e0100", "葛\\U000e0100"),  # a variation selector
        ("か\u3099", "か\\u3099"),  # a combining mark
        ("한\u1112\u1161\u11ab", "한\\u1112\\u1161\\u11ab"),  # jamo, which join
        ("한ㅎ\u3164", "한\\u314e\\u3164"),  # compatibility jamo, the filler
        ("漢\uf91d⽇⺟", "漢\\uf91d\\u2f47\\u2e9f"),  # look like 欄, 日 and 母
        ("カ\uff76", "カ\\uff76"),  # halfwidth
        ("你\U0001f600\u05d0\u202e", "你\\U0001f600\\u05d0\\u202e"),
        ("（，：「」。〜", "\\uff08\\uff0c\\uff1a\\u300c\\u300d\\u3002\\u301c"),  # beside no letter
        ("http：//a", "http\\uff1a//a"),
        ("\U00030000你", "\\U00030000你"),  # Han that no font has
    ],
)
def test_what_looks_like_something_else_is_escaped(text, shown):
    face = Typefaces(east_asian.fonts_for(named(f"{text} 你"))).of(REGULAR, text)
    assert face.show(text) == shown


def test_no_drawn_character_is_another_one_normalized():
    marks = set("（），：；？！～")
    for code in range(0x110000):
        character = chr(code)
        if east_asian._DRAWN.match(character) and character not in marks:
            assert unicodedata.normalize("NFKC", character) == character
            assert unicodedata.category(character) in {"Lo", "Lm", "Nl", "Po", "Ps", "Pe", "Pd",
                                                       "Cn"}  # fmt: skip
            assert unicodedata.bidirectional(character) in {"L", "ON", ""}


def test_no_other_font_has_any_of_them():
    from weighbridge.report.pdf import glyphs

    others = [face.font for face in faces().values()] + list(glyphs._further())
    known = {code for font in others for code in font.face.charToGlyph}
    assert len(known) > 2000
    assert not [hex(code) for code in known if east_asian._DRAWN.match(chr(code))]


def test_a_file_with_another_digest_is_absent(monkeypatch, tmp_path):
    folder = east_asian._folder()
    for key, file in east_asian._FILES.items():
        raw = bytearray((folder / file.path).read_bytes())
        raw[len(raw) // 2] ^= key == "jp"
        (tmp_path / file.path).parent.mkdir(parents=True)
        (tmp_path / file.path).write_bytes(raw)
    monkeypatch.setattr(east_asian, "_folder", lambda: tmp_path)
    assert "jp:" not in east_asian.identity()
    assert "sc:a3041811" in east_asian.identity()
    assert east_asian.other_files()
    # the kana of another font stand in, as for any character that the first lacks
    assert {name for name, _ in font_names("日本語の")} == {"NotoSansSC-Regular"}
    (tmp_path / east_asian._FILES["sc"].path).write_bytes(b"short")
    assert "sc:" not in east_asian.identity()


@pytest.mark.parametrize("kind", ["absent", "no files", "folders"])
def test_without_fonts_all_of_it_is_escaped(monkeypatch, tmp_path, kind):
    if kind == "folders":
        for file in east_asian._FILES.values():
            (tmp_path / file.path).mkdir(parents=True)
    monkeypatch.setattr(east_asian, "_folder", lambda: None if kind == "absent" else tmp_path)
    assert east_asian.identity() == "none"
    assert not east_asian.other_files()
    record = named("你")
    flow = pdf.lay_out(record, record.digest)
    shown = {line.shown for page in flow.pages for line in page.lines}
    assert "\\u4f60" in shown
    assert any("drawn without fonts for it" in each for each in shown)
    with east_asian.left_out():
        again = pdf.render(record)
    assert pdf.render(record) == again


def test_a_package_that_is_not_installed_is_no_error(monkeypatch):
    monkeypatch.setattr(east_asian, "PACKAGE", "no-such-package-of-fonts")
    assert east_asian._folder() is None
    assert east_asian.identity() == "none"


def test_the_package_is_not_imported():
    pdf.render(named(MIXED))
    assert not [name for name in sys.modules if name.startswith("justmytype")]


def test_past_the_bound_the_rarest_are_escaped(monkeypatch):
    monkeypatch.setattr(east_asian, "MAX_CHARACTERS", 4)
    record = replace(named("你好世界你好"), problems=())
    record = replace(record, policy=replace(record.policy, owner="世界 丁七"))
    face = Typefaces(east_asian.fonts_for(record)).of(REGULAR, "你")
    assert face.show("世界丁七你好") == "世界丁七\\u4f60\\u597d"
    flow = pdf.lay_out(record, record.digest)
    assert flow.eastern.escaped == 2
    shown = " ".join(line.shown for page in flow.pages for line in page.lines)
    assert "2 of its characters are printed as escapes" in shown


def test_many_characters_are_bounded():
    text = "".join(map(chr, range(0x4E00, 0x9FFF)))
    fonts = east_asian.fonts_for(named(text + "한"))
    assert sum(map(len, fonts.codes.values())) == east_asian.MAX_CHARACTERS
    assert fonts.escaped > 10_000


# --- what is drawn


@pytest.mark.parametrize(
    ("text", "script"),
    [("plain é", ""), ("（）。", ""), ("许可", "sc"), ("許可の", "jp"), ("모델 許可", "kr"),
     ("モデル 모델", "jp"), ("・ー", "jp"), ("ㄅ", "sc")],
)  # fmt: skip
def test_scripts(text, script):
    assert east_asian.script_of(text) == script


def test_han_is_drawn_by_the_custom_of_its_text():
    record = named("骨")
    record = replace(record, policy=replace(record.policy, owner="骨の", id="骨 뼈"))
    typefaces = Typefaces(east_asian.fonts_for(record))
    found = [typefaces.of(REGULAR, text).font_of(ord("骨")).fontName
             for text in ("骨", "骨の", "骨 뼈")]  # fmt: skip
    assert found == ["NotoSansSC-Regular", "NotoSansJP-Regular", "NotoSansKR-Regular"]


def test_a_character_that_the_first_font_lacks_is_drawn_by_the_next():
    assert font_names("问題の") == [("NotoSansSC-Regular", "问"), ("NotoSansJP-Regular", "題の")]


def test_bold_text_is_bold_and_the_rest_is_regular():
    assert font_names("你", BOLD) == [("NotoSansSC-Bold", "你")]
    assert font_names("a你b", MONO) == [("Weighbridge-mono", "a"), ("NotoSansSC-Regular", "你"),
                                        ("Weighbridge-mono", "b")]  # fmt: skip


def test_every_character_of_prose_is_drawn():
    for text in (ZH, JA, KO, MIXED, "〈〉《》「」『』【】〔〕、。々〇：；？！～・ー"):
        assert face_for(f"{text}の").show(text) == text


def test_widths_are_those_of_the_font():
    face = face_for("你한")
    assert face.units("你한 a") == 1000 + 920 + face.unit(32) + face.unit(97)


def test_text_without_them_costs_nothing(factory):
    record = factory.holding_record()
    assert record.to_bytes().isascii()
    assert east_asian.fonts_for(record) is None
    assert east_asian.fonts_for(named("é Ж → ქ 你"[:-2])) is None
    typefaces = Typefaces(east_asian.fonts_for(named("你")))
    assert typefaces.of(REGULAR, "plain é") is faces()[REGULAR]


def test_a_quotation_mark_ends_no_record_text():
    assert east_asian.is_needed(named('a "你" b\\'))
    assert face_for('a "你" b\\').show('a "你" b\\') == 'a "你" b\\'


# --- lines


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("plain-word/x", ["plain-word/", "x"]),
        ("你好，世界。", ["你", "好，", "世", "界。"]),
        ("「骨」の・海", ["「骨」", "の・", "海"]),
        ("データ", ["デー", "タ"]),
        ("ちょっと", ["ちょっ", "と"]),
        ("GPU的v2版", ["GPU", "的", "v2", "版"]),
        ("模型/权重/a.bin", ["模", "型/", "权", "重/", "a.bin"]),
        ("한국어를", ["한국어를"]),
        ("（（你））。", ["（（你））。"]),
        ("", []),
    ],
)
def test_where_lines_may_break(word, pieces):
    assert east_asian.pieces(word) == pieces


def test_a_line_that_breaks_between_ideographs_goes_on_without_a_space():
    text = "Model 你好世界你好世界 한국어 모델"
    face = face_for(text)
    lines = face.wrap(face.show(text), 10, 58)
    assert (
        "".join(f"{line}" if isinstance(line, Cut) else f"{line} " for line in lines) == f"{text} "
    )
    assert lines[0].startswith("Model 你")  # fills the line
    assert isinstance(lines[0], Cut)
    assert all(face.width(line, 10) <= 58 for line in lines)


def test_hangul_breaks_at_spaces_and_in_long_words_anywhere():
    text = "한국어 모델 " + "가" * 20
    face = face_for(text)
    lines = face.wrap(text, 10, 60)
    assert lines[0] == "한국어 모델"
    assert [len(line) for line in lines[1:]] == [6, 6, 6, 2]


def test_a_line_narrower_than_a_glyph_ends():
    assert face_for("你好").wrap("你好 a", 10, 1) == ["你", "好", "a"]


# --- nothing leaks from one drawing into the next


def test_drawings_do_not_change_each_other(factory):
    records = [named(MIXED), named("你好"), factory.hostile_record(), factory.holding_record()]
    first = [hashlib.sha256(pdf.render(record)).hexdigest() for record in records]
    back = [hashlib.sha256(pdf.render(record)).hexdigest() for record in reversed(records)]
    assert first == back[::-1]
    assert len(set(first)) == len(records)
    shown = faces()[REGULAR].show("你好")
    assert shown == "\\u4f60\\u597d"
    from reportlab.pdfbase import pdfmetrics

    assert not [
        name for name in pdfmetrics.getRegisteredFontNames() if name.startswith("NotoSansS")
    ]
