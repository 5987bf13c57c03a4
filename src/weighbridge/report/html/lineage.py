"""What the model was made from, under which licenses, and what these demand of a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.licensing.fulfillment import Fulfillment, Status
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.model.licensing.obligations import Demands, Due, Obligation
from weighbridge.model.record import AuditRecord
from weighbridge.report.html.markup import (
    Column,
    Html,
    cell,
    code,
    el,
    head,
    join,
    row,
    shown,
    small,
    table,
    tone,
)
from weighbridge.report.html.people import said
from weighbridge.report.html.tones import MISSHAPEN, STATE, misshapen
from weighbridge.report.lineage import svg, words
from weighbridge.report.pdf.obligations import judge
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import shorten, some

_ALL_DRAWN = 40  # nodes; of larger graphs packages and code are not drawn, only listed
_CLAIMS = 3
_ROLES = {
    "declared": "declared",
    "detected": "license file",
    "notice": "notice file",
    "use-policy": "use policy",
    "prose": "said in prose",
    "header": "in headers of code",
}
_STATUS: dict[Status | None, tuple[str, str]] = {
    Status.UNMET: ("not met", "red"),
    Status.UNKNOWN: ("unknown", "amber"),
    Status.MANUAL: ("a person says", "blue"),
    Status.MET: ("met", "green"),
    None: ("not compared", "gray"),
}


def licenses(record: AuditRecord) -> Html:
    """Statements on the model's own license, obligations, and the lineage."""
    parts = [el("h3", "What is stated of the model"), _stated(record)]
    parts += [el("h3", "What licenses demand of a release"), _guarded(_obligations, record)]
    parts += [el("h3", "What the model was made from"), _guarded(_lineage, record)]
    return join(parts)


def _guarded(draw: Callable[[AuditRecord], Html], record: AuditRecord) -> Html:
    try:
        return draw(record)
    except MISSHAPEN:
        return misshapen("licenses and lineage")


def _stated(record: AuditRecord) -> Html:
    found = [e for e in record.evidence if e.kind is EvidenceKind.LICENSE]
    if not found:
        return el("p", "Nothing was collected on the model's license.")
    columns = (Column("Where"), Column("How"), Column("License"), Column("As written"))
    return table("stated-table", "Statements on licenses", columns, (_statement(e) for e in found))


def _statement(item: Evidence) -> Html:
    where = code(shorten(item.about)) if item.about else el("span", "the model", class_="muted")
    line = item.data.get("line")
    at = small(f"line {line}") if isinstance(line, int) and line > 0 else None
    if item.state is not EvidenceState.OBSERVED:
        state = tone(item.state.value, STATE[item.state])
        return row(head(where, at), cell(state), cell(item.reason), cell())
    role = said(item.data, "role")
    license_id = said(item.data, "id")
    why = said(item.data, "why")
    known = code(license_id) if license_id else tone("not known", "amber")
    return row(head(where, at), cell(_ROLES.get(role, role)),
               cell(known, small(why) if why else None),
               cell(said(item.data, "words") or said(item.data, "raw")))  # fmt: skip


def _obligations(record: AuditRecord) -> Html:
    judged = judge(record)
    if judged is None:
        return el("p", "Nothing is known of what the model was made from.")
    found, results = judged
    if not results and not found.untold:
        return el("p", "No license of a model, of data or of code it was made from demands "
                       "anything of the release.")  # fmt: skip
    note = f"{count(found.ancestors, 'ancestor')} in the release. "
    note += f"{count(len(results), 'obligation')}. "
    if any(_duty(one).due is Due.ON_RELEASE for one in results):
        note += "The policy states no use, so each is told as due once others get the model. "
    note += "This reads licenses by clause and is no legal advice."
    columns = (Column("What is owed"), Column("License and clause"), Column("From"),
               Column("State"), Column("What was found, and what to do"))  # fmt: skip
    rows = [*_untold(found), *_duties(results)]
    return join([el("p", note, class_="muted"),
                 table("duties-table", "Obligations", columns, rows)])  # fmt: skip


def _duty(one: Fulfillment | Obligation) -> Obligation:
    return one.obligation if isinstance(one, Fulfillment) else one


def _status(one: Fulfillment | Obligation) -> Status | None:
    return one.status if isinstance(one, Fulfillment) else None


