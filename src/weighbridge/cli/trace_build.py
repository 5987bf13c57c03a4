"""The matrix, put together out of commits, the clauses, a policy, tests and packs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weighbridge.history.check import SignatureCheck, check_signature, made_by
from weighbridge.model.trace import (
    Trace,
    TracedClause,
    TracedCommit,
    TracedRecord,
    TracedRule,
    TracedTest,
    UnknownReference,
)

if TYPE_CHECKING:
    from weighbridge.cli.trace_clauses import ClauseIndex
    from weighbridge.cli.trace_tests import Mention
    from weighbridge.history.log import Entry, Log
    from weighbridge.history.signers import AllowedSigner
    from weighbridge.history.tag import Tag
    from weighbridge.model.policy import Policy

LEGAL, REFS = "Legal-Ref", "Refs"
_MAX_TESTS = 200  # for one clause


@dataclass(frozen=True, slots=True)
class Material:
    """All that a matrix is made of. ``policy`` is None where no policy was named."""

    log: Log
    index: ClauseIndex
    asked: set[str]
    allowed: Sequence[AllowedSigner] = ()
    policy: Policy | None = None
    tags: Sequence[Tag] = ()
    mentions: Sequence[Mention] = ()
    records: Mapping[str, Sequence[TracedRecord]] = field(default_factory=dict)
    problems: Sequence[str] = ()


def trace_of(material: Material, *, since: str, as_of: dt.date) -> Trace:
    """The matrix. Commits stand newest first, clauses in the order of their files."""
    index = material.index
    by_clause: dict[str, list[TracedCommit]] = {}
    references: dict[str, list[str]] = {}
    unknown: list[UnknownReference] = []
    tags: dict[str, list[Tag]] = {}
    for tag in material.tags:
        tags.setdefault(tag.commit, []).append(tag)
    for entry in material.log.entries:
        traced = _commit(entry, material, tags.get(entry.commit.id, ()))
        for trailer, value, key in _named(entry, index):
            if key is not None:
                here = by_clause.setdefault(key, [])
                if traced not in here[-1:]:
                    here.append(traced)
            elif trailer == LEGAL or index.means_a_clause(value):
                unknown.append(
                    UnknownReference(
                        traced.id, traced.subject, trailer, value, index.suggestion(value)
                    )
                )
            elif traced.id not in (named := references.setdefault(value, [])):
                named.append(traced.id)
    marks, mistaken = _marks(material)
    unknown += mistaken
    wanted = material.asked | by_clause.keys() | marks.keys()
    return Trace(
        head=material.log.head,
        since=since,
        commits=material.log.commits,
        clauses=tuple(
            _clause(key, material, by_clause, marks, as_of)
            for key in index.clauses
            if key in wanted
        ),
        unknown=tuple(unknown),
        references=tuple((value, tuple(ids)) for value, ids in sorted(references.items())),
        limits=tuple(material.log.limits),
        problems=tuple(material.problems),
        orphans_judged=not since,
    )


def _named(entry: Entry, index: ClauseIndex) -> list[tuple[str, str, str | None]]:
    """Trailer, what it names, and the clause that this is."""
    return [
        (LEGAL if trailer.key.lower() == LEGAL.lower() else REFS, value, key)
        for trailer in entry.trailers
        for value, key in (index.split(trailer.value) or [(trailer.value, None)])
    ]


def _commit(entry: Entry, material: Material, tags: Sequence[Tag]) -> TracedCommit:
    commit = entry.commit
    check = check_signature(commit, material.allowed)
    checked = [(tag, tag.check(material.allowed)) for tag in tags]
    return TracedCommit(
        id=commit.id,
        date=commit.committer.date,
        author=f"{commit.author.name} <{commit.author.email}>",
        subject=entry.subject,
        signature=commit.signature_kind,
        verified=check.verified,
        untrusted=check.untrusted,
        reason=check.reason,
        signer=check.signer,
        made_by=made_by(commit, check),
        tags=tuple(_tag(tag, one) for tag, one in checked),
        wrong_tags=tuple(tag.name for tag, one in checked if _is_false(one)),
    )


def _is_false(check: SignatureCheck) -> bool:
    return check.verified is False and not check.untrusted


def _tag(tag: Tag, check: SignatureCheck) -> str:
    if not tag.signature:
        return f"{tag.name} (unsigned)"
    word = "not verified" if check.verified is None else "not by an allowed signer"
    if check.verified:
        word = f"signed by {check.signer}"
    elif _is_false(check):
        word = "WRONG signature"
    return f"{tag.name} ({word})"


def _marks(material: Material) -> tuple[dict[str, list[Mention]], list[UnknownReference]]:
    """The marks in tests by clause, and those that name none."""
    found: dict[str, list[Mention]] = {}
    unknown = []
    for mention in material.mentions:
        if not mention.is_mark:
            continue
        for value, key in material.index.split(mention.what):
            if key is not None:
                found.setdefault(key, []).append(mention)
                continue
            where = f"{mention.path}:{mention.line}"
            suggestion = material.index.suggestion(value)
            unknown.append(UnknownReference(where, mention.name, LEGAL, value, suggestion))
    return found, unknown


def _clause(
    key: str,
    material: Material,
    commits: Mapping[str, list[TracedCommit]],
    marks: Mapping[str, list[Mention]],
    as_of: dt.date,
) -> TracedClause:
    clause = material.index.clauses[key]
    rules = tuple(
        TracedRule(link.rule, link.strength.value, _mode(link.rule, material.policy))
        for link in clause.links
    )
    linked = {rule.id for rule in rules}
    tests = [TracedTest(m.path, m.line, m.name, LEGAL) for m in marks.get(key, ())]
    tests += [
        TracedTest(m.path, m.line, m.name, m.what)
        for m in material.mentions
        if not m.is_mark and m.what in linked
    ]
    return TracedClause(
        key=key,
        title=clause.title,
        standing=clause.standing(as_of).value,
        asked=key in material.asked,
        commits=tuple(commits.get(key, ())),
        rules=rules,
        tests=tuple(tests[:_MAX_TESTS]),
        records=tuple(material.records.get(key, ())),
    )


def _mode(rule: str, policy: Policy | None) -> str:
    if policy is None:
        return ""
    setting = policy.setting(rule)
    return setting.mode.value if setting else "not in the policy"
