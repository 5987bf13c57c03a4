"""What the licenses of its ancestors demand of a release, and what the files show of it."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.licensing.fulfillment import Fulfillment, Status, fulfillments
from weighbridge.model.licensing.obligations import Demands, Due, Obligation, demands
from weighbridge.model.licensing.read import lineage_of, terms_of
from weighbridge.model.licensing.released import Release
from weighbridge.model.licensing.use import Activity, Use
from weighbridge.model.record import AuditRecord
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD, MONO
from weighbridge.report.pdf.style import AMBER, BLUE, BODY, GREEN, MUTED, RED, Color
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import some

RULE = "unmet-obligation"  # whose parameter states the use
_STATUS: dict[Status, tuple[str, Color]] = {
    Status.UNMET: ("not met", RED),
    Status.UNKNOWN: ("unknown", AMBER),
    Status.MANUAL: ("for a person", BLUE),
    Status.MET: ("met", GREEN),
}
_MAX_ROWS = 400


def obligations(flow: Flow, record: AuditRecord, title: str) -> None:
    """Each obligation with its clause, the ancestors it comes from, and whether it is met."""
    flow.heading(1, title)
    try:
        judged = judge(record)
    except (KeyError, TypeError, ValueError, AttributeError):  # a stranger's record
        flow.paragraph(Text("The evidence on licenses is not of its shape: see audit.json.",
                            size=BODY, color=AMBER))  # fmt: skip
        return
    if judged is None:
        flow.paragraph(Text("Nothing is known of what the model was made from.", size=BODY))
        return
    found, results = judged
    if not results and not found.untold:
        flow.paragraph(Text("No license of a model, of data or code it was made from demands "
                            "anything of the release.", size=BODY))  # fmt: skip
        return
    flow.paragraph(Text(_in_words(found, results), size=BODY, color=MUTED))
    columns = (Column("What is owed", 92, heads=True), Column("License and clause", 112),
               Column("From", 110), Column("State", 54),
               Column("What was found, and what to do", 123))  # fmt: skip
    rows = [*_untold(found), *_rows(results)]
    table(flow, columns, rows[:_MAX_ROWS])
    if len(rows) > _MAX_ROWS:
        flow.paragraph(Text(f"{len(rows) - _MAX_ROWS:,} more follow from audit.json.", size=BODY))


def judge(record: AuditRecord) -> tuple[Demands, tuple[Fulfillment | Obligation, ...]] | None:
    """What is demanded, and what the folder shows of each; none without a lineage.

    Without evidence on the release these are the bare obligations.
    """
    graph = lineage_of(e for e in record.evidence if e.kind is EvidenceKind.LINEAGE)
    if graph is None:
        return None
    terms = terms_of(e for e in record.evidence if e.kind is EvidenceKind.TERMS)
    found = demands(graph, terms, _use(record))
    for item in record.evidence:
        if item.kind is EvidenceKind.RELEASE and item.state is EvidenceState.OBSERVED:
            licenses = (e for e in record.evidence if e.kind is EvidenceKind.LICENSE)
            return found, fulfillments(found, Release.of(item, licenses))
    return found, found.obligations


def _use(record: AuditRecord) -> Use:
    """The use that the policy states; what it does not state is asked for, not assumed."""
    setting = record.policy.setting(RULE)
    said = setting.params.get("activities") if setting else None
    known = {activity.value for activity in Activity}
    words = [word for word in said if word in known] if isinstance(said, list | tuple) else []
    return Use(activities=frozenset(Activity(word) for word in words))


def _in_words(found: Demands, results: tuple[Fulfillment | Obligation, ...]) -> str:
    said = f"{count(found.ancestors, 'ancestor')} in the release. "
    counts = [
        f"{sum(_status(one) is status for one in results)} {words}"
        for status, (words, _) in _STATUS.items()
        if any(_status(one) is status for one in results)
    ]
    said += f"{count(len(results), 'obligation')}: {', '.join(counts) or 'not compared'}. "
    if any(_duty(one).due is Due.ON_RELEASE for one in results):
        said += "The policy states no use, so each is told as due once others get the model. "
    return said + "This reads licenses by clause and is no legal advice."


def _duty(one: Fulfillment | Obligation) -> Obligation:
    return one.obligation if isinstance(one, Fulfillment) else one


def _status(one: Fulfillment | Obligation) -> Status | None:
    return one.status if isinstance(one, Fulfillment) else None


def _rows(results: tuple[Fulfillment | Obligation, ...]) -> Iterator[Row]:
    order = list(_STATUS)
    known = {None: len(order)} | {status: number for number, status in enumerate(order)}
    for one in sorted(results, key=lambda r: known[_status(r)]):
        duty, status = _duty(one), _status(one)
        words, color = _STATUS[status] if status else ("not compared", MUTED)
        owed = [Text(duty.word.value.replace("-", " "), BOLD)]
        if duty.value:
            owed.append(Text(duty.value, color=MUTED, limit=200))
        clause = [Text(duty.license_name, limit=120)]
        if duty.where:
            clause.append(Text(duty.where, size=6.6, color=MUTED, limit=120))
        clause.append(Text(f"basis: {duty.basis.value}", size=6.6, color=MUTED))
        state = [Text(words, BOLD, color=color, marker=color)]
        if duty.due is Due.ON_RELEASE:
            state.append(Text("on release", size=6.6, color=MUTED))
        seen = []
        if isinstance(one, Fulfillment):
            seen = [Text(f"{one.found[:1].upper()}{one.found[1:]}.", limit=300)]
            if one.remedy:
                seen.append(Text(one.remedy, color=MUTED, limit=300))
        sources = some([source.id or source.key for source in duty.sources])
        yield Row([owed, clause, [Text(sources, MONO, 6.6, limit=300, lines=8)], state, seen])


def _untold(found: Demands) -> Iterator[Row]:
    for one in found.untold:
        source = one.source.id or one.source.key
        yield Row([[Text("not known", BOLD, color=AMBER)], [],
                   [Text(source, MONO, 6.6, limit=200, lines=6)],
                   [Text("unknown", BOLD, color=AMBER, marker=AMBER)],
                   [Text(f"{one.reason[:1].upper()}{one.reason[1:]}.", limit=300)]])  # fmt: skip
