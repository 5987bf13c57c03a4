"""Declarations and standards as XML: the shapes for :mod:`.elements`, in the schema's order."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from weighbridge.report.cyclonedx.elements import Form, Member, add

_REF = Member("bom-ref", Form.ATTRIBUTE)
_PROPERTIES = Member("properties", Form.PROPERTIES)
_MITIGATIONS = Member("mitigationStrategies", Form.WRAPPED, "mitigationStrategy")

_ASSESSOR = (
    _REF,
    Member("thirdParty"),
    Member("organization", Form.OBJECT, of=(Member("name"),)),
)
_MAP = (
    Member("requirement"),
    Member("claims", Form.WRAPPED, "claim"),
    Member("counterClaims", Form.WRAPPED, "counterClaim"),
    # No "conformance": XML demands a score with its rationale, and no score is given.
)
_ATTESTATION = (
    Member("summary"),
    Member("assessor"),
    Member("map", Form.REPEATED, of=_MAP),
)
_CLAIM = (
    _REF,
    Member("target"),
    Member("predicate"),
    _MITIGATIONS,
    Member("reasoning"),
    Member("evidence", Form.REPEATED),
    Member("counterEvidence", Form.REPEATED),
)
_EVIDENCE = (
    _REF,
    Member("propertyName"),
    Member("description"),
    Member(
        "data",
        Form.REPEATED,
        of=(Member("name"), Member("contents", Form.OBJECT, of=(Member("url"),))),
    ),
    Member("created"),
    Member("expires"),
)
_COMPONENT = (
    Member("type", Form.ATTRIBUTE),
    _REF,
    Member("name"),
    _PROPERTIES,
)
DECLARATIONS = Member(
    "declarations",
    Form.OBJECT,
    of=(
        Member("assessors", Form.WRAPPED, "assessor", of=_ASSESSOR),
        Member("attestations", Form.WRAPPED, "attestation", of=_ATTESTATION),
        Member("claims", Form.WRAPPED, "claim", of=_CLAIM),
        Member("evidence", Form.WRAPPED, "evidence", of=_EVIDENCE),
        Member(
            "targets",
            Form.OBJECT,
            of=(Member("components", Form.WRAPPED, "component", of=_COMPONENT),),
        ),
        Member("affirmation", Form.OBJECT, of=(Member("statement"),)),
    ),
)
_REQUIREMENT = (
    _REF,
    Member("identifier"),
    Member("title"),
    Member("text"),
    _PROPERTIES,
)
DEFINITIONS = Member(
    "definitions",
    Form.OBJECT,
    of=(
        Member(
            "standards",
            Form.WRAPPED,
            "standard",
            of=(
                _REF,
                Member("name"),
                Member("version"),
                Member("description"),
                Member("owner"),
                Member("requirements", Form.WRAPPED, "requirement", of=_REQUIREMENT),
            ),
        ),
    ),
)


def add_declarations(root: Element, made: dict[str, Any], namespace: str) -> None:
    """Both members, at the end of the document's root."""
    add(root, DECLARATIONS, made["declarations"], namespace)
    add(root, DEFINITIONS, made["definitions"], namespace)
