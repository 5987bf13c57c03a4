"""The work of ``weighbridge inspect``: which files, their evidence, and what the rules say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from weighbridge.collect.weights import Look, inspect_all, is_inspected
from weighbridge.model.artifact import Artifact, Problem
from weighbridge.model.errors import ExitCode, worst
from weighbridge.model.evidence import Evidence
from weighbridge.model.finding import Conclusion, Finding, Outcome, Severity
from weighbridge.model.rule import Case, Rule
from weighbridge.model.subject import Subject
from weighbridge.rules.registry import load_rules
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.listing import list_subject

if TYPE_CHECKING:
    from weighbridge.model.policy import ParamValue

FAMILY = "weights"  # the rules about what weight files hold
# Those of them that judge each file by itself; what holds a model's files together is the audit's
# to look at.
OF_ONE_FILE = ("unsafe-content", "malformed-weights", "uninspected-weights")


class Judged(NamedTuple):
    """One rule's conclusion about every file."""

    rule: Rule
    params: Mapping[str, ParamValue]
    conclusion: Conclusion


class Inspected(NamedTuple):
    """What was looked at and found. Paths are as the user gave them.

    ``others`` counts files in folders that are no weights; ``subject`` is the first path's.
    ``openers`` open a file's bytes again, and only if they are still those that were looked at.
    ``findings`` are those about each path, the weightiest first, each with its rule's id.
    """

    subject: Subject
    artifacts: tuple[Artifact, ...]
    problems: tuple[Problem, ...]
    evidence: tuple[Evidence, ...]
    judged: tuple[Judged, ...]
    others: int
    as_of: dt.date
    openers: Mapping[str, Callable[[], BinaryIO]]
    findings: Mapping[str, list[tuple[str, Finding]]]

    def of(self, path: str) -> list[tuple[str, Finding]]:
        """The findings about one file, the weightiest first, each with its rule's id."""
        return self.findings.get(path, [])


def _by_path(judged: Sequence[Judged]) -> dict[str, list[tuple[str, Finding]]]:
    found: dict[str, list[tuple[str, Finding]]] = {}
    for one in judged:
        for finding in one.conclusion.findings:
            if finding.location is not None:
                found.setdefault(finding.location.path, []).append((one.rule.META.id, finding))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[1].outcome is not Outcome.FAIL, -_rank(pair[1])))
    return found


def _rank(finding: Finding) -> int:
    return (finding.severity or Severity.HIGH).rank


def inspect_paths(paths: Sequence[str], *, accept: tuple[str, ...], hashed: bool) -> Inspected:
    """Inspect files, and the weights in folders.

    Raises:
        SubjectError: there is nothing at a path.
    """
    looks: list[Look] = []
    problems: list[Problem] = []
    subject: Subject | None = None
    others = 0
    for path in dict.fromkeys(paths):
        single = Path(path).is_file()
        listing = list_subject(path)
        snapshot = listing.read(
            Plan(("sha256",) if hashed else ()), wanted=None if hashed else _every
        )
        subject = subject or snapshot.subject
        wanted = [a for a in snapshot.artifacts if single or is_inspected(a)]
        others += len(snapshot.artifacts) - len(wanted)
        looks += [Look(snapshot, a, _shown(path, a.path, single)) for a in wanted]
        problems += [
            dataclasses.replace(p, path=_shown(path, p.path, single)) for p in snapshot.problems
        ]
    assert subject is not None
    evidence = list(inspect_all(looks))
    today = dt.datetime.now(dt.UTC).date()
    rules = load_rules(FAMILY, only=OF_ONE_FILE)
    judged = tuple(_judge(rule, subject, evidence, accept, today) for rule in rules)
    return Inspected(
        subject=subject,
        artifacts=tuple(dataclasses.replace(look.artifact, path=look.about) for look in looks),
        problems=tuple(problems),
        evidence=tuple(evidence),
        judged=judged,
        others=others,
        as_of=today,
        openers={k.about: functools.partial(k.snapshot.open, k.artifact) for k in looks},
        findings=_by_path(judged),
    )


def _every(_path: str) -> bool:
    return True


def _shown(given: str, path: str, single: bool) -> str:
    return PurePosixPath(given).as_posix() if single else (PurePosixPath(given) / path).as_posix()


def _judge(
    rule: Rule,
    subject: Subject,
    evidence: list[Evidence],
    accept: tuple[str, ...],
    today: dt.date,
) -> Judged:
    params = rule.META.defaults
    if "accept" in params:
        params["accept"] = accept
    mine = tuple(e for e in evidence if e.kind in rule.META.needs)
    return Judged(rule, params, rule.check(Case(subject, today, mine, params)))


def exit_code(inspected: Inspected) -> ExitCode:
    """1 where a rule fails, 3 where something was not read."""
    codes = {Outcome.FAIL: ExitCode.VIOLATED, Outcome.UNKNOWN: ExitCode.INCONCLUSIVE}
    found = [codes.get(j.conclusion.outcome, ExitCode.HOLDS) for j in inspected.judged]
    if inspected.problems or not inspected.evidence:
        found.append(ExitCode.INCONCLUSIVE)
    return worst(found)
