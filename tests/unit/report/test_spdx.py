"""SPDX 3.0.1: the model's own identity, every hash, every license, every reference."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report import spdx
from weighbridge.report.spdx import terms
from weighbridge.report.spdx.terms import NO_ASSERTION_LICENSE
from weighbridge.report.spdx.valid import InvalidSpdx, validate_spdx, validator

CARD = {"path": "README.md", "key": "base_model", "line": 4, "method": "declared"}
BASE = "meta-llama/Llama-3.2-1B"
BASE_PURL = "pkg:huggingface/meta-llama/Llama-3.2-1B"


def claim(field: str, value: str) -> dict:
    return {"field": field, "value": value, "place": CARD}


def package(name: str, version: str = "1.0", **more: object) -> dict:
    return {
        "name": name, "version": version, "specifier": f"=={version}", "pinned": True,
        "hashes": [f"sha256:{'a' * 64}"], "line": 3, "direct": False, "origin": "index",
        "purl": f"pkg:pypi/{name}@{version}", "license": "MIT", "license_is_expression": True,
        "spdx": "MIT", "requires": [], "uploaded": "2026-01-02", "supplier": "Someone",
        "url": "https://example.org/x", **more,
    }  # fmt: skip


def dataset(name: str, kind: str, **more: object) -> dict:
    use = {"path": "README.md", "member": "", "line": 9, "kind": kind, "revision": ""}
    return {
        "id": name, "used_in": [use], "license": "", "license_id": "", "license_status": "",
        "citation": "", "doi": "", "url": "", "accessed": "", "purpose": "", "pin": "",
        "pin_kind": "", "recorded_in": "", "recorded_line": 0, **more,
    }  # fmt: skip


def base(name: str, purl: str = "", relation: str = "finetune") -> dict:
    return {"id": name, "purl": purl, "relation": relation, "inferred": False, "revision": "",
            "place": CARD}  # fmt: skip


MODEL = {
    "name": "support-1b",
    "namespace": "harbor",
    "name_place": CARD,
    "revision": "f" * 40,
    "purl": "pkg:huggingface/harbor/support-1b@" + "f" * 40,
    "claims": [
        claim("architecture", "LlamaForCausalLM"), claim("task", "text-generation"),
        claim("limitation", "Invents ships."), claim("hyperparameter", "seed=42"),
        claim("description", "Answers questions."),
    ],
    "base_models": [base(BASE, BASE_PURL), base("harbor/support-1b"),
                    base(f"https://hub.example/{BASE}", BASE_PURL)],
    "metrics": [
        {"task": "", "dataset": "d/x", "dataset_name": "", "dataset_config": "",
         "dataset_split": "test", "dataset_revision": "", "metric": "accuracy", "name": "",
         "value": "0.8", "source": "", "place": CARD},
    ],
    "energy": [
        {"activity": "fine-tuning", "co2_grams": "412.5", "kwh": "", "source": "CodeCarbon",
         "location": "", "hardware": "", "place": CARD},
    ],
    "unread": [],
}  # fmt: skip
PACKAGES = {
    "format": "requirements", "format_version": "", "environment": {}, "inactive": 0,
    "includes": [], "constraints": [], "issues": [],
    "packages": [
        package("a", direct=True, requires=["b"]),
        package("b", requires=["c", "b"], license="BSD", license_is_expression=False,
                spdx="BSD-3-Clause"),
        package("c", requires=["a"], license="my own words", license_is_expression=False, spdx="",
                hashes=[]),
    ],
}  # fmt: skip
INSTALLATION = {
    "recorded": [
        {"package": "c", "version": "1.0", "state": "verified", "reason": "",
         "record_sha256": "b" * 64, "files": 4, "verified": 3, "unhashed": 1, "differences": [],
         "difference_count": 0},
    ],
    "components": [
        {"package": "a", "sbom": "a.json", "ref": "r1", "type": "library", "name": "zlib",
         "version": "1.3", "purl": "pkg:generic/zlib@1.3", "license": "Zlib", "hashes": [],
         "requires": ["r2", "gone"]},
        {"package": "a", "sbom": "a.json", "ref": "r2", "type": "library", "name": "libc",
         "version": "", "purl": "", "license": "", "hashes": [f"sha512:{'c' * 128}"],
         "requires": []},
    ],
}  # fmt: skip
LICENSE = {"role": "declared", "raw": "other", "license_name": "harbor-license", "id": "",
           "status": "other"}  # fmt: skip


def seen(kind: EvidenceKind, about: str, data: dict) -> Evidence:
    return Evidence(kind, about, EvidenceState.OBSERVED, f"file:{about}", "test@1", data=data)


EVIDENCE = (
    seen(EvidenceKind.MODEL, "", MODEL),
    seen(EvidenceKind.PACKAGES, "requirements.txt", PACKAGES),
    seen(EvidenceKind.INSTALLATION, "environment:1", INSTALLATION),
    seen(EvidenceKind.LICENSE, "README.md", LICENSE),
    seen(EvidenceKind.DATASET, "d/x", dataset("d/x", "model-index", license="mit",
                                              license_id="MIT", license_status="known")),
    seen(EvidenceKind.DATASET, "d/y", dataset("d/y", "card", pin="d" * 64, pin_kind="sha256",
                                              doi="10.1/x", url="https://example.org/y")),
    seen(EvidenceKind.DATASET, "d/z", dataset("d/z", "code")),
)  # fmt: skip
FILES = tuple(
    Artifact(path, 10, Kind.SAFETENSORS, Presence.CONTENT,
             (Digest("sha256", "1" * 64), Digest("sha512", "2" * 128)))
    for path in ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
)  # fmt: skip


@pytest.fixture(scope="module")
def record(factory) -> AuditRecord:
    made = factory.holding_record()
    return dataclasses.replace(made, evidence=EVIDENCE, artifacts=FILES, problems=())


@pytest.fixture(scope="module")
def graph(record) -> list[dict]:
    return json.loads(spdx.render(record))["@graph"]


def one(graph: list[dict], type_: str, name: str) -> dict:
    found = [n for n in graph if n["type"] == type_ and n.get("name") == name]
    assert len(found) == 1, found
    return found[0]


def related(graph: list[dict], source: dict, kind: str) -> list[str]:
    names = {n.get("spdxId"): n.get("name") or n.get("simplelicensing_licenseExpression")
             for n in graph}  # fmt: skip
    return sorted(
        names.get(target) or target
        for n in graph
        if n.get("relationshipType") == kind and n["from"] == source["spdxId"]
        for target in n["to"]
    )


def test_a_hostile_record_gives_a_valid_document(factory) -> None:
    for made in (factory.hostile_record(), factory.make_record()):
        validate_spdx(json.loads(spdx.render(made)))


def test_the_same_record_gives_the_same_bytes(record) -> None:
    first = spdx.render(record)
    assert spdx.render(AuditRecord.from_bytes(record.to_bytes())) == first
    changed = dataclasses.replace(record, offline=not record.offline)
    assert spdx.render(changed) != first  # identifiers are those of one record


def test_the_model_has_its_own_identity_and_is_not_its_own_ancestor(graph) -> None:
    model = one(graph, "ai_AIPackage", "support-1b")
    assert model["software_packageVersion"] == "f" * 40
    assert model["software_packageUrl"].startswith("pkg:huggingface/harbor/support-1b@")
    assert related(graph, model, "descendantOf") == [BASE]
    assert one(graph, "ai_AIPackage", BASE)["software_packageUrl"] == BASE_PURL
    assert one(graph, "Agent", "harbor")["spdxId"] == model["suppliedBy"]


def test_only_what_the_card_gives_is_said(graph) -> None:
    model = one(graph, "ai_AIPackage", "support-1b")
    assert model["ai_typeOfModel"] == ["LlamaForCausalLM"]
    assert model["ai_domain"] == ["text-generation"]
    assert model["ai_limitation"] == "Limitations: Invents ships."
    assert [(e["key"], e["value"]) for e in model["ai_hyperparameter"]] == [("seed", "42")]
    assert [(e["key"], e["value"]) for e in model["ai_metric"]] == [("accuracy on d/x test", "0.8")]
    assert "412.5 g CO2eq" in model["ai_informationAboutTraining"]
    assert "ai_energyConsumption" not in model  # grams of carbon are no kilowatt-hours
    assert "ai_safetyRiskAssessment" not in model


def test_kilowatt_hours_are_written_where_the_card_gives_them(record) -> None:
    data = copy.deepcopy(MODEL)
    data["energy"][0]["kwh"] = "3.25"
    made = dataclasses.replace(record, evidence=(seen(EvidenceKind.MODEL, "", data),))
    model = one(json.loads(spdx.render(made))["@graph"], "ai_AIPackage", "support-1b")
    (energy,) = model["ai_energyConsumption"]["ai_finetuningEnergyConsumption"]
    assert (energy["ai_energyQuantity"], energy["ai_energyUnit"]) == ("3.25", "kilowattHour")


def test_every_file_has_both_hashes_and_is_contained(graph) -> None:
    files = [n for n in graph if n["type"] == "software_File"]
    assert [{h["algorithm"] for h in f["verifiedUsing"]} for f in files] == [
        {"sha256", "sha512"}
    ] * 2
    model = one(graph, "ai_AIPackage", "support-1b")
    assert related(graph, model, "contains") == sorted(artifact.path for artifact in FILES)


def test_datasets_are_trained_on_or_tested_on_as_the_place_says(graph) -> None:
    model = one(graph, "ai_AIPackage", "support-1b")
    assert related(graph, model, "trainedOn") == ["d/y"]
    assert related(graph, model, "testedOn") == ["d/x"]
    assert related(graph, model, "other") == ["d/z"]
    pinned = one(graph, "dataset_DatasetPackage", "d/y")
    assert pinned["verifiedUsing"][0]["hashValue"] == "d" * 64
    assert pinned["externalIdentifier"][0]["identifier"] == "10.1/x"
    assert related(graph, one(graph, "dataset_DatasetPackage", "d/x"), "hasConcludedLicense") == [
        "MIT"
    ]


def test_each_package_has_its_purl_its_hash_and_what_it_requires(graph) -> None:
    model = one(graph, "ai_AIPackage", "support-1b")
    assert related(graph, model, "dependsOn") == ["a"]
    first, third = one(graph, "software_Package", "a"), one(graph, "software_Package", "c")
    assert first["software_packageUrl"] == "pkg:pypi/a@1.0"
    assert first["verifiedUsing"][0]["hashValue"] == "a" * 64
    assert first["releaseTime"] == "2026-01-02T00:00:00Z"
    assert related(graph, one(graph, "software_Package", "b"), "dependsOn") == ["c"]
    assert "Introduced by a > b > c." in third["comment"]
    assert third["verifiedUsing"][0]["hashValue"] == "b" * 64  # of its RECORD
    assert "RECORD: verified, 3 of 4" in third["comment"]


def test_declared_and_concluded_licenses_are_apart(graph) -> None:
    second, third = one(graph, "software_Package", "b"), one(graph, "software_Package", "c")
    assert related(graph, second, "hasConcludedLicense") == ["BSD-3-Clause"]
    (declared,) = related(graph, third, "hasDeclaredLicense")
    assert declared.startswith("LicenseRef-weighbridge-")
    assert related(graph, third, "hasConcludedLicense") == [NO_ASSERTION_LICENSE]
    words = {n["simplelicensing_licenseText"] for n in graph
             if n["type"] == "simplelicensing_SimpleLicensingText"}  # fmt: skip
    assert words == {"BSD", "my own words", "harbor-license"}


def test_every_model_and_dataset_has_one_license_of_each_kind(graph) -> None:
    for node in graph:
        if node["type"] in ("ai_AIPackage", "dataset_DatasetPackage"):
            for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
                assert len(related(graph, node, kind)) == 1, node


def test_embedded_components_lie_in_their_package(graph) -> None:
    assert related(graph, one(graph, "software_Package", "a"), "contains") == ["libc", "zlib"]
    assert related(graph, one(graph, "software_Package", "zlib"), "dependsOn") == ["libc"]


def test_each_value_says_where_it_was_read(graph) -> None:
    (note,) = [n for n in graph if n["type"] == "Annotation"]
    places = json.loads(note["statement"])
    assert {"field": "task", "value": "text-generation", **CARD} in places
    assert {"field": "base_model", "value": BASE, **CARD} in places


def test_a_source_that_was_not_read_makes_the_dependencies_incomplete(record) -> None:
    lost = Evidence(EvidenceKind.PACKAGES, "x.lock", EvidenceState.UNAVAILABLE, "file:x.lock",
                    "test@1", "it is broken")  # fmt: skip
    made = dataclasses.replace(record, evidence=(*EVIDENCE, lost))
    nodes = json.loads(spdx.render(made))["@graph"]
    (sbom,) = [n for n in nodes if n["type"] == "software_Sbom"]
    assert "not wholly read" in sbom["comment"]
    model = one(nodes, "ai_AIPackage", "support-1b")
    stated = [
        n.get("completeness")
        for n in nodes
        if (n.get("relationshipType"), n.get("from")) == ("dependsOn", model["spdxId"])
    ]
    assert stated == ["incomplete"]


def broken(document: dict, change) -> str:
    changed = copy.deepcopy(document)
    change(changed["@graph"])
    with pytest.raises(InvalidSpdx) as caught:
        validate_spdx(changed)
    return caught.value.message


def test_the_schema_and_the_references_refuse_what_is_wrong(record) -> None:
    made = spdx.document(record)
    model = next(n for n, e in enumerate(made["@graph"]) if e["type"] == "ai_AIPackage")
    relation = next(n for n, e in enumerate(made["@graph"]) if e["type"] == "Relationship")
    assert "colour" in broken(made, lambda g: g[model].update(colour="red"))
    assert "ai_domain" in broken(made, lambda g: g[model].update(ai_domain="text"))
    assert "spdxId" in broken(made, lambda g: g[model].pop("spdxId"))
    assert "madeUp" in broken(made, lambda g: g[relation].update(relationshipType="madeUp"))
    assert "urn:gone:1 is not there" in broken(
        made, lambda g: g[relation].update(to=["urn:gone:1"])
    )
    assert "two elements" in broken(made, lambda g: g.append(g[model]))
    assert "ai_Nothing" in broken(made, lambda g: g[model].update(type="ai_Nothing"))
    assert "created" in broken(made, lambda g: g[0].update(created="2026-11-20"))


def test_the_table_of_terms_holds_together() -> None:
    classes = terms.classes()
    assert len(classes) == 90
    assert {"ai_AIPackage", "dataset_DatasetPackage", "software_Sbom"} <= set(
        terms.derived("Element")
    )
    assert "Element" not in terms.derived("Element")  # nothing can be only that
    for one_class in classes.values():
        for held in one_class.properties.values():
            if held.kind == "class":
                assert held.of in classes
            elif held.kind == "enum":
                assert held.of in terms.enumerations()
    assert {"trainedOn", "testedOn", "descendantOf"} <= set(
        terms.enumerations()["RelationshipType"]
    )
    assert validator().is_valid({"@context": terms.CONTEXT, "@graph": []})
