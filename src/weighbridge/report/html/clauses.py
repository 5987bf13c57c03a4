"""The clause matrix: each clause, its standing on the day of the audit, what the rules show."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.model.clause import Clause, ClauseLink, Standing
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.html.markup import (
    Column,
    Html,
    cell,
    el,
    head,
    join,
    lines,
    row,
    small,
    table,
    tone,
)
from weighbridge.report.html.tones import OUTCOME, OUTCOME_ORDER, STANDING
from weighbridge.report.summary import attested_by, loosened_params, outcome_words

_Results = dict[str, tuple[int, RuleResult]]


def clauses(record: AuditRecord) -> Html:
    """The matrix."""
    if not record.clauses:
        return el("p", "The policy asks for no clause framework.")
    results = {result.rule: (n, result) for n, result in enumerate(record.results)}
    key = (
        f"How each clause stood on {record.as_of.isoformat()}, and what the rules show of it. "
        "Full: the result is what the clause asks for; partial: a part of it; supporting: it helps "
        "a person who judges. Rows marked unverified rest on memory and were not compared with a "
        "text."
    )
    versions = dict.fromkeys((clause.framework, clause.version) for clause in record.clauses)
    columns = (Column("Clause"), Column("Standing"), Column("Rules: outcome, strength"),
               Column("What stays open"))  # fmt: skip
    return join([
        el("p", key, class_="muted"),
        el("ul", *(el("li", el("bdi", framework), ": ", el("bdi", version))
                   for framework, version in versions), class_="muted"),
        table("clauses-table", "Each clause, and what the rules show of it", columns,
              (_row(record, clause, results) for clause in record.clauses),
              stacks=True, filters="clauses"),
    ])  # fmt: skip


def _row(record: AuditRecord, clause: Clause, results: _Results) -> Html:
    found = [results[link.rule] for link in clause.links if link.rule in results]
    on = [result for _, result in found if result.mode is not Mode.OFF]
    order = min((OUTCOME_ORDER.index(r.outcome) for r in on), default=len(OUTCOME_ORDER))
    links = [_link(record, link, results.get(link.rule)) for link in clause.links]
    links += [_broken(record, link) for link in clause.broken]
    names = [link.rule for link in (*clause.links, *clause.broken)]
    return row(
        head(el("bdi", clause.key), small(clause.title),
             small(clause.note) if clause.note else None, value=clause.key),
        cell(*_standing(clause, record), value=clause.standing(record.as_of).value),
        cell(el("ul", *links), value=order),
        cell(residue(clause)),
        data_c=lines((clause.framework, clause.key)),
        data_r=lines(dict.fromkeys(names)),
        data_o=lines(dict.fromkeys(r.outcome.value for r in on)),
        data_s=lines(dict.fromkeys(r.severity.value for r in on)),
    )  # fmt: skip


def residue(clause: Clause) -> str:
    """What stays open of a clause, each thing said once: links share much of it."""
    said: dict[str, None] = {}
    for link in (*clause.links, *clause.broken):
        for part in link.residue.rstrip(".").split("; "):
            said.setdefault(part[:1].lower() + part[1:])
    words = "; ".join(said)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _standing(clause: Clause, record: AuditRecord) -> Iterator[Html]:
    standing = clause.standing(record.as_of)
    yield tone(standing.value, STANDING[standing])
    for case in clause.applies if standing is not Standing.VOLUNTARY else ():
        begun = "since" if case.applies_from <= record.as_of else "from"
        where = f", {case.case}" if case.case else ""
        yield small(f"{begun} {case.applies_from.isoformat()}{where}")
    if not clause.verified:
        yield small(tone("unverified (from memory)", "amber"))
    elif clause.verified_on:
        yield small(f"verified {clause.verified_on.isoformat()}")
    if clause.superseded_by:
        yield small(tone(f"superseded by {clause.superseded_by}", "amber"))


def _link(record: AuditRecord, link: ClauseLink, found: tuple[int, RuleResult] | None) -> Html:
    if found is None or found[1].mode is Mode.OFF:
        return el("li", el("bdi", link.rule), ": not evaluated", class_="muted")
    number, result = found
    people = "; ".join(str(person) for person in attested_by(record, result))
    return el(
        "li",
        el("a", result.rule, href=f"#rule-{number}"),
        " ",
        tone(outcome_words(record, result), OUTCOME[result.outcome]),
        f" {link.strength.value}",
        small(f"by {people}") if people else None,
    )


def _broken(record: AuditRecord, link: ClauseLink) -> Html:
    why = f"no longer counts: the policy loosens {loosened_params(record, link)}"
    return el("li", el("bdi", link.rule), " ", tone(why, "amber"))
