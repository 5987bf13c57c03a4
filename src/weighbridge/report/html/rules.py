"""The rules, and what they found."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.html.markup import (
    Bound,
    Column,
    Html,
    cell,
    el,
    head,
    join,
    lines,
    row,
    small,
    table,
    text,
    tone,
)
from weighbridge.report.html.tones import OUTCOME, OUTCOME_ORDER, outcome, place, severity
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import OUTCOME_WORDS, checks, links_by_rule, severity_of

FINDINGS = Bound(rows=5_000, size=6_000_000)
_EACH = 50  # findings of a rule that are shown whatever the others have


def rules(record: AuditRecord) -> Html:
    """Every rule that the policy names, by area."""
    if not record.results:
        return el("p", "The policy asks for no rule.")
    clauses = {
        rule: [name for clause, _ in links for name in (clause.framework, clause.key)]
        for rule, links in links_by_rule(record).items()
    }
    columns = (Column("Rule"), Column("Outcome"), Column("Severity"), Column("Gate"),
               Column("Findings and notes"))  # fmt: skip
    rows = (
        _rule(record, number, result, clauses.get(result.rule, []))
        for number, result in enumerate(record.results)
    )
    return table("rules-table", "What each rule checks, and how it ended", columns, rows,
                 stacks=True, filters="rules")  # fmt: skip


def _rule(record: AuditRecord, number: int, result: RuleResult, clauses: list[str]) -> Html:
    off = result.mode is Mode.OFF
    loud = not off and result.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    closes = tone("closes the gate", "red") if result.closes_gate else None
    mode = small("report only") if result.mode is Mode.REPORT else None
    ended = tone("not evaluated", "gray") if off else outcome(record, result)
    area = small(f"Area: {result.family}") if result.family else None
    found = None
    if result.findings:
        words = count(len(result.findings), "finding")
        found = el("p", el("a", words, href=f"#finding-{number}",
                           aria_label=f"{words} of {result.rule}"))  # fmt: skip
    return row(
        head(el("bdi", result.rule), small(checks(result)), area, value=result.rule),
        cell(ended, value=len(OUTCOME_ORDER) if off else OUTCOME_ORDER.index(result.outcome)),
        cell(
            severity(result.severity) if loud else result.severity.value,
            value=4 - result.severity.rank,
        ),
        cell(closes, mode, value=0 if result.closes_gate else 1),
        cell(found, result.note, value=-len(result.findings)),
        id=f"rule-{number}",
        data_r=text(result.rule),
        data_s=result.severity.value,
        data_o="" if off else result.outcome.value,
        data_c=lines(dict.fromkeys(clauses)) if clauses else None,
    )


def findings(record: AuditRecord) -> Html:
    """What was found: the worst first. Beyond the bound each rule keeps its worst."""
    total = sum(len(result.findings) for result in record.results)
    if not total:
        return el("p", "There are no findings.")
    columns = (Column("Severity"), Column("Outcome"), Column("Rule"), Column("Place"),
               Column("What was found, and what to do"))  # fmt: skip
    chosen = _chosen(record)
    parts = []
    if len(chosen) < total:
        parts.append(_left_out(record, chosen))
    parts.append(table("findings-table", "Findings, the worst first", columns, _rows(chosen),
                       bound=FINDINGS, stacks=True, filters="findings"))  # fmt: skip
    return join(parts)


_Found = tuple[int, RuleResult, Finding]


def _chosen(record: AuditRecord) -> list[_Found]:
    """At most as many as the bound: the worst of every rule, then the worst of all."""
    every = [(n, r, f) for n, r in enumerate(record.results) for f in r.findings]
    every.sort(key=_weight)
    if len(every) <= FINDINGS.rows:
        return every
    each: dict[int, int] = {}
    sure: list[_Found] = []
    others: list[_Found] = []
    for one in every:
        each[one[0]] = each.get(one[0], 0) + 1
        (sure if each[one[0]] <= _EACH else others).append(one)
    chosen = [*sure, *others][: FINDINGS.rows]
    chosen.sort(key=_weight)
    return chosen


def _weight(one: _Found) -> tuple[bool, int, bool, int, int]:
    number, result, finding = one
    open_ = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL).index(finding.outcome)
    return (bool(finding.waiver), open_, not result.closes_gate,
            -severity_of(result, finding).rank, number)  # fmt: skip


def _left_out(record: AuditRecord, chosen: list[_Found]) -> Html:
    kept: dict[int, int] = {}
    for number, _, _ in chosen:
        kept[number] = kept.get(number, 0) + 1
    words = [
        f"{result.rule}: {kept.get(number, 0):,} of {len(result.findings):,}"
        for number, result in enumerate(record.results)
        if kept.get(number, 0) < len(result.findings)
    ]
    total = sum(len(result.findings) for result in record.results)
    head_ = (
        f"{len(chosen):,} of {total:,} findings are shown here, to keep this page usable; "
        "audit.json has them all. "
    )
    return el("p", text(head_ + "; ".join(words), 4_000), ".", class_="cut")


def _rows(chosen: list[_Found]) -> Iterator[Html]:
    met: set[int] = set()
    for number, result, finding in chosen:
        anchor = None if number in met else f"finding-{number}"
        met.add(number)
        yield _finding(number, result, finding, anchor)


def _finding(number: int, result: RuleResult, finding: Finding, anchor: str | None) -> Html:
    worst = severity_of(result, finding)
    ended = Outcome.WAIVED if finding.waiver else finding.outcome
    by = small("by ", el("bdi", finding.waiver)) if finding.waiver else None
    to_do = el("p", el("strong", "To do: "), finding.remedy) if finding.remedy else None
    return row(
        cell(severity(worst), value=4 - worst.rank),
        cell(tone(OUTCOME_WORDS[ended], OUTCOME[ended]), by, value=OUTCOME_ORDER.index(ended)),
        cell(el("a", result.rule, href=f"#rule-{number}")),
        cell(place(finding.location)),
        cell(el("p", finding.message), to_do),
        id=anchor,
        data_s=worst.value,
        data_o=ended.value,
        data_r=text(result.rule),
    )
