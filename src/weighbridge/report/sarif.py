"""Failing, unknown and manual findings as SARIF 2.1.0 (OASIS), within GitHub's upload limits.

GitHub takes 25,000 results a run and 20 tags a rule; what is cut is counted in ``run.properties``.
Waived findings are left out, because code scanning would raise them as open alerts, and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from weighbridge.edge.text import visible
from weighbridge.model.artifact import Artifact
from weighbridge.model.canonical import Json
from weighbridge.model.errors import ExitCode
from weighbridge.model.finding import Finding, Location, Outcome, Severity
from weighbridge.model.policy import Mode
from weighbridge.model.record import AuditRecord, RuleResult
from weighbridge.model.rule import RuleMeta
from weighbridge.report.json_v1 import dump
from weighbridge.report.summary import (
    checks,
    fingerprint,
    links_by_rule,
    not_checked,
    severity_of,
)

NAME = "sarif"
FILENAME = "results.sarif"
MEDIA_TYPE = "application/sarif+json"

MAX_RESULTS = 25_000
MAX_TAGS = 20

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub sorts by this number: over 9.0 critical, 7.0 high, 4.0 medium, below that low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.5",
}
# SARIF 2.1.0 section 3.27.9: "open" for what could not be decided, "review" for a person's call.
_KIND = {Outcome.FAIL: "fail", Outcome.UNKNOWN: "open", Outcome.MANUAL: "review"}
_ROOT = "%SRCROOT%"
# What a viewer would take for an embedded link (3.11.6) or a placeholder (3.11.5).
_ACTIVE = re.compile(r"\](?=\()|\{(?=\d+\})")
_MAX_MESSAGE = 4000
_SHA256_IN_SARIF = "sha-256"  # the name that section 3.24.11 gives


def render(record: AuditRecord, metas: Sequence[RuleMeta] = ()) -> bytes:
    """One run. ``metas`` add the rules' full help; without them a rule has its summary."""
    return dump(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [_Run(record, metas).build()],
        }
    )


