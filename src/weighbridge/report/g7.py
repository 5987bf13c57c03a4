"""The minimum elements of an SBOM for AI: which of the 50 a document fills, and why not the others.

Source: BSI and G7 partners, "SBOM for AI: Minimum Elements" (12 May 2026, voluntary), by the
transcription ``g7ai.ttl`` of openregtech/sbom; the seven clusters and the names are its own. An
element is filled where the document has a value for it that somebody declared or that was
computed; that the name of an element occurs does not fill it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from weighbridge.model.record import AuditRecord

Json = dict[str, Any]
Finder = Callable[[Json], str]


@dataclass(frozen=True, slots=True)
class Element:
    """One element. ``place`` is a JSON Pointer to its value, empty where it is unknown.

    ``reason`` says why it is unknown, half a sentence; empty where it is filled.
    """

    cluster: str
    name: str
    place: str
    reason: str

    @property
    def key(self) -> str:
        """``models.hash-value``."""
        return f"{self.cluster}.{self.name}"

    @property
    def filled(self) -> bool:
        """Whether the document has a value for it."""
        return bool(self.place)

    @property
    def words(self) -> str:
        """``filled``, or ``unknown`` and the reason."""
        return "filled" if self.filled else f"unknown: {self.reason}"


def elements(record: AuditRecord, bom: Json) -> tuple[Element, ...]:
    """All 50 elements, in the order of the clusters.

    Args:
        record: the record that the document was made from.
        bom: a CycloneDX document (1.6 or 1.7) as JSON, valid by its schema.
    """
    found = []
    for cluster, rows in _ELEMENTS.items():
        for name, find, reason in rows:
            place = find(bom)
            found.append(Element(cluster, name, place, "" if place else _reason(record, reason)))
    return tuple(found)


def _reason(record: AuditRecord, reason: str) -> str:
    """Why it is unknown; that nothing was to be asked of anybody is the nearer reason."""
    if reason == _VULNERABILITIES and record.offline:
        return "the audit was offline, and the record holds no lookup of vulnerabilities"
    return reason


def _at(pointer: str) -> Finder:
    """The value at a pointer, if there is one that says something."""

    def find(bom: Json) -> str:
        found: Any = bom
        for step in pointer.split("/")[1:]:
            if isinstance(found, list):
                found = found[int(step)] if int(step) < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return pointer if found not in (None, "", [], {}) else ""

    return find


def _either(*finders: Finder) -> Finder:
    """The first that is filled."""
    return lambda bom: next((place for find in finders if (place := find(bom))), "")


def _both(*finders: Finder) -> Finder:
    """The first, if all are filled."""
    return lambda bom: finders[0](bom) if all(find(bom) for find in finders) else ""


def _property(name: str, base: str = "/metadata/component") -> Finder:
    """A property of an object of the document."""

    def find(bom: Json) -> str:
        holder: Any = bom
        for step in base.split("/")[1:]:
            holder = holder.get(step, {}) if isinstance(holder, dict) else {}
        for number, row in enumerate(holder.get("properties", [])):
            if row["name"] == f"weighbridge:{name}" and row.get("value"):
                return f"{base}/properties/{number}"
        return ""

    return find


def _components(bom: Json, kind: str) -> Iterator[tuple[str, Json]]:
    for number, component in enumerate(bom.get("components", [])):
        if component["type"] == kind:
            yield f"/components/{number}", component


def _dataset(*members: str) -> Finder:
    """A member of every dataset: what one of them lacks is not known of the data."""

    def find(bom: Json) -> str:
        places = []
        for pointer, component in _components(bom, "data"):
            member = next((m for m in members if _has(component, m)), "")
            if not member:
                return ""
            places.append(f"{pointer}/{member}" if "=" not in member else f"{pointer}/properties")
        return places[0] if places else ""

    return find


def _has(component: Json, member: str) -> bool:
    """``member`` is a path of members; ``=name`` stands for a property of that name."""
    if member.startswith("="):
        return bool(_property(member[1:], "")(component))
    return bool(_at(f"/{member}")(component))


def _weights(bom: Json) -> Iterator[tuple[str, Json]]:
    """The weight files, in groups and alone: those that a graph says the model consists of."""
    model = bom["metadata"]["component"].get("bom-ref")
    rows = {row["ref"]: row.get("dependsOn", []) for row in bom.get("dependencies", [])}
    own = set(rows.get(model, []))
    for pointer, component in _components(bom, "file"):
        if component.get("bom-ref") in own:
            yield pointer, component
    for pointer, group in _components(bom, "machine-learning-model"):
        if group.get("bom-ref") in own:
            for number, part in enumerate(group.get("components", [])):
                yield f"{pointer}/components/{number}", part


def _weight_hashes(bom: Json) -> str:
    """The hashes of the weights, if every weight file has one."""
    found = list(_weights(bom))
    if not found or not all(component.get("hashes") for _, component in found):
        return ""
    return f"{found[0][0]}/hashes"


def _depends(kind: str) -> Finder:
    """Whether the model's own dependencies name a component of that type, and where they stand."""

    def find(bom: Json) -> str:
        model = bom["metadata"]["component"].get("bom-ref")
        wanted = {component.get("bom-ref") for _, component in _components(bom, kind)}
        for number, row in enumerate(bom.get("dependencies", [])):
            if row["ref"] == model and wanted & set(row.get("dependsOn", [])):
                return f"/dependencies/{number}/dependsOn"
        return ""

    return find


