"""SPDX 2.2 and 2.3 in JSON: the members that a document must have, and its references."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from weighbridge.report.sbom_check.found import Component, Inventory, Messages, pointer
from weighbridge.report.sbom_check.graphs import circles, in_words

if TYPE_CHECKING:
    import jsonschema_rs

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
_DOCUMENT = "SPDXRef-DOCUMENT"
_NOTHING = ("NONE", "NOASSERTION", "")
# Relationships of section 11 that say that the first depends on the second, or the other way.
_DEPENDS = {"DEPENDS_ON": True, "DEPENDENCY_OF": False}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_ID = {"type": "string", "pattern": "^SPDXRef-[a-zA-Z0-9.-]+$"}
_DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
_ALGORITHMS = [
    "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512",
    "BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3", "MD2", "MD4", "MD5", "MD6", "ADLER32",
]  # fmt: skip
_CHECKSUMS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["algorithm", "checksumValue"],
        "properties": {
            "algorithm": {"enum": _ALGORITHMS},
            "checksumValue": {"type": "string", "pattern": "^[0-9a-fA-F]+$"},
        },
    },
}
_CREATOR = "^(Person|Organization|Tool): .+"


@functools.cache
def validator() -> jsonschema_rs.Draft202012Validator:
    """What sections 6 to 11 of SPDX 2.2 and 2.3 make mandatory, and the form of what is there."""
    import jsonschema_rs

    element = {
        "SPDXID": _ID,
        "name": _TEXT,
        "licenseConcluded": _TEXT,
        "licenseDeclared": _TEXT,
        "copyrightText": _TEXT,
        "checksums": _CHECKSUMS,
    }
    package = {
        **element,
        "versionInfo": _TEXT,
        "supplier": {"type": "string", "pattern": "^(NOASSERTION$|(Person|Organization): .+)"},
        "downloadLocation": _TEXT,
        "filesAnalyzed": {"type": "boolean"},
        "externalRefs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["referenceCategory", "referenceType", "referenceLocator"],
            },
        },
        "hasFiles": _TEXTS,
    }
    return jsonschema_rs.Draft202012Validator(
        {
            "type": "object",
            "required": ["SPDXID", "spdxVersion", "creationInfo", "name", "dataLicense",
                         "documentNamespace"],
            "properties": {
                "SPDXID": {"const": _DOCUMENT},
                "name": _TEXT,
                "dataLicense": {"const": "CC0-1.0"},
                "documentNamespace": {"type": "string", "pattern": "^[A-Za-z][^#:]*:[^#]+$"},
                "creationInfo": {
                    "type": "object",
                    "required": ["created", "creators"],
                    "properties": {
                        "created": _DATE,
                        "creators": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "pattern": _CREATOR},
                        },
                    },
                },
                "packages": _list_of(["SPDXID", "name", "downloadLocation"], package),
                "files": _list_of(["SPDXID", "fileName", "checksums"],
                                  {**element, "fileName": _TEXT}),
                "snippets": _list_of(["SPDXID", "snippetFromFile", "ranges"], {"SPDXID": _ID}),
                "relationships": _list_of(
                    ["spdxElementId", "relatedSpdxElement", "relationshipType"],
                    {
                        "spdxElementId": _TEXT,
                        "relatedSpdxElement": _TEXT,
                        "relationshipType": {"type": "string", "pattern": "^[A-Z_]+$"},
                    },
                ),
                "documentDescribes": _TEXTS,
                "externalDocumentRefs": _list_of(
                    ["externalDocumentId", "spdxDocument"], {"externalDocumentId": _TEXT}
                ),
            },
        },
        offline=True,
    )  # fmt: skip


def check(document: dict[str, Any], version: str, messages: Messages) -> Inventory:
    """Check a document; give what it lists."""
    if not messages.schema(validator(), document, f"is not as {version} asks for"):
        return Inventory()
    known = {_DOCUMENT}
    for key in ("packages", "files", "snippets"):
        for number, element in enumerate(document.get(key, [])):
            if element["SPDXID"] in known:
                place = pointer(key, number, "SPDXID")
                messages.error("duplicate-reference", place,
                               f"{element['SPDXID']} stands for two elements")  # fmt: skip
            known.add(element["SPDXID"])
    _check_references(document, known, messages)
    return _inventory(document)


def _list_of(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "object", "required": required, "properties": properties},
    }


def _check_references(document: dict[str, Any], known: set[str], messages: Messages) -> None:
    outside = tuple(f"{r['externalDocumentId']}:" for r in document.get("externalDocumentRefs", []))

    def look(place: str, reference: str) -> None:
        if (
            reference in known
            or reference in _NOTHING
            or (outside and reference.startswith(outside))
        ):
            return
        messages.error("dangling-reference", place, f"{reference} is named, and no element has it")

    depends: dict[str, list[str]] = {}
    for number, relation in enumerate(document.get("relationships", [])):
        place = pointer("relationships", number)
        source, target = relation["spdxElementId"], relation["relatedSpdxElement"]
        look(f"{place}/spdxElementId", source)
        look(f"{place}/relatedSpdxElement", target)
        kind = relation["relationshipType"]
        if source == target:
            family = kind in ("ANCESTOR_OF", "DESCENDANT_OF")
            code = "own-ancestor" if family else "self-reference"
            messages.error(code, place, f"{source} {kind} itself")
        if kind in _DEPENDS:
            first, second = (source, target) if _DEPENDS[kind] else (target, source)
            depends.setdefault(first, []).append(second)
    for number, reference in enumerate(document.get("documentDescribes", [])):
        look(pointer("documentDescribes", number), reference)
    for number, package in enumerate(document.get("packages", [])):
        for inner, reference in enumerate(package.get("hasFiles", [])):
            look(pointer("packages", number, "hasFiles", inner), reference)
    for circle in circles(depends):
        messages.warning("cycle", "/relationships", f"a circle of DEPENDS_ON: {in_words(circle)}")


def _inventory(document: dict[str, Any]) -> Inventory:
    creators = document["creationInfo"]["creators"]
    kinds = {str(relation["relationshipType"]) for relation in document.get("relationships", [])}
    return Inventory(
        author=str(creators[0]),
        timestamp=str(document["creationInfo"]["created"]),
        components=tuple(
            _component(pointer("packages", n), p)
            for n, p in enumerate(document.get("packages", []))
        ),
        relationships=len(kinds & {"DEPENDS_ON", "DEPENDENCY_OF", "CONTAINS", "CONTAINED_BY"}),
    )


def _component(place: str, package: dict[str, Any]) -> Component:
    locators = [str(ref["referenceLocator"]) for ref in package.get("externalRefs", [])]
    sums = [str(one["checksumValue"]) for one in package.get("checksums", [])]
    declared = (package.get("licenseDeclared", ""), package.get("licenseConcluded", ""))
    supplier = package.get("supplier", "")
    return Component(
        pointer=place,
        name=package["name"],
        version=package.get("versionInfo", ""),
        supplier="" if supplier in _NOTHING else supplier,
        identifier=next(iter((*locators, *sums)), ""),
        license=next((str(text) for text in declared if text not in _NOTHING), ""),
        hashed=bool(sums),
    )