class _Run:
    """One run's tables while they are being filled."""

    def __init__(self, record: AuditRecord, metas: Sequence[RuleMeta]) -> None:
        self.record = record
        self.metas = {meta.id: meta for meta in metas}
        self.results = [r for r in record.results if r.mode is not Mode.OFF]
        self.rule_index = {result.rule: i for i, result in enumerate(self.results)}
        self.by_path = {artifact.path: artifact for artifact in record.artifacts}
        self.artifact_index: dict[str, int] = {}
        self.occurrences: Counter[str] = Counter()
        self.cut_tags: dict[str, Json] = {}

    def build(self) -> Json:
        record = self.record
        found, waived = self.findings()
        kept = found[:MAX_RESULTS]
        rules = self.rules()
        results: list[Json] = [self.result(result, finding) for result, finding in kept]
        properties: dict[str, Json] = {
            "record": str(record.digest),
            "subject": str(record.subject.digest),
            "revision": record.subject.revision,
            "asOf": record.as_of.isoformat(),
            "policy": f"{record.policy.id}@{record.policy.version}",
            "gate": "open" if record.verdict.open else "closed",
            "counts": {outcome.value: n for outcome, n in record.counts().items()},
            "waivedFindings": waived,
            "resultsCut": len(found) - len(kept),
            "tagsCut": self.cut_tags,
        }
        return {
            "tool": {"driver": {"name": "Weighbridge", "version": record.tool_version,
                                "rules": rules}},
            "automationDetails": {"id": f"weighbridge/{visible(record.subject.name, 100)}/"},
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The audited model's root."}}},
            "invocations": [self.invocation()],
            "artifacts": [self.artifact(path) for path in self.artifact_index],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": properties,
        }  # fmt: skip

    def findings(self) -> tuple[list[tuple[RuleResult, Finding]], int]:
        """What to show, the weightiest first so that a cut takes the least; how many are waived."""
        shown: list[tuple[RuleResult, Finding]] = []
        waived = 0
        for result in self.results:
            for finding in result.findings:
                if finding.waiver:
                    waived += 1
                else:
                    shown.append((result, finding))
        order = tuple(_KIND)
        shown.sort(key=lambda pair: (order.index(pair[1].outcome), -severity_of(*pair).rank))
        return shown, waived

    def rules(self) -> list[Json]:
        links = links_by_rule(self.record)
        rules: list[Json] = []
        for result in self.results:
            clauses = [clause.key for clause, _ in links.get(result.rule, [])]
            tags = list(dict.fromkeys(["security", result.family or "other", *clauses]))
            if len(tags) > MAX_TAGS:
                self.cut_tags[result.rule] = len(tags) - MAX_TAGS
            rules.append(
                {
                    "id": result.rule,
                    "shortDescription": {"text": _plain(checks(result) or result.rule)},
                    **self.help(result),
                    "defaultConfiguration": {"level": _LEVEL[result.severity]},
                    "properties": {
                        "tags": list(tags[:MAX_TAGS]),
                        "security-severity": _SECURITY_SEVERITY[result.severity],
                    },
                }
            )
        return rules

    def help(self, result: RuleResult) -> dict[str, Json]:
        meta = self.metas.get(result.rule)
        if meta is None:
            return {"help": {"text": _plain(checks(result) or result.rule)}}
        text = f"{meta.why}\n\nWhat to do: {meta.remedy}"
        markdown = f"{meta.why}\n\n**What to do:** {meta.remedy}\n\n"
        if meta.example:
            markdown += "**What fails:**\n\n" + _indented(meta.example)
        if meta.references:
            markdown += "**References:**\n\n" + "".join(f"- {r}\n" for r in meta.references)
        return {
            "fullDescription": {"text": _plain(meta.why)},
            "help": {"text": _plain(text), "markdown": markdown.rstrip() + "\n"},
        }

    def result(self, result: RuleResult, finding: Finding) -> Json:
        mark = fingerprint(result.rule, finding)
        self.occurrences[mark] += 1
        failed = finding.outcome is Outcome.FAIL
        severity = severity_of(result, finding)
        return {
            "ruleId": result.rule,
            "ruleIndex": self.rule_index[result.rule],
            "kind": _KIND[finding.outcome],
            "level": _LEVEL[severity] if failed else "none",  # 3.27.10 wants none unless "fail"
            "message": {"text": _plain(f"{finding.message} {finding.remedy}".strip())},
            "locations": [self.location(finding.location)],
            "partialFingerprints": {
                "weighbridge/v1": mark,
                "primaryLocationLineHash": f"{mark}:{self.occurrences[mark]}",
            },
            "properties": {
                "family": result.family,
                "severity": severity.value,
                "outcome": finding.outcome.value,
                "closesGate": result.closes_gate,
                "key": finding.key,
            },
        }

    def location(self, place: Location | None) -> Json:
        if place is None:
            return {"physicalLocation": {"artifactLocation": {"uri": ".", "uriBaseId": _ROOT}}}
        index = self.artifact_index.setdefault(place.path, len(self.artifact_index))
        physical: dict[str, Json] = {
            "artifactLocation": {"uri": _uri(place.path), "uriBaseId": _ROOT, "index": index}
        }
        if place.line > 0:
            physical["region"] = {"startLine": place.line}
        elif place.byte_offset >= 0:
            physical["region"] = {"byteOffset": place.byte_offset, "byteLength": 0}
        location: dict[str, Json] = {"physicalLocation": physical}
        if place.member:
            location["logicalLocations"] = [
                {
                    "name": visible(place.member),
                    "fullyQualifiedName": visible(f"{place.path}!{place.member}", 2000),
                    "kind": "member",
                }
            ]
        return location

    def artifact(self, path: str) -> Json:
        artifact: Artifact | None = self.by_path.get(path)
        entry: dict[str, Json] = {"location": {"uri": _uri(path), "uriBaseId": _ROOT}}
        digest = artifact.digest() if artifact else None
        if artifact is not None:
            entry["length"] = artifact.size
        if digest is not None:
            entry["hashes"] = {_SHA256_IN_SARIF: digest.value}
        return entry

    def invocation(self) -> Json:
        notifications: list[Json] = []
        for item in not_checked(self.record):
            level = "error" if item.kind in ("error", "crashed-collector") else "warning"
            if item.kind in ("rule-off", "unknown", "manual"):
                level = "note"
            notice: dict[str, Json] = {
                "message": {"text": _plain(f"Not checked ({item.kind}): {item.what}: "
                                           f"{item.reason}")},
                "level": level,
            }  # fmt: skip
            if item.what in self.rule_index and item.kind in ("unknown", "error", "manual"):
                notice["associatedRule"] = {"id": item.what, "index": self.rule_index[item.what]}
            notifications.append(notice)
        code = self.record.verdict.exit_code
        return {
            "executionSuccessful": code is not ExitCode.ERROR,
            "exitCode": int(code),
            "toolExecutionNotifications": notifications,
        }


def _uri(path: str) -> str:
    """A relative URI: everything but unreserved characters and ``/`` is percent-encoded."""
    return quote(path.encode("utf-8", "surrogatepass"), safe="/").lstrip("/") or "."


def _plain(text: str) -> str:
    """Message text that no viewer takes for a link or a placeholder; controls are escaped."""
    shown = "\n".join(visible(line, _MAX_MESSAGE) for line in text.split("\n"))
    return _ACTIVE.sub(r"\g<0> ", shown)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines()) + "\n"
