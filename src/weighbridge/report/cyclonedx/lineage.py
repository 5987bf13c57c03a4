"""What the model was made from, as ancestors of its pedigree; never the model itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weighbridge.model.facts.model import BaseModelFacts
from weighbridge.report.cyclonedx.material import Material
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    address,
    clean,
    external,
    package_url,
    reference,
)

if TYPE_CHECKING:
    from cyclonedx.model.component import Component
    from packageurl import PackageURL


@dataclass(slots=True)
class Ancestor:
    """One base model, with every source that names it."""

    key: str
    purl: PackageURL | None
    claims: list[BaseModelFacts] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Its reference in the document."""
        return reference("base", self.key)

    @property
    def relations(self) -> set[str]:
        """How the model was made from it: ``finetune``, ``adapter``, ``merge``, ``quantized``."""
        return {str(claim["relation"]) for claim in self.claims} - {""}


def ancestors(material: Material) -> list[Ancestor]:
    """The base models, each once, whatever ways of writing its name the sources have."""
    found: dict[str, Ancestor] = {}
    for claim in material.identity["base_models"] if material.identity else ():
        key, purl = _key(claim["purl"], claim["id"])
        if key != _own_key(material):
            found.setdefault(key, Ancestor(key, purl)).claims.append(claim)
    return [found[key] for key in sorted(found)]


def components(material: Material, sources: Sources) -> list[Component]:
    """The ancestors as components, in the order in which the document has them."""
    from cyclonedx.model import ExternalReferenceType, Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    made = []
    for ancestor in ancestors(material):
        group, name = _names(ancestor)
        version = next((c["revision"] for c in ancestor.claims if c["revision"]), "")
        purl = ancestor.purl
        if purl is not None and not purl.version and _is_commit(version):
            purl = PackageURL(purl.type, purl.namespace, purl.name, version.lower())
        notes = {("weighbridge:relation", clean(text)) for text in ancestor.relations}
        for claim in ancestor.claims:
            place = claim["place"]
            word = "concluded" if claim["inferred"] else place["method"]
            where = clean(f"{place['path']}: {word} at {place['key']}")
            notes.add(("weighbridge:source:base-model", where))
            notes.add(("weighbridge:written-as", clean(claim["id"], MAX_NAME)))
            sources.declared(material.model_ref, ("pedigree", "ancestors"), "", place)
        urls = sorted({url for claim in ancestor.claims if (url := address(claim["id"]))})
        made.append(
            Component(
                name=clean(name, MAX_NAME),
                group=clean(group, MAX_NAME) or None,
                type=ComponentType.MACHINE_LEARNING_MODEL,
                version=clean(version, MAX_VERSION) or None,
                bom_ref=ancestor.ref,
                purl=purl,
                external_references=[external(ExternalReferenceType.WEBSITE, u) for u in urls],
                properties=[Property(name=name, value=value) for name, value in sorted(notes)],
            )
        )
    return made


def _key(purl_text: str, identifier: str) -> tuple[str, PackageURL | None]:
    """What tells one model from another: its purl without a version, else its id as written."""
    from packageurl import PackageURL

    purl = package_url(purl_text)
    if purl is None:
        return identifier, None
    bare = PackageURL(purl.type, purl.namespace, purl.name)
    return bare.to_string(), purl


def _own_key(material: Material) -> str:
    identity = material.identity
    if identity is None:
        return material.record.subject.name
    if identity["purl"]:
        return _key(identity["purl"], "")[0]
    return f"{identity['namespace']}/{identity['name']}".lstrip("/")


def _names(ancestor: Ancestor) -> tuple[str, str]:
    if ancestor.purl is not None:
        return ancestor.purl.namespace or "", ancestor.purl.name
    identifier = ancestor.claims[0]["id"]
    if address(identifier) or identifier.startswith((".", "/")):
        return "", identifier
    group, _, name = identifier.rpartition("/")
    return (group, name) if name else ("", identifier)


def _is_commit(text: str) -> bool:
    return len(text) == 40 and not text.lower().strip("0123456789abcdef")
