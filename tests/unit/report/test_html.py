"""The HTML view: nothing of the subject is markup, and the page is well formed and bounded."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.report import html
from weighbridge.report.html import markup, palette
from weighbridge.report.registry import PACK_VIEWS, view

VOID = {"meta", "input", "br", "wbr", "link", "img", "hr"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "script", "a", "div", "header", "main", "nav",
    "section", "footer", "p", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "span", "small", "strong", "code", "bdi", "pre",
    "svg", "rect", "g", "path", "text", "defs", "marker", "details", "summary", "label", "select",
    "option", "optgroup", "input", "button", "output",
}  # fmt: skip
URLS = {"href", "src", "action", "formaction", "data", "srcset", "poster", "background", "style",
        "xlink:href", "ping"}  # fmt: skip
ATTACKS = (
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "--><!--<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</title></textarea></select></svg><svg onload=alert(1)>",
    "&lt;b&gt;&#x3c;script&#x3e;",
    "</td></tr></table><base href=https://evil.example/>",
    "<![CDATA[<x>]]>",
    "javascript:alert(1)",
    "a\u202eb\u2066c\u2069\u200f",
    "\ufdd0\ufffe\U0001ffff\ud800",
    "x" * 10_000,
    "e" + "\u0301" * 400,
)


class Reader(HTMLParser):
    """The elements as a tree of starts and ends; what does not nest is written down."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.starts: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"an attribute twice in {tag}")
        self.starts.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):  # only in SVG, where it is well formed
        if "svg" not in self.stack:
            self.wrong.append(f"{tag} closes itself")
        self.starts.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(f"an end of {tag}")

    def handle_comment(self, data):
        self.wrong.append(f"a comment {data[:20]!r}")

    def handle_data(self, data):
        if self.stack and self.stack[-1] not in ("script", "style"):
            self.words.append(data)


def read(record) -> Reader:
    reader = Reader()
    reader.feed(html.render(record).decode("utf-8"))
    reader.close()
    return reader


