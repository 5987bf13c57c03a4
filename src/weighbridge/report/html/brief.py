"""What whoever decides needs first: the verdict, the risks, what is open, what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.digest import Digest
from weighbridge.model.finding import Finding
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.html.markup import Html, code, el, join, small, text, tone
from weighbridge.report.html.tones import OUTCOME, SEVERITY, VERDICT, place
from weighbridge.report.pdf.brief import risks
from weighbridge.report.pdf.chart import ORDER, Counts, in_words, outcomes_by_area
from weighbridge.report.pdf.plain import meaning
from weighbridge.report.pdf.words import count, means, steps
from weighbridge.report.summary import (
    VERDICT_WORDS,
    gate_words,
    loosened,
    not_checked,
    severity_of,
    shorten,
    timestamp_words,
)

MAX_RISKS = 7
_MAX_REASONS = 6
_MAX_LOOSENED = 20
_CELLS = 16  # rules that a bar has room for at its full width
_UNIT = 10
KIND_WORDS = {
    "crashed-collector": "not collected because a collector broke",
    "error": "in error",
    "unknown": "unknown",
    "missing": "missing here",
    "pointer": "only a pointer",
    "problem": "unreadable",
    "evidence": "without evidence",
    "manual": "for a person to judge",
    "rule-off": "turned off by the policy",
}


def brief(record: AuditRecord, digest: Digest) -> Html:
    """The section, without its heading: the page's title stands above it."""
    return join([
        _verdict(record),
        el("div", el("div", *_risks(record)), el("div", *_chart(record), *_open(record)),
           class_="columns"),
        el("h3", "What to do next"),
        el("ol", *(el("li", step) for step in steps(record))),
        el("h3", "What this is about"),
        _facts(record, digest),
        *_loosened(record),
    ])  # fmt: skip


def _verdict(record: AuditRecord) -> Html:
    code_ = record.verdict.exit_code
    told = tuple(f"{result.rule} " for result, _ in risks(record)[:MAX_RISKS])
    reasons = [reason for reason in record.verdict.reasons if not reason.startswith(told)]
    more = len(reasons) - _MAX_REASONS
    said = [el("li", text(reason, 300)) for reason in reasons[:_MAX_REASONS]]
    if more > 0:
        said.append(el("li", f"and {count(more, 'more reason')}"))
    return el(
        "div",
        el("p", f"Gate {gate_words(record)}", class_="gate"),
        el("p", f"{VERDICT_WORDS[code_]}.", class_="words"),
        el("p", means(record)),
        el("ul", *said) if said else None,
        class_=f"verdict {VERDICT[code_]}",
    )


def _risks(record: AuditRecord) -> Iterator[Html]:
    yield el("h3", "Top risks, and what to do about each")
    found = risks(record)
    if not found:
        yield el("p", "None: no rule that could be decided fails.")
        return
    numbers = {result.rule: number for number, result in enumerate(record.results)}
    yield el("ol", *(_risk(numbers[r.rule], r, f) for r, f in found[:MAX_RISKS]), class_="risks")
    if len(found) > MAX_RISKS:
        more = len(found) - MAX_RISKS
        yield el("p", f"and {count(more, 'more rule')} that {'fails' if more == 1 else 'fail'}")


def _risk(number: int, result: RuleResult, finding: Finding | None) -> Html:
    worst = severity_of(result, finding) if finding else result.severity
    closes = ", closes the gate" if result.closes_gate else ""
    link = el("a", result.rule, href=f"#rule-{number}")
    found = count(len(result.findings), "finding")
    parts = [
        el("p", meaning(result), class_="what"),
        el("p", link, f" · {worst.value} · {found}{closes}", class_="muted"),
    ]
    if finding is None:
        parts.append(el("p", result.note) if result.note else Html())
    else:
        where = join([place(finding.location), ": "]) if finding.location else None
        path = finding.location.path if finding.location else ""
        short = join([code(shorten(path, 120)), ": "]) if path else where
        parts.append(el("p", short, Html(el("bdi", finding.message))))
        if finding.remedy:
            parts.append(el("p", el("strong", "To do: "), el("bdi", finding.remedy)))
    return el("li", *parts, class_=SEVERITY[worst])


def _chart(record: AuditRecord) -> Iterator[Html]:
    yield el("h3", "Outcomes by area")
    areas = outcomes_by_area(record)
    if not areas:
        yield el("p", "The policy asks for no rule.")
        return
    most = max(sum(counts.values()) for _, counts in areas)
    wide = max(most, _CELLS)
    rows = [
        el("tr", el("th", text(name, 40), scope="row"), el("td", _bar(counts, wide)),
           el("td", in_words(counts)))
        for name, counts in areas
    ]  # fmt: skip
    yield el("table", el("caption", "How many rules of each area ended how"),
             el("thead", el("tr", *(el("th", t, scope="col") for t in
                                    ("Area", "Share", "In words")))),
             el("tbody", *rows), class_="chart")  # fmt: skip


def _bar(counts: Counts, wide: int) -> Html:
    """One block a rule. The words stand beside it, so that it is hidden from screen readers."""
    blocks, at = [], 0
    for outcome in ORDER:
        if counts[outcome]:
            width = counts[outcome] * _UNIT
            blocks.append(el("rect", x=at, y=0, width=width, height=_UNIT, class_=OUTCOME[outcome]))
            at += width
    return el("svg", *blocks, viewBox=f"0 0 {wide * _UNIT} {_UNIT}", class_="bar",
              aria_hidden="true", focusable="false", preserveAspectRatio="none")  # fmt: skip


def _open(record: AuditRecord) -> Iterator[Html]:
    yield el("h3", "What was not checked")
    kinds: dict[str, int] = {}
    for item in not_checked(record):
        kinds[item.kind] = kinds.get(item.kind, 0) + item.count
    if not kinds:
        yield el("p", "Nothing: all that the policy asks for was decided.")
        return
    yield el("ul", *(el("li", f"{kinds[kind]:,} {words}") for kind, words in KIND_WORDS.items()
                     if kind in kinds))  # fmt: skip
    yield el("p", "None of it counts as passed. ", el("a", "Each with its reason", href="#open"),
             ".")  # fmt: skip


def _facts(record: AuditRecord, digest: Digest) -> Html:
    subject, policy = record.subject, record.policy
    offline = ", offline: no outside service was asked" if record.offline else ""
    facts: list[tuple[str, Html | str]] = [
        ("Subject", join([el("bdi", subject.name), f" ({subject.kind.value})"])),
        ("Subject digest", code(str(subject.digest))),
    ]
    if subject.revision:
        facts.append(("Revision", code(subject.revision)))
    facts += [
        ("Policy", join([el("bdi", f"{policy.id} {policy.version}"), ", owned by ",
                         el("bdi", policy.owner)])),
        ("Judged as of", f"{record.as_of.isoformat()}{offline}"),
        ("Tool", f"weighbridge {record.tool_version}"),
        ("Record", join(["audit.json ", code(str(digest))])),
        ("Timestamp", timestamp_words(record)),
    ]  # fmt: skip
    return el("dl", *(join([el("dt", name), el("dd", value)]) for name, value in facts),
              class_="facts")  # fmt: skip


def _loosened(record: AuditRecord) -> Iterator[Html]:
    found = loosened(record)
    if found:
        yield el("h3", "Looser than the policies it extends")
        yield el("ul", *(el("li", tone(what, "amber"), small(because))
                         for what, because in found[:_MAX_LOOSENED]))  # fmt: skip
        if len(found) > _MAX_LOOSENED:
            yield el("p", f"and {len(found) - _MAX_LOOSENED} more, in audit.json")
