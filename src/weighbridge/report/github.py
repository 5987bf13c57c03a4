"""Findings as workflow commands of GitHub Actions, which show as annotations on the changed files.

GitHub shows ten errors, ten warnings and ten notices of a step (its documentation of workflow
commands); the weightiest are written, and what is cut is counted. Escaping as in the toolkit of
Actions: ``%``, line ends, and in properties ``:`` and ``,``.
"""

from __future__ import annotations

from weighbridge.edge.text import visible
from weighbridge.model.finding import Finding, Outcome
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.summary import VERDICT_WORDS, gate_words, severity_of

NAME = "github"
FILENAME = "annotations.txt"
MEDIA_TYPE = "text/plain"

MAX_EACH = 10


def render(record: AuditRecord) -> bytes:
    """The commands, one a line, then the verdict as plain text."""
    found: dict[str, list[tuple[RuleResult, Finding]]] = {"error": [], "warning": [], "notice": []}
    for result in record.results:
        for finding in result.findings:
            if not finding.waiver:
                found[_level(result, finding)].append((result, finding))
    lines = []
    for level, pairs in found.items():
        pairs.sort(key=lambda pair: -severity_of(*pair).rank)
        lines += [_command(level, *pair) for pair in pairs[:MAX_EACH]]
        if len(pairs) > MAX_EACH:
            lines.append(f"{len(pairs) - MAX_EACH} more of level {level} are not shown here.")
    words = VERDICT_WORDS[record.verdict.exit_code]
    lines.append(f"Gate {gate_words(record)}. {words}. Record {record.digest}.")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _level(result: RuleResult, finding: Finding) -> str:
    if not result.closes_gate:
        return "notice"
    return "error" if finding.outcome is Outcome.FAIL else "warning"


def _command(level: str, result: RuleResult, finding: Finding) -> str:
    properties = {"title": f"{result.rule} ({severity_of(result, finding)})"}
    place = finding.location
    if place is not None:
        properties["file"] = place.path
        if place.line and not place.member:
            properties["line"] = str(place.line)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    where = f"{place}: " if place is not None and (place.member or place.byte_offset >= 0) else ""
    return f"::{level} {written}::{_data(f'{where}{finding.message} {finding.remedy}')}"


def _data(text: str) -> str:
    return visible(text, 2000).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
