"""The elements of a document while it is made: identifiers, relationships, licenses, agents."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from weighbridge.model.record import AuditRecord
from weighbridge.report.spdx.terms import NO_ASSERTION_LICENSE, SPEC_VERSION

CREATION = "_:creation"
_SPACE = "urn:weighbridge:spdx"
_MAX_EXPRESSION = 500
_MAX_NAME = 120  # of an identifier's readable part
_HASHES = {
    "sha256": "sha256", "sha384": "sha384", "sha512": "sha512", "blake2b": "blake2b512",
    "blake3": "blake3",
}  # fmt: skip


class Graph:
    """Elements by their identifier; asking for one that is there again changes nothing.

    Identifiers follow from the record's digest and from what they name, so that the same record
    gives the same ones, and a document that was made from another record never shares one.
    """

    def __init__(self, record: AuditRecord) -> None:
        self.space = f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{_SPACE}:{record.digest}').urn}#"
        self.time = f"{record.as_of.isoformat()}T00:00:00Z"
        self.elements: dict[str, dict[str, Any]] = {}
        self._expressions: dict[str, str] = {}
        self.tool = self.add("tool/weighbridge", "Tool", name=f"weighbridge {record.tool_version}")
        self.author = self.add("agent/weighbridge", "SoftwareAgent", name="weighbridge")

    def name(self, *parts: str) -> str:
        """An identifier of this document: parts joined by ``/``, each in the characters of a URI.

        A part that is too long to be read is replaced by its SHA-256.
        """
        return self.space + "/".join(map(_readable, parts))

    def add(self, name: str | tuple[str, ...], type_: str, /, **properties: Any) -> str:
        """Add an element, without the properties that are empty; give its identifier."""
        identifier = self.name(*(name.split("/") if isinstance(name, str) else name))
        kept = {key: value for key, value in properties.items() if value not in ("", None, [], ())}
        self.elements.setdefault(
            identifier,
            {"spdxId": identifier, "type": type_, "creationInfo": CREATION, **kept},
        )
        return identifier

    def relate(
        self,
        source: str,
        type_: str,
        targets: Iterable[str],
        *,
        completeness: str = "",
        comment: str = "",
    ) -> None:
        """Add one relationship from an element to others; none where there are none."""
        to = sorted(set(targets))
        if not to:
            return
        key = hashlib.sha256("\n".join([source, type_, comment, *to]).encode()).hexdigest()
        self.add(
            ("relationship", key[:32]),
            "Relationship",
            **{"from": source},
            relationshipType=type_,
            to=to,
            completeness=completeness,
            comment=comment,
        )

    def agent(self, name: str) -> str:
        """Whoever has this name; whether a person or an organization is not known."""
        return self.add(("agent", "named", name), "Agent", name=name)

    def licensed(self, element: str, *, declared: str, concluded: str) -> None:
        """Say under which license an element is: one declared and one concluded, as profiles want.

        Args:
            element: its identifier.
            declared: as somebody wrote it down; empty where nobody did.
            concluded: the SPDX expression that it was found to be; empty where that is not known.
        """
        for type_, text in (("hasDeclaredLicense", declared), ("hasConcludedLicense", concluded)):
            target = self._license(text) if text else NO_ASSERTION_LICENSE
            self.relate(element, type_, [target])

    def _license(self, text: str) -> str:
        expression = self._expression(text)
        if expression:
            return self.add(
                ("license", expression),
                "simplelicensing_LicenseExpression",
                simplelicensing_licenseExpression=expression,
            )
        return self._other_license(text)

    def _expression(self, text: str) -> str:
        """The text in the license list's spelling; empty where it is no expression."""
        if text not in self._expressions:
            self._expressions[text] = _spelled(text)
        return self._expressions[text]

    def _other_license(self, text: str) -> str:
        """Words that are no expression: a reference of this document, and what it refers to."""
        reference = f"LicenseRef-weighbridge-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        words = self.add(
            ("license-text", reference),
            "simplelicensing_SimpleLicensingText",
            name=text[:_MAX_NAME],
            simplelicensing_licenseText=text,
            comment="What is declared is no SPDX license expression; these are its words.",
        )
        return self.add(
            ("license", reference),
            "simplelicensing_LicenseExpression",
            simplelicensing_licenseExpression=reference,
            simplelicensing_customIdToUri=[entry(reference, words)],
        )

    def document(self) -> list[dict[str, Any]]:
        """The graph: who made it when, then every element, sorted by identifier."""
        creation = {
            "@id": CREATION,
            "type": "CreationInfo",
            "created": self.time,
            "createdBy": [self.author],
            "createdUsing": [self.tool],
            "specVersion": SPEC_VERSION,
        }
        return [creation, *(self.elements[key] for key in sorted(self.elements))]


def entry(key: str, value: str) -> dict[str, Any]:
    """A key and its value."""
    return {"type": "DictionaryEntry", "key": key, "value": value}


def hashes(texts: Iterable[str], comment: str = "") -> list[dict[str, Any]]:
    """Digests, each ``algorithm:hex``; those that SPDX has no name for are left out."""
    pairs = [text.partition(":") for text in sorted(set(texts))]
    said = {"comment": comment} if comment else {}
    return [
        {"type": "Hash", "algorithm": _HASHES[algorithm], "hashValue": value, **said}
        for algorithm, _, value in pairs
        if algorithm in _HASHES and value
    ]


def sentences(parts: Sequence[str]) -> str:
    """Several remarks as one text."""
    return " ".join(part for part in parts if part)


def _readable(part: str) -> str:
    text = quote(part, safe="", errors="backslashreplace")
    if len(text) <= _MAX_NAME:
        return text
    return hashlib.sha256(part.encode("utf-8", "backslashreplace")).hexdigest()


def _spelled(text: str) -> str:
    """A license expression as SPDX spells it (the specification's annex B), empty if it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > _MAX_EXPRESSION or not text.isascii():
        return ""
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return ""
