"""Which color says what, and the cells that several sections share."""

from __future__ import annotations

from weighbridge.model.clause import Standing
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import EvidenceState
from weighbridge.model.finding import Location, Outcome, Severity
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.html.markup import Html, code, el, join, small, tone
from weighbridge.report.summary import attested_by, outcome_words, shorten

SEVERITY = {
    Severity.CRITICAL: "solid",
    Severity.HIGH: "red",
    Severity.MEDIUM: "amber",
    Severity.LOW: "blue",
    Severity.INFO: "gray",
}
OUTCOME = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.ERROR: "solid",
    Outcome.UNKNOWN: "amber",
    Outcome.MANUAL: "blue",
    Outcome.WAIVED: "violet",
    Outcome.NOT_APPLICABLE: "gray",
}
VERDICT = {
    ExitCode.HOLDS: "green",
    ExitCode.VIOLATED: "red",
    ExitCode.ERROR: "red",
    ExitCode.INCONCLUSIVE: "amber",
}
STANDING = {
    Standing.APPLIES: "green",
    Standing.PARTLY: "green",
    Standing.NOT_YET: "blue",
    Standing.SUSPENDED: "amber",
    Standing.DISPUTED: "amber",
    Standing.REPEALED: "gray",
    Standing.VOLUNTARY: "gray",
}
STATE = {
    EvidenceState.OBSERVED: "green",
    EvidenceState.ABSENT: "gray",
    EvidenceState.UNAVAILABLE: "amber",
    EvidenceState.UNSUPPORTED: "gray",
}

# Worst first: what a table is sorted by.
OUTCOME_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.WAIVED,
                 Outcome.PASS, Outcome.NOT_APPLICABLE)  # fmt: skip

# Shapes of evidence are held by the collectors; a stranger's record may have any.
MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError)


def severity(value: Severity) -> Html:
    """The severity on its color."""
    return tone(value.value, SEVERITY[value])


def outcome(record: AuditRecord, result: RuleResult) -> Html:
    """The outcome in words, with who attests where it rests on a person's word."""
    word = tone(outcome_words(record, result), OUTCOME[result.outcome])
    return join([word, *(small(f"by {person}") for person in attested_by(record, result))])


def place(location: Location | None) -> Html:
    """Where something was found."""
    if location is None:
        return el("span", "the whole subject", class_="muted")
    parts = [code(shorten(location.path))]
    if location.member:
        parts.append(small("inside: ", code(shorten(location.member))))
    if location.line:
        parts.append(small(f"line {location.line}"))
    if location.byte_offset >= 0:
        parts.append(small(f"byte {location.byte_offset}"))
    return join(parts)


def misshapen(what: str) -> Html:
    """Evidence that is in no shape this version reads."""
    return el("p", f"The evidence on {what} is in no shape that this version reads; audit.json has "
                   "it as it is.", class_="cut")  # fmt: skip
