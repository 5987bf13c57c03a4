"""One weight of a variable font, in whole numbers: fontTools judges it."""

from __future__ import annotations

import io
import struct

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from fontTools.varLib.models import piecewiseLinearMap

from weighbridge.report.pdf import east_asian
from weighbridge.report.pdf.static_font import static_font
from weighbridge.report.pdf.variable_font import UnknownShape, VariableFont

TEXT = "模型权重一丨的许可证、。日本語カタカナひらがなー骨直海한국어모델，：！ㄅㄆ𠮷𠀀〇"
WEIGHTS = [(400, 6390), (700, 12780)]


def data_of(key: str) -> bytes:
    data = east_asian._read(key)
    assert data is not None, "the dev dependencies have the fonts"
    return data


@pytest.fixture(scope="module", params=["sc", "jp", "kr", "tc"])
def raw(request) -> bytes:
    return data_of(request.param)


def judged(raw: bytes, codes: list[int], weight: int) -> TTFont:
    """The same font, made by fontTools."""
    font = TTFont(io.BytesIO(raw), lazy=True)
    drop = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx"]
    subsetter = subset.Subsetter(subset.Options(layout_features=[], drop_tables=drop))
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    written = io.BytesIO()  # which rounds
    instancer.instantiateVariableFont(font, {"wght": weight}).save(written)
    return TTFont(io.BytesIO(written.getvalue()))


@pytest.mark.parametrize(("weight", "at"), WEIGHTS)
def test_every_point_is_where_fonttools_puts_it(raw, weight, at):
    source = VariableFont(raw)
    known = TTFont(io.BytesIO(raw), lazy=True).getBestCmap()
    wanted = {ord(each) for each in TEXT} | set(sorted(known)[3000::397])
    codes = sorted(code for code in wanted if code in known and east_asian._DRAWN.match(chr(code)))
    assert len(codes) > 30
    mine = TTFont(io.BytesIO(static_font(source, codes, weight=weight, at=at, name="Own")))
    theirs = judged(raw, codes, weight)
    own, other = mine.getBestCmap(), theirs.getBestCmap()
    assert sorted(own) == codes
    for code in codes:
        glyph, expected = mine["glyf"][own[code]], theirs["glyf"][other[code]]
        assert glyph.endPtsOfContours == expected.endPtsOfContours
        assert list(glyph.coordinates) == list(expected.coordinates), chr(code)
        assert [flag & 1 for flag in glyph.flags] == [flag & 1 for flag in expected.flags]
        assert mine["hmtx"][own[code]] == theirs["hmtx"][other[code]]
    assert mine["OS/2"].usWeightClass == weight
    assert mine["name"].getDebugName(6) == "Own"


def test_the_weights_are_those_of_the_axis_and_its_map(raw):
    font = TTFont(io.BytesIO(raw), lazy=True)
    for weight, at in WEIGHTS:
        axis = font["fvar"].axes[0]
        plain = (weight - axis.defaultValue) / (axis.maxValue - axis.defaultValue)
        mapped = piecewiseLinearMap(plain, font["avar"].segments["wght"])
        assert round(mapped * (1 << 14)) == at
    assert {weight: at for weight, (_, at) in east_asian._WEIGHTS.items()} == dict(WEIGHTS)


def test_the_same_characters_are_the_same_bytes():
    font = VariableFont(data_of("jp"))
    codes = sorted({ord(each) for each in "日本語モデル"})
    one = static_font(font, codes, weight=400, at=6390, name="Own")
    other = VariableFont(data_of("jp"))
    static_font(other, [ord("海")], weight=700, at=12780, name="Other")
    assert static_font(other, codes, weight=400, at=6390, name="Own") == one
    assert static_font(font, codes, weight=700, at=12780, name="Own") != one


def test_checksums_and_directory_are_right():
    font = VariableFont(data_of("kr"))
    made = static_font(font, [ord("모")], weight=400, at=6390, name="Own")
    read = TTFont(io.BytesIO(made), checkChecksums=2)
    read.ensureDecompiled()
    assert list(read.reader.tables) == sorted(read.reader.tables)
    assert list(read["glyf"][".notdef"].getCoordinates(read["glyf"])[0]) == []


def test_no_characters_make_an_empty_font():
    made = static_font(VariableFont(data_of("jp")), [], weight=400, at=6390, name="Own")
    assert TTFont(io.BytesIO(made))["maxp"].numGlyphs == 1


def test_what_a_font_lacks_has_no_glyph(raw):
    font = VariableFont(raw)
    for code in (0, 0x1F600, 0x5D0, 0x10FFFF):
        assert font.glyph_of(code) == 0


def test_other_shapes_than_the_known_are_refused():
    """No file whose digest is known has them; one that did would not be drawn wrong."""
    raw = bytearray(data_of("jp"))
    font = VariableFont(bytes(raw))
    glyph = font.glyph_of(ord("海"))
    (start,) = struct.unpack_from(">L", raw, font.loca + 4 * glyph)
    composed = bytearray(raw)
    struct.pack_into(">h", composed, font.glyf + start, -1)
    with pytest.raises(UnknownShape, match="composed"):
        VariableFont(bytes(composed)).outline(glyph, 6390)
    (start,) = struct.unpack_from(">L", raw, font.gvar + 20 + 4 * glyph)
    stepped = bytearray(raw)
    struct.pack_into(">H", stepped, font.gvar + font.variations + start, 2)
    with pytest.raises(UnknownShape, match="more than one step"):
        VariableFont(bytes(stepped)).outline(glyph, 6390)
    axes = bytearray(raw)
    struct.pack_into(">H", axes, font.gvar + 4, 2)
    with pytest.raises(UnknownShape, match="other axes"):
        VariableFont(bytes(axes))
    unmapped = bytearray(raw)
    struct.pack_into(">H", unmapped, font.tables["cmap"][0] + 2, 0)
    with pytest.raises(UnknownShape, match="no character map"):
        VariableFont(bytes(unmapped))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["sc", "jp", "kr", "tc"])
def test_every_character_that_may_be_drawn_can_be(key):
    font = VariableFont(data_of(key))
    codes = [code for start, end, _ in font.groups for code in range(start, end + 1)
             if east_asian._DRAWN.match(chr(code))]  # fmt: skip
    assert len(codes) > 13_000
    assert all(font.outline(font.glyph_of(code), 6390) is not None for code in codes)
