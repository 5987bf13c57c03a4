"""Pointers to large files were not bent to other content on the quiet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.facts.commit import HistoryFacts, PointerFacts
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity, conclude
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.history._shared import current_commits, facts_of, finding
from weighbridge.rules.maintainers._shared import (
    SHALLOW_REMEDY,
    digests_of,
    history_of,
    unattributed,
)

META = RuleMeta(
    id="swapped-pointer",
    family="history",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="no LFS or DVC pointer to weights was swapped by a newcomer, or in a conversion",
    why=(
        "Large weights lie outside git; what a review shows is one line of hex digits that becomes "
        "another. Two swaps are named: by somebody who had never changed weights here while others "
        "had, and one that hides in a conversion, where a file becomes a pointer and the pointer "
        "names other content than the file had. Weights that were trained further keep their size "
        "to the byte, so an equal size is normal and is asked about only with same_size."
    ),
    remedy="Fetch both contents by their digests, compare them, and have a maintainer sign off.",
    example="'Move to LFS' adds a pointer whose oid is not the SHA-256 of the file it replaces.",
    needs=(EvidenceKind.COMMIT,),
    params=(
        Param(
            "same_size",
            default=False,
            help="Name also a pointer that changed its content and kept its size, by anyone.",
            stricter="higher",
        ),
    ),
    references=(
        "https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md",
        "https://dvc.org/doc/user-guide/project-structure/dvc-files",
    ),
)


def check(case: Case) -> Conclusion:
    """Look at the pointers that the commits behind the present weights wrote."""
    summary = history_of(case)
    if isinstance(summary, Conclusion):
        return summary
    facts = cast(HistoryFacts, summary.data)
    findings: list[Finding] = []
    pointers = 0
    for commit in current_commits(case):
        changed = [p for p in facts_of(commit)["pointers"] if p["old_digest"] != p["new_digest"]]
        pointers += len(changed)
        findings += _by_newcomer(commit, facts, [p for p in changed if p["was"] != "none"])
        for pointer in changed:
            findings += _judge(commit, pointer, same_size=bool(case.params["same_size"]))
    findings += unattributed(summary)
    return conclude(findings, digests_of(case), note=f"Pointers judged: {pointers}.")


def _by_newcomer(
    commit: Evidence, facts: HistoryFacts, swapped: list[PointerFacts]
) -> Iterator[Finding]:
    """One finding for a commit with which its author touched weights for the first time."""
    if not swapped:
        return
    authors = {author["key"]: author for author in facts["authors"]}
    mine = facts_of(commit)
    first = authors[mine["author_key"]]["first_weights"]
    if first > mine["position"]:
        return
    outcome = Outcome.FAIL if facts["complete"] else Outcome.UNKNOWN
    equal = sum(p["old_size"] == p["new_size"] >= 0 for p in swapped)
    what = (
        f"bent {_named(swapped)} to other content ({equal} of {len(swapped)} with the same size), "
        f"and {mine['author']['email'] or mine['author']['name']} is not known to have changed "
        "weights here before"
    )
    remedy = META.remedy if facts["complete"] else SHALLOW_REMEDY
    yield finding(commit, "by-newcomer", what, remedy, outcome)


def _judge(commit: Evidence, pointer: PointerFacts, *, same_size: bool) -> Iterator[Finding]:
    path = pointer["path"]
    if pointer["converted"]:
        what = (
            f"turned {path} into a pointer to other content: the file was {pointer['old_digest']}, "
            f"the pointer says {pointer['new_digest']}"
        )
        yield finding(commit, f"converted:{path}", what, META.remedy, Outcome.FAIL)
    elif pointer["converted"] is None:
        what = f"turned {path} into a pointer, and what stood there before could not be compared"
        yield finding(commit, f"uncompared:{path}", what, META.remedy, Outcome.UNKNOWN)
    elif same_size and pointer["was"] != "none" and pointer["old_size"] == pointer["new_size"] >= 0:
        what = f"bent the pointer {path} to other content of the same {pointer['new_size']} bytes"
        yield finding(commit, f"same-size:{path}", what, META.remedy, Outcome.FAIL)


def _named(pointers: list[PointerFacts]) -> str:
    more = f" and {len(pointers) - 1} more" if len(pointers) > 1 else ""
    return f"the pointer {pointers[0]['path']}{more}"
