"""The HTML view as its reader has it, in headless Chromium; pictures of it lie in ``tmp_path``."""

from __future__ import annotations

import importlib.util
import json
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.chromium import BINARY, Browser, Page

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report import html

pytestmark = pytest.mark.skipif(
    BINARY is None, reason="Chromium is not installed: tests/install-tools.sh"
)
ROOT = Path(__file__).parents[2]
LARGE = 5_000
TABULATOR, ENTER, SPACE = 9, 13, 32


@pytest.fixture(scope="module")
def factory():
    path = ROOT / "tests/unit/report/factory.py"
    spec = importlib.util.spec_from_file_location("factory_for_chromium", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def with_packages(record: AuditRecord) -> AuditRecord:
    """The record with two packages; one has two advisories, which one of its rules rests on."""

    def seen(kind: EvidenceKind, about: str, data: dict[str, Any]) -> Evidence:
        return Evidence(kind, about, EvidenceState.OBSERVED, "test", "test@1", data=data)

    listed = seen(EvidenceKind.PACKAGES, "requirements.txt", {
        "format": "requirements",
        "packages": [{"name": "requests", "version": "2.32.0"}, {"name": "<b>", "version": "1"}],
    })  # fmt: skip
    known = seen(EvidenceKind.VULNERABILITY, "requests==2.32.0", {"advisories": [
        {"id": "X-1", "severity": "high", "summary": "Leaks headers.", "malicious": False},
        {"id": "X-2", "severity": "low", "summary": "Slow.", "malicious": False},
    ]})  # fmt: skip
    results = tuple(
        replace(one, evidence=tuple(sorted((*one.evidence, known.digest))))
        if one.rule == "known-vulnerability" else one
        for one in record.results
    )  # fmt: skip
    return replace(record, evidence=(*record.evidence, listed, known), results=results)


@pytest.fixture(scope="module")
def files(factory, tmp_path_factory):
    """Pages by name."""
    folder = tmp_path_factory.mktemp("pages")
    records = {
        "demo": factory.make_record(),
        "packages": with_packages(factory.make_record()),
        "hostile": factory.hostile_record(),
        "large": factory.large_record(LARGE),
    }
    paths = {name: folder / f"{name}.html" for name in records}
    for name, record in records.items():
        paths[name].write_bytes(html.render(record))
    return paths


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(browser):
    return Page(browser)


def visible(page: Page, table: str) -> list[str]:
    """The texts of a table's first cells that are shown."""
    rows = f"[...document.querySelectorAll('#{table} > tbody > tr')]"
    return list(page.value(f"{rows}.filter(r => r.offsetParent).map(r => r.innerText)"))


@pytest.mark.parametrize("name", ["demo", "hostile", "large"])
def test_nothing_is_asked_for_and_nothing_complains(name, page, files):
    page.open(files[name])
    page.value("document.getElementById('by-severity').value = 'high'")
    page.value("document.getElementById('by-severity').dispatchEvent(new Event('change'))")
    assert [url for url in page.requests() if url != "about:blank"] == [files[name].as_uri()]
    assert page.complaints() == []


def test_the_content_policy_stops_what_would_be_slipped_in(page, files):
    page.open(files["demo"])
    page.value("""{
      const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';
      const script = document.createElement('script');
      script.textContent = 'window.slipped = true'; document.body.append(script);
      const style = document.createElement('div');
      style.setAttribute('style', 'color: red'); document.body.append(style);
    }""")
    assert page.value("window.slipped") is None
    said = " ".join(page.complaints())
    for directive in ("img-src", "script-src", "style-src"):
        assert directive in said
    assert len(page.complaints()) == 3


@pytest.mark.parametrize("name", ["demo", "hostile"])
@pytest.mark.parametrize("width", [1280, 760, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(name, width, scheme, page, files, tmp_path):
    page.size(width, 900)
    page.media(scheme=scheme)
    page.open(files[name])
    assert page.value("document.documentElement.scrollWidth") <= width
    outside = page.value("""[...document.querySelectorAll('main *')].filter(e =>
      !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1).length""")
    assert outside == 0
    picture = page.screenshot(tmp_path / f"{name}-{width}-{scheme}.png", whole=True)
    wide, high = struct.unpack(">II", picture[16:24])
    assert wide == width
    assert high > 900


def test_the_colors_follow_the_system_and_the_reader(page, files):
    ground = "getComputedStyle(document.body).backgroundColor"
    page.media(scheme="light")
    page.open(files["demo"])
    assert page.value(ground) == "rgb(255, 255, 255)"
    page.media(scheme="dark")
    dark = page.value(ground)
    assert dark != "rgb(255, 255, 255)"
    choose = "const c = document.getElementById('colors'); c.value = '{}';"
    page.value("{" + choose.format("light") + "c.dispatchEvent(new Event('change'))}")
    assert page.value(ground) == "rgb(255, 255, 255)"
    page.media(scheme="light")
    page.value("{" + choose.format("dark") + "c.dispatchEvent(new Event('change'))}")
    assert page.value(ground) == dark


@pytest.mark.parametrize(
    ("fragment", "rules", "findings", "clauses"),
    [
        ("", 8, 5, 5),
        ("#findings", 8, 5, 5),
        ("#severity=critical", 1, 2, 1),
        ("#severity=high", 6, 4, 4),
        ("#outcome=waived", 1, 1, 1),
        ("#rule=unsafe-content", 1, 2, 1),
        ("#clause=EU-AIA", 2, 3, 2),
        ("#clause=OWASP-LLM-Top10+LLM03", 1, 0, 1),
        ("#text=OS.system+loading", 0, 1, 0),
        ("#rule=no-such-rule", 8, 5, 5),
        ("#severity=%3Cscript%3E&text=%3Cscript%3E", 0, 0, 0),
    ],
)
def test_an_address_says_what_is_filtered(fragment, rules, findings, clauses, page, files):
    page.open(files["demo"], fragment)
    found = [len(visible(page, f"{n}-table")) for n in ("rules", "findings", "clauses")]
    assert found == [rules, findings, clauses]
    said = page.value("document.getElementById('shown').textContent")
    if (rules, findings, clauses) == (8, 5, 5):
        assert said == "Nothing is filtered."
    else:
        assert said.startswith(f"Shown: {rules} of 8 rules, {findings} of 5 findings, ")
        assert f"{clauses} of 5 clauses" in said
        note = page.value("document.getElementById('findings-table-filtered').innerText")
        assert note == f"The filters select {findings} of 5 findings."


@pytest.mark.parametrize(
    ("fragment", "waivers", "advisories", "packages"),
    [
        ("", 1, 2, 2),
        ("#severity=low", 1, 2, 1),
        ("#severity=high", 1, 1, 1),
        ("#severity=critical", 0, 0, 0),
        ("#rule=known-vulnerability", 0, 2, 1),
        ("#rule=unpinned-dependency", 1, 0, 0),
        ("#clause=OWASP-LLM-Top10", 0, 2, 1),
        ("#clause=EU-CRA+Annex+I+Part+II%281%29", 1, 0, 0),
        ("#outcome=waived", 1, 2, 2),  # an advisory and a package have no outcome of their own
        ("#outcome=pass", 0, 2, 2),
        ("#text=%3Cb%3E", 0, 0, 1),
        ("#text=leaks+HEADERS", 0, 1, 0),
    ],
)
def test_waivers_advisories_and_packages_are_filtered_too(
    fragment, waivers, advisories, packages, page, files, tmp_path
):
    page.open(files["packages"], fragment)
    names = ("waivers", "advisories", "packages")
    assert [len(visible(page, f"{n}-table")) for n in names] == [waivers, advisories, packages]
    said = page.value("document.getElementById('shown').textContent")
    if fragment:
        assert f"{waivers} of 1 waivers" in said
        assert f"{advisories} of 2 advisories, {packages} of 2 packages" in said
        note = page.value("document.getElementById('packages-table-filtered').innerText")
        assert note == f"The filters select {packages} of 2 packages."
    page.screenshot(tmp_path / "packages.png", whole=True)


def test_packages_are_filtered_by_keys_alone(page, files):
    page.open(files["packages"])
    page.value("document.getElementById('by-severity').focus()")
    page.press("h", 72, text="h")  # a list goes to the entry that begins so
    page.value("new Promise(done => setTimeout(done, 100))")
    assert page.value("document.getElementById('by-severity').value") == "high"
    assert len(visible(page, "packages-table")) == 1
    page.value("document.getElementById('reset').focus()")
    page.press(" ", SPACE, text=" ")
    assert len(visible(page, "packages-table")) == 2
    assert page.complaints() == []


def test_without_a_script_everything_is_shown_and_no_control_is_dead(page, files):
    page.open(files["large"], "#severity=critical", script=False)
    # Scripts of the page do not run; those of the protocol do.
    assert len(visible(page, "findings-table")) == LARGE
    assert page.value("document.getElementById('filters').hidden") is True
    assert page.value("document.querySelectorAll('main button').length") == 0


def test_with_the_keyboard_alone(page, files):
    page.open(files["demo"])
    page.press("Tab", TABULATOR)
    assert page.value("document.activeElement.className") == "skip"
    assert page.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Enter", ENTER, text="\r")
    assert page.value("location.hash") == "#main"
    page.value("document.querySelector('#findings-table thead button').focus()")
    page.press(" ", SPACE, text=" ")
    state = "[...document.querySelectorAll('#findings-table th')].map(h => h.ariaSort)"
    assert page.value(state) == ["ascending", "none", "none", "none", "none"]
    assert visible(page, "findings-table")[0].startswith("critical")
    page.press(" ", SPACE, text=" ")
    assert page.value(state)[0] == "descending"
    assert visible(page, "findings-table")[0].startswith("low")
    # Every place where the focus can be has a size and a name.
    nameless = page.value("""
      [...document.querySelectorAll('a, button, select, input, summary, [tabindex="0"]')]
        .filter((e) => e.offsetParent && !e.innerText.trim() && !e.ariaLabel && !e.labels?.length)
        .filter((e) => !document.getElementById(e.getAttribute('aria-labelledby')))
        .map((e) => e.outerHTML.slice(0, 80))""")
    assert nameless == []


def test_a_large_report_stays_usable(page, files):
    page.open(files["large"])
    assert len(visible(page, "findings-table")) == 500
    note = page.value("document.getElementById('findings-table-filtered').innerText")
    assert note == "The first 500 are drawn; printed are all."
    page.value("document.querySelector('.scroll:has(#findings-table) + button').click()")
    assert len(visible(page, "findings-table")) == 1_000
    took = page.value("""(() => { const begun = performance.now();
      const words = document.getElementById('by-text'); words.value = 'call_4321';
      words.dispatchEvent(new Event('change')); document.body.offsetHeight;
      return performance.now() - begun; })()""")
    assert took < 5_000  # milliseconds; about 30 on an idle machine
    assert len(visible(page, "findings-table")) == 1
    assert "call_4321" in visible(page, "findings-table")[0]


def test_a_link_leads_to_a_row_that_was_not_drawn(page, files):
    page.open(files["large"], "#text=nothing-has-these-words")
    assert visible(page, "findings-table") == []
    last = page.value("[...document.querySelectorAll('#findings-table tr[id]')].pop().id")
    page.value(f"location.hash = '{last}'")
    page.value("new Promise(done => setTimeout(done, 100))")
    box = page.value(f"document.getElementById('{last}').getBoundingClientRect().top")
    assert page.value(f"document.getElementById('{last}').hidden") is False
    assert -1 <= box < 900


def test_on_paper_everything_is_there_and_no_control(page, files, tmp_path):
    page.open(files["demo"], "#severity=critical")
    page.media("print")
    assert len(visible(page, "findings-table")) == 5
    assert page.value("document.getElementById('filters').offsetParent") is None
    # A button's box in a table's head would keep the head from being repeated on the next page.
    button = "getComputedStyle(document.querySelector('#findings-table thead button')).display"
    assert page.value(button) == "contents"
    data = page.pdf(tmp_path / "demo.pdf")
    assert data.startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: tests/install-tools.sh")
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "demo.pdf", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for said in ("Gate CLOSED", "os.system", "builtins.eval", "W-12", "Art. 53(1)(d)"):
        assert said in text, said
    for control in ("Show all", "any severity", "Colors"):
        assert control not in text, control


def test_what_screen_readers_get(page, files):
    """The tree of the browser's own: landmarks, headings, tables with heads, named controls."""
    page.open(files["demo"])
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    roles = [role for role, _ in found]
    for landmark in ("banner", "main", "navigation", "search", "contentinfo"):
        assert roles.count(landmark) == 1, landmark
    assert ("heading", "tiny-model") in found
    assert ("columnheader", "Severity") in found
    assert ("table", "Findings, the worst first") in found
    named = ("button", "link", "combobox", "searchbox", "region", "table")
    assert [role for role, name in found if role in named and not name] == []
    assert json.dumps(found).count('"rowheader"') >= 8
