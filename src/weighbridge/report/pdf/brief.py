"""Page one: what whoever decides needs, and nothing that overflows, whatever the texts are.

What stands at the page's foot is laid out first; the risks take the room that is left.
"""

from __future__ import annotations

from collections.abc import Sequence

from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult, TimestampState
from weighbridge.report.pdf import chart
from weighbridge.report.pdf.flow import Flow, Text, Wrapped, height_of
from weighbridge.report.pdf.glyphs import BOLD, MONO, REGULAR
from weighbridge.report.pdf.plain import meaning
from weighbridge.report.pdf.style import (
    ACCENT,
    AMBER,
    AMBER_TINT,
    CONTENT_WIDTH,
    FLOOR,
    GREEN,
    GREEN_TINT,
    INK,
    LEFT,
    LINE,
    MUTED,
    PAGE_WIDTH,
    RED,
    RED_TINT,
    RIGHT,
    SEVERITY_COLOR,
    Color,
)
from weighbridge.report.pdf.words import count, means, steps
from weighbridge.report.summary import (
    VERDICT_WORDS,
    NotChecked,
    gate_words,
    not_checked,
    severity_of,
    shorten,
    timestamp_words,
)

MAX_RISKS = 5
_WEIGHTIEST = 2
_GAP = 10.0
_MORE = 11.0  # the line that counts further risks
_LABEL = 84.0
_VERDICT_COLOR: dict[ExitCode, tuple[Color, Color]] = {
    ExitCode.HOLDS: (GREEN, GREEN_TINT),
    ExitCode.VIOLATED: (RED, RED_TINT),
    ExitCode.ERROR: (RED, RED_TINT),
    ExitCode.INCONCLUSIVE: (AMBER, AMBER_TINT),
}
# What is not checked, the weightiest first.
_WEIGHT = ("crashed-collector", "error", "unknown", "missing", "pointer", "problem", "evidence",
           "manual", "rule-off")  # fmt: skip


def draw(flow: Flow, record: AuditRecord, digest: Digest) -> None:
    """The brief on the flow's first page, which it fills."""
    flow.y = 50.0
    _title(flow, record)
    _verdict(flow, record)
    areas = chart.outcomes_by_area(record)
    chart.headline(flow, "Outcomes by area")
    chart.draw(flow, areas)
    flow.y += 4.0
    facts = _facts(flow, record, digest)
    feet = [_undecided(flow, record), _next(flow, record)]
    foot = sum(height_of(texts) + 1.6 for _, texts in facts) + 8.0
    both = max(height_of(texts) for texts in feet) + 14.0 + _GAP
    _risks(flow, record, FLOOR - foot - both - flow.y)
    # The order of the page is the order of reading: risks, what is open, what to do, the facts.
    flow.y = min(flow.y + _GAP, FLOOR - foot - both)
    width = (CONTENT_WIDTH - 20.0) / 2
    for number, (title, texts) in enumerate(
        zip(("What was not checked", "What to do next"), feet, strict=True)
    ):
        x = LEFT + number * (width + 20.0)
        flow.put(x, flow.y + 9.0, Text(title, BOLD, 9.2, INK), width, into=flow.element("H2"))
        flow.cell(x, flow.y + 14.0, texts, flow.element("P"))
    flow.y = FLOOR - foot
    _strip(flow, facts)


def _title(flow: Flow, record: AuditRecord) -> None:
    flow.rect(LEFT, 46.0, 22.0, 3.0, ACCENT)
    flow.put(LEFT, 62.0, Text("WEIGHBRIDGE  MODEL AUDIT REPORT", BOLD, 7.6, ACCENT))
    day = Text(f"as of {record.as_of.isoformat()}", REGULAR, 8.4, MUTED)
    flow.put(PAGE_WIDTH - RIGHT, 62.0, day, 150, right=True)
    name = Text(record.subject.name or "(unnamed)", BOLD, 17.0, INK, limit=300, lines=2)
    wrapped = flow.wrap(name, CONTENT_WIDTH)
    flow.y = flow.cell(LEFT, 68.0, [wrapped], flow.element("H1")) + 7.0


