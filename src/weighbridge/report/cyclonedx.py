"""The bill of materials: the model, its weight files and packages, as CycloneDX 1.6 JSON.

The same record gives the same bytes: the serial number is derived from the record, the time is the
record's date. Known weaknesses are not in it: they change while the materials stay, and BSI
TR-03183-2 wants them apart.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from weighbridge.model.artifact import Artifact
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.record import AuditRecord
from weighbridge.report.cyclonedx_schema import InvalidBom, validate, validate_bom

if TYPE_CHECKING:
    from cyclonedx.model import HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License

__all__ = ["FILENAME", "MEDIA_TYPE", "NAME", "InvalidBom", "render", "validate"]

NAME = "cyclonedx"
FILENAME = "sbom.cdx.json"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"

_HASHES = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_MAX_LICENSE = 500
_MAX_EDGES = 500_000


def render(record: AuditRecord) -> bytes:
    """The document, validated.

    Raises:
        InvalidBom: what was written breaks the schema. A defect of this module.
    """
    from cyclonedx.output.json import JsonV1Dot6

    materials = _Materials(record)
    document = json.loads(JsonV1Dot6(materials.bom()).output_as_string())
    # Each component goes through the library by itself: a whole Bom is checked against itself in
    # quadratic time (20,000 packages: over a minute). It has no class for compositions.
    components = sorted(materials.components(), key=lambda c: str(c.bom_ref.value))
    document["components"] = [_as_json(component) for component in components]
    document["dependencies"] = materials.dependencies()
    document["compositions"] = [
        {"aggregate": materials.completeness, "dependencies": [materials.model_ref]}
    ]
    data = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
    validate_bom(document)
    return data


@dataclass(slots=True)
class _Package:
    """One name and version, with all that any source says of it."""

    name: str
    version: str
    hashes: set[str] = field(default_factory=set)
    requires: set[str] = field(default_factory=set)
    license: tuple[bool, str] = (False, "")
    properties: set[tuple[str, str]] = field(default_factory=set)
    maybe_direct: bool = False

    def add(self, fact: PackageFact, source: str) -> None:
        self.hashes.update(fact["hashes"])
        self.requires.update(fact["requires"])
        self.license = max(self.license, (fact["license_is_expression"], fact["license"]))
        self.maybe_direct = self.maybe_direct or fact["direct"] is not False
        line = f":{fact['line']}" if fact["line"] else ""
        self.properties.add(("weighbridge:source", f"{source}{line}"))
        if not fact["pinned"]:
            self.properties.add(("weighbridge:specifier", fact["specifier"] or "any version"))
        if fact["origin"] != "index":
            self.properties.add(("weighbridge:origin", fact["origin"]))


class _Materials:
    """What the record knows of the materials, in the library's classes."""

    def __init__(self, record: AuditRecord) -> None:
        self.record = record
        self.model_ref = f"subject:{record.subject.digest}"
        self.completeness = "unknown"
        self.packages = self._read_packages()
        self.weights = [artifact for artifact in record.artifacts if artifact.is_weight]

    def _read_packages(self) -> list[_Package]:
        """Every package once; ``completeness`` is ``incomplete`` where something was unread."""
        found: dict[tuple[str, str], _Package] = {}
        for evidence in self.record.evidence:
            if evidence.kind is not EvidenceKind.PACKAGES:
                continue
            if evidence.state is not EvidenceState.OBSERVED:
                self.completeness = "incomplete"
                continue
            facts = cast(PackagesFacts, evidence.data)
            if any(issue["incomplete"] for issue in facts["issues"]):
                self.completeness = "incomplete"
            for fact in facts["packages"]:
                key = (fact["name"], fact["version"])
                package = found.setdefault(key, _Package(*key))
                package.add(fact, evidence.about)
        return [found[key] for key in sorted(found)]

    def bom(self) -> Bom:
        from cyclonedx.model import Property
        from cyclonedx.model.bom import Bom, BomMetaData
        from cyclonedx.model.component import Component, ComponentType
        from cyclonedx.model.tool import ToolRepository

        record = self.record
        tool = Component(
            name="weighbridge", type=ComponentType.APPLICATION, version=record.tool_version
        )
        serial = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:weighbridge:sbom:{record.digest}")
        return Bom(
            serial_number=serial,
            metadata=BomMetaData(
                timestamp=dt.datetime.combine(record.as_of, dt.time(), dt.UTC),
                component=self.model(),
                tools=ToolRepository(components=[tool]),
                properties=[
                    Property(name="weighbridge:record", value=str(record.digest)),
                    Property(name="weighbridge:policy", value=record.policy.id),
                ],
            ),
        )

    def components(self) -> list[Component]:
        """The weight files and the packages."""
        return [
            *(self.file(artifact) for artifact in self.weights),
            *(self.package(package) for package in self.packages),
        ]

    def model(self) -> Component:
        from cyclonedx.model import Property
        from cyclonedx.model.component import Component, ComponentType

        subject = self.record.subject
        return Component(
            name=subject.name,
            type=ComponentType.MACHINE_LEARNING_MODEL,
            version=subject.revision or None,
            bom_ref=self.model_ref,
            licenses=self.model_licenses(),
            properties=[
                Property(name="weighbridge:subject-digest", value=str(subject.digest)),
                Property(name="weighbridge:subject-kind", value=subject.kind.value),
            ],
        )

    def model_licenses(self) -> list[License]:
        """What the model declares; several declared ids are several licenses."""
        declared = set()
        for evidence in self.record.evidence:
            if evidence.kind is EvidenceKind.LICENSE and evidence.state is EvidenceState.OBSERVED:
                data: Mapping[str, Any] = evidence.data
                text = data.get("id") or data.get("license_name") or data.get("raw")
                if data.get("role") == "declared" and isinstance(text, str) and text:
                    declared.add(text)
        if len(declared) == 1:
            return _licenses(declared.pop(), is_expression=True)
        named = [_named_license(text) for text in sorted(declared)]
        return [license_ for license_ in named if license_ is not None]

    def file(self, artifact: Artifact) -> Component:
        from cyclonedx.model import Property
        from cyclonedx.model.component import Component, ComponentType

        digests = [str(digest) for digest in artifact.digests]
        return Component(
            name=artifact.path,
            type=ComponentType.FILE,
            bom_ref=_file_ref(artifact),
            hashes=_hashes(digests),
            properties=[
                Property(name="weighbridge:format", value=artifact.kind.value),
                Property(name="weighbridge:presence", value=artifact.presence.value),
                Property(name="weighbridge:size", value=str(artifact.size)),
            ],
        )

    def package(self, package: _Package) -> Component:
        from cyclonedx.model import Property
        from cyclonedx.model.component import Component, ComponentType
        from packageurl import PackageURL

        hashes = _hashes(sorted(package.hashes))
        properties: list[Property] = [
            Property(name=name, value=value) for name, value in sorted(package.properties)
        ]
        if len({found.alg for found in hashes}) < len(hashes):
            # A lock file lists the hash of every wheel; a component has one set of its own.
            hashes = []
            properties += [
                Property(name="weighbridge:accepted-hash", value=text)
                for text in sorted(package.hashes)
            ]
        is_expression, license_text = package.license
        return Component(
            name=package.name,
            type=ComponentType.LIBRARY,
            version=package.version or None,
            purl=PackageURL("pypi", None, package.name, package.version or None),
            bom_ref=_package_ref(package),
            hashes=hashes,
            licenses=_licenses(license_text, is_expression=is_expression),
            properties=properties,
        )

    def dependencies(self) -> list[dict[str, Any]]:
        """The model on its files and on what it asks for itself, each package on what it requires.

        A requirement names no version, so it leads to every version of that name that is recorded.
        """
        refs: dict[str, list[str]] = {}
        for package in self.packages:
            refs.setdefault(package.name, []).append(_package_ref(package))
        asked = [_package_ref(package) for package in self.packages if package.maybe_direct]
        graph = {self.model_ref: {*map(_file_ref, self.weights), *asked}}
        edges = 0
        for package in self.packages:
            own = _package_ref(package)
            targets = {ref for name in package.requires for ref in refs.get(name, [])} - {own}
            edges += len(targets)
            graph[own] = targets if edges <= _MAX_EDGES else set()
        if edges > _MAX_EDGES:
            self.completeness = "incomplete"
        for artifact in self.weights:
            graph[_file_ref(artifact)] = set()
        return [
            {"ref": ref, **({"dependsOn": sorted(targets)} if targets else {})}
            for ref, targets in sorted(graph.items())
        ]


