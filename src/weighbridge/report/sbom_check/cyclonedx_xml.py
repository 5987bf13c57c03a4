"""CycloneDX in XML, 1.2 to 1.7: the schema, the references, and what it lists."""

from __future__ import annotations

import re

from weighbridge.report.sbom_check.found import Component, Inventory, Messages
from weighbridge.report.sbom_check.graphs import circles, in_words
from weighbridge.report.sbom_check.xml_tree import Node

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
_NAMESPACE = re.compile(r"http://cyclonedx\.org/schema/bom/([0-9]+\.[0-9]+)\Z")
_BOM_LINK = "urn:cdx:"
_AUTHORS = ("authors/author/name", "manufacturer/name", "manufacture/name", "supplier/name",
            "tools/tool/name", "tools/components/component/name")  # fmt: skip


def version_of(namespace: str, root: Node) -> str:
    """The version that its namespace names, empty where it is no CycloneDX document."""
    found = _NAMESPACE.match(namespace)
    return found[1] if found and root.name == "bom" else ""


def check(data: bytes, root: Node, version: str, messages: Messages) -> Inventory:
    """Check a document of a known version that was parsed; give what it lists."""
    _check_schema(data, version, messages)
    if messages.any("schema"):
        return Inventory()
    known: set[str] = set()
    for node in root.walk():
        reference = node.attributes.get("bom-ref")
        if reference is not None:
            if reference in known:
                messages.error("duplicate-reference", _place(node),
                               f"{reference} stands for two things")  # fmt: skip
            known.add(reference)
    _check_dependencies(root, known, messages)
    return _inventory(root)


def _check_schema(data: bytes, version: str, messages: Messages) -> None:
    """The specification's schema, by the library's validator.

    It is given UTF-8 without a byte order mark and without a declaration of the encoding.
    """
    from cyclonedx.exception import MissingOptionalDependencyException
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.xml import XmlValidator

    text = re.sub(r"\A\ufeff?\s*<\?xml[^>]*\?>", "", data.decode("utf-8", "replace"))
    try:
        errors = XmlValidator(SchemaVersion.from_version(version)).validate_str(
            text, all_errors=True
        )
    except MissingOptionalDependencyException:
        messages.not_checked("schema-not-checked", "", "XML is not validated without lxml")
        return
    for error in errors or ():
        place, said = f"line {error.data.line}", error.data.message
        messages.error("schema", place, f"breaks the CycloneDX {version} schema: {said}")


def _check_dependencies(root: Node, known: set[str], messages: Messages) -> None:
    graph: dict[str, list[str]] = {}
    named = root.all("dependencies/dependency/dependency")
    for node in root.all("dependencies/dependency"):
        ref = node.attributes["ref"]
        targets = [inner.attributes["ref"] for inner in node.all("dependency")]
        if ref in graph:
            messages.error("duplicate-dependency", _place(node),
                           f"the dependencies of {ref} stand twice")  # fmt: skip
        if ref in targets:
            messages.error("self-reference", _place(node), f"{ref} depends on itself")
        graph.setdefault(ref, []).extend(targets)
        named.append(node)
    for kind in ("assemblies/assembly", "dependencies/dependency"):
        named += root.all(f"compositions/composition/{kind}")
    for node in sorted(named, key=lambda one: one.line):
        ref = node.attributes.get("ref", "")
        if not ref.startswith(_BOM_LINK) and ref not in known:
            messages.error("dangling-reference", _place(node),
                           f"{ref} is named, and nothing has it")  # fmt: skip
    for circle in circles(graph):
        messages.warning("cycle", "", f"a circle: {in_words(circle)}")


def _place(node: Node) -> str:
    return f"line {node.line}"


def _inventory(root: Node) -> Inventory:
    metadata = next(iter(root.all("metadata")), Node("metadata", {}, 0))
    waiting = [*root.all("components/component")]
    parts = [*metadata.all("component")]
    while waiting:
        part = waiting.pop()
        parts.append(part)
        waiting.extend(part.all("components/component"))
    return Inventory(
        author=next((metadata.value(path) for path in _AUTHORS if metadata.value(path)), ""),
        timestamp=metadata.value("timestamp"),
        components=tuple(_component(part) for part in sorted(parts, key=lambda p: p.line)),
        relationships=len(root.all("dependencies/dependency/dependency")),
    )


def _component(part: Node) -> Component:
    def first(*paths: str) -> str:
        return next((part.value(path) for path in paths if part.value(path)), "")

    return Component(
        pointer=_place(part),
        name=part.value("name"),
        version=part.value("version"),
        supplier=first("supplier/name", "manufacturer/name", "publisher", "author"),
        identifier=first("purl", "cpe", "hashes/hash"),
        license=first("licenses/license/id", "licenses/expression", "licenses/license/name"),
        hashed=bool(part.value("hashes/hash")),
    )
