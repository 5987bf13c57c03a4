"""Clauses of law, standards and frameworks: data files, read strictly, then tied to a policy.

Over three hundred clauses are read at each audit, so this checks by hand and not with pydantic.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from weighbridge.edge.yaml import KeyPath
from weighbridge.model.clause import (
    Applicability,
    Clause,
    ClauseLink,
    Guard,
    LegalStatus,
    Operator,
    Strength,
)
from weighbridge.model.policy import Mode, ParamValue, Policy
from weighbridge.model.rule import RuleMeta
from weighbridge.policy.document import Document, read_document
from weighbridge.policy.fields import Fields
from weighbridge.policy.params import as_param, type_words
from weighbridge.policy.shipped import clause_files
from weighbridge.policy.suggest import did_you_mean

_FILE = ("schema", "framework", "title", "version", "clauses")
_CLAUSE = ("id", "title", "paraphrase", "legal_status", "applies", "verified", "verified_on",
           "verified_against", "evidenced_by", "links")  # fmt: skip
_CLAUSE_OPTIONAL = ("superseded_by", "note")
_LINK = ("rule", "strength", "residue")
# Without a date these would count as applying from ever.
_DATED = (LegalStatus.IN_FORCE, LegalStatus.DEFERRED)


def load_clauses(
    rules: Sequence[RuleMeta], files: Sequence[Path] | None = None
) -> tuple[Clause, ...]:
    """Every clause, by file name and then in the file's order.

    Args:
        rules: every rule there is; a link to another is an error.
        files: the clause files; None for the shipped ones.

    Raises:
        ConfigurationError: with file and line: an unknown or missing key, a wrong type or word, an
            unknown rule or parameter, a clause that stands twice or is superseded by none that is.
    """
    metas = {meta.id: meta for meta in rules}
    clauses: list[Clause] = []
    seen: set[tuple[str, str, str]] = set()
    superseded: list[tuple[Document, KeyPath, str]] = []
    for path in clause_files() if files is None else files:
        document = read_document(path, path.name)
        for index, clause in enumerate(_file(document, metas)):
            at: KeyPath = ("clauses", index)
            identity = (clause.framework, clause.version, clause.id)
            if identity in seen:
                raise document.error(f"the clause {clause.key!r} stands twice", (*at, "id"))
            seen.add(identity)
            if clause.superseded_by:
                superseded.append((document, (*at, "superseded_by"), clause.superseded_by))
            clauses.append(clause)
    known = {clause.key for clause in clauses}
    for document, at, key in superseded:
        if key not in known:
            raise document.error(f"superseded by an unknown clause {key!r}", at,
                                 did_you_mean(key, known))  # fmt: skip
    return tuple(clauses)


def linked(clauses: Iterable[Clause], policy: Policy) -> tuple[Clause, ...]:
    """The clauses that the policy's audit says something about, each with these links alone.

    A link to a rule that is off goes. A link whose guard the policy's parameters break goes from
    ``links`` to ``broken``, and the clause stays with a note, so that the report can say what was
    lost. Doing it twice changes nothing.
    """
    active = {s.rule: s.params for s in policy.rules if s.mode is not Mode.OFF}
    chosen = []
    for clause in clauses:
        if policy.frameworks and clause.framework not in policy.frameworks:
            continue
        links = [link for link in (*clause.links, *clause.broken) if link.rule in active]
        if links:
            chosen.append(_tied(clause, links, active))
    return tuple(chosen)


def _tied(
    clause: Clause, links: list[ClauseLink], active: Mapping[str, Mapping[str, ParamValue]]
) -> Clause:
    kept, broken, note = [], [], clause.note
    for link in links:
        params = active[link.rule]
        loosened = [
            guard.param
            for guard in link.guards
            if guard.param not in params or not guard.holds(params[guard.param])
        ]
        if not loosened:
            kept.append(link)
            continue
        broken.append(link)
        sentence = (
            f"The policy sets {', '.join(loosened)} of {link.rule} past what this clause needs: "
            "the rule does not count for it."
        )
        if sentence not in note:
            note = f"{note} {sentence}".strip()
    return dataclasses.replace(clause, links=tuple(kept), broken=tuple(broken), note=note)


def _file(document: Document, metas: Mapping[str, RuleMeta]) -> Iterable[Clause]:
    top = Fields(document, (), document.value, _FILE)
    if top.value("schema", int) != 1:
        raise document.error("the schema must be 1", ("schema",))
    framework, version = top.text("framework"), top.text("version")
    top.text("title")
    for index, _ in enumerate(top.value("clauses", list)):
        yield _clause(top.inner("clauses", index, _CLAUSE, _CLAUSE_OPTIONAL), framework, version,
                      metas)  # fmt: skip


def _clause(fields: Fields, framework: str, version: str, metas: Mapping[str, RuleMeta]) -> Clause:
    status = fields.word("legal_status", LegalStatus)
    cases = [
        fields.inner("applies", index, ("from",), ("case",))
        for index, _ in enumerate(fields.value("applies", list))
    ]
    if not cases and status in _DATED:
        raise fields.error(f"a clause that is {status} must say from when", "applies")
    verified = fields.value("verified", bool)
    verified_on = fields.value("verified_on", dt.date, optional=True)
    against = fields.text("verified_against", empty=True)
    if verified and not against:
        raise fields.error("verified, and not against what", "verified")
    for index, family in enumerate(fields.value("evidenced_by", list)):
        if not isinstance(family, str):
            raise fields.error("a check family must be a word", "evidenced_by", index)
    links = tuple(
        _link(fields.inner("links", index, _LINK, ("guards",)), metas)
        for index, _ in enumerate(fields.value("links", list))
    )
    return Clause(
        framework=framework,
        version=version,
        id=fields.text("id"),
        title=fields.text("title"),
        paraphrase=fields.text("paraphrase"),
        legal_status=status,
        applies=tuple(
            Applicability(case.text("case", empty=True), case.value("from", dt.date))
            for case in cases
        ),
        verified=verified,
        verified_on=verified_on,
        verified_against=against,
        superseded_by=fields.text("superseded_by", empty=True),
        note=fields.text("note", empty=True),
        links=links,
    )


def _link(fields: Fields, metas: Mapping[str, RuleMeta]) -> ClauseLink:
    rule = fields.text("rule")
    meta = metas.get(rule)
    if meta is None:
        raise fields.error(f"unknown rule {rule!r}", "rule", remedy=did_you_mean(rule, metas))
    guards = tuple(
        _guard(fields.inner("guards", index, ("param", "operator", "value")), meta)
        for index, _ in enumerate(fields.value("guards", list, optional=True) or ())
    )
    return ClauseLink(rule, fields.word("strength", Strength), fields.text("residue"), guards)


def _guard(fields: Fields, meta: RuleMeta) -> Guard:
    param = fields.text("param")
    if param not in meta.defaults:
        raise fields.error(f"{meta.id!r} has no parameter {param!r}", "param",
                           remedy=did_you_mean(param, meta.defaults))  # fmt: skip
    operator, default = fields.word("operator", Operator), meta.defaults[param]
    fits: dict[Operator, Any] = {
        Operator.GTE: int, Operator.LTE: int, Operator.SUBSET: tuple, Operator.SUPERSET: tuple,
    }  # fmt: skip
    if operator in fits and not isinstance(default, fits[operator]):
        raise fields.error(f"{operator} does not fit {param!r}, which is {type_words(default)}",
                           "operator")  # fmt: skip
    value = as_param(fields.any("value"), like=default)
    if value is None:
        raise fields.error(f"the value must be {type_words(default)}", "value")
    return Guard(param, operator, value)
