"""The whole document: components, what depends on what, how complete it is, where it comes from.

Each component goes through the library by itself, as a whole ``Bom`` is checked against itself in
time that grows with the square of its size (20,000 packages: over a minute).
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.model.evidence import EvidenceKind
from weighbridge.model.record import AuditRecord
from weighbridge.report import g7
from weighbridge.report.cyclonedx import lineage
from weighbridge.report.cyclonedx.datasets import dataset_parts
from weighbridge.report.cyclonedx.files import source_parts, weight_parts
from weighbridge.report.cyclonedx.material import Material, file_ref
from weighbridge.report.cyclonedx.model import model_part
from weighbridge.report.cyclonedx.package_parts import package_parts
from weighbridge.report.cyclonedx.packages import Packages
from weighbridge.report.cyclonedx.part import Part, SpecVersion, as_properties
from weighbridge.report.cyclonedx.sources import TOOL_REF, Sources
from weighbridge.report.cyclonedx.stated import Stated, sign, state
from weighbridge.report.cyclonedx.values import clean

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom

# What each document that is made from a record goes by, in its serial number.
SBOM = "sbom"
ATTESTATIONS = "attestations"
VULNERABILITIES = "vex"
NOTHING = Stated()


@dataclass(frozen=True, slots=True)
class Document:
    """A bill of materials as JSON, and the parts that it was made of, which XML is made of too."""

    version: SpecVersion
    bom: Bom
    model: Part
    parts: tuple[Part, ...]
    json: dict[str, Any]


def build(
    record: AuditRecord, version: SpecVersion, *, xml: bool = False, stated: Stated = NOTHING
) -> Document:
    """The bill of materials of a record; with ``xml``, so that it can be written as XML too.

    Raises:
        UsageError: what is stated contradicts the record.
    """
    material, sources = Material(record), Sources()
    packages = Packages(material)
    model = model_part(material, sources)
    state(stated, model, sources)
    bom = bom_of(record, model, SBOM)
    if stated.digest:  # another document, though of the same record
        bom.serial_number = uuid.uuid5(bom.serial_number, stated.digest)
        sign(stated, bom)
    model.settle(version, xml=xml)

    def settled(parts: Iterable[Part]) -> list[Part]:
        return [part.settle(version, xml=xml) for part in parts]

    weights = settled(weight_parts(material, sources))
    datasets = settled(dataset_parts(material, sources))
    others = settled(package_parts(packages, material, sources))
    others += settled(source_parts(material, sources.paths()))
    parts = sorted((*weights, *datasets, *others), key=lambda part: part.ref)
    if version == "1.6":
        sources.as_properties([model, *parts])
    made = bom_as_json(bom, model, version)
    made["components"] = [part.as_json() for part in parts]
    made["dependencies"] = _dependencies(material, (*weights, *datasets), packages)
    made["compositions"] = _compositions(material, weights, packages)
    # The elements are asked of the document with its own data in it, and then written into these.
    properties = {
        ("weighbridge:record", str(record.digest)),
        ("weighbridge:policy", clean(record.policy.id)),
    }
    made["metadata"]["properties"] = as_properties(properties)
    for element in g7.elements(record, made):
        properties.add((f"weighbridge:g7:{element.key}", clean(element.words)))
    made["metadata"]["properties"] = as_properties(properties)
    if version == "1.7":
        files = {path: file_ref(path) for path in sources.paths() if path in material.artifacts}
        citations = sources.as_citations(made, files, timestamp(record))
        if citations:
            made["citations"] = citations
    return Document(version, bom, model, tuple(parts), made)


def bom_as_json(bom: Bom, model: Part, version: SpecVersion) -> dict[str, Any]:
    """The document without its components."""
    from cyclonedx.output.json import JsonV1Dot6, JsonV1Dot7

    output = JsonV1Dot6 if version == "1.6" else JsonV1Dot7
    made: dict[str, Any] = json.loads(output(bom).output_as_string())
    made["metadata"]["component"] = model.as_json()
    made.pop("dependencies", None)  # the library's own, of the model alone
    return made


def bom_of(record: AuditRecord, model: Part, purpose: str) -> Bom:
    """The document's own data: what it is about, what made it and when, all from the record."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
    from cyclonedx.model.tool import ToolRepository

    tool = Component(
        name="weighbridge",
        type=ComponentType.APPLICATION,
        version=record.tool_version,
        bom_ref=TOOL_REF,
    )
    kinds = ExternalReferenceType
    beside = []
    if purpose == SBOM and record.clauses:
        beside.append((ATTESTATIONS, kinds.ATTESTATION, "the verdicts of the audit, by clause"))
    if purpose == SBOM and any(e.kind is EvidenceKind.VULNERABILITY for e in record.evidence):
        words = "known weaknesses of the packages, and what was not assessed"
        beside.append((VULNERABILITIES, kinds.VULNERABILITY_ASSERTION, words))
    links = [
        ExternalReference(type=kind, url=XsUri(f"urn:cdx:{serial(record, other)}/1"), comment=words)
        for other, kind, words in beside
    ]
    return Bom(
        serial_number=serial(record, purpose),
        external_references=links,
        metadata=BomMetaData(
            timestamp=dt.datetime.combine(record.as_of, dt.time(), dt.UTC),
            component=model.component,
            lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
            tools=ToolRepository(components=[tool]),
        ),
    )


def serial(record: AuditRecord, purpose: str) -> uuid.UUID:
    """The serial number of a document made from a record: always the same."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:weighbridge:{purpose}:{record.digest}")


def timestamp(record: AuditRecord) -> str:
    """The record's date as the document writes times."""
    return dt.datetime.combine(record.as_of, dt.time(), dt.UTC).isoformat()


def _dependencies(
    material: Material, parts: Sequence[Part], packages: Packages
) -> list[dict[str, Any]]:
    """The model on its weights, its data, the packages asked for, and the base of an adapter."""
    graph = packages.edges()
    own = {part.ref for part in parts}
    own |= {package.ref for package in packages if package.depth == 1}
    for ancestor in lineage.ancestors(material):
        graph[ancestor.ref] = set()
        if "adapter" in ancestor.relations:
            own.add(ancestor.ref)
    graph[material.model_ref] = own
    for part in parts:
        graph[part.ref] = {child.ref for child in part.children}
        graph.update({child.ref: set() for child in part.children})
    return [
        {"ref": ref, **({"dependsOn": sorted(targets)} if targets else {})}
        for ref, targets in sorted(graph.items())
    ]


def _compositions(
    material: Material, weights: list[Part], packages: Packages
) -> list[dict[str, Any]]:
    """How complete the document is: of the packages at most ``unknown``, as files name no others.

    Shards are complete where the headers of all of them were read and agree with the index.
    """
    unread = packages.cut or material.packages_unread
    made: list[dict[str, Any]] = [
        {
            "aggregate": "incomplete" if unread else "unknown",
            "dependencies": [material.model_ref],
        }
    ]
    for part in weights:
        whole = dict(part.properties).get("weighbridge:whole")
        if part.children:
            words = {"true": "complete", "false": "incomplete"}
            made.append({"aggregate": words.get(whole or "", "unknown"), "assemblies": [part.ref]})
    return made
