"""The bill of materials as SPDX 3.0.1 in JSON-LD, with the AI and Dataset profiles.

The same record gives the same bytes: identifiers follow from the record's digest, the time is the
record's date. Known weaknesses are not in it, as in the CycloneDX document.
"""

from __future__ import annotations

import json
from typing import Any

from weighbridge.model.record import AuditRecord
from weighbridge.report.spdx.datasets import add_datasets
from weighbridge.report.spdx.graph import Graph
from weighbridge.report.spdx.model import add_model
from weighbridge.report.spdx.packages import add_packages
from weighbridge.report.spdx.terms import CONTEXT
from weighbridge.report.spdx.valid import InvalidSpdx, validate_spdx

__all__ = ["FILENAME", "MEDIA_TYPE", "NAME", "InvalidSpdx", "document", "render"]

NAME = "spdx"
FILENAME = "sbom.spdx.json"
MEDIA_TYPE = "application/spdx+json; version=3.0.1"


def render(record: AuditRecord) -> bytes:
    """The document, validated.

    Raises:
        InvalidSpdx: what was written breaks the schema. A defect of this room.
    """
    made = document(record)
    validate_spdx(made)
    text = json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def document(record: AuditRecord) -> dict[str, Any]:
    """The document as JSON, not validated yet."""
    graph = Graph(record)
    model = add_model(graph, record)
    has_datasets = add_datasets(graph, record, model)
    complete = add_packages(graph, record, model)
    parts = sorted(graph.elements)
    profiles = ["ai", "core", "simpleLicensing", "software"]
    if has_datasets:
        profiles.append("dataset")
    name = graph.elements[model]["name"]
    sbom = graph.add(
        "sbom",
        "software_Sbom",
        name=name,
        software_sbomType=["analyzed"],
        profileConformance=sorted(profiles),
        rootElement=[model],
        element=parts,
        comment="" if complete == "noAssertion" else "A source of packages was not wholly read.",
    )
    graph.add(
        "document",
        "SpdxDocument",
        name=f"Bill of materials of {name}",
        profileConformance=sorted(profiles),
        rootElement=[sbom],
        element=sorted(graph.elements),
        comment=f"Made from the audit record {record.digest}, policy {record.policy.id}.",
    )
    return {"@context": CONTEXT, "@graph": graph.document()}
