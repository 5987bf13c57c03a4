"""What people answer for: waivers and attestations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Waiver
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
    small,
    table,
    text,
    tone,
)
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import attested_by, shorten


def waivers(record: AuditRecord) -> Html:
    """What the policy accepts for a while, who answers for it, and until when."""
    if not record.policy.waivers:
        return el("p", "The policy waives nothing.")
    used = {waiver for result in record.results for waiver in result.waivers}
    severities = {result.rule: result.severity.value for result in record.results}
    columns = (Column("Waiver"), Column("Rule and path"), Column("Reason"),
               Column("Owner and approver"), Column("Holds until"))  # fmt: skip
    rows = (
        _waiver(record, waiver, used, severities.get(waiver.rule))
        for waiver in record.policy.waivers
    )
    return table("waivers-table", "Waivers of the policy", columns, rows, filters="waivers")


def _waiver(record: AuditRecord, waiver: Waiver, used: set[str], severity: str | None) -> Html:
    left = (waiver.expires - record.as_of).days
    state = tone("not used here", "gray")
    if waiver.id in used:
        state = tone("in use", "violet")
    elif waiver.subject != record.subject.digest:
        state = tone("for another subject", "gray")
    until = small(f"{count(left, 'day')} left") if left >= 0 else small(tone("expired", "amber"))
    return row(
        head(el("bdi", waiver.id), " ", state, value=waiver.id),
        cell(el("bdi", waiver.rule), small(code(waiver.path))),
        cell(waiver.reason),
        cell(el("bdi", waiver.owner), small("approved by ", el("bdi", waiver.approver))),
        cell(waiver.expires.isoformat(), until, small(f"since {waiver.created.isoformat()}")),
        data_r=text(waiver.rule),
        data_s=severity,
        data_o=Outcome.WAIVED.value if waiver.id in used else None,
    )


def attestations(record: AuditRecord) -> Html:
    """Each attestation that was found: who, for which control, until when, whether it counts."""
    found = [
        e
        for e in record.evidence
        if e.kind is EvidenceKind.ATTESTATION and e.state is not EvidenceState.ABSENT
    ]
    if not found:
        return el("p", "Nobody attests to anything.")
    passed = sum(bool(attested_by(record, result)) for result in record.results)
    words = (
        "What a person answers for where no machine can look: a rule that rests on it ends as pass "
        f"(attested). {count(passed, 'rule')} did."
    )
    columns = (Column("Control"), Column("Who"), Column("Statement"), Column("Holds until"),
               Column("Signature and subject"))  # fmt: skip
    counting = {digest for r in record.results if attested_by(record, r) for digest in r.evidence}
    rows = (_attestation(record, item, counting) for item in found)
    return join([el("p", words, class_="muted"),
                 table("attestations-table", "What people attest to", columns, rows)])  # fmt: skip


def _attestation(record: AuditRecord, item: Evidence, counting: set[Any]) -> Html:
    data = item.data
    control = head(said(data, "control") or "not known", small(code(shorten(item.about, 120))))
    if item.state is not EvidenceState.OBSERVED:
        why = join([tone(item.state.value, "amber"), small(item.reason)])
        return row(control, cell(), cell(why), cell(), cell())
    person = data.get("person")
    who: Mapping[str, Any] = person if isinstance(person, Mapping) else {}
    expires = said(data, "expires")
    past = small(tone("expired", "amber")) if expires < record.as_of.isoformat() else None
    state = said(data, "signature_state") or "not known"
    bound = said(data, "bound")
    counts = tone("counts", "green") if item.digest in counting else tone("does not count", "amber")
    return row(
        control,
        cell(el("bdi", said(who, "name")), small(said(who, "role")), small(said(who, "email"))),
        cell(said(data, "statement")),
        cell(expires, past, small(f"made {said(data, 'made')}")),
        cell(counts, small(f"signature: {state}"), small(said(data, "reason")),
             small(f"for {bound} subject"), small(said(data, "bound_reason"))),
    )  # fmt: skip


def said(data: Mapping[str, Any], key: str) -> str:
    """A text of a payload; empty where there is none, whatever stands there."""
    value = data.get(key)
    return value if isinstance(value, str) else ""
