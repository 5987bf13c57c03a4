"""Records made by hand for the tests of the bill of materials, and the specification's schemas."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ExitCode
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import Policy
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState, Verdict
from weighbridge.model.subject import Subject, SubjectKind

SHA256 = sha256(b"w")
SHA512 = Digest("sha512", "0" * 128)
DIGESTS = (SHA256, SHA512, Digest("blake2b", "1" * 128))
COMMIT = "f" * 40
# Everything that JSON, XML, a terminal or a reader of references might stumble over.
HOSTILE = (
    "a\x00b\x1b[31m\x07\u202e\ufffe\uffff\x85\u2028]]>&amp;<x y='\"'/>\\u0000\n#frag %zz \U0001f600"
)
WEIGHTS = (
    Artifact("README.md", 3, Kind.TEXT, Presence.CONTENT, DIGESTS),
    Artifact("model.safetensors", 5, Kind.SAFETENSORS, Presence.CONTENT, DIGESTS),
    Artifact("ünï\u202e\n.bin", 7, Kind.UNREAD, Presence.POINTER, DIGESTS[:1]),
)


def observed(kind: EvidenceKind, about: str, data: dict[str, Any]) -> Evidence:
    return Evidence(kind, about, EvidenceState.OBSERVED, f"file:{about}", "test@1", data=data)


def package(name: str, version: str = "1.0", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "version": version, "specifier": f"=={version}", "pinned": bool(version),
        "hashes": [], "line": 1, "direct": True, "origin": "index",
        "purl": f"pkg:pypi/{name}@{version}" if version else f"pkg:pypi/{name}", "license": "",
        "license_is_expression": False, "spdx": "", "requires": [], "uploaded": "", "supplier": "",
        "url": "", **more,
    }  # fmt: skip


def packages_of(about: str, *packages: dict[str, Any], issues: tuple[Any, ...] = ()) -> Evidence:
    data = {
        "format": "requirements", "format_version": "", "environment": {},
        "packages": list(packages), "inactive": 0, "includes": [], "constraints": [],
        "issues": list(issues),
    }  # fmt: skip
    return observed(EvidenceKind.PACKAGES, about, data)


def license_of(identifier: str, **more: Any) -> Evidence:
    data = {"role": "declared", "id": identifier, "raw": identifier.lower(), "license_name": "",
            "line": 3, **more}  # fmt: skip
    return observed(EvidenceKind.LICENSE, "README.md", data)


def place(path: str = "README.md", key: str = "key", line: int = 1) -> dict[str, Any]:
    return {"path": path, "key": key, "line": line, "method": "declared"}


def base(identifier: str, relation: str = "finetune", **more: Any) -> dict[str, Any]:
    purl = f"pkg:huggingface/{identifier}" if identifier.count("/") == 1 else ""
    return {"id": identifier, "purl": purl, "relation": relation, "inferred": False,
            "revision": "", "place": place(key="base_model"), **more}  # fmt: skip


def metric(**more: Any) -> dict[str, Any]:
    return {
        "task": "text-generation", "dataset": "org/test", "dataset_name": "", "dataset_config": "",
        "dataset_split": "test", "dataset_revision": "", "metric": "accuracy", "name": "",
        "value": "0.5", "source": "", "place": place(key="model-index"), **more,
    }  # fmt: skip


def energy(**more: Any) -> dict[str, Any]:
    return {"activity": "fine-tuning", "co2_grams": "412.5", "kwh": "", "source": "CodeCarbon",
            "location": "", "hardware": "", "place": place(key="co2"), **more}  # fmt: skip


def model_of(**more: Any) -> Evidence:
    claims = more.pop("claims", {})
    data = {
        "name": "tuned", "namespace": "lab", "name_place": place(key="model-index[0].name"),
        "revision": COMMIT, "purl": f"pkg:huggingface/lab/tuned@{COMMIT}", "base_models": [],
        "metrics": [], "energy": [], "unread": [],
        "claims": [{"field": field, "value": value, "place": place(key=field)}
                   for field, values in claims.items() for value in values],
        **more,
    }  # fmt: skip
    return observed(EvidenceKind.MODEL, "", data)


def dataset_of(identifier: str, *kinds: str, **more: Any) -> Evidence:
    data = {
        "id": identifier,
        "used_in": [{"path": "README.md", "member": "", "line": 4, "kind": kind, "revision": ""}
                    for kind in kinds],
        "license": "", "license_id": "", "license_status": "", "citation": "", "doi": "",
        "url": "", "accessed": "", "purpose": "", "pin": "", "pin_kind": "", "recorded_in": "",
        "recorded_line": 0, **more,
    }  # fmt: skip
    return observed(EvidenceKind.DATASET, identifier, data)


def installation_of(about: str, **more: Any) -> Evidence:
    data = {"recorded": [], "unlisted": [], "unlisted_count": 0, "hooks": [], "sboms": [],
            "components": [], "component_count": len(more.get("components", [])),
            "provenance": [], **more}  # fmt: skip
    return observed(EvidenceKind.INSTALLATION, about, data)


def record_of(
    *evidence: Evidence, artifacts: tuple[Artifact, ...] | None = None, name: str = "tiny"
) -> AuditRecord:
    return AuditRecord(
        tool_version="0.1.0",
        as_of=dt.date(2026, 11, 20),
        offline=True,
        subject=Subject(SubjectKind.GIT_REVISION, name, Digest("dirHash1", "a" * 64), COMMIT),
        artifacts=WEIGHTS if artifacts is None else artifacts,
        problems=(),
        policy=Policy("baseline", "1", "", ()),
        clauses=(),
        evidence=evidence,
        breakages=(),
        results=(),
        verdict=Verdict(True, ExitCode.HOLDS, ()),
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "not sealed"),
    )


def components(document: dict[str, Any]) -> dict[str, Any]:
    """Every component by its reference, those inside of others too."""
    found, waiting = {}, list(document.get("components", []))
    for component in waiting:
        found[component["bom-ref"]] = component
        waiting.extend(component.get("components", []))
    return found


def properties(holder: dict[str, Any], name: str) -> list[str]:
    rows = holder.get("properties", [])
    return [row["value"] for row in rows if row["name"] == f"weighbridge:{name}"]


@cache
def xml_schema(version: str) -> etree.XMLSchema:
    """The specification's XSD, compiled by libxml2; its imports are the files beside it."""
    path = files("cyclonedx.schema") / "_res" / f"bom-{version}.SNAPSHOT.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


def parse_xml(data: bytes, version: str) -> etree._Element:
    """The root of a document that the XSD allows, or an AssertionError that says why not."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    schema = xml_schema(version)
    assert schema.validate(root), schema.error_log
    return root


def load(data: bytes) -> dict[str, Any]:
    found = json.loads(data)
    assert isinstance(found, dict)
    return found
