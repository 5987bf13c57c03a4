"""What goes where: which findings close the gate, which only stand there, what stays open.

Findings that say the same are put together, so that a message and a remedy are read once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from weighbridge.model.evidence import EvidenceState
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Mode, OnInconclusive
from weighbridge.model.record import AuditRecord, RuleResult, TimestampState
from weighbridge.report.console.wrap import short_digests, shown, shown_path
from weighbridge.report.summary import NotChecked, not_checked, severity_of

MAX_PER_RULE = 8  # findings told in full; the rest is counted and pointed at
MAX_GAPS = 8  # things not checked, of one kind

_RANK = (Outcome.ERROR, Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)  # as the gate weighs them
_BROKEN = "Report this defect to Weighbridge's maintainers; nothing may be concluded meanwhile."
_NO_RULE = "Use a version of Weighbridge that has this rule, or take it out of the policy."


@dataclass(frozen=True, slots=True)
class Head:
    """``path:line  SEVERITY rule-id``; ``place`` is empty where the whole model is meant."""

    place: str
    severity: Severity
    rule: str
    outcome: Outcome


@dataclass(slots=True)
class Said:
    """One message and the places it is about. ``elided``: it begins with what stands there."""

    text: str
    elided: bool
    heads: list[Head] = field(default_factory=list)

    def sentence(self) -> str:
        """The message, with "it" in the place of a path that was printed just before."""
        if not self.elided:
            return self.text
        several = len({head.place for head in self.heads}) > 1
        return f"{'Each' if several else 'It'} {self.text}"


@dataclass(slots=True)
class Block:
    """Messages with one remedy. ``more`` are findings that are not told, and their paths."""

    remedy: str
    said: list[Said] = field(default_factory=list)
    more: int = 0
    rule: str = ""
    paths: list[str] = field(default_factory=list)


class Selection:
    """A record's findings, sorted into what closes the gate, what does not, and what is open."""

    def __init__(self, record: AuditRecord) -> None:
        self.record = record
        self._weights = {a.path for a in record.artifacts if a.is_weight}
        self._settings = {setting.rule: setting for setting in record.policy.rules}
        self._closing: list[tuple[RuleResult, list[Finding]]] = []
        self._failing: list[tuple[RuleResult, list[Finding]]] = []
        self._open: list[tuple[RuleResult, list[Finding]]] = []
        for result in record.results:
            if result.mode is not Mode.OFF and result.outcome in _RANK:
                self._sort(result)
        for groups in (self._closing, self._failing, self._open):
            groups.sort(key=lambda group: self._weight(*group))

    def _sort(self, result: RuleResult) -> None:
        found = sorted((f for f in result.findings if not f.waiver),
                       key=lambda f: self._finding_weight(result, f))  # fmt: skip
        if result.outcome is Outcome.ERROR or not found:
            found.insert(0, _from_note(result))
        closes = {id(f) for f in found if self._closes(result, f)}
        if result.closes_gate and not closes:  # the record says so, whatever the settings say
            closes = {id(f) for f in found}
        closing, failing, undecided = [], [], []
        for finding in found:
            if id(finding) in closes:
                closing.append(finding)
            elif _outcome(result, finding) is Outcome.FAIL:
                failing.append(finding)
            else:
                undecided.append(finding)
        for group, findings in ((self._closing, closing), (self._failing, failing),
                                (self._open, undecided)):  # fmt: skip
            if findings:
                group.append((result, findings))

    def _closes(self, result: RuleResult, finding: Finding) -> bool:
        """Whether this finding is one of those by which its rule closes the gate."""
        setting = self._settings.get(result.rule)
        if not result.closes_gate or setting is None:
            return result.closes_gate
        match _outcome(result, finding):
            case Outcome.FAIL:
                return severity_of(result, finding).rank >= self.record.policy.gate.fail_on.rank
            case Outcome.UNKNOWN:
                return setting.on_unknown is OnInconclusive.CLOSE
            case Outcome.MANUAL:
                return setting.on_manual is OnInconclusive.CLOSE
            case _:
                return setting.on_error is OnInconclusive.CLOSE

    def _finding_weight(self, result: RuleResult, finding: Finding) -> tuple[int, int, bool]:
        path = finding.location.path if finding.location else ""
        rank = _RANK.index(_outcome(result, finding))
        return rank, -severity_of(result, finding).rank, path not in self._weights

    def _weight(self, result: RuleResult, findings: list[Finding]) -> tuple[int, int]:
        return min(self._finding_weight(result, finding)[:2] for finding in findings)

    def closing(self) -> list[Block]:
        """What closes the gate, the weightiest rule and in it the weightiest finding first."""
        blocks: list[Block] = []
        by_text: dict[tuple[str, bool, str, Outcome], Said] = {}
        for result, findings in self._closing:
            mine: dict[str, Block] = {}
            for finding in findings[:MAX_PER_RULE]:
                head, (text, elided), remedy = _told(result, finding)
                said = by_text.get((text, elided, remedy, head.outcome))
                if said is None:
                    said = by_text[text, elided, remedy, head.outcome] = Said(text, elided)
                    if remedy not in mine:
                        mine[remedy] = Block(remedy)
                        blocks.append(mine[remedy])
                    mine[remedy].said.append(said)
                said.heads.append(head)
            if len(findings) > MAX_PER_RULE:
                blocks.append(_rest(result, findings))
        return [*blocks, *self._other_reasons()]

    def _other_reasons(self) -> Iterator[Block]:
        """What closes the gate and is no rule's finding: a timestamp that the policy demands."""
        rules = tuple(f"{result.rule} " for result, _ in self._closing)
        for reason in self.record.verdict.reasons:
            if reason.startswith(rules):
                continue
            text = shown(reason)
            text = text[:1].upper() + text[1:] + ("" if text.endswith((".", "!")) else ".")
            yield Block(self._timestamp_remedy(), [Said(text, elided=False)])

    def _timestamp_remedy(self) -> str:
        policy, state = self.record.policy, self.record.timestamp.state
        if not policy.timestamp_required or state is TimestampState.STAMPED:
            return ""
        if state is TimestampState.UNAVAILABLE:
            return "Audit again when the authority answers, or name another with --timestamp URL."
        offline = ", without --offline" if self.record.offline else ""
        return f"Write a pack with --out FOLDER and --timestamp URL of an authority{offline}."

    def failing(self) -> list[tuple[Said, str, int]]:
        """What fails and leaves the gate open: a rule's weightiest, its remedy, how many more."""
        rows = []
        for result, findings in self._failing:
            head, (text, elided), remedy = _told(result, findings[0])
            rows.append((Said(text, elided, [head]), remedy, len(findings) - 1))
        return rows

    def undecided(self) -> tuple[list[tuple[Said, str]], int]:
        """What rules could not decide, alike put together, with remedies; and how many are left."""
        rows: dict[tuple[str, bool, str, Outcome], Said] = {}
        left = 0
        for result, findings in self._open:
            new = 0
            for finding in findings:
                head, (text, elided), remedy = _told(result, finding)
                key = (text, elided, remedy, head.outcome)
                if key not in rows:
                    if new == MAX_GAPS:
                        left += 1
                        continue
                    rows[key] = Said(text, elided)
                    new += 1
                rows[key].heads.append(head)
        return [(said, key[2]) for key, said in rows.items()], left

    def unseen(self) -> list[NotChecked]:
        """What was not looked at and no finding tells of."""
        told = [
            finding
            for result in self.record.results
            if result.mode is not Mode.OFF
            for finding in result.findings
            if finding.outcome is not Outcome.FAIL
        ]
        digests = {digest for finding in told for digest in finding.evidence}
        paths = {finding.location.path for finding in told if finding.location}
        looked = (EvidenceState.OBSERVED, EvidenceState.ABSENT)
        rest = dataclasses.replace(
            self.record,
            results=(),
            evidence=tuple(e for e in self.record.evidence
                           if e.state not in looked and e.digest not in digests),
            problems=tuple(p for p in self.record.problems if p.path not in paths),
            artifacts=tuple(a for a in self.record.artifacts if a.path not in paths),
        )  # fmt: skip
        return not_checked(rest)


