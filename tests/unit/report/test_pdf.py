"""The printed report: what it says, that nothing overlaps, and that nothing in it is active."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from weighbridge.model.errors import ExitCode
from weighbridge.model.record import TimestampNote, TimestampState, Verdict
from weighbridge.report import pdf
from weighbridge.report.pdf.style import PAGE_HEIGHT, PAGE_WIDTH

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
ACTIVE = {"/URI", "/Launch", "/JavaScript", "/JS", "/AA", "/OpenAction", "/SubmitForm", "/GoToR",
          "/GoToE", "/RichMedia", "/Movie", "/Sound", "/AcroForm", "/XFA"}  # fmt: skip


def poppler(tool: str, data: bytes, *options: str) -> str:
    done = subprocess.run([tool, *options, "-", *(["-"] if tool == "pdftotext" else [])],
                          input=data, capture_output=True, check=True)  # fmt: skip
    return done.stdout.decode()


def words(data: bytes) -> str:
    return " ".join(poppler("pdftotext", data, "-layout").split())


def names_in(item: object, seen: set[str], depth: int = 0) -> None:
    """The names of an object, without those of the numbered objects that it points to.

    These are among ``document.objects`` themselves; following them walks the same pages for ever.
    """
    if depth > 30 or (depth and getattr(item, "is_indirect", False)):
        return
    if isinstance(item, pikepdf.Name):
        seen.add(str(item))
    elif isinstance(item, pikepdf.Array):
        for part in item:
            names_in(part, seen, depth + 1)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in item.items():
            seen.add(key)
            if key not in ("/Parent", "/P", "/Prev", "/Next", "/First", "/Last", "/Dest"):
                names_in(value, seen, depth + 1)


@pytest.fixture(scope="module")
def rendered(factory):
    return pdf.render(factory.make_record())


@needs_poppler
def test_every_section_says_its_part(rendered):
    text = words(rendered)
    for said in ("Scope and method", "What was checked", "Clauses", "Findings", "Waivers",
                 "Attestations", "License obligations", "Lineage", "Maintainers' signals",
                 "Bill of materials", "What was not checked", "Evidence", "Files",
                 "How to verify this report", "Limits", "Sign-off", "Signature and decision",
                 "Legal status on 2026-11-20", "Why the gate is closed",
                 "pytorch_model.bin", "byte 4242", "inside: data.pkl", "line 31",
                 "Loading this file calls builtins.eval.", "Art. 15(5)", "Annex I Part II(1)",
                 "EU-CRA", "unverified (from memory)", "superseded by", "LLM04",
                 "loosens", "min_signers", "Looser than the policies it extends",
                 "Commits are signed by the forge.",
                 "applies in some cases", "not yet", "suspended", "voluntary", "since 2025-08-02",
                 "W-12", "56 days left", "approved by", "in use",
                 "unsigned-commit", "The policy turns this rule off.", "symlink-escape",
                 "pointer: not read", "weighbridge report verify PACK", "pdfsig report.pdf",
                 "This is not legal advice."):  # fmt: skip
        assert said in text, said
    assert "%" not in text


@needs_poppler
def test_every_page_has_its_number_and_the_digest(rendered, factory):
    digest = str(factory.make_record().digest)
    pages = poppler("pdftotext", rendered, "-layout").rstrip("\f").split("\f")
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
        assert f"audit.json {digest}" in page


@needs_poppler
def test_the_file_describes_itself(rendered):
    info = poppler("pdfinfo", rendered)
    for line in ("Audit report: tiny-model", "security@example.org", "Weighbridge 0.1.0",
                 "Nov 20 00:00:00 2026 UTC", "(A4)", "1.7"):  # fmt: skip
        assert line in info
    fonts = poppler("pdffonts", rendered).splitlines()[2:]
    assert fonts
    for font in fonts:
        assert font.split()[-5:-2] == ["yes", "yes", "yes"], font  # embedded, subset, Unicode


def test_catalog(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as document:
        assert document.pdf_version == "1.7"
        assert str(document.Root.Lang) == "en-US"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_outline() as outline:
            titles = [item.title for item in outline.root]
    assert titles[0] == "1  Scope and method"
    assert titles[-1] == "16  Sign-off"
    assert len(titles) == 16


@pytest.mark.parametrize("make", ["make_record", "hostile_record", "holding_record"])
def test_the_record_is_attached_whole(make, factory):
    record = getattr(factory, make)()
    with pikepdf.open(io.BytesIO(pdf.render(record))) as document:
        assert list(document.attachments) == ["audit.json"]
        attached = document.attachments["audit.json"]
        assert attached.get_file().read_bytes() == record.to_bytes()
        assert attached.obj.AFRelationship == pikepdf.Name.Data
        assert document.Root.AF[0].objgen == attached.obj.objgen


def test_two_renderings_are_the_same_bytes(rendered, factory):
    assert pdf.render(factory.make_record()) == rendered
    other = replace(factory.make_record(), offline=False)
    assert pdf.render(other) != rendered


def test_hostile_text_stays_text(factory):
    data = pdf.render(factory.hostile_record())
    seen: set[str] = set()
    with pikepdf.open(io.BytesIO(data)) as document:
        for item in document.objects:
            names_in(item, seen)
        names_in(document.trailer, seen)
        for page in document.pages:
            assert "/XObject" not in page.get("/Resources", {})
            for annotation in page.get("/Annots", []):
                assert annotation.Subtype == pikepdf.Name.Link
                assert "/A" not in annotation
    assert "/Font" in seen  # the walk did reach the pages
    assert not seen & ACTIVE


@needs_poppler
def test_hostile_text_is_shown_as_it_is(factory):
    text = "".join(words(pdf.render(factory.hostile_record())).split())
    assert '<imgsrc="/etc/passwd"/>' in text
    assert "/JavaScript(app.alert)/URI(http://evil.example)" in text
    assert "weights\\u202egnp.bin" in text
    assert "\\U0001f600" in text
    assert "\\x1b[31mred\\x00nul" in text
    assert "[click](https://evil.example)" in text
    assert "deep/model.bin" in text  # the end of a long path is kept
    assert "\u202e" not in text


@needs_poppler
@pytest.mark.parametrize(
    ("code", "is_open", "said"),
    [
        (ExitCode.HOLDS, True, "Gate OPEN The policy holds"),
        (ExitCode.INCONCLUSIVE, False, "Gate CLOSED Inconclusive"),
        (ExitCode.ERROR, False, "Gate CLOSED The audit itself went wrong"),
    ],
)
def test_verdicts(code, is_open, said, factory):
    record = replace(factory.holding_record(), verdict=Verdict(is_open, code, ()))
    assert said in words(pdf.render(record))


@needs_poppler
def test_stamped_unused_and_expired(factory):
    record = factory.make_record()
    record = replace(
        record,
        as_of=dt.date(2027, 2, 1),
        timestamp=TimestampNote(TimestampState.STAMPED, "https://tsa.example"),
        results=record.results[:2],
    )
    text = words(pdf.render(record))
    assert "RFC 3161 timestamp by https://tsa.example" in text
    assert "openssl ts -verify" in text
    assert "expired" in text
    assert "not used here" in text


@needs_poppler
def test_a_rule_that_this_version_lacks_is_shown(factory):
    record = factory.make_record()
    lost = replace(record.results[4], rule="no-such-rule", family="", summary="")
    text = words(pdf.render(replace(record, results=(lost,))))
    assert "not in this version" in text
    assert "no-such-rule" in text
    assert "Checks that ." not in text


@needs_poppler
def test_a_quiet_record_says_so(factory):
    text = words(pdf.render(factory.holding_record()))
    for said in (
        "Everything that the policy asks for could be checked.",
        "No rule found anything.",
        "The policy waives nothing.",
        "The policy asks for no clause framework.",
        "Nobody attests to anything.",
        "Nothing is known of what the model was made from.",
        "What the model was made from was not collected.",
        "Nothing was asked or found on the people behind it.",
        "None: no rule that could be decided fails.",
    ):
        assert said in text


@pytest.mark.parametrize("make", ["make_record", "holding_record", "hostile_record", "large"])
def test_nothing_overlaps_or_leaves_the_page(make, factory, overlaps):
    record = factory.large_record(120) if make == "large" else getattr(factory, make)()
    flow = pdf.lay_out(record, record.digest)
    for page in flow.pages:
        assert overlaps(page) == []
        for rect in page.rects:
            assert rect.x >= 0
            assert rect.x + rect.width <= PAGE_WIDTH
            assert rect.y + rect.height <= PAGE_HEIGHT


def test_heads_are_repeated_and_groups_continue(factory):
    record = factory.large_record(120)
    flow = pdf.lay_out(record, record.digest)
    pages = [[line.shown for line in page.lines] for page in flow.pages]
    continued = [lines for lines in pages if any("(continued)" in shown for shown in lines)]
    assert len(continued) >= 3
    heads = [lines for lines in continued if lines[0] == "Severity"]
    assert len(heads) >= 3
    assert all(lines[:3] == ["Severity", "Where", "Cause, and what to do"] for lines in heads)


def test_no_heading_stands_alone_at_the_foot(factory):
    for findings in range(0, 40, 3):
        record = factory.large_record(findings)
        flow = pdf.lay_out(record, record.digest)
        for mark in flow.marks:
            below = [line for line in flow.pages[mark.page].lines if line.y > mark.y + 30]
            assert below, (findings, mark.title)


def test_five_thousand_findings_are_all_there(factory):
    record = factory.large_record(5000)
    flow = pdf.lay_out(record, record.digest)
    shown = " ".join(line.shown for page in flow.pages for line in page.lines)
    assert all(f"byte {number * 64}" in shown for number in range(0, 5000, 97))


def test_what_is_not_drawn_is_counted(factory, monkeypatch):
    from weighbridge.report.pdf import annex, findings, sections

    monkeypatch.setattr(findings, "MAX_FINDINGS", 20)
    monkeypatch.setattr(findings, "AT_LEAST", 5)
    monkeypatch.setattr(annex, "MAX_ROWS", 3)
    monkeypatch.setattr(sections, "MAX_OPEN", 2)
    record = factory.large_record(60)
    flow = pdf.lay_out(record, record.digest)
    shown = [line.shown for page in flow.pages for line in page.lines]
    assert "10 more findings of this rule in audit.json" in shown  # 20 of 30 are drawn
    assert "25 more findings of this rule in audit.json" in shown  # 5 of 30 are
    assert "2 more stand in audit.json." in shown  # evidence
    assert "3 more stand in audit.json." in shown  # files
    assert any(line.endswith("more follow from audit.json.") for line in shown)
