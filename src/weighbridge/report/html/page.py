"""The page around the sections: head, content policy, sections' list, filters."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from weighbridge.model.digest import Digest
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.record import AuditRecord
from weighbridge.report.html import palette
from weighbridge.report.html.markup import Html, code, el, join, text
from weighbridge.report.summary import OUTCOME_WORDS, gate_words

LANGUAGE = "en-US"
_MAX_OPTIONS = 2_000  # of one filter, as many as a table has rows
Section = tuple[str, str, int | None, Html]  # id, title, how many rows it has, content


def page(record: AuditRecord, digest: Digest, brief: Html, sections: Sequence[Section]) -> Html:
    """The whole document."""
    style = palette.css() + "\n" + _resource("style.css")
    script = _resource("script.js")
    name = record.subject.name or "(unnamed)"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(style, script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="weighbridge-record", content=str(digest)),
        el("title", f"Gate {gate_words(record)}: ", text(name, 120), ", Weighbridge audit report"),
        el("style", Html(style)),
    )
    listed = [("brief", "Brief", None), *((s[0], s[1], s[2]) for s in sections)]
    main = el(
        "main",
        el("p", f"Model audit report, as of {record.as_of.isoformat()}", class_="muted"),
        el("h1", el("bdi", text(name, 200))),
        el("section", el("h2", "Brief", id="brief"), brief),
        *(el("section", el("h2", title, id=key), content)
          for key, title, _, content in sections),
        id="main", class_="main", tabindex="-1",
    )  # fmt: skip
    foot = el(
        "footer",
        "Weighbridge ",
        text(record.tool_version, 60),
        ". A view of audit.json ",
        code(str(digest)),
        ", which is what counts.",
    )
    body = el(
        "body",
        el("a", "Skip to the report", href="#main", class_="skip"),
        el("div", el("header", el("p", "Weighbridge", class_="brand"), _list(listed),
                     _filters(record), class_="side"), el("div", main, foot), class_="layout"),
        el("script", Html(script)),
    )  # fmt: skip
    return join([Html("<!DOCTYPE html>\n"), el("html", head, body, lang=LANGUAGE), "\n"])


def policy(style: str, script: str) -> str:
    """A content policy by which nothing is loaded, and only this style and script have effect."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    """As a Content Security Policy names an inline element (CSP Level 3, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    content = files(__package__).joinpath(name).read_text(encoding="utf-8")
    assert "</s" not in content, name  # it would end its own element
    return content


def _list(listed: Sequence[tuple[str, str, int | None]]) -> Html:
    items = (
        el("li", el("a", el("bdi", title), el("span", f"{number:,}") if number is not None else
                    None, href=f"#{key}"))
        for key, title, number in listed
    )  # fmt: skip
    return el("nav", el("ul", *items), aria_label="Sections")


def _filters(record: AuditRecord) -> Html:
    """Hidden until the script runs: without it everything is shown and nothing can be filtered."""
    severities = [
        _option(s.value, s.value if s is Severity.CRITICAL else f"{s.value} and above")
        for s in reversed(Severity)
    ]
    outcomes = [_option(o.value, OUTCOME_WORDS[o]) for o in Outcome]
    every = list(dict.fromkeys(result.rule for result in record.results))
    rules = [_option(rule, rule) for rule in every[:_MAX_OPTIONS]]
    frameworks: dict[str, dict[str, str]] = {}
    for clause in record.clauses[:_MAX_OPTIONS]:
        frameworks.setdefault(clause.framework, {})[clause.key] = f"{clause.id} {clause.title}"
    clauses = [
        el("optgroup", _option(framework, f"all of {framework}"),
           *(_option(key, words) for key, words in found.items()), label=framework)
        for framework, found in frameworks.items()
    ]  # fmt: skip
    controls = join([
        _select("by-severity", "Severity", "any severity", severities),
        _select("by-outcome", "Outcome", "any outcome", outcomes),
        _select("by-rule", "Rule", "any rule", rules),
        _select("by-clause", "Clause", "any clause", clauses),
        el("label", "Words in the row", for_="by-text"),
        el("input", type="search", id="by-text", autocomplete="off", spellcheck="false"),
        el("button", "Show all", type="button", id="reset"),
        el("output", id="shown"),
    ])  # fmt: skip
    colors = join([
        el("label", "Colors", for_="colors"),
        el("select", _option("", "as the system"), _option("light", "light"),
           _option("dark", "dark"), id="colors"),
    ])  # fmt: skip
    box = el(
        "details",
        el("summary", "Filter findings, rules, clauses, waivers, packages"),
        controls,
        open=True,
    )
    return el("div", box, colors, class_="filters", id="filters", role="search",
              aria_label="Filters", hidden=True)  # fmt: skip


def _select(key: str, label: str, none: str, options: Sequence[Html]) -> Html:
    return join([el("label", label, for_=key), el("select", _option("", none), *options, id=key)])


def _option(value: str, words: str) -> Html:
    return el("option", text(words, 90), value=text(value))
