"""The record as OSCAL Assessment Results 1.2.1 (NIST), for compliance tools.

Clauses are the reviewed controls. No OSCAL catalog of them is at hand, so each is a control whose
statements are the rules that bear on it: a finding is about one such statement. ``satisfied`` is
said only where a rule passed. OSCAL knows no third state, so what was not decided, not asked or
does not apply is ``not-satisfied`` with the reason ``other``, and the outcome stands in the
properties and remarks beside it. Times are midnight, in UTC, of the day the record is about.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator

from weighbridge.model.canonical import Json
from weighbridge.model.clause import Clause
from weighbridge.model.record import AuditRecord
from weighbridge.report.oscal_results import Results
from weighbridge.report.oscal_text import markup, prop, statement, tokens
from weighbridge.report.summary import (
    VERDICT_WORDS,
    gate_words,
    not_checked,
    rules_off,
    timestamp_words,
)

NAME = "oscal"
FILENAME = "oscal-ar.json"
MEDIA_TYPE = "application/oscal+json"

OSCAL_VERSION = "1.2.1"
MAX_NOT_CHECKED = 200

_NO_PLAN = (
    "There is no OSCAL assessment plan. What was assessed against is the policy in this resource, "
    "under the member policy."
)


def render(record: AuditRecord) -> bytes:
    """The document, in ASCII on one line: it repeats itself much, and no person reads it."""
    body = {"assessment-results": _Document(record).build()}
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


class _Document:
    """One document, with the identifiers that its parts refer to each other by."""

    def __init__(self, record: AuditRecord) -> None:
        self.record = record
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:weighbridge:oscal:{record.digest}")
        self.day = f"{record.as_of.isoformat()}T00:00:00Z"
        self.controls = tokens(clause.key for clause in record.clauses)
        self.rules: dict[str, list[str]] = defaultdict(list)  # that bear on each clause, by its key
        for clause in record.clauses:
            self.rules[clause.key] += [link.rule for link in (*clause.links, *clause.broken)]

    def uuid(self, name: str) -> str:
        """The same for the same part of the same record."""
        return str(uuid.uuid5(self._space, name))

    def build(self) -> Json:
        record = self.record
        title = markup(f"Weighbridge: {record.subject.name}")
        return {
            "uuid": self.uuid("document"),
            "metadata": {
                "title": title,
                "last-modified": self.day,
                "version": str(record.digest),
                "oscal-version": OSCAL_VERSION,
                "props": [prop("record", str(record.digest))],
                "remarks": "Made from audit.json, whose digest is the version. Times are those of "
                "the day of the audit, not of a clock.",
            },
            "import-ap": {"href": f"#{self.uuid('audit.json')}", "remarks": _NO_PLAN},
            "results": [self.result(title)],
            "back-matter": {"resources": [self.resource()]},
        }

    def result(self, title: str) -> Json:
        record = self.record
        parts = Results(record, self.controls, self.uuid, self.day)
        words = VERDICT_WORDS[record.verdict.exit_code]
        told = [f"Gate {gate_words(record)}. {words}.", *record.verdict.reasons[:50]]
        body: dict[str, Json] = {
            "uuid": self.uuid("result"),
            "title": title,
            "description": "\n\n".join(markup(text, 4000) for text in told),
            "start": self.day,
            "end": self.day,
            "props": list(self.properties()),
            "local-definitions": self.definitions(),
            "reviewed-controls": self.reviewed(),
        }
        observations, findings = parts.observations(), parts.findings()
        if observations:
            body["observations"] = observations
        if findings:
            body["findings"] = findings
        body["remarks"] = self.remarks()
        return body

    def properties(self) -> Iterator[Json]:
        record = self.record
        yield prop("gate", "open" if record.verdict.open else "closed")
        yield prop("exit-code", str(int(record.verdict.exit_code)))
        yield prop("policy", f"{record.policy.id} {record.policy.version}")
        yield prop("policy-owner", record.policy.owner)
        yield prop("offline", str(record.offline).lower())
        yield prop("seal-timestamp", timestamp_words(record))
        for outcome, count in record.counts().items():
            yield prop(f"rules-{outcome.value.replace('_', '-')}", str(count))
        for setting in rules_off(record):
            yield prop("rule-off", setting.rule, setting.because)

    def definitions(self) -> Json:
        """What was assessed, and the tool that did it."""
        subject = self.record.subject
        props: list[Json] = [prop("digest", str(subject.digest)), prop("kind", subject.kind.value)]
        if subject.revision:
            props.append(prop("revision", subject.revision))
        return {
            "components": [
                {
                    "uuid": self.uuid("subject"),
                    "type": "software",
                    "title": markup(subject.name),
                    "description": f"The audited model: {len(self.record.artifacts)} files.",
                    "props": props,
                    "status": {"state": "other", "remarks": "An audit does not say."},
                }
            ],
            "assessment-assets": {
                "components": [
                    {
                        "uuid": self.uuid("tool"),
                        "type": "software",
                        "title": "Weighbridge",
                        "description": "Reads a model's files and judges them against a policy.",
                        "props": [prop("version", self.record.tool_version)],
                        "status": {"state": "operational"},
                    }
                ],
                "assessment-platforms": [
                    {
                        "uuid": self.uuid("platform"),
                        "title": "Weighbridge",
                        "uses-components": [{"component-uuid": self.uuid("tool")}],
                    }
                ],
            },
        }

    def reviewed(self) -> Json:
        """The clauses by framework; each with the rules that bear on it as its statements."""
        by_framework: dict[str, list[Clause]] = defaultdict(list)
        for clause in self.record.clauses:
            by_framework[f"{clause.framework} {clause.version}"].append(clause)
        selections: list[Json] = []
        seen: set[str] = set()  # a stranger's record may name one clause twice
        for framework, clauses in by_framework.items():
            selected: list[Json] = []
            for clause in clauses:
                if self.rules[clause.key] and clause.key not in seen:
                    seen.add(clause.key)
                    selected.append(self.control(clause))
            if selected:
                selections.append({"description": markup(framework), "include-controls": selected})
        if not selections:
            words = "The policy's rules bear on no clause; what they found stands as observations."
            selections.append({"description": words, "include-all": {}})
        return {"control-selections": selections}

    def control(self, clause: Clause) -> Json:
        control = self.controls[clause.key]
        names = (statement(control, rule) for rule in self.rules[clause.key])
        return {"control-id": control, "statement-ids": list(dict.fromkeys(names))}

    def remarks(self) -> str:
        rows = not_checked(self.record)
        lines = [f"Not checked: {len(rows)}."]
        lines += [f"- {markup(row.what)}: {markup(row.reason)}" for row in rows[:MAX_NOT_CHECKED]]
        if len(rows) > MAX_NOT_CHECKED:
            lines.append(f"- and {len(rows) - MAX_NOT_CHECKED} more in audit.json")
        return "\n".join(lines)

    def resource(self) -> Json:
        record = self.record
        return {
            "uuid": self.uuid("audit.json"),
            "title": "audit.json",
            "description": "The record that this is a view of: policy, evidence and results. It "
            "lies beside this file in the audit pack.",
            "props": [prop("size", str(len(record.to_bytes())))],
            "rlinks": [
                {
                    "href": "audit.json",
                    "media-type": "application/json",
                    "hashes": [{"algorithm": "SHA-256", "value": record.digest.value}],
                }
            ],
        }
