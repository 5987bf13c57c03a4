"""What the rules on controls have in common: which attestation counts, and why others do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

from weighbridge.model.controls import CONTROLS
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.attestation import AttestationFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_collected,
)
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.signatures._vouching import Vouching, vouching

_ANEW = "Have it looked at again by the person who answers for it, and attest anew."
_STATE_KEYS = {
    "invalid": "invalid-signature",
    "unsupported": "unsupported-signature",
    "no-known-key": "untrusted-signer",
    "untrusted": "untrusted-signer",
}


def control_meta(
    identifier: str,
    *,
    summary: str,
    why: str,
    remedy: str,
    example: str,
    references: tuple[str, ...],
    severity: Severity = Severity.HIGH,
) -> RuleMeta:
    """The metadata of a control's rule; what all of them share is filled in."""
    days = {control.id: control.max_days for control in CONTROLS}[identifier]
    return RuleMeta(
        id=identifier,
        family="controls",
        since="0.1",
        severity=severity,
        summary=summary,
        why=why,
        remedy=f"{remedy} Then run 'weighbridge attest {identifier} SUBJECT'.",
        example=example,
        needs=(EvidenceKind.ATTESTATION,),
        params=(
            Param(
                "max_days",
                days,
                "How many days an attestation may hold from the day it was made.",
                stricter="lower",
            ),
        ),
        references=references,
    )


def judge(case: Case, control: str) -> Conclusion:
    """What the attestations there are amount to for one control.

    ``pass`` where enough of those whom the policy trusts stand for it; ``manual`` where nobody has
    attested; ``fail`` where an attestation does not hold; ``unknown`` where one could not be read,
    or the policy trusts nobody.
    """
    found = case.of(EvidenceKind.ATTESTATION)
    if not found:
        return conclude([not_collected("attestations")], [])
    mine = [e for e in case.observed(EvidenceKind.ATTESTATION) if _facts(e)["control"] == control]
    sound = [e for e in mine if not any(_problems(_facts(e), case))]
    signed = [e for e in sound if _facts(e)["signature_state"] == "valid"]
    counted = vouching(
        f"attestations/{control}",
        [_as_signature(e, control) for e in signed],
        case.trust,
        case.demands,
        case.as_of,
    )
    holding = [e for e in signed if _counts(e, control, case)]
    if holding and counted.enough:
        return conclude([], [e.digest for e in holding], note=_note(holding, len(mine)))
    judged = (_of_one(evidence, control, case) for evidence in mine)
    findings = [finding for finding in judged if finding is not None]
    if holding:
        findings.append(_too_few(counted.count, counted.needed, control))
    findings += [_unread(e) for e in found if e.state is EvidenceState.UNAVAILABLE]
    return conclude(findings or [_nobody(control)], [e.digest for e in found])


def _facts(evidence: Evidence) -> AttestationFacts:
    return cast(AttestationFacts, evidence.data)


def _problems(facts: AttestationFacts, case: Case) -> Iterator[tuple[str, str]]:
    """Why an attestation does not hold, whoever signed it: a key for the finding, and words."""
    if facts["signature_state"] == "invalid":
        yield "invalid-signature", facts["reason"]
    if facts["bound"] == "another":
        yield "another-subject", facts["bound_reason"]
    made = dt.date.fromisoformat(facts["made"])
    expires = dt.date.fromisoformat(facts["expires"])
    if case.as_of > expires:
        yield "expired", f"it expired on {expires}"
    if case.as_of < made:
        yield "made-later", f"it is dated {made}, after the day of the audit"
    most = case.integer("max_days")
    if (expires - made).days > most:
        days = (expires - made).days
        yield "holds-too-long", f"it is to hold for {days} days, and the policy takes {most}"
    for file in facts["evidence"]:
        if file["state"] == "changed":
            yield "changed-evidence", f"the file '{file['name']}' is not the one it was made with"
    if facts["bound"] == "undetermined":
        yield "undetermined-subject", facts["bound_reason"]