def _duties(results: tuple[Fulfillment | Obligation, ...]) -> Iterator[Html]:
    order = list(_STATUS)
    for one in sorted(results, key=lambda r: order.index(_status(r))):
        duty, status = _duty(one), _status(one)
        words_, kind = _STATUS[status]
        due = small("due on release") if duty.due is Due.ON_RELEASE else None
        seen: list[Html] = []
        if isinstance(one, Fulfillment):
            seen = [el("p", f"{one.found[:1].upper()}{one.found[1:]}.")]
            if one.remedy:
                seen.append(el("p", el("strong", "To do: "), one.remedy))
        owed = duty.word.value.replace("-", " ")
        yield row(
            head(owed, small(duty.value) if duty.value else None, value=owed),
            cell(duty.license_name, small(duty.where) if duty.where else None,
                 small(f"basis: {duty.basis.value}")),
            cell(el("bdi", some([source.id or source.key for source in duty.sources]))),
            cell(tone(words_, kind), due, value=order.index(status)),
            cell(*seen),
        )  # fmt: skip


def _untold(found: Demands) -> Iterator[Html]:
    for one in found.untold:
        yield row(
            head("not known"),
            cell(),
            cell(el("bdi", one.source.id or one.source.key)),
            cell(tone("unknown", "amber"), value=1),
            cell(f"{one.reason[:1].upper()}{one.reason[1:]}."),
        )


def _lineage(record: AuditRecord) -> Html:
    for item in record.evidence:
        if item.kind is EvidenceKind.LINEAGE:
            if item.state is not EvidenceState.OBSERVED:
                return el("p", f"It is not known: {item.reason}.")
            return _graph(cast(LineageFacts, item.data))
    return el("p", "What the model was made from was not collected.")


def _graph(facts: LineageFacts) -> Html:
    if len(facts["nodes"]) < 2:
        return el("p", "Nothing says that the model was made from another work.")
    notes = [el("li", el("bdi", words.safe(one["message"], 500))) for one in facts["disputes"][:20]]
    disputes = join([el("p", "Disputed:"), el("ul", *notes)]) if notes else Html()
    columns = (Column("Ancestor"), Column("Kind"), Column("How it came in"), Column("License"),
               Column("State"))  # fmt: skip
    drawn = _fewer(facts)
    left = len(facts["nodes"]) - len(drawn["nodes"])
    more = el("p", f"{count(left, 'package')} or pieces of code are listed below and not drawn.",
              class_="muted") if left else None  # fmt: skip
    picture = el("div", inline(svg.render(drawn)), class_="scroll picture", role="region",
                 tabindex="0", aria_label="Drawing of the lineage")  # fmt: skip
    return join([disputes, more, picture,
                 table("lineage-table", "Ancestors", columns, _ancestors(facts))])  # fmt: skip


def inline(picture: bytes) -> Html:
    """A picture as a part of the page. Its texts are escaped where they are drawn."""
    declaration, _, rest = picture.decode().partition("\n")
    if not declaration.startswith("<?xml ") or not rest.startswith("<svg "):
        raise ValueError("the picture does not begin as one")
    label = "The lineage as a drawing; the table below says the same in words"
    # Its markup is printable ASCII: only texts can change here.
    plain = "\n".join(shown(line, len(line)) for line in rest.split("\n"))
    return Html(plain.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))


def _fewer(facts: LineageFacts) -> LineageFacts:
    if len(facts["nodes"]) <= _ALL_DRAWN:
        return facts
    left = {n["key"] for n in facts["nodes"] if n["kind"] in ("package", "code")} - {SUBJECT}
    return {
        **facts,
        "nodes": [n for n in facts["nodes"] if n["key"] not in left],
        "edges": [e for e in facts["edges"] if not {e["child"], e["parent"]} & left],
    }


def _ancestors(facts: LineageFacts) -> Iterator[Html]:
    nodes = {node["key"]: node for node in facts["nodes"]}
    claims: dict[str, dict[str, None]] = {}
    for edge in facts["edges"]:
        child = nodes.get(edge["child"])
        of = words.name(child) if child is not None and edge["child"] != SUBJECT else "this model"
        how = f"{of}: {words.relation(edge)} ({edge['basis']})"
        claims.setdefault(edge["parent"], {})[how] = None
    for node in facts["nodes"]:
        if node["key"] == SUBJECT:
            continue
        every = list(claims.get(node["key"], ()))
        told = [el("li", el("bdi", one)) for one in every[:_CLAIMS]]
        if len(every) > _CLAIMS:
            told.append(el("li", f"and {len(every) - _CLAIMS} more"))
        known = words.license_words(node)
        yield row(
            head(el("bdi", words.name(node)), value=words.name(node)),
            cell(node["kind"]),
            cell(el("ul", *told)),
            cell(el("bdi", known) if known else tone("not known", "amber")),
            cell(words.state_words(node) or node["state"]),
        )
