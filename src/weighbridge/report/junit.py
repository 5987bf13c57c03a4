"""The rules as JUnit XML, for CI servers that show tests: a suite a family, a test case a rule.

The format has no standard of its own; the elements and attributes are those of the Apache Ant task
that wrote it first, which CI servers read. A case fails where its result closes the gate. What the
policy only reports, waives or leaves to a person is ``skipped`` with its reason, and never passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from weighbridge.edge.text import visible
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.summary import VERDICT_WORDS, checks, gate_words, rules_off, severity_of

NAME = "junit"
FILENAME = "junit.xml"
MEDIA_TYPE = "application/xml"

MAX_FINDINGS = 200  # of one rule; the rest is counted

_FAILING = {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.ERROR: "error",
            Outcome.MANUAL: "error"}  # fmt: skip


def render(record: AuditRecord) -> bytes:
    """The whole file, in UTF-8."""
    families: dict[str, list[RuleResult]] = {}
    for result in record.results:
        families.setdefault(result.family, []).append(result)
    suites = [line for family, results in families.items() for line in _suite(family, results)]
    for setting in rules_off(record):
        why = f"The policy turns this rule off. {setting.because}".strip()
        suites += [
            _open("testsuite", name="off", tests=1, failures=0, errors=0, skipped=1),
            _open("testcase", name=setting.rule, classname="weighbridge.off"),
            f"<skipped message={_attribute(why)}/>",
            "</testcase>",
            "</testsuite>",
        ]
    suites += _gate(record)
    counts = _counts(record.results)
    counts["tests"] += len(rules_off(record)) + 1
    del counts["skipped"]  # the outer element has no such attribute
    if not record.verdict.open:
        counts["failures" if record.verdict.exit_code is ExitCode.VIOLATED else "errors"] += 1
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        _open("testsuites", name=f"weighbridge: {record.subject.name}", **counts),
        *suites,
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _gate(record: AuditRecord) -> Iterator[str]:
    """The verdict as a case of its own: a gate may be closed by what no rule says."""
    violated = record.verdict.exit_code is ExitCode.VIOLATED
    failures = int(violated and not record.verdict.open)
    errors = int(not violated and not record.verdict.open)
    yield _open("testsuite", name="gate", tests=1, failures=failures, errors=errors, skipped=0)
    yield "<properties>"
    yield from (_property(name, value) for name, value in _facts(record))
    yield "</properties>"
    yield _open("testcase", name="gate", classname="weighbridge.gate")
    if not record.verdict.open:
        kind = "failure" if violated else "error"
        reasons = _text("\n".join(visible(r, 2000) for r in record.verdict.reasons))
        words = _attribute(VERDICT_WORDS[record.verdict.exit_code])
        yield f"<{kind} message={words}>{reasons}</{kind}>"
    yield from ("</testcase>", "</testsuite>")


def _suite(family: str, results: list[RuleResult]) -> Iterator[str]:
    yield _open("testsuite", name=family, **_counts(results))
    for result in results:
        yield _open("testcase", name=result.rule, classname=f"weighbridge.{family}")
        kind = _kind(result)
        if kind:
            message = f"{result.outcome}: {result.note or checks(result)}"
            body = "\n".join(_told(result))
            word = f" type={_attribute(result.severity)}" if kind != "skipped" else ""
            yield f"<{kind} message={_attribute(message)}{word}>{_text(body)}</{kind}>"
        yield "</testcase>"
    yield "</testsuite>"


def _kind(result: RuleResult) -> str:
    """The element that tells how a case ended; empty for a pass."""
    if result.outcome is Outcome.PASS:
        return ""
    return _FAILING.get(result.outcome, "skipped") if result.closes_gate else "skipped"


def _counts(results: tuple[RuleResult, ...] | list[RuleResult]) -> dict[str, int]:
    kinds = [_kind(result) for result in results]
    return {
        "tests": len(kinds),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
    }


def _told(result: RuleResult) -> Iterator[str]:
    for finding in result.findings[:MAX_FINDINGS]:
        yield _line(result, finding)
    more = len(result.findings) - MAX_FINDINGS
    if more > 0:
        yield f"({more} more findings stand in audit.json)"


def _line(result: RuleResult, finding: Finding) -> str:
    place = f"{finding.location}: " if finding.location else ""
    waived = f" [waived by {finding.waiver}]" if finding.waiver else ""
    return visible(
        f"{severity_of(result, finding)}: {place}{finding.message} {finding.remedy}{waived}", 4000
    )


def _facts(record: AuditRecord) -> Iterator[tuple[str, str]]:
    yield "gate", gate_words(record)
    yield "verdict", VERDICT_WORDS[record.verdict.exit_code]
    yield "exit-code", str(int(record.verdict.exit_code))
    yield "record", str(record.digest)
    yield "subject", str(record.subject.digest)
    yield "as-of", record.as_of.isoformat()
    yield "policy", f"{record.policy.id} {record.policy.version}"


def _open(element: str, **attributes: object) -> str:
    return f"<{element} {' '.join(f'{k}={_attribute(v)}' for k, v in attributes.items())}>"


def _property(name: str, value: str) -> str:
    return f"<property name={_attribute(name)} value={_attribute(value)}/>"


def _attribute(value: object) -> str:
    return quoteattr(_plain(visible(str(value), 2000)))


def _text(value: str) -> str:
    return escape(_plain(value))


def _plain(text: str) -> str:
    """Without the two characters that XML 1.0 has no place for and :func:`visible` lets through."""
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