def _of_one(evidence: Evidence, control: str, case: Case) -> Finding | None:
    """Why an attestation does not count; None where it does."""
    facts = _facts(evidence)
    problems = list(_problems(facts, case))
    if problems:
        undetermined = all(key == "undetermined-subject" for key, _ in problems)
        outcome = Outcome.UNKNOWN if undetermined else Outcome.FAIL
        remedy = "Make every file of the subject readable." if undetermined else _ANEW
        return _finding(evidence, outcome, problems[0][0], [w for _, w in problems], remedy)
    state = facts["signature_state"]
    if state == "unsupported":
        remedy = "Have it signed with an EC key or by Sigstore."
        return _finding(evidence, Outcome.UNKNOWN, _STATE_KEYS[state], [facts["reason"]], remedy)
    if state != "valid":
        outcome = Outcome.FAIL if case.trust else Outcome.UNKNOWN
        words = (
            facts["reason"] if case.trust else "the policy says of no signer that it trusts them"
        )
        remedy = "Trust its signer under 'trust:' in the policy, or have it signed by one of those."
        return _finding(evidence, outcome, "untrusted-signer", [words], remedy)
    if _counts(evidence, control, case):
        return None
    alone = _vouching_of(evidence, control, case)
    words_ = [shortfall.words for shortfall in alone.shortfalls]
    if alone.elsewhere:
        who = ", ".join(alone.elsewhere)
        words_.append(f"the policy does not let {who} sign for 'attestations/{control}'")
    key = alone.shortfalls[0].key if alone.shortfalls else "untrusted-signer"
    remedy = "Have it signed as the policy's 'trust:' and 'signatures:' demand."
    return _finding(evidence, Outcome.FAIL, key, words_ or ["nobody trusted signed it"], remedy)


def _counts(evidence: Evidence, control: str, case: Case) -> bool:
    """Whether one sound attestation has a signer who counts under the policy."""
    return bool(_vouching_of(evidence, control, case).count)


def _vouching_of(evidence: Evidence, control: str, case: Case) -> Vouching:
    return vouching(
        f"attestations/{control}",
        [_as_signature(evidence, control)],
        case.trust,
        case.demands,
        case.as_of,
    )


def _as_signature(evidence: Evidence, control: str) -> Evidence:
    """An attestation as those who count signers know signatures.

    It stands for the path ``attestations/<control>``, so that ``paths:`` of a signer, and
    ``by_path:`` of the demands, can say who may attest to what.
    """
    facts = _facts(evidence)
    return Evidence(
        EvidenceKind.SIGNATURE,
        evidence.about,
        evidence.state,
        evidence.source,
        evidence.collector,
        data={
            "signature_state": facts["signature_state"],
            "root_consistent": True,
            "covered": [f"attestations/{control}"],
            "valid_for": facts["valid_for"],
            "mode": facts["mode"],
            "signing": facts["signing"],
        },
    )


def _note(holding: Sequence[Evidence], all_of_them: int) -> str:
    said = [_said(_facts(e)) for e in holding]
    others = all_of_them - len(holding)
    left = f" {others} more of this control did not count." if others else ""
    return f"Attested by {'; '.join(dict.fromkeys(said))}.{left}"


def _said(facts: AttestationFacts) -> str:
    person = facts["person"]
    who = f"{person['name']} ({person['role']})"
    return f"{who} on {facts['made']}, until {facts['expires']}"


def _finding(
    evidence: Evidence, outcome: Outcome, key: str, words: Sequence[str], remedy: str
) -> Finding:
    facts = _facts(evidence)
    who = f"{facts['person']['name']} ({facts['person']['role']})"
    return Finding(
        outcome,
        f"'{evidence.about}', in the name of {who}, does not count: {'; '.join(words)}.",
        remedy,
        _place(evidence),
        key=f"{key}:{evidence.about}",
        evidence=(evidence.digest,),
    )


def _too_few(count: int, needed: int, control: str) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"{count} of the {needed} signers that the policy demands attested.",
        f"Have others who are trusted run 'weighbridge attest {control} SUBJECT' too.",
        key="too-few-signers",
    )


def _unread(evidence: Evidence) -> Finding:
    what = f"'{evidence.about}'" if evidence.about else "The attestations"
    return Finding(
        Outcome.UNKNOWN,
        f"{what} could not be read, so nobody knows which control it is about: {evidence.reason}.",
        "Restore the file, attest anew, or remove it.",
        _place(evidence),
        key=f"unread:{evidence.about}",
        evidence=(evidence.digest,),
    )


def _nobody(control: str) -> Finding:
    question = {one.id: one.question for one in CONTROLS}[control]
    return Finding(
        Outcome.MANUAL,
        f"Nobody has attested: {question}",
        f"Have the person who answers for it run 'weighbridge attest {control} SUBJECT'.",
        key="not-attested",
    )


def _place(evidence: Evidence) -> Location | None:
    """Where an attestation lies in the subject; nothing for one of the folder beside it."""
    inside = evidence.source == f"file:{evidence.about}"
    return Location(evidence.about) if inside else None
