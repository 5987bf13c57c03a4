"""CycloneDX in JSON, 1.2 to 1.7: the strict schema, then what a schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weighbridge.report.cyclonedx_references import parsed, problems
from weighbridge.report.cyclonedx_schema import validator
from weighbridge.report.sbom_check.found import Component, Inventory, Messages, pointer
from weighbridge.report.sbom_check.graphs import circles, in_words

_WARNINGS = frozenset({"repeated"})  # of what is wrong with references


def check(bom: dict[str, Any], version: str, messages: Messages) -> Inventory:
    """Check a document of a known version; give what it lists."""
    if not messages.schema(validator(version), bom, f"breaks the CycloneDX {version} schema"):
        return Inventory()  # what breaks the schema may have any shape
    for problem in problems(bom):
        tell = messages.warning if problem.code in _WARNINGS else messages.error
        tell(problem.code, problem.place, problem.message)
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


def _check_dependencies(bom: dict[str, Any], messages: Messages) -> None:
    graph: dict[str, list[str]] = {}
    for dependency in bom.get("dependencies", []):
        graph.setdefault(dependency["ref"], []).extend(dependency.get("dependsOn", []))
    for circle in circles(graph):
        messages.warning("cycle", "/dependencies", f"a circle: {in_words(circle)}")
    main = bom.get("metadata", {}).get("component", {}).get("bom-ref")
    if main and not graph.get(main):
        messages.warning("no-dependencies", "/dependencies", f"what {main} depends on is not said")


def _check_component(place: str, component: dict[str, Any], messages: Messages) -> None:
    purl = component.get("purl")
    if purl is not None and parsed(purl) is None:
        messages.error("purl", f"{place}/purl", f"{purl} is no package URL")


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
