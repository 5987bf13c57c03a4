"""What ``weighbridge secrets`` prints: text, JSON or SARIF, and never a secret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from weighbridge.edge.text import visible
from weighbridge.model.canonical import Json, thaw
from weighbridge.model.facts.secret import SecretFacts, SecretSummaryFacts
from weighbridge.model.finding import Outcome
from weighbridge.model.record import AuditRecord
from weighbridge.report.json_v1 import dump

SCHEMA = 1


def as_text(records: Sequence[AuditRecord]) -> bytes:
    """A line a place, what to do once, and what was searched."""
    lines: list[str] = []
    several = len(records) > 1
    total = 0
    for record in records:
        if several:
            lines += [f"{visible(record.subject.name)}:"]
        result = record.results[0]
        for finding in result.findings:
            failed = finding.outcome is Outcome.FAIL and finding.severity is not None
            severity = str(finding.severity if failed else finding.outcome)
            where = visible(str(finding.location)) + ": " if finding.location else ""
            lines.append(f"{severity:<8}  {where}{visible(finding.message)}")
            total += failed
        lines.append(result.note)
    lines.append(f"Secrets found: {total}.")
    if total:
        lines.append("Revoke each at its provider first, then remove it.")
    return "\n".join(lines).encode() + b"\n"


def as_json(records: Sequence[AuditRecord]) -> bytes:
    """``{"schema": 1, "subjects": [{"name", "digest", "outcome", "secrets", "summary"}]}``."""
    subjects: list[Json] = []
    for record in records:
        facts = [cast("dict[str, Json]", thaw(e.data)) for e in record.evidence]
        subjects.append(
            {
                "name": record.subject.name,
                "digest": str(record.subject.digest),
                "outcome": record.results[0].outcome.value,
                "secrets": [_plain(f) for f in facts if f["part"] == "secret"],
                "summary": next(_plain(f) for f in facts if f["part"] == "summary"),
            }
        )
    return dump({"schema": SCHEMA, "tool": "weighbridge", "subjects": subjects})


def _plain(facts: dict[str, Json]) -> Json:
    known = SecretFacts.__annotations__ | SecretSummaryFacts.__annotations__
    return {key: value for key, value in facts.items() if key in known and key != "part"}


def as_sarif(records: Sequence[AuditRecord]) -> bytes:
    """SARIF 2.1.0 with a run a path."""
    from weighbridge.report import sarif
    from weighbridge.rules.secrets.leaked_secret import META

    bodies = [json.loads(sarif.render(record, (META,))) for record in records]
    whole = bodies[0]
    whole["runs"] = [run for body in bodies for run in body["runs"]]
    return dump(whole)
