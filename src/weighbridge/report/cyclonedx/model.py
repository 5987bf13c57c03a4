"""The model as the component that the document is about: its own name, never its base's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.report.cyclonedx import lineage
from weighbridge.report.cyclonedx.card import model_card
from weighbridge.report.cyclonedx.licenses import alone, beside_others
from weighbridge.report.cyclonedx.material import Material
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    address,
    clean,
    external,
    package_url,
    relative,
)

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, ExternalReferenceType
    from cyclonedx.model.component import Component

    from weighbridge.report.cyclonedx.licenses import License

# Fields of claims that become properties of the component: the schema has no member for them.
PROPERTIES: tuple[str, ...] = (
    "base_model", "basename", "citation", "contact", "doi", "finetune", "link", "model_creator",
    "new_version", "quantized_by", "source",
)  # fmt: skip
_ONE_VALUE = ("name", "version", "description", "license", "license_name", "license_link")


def model_part(material: Material, sources: Sources) -> Part:
    """The model: ``metadata.component``."""
    part = Part(_component(material, sources))
    card = model_card(material, sources)
    if card:
        part.more["modelCard"] = card
    subject = material.record.subject
    part.note("subject-digest", str(subject.digest))
    part.note("subject-kind", subject.kind.value)
    for field in PROPERTIES:
        for claim in material.claims.get(field, []):
            part.note(field.replace("_", "-"), claim["value"])
            sources.declared(part.ref, ("properties",), field, claim["place"])
    for field in _ONE_VALUE:
        for claim in material.claims.get(field, []):
            where = f"{claim['place']['path']}, {claim['place']['key']}"
            part.note(f"claim:{field.replace('_', '-')}", f"{claim['value']} ({where})")
    part.note("weights-committed", material.weights_committed)
    for path, facts in material.signatures:
        names = ", ".join(signer["name"] for signer in facts["valid_for"])
        words = f"{path}: {facts['signature_state']}, {facts['mode']}"
        part.note("signature", f"{words}, by {names}" if names else words)
    for text in material.identity["unread"] if material.identity else ():
        part.note("unread", text)
    return part


def _component(material: Material, sources: Sources) -> Component:
    from cyclonedx.model.component import Component, ComponentType, Pedigree
    from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity

    identity, subject, ref = material.identity, material.record.subject, material.model_ref
    bases = lineage.components(material, sources)
    producer = _first(material, "producer", sources, "manufacturer")
    authors = [clean(c["value"], MAX_NAME) for c in material.claims.get("author", [])]
    for claim in material.claims.get("author", []):
        sources.declared(ref, ("authors",), "authors", claim["place"])
    declared_version = _first(material, "version", Sources(), "version")
    version = (identity and identity["revision"]) or subject.revision or declared_version
    if identity is not None:
        sources.declared(ref, ("name",), "name", identity["name_place"])
    else:
        sources.found(ref, ("name",), "name", "", "the subject's own name")
    if version and version == declared_version:
        _first(material, "version", sources, "version")
    elif version:
        sources.found(ref, ("version",), "version", "", "the revision that was audited")
    return Component(
        name=clean(identity["name"] if identity else subject.name, MAX_NAME),
        group=clean(identity["namespace"], MAX_NAME) or None if identity else None,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        version=clean(version, MAX_VERSION) or None,
        description=_first(material, "description", sources, "description") or None,
        bom_ref=ref,
        purl=package_url(identity["purl"]) if identity else None,
        manufacturer=OrganizationalEntity(name=producer) if producer else None,
        publisher=clean(identity["namespace"], MAX_NAME) or None if identity else None,
        authors=[OrganizationalContact(name=name) for name in sorted(set(authors)) if name],
        licenses=_licenses(material, sources),
        external_references=_references(material, sources),
        pedigree=Pedigree(ancestors=bases) if bases else None,
        tags=sorted({clean(c["value"], MAX_NAME) for c in material.claims.get("tag", [])}),
    )


def _first(material: Material, field: str, sources: Sources, member: str) -> str:
    """The first source's value of a field, cited for a member of the component."""
    for claim in material.claims.get(field, [])[:1]:
        sources.declared(material.model_ref, (member,), member, claim["place"])
        return clean(claim["value"], MAX_NAME if field != "description" else 4_000)
    return ""


def _licenses(material: Material, sources: Sources) -> list[License]:
    """What the model's card declares; several declared ids are several licenses.

    The card's ``license: other`` is no license: its name is (``license_name``).
    """
    declared: dict[str, tuple[str, str]] = {}
    for about, facts in material.licenses:
        if facts["role"] != "declared":
            continue
        raw, spdx = facts.get("raw", ""), facts.get("id", "")
        text = facts.get("license_name", "") or raw
        declared[spdx or text] = (spdx, text)
        line = f", line {facts['line']}" if facts.get("line") else ""
        sources.found(material.model_ref, ("licenses",), "licenses", about, f"declared{line}")
    make = alone if len(declared) == 1 else beside_others
    found = (make(spdx, text) for spdx, text in declared.values())
    return [license_ for license_ in found if license_ is not None]


def _references(material: Material, sources: Sources) -> list[ExternalReference]:
    from cyclonedx.model import ExternalReferenceType

    kinds = ExternalReferenceType
    made = [_link(material, path, kinds.DIGITAL_SIGNATURE, facts["signature_state"])
            for path, facts in material.signatures]  # fmt: skip
    cards = {about for about, facts in material.licenses if facts["role"] == "declared"}
    cards |= {claim["place"]["path"] for claim in material.claims.get("description", [])}
    cards |= {use["path"] for _, facts in material.datasets for use in facts["used_in"]
              if use["kind"] == "card"}  # fmt: skip
    made += [_link(material, path, kinds.MODEL_CARD) for path in sorted(cards)
             if path in material.artifacts]  # fmt: skip
    texts = {about for about, facts in material.licenses if facts["role"] == "detected"}
    made += [_link(material, path, kinds.LICENSE) for path in sorted(texts)]
    for field, kind in (("link", kinds.WEBSITE), ("source", kinds.SOURCE_DISTRIBUTION),
                        ("license_link", kinds.LICENSE)):  # fmt: skip
        for claim in material.claims.get(field, []):
            if url := address(claim["value"]):
                made.append(external(kind, url))
                sources.declared(material.model_ref, ("externalReferences",), field, claim["place"])
    for claim in material.claims.get("doi", []):
        if url := address(f"https://doi.org/{claim['value']}"):
            made.append(external(kinds.DOCUMENTATION, url, comment="DOI"))
    return made


def _link(
    material: Material, path: str, kind: ExternalReferenceType, comment: str = ""
) -> ExternalReference:
    """A reference to a file of the subject, with its digests."""
    artifact = material.artifacts.get(path)
    digests = [str(digest) for digest in artifact.digests] if artifact else []
    return external(kind, relative(path), comment=comment, digests=digests)
