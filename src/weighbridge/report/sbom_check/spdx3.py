"""SPDX 3.0.1 in JSON-LD: the model's constraints, then what they cannot see."""

from __future__ import annotations

from typing import Any

from weighbridge.report.sbom_check.found import Component, Inventory, Messages, pointer
from weighbridge.report.sbom_check.graphs import circles, in_words
from weighbridge.report.spdx.terms import CONTEXT, is_a
from weighbridge.report.spdx.valid import is_individual, nodes, references, validator

_OWN = ("ancestorOf", "descendantOf", "dependsOn", "contains", "copiedTo", "hasVariant")
_LICENSES = ("hasDeclaredLicense", "hasConcludedLicense")
# Profiles that ask for exactly one declared and one concluded license of each of these
# (spdx-3-model v3.0.1: AI, Dataset, "Profile conformance").
_LICENSED = {"ai": "ai_AIPackage", "dataset": "dataset_DatasetPackage"}


def check(document: dict[str, Any], messages: Messages) -> Inventory:
    """Check a document; give what it lists."""
    alone = "@graph" not in document
    if alone:  # one element as the whole document
        rest = {key: value for key, value in document.items() if key != "@context"}
        document = {"@context": document["@context"], "@graph": [rest]}
    if not messages.schema(validator(), document, "breaks SPDX 3.0.1"):
        return Inventory()
    graph = document["@graph"]
    _check_references(graph, messages)
    relations = [
        (f"/@graph{place}", node)
        for place, node in nodes(graph)
        if is_a(node.get("type"), "Relationship")
    ]
    _check_relations(relations, messages)
    _check_collections(graph, relations, messages)
    return _inventory(graph, relations)


def _check_references(graph: list[Any], messages: Messages) -> None:
    known: set[str] = set()
    outside: set[str] = set()
    for place, node in nodes(graph):
        identifier = node.get("spdxId") or node.get("@id")
        if identifier in known:
            messages.error("duplicate-reference", f"/@graph{place}",
                           f"{identifier} stands for two elements")  # fmt: skip
        if identifier:
            known.add(identifier)
        if node.get("type") == "ExternalMap":
            outside.add(node["externalSpdxId"])
    for place, reference in references(graph):
        if reference not in known and reference not in outside and not is_individual(reference):
            messages.error("dangling-reference", f"/@graph{place}",
                           f"{reference} is named, and no element has it")  # fmt: skip


def _check_relations(relations: list[tuple[str, Any]], messages: Messages) -> None:
    depends: dict[str, list[str]] = {}
    for place, node in relations:
        source, kind = _id(node["from"]), node["relationshipType"]
        targets = [_id(target) for target in node["to"]]
        if source in targets and kind in _OWN:
            code = "own-ancestor" if kind.endswith("Of") else "self-reference"
            messages.error(code, place, f"{source} {kind} itself")
        if kind == "dependsOn":
            depends.setdefault(source, []).extend(targets)
    for circle in circles(depends):
        messages.warning("cycle", "/@graph", f"a circle of dependsOn: {in_words(circle)}")


def _check_collections(
    graph: list[Any], relations: list[tuple[str, Any]], messages: Messages
) -> None:
    documents = [node for node in graph if node["type"] == "SpdxDocument"]
    if len(documents) != 1:
        messages.error("document", "/@graph", f"{len(documents)} SpdxDocument elements, not one")
    profiles = {
        profile
        for node in graph
        if is_a(node["type"], "ElementCollection")
        for profile in node.get("profileConformance", [])
    }
    count: dict[tuple[str, str], int] = {}
    for _, node in relations:
        key = (_id(node["from"]), node["relationshipType"])
        count[key] = count.get(key, 0) + 1
    for profile, type_ in _LICENSED.items():
        for number, node in enumerate(graph):
            if profile not in profiles or not is_a(node["type"], type_):
                continue
            for kind in _LICENSES:
                have = count.get((node["spdxId"], kind), 0)
                if have != 1:
                    messages.error(
                        "profile",
                        pointer("@graph", number),
                        f"the profile {profile} asks for one {kind}, and there are {have}",
                    )


def _id(value: Any) -> str:
    """The identifier of an element, named or in place."""
    return str(value.get("spdxId", "")) if isinstance(value, dict) else str(value)


def _inventory(graph: list[Any], relations: list[tuple[str, Any]]) -> Inventory:
    named = {node.get("spdxId"): str(node.get("name", "")) for _, node in nodes(graph)}
    creations = [node for _, node in nodes(graph) if node.get("type") == "CreationInfo"]
    licensed: dict[str, str] = {}
    words = {
        node.get("spdxId"): str(node.get("simplelicensing_licenseExpression", "other"))
        for _, node in nodes(graph)
        if is_a(node.get("type"), "simplelicensing_AnyLicenseInfo")
    }
    for _, node in relations:
        if node["relationshipType"] in _LICENSES:
            for target in map(_id, node["to"]):
                if target in words:
                    licensed[_id(node["from"])] = words[target]
    parts = []
    for place, node in nodes(graph):
        if not is_a(node.get("type"), "software_Package"):
            continue
        identifiers = [node.get("software_packageUrl", "")]
        identifiers += [i["identifier"] for i in node.get("externalIdentifier", [])
                        if isinstance(i, dict)]  # fmt: skip
        hashes = [h for h in node.get("verifiedUsing", []) if isinstance(h, dict)]
        identifiers += [str(h.get("hashValue", "")) for h in hashes]
        supplier = node.get("suppliedBy") or next(iter(node.get("originatedBy", [])), "")
        parts.append(
            Component(
                pointer=f"/@graph{place}",
                name=str(node.get("name", "")),
                version=str(node.get("software_packageVersion", "")),
                supplier=named.get(_id(supplier), "") or _id(supplier),
                identifier=next((i for i in identifiers if i), ""),
                license=licensed.get(str(node.get("spdxId")), ""),
                hashed=bool(hashes),
            )
        )
    creation = creations[0] if creations else {}
    author = next(iter(creation.get("createdBy", [])), "")
    return Inventory(
        author=named.get(_id(author), "") or _id(author),
        timestamp=str(creation.get("created", "")),
        components=tuple(sorted(parts, key=lambda part: part.pointer)),
        relationships=sum(
            len(node["to"]) for _, node in relations if node["relationshipType"] == "dependsOn"
        ),
    )


def is_context(value: Any) -> bool:
    """Whether the document says that it is SPDX 3.0.1."""
    return bool(value == CONTEXT or (isinstance(value, list) and CONTEXT in value))
