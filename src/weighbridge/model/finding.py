"""What a rule concluded, and each place it points at."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from weighbridge.model.digest import Digest
from weighbridge.model.errors import NoEvidence


class Severity(enum.StrEnum):
    """How much a failing rule matters. The policy has the last word."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 4 for critical."""
        return tuple(Severity).index(self)


class Outcome(enum.StrEnum):
    """A rule's outcome for a subject."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"  # evidence unavailable or incomplete
    NOT_APPLICABLE = "not_applicable"
    MANUAL = "manual"  # only a person can say
    ERROR = "error"  # the rule or a collector broke
    WAIVED = "waived"  # a fail that the policy accepts, with owner, reason and expiry


@dataclass(frozen=True, slots=True)
class Location:
    """A place inside the subject.

    ``line`` counts from 1, 0 where lines mean nothing. ``byte_offset`` counts from 0, -1 where it
    means nothing. ``member`` is a path inside an archive.
    """

    path: str
    line: int = 0
    byte_offset: int = -1
    member: str = ""

    def __str__(self) -> str:
        text = self.path
        if self.member:
            text += f"!{self.member}"
        if self.line:
            text += f":{self.line}"
        if self.byte_offset >= 0:
            text += f"@{self.byte_offset}"
        return text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found by one rule.

    ``outcome`` is ``fail``, ``unknown`` or ``manual``. ``message`` is one sentence: what was found;
    ``remedy`` one sentence: what to do. ``key`` tells this finding from its siblings at the same
    place and stays the same from run to run (``os.system``, ``requests==2.19.1``): fingerprints are
    made of it. ``severity`` is empty where the rule's own holds.
    """

    outcome: Outcome
    message: str
    remedy: str
    location: Location | None = None
    key: str = ""
    severity: Severity | None = None
    evidence: tuple[Digest, ...] = ()
    waiver: str = ""  # the id of the waiver that accepts it; set by evaluation, never by a rule

    def __post_init__(self) -> None:
        if self.outcome not in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL):
            raise ValueError(f"a finding is never {self.outcome}")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one rule says of one subject: its outcome, the findings, and the evidence it rests on.

    Made by :func:`conclude` or :func:`not_applicable`. A ``pass`` names at least one piece of
    evidence, or the type refuses it.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Digest, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.outcome is Outcome.PASS and not self.evidence:
            raise NoEvidence("a rule concluded pass and named no evidence")
        if self.outcome is Outcome.PASS and self.findings:
            raise ValueError("a pass has no findings")


# A fail outranks an unknown, an unknown a manual: the gate must not be opened by the lesser one.
_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL)


def conclude(
    findings: Iterable[Finding], evidence: Iterable[Digest], *, note: str = ""
) -> Conclusion:
    """The conclusion that findings amount to: the worst of them, and ``pass`` where there is none.

    Args:
        findings: in any order; they are sorted by place.
        evidence: digests of everything the rule looked at.
        note: one sentence for the report: how much was looked at.
    """
    found = tuple(sorted(findings, key=_sort_key))
    rested_on = tuple(sorted(set(evidence)))
    for outcome in _WORST_FIRST:
        if any(finding.outcome is outcome for finding in found):
            return Conclusion(outcome, found, rested_on, note)
    return Conclusion(Outcome.PASS, (), rested_on, note)


def not_applicable(note: str, evidence: Iterable[Digest] = ()) -> Conclusion:
    """The rule's question does not arise for this subject; ``note`` says why in one sentence."""
    return Conclusion(Outcome.NOT_APPLICABLE, (), tuple(sorted(set(evidence))), note)


def not_collected(what: str, about: str = "them") -> Finding:
    """No evidence of a kind that the rule needs: its collector broke or did not run.

    Args:
        what: what there is no evidence about, in the plural.
        about: what can then not be spoken of.
    """
    return Finding(
        Outcome.UNKNOWN,
        f"No evidence about {what} was collected, so nothing can be said about {about}.",
        "Run the audit again and look at the collectors that broke.",
        key="not-collected",
    )


def _sort_key(finding: Finding) -> tuple[str, str, int, int, str, str]:
    place = finding.location or Location("")
    return (place.path, place.member, place.line, place.byte_offset, finding.key, finding.message)
