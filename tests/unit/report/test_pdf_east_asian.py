"""Chinese, Japanese and Korean in the finished PDF: copied, tagged, within margins, embedded."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace

import pikepdf
import pytest
from tests.unit.report.test_pdf_geometry import pages, wrong

from weighbridge.model.finding import Location
from weighbridge.report import pdf
from weighbridge.report.pdf import east_asian

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
ZH = "模型“问答”的许可证（第3条）不允许商业使用；请先取得书面授权，再部署。详见《使用协议》。"
JA = "この日本語モデルは、個人情報が含まれるため、確認してください。「骨・直・海」𠮷野家"
KO = "이 모델은 한국어 말뭉치로 학습되었으며 상업적 이용은 허용되지 않습니다. 문의하십시오."
TEXTS = (ZH, JA, KO)
PATHS = ("模型/权重/" + "很长的文件名" * 12, "モデル/重み/パラメータ" * 4, "모델/가중치" * 8)


def east_asian_record(factory, times: int = 1):
    """Names, paths, people, findings and notes in three languages."""
    record = factory.make_record()
    results = tuple(
        replace(
            result,
            note=text,
            findings=tuple(
                replace(found, message=f"{text * times} {found.message}", remedy=text,
                        location=found.location and Location(path))
                for found in result.findings
            ),
        )
        for result, text, path in zip(record.results, TEXTS * 9, PATHS * 9, strict=False)
    )  # fmt: skip
    files = tuple(
        replace(artifact, path=f"{path}/{artifact.path}")
        for artifact, path in zip(record.artifacts, PATHS * 9, strict=False)
    )
    return replace(
        record,
        subject=replace(record.subject, name="通义千问-7B 日本語対話モデル 한국어 모델 " * 2),
        results=results,
        artifacts=files,
        policy=replace(record.policy, owner="保安チーム（東京） 보안팀"),
    )


@pytest.fixture(scope="module")
def drawn(factory):
    return pdf.render(east_asian_record(factory))


def poppler(*command: str, data: bytes) -> str:
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def words(text: str) -> str:
    return "".join(text.split())


@needs_poppler
def test_text_can_be_copied(drawn):
    text = words(poppler("pdftotext", "-raw", "-", "-", data=drawn))
    for said in (*TEXTS, *PATHS, "通义千问-7B", "保安チーム（東京）보안팀"):
        assert words(said) in text, said
    assert "\\u" not in text.replace("suchas\\u202e", "")


@needs_poppler
def test_the_structure_has_the_text_in_order(drawn):
    text = poppler("pdfinfo", "-struct-text", "-", data=drawn)
    assert "H1" in text
    said = words("".join(re.findall('"(.*)"', text)))
    for each in TEXTS:
        assert words(each) in said


@needs_poppler
def test_every_font_is_embedded_with_its_map_to_unicode(drawn):
    fonts = poppler("pdffonts", "-", data=drawn).splitlines()[2:]
    assert {font.split()[0].partition("+")[2] for font in fonts} >= {
        f"NotoSans{script}-{weight}" for script in ("SC", "JP", "KR") for weight in ("Regular",
                                                                                    "Bold")
    }  # fmt: skip
    for font in fonts:
        assert font.split()[-5:-2] == ["yes", "yes", "yes"], font


def test_maps_to_unicode_are_well_formed(drawn):
    """In UTF-16, also beyond U+FFFF: four digits, or two pairs of them (ISO 32000-1, 9.10.3)."""
    found = 0
    with pikepdf.open(io.BytesIO(drawn)) as document:
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream) and b"beginbfchar" in thing.read_bytes():
                body = thing.read_bytes().decode("ascii")
                inside = body.partition("beginbfchar")[2].partition("endbfchar")[0]
                mapped = re.findall(r"<[0-9A-F]{2}> <([0-9A-F]*)>", inside)
                assert all(len(value) in (4, 8) for value in mapped)
                found += "D842DFB7" in mapped  # U+20BB7
    assert found == 1


@needs_poppler
@pytest.mark.parametrize("times", [1, 12])
def test_no_words_overlap_or_leave_the_page(factory, times):
    for number, found in enumerate(pages(pdf.render(east_asian_record(factory, times))), 1):
        assert wrong(found) == [], f"page {number}"


@pytest.mark.parametrize("times", [1, 12])
def test_no_lines_overlap(factory, overlaps, times):
    record = east_asian_record(factory, times)
    for page in pdf.lay_out(record, record.digest).pages:
        assert overlaps(page) == []


def test_the_report_says_how_it_was_drawn(factory):
    record = east_asian_record(factory)

    def said():
        flow = pdf.lay_out(record, record.digest)
        return " ".join(line.shown for page in flow.pages for line in page.lines)

    assert "is drawn with Noto Sans" in said()
    with east_asian.left_out():
        assert "drawn without fonts for it" in said()
    plain = factory.make_record()
    flow = pdf.lay_out(plain, plain.digest)
    text = " ".join(line.shown for page in flow.pages for line in page.lines)
    assert "this record is drawn with Noto Sans" not in text
    assert "drawn without" not in text


def test_only_what_is_drawn_is_embedded(drawn, factory):
    plain = pdf.render(factory.make_record())
    assert len(drawn) - len(plain) < 60_000


def test_a_record_without_such_text_is_drawn_alike_with_and_without_fonts(factory):
    for record in (factory.make_record(), factory.holding_record()):
        with east_asian.left_out():
            without = pdf.render(record)
        assert pdf.render(record) == without
    record = east_asian_record(factory)
    with east_asian.left_out():
        assert pdf.render(record) != pdf.render(factory.make_record())
