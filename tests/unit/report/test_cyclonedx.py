"""The bill of materials: valid, whole, the same every time, and without vulnerabilities."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import ExitCode, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import Policy
from weighbridge.model.record import AuditRecord, TimestampNote, TimestampState, Verdict
from weighbridge.model.subject import Subject, SubjectKind
from weighbridge.report import cyclonedx
from weighbridge.report.cyclonedx import InvalidBom, render, validate

DIGESTS = (sha256(b"w"), Digest("sha512", "0" * 128), Digest("blake2b", "1" * 128))


def package(name: str, version: str = "1.0", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "version": version, "specifier": f"=={version}", "pinned": bool(version),
        "hashes": [], "line": 1, "direct": True, "origin": "index",
        "purl": f"pkg:pypi/{name}@{version}", "license": "", "license_is_expression": False,
        "requires": [], **more,
    }  # fmt: skip


def packages_of(about: str, *packages: dict[str, Any], issues: tuple[Any, ...] = ()) -> Evidence:
    data = {
        "format": "requirements", "format_version": "", "environment": {},
        "packages": list(packages), "inactive": 0, "includes": [], "constraints": [],
        "issues": list(issues),
    }  # fmt: skip
    return Evidence(
        EvidenceKind.PACKAGES, about, EvidenceState.OBSERVED, f"file:{about}", "packages@1",
        data=data,
    )  # fmt: skip


def license_of(identifier: str) -> Evidence:
    return Evidence(
        EvidenceKind.LICENSE, "README.md", EvidenceState.OBSERVED, "file:README.md", "licenses@1",
        data={"role": "declared", "id": identifier, "raw": identifier.lower()},
    )  # fmt: skip


def record_of(*evidence: Evidence, artifacts: tuple[Artifact, ...] | None = None) -> AuditRecord:
    weights = (
        Artifact("README.md", 3, Kind.TEXT, Presence.CONTENT, DIGESTS),
        Artifact("model.safetensors", 5, Kind.SAFETENSORS, Presence.CONTENT, DIGESTS),
        Artifact("ünï\u202e\n.bin", 7, Kind.UNREAD, Presence.POINTER, DIGESTS[:1]),
    )
    return AuditRecord(
        tool_version="0.1.0",
        as_of=dt.date(2026, 11, 20),
        offline=True,
        subject=Subject(SubjectKind.GIT_REVISION, "tiny", Digest("dirHash1", "a" * 64), "f" * 40),
        artifacts=weights if artifacts is None else artifacts,
        problems=(),
        policy=Policy("baseline", "1", "", ()),
        clauses=(),
        evidence=evidence,
        breakages=(),
        results=(),
        verdict=Verdict(True, ExitCode.HOLDS, ()),
        timestamp=TimestampNote(TimestampState.NOT_REQUESTED, "not sealed"),
    )


FULL = record_of(
    license_of("Apache-2.0"),
    packages_of(
        "requirements.txt",
        package("torch", requires=["numpy", "never-recorded"], line=3,
                hashes=["sha256:" + "b" * 64, "sha256:" + "c" * 64]),
        package("numpy", hashes=["sha256:" + "d" * 64], direct=False),
        package("open", "", specifier=">=1"),
    ),
    packages_of(
        "environment:1",
        package("numpy", license="BSD-3-Clause AND MIT", license_is_expression=True, line=0),
        package("torch", license="Apache 2.0 License", requires=["torch"]),
        package("odd", license="MIT OR ((", license_is_expression=True, origin="vcs"),
    ),
)  # fmt: skip


def components(document: dict[str, Any]) -> dict[str, Any]:
    return {c["bom-ref"]: c for c in document["components"]}


def test_the_model_its_files_and_packages() -> None:
    document = json.loads(render(FULL))
    model = document["metadata"]["component"]
    assert (model["type"], model["name"], model["version"]) == (
        "machine-learning-model", "tiny", "f" * 40,
    )  # fmt: skip
    assert model["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert {"name": "weighbridge:subject-digest", "value": "dirHash1:" + "a" * 64} in model[
        "properties"
    ]
    found = components(document)
    assert sorted(found) == [
        "file:model.safetensors", "file:ünï\u202e\n.bin",
        "package:numpy@1.0", "package:odd@1.0", "package:open", "package:torch@1.0",
    ]  # fmt: skip
    assert [h["alg"] for h in found["file:model.safetensors"]["hashes"]] == ["SHA-256", "SHA-512"]
    assert found["package:numpy@1.0"]["purl"] == "pkg:pypi/numpy@1.0"
    assert found["package:numpy@1.0"]["licenses"] == [{"expression": "BSD-3-Clause AND MIT"}]
    assert found["package:torch@1.0"]["licenses"] == [{"license": {"name": "Apache 2.0 License"}}]
    assert found["package:odd@1.0"]["licenses"] == [{"license": {"name": "MIT OR (("}}]
    assert len(found["package:numpy@1.0"]["hashes"]) == 1
    assert "hashes" not in found["package:torch@1.0"]
    names = [p["name"] for p in found["package:torch@1.0"]["properties"]]
    assert names.count("weighbridge:accepted-hash") == 2
    assert "version" not in found["package:open"]


def test_the_graph() -> None:
    graph = {d["ref"]: d.get("dependsOn", []) for d in json.loads(render(FULL))["dependencies"]}
    assert graph["subject:dirHash1:" + "a" * 64] == [
        "file:model.safetensors", "file:ünï\u202e\n.bin", "package:numpy@1.0", "package:odd@1.0",
        "package:open", "package:torch@1.0",
    ]  # fmt: skip
    assert graph["package:torch@1.0"] == ["package:numpy@1.0"]
    assert graph["package:open"] == []


def test_no_clock_no_chance_no_vulnerabilities() -> None:
    document = json.loads(render(FULL))
    assert document["metadata"]["timestamp"].startswith("2026-11-20T00:00:00")
    assert document["serialNumber"].startswith("urn:uuid:")
    assert "vulnerabilities" not in document
    other = json.loads(render(replace(FULL, as_of=dt.date(2026, 11, 21))))
    assert other["serialNumber"] != document["serialNumber"]


def test_the_same_bytes_under_any_hash_seed(tmp_path) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(FULL.to_bytes())
    program = (
        "import sys, pathlib; from weighbridge.model.record import AuditRecord as R;"
        "from weighbridge.report.cyclonedx import render;"
        "sys.stdout.buffer.write(render(R.from_bytes(pathlib.Path(sys.argv[1]).read_bytes())))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"), ("3", "UTC"))
    }  # fmt: skip
    assert outputs == {render(FULL)}


def test_how_complete_the_list_is() -> None:
    def aggregate(record: AuditRecord) -> str:
        return json.loads(render(record))["compositions"][0]["aggregate"]

    hidden = {"kind": "unparsed", "line": 1, "detail": "x", "incomplete": True}
    absent = Evidence(
        EvidenceKind.PACKAGES, "", EvidenceState.ABSENT, "subject", "packages@1", "none"
    )
    assert aggregate(FULL) == "unknown"
    assert aggregate(record_of(packages_of("r.txt", issues=(hidden,)))) == "incomplete"
    assert aggregate(record_of(absent)) == "incomplete"


def test_an_empty_record_and_several_licenses() -> None:
    document = json.loads(render(record_of(artifacts=())))
    assert document.get("components", []) == []
    document = json.loads(render(record_of(license_of("MIT"), license_of("llama-thing"))))
    assert document["metadata"]["component"]["licenses"] == [
        {"license": {"id": "MIT"}}, {"license": {"name": "llama-thing"}},
    ]  # fmt: skip


def test_the_library_reads_it_back() -> None:
    from cyclonedx.model.bom import Bom

    document = json.loads(render(FULL))
    bom = Bom.from_json(document)  # type: ignore[attr-defined]
    assert {c.bom_ref.value for c in bom.components} == set(components(document))
    assert str(bom.serial_number) == document["serialNumber"].removeprefix("urn:uuid:")


def _broken(change: Any) -> bytes:
    document = json.loads(render(FULL))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["dependencies"].append({"ref": "package:gone"}),
        lambda d: d["dependencies"][0].update(dependsOn=["package:gone"]),
        lambda d: d["dependencies"].append(dict(d["dependencies"][0], dependsOn=[])),
        lambda d: d["dependencies"][1].update(dependsOn=[d["dependencies"][1]["ref"]]),
        lambda d: d["components"][0].update({"bom-ref": d["components"][1]["bom-ref"]}),
        lambda d: d["compositions"][0].update(dependencies=["gone"]),
        lambda d: d.update(surprise=1),
        lambda d: d.update(specVersion="1.7"),
        lambda d: d["metadata"].update(timestamp="yesterday"),
        lambda d: d["components"][0].update(type="spaceship"),
        lambda d: d["components"][0].update(hashes=[{"alg": "SHA-256", "content": "xyz"}]),
        lambda d: d["components"][0].update(licenses=[{"license": {"id": "No-Such-Id"}}]),
        lambda d: d.pop("bomFormat"),
    ],
)
def test_invalid_documents_are_refused(change: Any) -> None:
    with pytest.raises(InvalidBom):
        validate(_broken(change))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a":1,"a":2}', b"[" * 10_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises((HostileInput, InvalidBom)):
        validate(data)


def test_validating_needs_no_network_and_no_other_file() -> None:
    validate(render(FULL))
    assert cyclonedx.NAME == "cyclonedx"
    assert cyclonedx.FILENAME == "sbom.cdx.json"
    assert "1.6" in cyclonedx.MEDIA_TYPE
