"""Sections 1, 2, 4 and 5: what was checked, what was not, the findings, the waivers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from weighbridge.model.artifact import Presence
from weighbridge.model.clause import Clause, ClauseLink
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode, Waiver
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.matrix import clauses
from weighbridge.report.pdf.style import (
    AMBER,
    INK,
    MUTED,
    OUTCOME_COLOR,
    SEVERITY_COLOR,
    VIOLET,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    checks,
    links_by_rule,
    loosened,
    not_checked,
    rules_off,
    severity_of,
    shorten,
    size_words,
)

_BODY = 8.8
_BAND = 8.2
_CLAUSES_LIMIT = 1500


def what_was_checked(flow: Flow, record: AuditRecord) -> None:
    """Every rule that was evaluated, by family."""
    flow.heading(1, "1  What was checked")
    here = [a for a in record.artifacts if a.presence is Presence.CONTENT]
    weights = sum(artifact.is_weight for artifact in record.artifacts)
    scale = (
        f"{_count(len(record.artifacts), 'file')}, {size_words(sum(a.size for a in here))} of "
        f"content read, {_count(weights, 'weight file')} by content or name. "
        f"{_count(len(record.results), 'rule')} evaluated on "
        f"{_count(len(record.evidence), 'piece')} of evidence."
    )
    flow.paragraph(Text(scale, size=_BODY, color=MUTED))
    columns = (Column("Rule", 190), Column("Severity", 52), Column("Mode", 48),
               Column("Outcome", 76), Column("Note", 125))  # fmt: skip
    table(flow, columns, _rule_rows(record))
    _loosened(flow, record)


def _loosened(flow: Flow, record: AuditRecord) -> None:
    """What the policy relaxes of the policies beneath it; each with the reason that it gives."""
    found = loosened(record)
    if not found:
        return
    flow.heading(2, "Looser than the policies it extends", follows=50.0)
    columns = (Column("What", 190), Column("Because", 301))
    rows = (Row([[Text(what, BOLD)], [Text(because)]]) for what, because in found)
    table(flow, columns, rows)


def _rule_rows(record: AuditRecord) -> Iterator[Row]:
    shown = [result for result in record.results if result.mode is not Mode.OFF]
    for family, results in groupby(shown, key=lambda result: result.family):
        yield Row([[Text(family or "not in this version", BOLD, _BAND)]], band=True)
        for result in results:
            outcome = [_outcome(result.outcome)]
            if result.closes_gate:
                outcome.append(Text("closes the gate", size=6.6, color=MUTED))
            yield Row(
                [
                    [
                        Text(result.rule, BOLD, lines=2),
                        Text(checks(result), color=MUTED),
                    ],
                    [Text(result.severity.value)],
                    [Text(result.mode.value)],
                    outcome,
                    [Text(result.note, color=MUTED, limit=300)],
                ]
            )


def what_was_not_checked(flow: Flow, record: AuditRecord) -> None:
    """All that stays undecided, with the reason."""
    flow.heading(1, "2  What was not checked")
    items = not_checked(record)
    if not items:
        text = "Everything that the policy asks for could be checked."
        flow.paragraph(Text(text, size=_BODY))
        return
    off = len(rules_off(record))
    note = f" {_count(off, 'rule')} turned off by the policy." if off else ""
    flow.paragraph(Text("Nothing in this list counts as passed." + note, size=_BODY, color=MUTED))
    columns = (Column("Kind", 74), Column("What", 180), Column("Count", 36), Column("Why", 201))
    table(
        flow,
        columns,
        (
            Row([[Text(item.kind.replace("-", " "))], [Text(item.what, BOLD, limit=300)],
                 [Text(str(item.count))], [Text(item.reason, color=MUTED)]])
            for item in items
        ),
    )  # fmt: skip


def findings(flow: Flow, record: AuditRecord) -> None:
    """Every finding, grouped by rule, the weightiest rules first."""
    flow.heading(1, "3  Findings")
    results = [r for r in record.results if r.findings and r.mode is not Mode.OFF]
    if not results:
        flow.paragraph(Text("No rule found anything.", size=_BODY))
        return
    results.sort(key=lambda result: (not result.closes_gate, -result.severity.rank))
    columns = (Column("Severity", 60), Column("Where", 165), Column("What, and what to do", 266))
    table(flow, columns, _finding_rows(record, results))


def _finding_rows(record: AuditRecord, results: list[RuleResult]) -> Iterator[Row]:
    links = links_by_rule(record)
    for result in results:
        remedies = {finding.remedy for finding in result.findings}
        shared = remedies.pop() if len(remedies) == 1 < len(result.findings) else ""
        yield Row([_finding_band(result, links.get(result.rule, []), shared)], band=True)
        for finding in result.findings:
            yield _finding_row(result, finding, with_remedy=not shared)


def _finding_band(
    result: RuleResult, links: list[tuple[Clause, ClauseLink]], remedy: str
) -> list[Text]:
    words = [result.rule, result.severity.value, OUTCOME_WORDS[result.outcome],
             _count(len(result.findings), "finding")]  # fmt: skip
    if result.closes_gate:
        words.append("closes the gate")
    band = [
        Text("  ·  ".join(words), BOLD, _BAND, OUTCOME_COLOR[result.outcome], lines=2),
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


def waivers(flow: Flow, record: AuditRecord) -> None:
    """What the policy accepts for a while, who answers for it, and until when."""
    flow.heading(1, "4  Waivers")
    if not record.policy.waivers:
        flow.paragraph(Text("The policy waives nothing.", size=_BODY))
        return
    used = {waiver for result in record.results for waiver in result.waivers}
    columns = (Column("Waiver", 58), Column("Rule and path", 128), Column("Reason", 132),
               Column("Owner and approver", 103), Column("Holds until", 70))  # fmt: skip
    table(flow, columns, (_waiver_row(record, w, used) for w in record.policy.waivers))


def _waiver_row(record: AuditRecord, waiver: Waiver, used: set[str]) -> Row:
    expires = [Text(waiver.expires.isoformat(), BOLD)]
    left = (waiver.expires - record.as_of).days
    if left < 0:
        expires.append(Text("expired", BOLD, 6.6, AMBER))
    else:
        expires.append(Text(f"{_count(left, 'day')} left", size=6.6, color=MUTED))
    expires.append(Text(f"since {waiver.created.isoformat()}", size=6.6, color=MUTED))
    state, color = "not used here", MUTED
    if waiver.id in used:
        state, color = "in use", VIOLET
    elif waiver.subject != record.subject.digest:
        state = "for another subject"
    return Row(
        [
            [Text(waiver.id, BOLD), Text(state, size=6.6, color=color)],
            [Text(waiver.rule), Text(waiver.path, MONO, 6.6, MUTED)],
            [Text(waiver.reason)],
            [Text(waiver.owner), Text(f"approved by {waiver.approver}", color=MUTED)],
            expires,
        ]
    )  # fmt: skip


def _outcome(outcome: Outcome) -> Text:
    color = OUTCOME_COLOR[outcome]
    return Text(OUTCOME_WORDS[outcome], BOLD, color=color, marker=color)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


SECTIONS = (what_was_checked, what_was_not_checked, findings, waivers, clauses)
