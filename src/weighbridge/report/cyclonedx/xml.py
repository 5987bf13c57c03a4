"""The document as XML: the library's elements, and in their places what it has no class for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from weighbridge.report.cyclonedx import elements
from weighbridge.report.cyclonedx.declaration_elements import add_declarations
from weighbridge.report.cyclonedx.document import Document
from weighbridge.report.cyclonedx.elements import Form, Member
from weighbridge.report.cyclonedx.part import Part, SpecVersion, as_properties, namespace_of, view

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom

# The children of a component, in the order of the schema's type ``component``.
_ORDER = (
    "supplier", "manufacturer", "authors", "author", "publisher", "group", "name", "version",
    "versionRange", "description", "scope", "hashes", "licenses", "copyright", "patentAssertions",
    "cpe", "purl", "omniborId", "swhid", "swid", "modified", "pedigree", "externalReferences",
    "properties", "components", "evidence", "releaseNotes", "modelCard", "data",
    "cryptoProperties", "tags",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_ORDER)}
_MORE = {member.key: member for member in (elements.MODEL_CARD, elements.COMPONENT_DATA)}
_TOP = {member.key: member for member in (elements.COMPOSITIONS, elements.CITATIONS)}
# XML 1.0 section 2.2; what comes from a subject is escaped long before.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(document: Document) -> bytes:
    """The whole file."""
    namespace = namespace_of(document.version)
    root = _top(document.bom, document.model, document.json, document.version)
    if document.parts:
        components = Element(f"{{{namespace}}}components")
        components.extend(_component(part, document.version) for part in document.parts)
        root.insert(1, components)  # after the metadata
    _add_dependencies(root, document.json["dependencies"], namespace)
    for key, member in _TOP.items():
        elements.add(root, member, document.json.get(key), namespace)
    return _written(root, namespace)


def attestations_as_xml(made: dict[str, Any], bom: Bom, model: Part, version: SpecVersion) -> bytes:
    """The document of :mod:`.attestations`."""
    namespace = namespace_of(version)
    root = _top(bom, model, made, version)
    add_declarations(root, made, namespace)
    return _written(root, namespace)


def _top(bom: Bom, model: Part, made: dict[str, Any], version: SpecVersion) -> Element:
    """The root element with the metadata and nothing else."""
    namespace = namespace_of(version)
    root: Element = bom.as_xml(  # type: ignore[attr-defined]
        view(version), as_string=False, xmlns=namespace
    )
    dependencies = root.find(f"{{{namespace}}}dependencies")
    if dependencies is not None:
        root.remove(dependencies)  # the library's own, of the model alone
    metadata = root.find(f"{{{namespace}}}metadata")
    assert metadata is not None
    names = [child.tag.rpartition("}")[2] for child in metadata]
    metadata[names.index("component")] = _component(model, version)
    pairs = made["metadata"].get("properties")
    elements.add(metadata, Member("properties", Form.PROPERTIES), pairs, namespace)
    return root


def _written(root: Element, namespace: str) -> bytes:
    """A tree as bytes, indented, the schema's namespace being the default one."""
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", default_namespace=namespace)
    safe = _ILLEGAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{safe}\n'.encode()


def _component(part: Part, version: SpecVersion) -> Element:
    namespace = namespace_of(version)
    element = part.element
    assert element is not None
    if part.properties:
        _insert(element, Member("properties", Form.PROPERTIES), as_properties(part.properties),
                namespace)  # fmt: skip
    if part.children:
        inside = Element(f"{{{namespace}}}components")
        inside.extend(_component(child, version) for child in part.children)
        element.insert(_index(element, "components"), inside)
    for key, value in part.more.items():
        _insert(element, _MORE[key], value, namespace)
    return element


def _insert(element: Element, member: Member, value: Any, namespace: str) -> None:
    """Add a member before the children that come after it in the schema."""
    holder = Element("holder")
    elements.add(holder, member, value, namespace)
    index = _index(element, member.key)
    element[index:index] = list(holder)


def _index(element: Element, name: str) -> int:
    rank = _RANK[name]
    for number, child in enumerate(element):
        if _RANK[child.tag.rpartition("}")[2]] > rank:
            return number
    return len(element)


def _add_dependencies(root: Element, rows: list[dict[str, Any]], namespace: str) -> None:
    holder = SubElement(root, f"{{{namespace}}}dependencies")
    for row in rows:
        element = SubElement(holder, f"{{{namespace}}}dependency")
        element.set(f"{{{namespace}}}ref", row["ref"])
        for target in row.get("dependsOn", []):
            SubElement(element, f"{{{namespace}}}dependency").set(f"{{{namespace}}}ref", target)
