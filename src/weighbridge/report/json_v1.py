"""The audit's result for programs: a versioned wire format, apart from the internal types.

Fields are added within version 1, never renamed or removed. :mod:`weighbridge.report.json_schema`
publishes its JSON Schema. ``audit.json`` stays the authoritative copy: ``record`` is its digest.
"""

from __future__ import annotations

import json

from weighbridge.model.canonical import Json
from weighbridge.model.finding import Finding, Location
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.report.summary import (
    attested_by,
    fingerprint,
    links_by_rule,
    loosened,
    not_checked,
    severity_of,
)

NAME = "json"
FILENAME = "report.json"
MEDIA_TYPE = "application/json"
SCHEMA = "weighbridge.report/1"


def render(record: AuditRecord) -> bytes:
    """The report as indented ASCII JSON, ending in a newline."""
    return dump(document(record))


def dump(value: Json) -> bytes:
    """ASCII JSON, so that no character of the subject's can steer a terminal."""
    text = json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
    return text.replace("\x7f", "\\u007f").encode("ascii")


def document(record: AuditRecord) -> dict[str, Json]:
    """The report as plain JSON values."""
    clauses = {
        rule: [clause.key for clause, _ in links] for rule, links in links_by_rule(record).items()
    }
    return {
        "schema": SCHEMA,
        "record": str(record.digest),
        "tool": {"name": "weighbridge", "version": record.tool_version},
        "subject": {
            "kind": record.subject.kind.value,
            "name": record.subject.name,
            "digest": str(record.subject.digest),
            "revision": record.subject.revision,
        },
        "as_of": record.as_of.isoformat(),
        "offline": record.offline,
        "policy": {
            "id": record.policy.id,
            "version": record.policy.version,
            "sources": [{"name": name, "digest": str(d)} for name, d in record.policy.sources],
            "loosened": [{"what": what, "because": why} for what, why in loosened(record)],
        },
        "verdict": {
            "open": record.verdict.open,
            "exit_code": int(record.verdict.exit_code),
            "reasons": list(record.verdict.reasons),
        },
        "timestamp": {"state": record.timestamp.state.value, "detail": record.timestamp.detail},
        "counts": {outcome.value: count for outcome, count in record.counts().items()},
        "results": [
            _result(record, result, clauses.get(result.rule, []))
            for result in record.results
            if result.mode is not Mode.OFF
        ],
        "not_checked": [
            {"kind": n.kind, "what": n.what, "reason": n.reason, "count": n.count}
            for n in not_checked(record)
        ],
    }


def _result(record: AuditRecord, result: RuleResult, clauses: list[str]) -> Json:
    return {
        "rule": result.rule,
        "family": result.family,
        "summary": result.summary,
        "outcome": result.outcome.value,
        "severity": result.severity.value,
        "mode": result.mode.value,
        "closes_gate": result.closes_gate,
        "note": result.note,
        "waivers": list(result.waivers),
        "attested_by": [
            {"name": one.name, "role": one.role, "made": one.made, "expires": one.expires}
            for one in attested_by(record, result)
        ],
        "evidence": [str(digest) for digest in result.evidence],
        "findings": [_finding(result, f, clauses) for f in result.findings],
    }


def _finding(result: RuleResult, finding: Finding, clauses: list[str]) -> Json:
    return {
        "outcome": finding.outcome.value,
        "severity": severity_of(result, finding).value,
        "message": finding.message,
        "remedy": finding.remedy,
        "location": _location(finding.location),
        "key": finding.key,
        "fingerprint": fingerprint(result.rule, finding),
        "waiver": finding.waiver or None,
        "clauses": list(clauses),
    }


def _location(location: Location | None) -> Json:
    if location is None:
        return None
    return {
        "path": location.path,
        "member": location.member or None,
        "line": location.line or None,
        "byte_offset": location.byte_offset if location.byte_offset >= 0 else None,
    }
