"""The datasets of a record as SPDX dataset packages, and what the model did with each."""

from __future__ import annotations

import re
from typing import Any

from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.spdx.graph import Graph, hashes, sentences

_DATE = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]")
# What a place that names a dataset says of it. A card's `datasets` are those it was trained on
# (Hub documentation, model cards); code may do anything with what it loads.
_RELATIONS = {"card": "trainedOn", "model-index": "testedOn", "code": "other"}


def add_datasets(graph: Graph, record: AuditRecord, model: str) -> bool:
    """Add every dataset that is named, and its relationship to the model; whether there is one."""
    found: dict[str, Any] = {}
    for evidence in record.evidence:
        if evidence.kind is EvidenceKind.DATASET and evidence.state is EvidenceState.OBSERVED:
            data: Any = evidence.data
            if data.get("id"):
                found.setdefault(data["id"], data)
    for name in sorted(found):
        _add(graph, found[name], model)
    return bool(found)


def _add(graph: Graph, facts: Any, model: str) -> None:
    pin, kind = facts["pin"], facts["pin_kind"]
    accessed = _DATE.match(facts["accessed"])
    element = graph.add(
        ("dataset", facts["id"]),
        "dataset_DatasetPackage",
        name=facts["id"],
        description=facts["purpose"],
        dataset_datasetType=["noAssertion"],
        software_primaryPurpose="data",
        software_packageVersion=pin if kind in ("commit", "dvc") else "",
        software_downloadLocation=_address(facts["url"]),
        software_attributionText=[facts["citation"]] if facts["citation"] else [],
        verifiedUsing=hashes([f"sha256:{pin}"]) if kind == "sha256" else [],
        externalIdentifier=_doi(facts["doi"]),
        comment=sentences(
            [
                *(_place(use) for use in facts["used_in"]),
                f"Recorded in {facts['recorded_in']}." if facts["recorded_in"] else "",
                f"Accessed on {accessed[0]}." if accessed else "",
                f"{pin} is a branch or tag, which can move." if kind == "branch-or-tag" else "",
            ]
        ),
    )
    known = facts["license_id"] if facts["license_status"] == "known" else ""
    graph.licensed(element, declared=facts["license"], concluded=known)
    for kind in sorted({use["kind"] for use in facts["used_in"]}):
        comment = "The model's code names it." if kind == "code" else ""
        graph.relate(model, _RELATIONS[kind], [element], comment=comment)


def _place(use: Any) -> str:
    member = f" {use['member']}" if use["member"] else ""
    revision = f" at revision {use['revision']}" if use["revision"] else ""
    return f"Named{revision} by {use['path']}{member}:{use['line']} ({use['kind']})."


def _address(text: str) -> str:
    """An address as it stands, or nothing: a location must be an IRI."""
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _doi(text: str) -> list[dict[str, str]]:
    if not text:
        return []
    return [
        {
            "type": "ExternalIdentifier",
            "externalIdentifierType": "other",
            "identifier": text,
            "comment": "DOI",
        }
    ]
