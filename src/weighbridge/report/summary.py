"""What several views say the same way: the verdict in words, clause links, what was not checked.

Everything here is a pure function of the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from weighbridge.model.artifact import Presence
from weighbridge.model.canonical import canonical
from weighbridge.model.clause import Clause, ClauseLink
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.finding import Finding, Outcome, Severity
from weighbridge.model.policy import Mode, RuleSetting
from weighbridge.model.record import AuditRecord, RuleResult, TimestampState

VERDICT_WORDS: dict[ExitCode, str] = {
    ExitCode.HOLDS: "The policy holds",
    ExitCode.VIOLATED: "The policy is violated",
    ExitCode.ERROR: "The audit itself went wrong: nothing may be concluded",
    ExitCode.INCONCLUSIVE: "Inconclusive: required evidence could not be had",
}

OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.UNKNOWN: "unknown",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.MANUAL: "manual",
    Outcome.ERROR: "error",
    Outcome.WAIVED: "waived",
}

ATTESTED = "pass (attested)"  # a person answers for it, and no machine looked

_POINTER = "Only a pointer lies here: the digest is known, the content was not looked at."
_NAMED = 3  # how many of a group are named before the rest is counted


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something the audit did not decide. ``kind`` is one of ``KINDS``; ``count`` is at least 1."""

    kind: str
    what: str
    reason: str
    count: int = 1


KINDS = ("rule-off", "unknown", "error", "manual", "evidence", "problem", "pointer", "missing",
         "crashed-collector")  # fmt: skip


def gate_words(record: AuditRecord) -> str:
    """``OPEN`` or ``CLOSED``: never anything softer."""
    return "OPEN" if record.verdict.open else "CLOSED"


def timestamp_words(record: AuditRecord) -> str:
    """One sentence on the seal's timestamp; plainly "no timestamp" where there is none."""
    detail = record.timestamp.detail
    if record.timestamp.state is TimestampState.STAMPED:
        return f"RFC 3161 timestamp by {detail}"
    if record.timestamp.state is TimestampState.UNAVAILABLE:
        return f"No timestamp: it was asked for and could not be had ({detail})"
    return f"No timestamp: none was asked for ({detail})" if detail else "No timestamp"


def checks(result: RuleResult) -> str:
    """What the rule checks, as a sentence; empty for a rule that this version does not have."""
    return f"Checks that {result.summary.rstrip('.')}." if result.summary else ""


def severity_of(result: RuleResult, finding: Finding) -> Severity:
    """The finding's own severity, or the rule's as the policy set it."""
    return finding.severity or result.severity


