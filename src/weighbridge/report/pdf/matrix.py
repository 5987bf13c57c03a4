"""Each clause, its standing on the day of the audit, and what the rules show of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from weighbridge.model.clause import Clause, ClauseLink, Standing
from weighbridge.model.digest import Digest
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.pdf.flow import Flow, Text
from weighbridge.report.pdf.glyphs import BOLD
from weighbridge.report.pdf.style import (
    AMBER,
    BODY,
    FAINT,
    INK,
    MUTED,
    OUTCOME_COLOR,
    STANDING_COLOR,
)
from weighbridge.report.pdf.table import Column, Row, table
from weighbridge.report.summary import attested_by, loosened_params, outcome_words, some

_BAND = 8.2
_RESIDUE_LIMIT = 2000


def clauses(flow: Flow, record: AuditRecord, title: str) -> None:
    """The clause matrix, with each clause's standing on the day of the audit."""
    flow.heading(1, title)
    if not record.clauses:
        flow.paragraph(Text("The policy asks for no clause framework.", size=BODY))
        return
    key = (
        f"How each clause stood on {record.as_of.isoformat()} and what the rules show of it. "
        "full: the result is what the clause asks for; partial: a part of it; supporting: it "
        "helps a person who judges. What stays open is never shown by a machine. Rows marked "
        "unverified rest on memory and were not compared with a text. Evidence is named by the "
        "first digits of its SHA-256; the section Evidence has the whole of each."
    )
    flow.paragraph(Text(key, size=BODY, color=MUTED))
    columns = (
        Column("Clause", 92, heads=True),
        Column(f"Legal status on {record.as_of.isoformat()}", 100),
        Column("Rule: outcome, strength; evidence", 150),
        Column("What stays open", 149),
    )
    table(flow, columns, _clause_rows(record))


def _clause_rows(record: AuditRecord) -> Iterator[Row]:
    results = {result.rule: result for result in record.results}
    for (framework, version), group in groupby(
        record.clauses, key=lambda clause: (clause.framework, clause.version)
    ):
        yield Row([[Text(f"{framework}   {version}", BOLD, _BAND)]], band=True)
        for clause in group:
            links: list[Text] = []
            for link in clause.links:
                links += _link_texts(record, results.get(link.rule), link)
            links += [_broken_cell(record, link) for link in clause.broken]
            yield Row(
                [
                    _clause_cell(clause),
                    _standing_cell(clause, record),
                    links,
                    [Text(_residue(clause), color=MUTED, limit=_RESIDUE_LIMIT)],
                ]
            )


def _clause_cell(clause: Clause) -> list[Text]:
    cell = [Text(clause.id, BOLD), Text(clause.title)]
    if clause.note:
        cell.append(Text(clause.note, size=6.6, color=MUTED))
    return cell


def _residue(clause: Clause) -> str:
    """What stays open of a clause, each thing said once: links share much of it."""
    said: dict[str, None] = {}
    for link in (*clause.links, *clause.broken):
        for part in link.residue.rstrip(".").split("; "):
            said.setdefault(part[:1].lower() + part[1:])
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _standing_cell(clause: Clause, record: AuditRecord) -> list[Text]:
    standing = clause.standing(record.as_of)
    cell = [Text(standing.value, BOLD, color=STANDING_COLOR[standing])]
    voluntary = standing is Standing.VOLUNTARY
    for case in clause.applies if not voluntary else ():
        begun = "since" if case.applies_from <= record.as_of else "from"
        where = f", {case.case}" if case.case else ""
        text = f"{begun} {case.applies_from.isoformat()}{where}"
        cell.append(Text(text, size=6.6, color=MUTED))
    if not clause.verified:
        cell.append(Text("unverified (from memory)", BOLD, 6.6, AMBER))
    elif clause.verified_on:
        cell.append(Text(f"verified {clause.verified_on.isoformat()}", size=6.6, color=MUTED))
    if clause.superseded_by:
        cell.append(Text(f"superseded by {clause.superseded_by}", BOLD, 6.6, AMBER))
    return cell


def _link_cell(record: AuditRecord, result: RuleResult | None, link: ClauseLink) -> Text:
    if result is None or result.mode is Mode.OFF:
        return Text(f"{link.rule}: not evaluated", color=MUTED, marker=FAINT)
    word = outcome_words(record, result)
    if people := attested_by(record, result):
        word = f"{word} by {'; '.join(str(one) for one in people)}"
    text = f"{link.rule}: {word}, {link.strength.value}"
    to = "findings" if result.findings else "rule"
    return Text(text, color=INK, marker=OUTCOME_COLOR[result.outcome], before=1.6,
                target=f"{to}-{link.rule}")  # fmt: skip


def _link_texts(record: AuditRecord, result: RuleResult | None, link: ClauseLink) -> list[Text]:
    """What a rule shows of a clause, with a way to its findings, and the evidence beneath."""
    texts = [_link_cell(record, result, link)]
    if result is not None and result.mode is not Mode.OFF and result.evidence:
        ids = [evidence_id(digest) for digest in result.evidence]
        texts.append(Text(f"evidence {some(ids)}", size=6.2, color=MUTED,
                          target=f"evidence-{ids[0]}"))  # fmt: skip
    return texts


def evidence_id(digest: Digest) -> str:
    """What a piece of evidence is called here: the first digits of its SHA-256."""
    return digest.value[:8]


def _broken_cell(record: AuditRecord, link: ClauseLink) -> Text:
    why = f"{link.rule}: no longer counts, the policy loosens {loosened_params(record, link)}"
    return Text(why, color=AMBER, marker=AMBER)
