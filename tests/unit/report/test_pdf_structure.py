"""Tags, links and outline: what a reader gets that does not see the page."""

from __future__ import annotations

import io
import re
import shutil
import subprocess

import pikepdf
import pytest

from weighbridge.report import pdf
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.table import Column, Row, table

needs_poppler = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs poppler-utils")
ROLES = {"Document", "Sect", "H1", "H2", "P", "Table", "TR", "TH", "TD", "Figure", "Link", "Span",
         "L", "LI", "LBody", "TOC", "TOCI", "Caption", "Code"}  # fmt: skip


@pytest.fixture(scope="module")
def rendered(factory):
    return pdf.render(factory.make_record())


@pytest.fixture
def document(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as opened:
        yield opened


def elements(document):
    waiting = [document.Root.StructTreeRoot.K]
    while waiting:
        one = waiting.pop()
        yield one
        for kid in reversed(list(one.get("/K", []))):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == one.objgen
                waiting.append(kid)


def marks(page):
    """The roles and numbers of a page's marked content; artifacts have no number."""
    depth, found = 0, []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            assert depth == 0, "marked content within marked content"
            depth += 1
            number = operands[1].get("/MCID") if len(operands) > 1 else None
            found.append((str(operands[0])[1:], None if number is None else int(number)))
        elif name == "EMC":
            depth -= 1
        elif name in ("Tj", "f", "S", "s"):
            assert depth == 1, f"{name} outside of marked content"
    assert depth == 0
    return found


@pytest.mark.parametrize("make", ["make_record", "hostile_record", "holding_record"])
def test_every_mark_has_its_element_and_every_element_its_mark(make, factory):
    data = pdf.render(getattr(factory, make)())
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.Root.MarkInfo.Marked
        nums = document.Root.StructTreeRoot.ParentTree.Nums
        parents = {int(nums[n]): nums[n + 1] for n in range(0, len(nums), 2)}
        held = set()
        for one in elements(document):
            assert str(one.S)[1:] in ROLES
            for kid in one.get("/K", []):
                if isinstance(kid, int):
                    held.add((one.Pg.objgen, int(kid)))
                elif kid.get("/Type") == "/MCR":
                    held.add((kid.Pg.objgen, int(kid.MCID)))
        drawn = set()
        for number, page in enumerate(document.pages):
            assert page.obj.StructParents == number
            assert page.obj.Tabs == pikepdf.Name.S
            roles = marks(page)
            numbered = [(role, n) for role, n in roles if n is not None]
            assert [n for _, n in numbered] == list(range(len(numbered)))
            assert {role for role, n in roles if n is None} == {"Artifact"}
            for role, n in numbered:
                assert str(parents[number][n].S)[1:] == role
                drawn.add((page.obj.objgen, n))
        assert drawn == held


def test_links_are_elements_and_lead_to_pages(document):
    pages = {page.obj.objgen for page in document.pages}
    nums = document.Root.StructTreeRoot.ParentTree.Nums
    parents = {int(nums[n]): nums[n + 1] for n in range(0, len(nums), 2)}
    seen = 0
    for page in document.pages:
        for annotation in page.get("/Annots", []):
            element = parents[int(annotation.StructParent)]
            assert pikepdf.Name.Link == element.S
            areas = [k.Obj.objgen for k in element.K if isinstance(k, pikepdf.Dictionary)]
            assert annotation.objgen in areas
            target = annotation.Dest
            assert target[0].objgen in pages
            assert target[1] == pikepdf.Name.XYZ
            seen += 1
    assert seen > 16  # the contents alone have that many


def test_the_matrix_leads_to_findings_and_evidence(factory):
    record = factory.make_record()
    flow = pdf.lay_out(record, record.digest)
    number = next(m.page for m in flow.marks if m.title.endswith("Clauses"))
    targets = {link.target for page in flow.pages[number : number + 2] for link in page.links}
    assert "findings-unsafe-content" in targets
    digest = record.results[1].evidence[0].value
    assert f"evidence-{digest[:8]}" in targets
    assert targets <= {*flow.anchors}
    place, _ = flow.anchors["findings-unsafe-content"]
    assert any("unsafe-content" in line.shown for line in flow.pages[place].lines)


def test_a_link_that_leads_nowhere_is_none():
    flow = Flow()
    flow.heading(1, "Only")
    flow.put(60.0, 300.0, Text("to nowhere", target="nothing"))
    from weighbridge.report.pdf.draw import draw

    data = draw(flow, "en-US").data
    with pikepdf.open(io.BytesIO(data)) as document:
        assert "/Annots" not in document.pages[0] or not list(document.pages[0].Annots)
    assert b"/S /Link" not in data
    assert b"/S /Span" in data


def test_heads_of_tables_say_what_they_head(document):
    scopes: dict[str, int] = {}
    for one in elements(document):
        if one.S == pikepdf.Name.TH:
            scopes[str(one.A.Scope)] = scopes.get(str(one.A.Scope), 0) + 1
        if one.S == pikepdf.Name.TR:
            assert {str(kid.S) for kid in one.K} <= {"/TH", "/TD"}
        if pikepdf.Name.Table == one.S:
            rows = [sum(int(c.get("/A", {}).get("/ColSpan", 1)) for c in row.K) for row in one.K]
            assert len(set(rows)) == 1, rows
        if pikepdf.Name.Figure == one.S:
            assert str(one.Alt).startswith("Outcomes by area. signatures: 1 pass.")
    assert set(scopes) == {"/Column", "/Row"}


def test_a_table_over_pages_has_its_head_once():
    flow = Flow()
    table(flow, (Column("A", 1), Column("B", 1)),
          [Row([[Text(f"row {n}")], []]) for n in range(200)])  # fmt: skip
    assert len(flow.pages) > 2
    (element,) = [kid for kid in flow.part.kids if kid.role == "Table"]
    assert [kid.role for kid in element.kids] == ["TR"] * 201
    assert [cell.role for cell in element.kids[0].kids] == ["TH", "TH"]


@needs_poppler
def test_poppler_reads_the_structure(rendered):
    def said(*options):
        return subprocess.run(["pdfinfo", *options, "-"], input=rendered, capture_output=True,
                              check=True).stdout.decode()  # fmt: skip

    assert re.search(r"Tagged: +yes", said())
    tree = said("-struct-text")
    lines = [line.strip() for line in tree.splitlines()]
    assert lines[0] == "Document"
    for role in ("H1 (block)", "H2 (block)", "Table (block)", "TR", "TD", "Figure"):
        assert any(line.startswith(role.split()[0]) for line in lines), role
    assert "/Scope /Column" in said("-struct")
    # words of different lines do not run together, and those of one word are not taken apart
    assert "this model must not be shipped as it is. What fails is to be put right" in tree


def test_no_standard_is_claimed_that_nothing_confirmed(document):
    with document.open_metadata() as metadata:
        assert not [key for key in metadata if "pdfuaid" in key or "pdfaid" in key]
        assert metadata["dc:title"] == "Audit report: tiny-model"
        assert metadata.pdfa_status == ""


def test_qpdf_finds_nothing_wrong(document):
    assert document.check_pdf_syntax() == []


def test_the_outline_has_the_sections_and_their_parts(document):
    with document.open_outline() as outline:
        titles = [item.title for item in outline.root]
        below = [item.title for item in outline.root[0].children]
    assert [title.split("  ")[0] for title in titles] == [str(n) for n in range(1, 17)]
    assert "Why the gate is closed" in below
