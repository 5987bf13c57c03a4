"""The 50 minimum elements: filled where there is a value, else unknown with a reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests import fine_tune
from tests.unit.report import cyclonedx_records as make

from weighbridge.audit import AuditRequest, run_audit
from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx import as_document, render_as, validate
from weighbridge.report.cyclonedx_references import resolves
from weighbridge.report.g7 import elements

COUNTS = {"metadata": 10, "system": 9, "models": 13, "datasets": 10, "infrastructure": 2,
          "security": 4, "kpi": 2}  # fmt: skip


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> AuditRecord:
    folder: Path = fine_tune.build_hub_cache(tmp_path_factory.mktemp("hub"))
    request = AuditRequest(
        folder, dt.date(2026, 11, 20), offline=True, algorithms=("sha256", "sha512")
    )
    return run_audit(request).record


def unknown(record: AuditRecord) -> dict[str, str]:
    found = elements(record, as_document(record))
    return {element.key: element.reason for element in found if not element.filled}


def test_there_are_fifty_in_seven_clusters() -> None:
    record = make.record_of()
    found = elements(record, as_document(record))
    assert Counter(element.cluster for element in found) == COUNTS
    assert len({element.key for element in found}) == 50


def test_an_empty_model_fills_little_and_says_why() -> None:
    record = make.record_of(artifacts=())
    found = elements(record, as_document(record))
    filled = {element.key for element in found if element.filled}
    assert filled == {
        "metadata.version", "metadata.format-name", "metadata.format-version",
        "metadata.tool-name", "metadata.tool-version", "metadata.generation-context",
        "metadata.timestamp", "system.name", "system.version", "models.name",
        "models.identifier", "models.version", "security.policy-information",
    }  # fmt: skip
    assert all(element.reason for element in found if not element.filled)
    assert all(element.words.startswith("unknown: ") for element in found if not element.filled)


def test_every_place_leads_to_a_value(tuned: AuditRecord) -> None:
    document = as_document(tuned)
    for element in elements(tuned, document):
        assert bool(element.reason) != element.filled
        if element.filled:
            assert resolves(document, element.place), element.key


def test_one_dataset_without_a_license_leaves_the_license_unknown() -> None:
    licensed = make.dataset_of("a/b", "card", license="MIT", license_id="MIT",
                               license_status="known", purpose="training")  # fmt: skip
    assert "datasets.license" not in unknown(make.record_of(licensed))
    both = make.record_of(licensed, make.dataset_of("c/d", "card"))
    assert {"datasets.license", "datasets.description", "datasets.hash"} <= set(unknown(both))


def test_one_weight_file_without_a_hash_leaves_the_hash_unknown() -> None:
    assert "models.hash-value" not in unknown(make.record_of())
    bare = (*make.WEIGHTS, make.Artifact("b.bin", 1, make.Kind.UNREAD, make.Presence.POINTER))
    assert "models.hash-value" in unknown(make.record_of(artifacts=bare))


def test_a_branch_is_no_hash_of_a_dataset() -> None:
    movable = make.dataset_of("a/b", "card", pin="main", pin_kind="branch-or-tag")
    assert "datasets.hash" in unknown(make.record_of(movable))


def test_the_fine_tune_fills_forty(tuned: AuditRecord) -> None:
    missing = unknown(tuned)
    assert len(missing) <= 10, missing
    assert set(missing) <= {
        "metadata.author", "metadata.author-signature", "system.timestamp", "system.data-flow",
        "models.timestamp", "datasets.content", "datasets.statistical-properties",
        "datasets.sensitivity", "security.controls", "kpi.security-metrics",
    }  # fmt: skip


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_the_document_holds_the_table(tuned: AuditRecord, version: Any) -> None:
    data = render_as(tuned, spec_version=version, format="json")
    validate(data)
    make.parse_xml(render_as(tuned, spec_version=version, format="xml"), version)
    document = make.load(data)
    rows = {row["name"].removeprefix("weighbridge:g7:"): row["value"]
            for row in document["metadata"]["properties"] if ":g7:" in row["name"]}  # fmt: skip
    assert rows == {e.key: e.words for e in elements(tuned, document)}


def test_the_fine_tune_is_itself_and_complete(tuned: AuditRecord) -> None:
    document = as_document(tuned)
    model = document["metadata"]["component"]
    assert (model["group"], model["name"], model["version"]) == (
        fine_tune.NAMESPACE, fine_tune.NAME, fine_tune.REVISION,
    )  # fmt: skip
    (base,) = model["pedigree"]["ancestors"]
    assert f"{base['group']}/{base['name']}" == fine_tune.BASE
    found = make.components(document)
    for name in (*fine_tune.SHARDS, fine_tune.GGUF):
        assert [h["alg"] for h in found[f"file:{name}"]["hashes"]] == ["SHA-256", "SHA-512"]
    group = found["weights:model.safetensors.index.json"]
    assert [part["name"] for part in group["components"]] == list(fine_tune.SHARDS)
    environment = model["modelCard"]["considerations"]["environmentalConsiderations"]
    assert make.properties(environment, "co2-grams") == ["412.5"]
    assert "energyConsumptions" not in environment
    assert {f"dataset:{name}" for name in fine_tune.DATASETS} <= set(found)
