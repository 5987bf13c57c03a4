"""Known weaknesses as a document of their own: CycloneDX 1.6 VDR and VEX, beside the materials.

A bill of materials must not hold them (BSI TR-03183-2, 3.1: they change while the materials stay),
so this one refers to it by BOM-Link. Whatever nobody could be asked about is listed by name: that a
package has no entry here must not be mistaken for an answer.

A weakness is ``in_triage``; one that the policy's waivers accept is ``not_affected``, with the
waiver's owner, reason and end.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from weighbridge.edge.text import visible
from weighbridge.model.affected import Affected, Standing, affected, looked_up
from weighbridge.model.policy import Waiver
from weighbridge.model.record import AuditRecord

NAME = "vex"
FILENAME = "vex.cdx.json"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"

_RULES = ("known-vulnerability", "malicious-package")
_METHODS = {"CVSS:3.0": "CVSSv3", "CVSS:3.1": "CVSSv31", "CVSS:4.0": "CVSSv4"}
_FRAGMENT = "!$&'()*+,;=:@/?-._~"  # what a fragment may hold as it is (RFC 3986, section 3.5)
_MAX_TEXT = 2_000


def render(record: AuditRecord) -> bytes:
    """The document, validated.

    Raises:
        InvalidBom: what was written breaks the schema. A defect of this module.
    """
    from weighbridge.report.cyclonedx_schema import validate_bom
    from weighbridge.report.registry import view

    document = _document(record, json.loads(view("cyclonedx").render(record)))
    data = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
    validate_bom(document)
    return data


def _document(record: AuditRecord, sbom: dict[str, Any]) -> dict[str, Any]:
    materials = _Materials(sbom)
    found = affected(record.evidence)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:weighbridge:vex:{record.digest}")
    tool = {"type": "application", "name": "weighbridge", "version": record.tool_version}
    subject: dict[str, Any] = {
        "type": "machine-learning-model",
        "name": record.subject.name,
        "externalReferences": [{"type": "bom", "url": materials.document_link}],
    }
    if record.subject.revision:
        subject["version"] = record.subject.revision
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.combine(record.as_of, dt.time(), dt.UTC).isoformat(),
            "tools": {"components": [tool]},
            "component": subject,
            "properties": list(_properties(record)),
        },
        "vulnerabilities": [_vulnerability(one, record, materials) for one in found],
    }


def _properties(record: AuditRecord) -> Iterator[dict[str, str]]:
    """The three states: how many, and by name what is not vulnerable and what was not assessed."""
    things = looked_up(record.evidence)
    yield {"name": "weighbridge:record", "value": str(record.digest)}
    for standing in Standing:
        count = sum(thing.standing is standing for thing in things)
        yield {"name": f"weighbridge:{standing}-count", "value": str(count)}
    for thing in things:
        if thing.standing is Standing.NOT_VULNERABLE:
            yield {"name": "weighbridge:not-vulnerable", "value": thing.about}
        for reason in thing.reasons:
            text = visible(f"{thing.about or 'all packages'}: {reason}", _MAX_TEXT)
            yield {"name": "weighbridge:not-assessed", "value": text}


def _vulnerability(one: Affected, record: AuditRecord, materials: _Materials) -> dict[str, Any]:
    waivers = _accepting(one, record)
    entry: dict[str, Any] = {
        "bom-ref": f"vulnerability:{one.about}:{one.id}",
        "id": one.id,
        "source": _source(one.sources[0]),
        "references": [{"id": name, "source": {"name": _family(name)}} for name in one.aliases],
        "ratings": [_rating(one)],
        "recommendation": _recommendation(one),
        "analysis": _analysis(waivers),
        "affects": [
            {"ref": materials.link(ref), "versions": _versions(one)} for ref in materials.refs(one)
        ],
        "properties": [{"name": "weighbridge:told-by", "value": source} for source in one.sources],
    }
    if one.summary:
        entry["description"] = one.summary
    if one.urls:
        entry["advisories"] = [{"url": url} for url in one.urls]
    if one.published:
        entry["published"] = one.published
    if one.modified:
        entry["updated"] = one.modified
    if one.way:
        entry["properties"].append({"name": "weighbridge:introduced-by", "value": one.way})
    if one.malicious:
        entry["properties"].append({"name": "weighbridge:malicious", "value": "true"})
    return entry


def _source(name: str) -> dict[str, str]:
    return {"name": name, "url": name} if name.startswith(("https://", "http://")) else {
        "name": name
    }  # fmt: skip


def _family(identifier: str) -> str:
    """Whose list an id is of: what stands before its first dash."""
    return identifier.partition("-")[0] or identifier


def _rating(one: Affected) -> dict[str, Any]:
    rating: dict[str, Any] = {"severity": one.severity or "unknown"}
    if one.vector and one.score:
        method = _METHODS.get(one.vector[:8], "other")
        rating |= {"score": float(one.score), "method": method, "vector": one.vector}
    if one.malicious:
        rating["justification"] = "The release is itself an attack, whatever else it is rated."
    return rating


def _recommendation(one: Affected) -> str:
    if one.malicious:
        return "Remove it, and treat every machine that it reached as taken over."
    if one.fixed_versions:
        return f"Move to a repaired version: {', '.join(one.fixed_versions)}."[:_MAX_TEXT]
    return "No repaired version is known: replace it, or keep the weak part unused."


def _versions(one: Affected) -> list[dict[str, str]]:
    affected_version = [{"version": one.version, "status": "affected"}] if one.version else []
    fixed = [v for v in one.fixed_versions if v and v != one.version]
    return affected_version + [{"version": v, "status": "unaffected"} for v in fixed]


def _accepting(one: Affected, record: AuditRecord) -> list[Waiver]:
    """The waivers that accept every finding on it; none where one finding is left."""
    key = f"{one.about} {one.id}"
    findings = [
        finding
        for result in record.results
        if result.rule in _RULES
        for finding in result.findings
        if finding.key == key
    ]
    if not findings or not all(finding.waiver for finding in findings):
        return []
    names = {finding.waiver for finding in findings}
    return [waiver for waiver in record.policy.waivers if waiver.id in names]


def _analysis(waivers: list[Waiver]) -> dict[str, Any]:
    if not waivers:
        return {"state": "in_triage"}
    details = [
        f"Waiver {waiver.id} of {waiver.owner}, approved by {waiver.approver}, "
        f"until {waiver.expires.isoformat()}: {waiver.reason}"
        for waiver in waivers
    ]
    return {
        "state": "not_affected",
        "response": ["will_not_fix"],
        "detail": "\n".join(details)[:_MAX_TEXT],
    }


class _Materials:
    """The bill of materials of the same record: what its components are called."""

    def __init__(self, sbom: dict[str, Any]) -> None:
        serial = str(sbom["serialNumber"]).removeprefix("urn:uuid:")
        self.document_link = f"urn:cdx:{serial}/{sbom['version']}"
        self._model = str(sbom["metadata"]["component"]["bom-ref"])
        self._packages: dict[tuple[str, str], list[str]] = {}
        self._embedded: dict[str, list[str]] = {}
        self._files: dict[str, list[str]] = {}
        waiting = [("", sbom["metadata"]["component"])]
        waiting += [("", component) for component in sbom.get("components", [])]
        for owner, component in waiting:
            inside = component.get("components", [])
            waiting += [(component["name"], part) for part in inside]
            ref, purl = component.get("bom-ref"), str(component.get("purl", ""))
            if ref and purl and owner:
                about = f"{purl.partition('?')[0].partition('#')[0]} in {owner}"
                self._embedded.setdefault(about, []).append(ref)
            elif ref and purl.startswith("pkg:pypi/"):
                key = (component["name"], component.get("version", ""))
                self._packages.setdefault(key, []).append(ref)
            elif ref:
                self._files.setdefault(component["name"], []).append(ref)

    def refs(self, one: Affected) -> list[str]:
        """The components that a weakness affects; the model where it has none of its own."""
        found: list[str] = []
        if one.kind == "package":
            found = self._packages.get((one.package, one.version), [])
        elif one.kind == "embedded":
            found = self._embedded.get(one.about, [])
        elif one.kind == "weights":
            found = self._files.get(one.about, [])
        return sorted(found) or [self._model]

    def link(self, ref: str) -> str:
        """The BOM-Link of a component (ECMA-424, BOM-Link)."""
        return f"{self.document_link}#{quote(ref, safe=_FRAGMENT)}"
