"""Tests of a policy: stored evidence in, expected outcomes and gate out.

::

    schema: 1
    policy: baseline             # a shipped name, or a path relative to this file
    as_of: 2026-11-20
    cases:
      - name: weights without a signature close the gate
        evidence: ../fixtures/unsigned.json   # a rule fixture, or the audit.json of a pack
        expect:
          unsigned-weights: {outcome: fail, closes: true}
        exit_code: 1             # optional: of the rules named here

Only the rules named under ``expect`` are evaluated: the evidence need not serve the others.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.codec import from_json
from weighbridge.model.digest import Digest
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.model.evidence import Breakage, Evidence
from weighbridge.model.finding import Outcome
from weighbridge.model.policy import Policy
from weighbridge.model.rule import Rule
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.policy.document import Document, read_document, read_regular
from weighbridge.policy.evaluate import evaluate
from weighbridge.policy.fields import Fields
from weighbridge.policy.load import load_policy
from weighbridge.policy.suggest import did_you_mean

_MAX_EVIDENCE_BYTES = 64 * 2**20
_SOMETHING = Subject(SubjectKind.DIRECTORY, "test", Digest("dirHash1", "0" * 64))


def run_cases(path: Path, *, rules: Sequence[Rule]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Run one test file.

    Yields:
        each case's name, and a sentence for each expectation that does not hold.

    Raises:
        ConfigurationError: the test, its policy or its evidence cannot be read.
    """
    document = read_document(path, str(path))
    top = Fields(document, (), document.value, ("schema", "policy", "as_of", "cases"))
    if top.value("schema", int) != 1:
        raise top.error("the schema must be 1", "schema")
    as_of: dt.date = top.value("as_of", dt.date)
    name = top.text("policy")
    if "/" in name or name.endswith((".yaml", ".yml")):
        name = str(document.path.parent / name)
    policy = load_policy(name, rules=[rule.META for rule in rules], as_of=as_of)
    cases: list[object] = top.value("cases", list)
    if not cases:
        raise top.error("there is no case", "cases")
    for index in range(len(cases)):
        case = top.inner("cases", index, ("name", "evidence", "expect"), ("exit_code",))
        yield case.text("name"), tuple(_problems(case, policy, rules, as_of))


def _problems(case: Fields, policy: Policy, rules: Sequence[Rule], as_of: dt.date) -> Iterator[str]:
    expected = _expected(case, [rule.META.id for rule in rules])
    subject, evidence, breakages = _stored(case)
    results, verdict = evaluate(
        policy=dataclasses.replace(
            policy,
            rules=tuple(s for s in policy.rules if s.rule in expected),
            waivers=tuple(w for w in policy.waivers if w.rule in expected),
        ),
        rules=rules,
        subject=subject,
        evidence=evidence,
        breakages=breakages,
        as_of=as_of,
    )
    found = {result.rule: result for result in results}
    for rule, (outcome, closes) in expected.items():
        result = found.get(rule)
        if result is None:
            yield f"{rule} is off in this policy"
            continue
        if result.outcome is not outcome:
            yield f"{rule}: expected {outcome}, is {result.outcome}. {result.note}".rstrip()
        if closes is not None and result.closes_gate is not closes:
            yield f"{rule}: {'closes' if result.closes_gate else 'does not close'} the gate"
    code = case.value("exit_code", int, optional=True)
    if code is not None and code != int(verdict.exit_code):
        yield f"expected exit code {code}, is {int(verdict.exit_code)}"


def _expected(case: Fields, rules: Sequence[str]) -> dict[str, tuple[Outcome, bool | None]]:
    table = case.value("expect", dict)
    if not table:
        raise case.error("nothing is expected", "expect")
    expected = {}
    for rule, value in table.items():
        if rule not in rules:
            raise case.error(f"unknown rule {rule!r}", "expect", rule,
                             remedy=did_you_mean(rule, rules))  # fmt: skip
        entry = Fields(
            case.document, (*case.here, "expect", rule), value, ("outcome",), ("closes",)
        )
        closes = entry.value("closes", bool, optional=True)
        expected[rule] = (entry.word("outcome", Outcome), closes)
    code = case.value("exit_code", int, optional=True)
    if code is not None and code not in list(ExitCode):
        raise case.error(f"{code} is not an exit code", "exit_code")
    return expected


def _stored(case: Fields) -> tuple[Subject, tuple[Evidence, ...], tuple[Breakage, ...]]:
    """Subject, evidence and breakages of a rule fixture or of a pack's ``audit.json``."""
    document: Document = case.document
    relative = case.text("evidence")
    if Path(relative).is_absolute():
        raise case.error("the evidence is named relative to this file", "evidence")
    name = str(Path(document.name).parent / relative)
    data = read_regular(document.path.parent / relative, name, _MAX_EVIDENCE_BYTES)
    try:
        body: Any = load_json(data, source=name)
        if not isinstance(body, dict) or not isinstance(body.get("evidence"), list):
            raise HostileInput("there is no list of evidence in it")
        subject = from_json(Subject, body["subject"]) if "subject" in body else _SOMETHING
        evidence = tuple(from_json(Evidence, item) for item in body["evidence"])
        breakages = tuple(from_json(Breakage, item) for item in _list(body.get("breakages", [])))
    except HostileInput as error:
        raise case.error(f"{name} cannot be used: {error.message}", "evidence") from error
    return subject, evidence, breakages


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise HostileInput("the breakages are not a list")
    return value
