"""What was checked, what was not, and the waivers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from weighbridge.model.policy import Mode, Waiver
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.style import AMBER, BODY, MUTED, OUTCOME_COLOR, VIOLET
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import checks, not_checked, outcome_words, rules_off

_BAND = 8.2
MAX_OPEN = 10_000  # rows of what was not checked; the rest is counted


def what_was_checked(flow: Flow, record: AuditRecord, title: str) -> None:
    """Every rule that was evaluated, by family."""
    flow.heading(1, title)
    if all(result.mode is Mode.OFF for result in record.results):
        flow.paragraph(Text("The policy asks for no rule.", size=BODY))
        return
    columns = (Column("Rule", 190, heads=True), Column("Severity", 52), Column("Mode", 48),
               Column("Outcome", 76), Column("Note", 125))  # fmt: skip
    table(flow, columns, _rule_rows(record))


def _rule_rows(record: AuditRecord) -> Iterator[Row]:
    shown = [result for result in record.results if result.mode is not Mode.OFF]
    for family, results in groupby(shown, key=lambda result: result.family):
        yield Row([[Text(family or "not in this version", BOLD, _BAND)]], band=True)
        for result in results:
            outcome = [_outcome(record, result)]
            if result.closes_gate:
                outcome.append(Text("closes the gate", size=6.6, color=MUTED))
            yield Row(
                [
                    [
                        Text(
                            result.rule,
                            BOLD,
                            lines=2,
                            anchor=f"rule-{result.rule}",
                            target=f"findings-{result.rule}" if result.findings else "",
                        ),
                        Text(checks(result), color=MUTED),
                    ],
                    [Text(result.severity.value)],
                    [Text(result.mode.value)],
                    outcome,
                    [Text(result.note, color=MUTED, limit=300)],
                ]
            )


def what_was_not_checked(flow: Flow, record: AuditRecord, title: str) -> None:
    """All that stays undecided, with the reason."""
    flow.heading(1, title)
    items = not_checked(record)
    if not items:
        text = "Everything that the policy asks for could be checked."
        flow.paragraph(Text(text, size=BODY))
        return
    off = len(rules_off(record))
    note = f" {count(off, 'rule')} turned off by the policy." if off else ""
    flow.paragraph(Text("Nothing in this list counts as passed." + note, size=BODY, color=MUTED))
    columns = (Column("Kind", 74), Column("What", 180), Column("Count", 36), Column("Why", 201))
    table(
        flow,
        columns,
        (
            Row([[Text(item.kind.replace("-", " "))], [Text(item.what, BOLD, limit=300)],
                 [Text(str(item.count))], [Text(item.reason, color=MUTED)]])
            for item in items[:MAX_OPEN]
        ),
    )  # fmt: skip
    if len(items) > MAX_OPEN:
        more = f"{len(items) - MAX_OPEN:,} more follow from audit.json."
        flow.paragraph(Text(more, size=BODY, color=AMBER))


def waivers(flow: Flow, record: AuditRecord, title: str) -> None:
    """What the policy accepts for a while, who answers for it, and until when."""
    flow.heading(1, title)
    if not record.policy.waivers:
        flow.paragraph(Text("The policy waives nothing.", size=BODY))
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
        expires.append(Text(f"{count(left, 'day')} left", size=6.6, color=MUTED))
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


def _outcome(record: AuditRecord, result: RuleResult) -> Text:
    color = OUTCOME_COLOR[result.outcome]
    return Text(outcome_words(record, result), BOLD, color=color, marker=color)
