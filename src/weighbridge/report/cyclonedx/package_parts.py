"""Packages as components: license, hashes, supplier, and what leads to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.model.facts.packages import PackageFact
from weighbridge.report.cyclonedx.licenses import license_of, licenses_as_json
from weighbridge.report.cyclonedx.material import Material
from weighbridge.report.cyclonedx.packages import Package, Packages
from weighbridge.report.cyclonedx.part import Part, Plain, SpecVersion, view
from weighbridge.report.cyclonedx.sources import Sources
from weighbridge.report.cyclonedx.values import (
    MAX_NAME,
    MAX_VERSION,
    address,
    clean,
    external,
    hashes,
    package_url,
)

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression

    License = DisjunctiveLicense | LicenseExpression

_RECORD = (
    "the installed RECORD file, which lists the digests of the package's files; it is not the hash "
    "of a release file"
)


def package_parts(packages: Packages, material: Material, sources: Sources) -> Iterator[Part]:
    """One component a package; what is embedded in it lies inside its component."""
    for package in packages:
        part = package_part(package)
        for about, _ in package.facts:
            at = about if about in material.artifacts else ""
            sources.found(part.ref, (), "", at, f"read from {about}")
        if package.embedded:
            part.children = package.embedded.parts(sources)
        yield part


def package_part(package: Package) -> Part:
    """One package, without what is embedded in it."""
    licensed = max((fact for _, fact in package.facts), key=_license_rank)
    text, spdx = licensed["license"], licensed.get("spdx", "")
    if not spdx and licensed["license_is_expression"]:
        spdx = text
    found = license_of(spdx, text, "declared" if spdx == text else "concluded")
    own, of_record = _own_hashes(package)
    links = _references(package)
    plain = Plain(
        package.ref,
        lambda version: _as_json(package, found, own, links, version),
        lambda: _component(package, found, own, links),
    )
    part = Part(None, plain=plain)
    part.note("license-declared", text)
    if of_record:
        part.note("hash-of", _RECORD)
    if package.depth:
        part.note("depth", str(package.depth))
        part.note("introduced-by", package.introduction)
    for about, fact in package.facts:
        part.note("source", f"{about}:{fact['line']}" if fact["line"] else about)
        if not fact["pinned"]:
            part.note("specifier", fact["specifier"] or "any version")
        if fact["origin"] != "index":
            part.note("origin", fact["origin"])
        part.note("uploaded", fact.get("uploaded", ""))
    for name, value in package.notes:
        part.note(name, value)
    return part


def _component(
    package: Package, found: License | None, own: list[str], links: list[ExternalReference]
) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.contact import OrganizationalEntity

    supplier = _supplier(package)
    return Component(
        name=clean(package.key[1], MAX_NAME),
        type=ComponentType.LIBRARY,
        version=clean(package.key[2], MAX_VERSION) or None,
        purl=package_url(package.purl),
        bom_ref=package.ref,
        hashes=hashes(own),
        licenses=[found] if found else (),
        supplier=OrganizationalEntity(name=supplier) if supplier else None,
        external_references=links,
    )


def _as_json(
    package: Package,
    found: License | None,
    own: list[str],
    links: list[ExternalReference],
    version: SpecVersion,
) -> dict[str, Any]:
    """What the library writes of :func:`_component`; of several hashes, by the library itself."""
    if len(own) > 1 or len(links) > 1 or any(link.hashes for link in links):
        whole: Any = _component(package, found, own, links)
        written: dict[str, Any] = json.loads(whole.as_json(view_=view(version)))
        return written
    purl, supplier = package_url(package.purl), _supplier(package)
    made = {
        "bom-ref": package.ref,
        "type": "library",
        "name": clean(package.key[1], MAX_NAME),
        "version": clean(package.key[2], MAX_VERSION),
        "purl": purl.to_string() if purl else "",
        "hashes": [{"alg": h.alg.value, "content": h.content} for h in hashes(own)],
        "licenses": licenses_as_json(found, version) if found else [],
        "supplier": {"name": supplier} if supplier else {},
        "externalReferences": [{"type": link.type.value, "url": str(link.url)} for link in links],
    }
    return {name: value for name, value in made.items() if value or name == "name"}


def _license_rank(fact: PackageFact) -> tuple[bool, bool, str, str]:
    """SPDX outranks a text; of equals the last in the alphabet, so that it is always the same."""
    spdx = fact.get("spdx", "")
    return (bool(spdx), fact["license_is_expression"], spdx, fact["license"])


def _one_each(texts: list[str]) -> bool:
    """Whether hashes may be those of one file: no algorithm is there twice."""
    algorithms = [text.partition(":")[0] for text in texts]
    return len(set(algorithms)) == len(algorithms)


def _own_hashes(package: Package) -> tuple[list[str], bool]:
    """The hashes of the one release file; else that of its ``RECORD``, and that it is that one.

    A lock file lists the hash of every wheel, and only one of them is installed.
    """
    release = package.release_hashes()
    if release and _one_each(release):
        return release, False
    if package.record_sha256:
        return [f"sha256:{package.record_sha256}"], True
    return [], False


def _supplier(package: Package) -> str:
    names = sorted({clean(fact.get("supplier", ""), MAX_NAME) for _, fact in package.facts} - {""})
    return names[0] if names else ""


def _references(package: Package) -> list[ExternalReference]:
    """Its site; and the hashes of its release files, where they are those of several files."""
    from cyclonedx.model import ExternalReferenceType

    urls = sorted({url for _, fact in package.facts if (url := address(fact.get("url", "")))})
    links = [external(ExternalReferenceType.WEBSITE, url) for url in urls]
    release = package.release_hashes()
    if not _one_each(release) and package_url(package.purl):
        comment = "the hashes of its release files, one of which is installed"
        links.append(
            external(ExternalReferenceType.DISTRIBUTION, package.purl, comment=comment,
                     digests=release)
        )  # fmt: skip
    return links
