"""The results by the dimensions that maturity models ask for, each at a level.

A level is a condition over outcomes that anyone can check by looking at the rules behind it; there
is no score, no percentage and no sum over dimensions. What the policy does not ask is not assessed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.edge.text import visible
from weighbridge.model.canonical import Json
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.json_v1 import dump
from weighbridge.report.summary import attested_by, gate_words, outcome_words

NAME = "maturity"
FILENAME = "maturity.json"
MEDIA_TYPE = "application/json"
SCHEMA = "weighbridge.maturity/1"


class Level(enum.IntEnum):
    """How far a dimension has come; each level includes the one below."""

    NOTHING = 0
    SOME = 1
    ALL = 2
    VOUCHED = 3


LEVEL_WORDS: dict[Level, str] = {
    Level.NOTHING: "no rule passes",
    Level.SOME: "at least one rule passes",
    Level.ALL: "every enforced rule passes or does not apply",
    Level.VOUCHED: "and somebody who is trusted vouches for it",
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """``vouching`` are the rules that must all pass for the highest level."""

    name: str
    about: str
    vouching: tuple[str, ...]


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(
        "collaboration",
        "who works on the model, and who else looked at it",
        ("third-party-audit", "human-oversight"),
    ),
    Dimension(
        "documentation",
        "what is written down about it",
        ("untrusted-signer", "signature-mismatch"),
    ),
    Dimension(
        "security practice",
        "what is inside, what it stands on, and who signed it",
        ("untrusted-signer", "signature-mismatch", "unsigned-weights"),
    ),
    Dimension(
        "governance",
        "which rights bind it, and who answers for its use",
        (
            "consent-for-training-data",
            "data-residency",
            "bias-testing",
            "right-to-explanation",
            "acceptable-use-review",
        ),
    ),
    Dimension(
        "readiness",
        "whether it can be rebuilt, switched off and rolled back",
        ("kill-switch-rehearsed", "incident-response-plan"),
    ),
)

# Where a rule belongs: by its own name, else by its family's.
BY_RULE: dict[str, str] = {
    "third-party-audit": "collaboration",
    "human-oversight": "collaboration",
    "kill-switch-rehearsed": "readiness",
    "incident-response-plan": "readiness",
    "unpinned-dependency": "readiness",
    "unhashed-dependency": "readiness",
    "unrecorded-dependencies": "readiness",
}
BY_FAMILY: dict[str, str] = {
    "maintainers": "collaboration",
    "history": "collaboration",
    "citations": "documentation",
    "documentation": "documentation",
    "integrity": "security practice",
    "signatures": "security practice",
    "weights": "security practice",
    "sbom": "security practice",
    "vulnerabilities": "security practice",
    "secrets": "security practice",
    "licenses": "governance",
    "controls": "governance",
}
_SETTLED = (Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dimension stands. ``level`` is None where the policy asks nothing of it.

    ``missing`` says, a sentence a rule, what keeps it from the next level.
    """

    dimension: Dimension
    level: Level | None
    results: tuple[RuleResult, ...]
    missing: tuple[str, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rules ended in each outcome that occurs."""
        found = {o: sum(r.outcome is o for r in self.results) for o in Outcome}
        return {outcome: count for outcome, count in found.items() if count}


def dimension_of(rule: str, family: str) -> str:
    """The dimension that a rule belongs to; empty for a rule that this version does not have."""
    return BY_RULE.get(rule) or BY_FAMILY.get(family, "")


def standings(record: AuditRecord) -> tuple[Standing, ...]:
    """Every dimension, in a fixed order."""
    on = [result for result in record.results if result.mode is not Mode.OFF]
    passed = {result.rule for result in on if result.outcome is Outcome.PASS}
    return tuple(
        _standing(
            dimension,
            tuple(r for r in on if dimension_of(r.rule, r.family) == dimension.name),
            passed,
        )
        for dimension in DIMENSIONS
    )


def _standing(dimension: Dimension, results: tuple[RuleResult, ...], passed: set[str]) -> Standing:
    if not results:
        return Standing(dimension, None, (), ())
    if not any(result.outcome is Outcome.PASS for result in results):
        return Standing(dimension, Level.NOTHING, results, tuple(_open(results)))
    enforced = [result for result in results if result.mode is Mode.ENFORCE]
    if missing := tuple(_open(enforced)):
        return Standing(dimension, Level.SOME, results, missing)
    nobody = tuple(
        f"{rule}: must pass as well" for rule in dimension.vouching if rule not in passed
    )
    level = Level.ALL if nobody else Level.VOUCHED
    return Standing(dimension, level, results, nobody)


def _open(results: tuple[RuleResult, ...] | list[RuleResult]) -> Iterator[str]:
    """What is not settled; a waiver accepts a failure and does not make a pass of it."""
    for result in results:
        if result.outcome in _SETTLED:
            continue
        left = [f for f in result.findings if not f.waiver] or list(result.findings)
        words = left[0].message if left else result.note
        yield f"{result.rule}: {result.outcome}. {words}".rstrip()


def render(record: AuditRecord) -> bytes:
    """The view as indented ASCII JSON, ending in a newline."""
    return dump(document(record))


def document(record: AuditRecord) -> dict[str, Json]:
    """The view as plain JSON values."""
    return {
        "schema": SCHEMA,
        "record": str(record.digest),
        "subject": {"name": record.subject.name, "digest": str(record.subject.digest)},
        "as_of": record.as_of.isoformat(),
        "policy": {"id": record.policy.id, "version": record.policy.version},
        "gate": gate_words(record).lower(),
        "levels": {str(int(level)): words for level, words in LEVEL_WORDS.items()},
        "dimensions": [_as_json(record, standing) for standing in standings(record)],
    }


def _as_json(record: AuditRecord, standing: Standing) -> Json:
    level = standing.level
    return {
        "dimension": standing.dimension.name,
        "about": standing.dimension.about,
        "level": None if level is None else int(level),
        "counts": {outcome.value: count for outcome, count in standing.counts.items()},
        "missing": list(standing.missing),
        "vouching": list(standing.dimension.vouching),
        "rules": [
            {
                "rule": result.rule,
                "mode": result.mode.value,
                "outcome": outcome_words(record, result),
                "attested_by": [str(one) for one in attested_by(record, result)],
                "note": result.note,
                "findings": len(result.findings),
                "evidence": [str(digest) for digest in result.evidence],
            }
            for result in standing.results
        ],
    }


def as_text(record: AuditRecord) -> str:
    """The view for a person: each dimension's level, the rules behind it, and what is missing."""
    subject, policy = record.subject, record.policy
    under = f"{visible(policy.id)} {visible(policy.version)}"
    gate = gate_words(record).lower()
    name = visible(subject.name, 200)
    lines = [f"{name}, as of {record.as_of}, under {under}; the gate is {gate}."]
    for standing in standings(record):
        lines += ["", *_as_lines(record, standing)]
    lines += ["", "Levels: each includes the one below; there is no sum and no score."]
    lines += [f"  {int(level)}  {words}" for level, words in LEVEL_WORDS.items()]
    return "\n".join([*lines, f"Record {record.digest}"]) + "\n"


def _as_lines(record: AuditRecord, standing: Standing) -> Iterator[str]:
    name, about = standing.dimension.name, standing.dimension.about
    if standing.level is None:
        yield f"{name} ({about}): not assessed, the policy asks nothing of it"
        return
    yield f"{name} ({about}): level {int(standing.level)}, {LEVEL_WORDS[standing.level]}"
    for result in standing.results:
        pieces = len(result.evidence)
        people = "; ".join(str(one) for one in attested_by(record, result))
        by = f" by {visible(people, 600)}" if people else ""
        mode = ", not enforced" if result.mode is Mode.REPORT else ""
        count = f"{pieces} piece{'' if pieces == 1 else 's'} of evidence"
        yield f"  {result.rule}: {outcome_words(record, result)}{by} ({count}{mode})"
    if standing.missing:
        yield f"  for level {int(standing.level) + 1}:"
        yield from (f"    {visible(sentence, 600)}" for sentence in standing.missing)
