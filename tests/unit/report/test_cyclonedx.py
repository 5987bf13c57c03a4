"""The bill of materials: valid, whole, the same every time, and without vulnerabilities."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.report import cyclonedx_records as make

from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report import cyclonedx
from weighbridge.report.cyclonedx import InvalidBom, render, render_as, validate
from weighbridge.report.cyclonedx.values import clean
from weighbridge.report.cyclonedx_references import resolves

VERSIONS = ("1.6", "1.7")
_XML_ILLEGAL = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # XML 1.0, 2.2
FULL = make.record_of(
    make.license_of("Apache-2.0"),
    make.packages_of(
        "requirements.txt",
        make.package("torch", requires=["numpy", "never-recorded"], line=3,
                     hashes=["sha256:" + "b" * 64, "sha256:" + "c" * 64]),
        make.package("numpy", hashes=["sha256:" + "d" * 64], direct=False),
        make.package("open", "", specifier=">=1"),
    ),
    make.packages_of(
        "environment:1",
        make.package("numpy", license="BSD-3-Clause AND MIT", license_is_expression=True, line=0,
                     direct=False),
        make.package("torch", license="Apache 2.0 License", requires=["torch"]),
        make.package("odd", license="MIT OR ((", license_is_expression=True, origin="vcs"),
    ),
    make.model_of(
        claims={"task": ["text-generation"], "architecture": ["LlamaForCausalLM"],
                "input": ["text"], "output": ["text"], "license": ["apache-2.0"]},
        base_models=[make.base("org/base")], metrics=[make.metric()],
        energy=[make.energy(kwh="1.5")],
    ),
    make.dataset_of("org/train", "card", license="MIT", license_id="MIT", license_status="known"),
)  # fmt: skip


def everything_hostile() -> AuditRecord:
    """Every text that a stranger chooses is hostile."""
    bad, short = make.HOSTILE, make.HOSTILE[:200]
    paths = (bad, "a\n", "a\\x0a", "a#" + "0" * 32, "a b", "a'b", 'a"b', "a<b", "x" * 5_000)
    files = tuple(replace(make.WEIGHTS[1], path=path) for path in paths)
    package = make.package(
        "p", bad, specifier=bad, license=bad, spdx=bad, origin=bad, supplier=bad, url=bad,
        uploaded=bad, purl=bad, hashes=[bad, "sha256:zz"], requires=[bad, "p"],
    )  # fmt: skip
    component = {"package": "p", "sbom": bad, "ref": bad, "type": bad, "name": bad, "version": bad,
                 "purl": bad, "license": bad, "hashes": [bad], "requires": [bad]}  # fmt: skip
    from weighbridge.report.cyclonedx.card import PROPERTIES as CARD
    from weighbridge.report.cyclonedx.model import PROPERTIES as OWN

    fields = (*CARD, *OWN, "name", "version", "description", "author", "producer", "tag", "task",
              "input", "output", "architecture", "architecture_family", "intended_use",
              "limitation", "risk", "license_link", "license")  # fmt: skip
    return make.record_of(
        make.license_of(bad, license_name=bad, raw=bad),
        make.license_of(short, raw=short),
        make.packages_of(bad, package),
        make.installation_of(bad, components=[component], hooks=[
            {"path": bad, "kind": "pth", "package": "p", "sha256": bad, "verdict": "code",
             "reasons": [bad], "lines": [bad]}]),
        make.model_of(
            name=bad, namespace=bad, revision="", purl=bad, unread=[bad],
            claims={field: [bad, short, f"https://x.example/{bad}"] for field in fields},
            base_models=[make.base(bad, bad, purl=bad, revision=bad)],
            metrics=[make.metric(metric=bad, value=bad, dataset=bad)],
            energy=[make.energy(kwh="1e999", co2_grams="NaN", activity=bad, source=bad)],
        ),
        make.dataset_of(bad, "card", "model-index", "code", license=bad, citation=bad, doi=bad,
                        url=bad, purpose=bad, pin=bad, pin_kind="sha256", recorded_in=bad),
        artifacts=files, name=bad,
    )  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_hostile_text_is_escaped_everywhere(version: Any) -> None:
    record = everything_hostile()
    data = render_as(record, spec_version=version, format="json")
    validate(data)
    text = data.decode()
    assert not set(text) & set("\x00\x1b\x07\u202e\ufffe\uffff\x85\u2028")
    assert "\\u0000" not in text.replace("\\\\u0000", "")
    strings = json.dumps(make.load(data), ensure_ascii=False)
    assert "\\n#frag" not in strings.replace("\\\\n", "")
    document = make.load(data)
    files = [c for c in document["components"] if c["type"] == "file"]
    assert len({c["bom-ref"] for c in files}) == len(record.artifacts)
    xml = render_as(record, spec_version=version, format="xml")
    root = make.parse_xml(xml, version)
    assert not any("\n" in (e.get("name") or "") for e in root.iter())
    assert "kWh" not in text


def test_no_character_is_left_that_xml_or_a_terminal_takes_ill() -> None:
    for code in (*range(0x3000), *range(0xD7F0, 0x10000), 0x1F600, 0xE0001, 0xF0000, 0x10FFFF):
        shown = clean(chr(code))
        assert shown == chr(code) or (shown.isascii() and shown.startswith("\\")), hex(code)
        assert not _XML_ILLEGAL.search(shown), hex(code)
    assert clean("x" * 6_000).endswith("… (2000 more characters)")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_and_formats_are_valid(version: Any) -> None:
    data = render_as(FULL, spec_version=version, format="json")
    validate(data)
    document = make.load(data)
    assert document["specVersion"] == version
    assert ("citations" in document) == (version == "1.7")
    root = make.parse_xml(render_as(FULL, spec_version=version, format="xml"), version)
    space = f"{{http://cyclonedx.org/schema/bom/{version}}}"
    assert root.tag == f"{space}bom"
    assert root.get("serialNumber") == document["serialNumber"]


@pytest.mark.parametrize("version", VERSIONS)
def test_xml_says_what_json_says(version: Any) -> None:
    """Every reference, text and property of the one is in the other."""
    document = make.load(render_as(FULL, spec_version=version, format="json"))
    root = make.parse_xml(render_as(FULL, spec_version=version, format="xml"), version)
    space = f"{{http://cyclonedx.org/schema/bom/{version}}}"

    def values(item: Any) -> set[str]:
        if isinstance(item, dict):
            return set().union(*map(values, item.values()), set())
        if isinstance(item, list):
            return set().union(*map(values, item), set())
        return {str(item).replace("True", "true").replace("False", "false")}

    document.pop("$schema"), document.pop("bomFormat"), document.pop("specVersion")
    texts = {e.text.strip() for e in root.iter() if e.text and e.text.strip()}
    texts |= {value for e in root.iter() for value in e.attrib.values()}
    assert values(document) - texts == set()
    names = [e.findtext(f"{space}name") for e in root.find(f"{space}components")]
    assert names == [c["name"] for c in document["components"]]


def test_the_model_its_files_and_packages() -> None:
    document = make.load(render(replace(FULL, evidence=FULL.evidence[:3])))
    model = document["metadata"]["component"]
    assert (model["type"], model["name"], model["version"]) == (
        "machine-learning-model", "tiny", make.COMMIT,
    )  # fmt: skip
    declared = {"acknowledgement": "declared"}
    assert model["licenses"] == [{"license": {"id": "Apache-2.0", **declared}}]
    assert make.properties(model, "subject-digest") == ["dirHash1:" + "a" * 64]
    found = make.components(document)
    assert sorted(ref.partition("#")[0] for ref in found) == [
        "file:README.md", "file:model.safetensors", "file:ünï_u202e_x0a.bin",
        "package:numpy@1.0", "package:odd@1.0", "package:open", "package:torch@1.0",
    ]  # fmt: skip
    assert [h["alg"] for h in found["file:model.safetensors"]["hashes"]] == ["SHA-256", "SHA-512"]
    numpy, torch = found["package:numpy@1.0"], found["package:torch@1.0"]
    assert numpy["purl"] == "pkg:pypi/numpy@1.0"
    assert numpy["licenses"] == [{"expression": "BSD-3-Clause AND MIT", **declared}]
    assert torch["licenses"] == [{"license": {"name": "Apache 2.0 License", **declared}}]
    assert found["package:odd@1.0"]["licenses"] == [{"license": {"name": "MIT OR ((", **declared}}]
    assert len(numpy["hashes"]) == 1
    assert "hashes" not in torch
    (distribution,) = torch["externalReferences"]
    assert [h["content"] for h in distribution["hashes"]] == ["b" * 64, "c" * 64]
    assert "version" not in found["package:open"]


def test_the_graph() -> None:
    graph = {d["ref"]: d.get("dependsOn", []) for d in make.load(render(FULL))["dependencies"]}
    assert [ref.partition("#")[0] for ref in graph["subject:dirHash1:" + "a" * 64]] == [
        "dataset:org/train", "file:model.safetensors", "file:ünï_u202e_x0a.bin",
        "package:odd@1.0", "package:open", "package:torch@1.0",
    ]  # fmt: skip
    assert graph["package:torch@1.0"] == ["package:numpy@1.0"]
    assert graph["package:open"] == []


def test_no_clock_no_chance_no_vulnerabilities() -> None:
    document = make.load(render(FULL))
    assert document["metadata"]["timestamp"].startswith("2026-11-20T00:00:00")
    assert document["serialNumber"].startswith("urn:uuid:")
    assert "vulnerabilities" not in document
    other = make.load(render(replace(FULL, as_of=dt.date(2026, 11, 21))))
    assert other["serialNumber"] != document["serialNumber"]


def test_the_same_bytes_under_any_hash_seed(tmp_path) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(FULL.to_bytes())
    program = (
        "import sys, pathlib; from weighbridge.model.record import AuditRecord as R;"
        "from weighbridge.report.cyclonedx import render_as;"
        "r = R.from_bytes(pathlib.Path(sys.argv[1]).read_bytes());"
        "[sys.stdout.buffer.write(render_as(r, spec_version=v, format=f))"
        " for v in ('1.6', '1.7') for f in ('json', 'xml')]"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    }  # fmt: skip
    expected = b"".join(
        render_as(FULL, spec_version=version, format=format_)
        for version in ("1.6", "1.7") for format_ in ("json", "xml")
    )  # fmt: skip
    assert outputs == {expected}


def test_how_complete_the_list_is() -> None:
    def aggregate(record: AuditRecord) -> str:
        return make.load(render(record))["compositions"][0]["aggregate"]

    hidden = {"kind": "unparsed", "line": 1, "detail": "x", "incomplete": True}
    absent = Evidence(
        EvidenceKind.PACKAGES, "", EvidenceState.ABSENT, "subject", "packages@1", "none"
    )
    cut = make.installation_of("environment:1", component_count=7)
    assert aggregate(FULL) == "unknown"
    assert aggregate(make.record_of(make.packages_of("r.txt", issues=(hidden,)))) == "incomplete"
    assert aggregate(make.record_of(absent)) == "incomplete"
    assert aggregate(make.record_of(cut)) == "incomplete"


def test_an_empty_record_and_several_licenses() -> None:
    document = make.load(render(make.record_of(artifacts=())))
    assert document.get("components", []) == []
    record = make.record_of(make.license_of("MIT"), make.license_of("llama-thing"))
    document = make.load(render(record))
    assert document["metadata"]["component"]["licenses"] == [
        {"license": {"id": "MIT", "acknowledgement": "declared"}},
        {"license": {"name": "llama-thing", "acknowledgement": "declared"}},
    ]  # fmt: skip


def test_the_library_reads_it_back() -> None:
    from cyclonedx.model.bom import Bom

    document = make.load(render(FULL))
    bom = Bom.from_json(document)  # type: ignore[attr-defined]
    assert {c.bom_ref.value for c in bom.components} == set(make.components(document))
    assert str(bom.serial_number) == document["serialNumber"].removeprefix("urn:uuid:")


def test_every_citation_leads_to_a_field_and_to_what_supplied_it() -> None:
    document = make.load(render_as(FULL, spec_version="1.7", format="json"))
    known = {"tool:weighbridge", *make.components(document)}
    pointers = {p for citation in document["citations"] for p in citation["pointers"]}
    assert all(resolves(document, pointer) for pointer in pointers)
    assert {c["attributedTo"] for c in document["citations"]} <= known
    card = "/metadata/component/modelCard"
    assert f"{card}/modelParameters/task" in pointers
    assert f"{card}/quantitativeAnalysis/performanceMetrics/0" in pointers
    assert "/metadata/component/pedigree/ancestors" in pointers
    older = make.load(render(FULL))["metadata"]["component"]
    assert make.properties(older, "source:task") == ["README.md: declared, at task, line 1"]
    assert make.properties(older, "source:name")


def test_a_thousand_packages_take_no_more_than_a_few_seconds() -> None:
    rows = [make.package(f"p{n}", requires=[f"p{n + 1}", f"p{n + 7}"], direct=n == 0,
                         hashes=["sha256:" + "a" * 64]) for n in range(1_000)]  # fmt: skip
    record = make.record_of(make.packages_of("uv.lock", *rows))
    begin = time.process_time()
    document = make.load(render(record))
    assert time.process_time() - begin < 10
    last = make.components(document)["package:p999@1.0"]
    assert int(make.properties(last, "depth")[0]) > 100
    assert make.properties(last, "introduced-by")[0].startswith("p0 > ")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a":1,"a":2}', b"[" * 10_000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises((HostileInput, InvalidBom)):
        validate(data)


def test_the_view_says_what_it_is() -> None:
    assert cyclonedx.NAME == "cyclonedx"
    assert cyclonedx.FILENAME == "sbom.cdx.json"
    assert "1.6" in cyclonedx.MEDIA_TYPE
    assert render(FULL) == render_as(FULL, spec_version="1.6", format="json")
