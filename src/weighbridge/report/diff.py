"""What two audits say differently: a pure function of two records.

A failing finding that is gone counts as better only where the rule was decided again: what nobody
could look at has not gone away. Findings are told apart by their fingerprint, so a reworded message
or another line is no change. What is waived counts as accepted, neither as better nor as worse.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.diff_clauses import ClauseChange, clause_changes
from weighbridge.report.diff_facts import Fact, facts
from weighbridge.report.summary import (
    OUTCOME_WORDS,
    VERDICT_WORDS,
    fingerprint,
    gate_words,
    severity_of,
)

_UNDECIDED = frozenset({Outcome.UNKNOWN, Outcome.ERROR, Outcome.MANUAL})
_UNSEEN = frozenset({Outcome.UNKNOWN, Outcome.ERROR})


class Kind(enum.StrEnum):
    """What a change means, the weightiest first."""

    WORSE = "worse"
    UNKNOWN = "newly-unknown"
    BETTER = "better"
    ASKED = "newly-asked"
    DROPPED = "no-longer-asked"
    OTHER = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``rule`` is empty for the gate; ``place``, ``fingerprint``: of a finding.

    ``count`` is how many findings share the fingerprint and changed so.
    """

    kind: Kind
    rule: str
    text: str
    place: str = ""
    fingerprint: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it. ``old`` and ``new`` are the records' digests."""

    old: str
    new: str
    changes: tuple[Change, ...]
    clauses: tuple[ClauseChange, ...]
    facts: tuple[Fact, ...]

    def of(self, kind: Kind) -> list[Change]:
        """The changes of one kind, in the record's order of rules."""
        return [change for change in self.changes if change.kind is kind]

    @property
    def exit_code(self) -> ExitCode:
        """1: something got worse; else 3: something is newly unknown; else 0."""
        if self.of(Kind.WORSE):
            return ExitCode.VIOLATED
        return ExitCode.INCONCLUSIVE if self.of(Kind.UNKNOWN) else ExitCode.HOLDS


def compare(old: AuditRecord, new: AuditRecord) -> Difference:
    """What ``new`` says that ``old`` did not, and the other way round."""
    before, after = _asked(old), _asked(new)
    changes = list(_gate(old, new))
    for rule, result in after.items():
        changes += _rule(before.get(rule), result)
    changes += [
        Change(Kind.DROPPED, rule, f"was {OUTCOME_WORDS[result.outcome]}; {_why_not(new, rule)}")
        for rule, result in before.items()
        if rule not in after
    ]
    return Difference(
        old=str(old.digest),
        new=str(new.digest),
        changes=tuple(changes),
        clauses=tuple(clause_changes(old, new)),
        facts=tuple(facts(old, new)),
    )


def _asked(record: AuditRecord) -> dict[str, RuleResult]:
    return {result.rule: result for result in record.results if result.mode is not Mode.OFF}


def _why_not(record: AuditRecord, rule: str) -> str:
    setting = record.policy.setting(rule)
    if setting is None:
        return "the policy no longer names it"
    return f"the policy turns it off. {setting.because}".strip()


def _gate(old: AuditRecord, new: AuditRecord) -> Iterator[Change]:
    before, after = (f"{gate_words(r)} ({VERDICT_WORDS[r.verdict.exit_code]})" for r in (old, new))
    text = f"the gate was {before} and is {after}"
    if old.verdict.open and not new.verdict.open:
        yield Change(Kind.WORSE, "", text)
    elif new.verdict.open and not old.verdict.open:
        yield Change(Kind.BETTER, "", text)
    elif old.verdict.exit_code is not new.verdict.exit_code:
        yield Change(Kind.OTHER, "", text)


def _rule(before: RuleResult | None, after: RuleResult) -> Iterator[Change]:
    """The changes of one rule that is asked now: of its outcome, then of its findings."""
    if before is None:
        text = f"is {OUTCOME_WORDS[after.outcome]}"
        yield Change(Kind.ASKED, after.rule, text)
        if after.outcome in _UNDECIDED and not after.findings:
            yield Change(Kind.UNKNOWN, after.rule, f"{text}: {after.note}")
    elif before.outcome is not after.outcome:
        words = f"was {OUTCOME_WORDS[before.outcome]}, is {OUTCOME_WORDS[after.outcome]}"
        note = f": {after.note}" if after.note else ""
        yield Change(_meaning(before.outcome, after.outcome), after.rule, words + note)
    yield from _findings(before, after)


def _meaning(before: Outcome, after: Outcome) -> Kind:
    if after is Outcome.FAIL:
        return Kind.WORSE
    if after in _UNDECIDED:
        return Kind.OTHER if before in _UNDECIDED else Kind.UNKNOWN
    if after is Outcome.PASS and before in (_UNDECIDED | {Outcome.FAIL, Outcome.WAIVED}):
        return Kind.BETTER
    return Kind.OTHER  # accepted by a waiver, or no longer applicable: nothing was repaired


def _findings(before: RuleResult | None, after: RuleResult) -> Iterator[Change]:
    old_failing, new_failing = _group(before, _fails), _group(after, _fails)
    for mark, found in new_failing.items():
        more = len(found) - len(old_failing.get(mark, ()))
        if more > 0:
            yield _change(Kind.WORSE, after, found[-1], mark, more)
    undecided_before, undecided = _group(before, _open), _group(after, _open)
    for mark, found in undecided.items():
        more = len(found) - len(undecided_before.get(mark, ()))
        if more > 0:
            yield _change(Kind.UNKNOWN, after, found[-1], mark, more)
    if before is None:
        return
    accepted = _group(after, lambda finding: bool(finding.waiver))
    for mark, found in old_failing.items():
        fewer = len(found) - len(new_failing.get(mark, ()))
        if fewer <= 0:
            continue
        if mark in accepted:
            yield _change(Kind.OTHER, before, found[0], mark, fewer, "is now waived: ")
        elif after.outcome in _UNSEEN or mark in undecided:
            yield _change(Kind.UNKNOWN, before, found[0], mark, fewer, "can no longer be seen: ")
        else:
            yield _change(Kind.BETTER, before, found[0], mark, fewer, "is gone: ")


def _fails(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL and not finding.waiver


def _open(finding: Finding) -> bool:
    return finding.outcome is not Outcome.FAIL and not finding.waiver


def _group(
    result: RuleResult | None, wanted: Callable[[Finding], bool]
) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings if result else ():
        if wanted(finding):
            groups[fingerprint(result.rule if result else "", finding)].append(finding)
    return dict(groups)


def _change(
    kind: Kind, result: RuleResult, finding: Finding, mark: str, count: int, lead: str = ""
) -> Change:
    place = str(finding.location) if finding.location else ""
    text = f"{lead}{severity_of(result, finding)}: {finding.message}"
    return Change(kind, result.rule, text, place, mark, count)
