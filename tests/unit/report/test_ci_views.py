"""JUnit, Markdown and annotations: what CI servers show, and nothing active in any of it."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Location, Outcome
from weighbridge.model.record import Verdict
from weighbridge.report import github, junit, markdown

EVIL = "](http://x) <script> @user #1 :smile: www.x.org `c` | a\n::error::x %0A ]]> \x00 \u202e"


def with_finding(record, message: str, path: str = "a.bin", count: int = 1):
    """The record with the findings of its first rule that closes the gate replaced."""
    at = next(i for i, r in enumerate(record.results) if r.closes_gate)
    finding = Finding(Outcome.FAIL, message, message, Location(path, line=3), key="k")
    results = list(record.results)
    results[at] = replace(results[at], findings=(finding,) * count, outcome=Outcome.FAIL)
    return replace(record, results=tuple(results))


def cases(record) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(junit.render(record))
    return {case.get("name"): case for case in root.iter("testcase")}


def test_a_case_ends_as_the_rule_does(factory):
    record = factory.make_record()
    found = cases(record)
    for result in record.results:
        kinds = [child.tag for child in found[result.rule]]
        if result.outcome is Outcome.PASS:
            assert kinds == []
        elif result.closes_gate:
            assert kinds == ["failure" if result.outcome is Outcome.FAIL else "error"]
        else:
            assert kinds == ["skipped"]


def test_the_suites_count_what_they_hold(factory):
    for record in (factory.make_record(), factory.holding_record()):
        root = ElementTree.fromstring(junit.render(record))
        for suite in (root, *root.findall("testsuite")):
            assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
            assert int(suite.get("failures")) == len(list(suite.iter("failure")))
            assert int(suite.get("errors")) == len(list(suite.iter("error")))


def test_a_gate_that_no_rule_closes_is_an_error_in_junit(factory):
    record = factory.holding_record()
    assert list(cases(record)["gate"]) == []
    closed = Verdict(open=False, exit_code=ExitCode.INCONCLUSIVE, reasons=("no timestamp",))
    (told,) = cases(replace(record, verdict=closed))["gate"]
    assert (told.tag, told.text) == ("error", "no timestamp")


def test_junit_holds_hostile_text_as_text(factory):
    record = with_finding(factory.make_record(), EVIL + "\ufffe\uffff")
    root = ElementTree.fromstring(junit.render(record))
    assert root.find(".//script") is None
    assert "<script>" in "".join(root.itertext())


def links(source: str) -> list[str]:
    """The kinds of token beyond plain prose that a renderer of Markdown sees."""
    found = MarkdownIt("commonmark").enable("table").parse(source)
    kinds = [t.type for t in found] + [c.type for t in found for c in t.children or ()]
    return [kind for kind in kinds if kind in ("link_open", "image", "html_inline", "code_inline")]


def test_markdown_shows_hostile_text_and_does_nothing(factory):
    source = markdown.plain(EVIL)
    assert links(source) == []
    assert MarkdownIt("commonmark").render(source).count("<") == 2  # one paragraph
    for active in ("@user", "#1 ", ":smile:", "www.x", "http:", "|"):
        assert active not in source


def test_markdown_names_verdict_findings_and_what_was_not_checked(factory):
    record = factory.make_record()
    text = markdown.render(record).decode()
    assert "**Gate CLOSED.**" in text
    assert str(record.digest) in text
    assert "Not checked:" in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_markdown_is_cut_below_the_limit_and_says_so(factory):
    record = with_finding(factory.make_record(), "x" * 599, count=5000)
    data = markdown.render(record)
    assert len(data) < markdown.MAX_BYTES + 100
    assert "more findings stand in" in data.decode()


def test_an_annotation_points_at_file_and_line(factory):
    record = with_finding(factory.make_record(), "m", path="a,b:c.py")
    lines = github.render(record).decode().splitlines()
    like = re.compile(r"::error title=[\w-]+ \(\w+\),file=a%2Cb%3Ac\.py,line=3::m m")
    assert any(like.fullmatch(line) for line in lines)


def test_no_finding_can_write_a_command_of_its_own(factory):
    text = github.render(with_finding(factory.make_record(), EVIL)).decode()
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert not any(line.startswith("::error::x") for line in commands)
    assert "%250A" in text


@pytest.mark.parametrize("count", [11, 500])
def test_annotations_beyond_what_is_shown_are_counted(factory, count):
    text = github.render(with_finding(factory.make_record(), "m", count=count)).decode()
    assert text.count("::error ") == 10
    assert f"{count - 10} more of level error are not shown here." in text


def test_waived_findings_raise_no_annotation(factory):
    record = factory.make_record()
    waived = [f for r in record.results for f in r.findings if f.waiver]
    assert waived
    assert not any(f.message in github.render(record).decode() for f in waived)