def fingerprint(rule: str, finding: Finding) -> str:
    """An identity that survives re-runs, other evidence and reworded messages: 64 hex digits.

    It is the SHA-256 of the canonical JSON of rule, path, archive member and key; two findings that
    share all four share it.
    """
    place = finding.location
    parts = [rule, place.path if place else "", place.member if place else "", finding.key]
    return hashlib.sha256(canonical(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Attested:
    """Who answers for what a rule passed on: in which role, since when and until which day."""

    name: str
    role: str
    made: str
    expires: str

    def __str__(self) -> str:
        return f"{self.name} ({self.role}) on {self.made}, until {self.expires}"


def attested_by(record: AuditRecord, result: RuleResult) -> tuple[Attested, ...]:
    """The people on whose word a rule passed; none where it passed on what a machine found."""
    if result.outcome is not Outcome.PASS:
        return ()
    rested_on = set(result.evidence)
    people = (
        _attested(e.data)
        for e in record.evidence
        if e.kind is EvidenceKind.ATTESTATION and e.digest in rested_on
    )
    return tuple(dict.fromkeys(one for one in people if one))


def _attested(data: Mapping[str, Any]) -> Attested | None:
    """Who attests; None where the evidence is not of its shape, as in a stranger's record."""
    person = data.get("person")
    if not isinstance(person, Mapping):
        return None
    words = [person.get("name"), person.get("role"), data.get("made"), data.get("expires")]
    said = [word for word in words if isinstance(word, str)]
    return Attested(*said) if len(said) == len(words) else None


def outcome_words(record: AuditRecord, result: RuleResult) -> str:
    """A result's outcome in words; what a person attested to is told from what was checked."""
    return ATTESTED if attested_by(record, result) else OUTCOME_WORDS[result.outcome]


def links_by_rule(record: AuditRecord) -> dict[str, list[tuple[Clause, ClauseLink]]]:
    """Every clause that a rule bears on, in the record's order; lost links do not count."""
    table: dict[str, list[tuple[Clause, ClauseLink]]] = {}
    for clause in record.clauses:
        for link in clause.links:
            table.setdefault(link.rule, []).append((clause, link))
    return table


def loosened_params(record: AuditRecord, link: ClauseLink) -> str:
    """The parameters that the policy set past a link's guards, by which the link is lost."""
    setting = record.policy.setting(link.rule)
    params = setting.params if setting else {}
    names = (g.param for g in link.guards if not (g.param in params and g.holds(params[g.param])))
    return ", ".join(dict.fromkeys(names))


def loosened(record: AuditRecord) -> list[tuple[str, str]]:
    """What the policy loosens of the ones it extends, and the reason it gives."""
    policy = record.policy
    found = [(f"rule {setting.rule}", setting.because) for setting in policy.rules]
    found.append((f"the gate, closing on {policy.gate.fail_on} and above", policy.gate.because))
    found.append(("the timestamp, not required", policy.timestamp_because))
    found.append(("what signatures must have", policy.signatures.because))
    return [(what, because) for what, because in found if because]


def rules_off(record: AuditRecord) -> list[RuleSetting]:
    """Rules that the policy names and turns off."""
    return [setting for setting in record.policy.rules if setting.mode is Mode.OFF]


def not_checked(record: AuditRecord) -> list[NotChecked]:
    """All that the audit did not decide, and why, in a fixed order."""
    return [
        *_undecided_rules(record),
        *(NotChecked("rule-off", setting.rule, f"The policy turns this rule off. {setting.because}"
                     .rstrip()) for setting in rules_off(record)),
        *(NotChecked("crashed-collector", b.collector, b.message) for b in record.breakages),
        *_unavailable_evidence(record),
        *(NotChecked("problem", p.path, f"{p.kind}: {p.detail}") for p in record.problems),
        *_absent_content(record),
    ]  # fmt: skip


def _undecided_rules(record: AuditRecord) -> Iterator[NotChecked]:
    for kind, outcome in (("error", Outcome.ERROR), ("unknown", Outcome.UNKNOWN),
                          ("manual", Outcome.MANUAL)):  # fmt: skip
        for result in record.results:
            if result.mode is Mode.OFF:
                continue
            messages = [f.message for f in result.findings if f.outcome is outcome]
            if messages:
                more = f" (and {len(messages) - 1} more like it)" if len(messages) > 1 else ""
                yield NotChecked(kind, result.rule, messages[0] + more, len(messages))
            elif result.outcome is outcome:
                yield NotChecked(kind, result.rule, result.note or "No reason was given.")


def _unavailable_evidence(record: AuditRecord) -> Iterator[NotChecked]:
    groups: dict[tuple[str, str], list[str]] = {}
    for evidence in record.evidence:
        if evidence.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            groups.setdefault((evidence.kind.value, evidence.reason), []).append(evidence.about)
    for (kind, reason), about in groups.items():
        names = some([name for name in about if name])
        yield NotChecked("evidence", f"{kind}: {names}" if names else kind, reason, len(about))


def _absent_content(record: AuditRecord) -> Iterator[NotChecked]:
    for presence, kind, reason in (
        (Presence.POINTER, "pointer", _POINTER),
        (Presence.MISSING, "missing", "The file is listed and its content is not here."),
    ):
        paths = [a.path for a in record.artifacts if a.presence is presence]
        if paths:
            yield NotChecked(kind, some(paths), reason, len(paths))


def some(names: list[str]) -> str:
    """``a, b, c (and 4 more)``."""
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (and {rest} more)" if rest > 0 else "")


def shorten(path: str, most: int = 260) -> str:
    """A long path's beginning and its end, where the file's name is, with what was cut counted."""
    if len(path) <= most:
        return path
    half = most // 2
    return f"{path[:half]}…({len(path) - 2 * half} characters)…{path[-half:]}"


def size_words(size: int) -> str:
    """Bytes for people, in powers of 1000: ``7.1 GB``."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")