def _outcome(result: RuleResult, finding: Finding) -> Outcome:
    """The finding's outcome; that of the rule for what :func:`_from_note` made."""
    return result.outcome if finding.key == _NOTE else finding.outcome


_NOTE = "\0note"  # no rule can write it: it names what was made of a rule's note


def _from_note(result: RuleResult) -> Finding:
    """A rule that broke, or that points at nothing, as a finding."""
    note = result.note or "No reason was given."
    if result.outcome is not Outcome.ERROR:
        remedy = f"See what 'weighbridge rules explain {result.rule}' asks for."
    else:
        remedy = _BROKEN if result.summary else _NO_RULE
    return Finding(Outcome.UNKNOWN, note, remedy, key=_NOTE)


def _told(result: RuleResult, finding: Finding) -> tuple[Head, tuple[str, bool], str]:
    """A finding ready to be shown: its head, its message and whether it begins with "it"."""
    place = finding.location
    head = Head(place_words(place) if place else "", severity_of(result, finding),
                shown(result.rule), _outcome(result, finding))  # fmt: skip
    return head, _about_it(finding.message, place), shown(finding.remedy)


def _about_it(message: str, place: Location | None) -> tuple[str, bool]:
    """The message without the path it begins with, which the line above it names."""
    if place and place.path:
        where = place.path
        for start, verbs in ((f"'{where}' ", ("",)), (f"{where} ", ("is ", "was ", "has "))):
            rest = message.removeprefix(start)
            if rest != message and rest.startswith(verbs):
                return short_digests(shown(rest)), True
    return short_digests(shown(message)), False


def place_words(place: Location) -> str:
    """``path!member:line@offset``; a path that would fill the screen loses its middle."""
    path, member = shown_path(place.path), shown_path(place.member)
    return str(dataclasses.replace(place, path=path, member=member))


def _rest(result: RuleResult, findings: list[Finding]) -> Block:
    """What is beyond the findings that are told: how many, and where."""
    told = {f.location.path for f in findings[:MAX_PER_RULE] if f.location}
    paths = dict.fromkeys(f.location.path for f in findings[MAX_PER_RULE:] if f.location)
    new_first = [p for p in paths if p not in told] + [p for p in paths if p in told]
    return Block("", more=len(findings) - MAX_PER_RULE, rule=shown(result.rule), paths=new_first)


def distinct(texts: Iterable[str]) -> list[str]:
    """Each once, in the order they came."""
    return list(dict.fromkeys(text for text in texts if text))
