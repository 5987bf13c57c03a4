"""Every finding: where it is, what causes it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.clause import Clause, ClauseLink
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.style import (
    AMBER,
    BODY,
    INK,
    MUTED,
    OUTCOME_COLOR,
    SEVERITY_COLOR,
    VIOLET,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    checks,
    links_by_rule,
    severity_of,
    shorten,
)

_BAND = 8.2
_CLAUSES_LIMIT = 1500
MAX_FINDINGS = 10_000  # drawn, the weightiest rules first; 300 pages more a 5,000
AT_LEAST = 100  # of each rule, whatever others take


def findings(flow: Flow, record: AuditRecord, title: str) -> None:
    """Every finding, grouped by rule, the weightiest rules first."""
    flow.heading(1, title)
    results = [r for r in record.results if r.findings and r.mode is not Mode.OFF]
    if not results:
        flow.paragraph(Text("No rule found anything.", size=BODY))
        return
    results.sort(key=lambda result: (not result.closes_gate, -result.severity.rank))
    total = sum(len(result.findings) for result in results)
    drawn = sum(_drawn(results))
    if drawn < total:
        words = (
            f"{drawn:,} of {total:,} findings are drawn, the weightiest rules first; where some of "
            "a rule are left out, its last row counts them. audit.json has them all."
        )
        flow.paragraph(Text(words, size=BODY, color=AMBER))
    columns = (Column("Severity", 60), Column("Where", 165), Column("Cause, and what to do", 266))
    table(flow, columns, _finding_rows(record, results))


def _drawn(results: list[RuleResult]) -> Iterator[int]:
    """How many findings of each rule are drawn."""
    room = MAX_FINDINGS
    for result in results:
        number = min(len(result.findings), max(room, AT_LEAST))
        room -= number
        yield number


def _finding_rows(record: AuditRecord, results: list[RuleResult]) -> Iterator[Row]:
    links = links_by_rule(record)
    for result, number in zip(results, _drawn(results), strict=True):
        drawn = result.findings[:number]
        remedies = {finding.remedy for finding in result.findings}
        shared = remedies.pop() if len(remedies) == 1 < len(result.findings) else ""
        yield Row([_finding_band(result, links.get(result.rule, []), shared)], band=True)
        for finding in drawn:
            yield _finding_row(result, finding, with_remedy=not shared)
        if rest := len(result.findings) - len(drawn):
            more = Text(f"{count(rest, 'more finding')} of this rule in audit.json", BOLD)
            yield Row([[], [], [more]])


def _finding_band(
    result: RuleResult, links: list[tuple[Clause, ClauseLink]], remedy: str
) -> list[Text]:
    words = [result.rule, result.severity.value, OUTCOME_WORDS[result.outcome],
             count(len(result.findings), "finding")]  # fmt: skip
    if result.closes_gate:
        words.append("closes the gate")
    band = [
        Text(
            "  ·  ".join(words),
            BOLD,
            _BAND,
            OUTCOME_COLOR[result.outcome],
            lines=2,
            anchor=f"findings-{result.rule}",
        ),
        Text(checks(result), color=MUTED, before=1.5),
    ]
    touched = ", ".join(f"{clause.key} ({link.strength.value})" for clause, link in links)
    if touched:
        clauses_text = f"Clauses touched: {touched}"
        band.append(Text(clauses_text, color=INK, limit=_CLAUSES_LIMIT, before=1.5))
    if remedy:
        band.append(Text(f"What to do: {remedy}", color=INK, before=1.5))
    return band


def _finding_row(result: RuleResult, finding: Finding, *, with_remedy: bool) -> Row:
    severity = severity_of(result, finding)
    first = [Text(severity.value, BOLD, color=INK, marker=SEVERITY_COLOR[severity])]
    if finding.outcome is not Outcome.FAIL:
        word = OUTCOME_WORDS[finding.outcome]
        first.append(Text(word, size=6.6, color=OUTCOME_COLOR[finding.outcome]))
    if finding.waiver:
        first.append(Text(f"waived, {finding.waiver}", size=6.6, color=VIOLET))
    what = [Text(finding.message)]
    if with_remedy and finding.remedy:
        what.append(Text(finding.remedy, color=MUTED))
    return Row([first, _where(finding), what])


def _where(finding: Finding) -> list[Text]:
    place = finding.location
    if place is None:
        return [Text("the whole subject", color=MUTED)]
    cell = [Text(shorten(place.path), MONO, 6.6)]
    if place.member:
        cell.append(Text(f"inside: {shorten(place.member)}", MONO, 6.2, MUTED))
    if place.line:
        cell.append(Text(f"line {place.line}", size=6.6, color=MUTED))
    if place.byte_offset >= 0:
        cell.append(Text(f"byte {place.byte_offset}", size=6.6, color=MUTED))
    return cell
