"""The bill of materials: the model, its weights, its data and its packages, as CycloneDX.

CycloneDX 1.6 and 1.7, JSON and XML, made with ``cyclonedx-python-lib``; what it has no class for
(model card, data, compositions, citations) is added after it. The same record gives the same bytes:
the serial number is derived from the record, the time is the record's date. Known weaknesses are
not in it: they change while the materials stay, and BSI TR-03183-2 wants them apart; the verdicts
of the audit are in a document of their own (:mod:`weighbridge.report.cyclonedx.attestations`).
"""

from __future__ import annotations

import json
from typing import Any, Literal

from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx.part import SpecVersion
from weighbridge.report.cyclonedx.stated import Stated
from weighbridge.report.cyclonedx_schema import InvalidBom, validate, validate_bom

__all__ = [
    "FILENAME", "MEDIA_TYPE", "NAME",
    "InvalidBom", "as_document", "render", "render_as", "validate",
]  # fmt: skip

NAME = "cyclonedx"
FILENAME = "sbom.cdx.json"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"


def render(record: AuditRecord) -> bytes:
    """The document in CycloneDX 1.6 JSON, validated.

    Raises:
        InvalidBom: what was written breaks the schema. A defect of this package.
    """
    return render_as(record, spec_version="1.6", format="json")


def render_as(
    record: AuditRecord,
    *,
    spec_version: SpecVersion,
    format: Literal["json", "xml"],  # noqa: A002 - what CycloneDX calls it
    stated: Stated | None = None,
) -> bytes:
    """The document in a version and format. XML is made of what was validated as JSON.

    Raises:
        InvalidBom: what was written breaks the schema. A defect of this package.
        UsageError: what is stated contradicts the record.
    """
    from weighbridge.report.cyclonedx.document import NOTHING, build

    made = build(record, spec_version, xml=format == "xml", stated=stated or NOTHING)
    validate_bom(made.json)
    if format == "xml":
        from weighbridge.report.cyclonedx.xml import as_xml

        return as_xml(made)
    return as_bytes(made.json)


def as_document(record: AuditRecord, spec_version: SpecVersion = "1.6") -> dict[str, Any]:
    """The document as JSON that is not written yet: what :mod:`weighbridge.report.g7` reads."""
    from weighbridge.report.cyclonedx.document import build

    return build(record, spec_version).json


def as_bytes(made: dict[str, Any]) -> bytes:
    """JSON as bytes: indented, keys sorted."""
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
