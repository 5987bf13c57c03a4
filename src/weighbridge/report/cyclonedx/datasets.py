"""Datasets as ``data`` components: which they are, what pins them, and what the model did of them.

A dataset that the card lists was trained on; one that only its results name was evaluated on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.report.cyclonedx.licenses import license_of
from weighbridge.report.cyclonedx.material import Material, dataset_ref
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    address,
    clean,
    external,
    hashes,
)

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

ROLES = {"card": "training", "model-index": "evaluation", "code": "named in code"}


def dataset_parts(material: Material, sources: Sources) -> list[Part]:
    """One component a dataset."""
    return [_dataset(facts, sources) for _, facts in material.datasets]


def roles(facts: DatasetFacts) -> tuple[str, ...]:
    """What the dataset was used for: ``training``, ``evaluation``, ``named in code``."""
    return tuple(sorted({ROLES[use["kind"]] for use in facts["used_in"]}))


def _dataset(facts: DatasetFacts, sources: Sources) -> Part:
    from cyclonedx.model import ExternalReferenceType
    from cyclonedx.model.component import Component, ComponentType

    group, _, name = facts["id"].rpartition("/")
    spdx = facts["license_id"] if facts["license_status"] == "known" else ""
    word = "declared" if spdx == facts["license"] else "concluded"
    found = license_of(spdx, facts["license"], word)
    links = []
    if url := address(facts["url"]):
        links.append(external(ExternalReferenceType.WEBSITE, url))
    if doi := address(f"https://doi.org/{facts['doi']}" if facts["doi"] else ""):
        links.append(external(ExternalReferenceType.DOCUMENTATION, doi, comment="DOI"))
    pinned = facts["pin_kind"] not in ("", "branch-or-tag")
    ref = dataset_ref(facts["id"])
    component = Component(
        name=clean(name or facts["id"], MAX_NAME),
        group=clean(group, MAX_NAME) if group and name else None,
        type=ComponentType.DATA,
        bom_ref=ref,
        version=clean(facts["pin"], MAX_VERSION) if pinned else None,
        description=clean(facts["purpose"]) or None,
        hashes=hashes([f"sha256:{facts['pin']}"]) if facts["pin_kind"] == "sha256" else (),
        licenses=[found] if found else (),
        external_references=links,
    )
    part = Part(component)
    part.more["data"] = [_data(facts)]
    _describe(part, facts)
    _cite(component, facts, sources)
    return part


def _data(facts: DatasetFacts) -> dict[str, object]:
    """The member ``data``: what the library has no class for."""
    data: dict[str, object] = {"type": "dataset", "name": clean(facts["id"], MAX_NAME)}
    if url := address(facts["url"]):
        data["contents"] = {"url": url}
    if facts["purpose"]:
        data["description"] = clean(facts["purpose"])
    return data


def _describe(part: Part, facts: DatasetFacts) -> None:
    for role in roles(facts):
        part.note("dataset-role", role)
    pinned = facts["pin_kind"] not in ("", "branch-or-tag")
    part.note("pin" if pinned else "movable-revision", facts["pin"])
    for name in ("citation", "doi", "accessed"):
        part.note(name, facts[name])
    part.note("pin-kind", facts["pin_kind"])
    part.note("license-declared", facts["license"])
    if not address(facts["url"]):
        part.note("url", facts["url"])
    for use in facts["used_in"]:
        member = f" {use['member']}" if use["member"] else ""
        revision = f", revision {use['revision']}" if use["revision"] else ""
        part.note("used-in", f"{use['path']}{member}:{use['line']} ({use['kind']}{revision})")


def _cite(component: Component, facts: DatasetFacts, sources: Sources) -> None:
    ref = dataset_ref(facts["id"])
    for use in facts["used_in"]:
        sources.found(ref, ("name",), "name", use["path"],
                      f"declared, {use['kind']}, line {use['line']}")  # fmt: skip
    if not facts["recorded_in"]:
        return
    note = f"declared, line {facts['recorded_line']}"
    known = {"version": component.version, "licenses": component.licenses,
             "hashes": component.hashes, "description": component.description,
             "externalReferences": component.external_references}  # fmt: skip
    for member, value in known.items():
        if value:
            sources.found(ref, (member,), member, facts["recorded_in"], note)
