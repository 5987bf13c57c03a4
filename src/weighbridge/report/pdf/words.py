"""Sentences on a record for people: what the verdict means, and what to do next."""

from __future__ import annotations

from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.summary import not_checked

MAX_STEPS = 4


def count(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def means(record: AuditRecord) -> str:
    """What the verdict means for whoever decides."""
    enforced = [r for r in record.results if r.mode is Mode.ENFORCE]
    closing = sum(result.closes_gate for result in enforced)
    code = record.verdict.exit_code
    if code is ExitCode.HOLDS:
        return (
            f"None of the {count(len(enforced), 'rule')} that the policy enforces closes the "
            "gate: by the policy, this model may be shipped. It does not say how the model behaves."
        )
    if code is ExitCode.VIOLATED:
        return (
            f"{count(closing, 'rule')} out of {len(enforced)} that the policy enforces "
            f"{'closes' if closing == 1 else 'close'} the gate: by the policy, this model must "
            "not be shipped as it is. What fails is to be put right, or accepted by name and for "
            "a time."
        )
    if code is ExitCode.INCONCLUSIVE:
        return (
            "Evidence that the policy requires could not be had, so nobody can say whether the "
            "model keeps to it. That is no pass: the model must not be shipped on this report."
        )
    return (
        "A part of the audit itself broke. Nothing may be concluded from this report, neither "
        "good nor bad, until the audit runs through."
    )


def steps(record: AuditRecord) -> list[str]:
    """What to do next, in order; at most :data:`MAX_STEPS`."""
    on = [r for r in record.results if r.mode is not Mode.OFF]
    failing = [r for r in on if r.outcome is Outcome.FAIL]
    open_kinds = {item.kind for item in not_checked(record)}
    manual = sum(r.outcome is Outcome.MANUAL for r in on)
    found = []
    if record.breakages or any(r.outcome is Outcome.ERROR for r in on):
        found.append("Report what broke to those who run the audit, and audit again.")
    if failing:
        number = sum(len(result.findings) for result in failing)
        found.append(
            f"Put right what fails: {count(number, 'finding')} of "
            f"{count(len(failing), 'rule')}, the worst first, in the section Findings."
        )
    if open_kinds & {"unknown", "evidence", "problem", "pointer", "missing"}:
        found.append(
            "Get what could not be looked at, listed under What was not checked, and audit again."
        )
    if manual:
        found.append(f"Have a person judge {count(manual, 'rule')} that no machine can decide.")
    if soon := sum(1 for w in record.policy.waivers if 0 <= (w.expires - record.as_of).days <= 30):
        found.append(f"Decide on {count(soon, 'waiver')} that will end within 30 days.")
    if record.timestamp.state is not TimestampState.STAMPED:
        found.append("Seal it with a timestamp, so that its date is more than the auditor's word.")
    found.append("Check this report with: weighbridge report verify PACK. Then sign it off.")
    return found[: MAX_STEPS - 1] + found[-1:] if len(found) > MAX_STEPS else found
