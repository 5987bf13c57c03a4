"""What a package's own bill of materials (PEP 770) says is inside it.

Wheels carry native libraries and Rust crates that no Python metadata names. They lie inside their
package's component, with the references that they have there as edges.
"""

from __future__ import annotations

from weighbridge.model.facts.installation import EmbeddedComponentFacts
from weighbridge.report.cyclonedx.licenses import license_of
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    clean,
    hashes,
    package_url,
    reference,
)


class Embedded:
    """The components inside one package; ``owner`` is its name and version, as in its reference."""

    def __init__(self, owner: str, facts: list[EmbeddedComponentFacts]) -> None:
        self.facts = facts
        self.refs = [reference("embedded", f"{owner}/{number}") for number in range(len(facts))]
        self._by_own: dict[tuple[str, str], str] = {}
        for fact, ref in zip(facts, self.refs, strict=True):
            self._by_own.setdefault((fact["sbom"], fact["ref"]), ref)

    def parts(self, sources: Sources) -> list[Part]:
        """One component each."""
        return [_part(fact, ref, sources) for fact, ref in zip(self.facts, self.refs, strict=True)]

    def graph(self) -> dict[str, set[str]]:
        """What each of them requires of the others, by reference; a component never itself."""
        edges: dict[str, set[str]] = {ref: set() for ref in self.refs}
        for fact, ref in zip(self.facts, self.refs, strict=True):
            found = (self._by_own.get((fact["sbom"], other)) for other in fact["requires"])
            edges[ref].update(target for target in found if target and target != ref)
        return edges


def _part(fact: EmbeddedComponentFacts, ref: str, sources: Sources) -> Part:
    from cyclonedx.model.component import Component, ComponentType

    kinds = {kind.value: kind for kind in ComponentType}
    purl = package_url(fact["purl"])
    found = license_of(fact["license"], fact["license"], "declared")
    part = Part(
        Component(
            name=clean(fact["name"], MAX_NAME),
            type=kinds.get(fact["type"], ComponentType.LIBRARY),
            version=clean(fact["version"], MAX_VERSION) or None,
            bom_ref=ref,
            purl=purl,
            hashes=hashes(sorted(set(fact["hashes"]))),
            licenses=[found] if found else (),
        )
    )
    part.note("embedded-in", fact["sbom"])
    part.note("embedded-ref", fact["ref"])
    if purl is None:
        part.note("purl", fact["purl"])
    sources.found(ref, (), "", "", f"declared by {clean(fact['sbom'], 300)} in {fact['package']}")
    return part
