"""Who signed weights before still signs with the same key, and with one that holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.history._shared import current_commits, facts_of, finding, moment
from weighbridge.rules.maintainers._shared import digests_of, history_of, unattributed

META = RuleMeta(
    id="changed-signing-key",
    family="history",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="weights were committed with keys long used by their committers and not revoked",
    why=(
        "Whoever takes over an account can add a key of their own and sign with it: the commit is "
        "signed, and by somebody else. A key that its committer began to use less than min_days "
        "before the audit, having signed with other keys before, is named unless the policy trusts "
        "that very key; so is one outside the time for which the policy allows it, and one that "
        "revoked_keys lists. A revoked key's commit proves no date of its own, so one that claims "
        "to be older than the revocation stays unknown. A new computer makes a new key too: look, "
        "then name the key in the policy. GitHub's web interface signs for whoever is logged in, "
        "and counts as nobody's key."
    ),
    remedy="Ask the committer on another channel whether the key is theirs, then trust it by name.",
    example="Alice signed a year of checkpoints with one key; the newest is signed with another.",
    needs=(EvidenceKind.COMMIT,),
    params=(
        Param(
            "min_days",
            default=30,
            help="How many days a new key must have been in use before the audit date.",
            stricter="higher",
        ),
        Param(
            "revoked_keys",
            default=(),
            help="Keys no longer trusted, each as 'SHA256:… 2026-01-31': fingerprint (or openpgp: "
            "and key id) and the day from which on; without a day, from ever.",
            stricter="more",
        ),
    ),
    references=(
        "https://git-scm.com/docs/git-config#Documentation/git-config.txt-gpgsshrevocationFile",
        "https://docs.github.com/en/authentication/managing-commit-signature-verification",
    ),
)


def check(case: Case) -> Conclusion:
    """Look at the key of each commit that made the present weights."""
    summary = history_of(case)
    if isinstance(summary, Conclusion):
        return summary
    commits = [e for e in current_commits(case) if facts_of(e)["key"]]
    revoked = {}
    for line in case.texts("revoked_keys"):
        key, _, day = line.strip().partition(" ")
        revoked[key] = day.strip()
    complete = bool(summary.data["complete"])
    findings = [f for e in commits for f in _judge(case, e, revoked, complete=complete)]
    findings += unattributed(summary)
    return conclude(findings, digests_of(case), note=_note(commits))


def _judge(
    case: Case, commit: Evidence, revoked: dict[str, str], *, complete: bool
) -> Iterator[Finding]:
    facts = facts_of(commit)
    key = facts["key"]
    if key in revoked:
        yield _revoked(commit, revoked[key])
    if facts["outside"] == "after":
        yield _found(commit, "expired", f"is signed with a key whose time was over: {key}")
    if facts["verified"] or not facts["key_first"]:
        return
    first = moment(facts["key_first"])
    if first is None or (case.as_of - first.date()).days >= case.integer("min_days"):
        return
    if facts["earlier_keys"]:
        what = (
            f"is signed with {key}, which its committer first used on {facts['key_first'][:10]}; "
            f"before, it was {facts['earlier_keys'][-1]}"
        )
        yield _found(commit, "changed", what)
    elif not complete:
        what = f"is signed with {key}; whether that is a new key cannot be said, history is missing"
        yield _found(commit, "new", what, Outcome.UNKNOWN)


def _revoked(commit: Evidence, day: str) -> Finding:
    facts = facts_of(commit)
    what = f"is signed with a revoked key: {facts['key']}"
    if not day:
        return _found(commit, "revoked", what)
    try:
        since = dt.date.fromisoformat(day)
    except ValueError:
        return _found(commit, "revoked", f"{what} (from {day!r}, which is no date)")
    floor = moment(facts["not_before"])
    if floor is not None and floor.date() >= since:
        return _found(commit, "revoked", f"{what}, and is of {facts['not_before'][:10]} or later")
    what += f", and only its own word says that it is older than {day}"
    return _found(commit, "revoked", what, Outcome.UNKNOWN)


def _found(commit: Evidence, key: str, what: str, outcome: Outcome = Outcome.FAIL) -> Finding:
    return finding(commit, key, what, META.remedy, outcome)


def _note(commits: list[Evidence]) -> str:
    by_whom = [facts_of(e)["made_by"] for e in commits]
    return (
        f"Signed commits judged: {len(commits)}, by GitHub's web interface by their own word: "
        f"{by_whom.count('web-flow')}, saying so and naming another key: "
        f"{by_whom.count('not-web-flow')}."
    )
