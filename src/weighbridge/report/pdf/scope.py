"""The second page: the table of contents, what was audited, against what, and how."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.artifact import Presence
from weighbridge.model.canonical import canonical_digest
from weighbridge.model.codec import to_json
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.pdf.flow import Flow, Page, Text, height_of
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR
from weighbridge.report.pdf.style import (
    AMBER,
    BODY,
    CONTENT_WIDTH,
    INK,
    LEFT,
    LINE,
    MUTED,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.tags import Element
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import loosened, size_words, some, timestamp_words

_CONTENTS_LINE = 13.4
_LABEL = 92.0
_MAX_REASONS = 6
_METHOD = (
    "Collectors read the model's files, and ask the outside services that are named in the "
    "evidence; each thing they saw is one piece of evidence with its source and digest. Rules "
    "then answer one question each from that evidence alone, and the policy says which rules "
    "count, how much, and which exceptions hold. Nothing of the model was run, imported or "
    "unpickled. The same evidence under the same policy gives this record again, byte for byte."
)


@dataclass(frozen=True, slots=True)
class Contents:
    """The place that is kept for the table of contents."""

    page: Page
    y: float
    element: Element


def contents(flow: Flow, sections: int) -> Contents:
    """Keep room for that many entries."""
    element = flow.element("TOC", flow.root)
    place = Contents(flow.page, flow.y, element)
    flow.y += 22.0 + (sections + 1) // 2 * _CONTENTS_LINE
    return place


def fill(flow: Flow, place: Contents) -> None:
    """Write the sections and their pages, now that these are known, in two columns."""
    page, top = place.page, place.y
    marks = [mark for mark in flow.marks if mark.level == 1]
    column = (CONTENT_WIDTH - 24.0) / 2
    half = (len(marks) + 1) // 2
    title = flow.element("Caption", place.element)
    flow.put(LEFT, top + 9.0, Text("Contents", BOLD, 10.0, INK), page=page, into=title)
    for number, mark in enumerate(marks):
        x = LEFT + (column + 24.0) * (number // half)
        y = top + 27.0 + number % half * _CONTENTS_LINE
        item = flow.element("TOCI", place.element)
        text = Text(mark.title, REGULAR, 8.2, INK, target=mark.key)
        flow.put(x, y, text, column - 24, page=page, into=item)
        digits = Text(str(mark.page + 1), REGULAR, 8.2, MUTED)
        flow.put(x + column, y, digits, 24, right=True, page=page, into=item)


def scope(flow: Flow, record: AuditRecord, digest: Digest, title: str) -> None:
    """What was audited, by which policy and tool, how far, and how."""
    flow.heading(1, title)
    for label, texts in _facts(record, digest):
        _fact(flow, label, texts)
    flow.y += 8.0
    flow.paragraph(Text(_METHOD, size=BODY, color=MUTED, limit=0))
    flow.paragraph(Text(_scale(record), size=BODY, color=MUTED))
    _reasons(flow, record)
    _loosened(flow, record)


def _scale(record: AuditRecord) -> str:
    here = [a for a in record.artifacts if a.presence is Presence.CONTENT]
    weights = sum(artifact.is_weight for artifact in record.artifacts)
    states = {state: sum(e.state is state for e in record.evidence) for state in EvidenceState}
    said = ", ".join(f"{number} {state.value}" for state, number in states.items() if number)
    return (
        f"{count(len(record.artifacts), 'file')}, {size_words(sum(a.size for a in here))} of "
        f"content read, {count(weights, 'weight file')} by content or name. "
        f"{count(len(record.results), 'rule')} evaluated on "
        f"{count(len(record.evidence), 'piece')} of evidence" + (f": {said}." if said else ".")
    )


def _facts(record: AuditRecord, digest: Digest) -> list[tuple[str, list[Text]]]:
    subject, policy = record.subject, record.policy
    facts: list[tuple[str, list[Text]]] = [
        ("Subject", [Text(f"{subject.name}  ({subject.kind})", limit=200, lines=2)]),
        ("Subject digest", [Text(str(subject.digest), MONO)]),
    ]
    if subject.revision:
        facts.append(("Revision", [Text(subject.revision, MONO, lines=2)]))
    stamped = record.timestamp.state is TimestampState.STAMPED
    facts += [
        ("Audited as of", [Text(record.as_of.isoformat() + (
            ", offline: no outside service was asked" if record.offline else ""))]),
        ("Policy", [
            Text(f"{policy.id} {policy.version}, owned by {policy.owner}", lines=2),
            Text(f"effective policy {canonical_digest(to_json(policy))}", MONO, color=MUTED),
            Text("from " + (some([name for name, _ in policy.sources]) or "no file"),
                 color=MUTED, lines=2),
        ]),
        ("Tool", [Text(f"weighbridge {record.tool_version}", lines=1)]),
        ("Record", [Text(f"audit.json {digest}", MONO)]),
        ("Timestamp", [Text(timestamp_words(record), color=INK if stamped else AMBER, limit=300,
                            lines=2)]),
        ("Seal", [Text("A self-signed seal proves that nothing was changed since. Who signed is "
                       "only proven where the signer's key or certificate is known to be theirs.",
                       color=MUTED)]),
    ]  # fmt: skip
    return facts


def _fact(flow: Flow, label: str, texts: list[Text]) -> None:
    wrapped = [
        flow.wrap(Text(t.text, t.face, 6.5 if t.face == MONO else 8.4, t.color, None, t.limit,
                       t.lines), CONTENT_WIDTH - _LABEL)
        for t in texts
    ]  # fmt: skip
    height = height_of(wrapped) + 5.0
    flow.ensure(height)
    into = flow.element("P")
    flow.put(LEFT, flow.y + 10.4, Text(label, BOLD, 7.6, MUTED), _LABEL - 6, into=into)
    flow.cell(LEFT + _LABEL, flow.y + 2.0, wrapped, into)
    flow.y += height
    flow.rect(LEFT, flow.y, CONTENT_WIDTH, 0.4, LINE)


def _reasons(flow: Flow, record: AuditRecord) -> None:
    """Why the gate is closed, in the record's own sentences."""
    reasons = record.verdict.reasons
    if not reasons:
        return
    flow.heading(2, "Why the gate is closed", follows=40.0)
    shown = [
        flow.wrap(Text(reason, size=8.2, marker=MUTED, limit=400, lines=2, before=2.0),
                  CONTENT_WIDTH)
        for reason in reasons[:_MAX_REASONS]
    ]  # fmt: skip
    rest = len(reasons) - _MAX_REASONS
    if rest > 0:
        more = f"and {rest} more; the section Findings has every finding"
        shown.append(flow.wrap(Text(more, size=8.2, color=MUTED, before=2.0), CONTENT_WIDTH))
    items = flow.element("L")
    for one in shown:
        flow.ensure(height_of([one]) + 2.0)
        body = flow.element("LBody", flow.element("LI", items))
        flow.y = flow.cell(LEFT, flow.y, [one], body) + 2.0


def _loosened(flow: Flow, record: AuditRecord) -> None:
    """What the policy relaxes of the policies beneath it; each with the reason that it gives."""
    found = loosened(record)
    if not found:
        return
    flow.heading(2, "Looser than the policies it extends", follows=50.0)
    columns = (Column("What", 190, heads=True), Column("Because", 301))
    rows = (Row([[Text(what, BOLD)], [Text(because)]]) for what, because in found)
    table(flow, columns, rows)
