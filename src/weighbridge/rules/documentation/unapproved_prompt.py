"""Somebody approved each prompt as it is."""

from __future__ import annotations

import datetime as dt
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.documentation import ApprovalFacts, PromptFacts, PromptsFacts
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
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.documentation._shared import PROMPTS

META = RuleMeta(
    id="unapproved-prompt",
    family="documentation",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every prompt that is kept as a file has an approval of exactly its content",
    why=(
        "A system prompt or a chat template decides what a model does as much as its weights do, "
        "and is changed with a text editor. An approval that names no digest is of whatever the "
        "file holds later. It is a record and no signature: sign the files to show who wrote it."
    ),
    remedy=(
        "Add an entry with 'path', 'sha256', 'approved_by' and 'approved_on' to prompts.yaml once "
        "somebody has read the prompt; write a new one after each change."
    ),
    example="prompts/system.md was edited after the day that prompts.yaml gives for its approval.",
    needs=(EvidenceKind.DOCUMENTATION,),
    params=(
        Param(
            name="committed",
            default=False,
            help="whether the newest commit of the git repository must have each prompt as it is",
            stricter="higher",
        ),
    ),
    references=(
        "https://genai.owasp.org/llmrisk/llm072025-system-prompt-leakage/",
        "https://www.etsi.org/deliver/etsi_en/304200_304299/304223/",
    ),
)


def check(case: Case) -> Conclusion:
    """Hold each prompt's digest against the approvals."""
    evidence = next((e for e in case.of(EvidenceKind.DOCUMENTATION) if e.about == PROMPTS), None)
    if evidence is None:
        return conclude([not_collected("prompts")], [])
    if evidence.state is EvidenceState.ABSENT:
        return not_applicable("No prompt is kept as a file.", [evidence.digest])
    facts = cast(PromptsFacts, evidence.data)
    broken = evidence.reason if evidence.state is EvidenceState.UNAVAILABLE else ""
    findings = [_unread(evidence, broken)] if broken else []
    for prompt in facts["prompts"]:
        findings += _judge(evidence, facts, prompt, case)
    findings += [_stranger(evidence, path) for path in facts["strangers"]]
    left_out = [note for note in facts["unread"] if "left out" in note]
    findings += [_unread(evidence, note) for note in left_out]
    return conclude(
        findings, [evidence.digest], note=f"Prompts, each approved: {len(facts['prompts'])}."
    )


def _judge(
    evidence: Evidence, facts: PromptsFacts, prompt: PromptFacts, case: Case
) -> list[Finding]:
    findings = []
    if not any(not _lacking(prompt, one, case.as_of) for one in prompt["approvals"]):
        unread = [note for note in facts["unread"] if note.startswith(f"{prompt['path']}:")]
        gap = evidence.state is EvidenceState.UNAVAILABLE or bool(unread)
        findings.append(_unapproved(evidence, prompt, case.as_of, gap, unread))
    if case.params["committed"] and prompt["git"] != "committed":
        findings.append(_uncommitted(evidence, facts, prompt))
    return findings


def _lacking(prompt: PromptFacts, approval: ApprovalFacts, as_of: dt.date) -> str:
    """Why an approval is none of this content, empty where it is one."""
    where = f"{approval['path']}:{approval['line']}"
    missing = [
        name
        for name, value in (
            ("approved_by", approval["approved_by"]),
            ("approved_on", approval["approved_on"]),
            ("sha256", approval["sha256"]),
        )
        if not value
    ]
    if missing:
        return f"its approval in {where} has no {' and no '.join(missing)}"
    own = approval["path"] == prompt["path"]
    if approval["sha256"] != (prompt["body_sha256"] if own else prompt["sha256"]):
        who, day = approval["approved_by"], approval["approved_on"]
        return f"it is not what {who} approved on {day} ({where}): its digest is another"
    if dt.date.fromisoformat(approval["approved_on"]) > as_of:
        return f"its approval in {where} is of {approval['approved_on']}, after the audit's day"
    return ""


def _unapproved(
    evidence: Evidence, prompt: PromptFacts, as_of: dt.date, gap: bool, unread: list[str]
) -> Finding:
    reasons = [_lacking(prompt, approval, as_of) for approval in prompt["approvals"]]
    why = reasons[-1] if reasons else "no approval of it is recorded"
    if unread and not reasons:
        why = f"its front matter could not be read: {unread[0]}"
    return Finding(
        Outcome.UNKNOWN if gap else Outcome.FAIL,
        f"The prompt '{prompt['path']}' is not approved: {why}.",
        f"Have it read, and record path, approved_by, approved_on and sha256 "
        f"{prompt['sha256'] or 'of the file'} in prompts.yaml.",
        Location(prompt["path"]),
        key=f"unapproved:{prompt['path']}",
        evidence=(evidence.digest,),
    )


def _uncommitted(evidence: Evidence, facts: PromptsFacts, prompt: PromptFacts) -> Finding:
    words = {
        "uncommitted": "differs from the newest commit",
        "untracked": "is not in the newest commit",
        "none": "lies in no git repository",
    }
    unknown = prompt["git"] == "uncompared"
    reason = facts.get("git_reason", "")
    said = f": {reason}" if reason else ""
    what = words.get(prompt["git"], "could not be compared with the newest commit")
    return Finding(
        Outcome.UNKNOWN if unknown else Outcome.FAIL,
        f"The prompt '{prompt['path']}' {what}{said}.",
        "Commit it, so that who changed it and when is on record.",
        Location(prompt["path"]),
        key=f"uncommitted:{prompt['path']}",
        evidence=(evidence.digest,),
    )


def _stranger(evidence: Evidence, path: str) -> Finding:
    return Finding(
        Outcome.FAIL,
        f"prompts.yaml records the prompt '{path}', and there is no such file.",
        "Correct its path, or take the entry out.",
        key=f"no-such-file:{path}",
        severity=Severity.LOW,
        evidence=(evidence.digest,),
    )


def _unread(evidence: Evidence, reason: str) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"Which prompts are approved could not be read: {reason}.",
        "Repair the record so that it is valid YAML of the documented shape.",
        key="unread-record",
        evidence=(evidence.digest,),
    )
