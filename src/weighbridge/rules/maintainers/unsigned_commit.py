"""The commits that made the weights are signed."""

from __future__ import annotations

from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.commit import CommitFacts, HistoryFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.maintainers._shared import (
    digests_of,
    history_of,
    unattributed,
)

META = RuleMeta(
    id="unsigned-commit",
    family="maintainers",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="every commit that made weights what they are now carries a signature",
    why=(
        "Author and committer of a commit are text that anyone can type. Without a signature, a "
        "stolen password or a write token is enough to replace weights in somebody else's name. "
        "The signature's kind is reported; SSH, OpenPGP and X.509 signatures are verified in "
        "process, and against the policy's trusted signers where it names any. An OpenPGP "
        "signature does not hold its key: without the key in 'commits.signers' it is seen and not "
        "verified. A signature that is wrong fails always: it is worse than none."
    ),
    remedy="Sign commits that change weights: 'git config commit.gpgsign true'.",
    example="The newest commit on 'model.safetensors' has no 'gpgsig' header.",
    needs=(EvidenceKind.COMMIT,),
    params=(
        Param(
            "require_verified",
            default=False,
            help="Demand that the signature is by a key of the policy's trusted signers.",
            stricter="higher",
        ),
        Param(
            "all_history",
            default=False,
            help="Judge every commit that ever touched weights, not only those whose content is "
            "still there.",
            stricter="higher",
        ),
    ),
    references=(
        "https://git-scm.com/docs/gitformat-signature",
        "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig",
        "https://slsa.dev/spec/v1.2/source-requirements",
    ),
)


def check(case: Case) -> Conclusion:
    """Look at the signature of each commit that matters."""
    summary = history_of(case)
    if isinstance(summary, Conclusion):
        return summary
    commits = [e for e in case.observed(EvidenceKind.COMMIT) if e.about]
    judged = [e for e in commits if case.params["all_history"] or _facts(e)["current"]]
    demanded = bool(case.params["require_verified"])
    findings = [found for e in judged if (found := _judge(e, demanded=demanded)) is not None]
    findings += unattributed(summary)
    if case.params["all_history"]:
        findings += _not_listed(summary)
    return conclude(findings, digests_of(case), note=_note(judged))


def _facts(evidence: Evidence) -> CommitFacts:
    return cast(CommitFacts, evidence.data)


def _judge(evidence: Evidence, *, demanded: bool) -> Finding | None:
    facts = _facts(evidence)
    if facts["signature"] == "none":
        return _finding(evidence, "unsigned", "carries no signature")
    if facts["verified"] is False and not facts["untrusted"]:
        return _finding(evidence, "wrong-signature", f"has a wrong signature: {facts['reason']}")
    if not demanded or facts["verified"]:
        return None
    if facts["untrusted"]:
        return _finding(evidence, "untrusted-key", f"is not signed as demanded: {facts['reason']}")
    reason = f"has a signature that was not verified: {facts['reason']}"
    return _finding(evidence, "unverified", reason, Outcome.UNKNOWN)


def _finding(evidence: Evidence, key: str, what: str, outcome: Outcome = Outcome.FAIL) -> Finding:
    facts = _facts(evidence)
    weights = facts["weights"]
    more = f" and {len(weights) - 1} more" if len(weights) > 1 else ""
    return Finding(
        outcome=outcome,
        message=f"Commit {evidence.about[:12]}, which changed {weights[0]}{more}, {what}.",
        remedy="Have its author look at the change and commit it again with a signature.",
        key=f"{key}:{evidence.about}",
        evidence=(evidence.digest,),
    )


def _not_listed(summary: Evidence) -> list[Finding]:
    facts = cast(HistoryFacts, summary.data)
    left_out = facts["weight_commits"] - facts["listed_commits"]
    reasons = [f"{left_out} older commits on weights were not looked at"] if left_out else []
    reasons += facts["limits"]
    return [
        Finding(
            outcome=Outcome.UNKNOWN,
            message=f"Not all of the history was judged: {reason}.",
            remedy="Judge the present weights only (all_history: false), or fetch all commits.",
            key=f"history:{reason}",
            evidence=(summary.digest,),
        )
        for reason in reasons
    ]


def _note(judged: list[Evidence]) -> str:
    verified = sum(_facts(e)["verified"] is True for e in judged)
    web = sum(_facts(e)["web_flow"] for e in judged)
    return (
        f"Commits judged: {len(judged)}, verified against trusted signers: {verified}, "
        f"made in GitHub's web interface by their own word: {web}."
    )