def _any_dependency(bom: Json) -> str:
    rows = bom.get("dependencies", [])
    return "/dependencies" if any(row.get("dependsOn") for row in rows) else ""


def _external(kind: str, base: str = "") -> Finder:
    """An external reference of a type, of the document or of an object in it."""

    def find(bom: Json) -> str:
        holder: Any = bom
        for step in base.split("/")[1:]:
            holder = holder.get(step, {})
        for number, row in enumerate(holder.get("externalReferences", [])):
            if row["type"] == kind:
                return f"{base}/externalReferences/{number}"
        return ""

    return find


def _software(bom: Json) -> str:
    for pointer, _ in _components(bom, "library"):
        return pointer
    return ""


_MODEL = "/metadata/component"
_CARD = f"{_MODEL}/modelCard"
_PARAMETERS = f"{_CARD}/modelParameters"
_IN_AND_OUT = _both(_at(f"{_PARAMETERS}/inputs"), _at(f"{_PARAMETERS}/outputs"))
_PRODUCER = _either(
    _at(f"{_MODEL}/manufacturer"), _at(f"{_MODEL}/supplier"), _at(f"{_MODEL}/authors"),
    _at(f"{_MODEL}/publisher"),
)  # fmt: skip
_WHEN = _either(_property("weights-committed"), _property("released"))
_NOT_IN_FILES = "no file of the model says it"
_NO_DATE = "no file and no commit says when the weights were made"
_NO_DATASET = "it is not recorded of every dataset, or no dataset is named"
_VULNERABILITIES = "the record holds no lookup of vulnerabilities, so no document tells of them"
_CARD_ONLY = "the model's card does not say it"