def _as_json(component: Component) -> dict[str, Any]:
    from cyclonedx.schema.schema import SchemaVersion1Dot6

    text = component.as_json(view_=SchemaVersion1Dot6)  # type: ignore[attr-defined]
    return cast(dict[str, Any], json.loads(text))


def _file_ref(artifact: Artifact) -> str:
    return f"file:{artifact.path}"


def _package_ref(package: _Package) -> str:
    return f"package:{package.name}@{package.version}" if package.version else (
        f"package:{package.name}"
    )  # fmt: skip


def _hashes(texts: Iterable[str]) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    pairs = [text.partition(":") for text in texts]
    return [
        HashType(alg=HashAlgorithm(_HASHES[algorithm]), content=value)
        for algorithm, _, value in pairs
        if algorithm in _HASHES
    ]


def _licenses(text: str, *, is_expression: bool) -> list[License]:
    """An SPDX id, else an expression, else a name; of nothing, none."""
    from cyclonedx.contrib.license.exceptions import InvalidLicenseExpressionException
    from cyclonedx.contrib.license.factories import LicenseFactory

    named = _named_license(text)
    if named is None:
        return []
    if is_expression and named.id is None and len(text) <= _MAX_LICENSE:
        try:
            return [LicenseFactory().make_with_expression(text)]
        except InvalidLicenseExpressionException:
            return [named]
    return [named]


def _named_license(text: str) -> Any:
    """A license by SPDX id where it is one, else by its name; None for an empty text."""
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.spdx import is_supported_id

    if not text:
        return None
    if is_supported_id(text):
        return DisjunctiveLicense(id=text)
    return DisjunctiveLicense(name=text[:_MAX_LICENSE])