def _verdict(flow: Flow, record: AuditRecord) -> None:
    color, tint = _VERDICT_COLOR[record.verdict.exit_code]
    words = VERDICT_WORDS[record.verdict.exit_code]
    wrapped = [
        flow.wrap(Text(f"Gate {gate_words(record)}", BOLD, 20.0, color), CONTENT_WIDTH - 34.0),
        flow.wrap(Text(words, BOLD, 10.0, color), CONTENT_WIDTH - 34.0),
        flow.wrap(Text(means(record), REGULAR, 8.8, INK, limit=600, lines=3, before=1.0),
                  CONTENT_WIDTH - 34.0),
    ]  # fmt: skip
    high = height_of(wrapped) + 14.0
    flow.rect(LEFT, flow.y, CONTENT_WIDTH, high, tint)
    flow.rect(LEFT, flow.y, 5.0, high, color)
    y = flow.y + 5.0
    for one in wrapped:
        y = flow.cell(LEFT + 18.0, y + one[0].before, [one], flow.element("P"))
    flow.y += high + _GAP


def risks(record: AuditRecord) -> list[tuple[RuleResult, Finding | None]]:
    """Rules that fail, the worst first, each with its worst finding that no waiver accepts."""
    failing = [
        result
        for result in record.results
        if result.outcome is Outcome.FAIL and result.mode is not Mode.OFF
    ]
    failing.sort(key=lambda r: (not r.closes_gate, -r.severity.rank))
    return [(result, _worst(result)) for result in failing]


def _worst(result: RuleResult) -> Finding | None:
    found = [f for f in result.findings if f.outcome is Outcome.FAIL and not f.waiver]
    return max(found, key=lambda f: severity_of(result, f).rank, default=None)


def _risks(flow: Flow, record: AuditRecord, room: float) -> None:
    chart.headline(flow, "Top risks, and what to do about each")
    found = risks(record)
    if not found:
        words = "None: no rule that could be decided fails."
        flow.cell(LEFT, flow.y, [flow.wrap(Text(words, size=8.4), CONTENT_WIDTH)],
                  flow.element("P"))  # fmt: skip
        return
    shown = _fitting(flow, found, room - 14.0)
    items = flow.element("L")
    for (result, finding), texts in zip(found, shown, strict=False):
        severity = severity_of(result, finding) if finding else result.severity
        high = height_of(texts)
        flow.rect(LEFT, flow.y + 1.5, 2.6, high - 2.0, SEVERITY_COLOR[severity])
        body = flow.element("LBody", flow.element("LI", items))
        flow.cell(LEFT + 9.0, flow.y, texts, body)
        flow.y += high + 3.4
    rest = len(found) - len(shown)
    if rest:
        more = f"and {count(rest, 'more rule')} that {'fails' if rest == 1 else 'fail'}"
        flow.put(LEFT + 9.0, flow.y + 7.6, Text(more, size=7.4, color=MUTED))
        flow.y += _MORE


def _fitting(
    flow: Flow, found: Sequence[tuple[RuleResult, Finding | None]], room: float
) -> list[list[Wrapped]]:
    """As many risks as fit, and of each as many lines as fit; at least the first, cut short."""
    for most in range(min(MAX_RISKS, len(found)), 0, -1):
        for lines in (3, 2, 1):
            texts = [_risk(flow, *one, lines) for one in found[:most]]
            more = _MORE if most < len(found) else 0.0
            if sum(height_of(one) + 3.4 for one in texts) + more <= room:
                return texts
    return [_risk(flow, *found[0], 1)]


