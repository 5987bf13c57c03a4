"""What people answer for: attestations, and who changed the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.hijack.scored import scored
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.style import (
    AMBER,
    BODY,
    GREEN,
    INK,
    MUTED,
    OUTCOME_COLOR,
    RED,
    Color,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import attested_by, outcome_words, shorten

_FAMILIES = ("maintainers", "history", "reputation")
_MAX_SIGNALS = 200
_SIGNATURE_COLOR: dict[str, Color] = {"valid": GREEN, "invalid": RED, "untrusted": RED}


def attestations(flow: Flow, record: AuditRecord, title: str) -> None:
    """Each attestation that was found: who, for which control, until when, and if it counts."""
    flow.heading(1, title)
    found = [e for e in record.evidence if e.kind is EvidenceKind.ATTESTATION]
    rows = [e for e in found if e.state is not EvidenceState.ABSENT]
    passed = [r.rule for r in record.results if attested_by(record, r)]
    if not rows:
        flow.paragraph(Text("Nobody attests to anything.", size=BODY))
        return
    note = (
        "What a person answers for where no machine can look: a rule that rests on it ends as "
        f"pass (attested). {count(len(passed), 'rule')} did."
    )
    flow.paragraph(Text(note, size=BODY, color=MUTED))
    columns = (Column("Control", 104, heads=True), Column("Who", 108), Column("Statement", 150),
               Column("Until", 62), Column("Signature", 67))  # fmt: skip
    table(flow, columns, (_attestation(record, item) for item in rows))


def _attestation(record: AuditRecord, item: Evidence) -> Row:
    data = item.data
    control = [Text(_said(data, "control") or "not known", BOLD)]
    control.append(Text(shorten(item.about, 120), MONO, 6.2, MUTED))
    if item.state is not EvidenceState.OBSERVED:
        return Row([control, [], [Text(f"{item.state.value}: {item.reason}", color=AMBER)], [], []])
    person = data.get("person")
    who = person if isinstance(person, Mapping) else {}
    names = [Text(_said(who, "name") or "no name"), Text(_said(who, "role"), color=MUTED)]
    if email := _said(who, "email"):
        names.append(Text(email, size=6.6, color=MUTED))
    expires = _said(data, "expires")
    until = [Text(expires or "no date", BOLD)]
    if expires and expires < record.as_of.isoformat():  # both are ISO 8601 dates
        until.append(Text("expired", BOLD, 6.6, AMBER))
    until.append(Text(f"made {_said(data, 'made') or 'on no date'}", size=6.6, color=MUTED))
    state = _said(data, "signature_state") or "not known"
    signed = [Text(state, BOLD, color=_SIGNATURE_COLOR.get(state, AMBER))]
    bound = _said(data, "bound")
    if bound and bound != "this":
        signed.append(Text(f"bound to {bound} subject", size=6.6, color=AMBER))
    if reason := _said(data, "reason"):
        signed.append(Text(reason, size=6.6, color=MUTED, limit=200))
    statement = [Text(_said(data, "statement"), limit=600)]
    return Row([control, names, statement, until, signed])


def maintainers(flow: Flow, record: AuditRecord, title: str) -> None:
    """What is known of the people behind it, and the signals of a hijack with their points."""
    flow.heading(1, title)
    results = [r for r in record.results if r.family in _FAMILIES and r.mode is not Mode.OFF]
    authors, signals = list(_authors(record)), list(_signals(record))
    if not results and not authors and not signals:
        flow.paragraph(Text("Nothing was asked or found on the people behind it.", size=BODY))
        return
    if results:
        ruled = (Column("Rule", 150, heads=True), Column("Outcome", 90), Column("Note", 251))
        table(flow, ruled, (
            Row([[Text(r.rule, BOLD)],
                 [Text(outcome_words(record, r), BOLD, color=OUTCOME_COLOR[r.outcome],
                       marker=OUTCOME_COLOR[r.outcome])],
                 [Text(r.note or count(len(r.findings), "finding"), color=MUTED)]])
            for r in results))  # fmt: skip
    if authors:
        flow.heading(2, "Who changed the weights", follows=50.0)
        columns = (Column("Author", 231, heads=True), Column("First seen", 90),
                   Column("Commits", 80), Column("On weights", 90))  # fmt: skip
        table(flow, columns, authors[:_MAX_SIGNALS])
    if signals:
        flow.heading(2, "Signals and their points", follows=50.0)
        note = (
            "Points are ten times the logarithm of how much more often a signal was seen in known "
            "hijacks than in benign releases. Of signals that are not independent one counts. They "
            "ask a person to look, and prove nothing."
        )
        flow.paragraph(Text(note, size=BODY, color=MUTED))
        pointed = (Column("About", 150, heads=True), Column("Signal", 231), Column("Points", 110))
        table(flow, pointed, signals[:_MAX_SIGNALS])
    if rest := max(0, len(authors) - _MAX_SIGNALS) + max(0, len(signals) - _MAX_SIGNALS):
        flow.paragraph(Text(f"{rest:,} more stand in audit.json.", size=BODY, color=MUTED))


def _authors(record: AuditRecord) -> Iterator[Row]:
    for item in record.evidence:
        if item.kind is not EvidenceKind.COMMIT:
            continue
        for author in _mappings(item.data.get("authors")):
            name = f"{_said(author, 'name')} <{_said(author, 'email')}>"
            yield Row([[Text(name, limit=200, lines=4)], [Text(_said(author, "first_date")[:10])],
                       [Text(_said(author, "commits"))],
                       [Text(_said(author, "weight_commits"))]])  # fmt: skip


def _signals(record: AuditRecord) -> Iterator[Row]:
    """Each signal that fired, with the counts behind its points; the worst project first."""
    for project in scored(record):
        total = project.score
        if not total.items and not total.stops:
            continue
        named = f"{project.about}@{total.release}" if total.release else project.about
        about = [Text(shorten(named, 160), color=INK, lines=4)]
        accepted = "was accepted before" if project.accepted else "was never accepted"
        about.append(Text(f"{count(total.points, 'point')}; {accepted}", size=6.6, color=MUTED))
        for stop in total.stops:
            yield Row([about, [Text("stops at once", BOLD, color=RED), Text(stop, limit=300)], []])
            about = []
        for item in total.items:
            at = item.likelihood
            points = [Text(f"+{item.counted}", BOLD)]
            points.append(Text(
                f"ratio {at.ratio:.1f}: {at.incidents} of {at.incidents_judged} incidents, "
                f"{at.benign} of {at.benign_judged} benign", size=6.6, color=MUTED))  # fmt: skip
            seen = [Text(item.signal, BOLD), Text(item.what, color=MUTED, limit=300, lines=4)]
            yield Row([about, seen, points])
            about = []


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value if isinstance(one, Mapping))


def _said(data: Mapping[str, Any], key: str) -> str:
    """A text or number; empty where there is none, as in a stranger's record."""
    value = data.get(key)
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else ""
