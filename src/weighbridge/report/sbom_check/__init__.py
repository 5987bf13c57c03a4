"""Checking a bill of materials, one's own or another's: is it valid, and does it hold together.

A schema sees the form of each member. It does not see that a reference leads nowhere, that two
things share one, that a component depends on itself or is its own ancestor: that is checked after
it, and the minimum elements are counted.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any, cast

from weighbridge.edge.json import load_json
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.model.record import AuditRecord
from weighbridge.report import cyclonedx_schema, g7
from weighbridge.report.sbom_check import cyclonedx, cyclonedx_xml, spdx2, spdx3, xml_tree
from weighbridge.report.sbom_check.found import (
    Component,
    Element,
    Inventory,
    Level,
    Message,
    Messages,
    SbomReport,
    ntia,
)

__all__ = [
    "MAX_BYTES", "Component", "Element", "Inventory", "Level", "Message", "SbomReport",
    "check_sbom", "too_large",
]  # fmt: skip

MAX_BYTES = 32 * 2**20
MAX_PARTS = 1_000_000  # objects, lists and tags: 20,000 packages take some 300,000
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.[0-9]{1,4})?\Z")
_SPDX_CONTEXT = re.compile(r"https://spdx\.org/rdf/([0-9.]{1,20})/spdx-context\.jsonld\Z")
_SPACE = b" \t\r\n"


def check_sbom(data: bytes) -> SbomReport:
    """Check a document by its content, whatever its file is called.

    A version or format that nothing here knows is ``unsupported``; what is malformed is an error.
    """
    if len(data) > MAX_BYTES:
        return too_large(len(data))
    if sum(map(data.count, (b"{", b"[", b"<"))) > MAX_PARTS:
        return _unsupported("", "", f"no document of over {MAX_PARTS} objects and lists is read")
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)[:64]
    if start.startswith(b"<"):
        return _xml(data)
    if start.startswith(b"SPDXVersion:"):
        return _unsupported("SPDX", "2", "tag-value is not read here; convert the document to JSON")
    messages = Messages(len(data))
    try:
        document = load_json(data, source="the document", max_bytes=MAX_BYTES)
    except BoundExceeded as error:
        return _unsupported("", "", error.message)
    except HostileInput as error:
        messages.error("json", "", error.message)
        return SbomReport("", "", messages.all())
    if isinstance(document, dict):
        if document.get("bomFormat") == "CycloneDX":
            return _cyclonedx(document, messages)
        if "spdxVersion" in document:
            return _spdx2(document, messages)
        if "@context" in document:
            return _spdx3(document, messages)
    messages.error("format", "", "JSON, and neither CycloneDX nor SPDX by what it says of itself")
    return SbomReport("", "", messages.all())


def too_large(size: int) -> SbomReport:
    """The result for a document that is not read for its size in bytes."""
    return _unsupported("", "", f"{size} bytes, and no document of over {MAX_BYTES} bytes is read")


def _cyclonedx(document: dict[str, Any], messages: Messages) -> SbomReport:
    version = document.get("specVersion")
    refused = _version(version, cyclonedx_schema.VERSIONS, "/specVersion", messages)
    if refused is not None:
        return dataclasses.replace(refused, format="CycloneDX")
    inventory = cyclonedx.check(document, str(version), messages)
    report = _report("CycloneDX", str(version), messages, inventory)
    return dataclasses.replace(report, g7=_g7(document)) if report.ntia else report


def _spdx2(document: dict[str, Any], messages: Messages) -> SbomReport:
    said = document["spdxVersion"]
    if said in spdx2.VERSIONS:
        inventory = spdx2.check(document, said, messages)
        return _report("SPDX", said.removeprefix("SPDX-"), messages, inventory)
    known = tuple(text.removeprefix("SPDX-") for text in spdx2.VERSIONS)
    plain = said.removeprefix("SPDX-") if isinstance(said, str) else said
    refused = _version(plain, known, "/spdxVersion", messages)
    assert refused is not None
    return dataclasses.replace(refused, format="SPDX")


def _spdx3(document: dict[str, Any], messages: Messages) -> SbomReport:
    context = document["@context"]
    found = _SPDX_CONTEXT.match(context) if isinstance(context, str) else None
    if found and found[1] != "3.0.1":
        return _unsupported("SPDX", found[1], "this version of SPDX is not known here")
    if not spdx3.is_context(context):
        messages.error("format", "/@context", "JSON-LD, and not in the context of SPDX")
        return SbomReport("", "", messages.all())
    inventory = spdx3.check(document, messages)
    return _report("SPDX", "3.0.1", messages, inventory)


def _xml(data: bytes) -> SbomReport:
    messages = Messages()
    try:
        namespace, root = xml_tree.parse(data)
    except xml_tree.MalformedXml as error:
        messages.error("xml", "", f"no XML that can be read: {error}")
        return SbomReport("", "", messages.all())
    version = cyclonedx_xml.version_of(namespace, root)
    if not version:
        messages.error("format", "", "XML, and not CycloneDX by its namespace")
        return SbomReport("", "", messages.all())
    refused = _version(version, cyclonedx_xml.VERSIONS, "", messages)
    if refused is not None:
        return dataclasses.replace(refused, format="CycloneDX XML")
    inventory = cyclonedx_xml.check(data, root, version, messages)
    return _report("CycloneDX XML", version, messages, inventory)


def _version(
    said: Any, known: tuple[str, ...], place: str, messages: Messages
) -> SbomReport | None:
    """None where the version is known; else a result: an error where it is none at all."""
    if said in known:
        return None
    if not isinstance(said, str) or not _VERSION.match(said):
        messages.error("version", place, f"{said!r} is no version of the specification")
        return SbomReport("", "", messages.all())
    return _unsupported("", said, f"known here are {', '.join(known)}")


def _unsupported(format_: str, version: str, why: str) -> SbomReport:
    messages = Messages()
    messages.not_checked("unsupported", "", why)
    return SbomReport(format_, version, messages.all(), unsupported=True)


class _NoRecord:
    """Stands for the record: a document of others has none, and no reason is concluded from it."""

    offline = False


def _g7(bom: dict[str, Any]) -> tuple[g7.Element, ...]:
    """The G7's elements, where the document is about a model, in a version that is told apart."""
    main = bom.get("metadata", {}).get("component", {})
    if bom["specVersion"] not in ("1.6", "1.7") or main.get("type") != "machine-learning-model":
        return ()
    return g7.elements(cast(AuditRecord, _NoRecord()), bom)


def _report(format_: str, version: str, messages: Messages, inventory: Inventory) -> SbomReport:
    counted = () if messages.any("schema") else ntia(inventory)
    return SbomReport(format_, version, messages.all(), inventory=inventory, ntia=counted)
