"""What a change between two audits means for each clause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.clause import Clause
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord
from weighbridge.report.summary import OUTCOME_WORDS

OFF = "off"
LOST = "lost"  # the policy sets a parameter past what the clause needs
NO_LINK = "not linked"

_GOOD = frozenset({OUTCOME_WORDS[Outcome.PASS]})
_BAD = frozenset({OUTCOME_WORDS[Outcome.FAIL]})
_OPEN = frozenset(OUTCOME_WORDS[one] for one in (Outcome.UNKNOWN, Outcome.ERROR, Outcome.MANUAL))


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause of which something changed.

    ``rules`` are those that bear on it differently: id, how it stood, how it stands. ``meaning`` is
    ``worse`` where one of them fails now, else ``unknown`` where one is undecided now, ``better``
    where all of them pass now, else ``changed``. ``standing`` is how the law stood and stands,
    where that changed.
    """

    clause: str
    title: str
    meaning: str
    rules: tuple[tuple[str, str, str], ...]
    standing: tuple[str, str] | None = None


def clause_changes(old: AuditRecord, new: AuditRecord) -> Iterator[ClauseChange]:
    """Every clause that a rule bears on otherwise, or that stands otherwise on its day."""
    before, after = _table(old), _table(new)
    clauses = {clause.key: clause for record in (old, new) for clause in record.clauses}
    standings = (_standings(old), _standings(new))
    for key, clause in clauses.items():
        was, now = before.get(key, {}), after.get(key, {})
        rules = tuple(
            (rule, was.get(rule, NO_LINK), now.get(rule, NO_LINK))
            for rule in dict.fromkeys((*was, *now))
            if was.get(rule, NO_LINK) != now.get(rule, NO_LINK)
        )
        stood, stands = (table.get(key, "") for table in standings)
        moved = (stood, stands) if stood and stands and stood != stands else None
        if rules or moved:
            yield ClauseChange(key, clause.title, _meaning(rules), rules, moved)


def _meaning(rules: tuple[tuple[str, str, str], ...]) -> str:
    now = {after for _, _, after in rules}
    if now & _BAD:
        return "worse"
    if now & _OPEN:
        return "unknown"
    return "better" if now and now <= _GOOD else "changed"


def _standings(record: AuditRecord) -> dict[str, str]:
    return {clause.key: clause.standing(record.as_of).value for clause in record.clauses}


def _table(record: AuditRecord) -> dict[str, dict[str, str]]:
    """How each rule that bears on a clause ended, by clause and rule."""
    words = {r.rule: OUTCOME_WORDS[r.outcome] for r in record.results if r.mode is not Mode.OFF}
    table: dict[str, dict[str, str]] = {}
    for clause in record.clauses:
        table.setdefault(clause.key, {}).update(_of_clause(clause, words))
    return table


def _of_clause(clause: Clause, words: dict[str, str]) -> dict[str, str]:
    found = {link.rule: words.get(link.rule, OFF) for link in clause.links}
    return {**found, **{link.rule: LOST for link in clause.broken}}