# Each cluster's elements: the name, where a value may stand, and why there is none.
_ELEMENTS: dict[str, tuple[tuple[str, Finder, str], ...]] = {
    "metadata": (
        ("author", _either(_at("/metadata/authors"), _at("/metadata/manufacturer")),
         "the record does not say who ran the audit"),
        ("version", _at("/version"), "the document has none"),
        ("format-name", _at("/bomFormat"), "the document has none"),
        ("format-version", _at("/specVersion"), "the document has none"),
        ("author-signature", _at("/signature"),
         "the signature is made over the finished document, which cannot hold it"),
        ("tool-name", _at("/metadata/tools/components/0/name"), "the document names none"),
        ("tool-version", _at("/metadata/tools/components/0/version"), "the document names none"),
        ("generation-context", _at("/metadata/lifecycles"), "the document names none"),
        ("timestamp", _at("/metadata/timestamp"), "the document has none"),
        ("dependency-relationship", _any_dependency, "nothing is known to depend on anything"),
    ),
    "system": (
        ("name", _at(f"{_MODEL}/name"), _NOT_IN_FILES),
        ("components", _at("/components"), "no component is known"),
        ("producer", _PRODUCER, _NOT_IN_FILES),
        ("version", _at(f"{_MODEL}/version"), "no revision is known"),
        ("timestamp", _WHEN, _NO_DATE),
        ("data-flow", _at("/services"), "files do not tell how data flow through a system"),
        ("data-usage", _dataset("=dataset-role"), _NO_DATASET),
        ("input-output", _IN_AND_OUT, _CARD_ONLY),
        ("intended-application-area", _at(f"{_CARD}/considerations/useCases"), _CARD_ONLY),
    ),
    "models": (
        ("name", _at(f"{_MODEL}/name"), _NOT_IN_FILES),
        ("identifier", _either(_at(f"{_MODEL}/purl"), _property("subject-digest")),
         _NOT_IN_FILES),
        ("version", _at(f"{_MODEL}/version"), "no revision is known"),
        ("timestamp", _WHEN, _NO_DATE),
        ("producer", _PRODUCER, _NOT_IN_FILES),
        ("description", _at(f"{_MODEL}/description"), _CARD_ONLY),
        ("hash-value", _weight_hashes, "not every weight file could be hashed, or there is none"),
        ("hash-algorithm", _weight_hashes,
         "not every weight file could be hashed, or there is none"),
        ("properties", _either(_at(f"{_PARAMETERS}/modelArchitecture"),
                               _at(f"{_PARAMETERS}/architectureFamily")), _NOT_IN_FILES),
        ("input-output", _IN_AND_OUT, _CARD_ONLY),
        ("training-properties", _either(_property("hyperparameter", _CARD),
                                        _property("training", _CARD)), _CARD_ONLY),
        ("license", _at(f"{_MODEL}/licenses"), "the model declares none"),
        ("external-references", _at(f"{_MODEL}/externalReferences"), _NOT_IN_FILES),
    ),
    "datasets": (
        ("name", _dataset("name"), _NO_DATASET),
        ("description", _dataset("data/0/description", "description"), _NO_DATASET),
        ("content", _either(_dataset("data/0/contents"), _property("training-data", _CARD)),
         "no address of the data and no section on them is recorded"),
        ("identifier", _dataset("purl", "bom-ref"), _NO_DATASET),
        ("hash", _dataset("hashes", "=pin"), _NO_DATASET),
        ("provenance", _dataset("=citation", "externalReferences"), _NO_DATASET),
        ("statistical-properties", _dataset("data/0/graphics"),
         "no record of the datasets has a place for it"),
        ("sensitivity", _dataset("data/0/classification", "data/0/sensitiveData"),
         "no record of the datasets has a place for it"),
        ("dependency-relationship", _depends("data"), _NO_DATASET),
        ("license", _dataset("licenses"), _NO_DATASET),
    ),
    "infrastructure": (
        ("software", _either(_software, _property("library", _CARD)), _NOT_IN_FILES),
        ("hardware", _either(
            _property("hardware", _CARD),
            _property("energy-hardware", f"{_CARD}/considerations/environmentalConsiderations")),
         _CARD_ONLY),
    ),
    "security": (
        ("controls", _external("digital-signature", _MODEL), "the weights are not signed"),
        ("compliance", _external("attestation"), "the policy names no clause of any framework"),
        ("policy-information", _property("policy", "/metadata"), "the document names none"),
        ("vulnerability-referencing",
         _either(_external("vulnerability-assertion"), _external("exploitability-statement")),
         _VULNERABILITIES),
    ),
    "kpi": (
        ("security-metrics", _property("security-metric", _CARD), _CARD_ONLY),
        ("operational-performance", _at(f"{_CARD}/quantitativeAnalysis/performanceMetrics"),
         _CARD_ONLY),
    ),
}  # fmt: skip