def _risk(flow: Flow, result: RuleResult, finding: Finding | None, lines: int) -> list[Wrapped]:
    number = count(len(result.findings), "finding") if result.findings else "no finding"
    closes = ", closes the gate" if result.closes_gate else ""
    about = f"{result.rule} · {result.severity.value} · {number}{closes}"
    texts = [
        Text(meaning(result), BOLD, 8.6, INK, lines=1),
        Text(about, REGULAR, 7.0, MUTED, lines=1, target=f"findings-{result.rule}"),
    ]
    said = result.note
    if finding is not None:
        where = f"{shorten(finding.location.path, 90)}: " if finding.location else ""
        said = f"{where}{finding.message}"
    if said:
        texts.append(Text(said, REGULAR, 7.8, INK, limit=400, lines=lines))
    if finding is not None and finding.remedy:
        texts.append(Text(f"To do: {finding.remedy}", REGULAR, 7.8, ACCENT, limit=300, lines=lines))
    return [flow.wrap(text, CONTENT_WIDTH - 12.0) for text in texts]


def _undecided(flow: Flow, record: AuditRecord) -> list[Wrapped]:
    """How much stays open, and the weightiest of it."""
    width = (CONTENT_WIDTH - 20.0) / 2
    items = sorted(not_checked(record), key=lambda item: _WEIGHT.index(item.kind))
    if not items:
        return [flow.wrap(Text("Nothing: all that the policy asks for was decided.", size=7.8),
                          width)]  # fmt: skip
    kinds: dict[str, int] = {}
    for item in items:
        kinds[item.kind] = kinds.get(item.kind, 0) + item.count
    said = ", ".join(f"{number} {_KIND_WORDS[kind]}" for kind, number in kinds.items())
    texts = [Text(f"{said}. None of it counts as passed.", size=7.8, lines=3)]
    texts += [_open_item(item) for item in items[:_WEIGHTIEST]]
    return [flow.wrap(text, width) for text in texts]


def _open_item(item: NotChecked) -> Text:
    what = f"{item.kind.replace('-', ' ')}: {shorten(item.what, 60)}. {item.reason}"
    return Text(what, size=7.4, color=MUTED, marker=AMBER, limit=260, lines=2, before=2.0)


_KIND_WORDS = {
    "rule-off": "turned off by the policy",
    "unknown": "unknown",
    "error": "in error",
    "manual": "for a person to judge",
    "evidence": "without evidence",
    "problem": "unreadable",
    "pointer": "only a pointer",
    "missing": "missing",
    "crashed-collector": "not collected for a crash",
}


def _next(flow: Flow, record: AuditRecord) -> list[Wrapped]:
    width = (CONTENT_WIDTH - 20.0) / 2
    return [
        flow.wrap(Text(f"{number}. {step}", size=7.8, limit=300, lines=3,
                       before=2.0 if number > 1 else 0.0), width)
        for number, step in enumerate(steps(record), 1)
    ]  # fmt: skip


Fact = tuple[str, list[Wrapped]]


def _facts(flow: Flow, record: AuditRecord, digest: Digest) -> list[Fact]:
    policy = record.policy
    stamped = record.timestamp.state is TimestampState.STAMPED
    offline = ", offline: no outside service was asked" if record.offline else ""
    facts = (
        ("Subject digest", Text(str(record.subject.digest), MONO, 6.4, lines=1)),
        ("Policy", Text(f"{policy.id} {policy.version}, owned by {policy.owner}", size=7.6,
                        lines=1)),
        ("Audited as of", Text(f"{record.as_of.isoformat()} with weighbridge "
                               f"{record.tool_version}{offline}", size=7.6, lines=1)),
        ("Record", Text(f"audit.json {digest}", MONO, 6.4, lines=1)),
        ("Timestamp", Text(timestamp_words(record), size=7.6, color=INK if stamped else AMBER,
                           limit=200, lines=1)),
    )  # fmt: skip
    return [(label, [flow.wrap(text, CONTENT_WIDTH - _LABEL)]) for label, text in facts]


def _strip(flow: Flow, facts: Sequence[Fact]) -> None:
    flow.rect(LEFT, flow.y, CONTENT_WIDTH, 0.6, LINE)
    flow.y += 5.0
    for label, texts in facts:
        into = flow.element("P")
        flow.put(LEFT, flow.y + 8.0, Text(label, BOLD, 7.2, MUTED), _LABEL - 6, into=into)
        flow.cell(LEFT + _LABEL, flow.y, texts, into)
        flow.y += height_of(texts) + 1.6
