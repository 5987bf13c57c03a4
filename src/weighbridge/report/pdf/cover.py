"""The first page: what was audited, the verdict in plain words, the counts, what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.canonical import canonical_digest
from weighbridge.model.codec import to_json
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.pdf.flow import Flow, Page, Rect, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR
from weighbridge.report.pdf.style import (
    ACCENT,
    AMBER,
    AMBER_TINT,
    BAND,
    CONTENT_WIDTH,
    FAINT,
    FLOOR,
    GREEN,
    GREEN_TINT,
    INK,
    LEFT,
    LINE,
    MUTED,
    OUTCOME_COLOR,
    RED,
    RED_TINT,
    Color,
)
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    VERDICT_WORDS,
    gate_words,
    some,
    timestamp_words,
)

_VERDICT_COLOR: dict[ExitCode, tuple[Color, Color]] = {
    ExitCode.HOLDS: (GREEN, GREEN_TINT),
    ExitCode.VIOLATED: (RED, RED_TINT),
    ExitCode.ERROR: (RED, RED_TINT),
    ExitCode.INCONCLUSIVE: (AMBER, AMBER_TINT),
}
_MAX_REASONS = 6
_LABEL_WIDTH = 92.0
_CONTENTS_LINE = 13.4
_SECTIONS = 9


@dataclass(frozen=True, slots=True)
class Contents:
    """The place on the cover that is kept for the table of contents."""

    page: Page
    y: float


def draw(flow: Flow, record: AuditRecord, digest: Digest) -> Contents | None:
    """Draw the cover; None where no room is left for the table of contents."""
    _title(flow, record)
    _verdict(flow, record)
    _counts(flow, record)
    _facts(flow, record, digest)
    height = 32.0 + (_SECTIONS + 1) // 2 * _CONTENTS_LINE
    if flow.y + height > FLOOR - 6:
        return None
    place = Contents(flow.page, flow.y + 16)
    flow.y += height
    return place


def fill_contents(flow: Flow, place: Contents | None) -> None:
    """Write the sections and their pages, now that these are known, in two columns."""
    if place is None:
        return
    page, top = place.page, place.y
    marks = [mark for mark in flow.marks if mark.level == 1]
    column = (CONTENT_WIDTH - 24.0) / 2
    half = (len(marks) + 1) // 2
    flow.put(LEFT, top + 13.0, Text("Contents", BOLD, 7.2, MUTED), page=page)
    for number, mark in enumerate(marks):
        x = LEFT + (column + 24.0) * (number // half)
        y = top + 27.0 + number % half * _CONTENTS_LINE
        flow.put(x, y, Text(mark.title, REGULAR, 8.2, INK), column - 24, page=page)
        digits = Text(str(mark.page + 1), REGULAR, 8.2, MUTED)
        flow.put(x + column, y, digits, 24, right=True, page=page)
        page.links.append((Rect(x, y - 9, column, _CONTENTS_LINE, MUTED), mark.key))


def _title(flow: Flow, record: AuditRecord) -> None:
    flow.rect(LEFT, 50.0, 22.0, 3.0, ACCENT)
    flow.put(LEFT, 70.0, Text("WEIGHBRIDGE", BOLD, 8.0, ACCENT))
    flow.put(LEFT, 99.0, Text("Model audit report", BOLD, 23.0, INK))
    flow.y = 107.0
    name = Text(record.subject.name or "(unnamed)", REGULAR, 13.0, MUTED, limit=300, lines=2)
    flow.paragraph(name, after=10.0)


def _verdict(flow: Flow, record: AuditRecord) -> None:
    color, tint = _VERDICT_COLOR[record.verdict.exit_code]
    inner = CONTENT_WIDTH - 34.0
    reasons = [
        flow.wrap(Text(reason, REGULAR, 8.8, INK, limit=400, lines=2), inner - 10)
        for reason in record.verdict.reasons[:_MAX_REASONS]
    ]
    rest = len(record.verdict.reasons) - _MAX_REASONS
    if rest > 0:
        more = f"and {rest} more; section 4 has every finding"
        reasons.append(flow.wrap(Text(more, REGULAR, 8.8, MUTED), inner - 10))
    words = Text(VERDICT_WORDS[record.verdict.exit_code], REGULAR, 10.5, color)
    height = 60.0 + sum(len(lines) * 12.4 + 2.0 for _, lines in reasons) + (8 if reasons else 0)
    top = flow.y
    flow.rect(LEFT, top, CONTENT_WIDTH, height, tint)
    flow.rect(LEFT, top, 5.0, height, color)
    x = LEFT + 20.0
    flow.put(x, top + 31.0, Text(f"Gate {gate_words(record)}", BOLD, 22.0, color))
    flow.put(x, top + 48.0, words, inner)
    y = top + 64.0
    for text, lines in reasons:
        flow.rect(x, y + 3.9, 2.6, 2.6, color)
        for line in lines:
            flow.put(x + 10, y + 8.6, Text(line, REGULAR, text.size, text.color), inner)
            y += 12.4
        y += 2.0
    flow.y = top + height + 12.0


def _counts(flow: Flow, record: AuditRecord) -> None:
    """Seven tiles; counts only, never a percentage."""
    counts = record.counts()
    gap = 6.0
    width = (CONTENT_WIDTH - gap * (len(counts) - 1)) / len(counts)
    order = (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR, Outcome.MANUAL,
             Outcome.WAIVED, Outcome.NOT_APPLICABLE)  # fmt: skip
    for number, outcome in enumerate(order):
        x = LEFT + number * (width + gap)
        count = counts[outcome]
        color = OUTCOME_COLOR[outcome] if count else FAINT
        flow.rect(x, flow.y, width, 42.0, BAND)
        flow.rect(x, flow.y, width, 1.6, color if count else LINE)
        flow.put(x + 8, flow.y + 23.0, Text(str(count), BOLD, 15.0, color), width - 10)
        flow.put(x + 8, flow.y + 35.0, Text(OUTCOME_WORDS[outcome], REGULAR, 7.0, MUTED), width - 9)
    flow.y += 42.0 + 12.0


def _facts(flow: Flow, record: AuditRecord, digest: Digest) -> None:
    subject, policy = record.subject, record.policy
    facts: list[tuple[str, list[Text]]] = [
        ("Subject", [Text(f"{subject.name}  ({subject.kind})", limit=200, lines=2)]),
        ("Subject digest", [Text(str(subject.digest), MONO)]),
    ]
    if subject.revision:
        facts.append(("Revision", [Text(subject.revision, MONO, lines=2)]))
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
        ("Timestamp", [_timestamp(record)]),
        ("Seal", [Text("A self-signed seal proves that nothing was changed since. Who signed is "
                       "only proven where the signer's key or certificate is known to be theirs.",
                       color=MUTED)]),
    ]  # fmt: skip
    for label, texts in facts:
        _fact(flow, label, texts)


def _timestamp(record: AuditRecord) -> Text:
    color = INK if record.timestamp.state is TimestampState.STAMPED else AMBER
    return Text(timestamp_words(record), color=color, limit=300, lines=2)


def _fact(flow: Flow, label: str, texts: list[Text]) -> None:
    wrapped = [
        flow.wrap(Text(t.text, t.face, 6.5 if t.face == MONO else 8.4, t.color, None, t.limit,
                       t.lines), CONTENT_WIDTH - _LABEL_WIDTH)
        for t in texts
    ]  # fmt: skip
    height = sum(len(lines) for _, lines in wrapped) * 11.4 + 5.6
    flow.ensure(height)
    flow.put(LEFT, flow.y + 10.4, Text(label, BOLD, 7.6, MUTED), _LABEL_WIDTH - 6)
    y = flow.y + 10.4
    for text, lines in wrapped:
        for line in lines:
            flow.put(LEFT + _LABEL_WIDTH, y, Text(line, text.face, text.size, text.color, limit=0))
            y += 11.4
    flow.y += height
    flow.rect(LEFT, flow.y, CONTENT_WIDTH, 0.4, LINE)
