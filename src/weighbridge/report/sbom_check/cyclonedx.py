"""CycloneDX in JSON, 1.2 to 1.7: the strict schema, then what a schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.report.cyclonedx_schema import validator
from weighbridge.report.sbom_check.found import Component, Inventory, Messages, pointer
from weighbridge.report.sbom_check.graphs import circles, in_words

if TYPE_CHECKING:
    from packageurl import PackageURL


# Members whose text is a reference to a bom-ref of this document or, as a BOM-Link, of another
# (CycloneDX 1.7, types refLinkType and bomLinkElementType). `ref` and those of cryptography mean
# this wherever they stand; the others only inside of one member of the document.
_ANYWHERE = frozenset(
    {
        "ref", "signatureAlgorithmRef", "subjectPublicKeyRef", "algorithmRef", "certificateRef",
        "cryptoRefArray",
    }
)  # fmt: skip
_INSIDE: dict[str, frozenset[str]] = {
    "dependencies": frozenset({"dependsOn", "provides"}),
    "compositions": frozenset({"assemblies", "dependencies", "vulnerabilities"}),
    "annotations": frozenset({"subjects"}),
    "citations": frozenset({"attributedTo", "process"}),
    "declarations": frozenset(
        {
            "assessor", "claims", "claim", "requirement", "target", "evidence", "counterEvidence",
            "mitigationStrategies",
        }
    ),
    "definitions": frozenset({"parent", "requirements"}),
}  # fmt: skip
_BOM_LINK = "urn:cdx:"
_FAMILY = ("ancestors", "descendants", "variants")


def check(bom: dict[str, Any], version: str, messages: Messages) -> Inventory:
    """Check a document of a known version; give what it lists."""
    if not messages.schema(validator(version), bom, f"breaks the CycloneDX {version} schema"):
        return Inventory()  # what breaks the schema may have any shape
    known = _known(bom, messages)
    _check_references(bom, known, messages)
    _check_dependencies(bom, messages)
    for place, component in components(bom):
        _check_component(place, component, messages)
    return _inventory(bom)


def components(bom: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every component, the main one first, those inside of others after them; with its pointer."""
    main = bom.get("metadata", {}).get("component")
    waiting = [(pointer("components", n), c) for n, c in enumerate(bom.get("components", []))]
    waiting.reverse()
    if main:
        waiting.append((pointer("metadata", "component"), main))
    while waiting:
        place, component = waiting.pop()
        yield place, component
        inner = [
            (f"{place}/components/{n}", c) for n, c in enumerate(component.get("components", []))
        ]
        waiting.extend(reversed(inner))


