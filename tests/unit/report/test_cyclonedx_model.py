"""The model as a component: its own name, its card, its ancestors, its shards, its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.report import cyclonedx_records as make

from weighbridge.model.artifact import Artifact, Kind, Presence
from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.report.cyclonedx import render_as

BASE = "meta-llama/Llama-3.2-1B"


def made(*evidence: Evidence, artifacts: Any = None, version: Any = "1.6") -> dict[str, Any]:
    record = make.record_of(*evidence, artifacts=artifacts)
    for form in ("1.6", "1.7"):
        make.parse_xml(render_as(record, spec_version=form, format="xml"), form)  # type: ignore[arg-type]
    return make.load(render_as(record, spec_version=version, format="json"))


def model(*evidence: Evidence, **more: Any) -> dict[str, Any]:
    return made(*evidence, **more)["metadata"]["component"]


def test_a_model_is_never_its_own_ancestor() -> None:
    bases = [make.base("lab/tuned"), make.base("lab/tuned", revision="a" * 40),
             make.base("x", purl="pkg:huggingface/lab/tuned@" + "b" * 40)]  # fmt: skip
    assert "pedigree" not in model(make.model_of(base_models=bases))
    found = model(make.model_of(base_models=[*bases, make.base(BASE)]))
    assert [a["name"] for a in found["pedigree"]["ancestors"]] == ["Llama-3.2-1B"]
    local = make.model_of(namespace="", purl="", base_models=[make.base("tuned", purl="")])
    assert "pedigree" not in model(local)


def test_a_fine_tune_has_its_own_name_and_its_base_as_ancestor() -> None:
    found = model(make.model_of(base_models=[
        make.base(BASE),
        make.base(f"https://example.org/{BASE}", purl=f"pkg:huggingface/{BASE}"),
        make.base("./checkpoint-500", "", inferred=True, purl=""),
    ]))  # fmt: skip
    assert (found["group"], found["name"], found["version"]) == ("lab", "tuned", make.COMMIT)
    assert found["purl"] == f"pkg:huggingface/lab/tuned@{make.COMMIT}"
    by_name = {a["name"]: a for a in found["pedigree"]["ancestors"]}
    local, llama = by_name["./checkpoint-500"], by_name["Llama-3.2-1B"]
    assert (llama["group"], llama["name"], llama["purl"]) == (
        "meta-llama", "Llama-3.2-1B", f"pkg:huggingface/{BASE}",
    )  # fmt: skip
    assert make.properties(llama, "relation") == ["finetune"]
    assert len(make.properties(llama, "written-as")) == 2
    assert len(by_name) == 2
    assert "purl" not in local
    assert make.properties(local, "source:base-model") == ["README.md: concluded at base_model"]


def test_an_adapter_stands_on_its_base() -> None:
    document = made(make.model_of(base_models=[make.base(BASE, "adapter", revision="c" * 40)]))
    (ancestor,) = document["metadata"]["component"]["pedigree"]["ancestors"]
    assert (ancestor["version"], ancestor["purl"]) == (
        "c" * 40, f"pkg:huggingface/{BASE}@{'c' * 40}",
    )  # fmt: skip
    graph = {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}
    own = document["metadata"]["component"]["bom-ref"]
    assert ancestor["bom-ref"] in graph[own]
    merged = made(make.model_of(base_models=[make.base(BASE, "merge")]))
    graph = {row["ref"]: row.get("dependsOn", []) for row in merged["dependencies"]}
    assert ancestor["bom-ref"] not in graph[own]


def test_energy_is_never_invented() -> None:
    def environment(**facts: Any) -> dict[str, Any]:
        card = model(make.model_of(energy=[make.energy(**facts)]))["modelCard"]
        return card["considerations"]["environmentalConsiderations"]

    grams = environment()
    assert "energyConsumptions" not in grams
    assert make.properties(grams, "co2-grams") == ["412.5"]
    for kwh in ("-1", "NaN", "1e999", "about 3", "9" * 5_000, "Infinity"):
        assert "energyConsumptions" not in environment(kwh=kwh)
    (row,) = environment(kwh="0.0000001")["energyConsumptions"]
    assert row["activity"] == "fine-tuning"
    assert row["activityEnergyCost"] == {"value": 1e-07, "unit": "kWh"}
    assert row["co2CostEquivalent"] == {"value": 0.0004125, "unit": "tCO2eq"}
    assert row["energyProviders"][0]["energySource"] == "unknown"
    assert "name" not in row["energyProviders"][0]["organization"]


def test_small_numbers_are_decimals_in_xml() -> None:
    record = make.record_of(make.model_of(energy=[make.energy(kwh="0.0000001")]))
    root = make.parse_xml(render_as(record, spec_version="1.6", format="xml"), "1.6")
    space = "{http://cyclonedx.org/schema/bom/1.6}"
    values = [e.text for e in root.iter(f"{space}value")]
    assert values == ["0.0000001", "0.0000001", "0.0004125"]


def test_the_card_says_what_claims_say() -> None:
    found = model(make.model_of(
        claims={"task": ["text-generation", "other"], "architecture_family": ["llama"],
                "input": ["text", "image", "text"], "limitation": ["It errs."],
                "risk": ["Bias."], "intended_use": ["Drafts."], "hyperparameter": ["seed=42"],
                "description": ["A model."], "producer": ["The Lab"], "author": ["Ada"],
                "doi": ["10.1/x"], "tag": ["b", "a"], "link": ["https://example.org/x"]},
        metrics=[make.metric()],
    ))  # fmt: skip
    card = found["modelCard"]
    assert card["modelParameters"] == {
        "task": "text-generation", "architectureFamily": "llama",
        "inputs": [{"format": "text"}, {"format": "image"}],
    }  # fmt: skip
    assert card["considerations"] == {
        "useCases": ["Drafts."], "technicalLimitations": ["It errs."],
        "ethicalConsiderations": [{"name": "Bias."}],
    }  # fmt: skip
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.5", "slice": "org/test, split test"}
    ]
    assert make.properties(card, "hyperparameter") == ["seed=42"]
    assert (found["manufacturer"], found["authors"]) == ({"name": "The Lab"}, [{"name": "Ada"}])
    assert found["tags"] == ["a", "b"]
    urls = {row["type"]: row["url"] for row in found["externalReferences"]}
    assert urls["documentation"] == "https://doi.org/10.1/x"
    assert urls["website"] == "https://example.org/x"


def test_datasets_are_data_with_their_roles() -> None:
    document = made(
        make.model_of(),
        make.dataset_of("org/train", "card", license="cc-by-4.0", license_id="CC-BY-4.0",
                        license_status="known", pin="a" * 64, pin_kind="sha256",
                        url="https://example.org/d", citation="A. Author", doi="10.1/y",
                        recorded_in="README.md", recorded_line=9),
        make.dataset_of("org/test", "model-index", pin="main", pin_kind="branch-or-tag",
                        license="??", license_status="unknown"),
    )  # fmt: skip
    found = make.components(document)
    train, test = found["dataset:org/train"], found["dataset:org/test"]
    assert (train["type"], train["group"], train["name"]) == ("data", "org", "train")
    assert train["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert train["licenses"] == [{"license": {"id": "CC-BY-4.0", "acknowledgement": "concluded"}}]
    assert make.properties(train, "license-declared") == ["cc-by-4.0"]
    assert train["data"][0]["contents"] == {"url": "https://example.org/d"}
    assert make.properties(train, "dataset-role") == ["training"]
    assert make.properties(test, "dataset-role") == ["evaluation"]
    assert "version" not in test
    assert test["licenses"] == [{"license": {"name": "??", "acknowledgement": "declared"}}]
    card = document["metadata"]["component"]["modelCard"]
    refs = [row["ref"] for row in card["modelParameters"]["datasets"]]
    assert refs == ["dataset:org/test", "dataset:org/train"]


def shard(number: int, total: int, stem: str = "model") -> Artifact:
    path = f"{stem}-{number:05d}-of-{total:05d}.safetensors"
    return Artifact(path, 10, Kind.SAFETENSORS, Presence.CONTENT, make.DIGESTS)


@pytest.mark.parametrize("indexed", [True, False])
def test_shards_are_parts_of_one_component(indexed: bool) -> None:
    files = (shard(1, 3), shard(2, 3), shard(1, 3, "other/model"), make.WEIGHTS[1])
    name = "model.safetensors.index.json" if indexed else "model-*-of-00003.safetensors"
    facts = {
        "part": "architecture", "models": [{
            "name": name, "format": "safetensors", "files": [files[0].path], "file_count": 3,
            "whole": False, "layout": "", "tensors": 5, "parameters": 77, "exact": True,
            "dtypes": [{"dtype": "BF16", "parameters": 77}], "sizes": {},
        }], "model_count": 1,
    }  # fmt: skip
    evidence = (make.observed(EvidenceKind.STRUCTURE, ".", facts),) if indexed else ()
    document = made(*evidence, artifacts=files)
    group = make.components(document)[f"weights:{name}"]
    assert [part["name"] for part in group["components"]] == [files[0].path, files[1].path]
    for part in group["components"]:
        assert [h["alg"] for h in part["hashes"]] == ["SHA-256", "SHA-512"]
    top = {c["bom-ref"] for c in document["components"]}
    assert files[0].path not in {ref.removeprefix("file:") for ref in top}
    states = {row["assemblies"][0]: row["aggregate"] for row in document["compositions"][1:]}
    assert states[f"weights:{name}"] == ("incomplete" if indexed else "unknown")
    assert make.properties(group, "parameters") == (["77"] if indexed else [])
    graph = {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}
    assert graph[f"weights:{name}"] == [f"file:{file.path}" for file in files[:2]]


def test_signatures_and_licenses_of_the_model() -> None:
    signature = {"signature_state": "valid", "mode": "key", "covered": [], "differences": [],
                 "valid_for": [{"name": "release", "fingerprint": "sha256:0"}]}  # fmt: skip
    document = made(
        make.observed(EvidenceKind.SIGNATURE, "model sig.json", signature),
        make.license_of("", raw="other", license_name="house-license"),
    )
    found = document["metadata"]["component"]
    assert found["licenses"] == [
        {"license": {"name": "house-license", "acknowledgement": "declared"}}
    ]
    assert make.properties(found, "signature") == ["model sig.json: valid, key, by release"]
    urls = {row["type"]: row["url"] for row in found["externalReferences"]}
    assert urls["digital-signature"] == "./model%20sig.json"


def test_two_models_differ_in_their_serial_numbers() -> None:
    one = make.record_of(make.model_of())
    other = replace(one, offline=False)
    numbers = {make.load(render_as(r, spec_version="1.7", format="json"))["serialNumber"]
               for r in (one, other)}  # fmt: skip
    assert len(numbers) == 2
