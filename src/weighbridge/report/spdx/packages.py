"""The Python packages of a record as SPDX packages, with what each depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from weighbridge.model.dependencies import Dependencies
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.record import AuditRecord
from weighbridge.report.spdx.graph import Graph, hashes, sentences

_MAX_EDGES = 500_000
_DATE = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]")
_ONE_OF = "One of the files that may be installed."
_RECORD = "Of the RECORD file, which lists the digest of every installed file."


@dataclass(slots=True)
class _Package:
    """One name and version, with all that any source says of it."""

    name: str
    version: str
    hashes: set[str] = field(default_factory=set)
    record_hashes: set[str] = field(default_factory=set)
    requires: set[str] = field(default_factory=set)
    declared: str = ""
    concluded: str = ""
    purl: str = ""
    uploaded: str = ""
    supplier: str = ""
    url: str = ""
    remarks: set[str] = field(default_factory=set)
    root: bool = False

    def add(self, fact: dict[str, Any], source: str, ways: Dependencies) -> None:
        self.hashes.update(fact.get("hashes", ()))
        self.requires.update(fact.get("requires", ()))
        self.declared = max(self.declared, fact.get("license", ""))
        expression = fact.get("license", "") if fact.get("license_is_expression") else ""
        self.concluded = max(self.concluded, fact.get("spdx", "") or expression)
        for name in ("purl", "uploaded", "supplier", "url"):
            setattr(self, name, max(getattr(self, name), fact.get(name, "")))
        line = f":{fact['line']}" if fact.get("line") else ""
        self.remarks.add(f"Named by {source}{line}.")
        if not fact.get("pinned", True):
            self.remarks.add(f"Asked for as {fact.get('specifier') or 'any version'}.")
        depth = ways.depth(self.name)
        self.root = self.root or depth == 1
        if depth > 1:
            self.remarks.add(f"Introduced by {ways.introduction(self.name)}.")


def add_packages(graph: Graph, record: AuditRecord, model: str) -> str:
    """Add every package once, and its relationships.

    Returns:
        the completeness of what the model depends on, as SPDX words it.
    """
    packages, complete = _read(record)
    _add_record_hashes(record, packages)
    elements = {key: _add(graph, package) for key, package in packages.items()}
    by_name: dict[str, list[str]] = {}
    for (name, _), element in elements.items():
        by_name.setdefault(name, []).append(element)
    edges = 0
    for key, package in packages.items():
        targets = {e for name in package.requires for e in by_name.get(name, ())} - {elements[key]}
        edges += len(targets)
        if edges > _MAX_EDGES:
            complete = "incomplete"
            break
        graph.relate(elements[key], "dependsOn", targets)
    roots = [elements[key] for key, package in packages.items() if package.root]
    graph.relate(model, "dependsOn", roots, completeness=complete)
    _add_embedded(graph, record, by_name)
    return complete


def _read(record: AuditRecord) -> tuple[dict[tuple[str, str], _Package], str]:
    """Every package; and ``incomplete`` where something was not read."""
    found: dict[tuple[str, str], _Package] = {}
    complete = "noAssertion"
    for evidence in record.evidence:
        if evidence.kind is not EvidenceKind.PACKAGES:
            continue
        if evidence.state is not EvidenceState.OBSERVED:
            complete = "incomplete"
            continue
        data: Any = evidence.data
        if any(issue["incomplete"] for issue in data.get("issues", ())):
            complete = "incomplete"
        facts = data.get("packages", ())
        ways = Dependencies(facts)
        for fact in facts:
            key = (fact["name"], fact["version"])
            found.setdefault(key, _Package(*key)).add(fact, evidence.about, ways)
    return {key: found[key] for key in sorted(found)}, complete


def _add_record_hashes(record: AuditRecord, packages: dict[tuple[str, str], _Package]) -> None:
    for data in _installations(record):
        for held in data.get("recorded", ()):
            package = packages.get((held["package"], held["version"]))
            if package is None:
                continue
            if held["record_sha256"]:
                package.record_hashes.add(f"sha256:{held['record_sha256']}")
            counted = f"{held['verified']} of {held['files']} installed files"
            package.remarks.add(
                f"RECORD: {held['state']}, {counted} have the digest that it lists."
            )


def _add(graph: Graph, package: _Package) -> str:
    several = len(package.hashes) > 1
    known = _DATE.match(package.uploaded)
    element = graph.add(
        ("package", package.name, package.version),
        "software_Package",
        name=package.name,
        software_packageVersion=package.version,
        software_packageUrl=package.purl or _purl(package),
        software_primaryPurpose="library",
        software_homePage=package.url,
        suppliedBy=graph.agent(package.supplier) if package.supplier else "",
        releaseTime=f"{known[0]}T00:00:00Z" if known else "",
        verifiedUsing=[
            *hashes(package.hashes, _ONE_OF if several else ""),
            *hashes(package.record_hashes, _RECORD),
        ],
        comment=sentences(sorted(package.remarks)),
    )
    graph.licensed(element, declared=package.declared, concluded=package.concluded)
    return element


def _purl(package: _Package) -> str:
    """Package URL of a Python package (purl-spec, type ``pypi``); names are normalized already."""
    from packageurl import PackageURL

    return PackageURL("pypi", name=package.name, version=package.version or None).to_string()


def _add_embedded(graph: Graph, record: AuditRecord, by_name: dict[str, list[str]]) -> None:
    """What packages say is inside of them (PEP 770), contained in each version of the package."""
    for data in _installations(record):
        places: dict[tuple[str, str, str], str] = {}
        inside: dict[str, set[str]] = {}
        parts = list(data.get("components", ()))
        for part in parts:
            element = graph.add(
                ("embedded", part["package"], part["sbom"], part["ref"] or part["name"]),
                "software_Package",
                name=part["name"],
                software_packageVersion=part["version"],
                software_packageUrl=part["purl"],
                verifiedUsing=hashes(part["hashes"]),
                comment=f"Named by {part['sbom']} of {part['package']}.",
            )
            graph.licensed(element, declared=part["license"], concluded="")
            places[(part["package"], part["sbom"], part["ref"])] = element
            inside.setdefault(part["package"], set()).add(element)
        for package, elements in sorted(inside.items()):
            for host in by_name.get(package, ()):
                graph.relate(host, "contains", elements - {host})
        for part in parts:
            own = places[(part["package"], part["sbom"], part["ref"])]
            named = (places.get((part["package"], part["sbom"], ref)) for ref in part["requires"])
            graph.relate(own, "dependsOn", {one for one in named if one} - {own})


def _installations(record: AuditRecord) -> Iterator[Any]:
    for evidence in record.evidence:
        if evidence.kind is EvidenceKind.INSTALLATION and evidence.state is EvidenceState.OBSERVED:
            yield evidence.data