def check(reader: Reader) -> None:
    assert reader.wrong == []
    assert reader.stack == []
    assert {tag for tag, _ in reader.starts} <= ALLOWED
    assert sum(tag == "script" for tag, _ in reader.starts) == 1
    assert sum(tag == "style" for tag, _ in reader.starts) == 1
    for tag, attributes in reader.starts:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in URLS & set(attributes):
            assert name == "href"
            assert re.fullmatch(r"#[a-z]+(-\d+)?", attributes["href"]), attributes
    names = [attributes["id"] for _, attributes in reader.starts if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in reader.starts:
        for named in ("for", "aria-labelledby"):
            if named in attributes:
                assert attributes[named] in names
        href = attributes.get("href")
        assert not href or href[1:] in names, href


def attacked(factory, attack):
    """A record in which every text of a stranger's is the attack."""
    base = factory.make_record()
    finding = Finding(Outcome.FAIL, attack, attack, Location(attack, 1, 2, attack), attack)
    results = tuple(
        replace(r, rule=attack if n else r.rule, summary=attack, family=attack, note=attack,
                findings=(finding, *r.findings) if r.outcome is Outcome.FAIL else r.findings)
        for n, r in enumerate(base.results)
    )  # fmt: skip
    clauses = tuple(
        replace(c, framework=attack, title=attack, note=attack, superseded_by=attack,
                links=tuple(replace(link, residue=attack) for link in c.links))
        for c in base.clauses
    )  # fmt: skip
    policy = replace(base.policy, id=attack, owner=attack, waivers=tuple(
        replace(w, id=attack, reason=attack, owner=attack, approver=attack, path=attack)
        for w in base.policy.waivers))  # fmt: skip
    return replace(
        base,
        subject=replace(base.subject, name=attack, revision=attack),
        artifacts=tuple(replace(a, path=f"{n}{attack}") for n, a in enumerate(base.artifacts)),
        results=results,
        clauses=clauses,
        policy=policy,
        evidence=(*base.evidence, *strange_evidence(attack)),
        breakages=tuple(replace(b, collector=attack, message=attack) for b in base.breakages),
        verdict=replace(base.verdict, reasons=(attack,) * 9),
    )


def strange_evidence(text):
    """Observations whose payloads hold the text wherever a text may stand."""
    node = {"key": "subject", "kind": "model", "id": text, "revision": "", "licenses": [],
            "state": "read", "why": text, "multimodal": None}  # fmt: skip
    other = {**node, "key": "model:x", "state": "vanished", "licenses": [
        {"how": "declared", "raw": text, "id": text, "symbols": [], "place": {}}]}  # fmt: skip
    edge = {"child": "subject", "parent": "model:x", "relation": text, "basis": text,
            "pinned": False, "place": {"path": text, "line": 1}}  # fmt: skip
    advisory = {"id": text, "aliases": [text], "summary": text, "severity": text, "score": text,
                "fixed_versions": [text] * 9}  # fmt: skip
    person = {"name": text, "role": text, "email": text}
    payloads = {
        EvidenceKind.LINEAGE: {"nodes": [node, other], "edges": [edge], "disputes": [
            {"message": text}], "asked": [], "cut": ""},
        EvidenceKind.LICENSE: {"role": text, "id": text, "why": text, "words": text, "line": 3},
        EvidenceKind.VULNERABILITY: {"advisories": [advisory]},
        EvidenceKind.PACKAGES: {"format": text, "packages": [
            {"name": text, "version": "", "specifier": text, "license": text}]},
        EvidenceKind.ATTESTATION: {"control": text, "statement": text, "person": person,
                                   "made": text, "expires": text, "signature_state": text,
                                   "reason": text, "bound": text, "bound_reason": text},
    }  # fmt: skip
    clean = text.encode("utf-8", "replace").decode()
    return tuple(
        Evidence(kind, clean, EvidenceState.OBSERVED, f"file:{clean}", "test@1", "", data)
        for kind, data in payloads.items()
    )


@pytest.mark.parametrize("attack", [a for a in ATTACKS if "\ud800" not in a])
def test_no_text_of_a_stranger_becomes_markup(attack, factory):
    reader = read(attacked(factory, attack))
    check(reader)
    words = "".join(reader.words)
    assert not set(words) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
    if len(attack) < 100 and attack.isascii():
        assert attack in words  # it is shown as what it is


@pytest.mark.parametrize("make", ["hostile_record", "make_record", "holding_record"])
def test_the_page_is_well_formed(make, factory):
    check(read(getattr(factory, make)()))


def test_a_lone_surrogate_and_noncharacters_are_replaced():
    shown = markup.shown("a\ud800b\ufdd0c\ufffed\U0001ffff")
    assert shown == "a\\ud800b\ufffdc\ufffdd\ufffd"


def test_marks_do_not_pile_up():
    assert markup.shown("e" + "\u0301" * 5) == "e\u0301\u0301" + "\\u0301" * 3
    assert markup.shown("שָׁלוֹם") == "שָׁלוֹם"


@pytest.mark.parametrize(
    "data",
    [
        {}, {"nodes": 3}, {"nodes": []}, {"nodes": [{}], "edges": []}, {"nodes": [1, 2]},
        {"nodes": [{"key": "x"}, {"key": None}], "edges": [{}], "disputes": "x"},
        {"packages": 3, "advisories": "x", "person": 7, "line": "x", "role": []},
        {"packages": [3, None, {}], "advisories": [{}, 1], "person": {"name": 3}},
    ],
)  # fmt: skip
def test_evidence_of_no_known_shape_breaks_nothing(data, factory):
    base = factory.make_record()
    kinds = [kind for kind in EvidenceKind if kind is not EvidenceKind.SNAPSHOT]
    more = tuple(Evidence(k, "x", EvidenceState.OBSERVED, "s", "c", "", data) for k in kinds)
    check(read(replace(base, evidence=(*base.evidence, *more))))


def test_the_content_policy_names_exactly_what_is_in_the_page(factory):
    page = html.render(factory.make_record()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    said = policy[1].replace("&#x27;", "'")
    for tag in ("style", "script"):
        content = page.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in said
    assert said.startswith("default-src 'none'; ")
    assert "unsafe" not in said
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_nothing_is_fetched_from_elsewhere(factory):
    page = html.render(factory.holding_record()).decode()
    style = page.split("<style>")[1].split("</style>")[0]
    script = page.split("<script>")[1].split("</script>")[0]
    assert "url(" not in style
    assert "@import" not in style
    for name in ("innerHTML", "fetch(", "XMLHttpRequest", "import(", "eval(", "insertAdjacent",
                 "document.write", "localStorage"):  # fmt: skip
        assert name not in script


def test_what_is_beyond_the_bound_is_named_and_every_rule_keeps_some(factory):
    base = factory.make_record()
    many = tuple(
        Finding(Outcome.FAIL, "Bad.", "Fix.", Location(f"f{n}"), str(n), Severity.CRITICAL)
        for n in range(12_000)
    )
    few = tuple(replace(f, severity=Severity.LOW) for f in many[:80])
    small = replace(base.results[0], outcome=Outcome.FAIL, findings=few, rule="small")
    results = (replace(base.results[1], findings=many), small)
    page = html.render(replace(base, results=results)).decode()
    assert "5,000 of 12,080 findings are shown here" in page
    assert "unsafe-content: 4,950 of 12,000; small: 50 of 80." in page
    assert page.count('data-r="small"') == 50 + 1  # and its row among the rules
    assert len(page) < 10_000_000


def test_long_texts_do_not_make_the_page_too_large(factory):
    base = factory.make_record()
    text = "<&>\"'" * 300
    many = tuple(
        Finding(Outcome.FAIL, text, text, Location(f"{n}{text}", member=text), str(n))
        for n in range(1_500)
    )
    page = html.render(replace(base, results=(replace(base.results[1], findings=many),)))
    assert len(page) < 10_000_000
    assert b"are left out to keep this page usable; audit.json has them all." in page


def test_the_digest_of_the_record_stands_in_the_page(factory):
    record = factory.make_record()
    page = html.render(record).decode()
    assert f'name="weighbridge-record" content="{record.digest}"' in page
    assert page.count(str(record.digest)) == 3


def test_what_a_reader_must_see_is_there(factory):
    words = " ".join(read(factory.make_record()).words)
    for said in ("Gate CLOSED", "The policy is violated", "Loading this file calls os.system.",
                 "Convert the weights to safetensors", "byte 4242", "W-12", "Art. 15(5)",
                 "no longer counts: the policy loosens min_signers", "unverified (from memory)",
                 "Only a Git LFS pointer lies here.", "weighbridge report verify PACK",
                 "Commits are signed by the forge."):  # fmt: skip
        assert said in words, said


def test_a_pass_on_a_persons_word_is_told_from_a_checked_one(factory):
    base = factory.make_record()
    person = {"name": "A. Person", "role": "head of data", "email": ""}
    word = Evidence(EvidenceKind.ATTESTATION, "a.json", EvidenceState.OBSERVED, "file:a.json", "c",
                    "", {"person": person, "made": "2026-11-01", "expires": "2027-01-01",
                         "control": "bias-testing"})  # fmt: skip
    passed = replace(base.results[0], evidence=(word.digest,))
    words = " ".join(read(replace(base, evidence=(word,), results=(passed,))).words)
    assert "pass (attested)" in words
    assert "by A. Person (head of data) on 2026-11-01, until 2027-01-01" in words


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_contrast_is_enough_in_both_schemes(colors):
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for text, ground in palette.TEXT_ON:
        assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
    for edge, ground in palette.EDGE_ON:
        assert contrast(colors[edge], colors[ground]) >= 3, (edge, ground)


def test_every_color_of_the_style_has_a_value(factory):
    style = html.render(factory.holding_record()).decode().split("<style>")[1].split("</style>")[0]
    assert set(re.findall(r"var\(--([a-z-]+)\)", style)) <= set(palette.LIGHT)
    assert set(palette.LIGHT) == set(palette.DARK)
    own = style.split("unicode-bidi", 1)[1]  # past the palette: no color that it does not know
    assert set(re.findall(r"(?<!\")#[0-9a-f]{6}\b(?!\")", own)) == set()


def test_controls_have_labels_tables_have_heads_and_headings_are_in_order(factory):
    reader = read(factory.make_record())
    labels = {a["for"] for tag, a in reader.starts if tag == "label"}
    controls = {a["id"] for tag, a in reader.starts if tag in ("select", "input")}
    assert controls
    assert controls == labels
    assert all(a.get("scope") in ("col", "row") for tag, a in reader.starts if tag == "th")
    tables = sum(tag == "table" for tag, _ in reader.starts)
    assert tables == sum(tag == "caption" for tag, _ in reader.starts) > 5
    levels = [int(tag[1]) for tag, _ in reader.starts if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert sum(tag == landmark for tag, _ in reader.starts) == 1
    assert dict(reader.starts)["html"]["lang"] == "en-US"


def test_the_view_is_registered_and_in_the_pack():
    assert view("html").FILENAME == "report.html"
    assert "html" in PACK_VIEWS
