"""Nothing about the licenses has changed since somebody last accepted them."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.license_lock import LicenseLockFacts
from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.licensing.locked import Change, Changed, compare, observed, unread
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="changed-license",
    family="licenses",
    since="0.1",
    severity=Severity.HIGH,
    summary="licenses, bases, license texts and use policies are those that the license lock holds",
    why=(
        "Licenses of models change without a version: a card gets another tag, a repository "
        "another LICENSE, a base model is swapped or removed, a use policy is replaced behind its "
        "address. Who has weighed a license once learns of it only by comparing. The lock is what "
        "was found and accepted then. A lock inside the model can be changed with the model; name "
        "one that is kept elsewhere where that matters."
    ),
    remedy=(
        "Have what changed read again, then write the lock anew: "
        "'weighbridge licenses SUBJECT --write-lock weighbridge-licenses.lock'."
    ),
    example="A lock that holds 'llama3.1' for a base model whose card now declares 'llama3.3'.",
    needs=(
        EvidenceKind.LICENSE_LOCK,
        EvidenceKind.LICENSE,
        EvidenceKind.LINEAGE,
        EvidenceKind.TERMS,
    ),
    references=("https://arxiv.org/abs/2509.09873",),
)

_READ_AGAIN = "Have it read again; if it is accepted, write the lock anew."


def check(case: Case) -> Conclusion:
    """Compare what was found with the lock."""
    digests = [evidence.digest for evidence in case.evidence]
    locks = case.of(EvidenceKind.LICENSE_LOCK)
    if not locks or not case.of(EvidenceKind.LICENSE):
        return conclude([not_collected("licenses and their lock")], digests)
    lock = locks[0]
    if lock.state is EvidenceState.ABSENT:
        return not_applicable("There is no license lock to compare with.", [lock.digest])
    if lock.state is not EvidenceState.OBSERVED:
        return conclude([_unread(lock.about, lock.reason)], digests)
    lineage = case.observed(EvidenceKind.LINEAGE)
    if not lineage:
        return conclude([not_collected("what the model was made from")], digests)
    then = cast(LicenseLockFacts, lock.data)
    changes = compare(then, observed(case.evidence), unread(case.evidence))
    findings = [_finding(change) for change in changes]
    if cut := cast(LineageFacts, lineage[0].data)["cut"]:
        findings.append(_cut(cut))
    entries = sum(len(then[part]) for part in ("tags", "texts", "ancestors", "terms"))
    return conclude(findings, digests, note=f"Entries of the lock compared: {entries}.")


def _finding(change: Change) -> Finding:
    unknown = change.kind is Changed.UNKNOWN
    return Finding(
        Outcome.UNKNOWN if unknown else Outcome.FAIL,
        change.message,
        "Make it readable or run the audit with network access, then compare or write the lock."
        if unknown
        else _READ_AGAIN,
        Location(change.about) if change.kind is Changed.TEXT else None,
        key=f"{change.kind}:{change.about}",
    )


def _unread(about: str, reason: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"The license lock was not read, so nothing can be compared: {reason}.",
        "Restore the lock, or write it anew after the licenses were read.",
        Location(about) if about else None,
        key="unread-lock",
    )


def _cut(why: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"What the model was made from was not followed to its end: {why}.",
        "Nothing is known of the rest; have it looked at by a person.",
        key="cut",
    )