def _known(bom: dict[str, Any], messages: Messages) -> set[str]:
    """Every ``bom-ref``. Tools like to list the main component again: that is not two things."""
    known: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, Any]] = [("", bom)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend((f"{place}/{n}", item) for n, item in reversed(list(enumerate(value))))
        if not isinstance(value, dict):
            continue
        waiting.extend((place + pointer(k), v) for k, v in reversed(value.items()))
        ref = value.get("bom-ref")
        if not isinstance(ref, str):
            continue
        identity = (_identity(value), *_purls(value))
        if ref in known and known[ref] == identity and value.get("name"):
            messages.warning("repeated", place, f"{ref} is listed twice")
        elif ref in known:
            messages.error("duplicate-reference", place, f"{ref} stands for two things")
        known.setdefault(ref, identity)
    return set(known)


def _texts(bom: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Every text of an object's member, or of a list in one: pointer, member, text, and the
    document's member that it stands in.
    """
    waiting: list[tuple[str, str, str, Any]] = [
        (pointer(top), top, top, value) for top, value in reversed(bom.items())
    ]
    while waiting:
        place, top, member, value = waiting.pop()
        if isinstance(value, str):
            yield place, member, value, top
        elif isinstance(value, dict):
            waiting.extend((place + pointer(k), top, k, v) for k, v in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(
                (f"{place}/{n}", top, member, value[n]) for n in range(len(value) - 1, -1, -1)
            )


def _check_references(bom: dict[str, Any], known: set[str], messages: Messages) -> None:
    for place, member, text, top in _texts(bom):
        if member in _ANYWHERE or member in _INSIDE.get(top, ()):
            if text.startswith(_BOM_LINK) or text in known:
                continue
            messages.error("dangling-reference", place, f"{text} is named, and nothing has it")


def _check_dependencies(bom: dict[str, Any], messages: Messages) -> None:
    graph: dict[str, list[str]] = {}
    for number, dependency in enumerate(bom.get("dependencies", [])):
        place, ref = pointer("dependencies", number), dependency["ref"]
        targets = dependency.get("dependsOn", [])
        if ref in graph:
            messages.error("duplicate-dependency", place, f"the dependencies of {ref} stand twice")
        if ref in targets:
            messages.error("self-reference", place, f"{ref} depends on itself")
        graph.setdefault(ref, []).extend(targets)
    for circle in circles(graph):
        messages.warning("cycle", "/dependencies", f"a circle: {in_words(circle)}")
    main = bom.get("metadata", {}).get("component", {}).get("bom-ref")
    if main and not graph.get(main):
        messages.warning("no-dependencies", "/dependencies", f"what {main} depends on is not said")


def _check_component(place: str, component: dict[str, Any], messages: Messages) -> None:
    for kind in _FAMILY:
        for number, other in enumerate(component.get("pedigree", {}).get(kind, [])):
            if _same(component, other):
                where = f"{place}/pedigree/{kind}/{number}"
                text = f"{component['name']} is among its own {kind}"
                messages.error("own-ancestor", where, text)
    purl = component.get("purl")
    if purl is not None and _parsed(purl) is None:
        messages.error("purl", f"{place}/purl", f"{purl} is no package URL")


def _same(component: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two descriptions are of one thing.

    A vendored copy has the name and version of what it was copied from: where only that one has a
    purl, they are not the same (CycloneDX, use case "pedigree").
    """
    own, its = component.get("purl"), other.get("purl")
    if own and its:
        return _without_version(own) == _without_version(its) and _versions_agree(own, its)
    return not its and _identity(component) == _identity(other)


def _versions_agree(one: str, other: str) -> bool:
    found = (_parsed(one), _parsed(other))
    versions = {purl.version for purl in found if purl is not None and purl.version}
    return len(versions) < 2


def _without_version(text: str) -> str:
    purl = _parsed(text)
    return text if purl is None else f"{purl.type}/{purl.namespace}/{purl.name}/{purl.subpath}"


def _identity(component: dict[str, Any]) -> str:
    """A name and version as one text. A purl is apart: two names may share one by mistake."""
    return "\0".join(str(component.get(key, "")) for key in ("group", "name", "version"))


def _purls(component: dict[str, Any]) -> list[str]:
    return [component["purl"]] if component.get("purl") else []


def _parsed(text: str) -> PackageURL | None:
    from packageurl import PackageURL

    try:
        return PackageURL.from_string(text)
    except ValueError:
        return None


def _inventory(bom: dict[str, Any]) -> Inventory:
    metadata = bom.get("metadata", {})
    return Inventory(
        author=_author(metadata),
        timestamp=metadata.get("timestamp", ""),
        components=tuple(_component(place, c) for place, c in components(bom)),
        relationships=sum(len(d.get("dependsOn", [])) for d in bom.get("dependencies", [])),
    )


def _author(metadata: dict[str, Any]) -> str:
    """Who made the document: a person or organization, else the tool."""
    for author in metadata.get("authors", []):
        if author.get("name"):
            return str(author["name"])
    for key in ("manufacturer", "manufacture", "supplier"):
        if metadata.get(key, {}).get("name"):
            return str(metadata[key]["name"])
    tools = metadata.get("tools", [])
    if isinstance(tools, dict):
        tools = [*tools.get("components", []), *tools.get("services", [])]
    return str(tools[0].get("name", "")) if tools else ""


def _component(place: str, component: dict[str, Any]) -> Component:
    by = [component.get(key, {}).get("name", "") for key in ("supplier", "manufacturer")]
    by += [component.get("publisher", ""), component.get("author", "")]
    by += [author.get("name", "") for author in component.get("authors", [])]
    tag = component.get("swid", {}).get("tagId")
    identifiers = (component.get("purl"), component.get("cpe"), tag,
                   *component.get("omniborId", []), *component.get("swhid", []))  # fmt: skip
    found = next((str(i) for i in identifiers if i), "")
    if not found and component.get("hashes"):
        found = component["hashes"][0]["content"]
    return Component(
        pointer=place,
        name=component.get("name", ""),
        version=component.get("version", ""),
        supplier=next((text for text in by if text), ""),
        identifier=found,
        license=_license(component),
        hashed=bool(component.get("hashes")),
    )


def _license(component: dict[str, Any]) -> str:
    """The first SPDX id or expression, else ``other``; empty where there is none."""
    for choice in component.get("licenses", []):
        text = choice.get("expression") or choice.get("license", {}).get("id")
        if text:
            return str(text)
    return "other" if component.get("licenses") else ""
