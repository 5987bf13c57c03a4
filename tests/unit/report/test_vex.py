"""Known weaknesses as a document beside the bill of materials."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any
from urllib.parse import unquote

import pytest

from weighbridge.model.digest import Digest, sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import Policy, RuleSetting, Waiver
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.policy.evaluate import evaluate
from weighbridge.report import cyclonedx, vex
from weighbridge.report.cyclonedx_schema import InvalidBom, validate, validate_bom
from weighbridge.rules.registry import load_rules

AS_OF = dt.date(2026, 11, 20)
SUBJECT = Subject(SubjectKind.DIRECTORY, "m", Digest("dirHash1", "0" * 64))
VECTOR = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


def package(name: str, version: str, line: int, *requires: str) -> dict[str, Any]:
    return {
        "name": name, "version": version, "specifier": f"=={version}", "pinned": True,
        "hashes": [], "line": line, "direct": line == 1, "origin": "index",
        "purl": f"pkg:pypi/{name}@{version}", "license": "", "license_is_expression": False,
        "spdx": "", "requires": list(requires), "uploaded": "", "supplier": "", "url": "",
    }  # fmt: skip


def weakness(identifier: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier, "aliases": [], "summary": "Made up <b>\x1b", "severity": "",
        "fixed_versions": [], "malicious": False, "score": "", "vector": "", "published": "",
        "modified": "", "urls": [], **more,
    }  # fmt: skip


def observed(name: str, version: str, *advisories: dict[str, Any]) -> Evidence:
    data = {
        "kind": "package", "package": name, "version": version, "asked_version": version,
        "service_knows_package": None, "advisories": list(advisories), "withdrawn": [],
        "known_on": "",
    }  # fmt: skip
    return Evidence(EvidenceKind.VULNERABILITY, f"{name}=={version}", EvidenceState.OBSERVED,
                    "https://osv.example", "t@1", data=data)  # fmt: skip


def evidence() -> tuple[Evidence, ...]:
    listed = [package("app", "1.0", 1, "jinja2"), package("jinja2", "2.11.2", 2),
              package("tourch", "1!1.0+local", 3)]  # fmt: skip
    sources = {
        "format": "requirements",
        "format_version": "",
        "environment": {},
        "packages": listed,
        "inactive": 0,
        "includes": [],
        "constraints": [],
        "issues": [],
    }
    return (
        Evidence(EvidenceKind.PACKAGES, "requirements.txt", EvidenceState.OBSERVED,
                 "file:requirements.txt", "t@1", data=sources),
        observed("app", "1.0"),
        observed("jinja2", "2.11.2", weakness(
            "PYSEC-0000-1", aliases=["CVE-0000-1"], severity="critical", score="9.3",
            vector=VECTOR, fixed_versions=["2.11.3"], published="2026-01-01T00:00:00Z",
            modified="2026-01-02T00:00:00Z", urls=["https://example.org/a?b=c#d"])),
        observed("tourch", "1!1.0+local", weakness(
            "MAL-0000-1", severity="critical", malicious=True)),
        Evidence(EvidenceKind.VULNERABILITY, "open", EvidenceState.UNAVAILABLE, "packages", "t@1",
                 "no exact version is recorded to ask advisories for"),
    )  # fmt: skip


def record(*waivers: Waiver, found: tuple[Evidence, ...] | None = None) -> AuditRecord:
    rules = load_rules("vulnerabilities")
    policy = Policy("p", "1", "o", tuple(RuleSetting(r.META.id, r.META.severity) for r in rules),
                    waivers=waivers)  # fmt: skip
    everything = evidence() if found is None else found
    results, verdict = evaluate(policy=policy, rules=rules, subject=SUBJECT, breakages=(),
                                evidence=everything, as_of=AS_OF)  # fmt: skip
    return AuditRecord(
        "0", AS_OF, False, SUBJECT, (), (), policy, (), everything, (), results, verdict,
        TimestampNote(TimestampState.NOT_REQUESTED, "no"),
    )  # fmt: skip


def waiver(rule: str, number: int) -> Waiver:
    return Waiver(f"W-{number}", rule, SUBJECT.digest, "**", "owner", "not reached", "approver",
                  dt.date(2026, 1, 1), dt.date(2027, 1, 1))  # fmt: skip


def entries(document: bytes) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(document)["vulnerabilities"]}


def test_it_is_valid_and_every_reference_leads_into_the_bill_of_materials() -> None:
    made = record()
    data = vex.render(made)
    validate(data)
    assert data == vex.render(made)
    sbom = json.loads(cyclonedx.render(made))
    link = f"urn:cdx:{sbom['serialNumber'].removeprefix('urn:uuid:')}/1#"
    refs = {c["bom-ref"]: c.get("purl", "") for c in sbom["components"]}
    found = {}
    for identifier, entry in entries(data).items():
        (affects,) = entry["affects"]
        assert affects["ref"].startswith(link)
        found[identifier] = refs[unquote(affects["ref"].removeprefix(link))]
    assert found["PYSEC-0000-1"] == "pkg:pypi/jinja2@2.11.2"
    assert found["MAL-0000-1"].startswith("pkg:pypi/tourch@1")
    assert json.loads(data)["serialNumber"] != sbom["serialNumber"]
    assert "vulnerabilities" not in sbom, "BSI TR-03183-2: not in the bill of materials"


def test_what_an_entry_says() -> None:
    entry = entries(vex.render(record()))["PYSEC-0000-1"]
    assert entry["ratings"] == [
        {"severity": "critical", "score": 9.3, "method": "CVSSv4", "vector": VECTOR}
    ]
    assert entry["references"] == [{"id": "CVE-0000-1", "source": {"name": "CVE"}}]
    assert entry["source"] == {"name": "https://osv.example", "url": "https://osv.example"}
    assert entry["advisories"] == [{"url": "https://example.org/a?b=c#d"}]
    assert (entry["published"], entry["updated"]) == (
        "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z",
    )  # fmt: skip
    assert entry["affects"][0]["versions"] == [
        {"version": "2.11.2", "status": "affected"},
        {"version": "2.11.3", "status": "unaffected"},
    ]
    assert "2.11.3" in entry["recommendation"]
    assert {"name": "weighbridge:introduced-by", "value": "app > jinja2"} in entry["properties"]
    assert entry["analysis"] == {"state": "in_triage"}


def test_a_waiver_is_not_affected_with_its_reason_if_it_accepts_every_finding() -> None:
    one = entries(vex.render(record(waiver("known-vulnerability", 1))))
    assert one["PYSEC-0000-1"]["analysis"] == {
        "state": "not_affected",
        "response": ["will_not_fix"],
        "detail": "Waiver W-1 of owner, approved by approver, until 2027-01-01: not reached",
    }
    assert one["MAL-0000-1"]["analysis"] == {"state": "in_triage"}, "the other rule still says no"
    both = record(waiver("known-vulnerability", 1), waiver("malicious-package", 2))
    assert entries(vex.render(both))["MAL-0000-1"]["analysis"]["state"] == "not_affected"


def test_all_three_states_are_in_it() -> None:
    properties = json.loads(vex.render(record()))["metadata"]["properties"]
    assert {p["name"]: p["value"] for p in properties if p["name"].endswith("-count")} == {
        "weighbridge:vulnerable-count": "2",
        "weighbridge:not-vulnerable-count": "1",
        "weighbridge:not-assessed-count": "1",
    }
    values = [p["value"] for p in properties]
    assert "app==1.0" in values
    assert "open: no exact version is recorded to ask advisories for" in values


def test_nothing_known_is_a_valid_document_too() -> None:
    absent = Evidence(EvidenceKind.VULNERABILITY, "", EvidenceState.ABSENT, "packages", "t@1", "no")
    data = vex.render(record(found=(absent,)))
    validate(data)
    assert json.loads(data)["vulnerabilities"] == []


def test_a_weakness_of_files_and_models_leads_to_the_model() -> None:
    data = {"kind": "base-model", "package": "pkg:huggingface/a/b", "version": "",
            "asked_version": "", "service_knows_package": None, "withdrawn": [], "known_on": "",
            "advisories": [weakness("ACME-0000-1")]}  # fmt: skip
    about = Evidence(EvidenceKind.VULNERABILITY, "pkg:huggingface/a/b", EvidenceState.OBSERVED,
                     "model-advisories", "t@1", data=data)  # fmt: skip
    made = record(found=(about,))
    (affects,) = entries(vex.render(made))["ACME-0000-1"]["affects"]
    model = json.loads(cyclonedx.render(made))["metadata"]["component"]["bom-ref"]
    assert unquote(affects["ref"].partition("#")[2]) == model
    assert affects["versions"] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [(("analysis", "state"), "fine"), (("ratings",), [{"severity": "awful"}]), (("id",), 7)],
)
def test_the_validation_can_fail(place: tuple[str, ...], value: object) -> None:
    document = json.loads(vex.render(record()))
    target = document["vulnerabilities"][0]
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    with pytest.raises(InvalidBom):
        validate_bom(document)


def test_other_evidence_is_another_document() -> None:
    made = record()
    later = dataclasses.replace(made, as_of=dt.date(2026, 11, 21))
    serials = {json.loads(vex.render(one))["serialNumber"] for one in (made, later)}
    assert len(serials) == 2
    assert sha256(vex.render(made)) != sha256(vex.render(later))
