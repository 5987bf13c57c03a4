"""What a package's own bill of materials (PEP 770) says is inside it.

Wheels carry native libraries and Rust crates that no Python metadata names. They lie inside their
package's component, with the references that they have there as edges.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from weighbridge.model.facts.installation import EmbeddedComponentFacts
from weighbridge.report.cyclonedx.licenses import license_of, licenses_as_json
from weighbridge.report.cyclonedx.part import Part, Plain, SpecVersion, view
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    clean,
    hashes,
    package_url,
    reference,
)

if TYPE_CHECKING:
    from cyclonedx.model.component import Component


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
    plain = Plain(ref, lambda version: _as_json(fact, ref, version), lambda: _component(fact, ref))
    part = Part(None, plain=plain)
    part.note("embedded-in", fact["sbom"])
    part.note("embedded-ref", fact["ref"])
    if package_url(fact["purl"]) is None:
        part.note("purl", fact["purl"])
    sources.found(ref, (), "", "", f"declared by {clean(fact['sbom'], 300)} in {fact['package']}")
    return part


def _component(fact: EmbeddedComponentFacts, ref: str) -> Component:
    from cyclonedx.model.component import Component

    found = license_of(fact["license"], fact["license"], "declared")
    return Component(
        name=clean(fact["name"], MAX_NAME),
        type=_type(fact["type"]),
        version=clean(fact["version"], MAX_VERSION) or None,
        bom_ref=ref,
        purl=package_url(fact["purl"]),
        hashes=hashes(sorted(set(fact["hashes"]))),
        licenses=[found] if found else (),
    )


def _as_json(fact: EmbeddedComponentFacts, ref: str, version: SpecVersion) -> dict[str, Any]:
    """What the library writes of :func:`_component`; of several hashes, by the library itself."""
    if len(fact["hashes"]) > 1:
        whole: Any = _component(fact, ref)
        written: dict[str, Any] = json.loads(whole.as_json(view_=view(version)))
        return written
    purl = package_url(fact["purl"])
    found = license_of(fact["license"], fact["license"], "declared")
    made = {
        "bom-ref": ref,
        "type": _type(fact["type"]).value,
        "name": clean(fact["name"], MAX_NAME),
        "version": clean(fact["version"], MAX_VERSION),
        "purl": purl.to_string() if purl else "",
        "hashes": [{"alg": h.alg.value, "content": h.content} for h in hashes(fact["hashes"])],
        "licenses": licenses_as_json(found, version) if found else [],
    }
    return {name: value for name, value in made.items() if value or name == "name"}


def _type(name: str) -> Any:
    from cyclonedx.model.component import ComponentType

    return _types().get(name, ComponentType.LIBRARY)


@functools.cache
def _types() -> dict[str, Any]:
    from cyclonedx.model.component import ComponentType

    return {kind.value: kind for kind in ComponentType}
