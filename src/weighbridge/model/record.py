"""The one authoritative result of an audit. Reports are views of it and print its digest."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from dataclasses import dataclass
from functools import cached_property

from weighbridge.model.artifact import Artifact, Problem
from weighbridge.model.canonical import canonical
from weighbridge.model.clause import Clause
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ExitCode, worst
from weighbridge.model.evidence import Breakage, Evidence
from weighbridge.model.finding import Finding, Outcome, Severity
from weighbridge.model.policy import Mode, Policy
from weighbridge.model.subject import Subject

SCHEMA = "urn:weighbridge:audit:1"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule concluded, after the policy's severity, mode and waivers.

    ``closes_gate`` says whether this result alone closes the gate. ``findings`` are all of them,
    each with its severity, and with the waiver's id where one accepts it; ``waivers`` are the ids
    of these. The outcome is that of the findings that no waiver accepts.
    """

    rule: str
    family: str
    summary: str
    severity: Severity
    mode: Mode
    outcome: Outcome
    findings: tuple[Finding, ...]
    evidence: tuple[Digest, ...]
    note: str
    closes_gate: bool
    waivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate. ``reasons`` are one sentence each, the weightiest first; empty when it is open."""

    open: bool
    exit_code: ExitCode
    reasons: tuple[str, ...]


class TimestampState(enum.StrEnum):
    """Whether the seal carries an RFC 3161 timestamp, known before the record is sealed."""

    STAMPED = "stamped"
    UNAVAILABLE = "unavailable"  # asked, and no authority answered
    NOT_REQUESTED = "not_requested"  # offline, or no authority is configured


@dataclass(frozen=True, slots=True)
class TimestampNote:
    """``detail``: the authority's address, or why there is no timestamp."""

    state: TimestampState
    detail: str


@dataclass(frozen=True)  # no slots: the bytes are kept, since every view asks for their digest
class AuditRecord:
    """Everything an audit rests on and says. Nothing in it depends on when or where it ran.

    ``snapshot_digests`` are the algorithms asked for. ``clauses`` are those linked to rules that
    the policy names, each with only these links. ``breakages`` are collectors that crashed.
    """

    tool_version: str
    as_of: dt.date
    offline: bool
    subject: Subject
    artifacts: tuple[Artifact, ...]
    problems: tuple[Problem, ...]
    policy: Policy
    clauses: tuple[Clause, ...]
    evidence: tuple[Evidence, ...]
    breakages: tuple[Breakage, ...]
    results: tuple[RuleResult, ...]
    verdict: Verdict
    timestamp: TimestampNote

    def to_bytes(self) -> bytes:
        """``audit.json``: canonical JSON."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        body = to_json(self)
        assert isinstance(body, dict)
        return canonical({"schema": SCHEMA, **body})

    @classmethod
    def from_bytes(cls, data: bytes) -> AuditRecord:
        """Read ``audit.json`` back.

        Raises:
            HostileInput: it is not JSON of this schema.
        """
        from weighbridge.model.codec import parse_json

        return from_json(cls, parse_json(data, expect_schema=SCHEMA))

    def with_timestamp(self, note: TimestampNote) -> AuditRecord:
        """This record with what came of the timestamp, and what that does to the verdict.

        To be called once, on a record whose verdict is that of the rules. Where the policy demands
        a timestamp and there is none, required evidence was unavailable: the gate closes.
        """
        verdict = self.verdict
        if self.policy.timestamp_required and note.state is not TimestampState.STAMPED:
            reason = f"the policy requires a timestamp and there is none: {note.detail}"
            code = worst((verdict.exit_code, ExitCode.INCONCLUSIVE))
            verdict = Verdict(open=False, exit_code=code, reasons=(*verdict.reasons, reason))
        return dataclasses.replace(self, timestamp=note, verdict=verdict)

    @property
    def digest(self) -> Digest:
        """SHA-256 of ``audit.json``: what every view prints."""
        return self._digest

    @cached_property
    def _digest(self) -> Digest:
        return sha256(self._bytes)

    def counts(self) -> dict[Outcome, int]:
        """How many rules ended in each outcome, every outcome listed; never a percentage."""
        return {o: sum(r.outcome is o for r in self.results) for o in Outcome}
