"""Bills of materials that packages carry inside them: PEP 770, ``*.dist-info/sboms/``.

They tell what no Python metadata does: which crates and native libraries were compiled or copied
into a wheel. CycloneDX in JSON (1.2 to 1.7) and SPDX 2.x in JSON are read; of others it is said
that they are there. What they say is the package's own claim.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.edge.text import visible
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.packages.installed import metadata_folders, place_of, read_inside
from weighbridge.packages.source import MalformedSource, normalized, strong_hash, unique

MAX_BYTES = 32 * 2**20  # of one file
MAX_FILES = 5_000
MAX_COMPONENTS = 20_000  # of one environment
MAX_EDGES = 200_000
MAX_NESTING = 32
MAX_FOLDERS = 4  # in each other, under sboms/
_TEXT = 500


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a package; the fields are those of ``EmbeddedComponentFacts``.

    ``ref`` is unique in its bill of materials: its own, or ``#`` and a number where it has none.
    ``requires`` are refs of the same bill that stand here too.
    """

    package: str
    sbom: str
    ref: str
    type: str
    name: str
    version: str
    purl: str
    license: str
    hashes: tuple[str, ...]
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbeddedSbom:
    """One file; the fields are those of ``EmbeddedSbomFacts``."""

    package: str
    path: str
    format: str = ""
    format_version: str = ""
    sha256: str = ""
    components: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Embedded:
    """All of an environment, in the order of their paths."""

    sboms: tuple[EmbeddedSbom, ...]
    components: tuple[Component, ...]


def read_embedded(folder: Path) -> Embedded:
    """Every embedded bill of materials. One that cannot be read is listed with the reason.

    Raises:
        EnvironmentUnreadable: the folder cannot be listed.
        BoundExceeded: there are more files than MAX_FILES.
    """
    place = place_of(folder)
    sboms: list[EmbeddedSbom] = []
    components: list[Component] = []
    for name in metadata_folders(Path(place.folder)):
        if not name.endswith(".dist-info"):
            continue
        for path in _files(Path(place.folder), f"{name}/sboms"):
            if len(sboms) >= MAX_FILES:
                raise BoundExceeded("the environment", MAX_FILES, "embedded bills of materials")
            sbom = EmbeddedSbom(_package(name), visible(path, _TEXT))
            try:
                data = read_inside(place, f"{place.folder}/{path}", MAX_BYTES)
                sbom = replace(sbom, sha256=hashlib.sha256(data).hexdigest())
                sbom, found = _parse(sbom, data)
                if len(components) + len(found) > MAX_COMPONENTS:
                    raise BoundExceeded("the environment", MAX_COMPONENTS, "embedded components")
            except (HostileInput, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                sboms.append(replace(sbom, components=0, reason=visible(reason or "unreadable")))
                continue
            sboms.append(sbom)
            components += found
    return Embedded(tuple(sboms), tuple(components))


def parse_sbom(package: str, path: str, data: bytes) -> tuple[EmbeddedSbom, tuple[Component, ...]]:
    """One bill of materials from its bytes.

    Raises:
        HostileInput: it is of no format that is read, or malformed.
    """
    sbom, found = _parse(EmbeddedSbom(package, path, sha256=hashlib.sha256(data).hexdigest()), data)
    return sbom, tuple(found)


def _files(folder: Path, below: str, depth: int = 0) -> Iterator[str]:
    try:
        with os.scandir(folder / below) as entries:
            listed = sorted((e.name, e.is_dir(follow_symlinks=False)) for e in entries)
    except OSError:
        return  # there is none
    for name, is_folder in listed:
        if not is_folder:
            yield f"{below}/{name}"
        elif depth < MAX_FOLDERS:
            yield from _files(folder, f"{below}/{name}", depth + 1)


def _package(name: str) -> str:
    stem = name.removesuffix(".dist-info").partition("-")[0]
    try:
        return normalized(stem, source=name)
    except MalformedSource:
        return visible(stem, 200)


def _parse(sbom: EmbeddedSbom, data: bytes) -> tuple[EmbeddedSbom, list[Component]]:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        raise MalformedSource("it is not JSON: XML, tag-value and other forms are not read")
    body = load_json(data, source="the bill of materials", max_bytes=MAX_BYTES)
    if body.get("bomFormat") == "CycloneDX":
        named, found = ("CycloneDX", _text(body.get("specVersion"))), _cyclonedx(sbom, body)
    elif _text(body.get("spdxVersion")).startswith("SPDX-2"):
        version = _text(body["spdxVersion"]).removeprefix("SPDX-")
        named, found = ("SPDX", version), _spdx(sbom, body)
    elif "@context" in body:
        raise MalformedSource("it is JSON-LD (SPDX 3), which is not read")
    else:
        raise MalformedSource("it is neither CycloneDX nor SPDX 2")
    return replace(sbom, format=named[0], format_version=named[1], components=len(found)), found


def _cyclonedx(sbom: EmbeddedSbom, body: dict[str, Any]) -> list[Component]:
    """The components, nested ones too. ``metadata.component`` is the package itself."""
    found: dict[str, Component] = {}
    waiting = [(item, 0) for item in reversed(_list(body, "components"))]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_NESTING:
            raise BoundExceeded("the nesting of its components", MAX_NESTING, "levels")
        ref = _text(item.get("bom-ref")) or f"#{len(found) + 1}"
        if ref in found:
            raise MalformedSource(f"two of its components have the reference {visible(ref, 80)!r}")
        found[ref] = Component(
            sbom.package,
            sbom.path,
            ref,
            _text(item.get("type")),
            _cyclonedx_name(item),
            _text(item.get("version")),
            _text(item.get("purl")),
            _cyclonedx_license(item),
            unique(
                strong_hash(f"{_text(h.get('alg')).replace('-', '')}:{_text(h.get('content'))}")
                for h in _list(item, "hashes")
            ),
        )
        if len(found) > MAX_COMPONENTS:
            raise BoundExceeded("it", MAX_COMPONENTS, "components")
        waiting += [(inner, depth + 1) for inner in reversed(_list(item, "components"))]
    edges = [
        (_text(item.get("ref")), _text(to))
        for item in _list(body, "dependencies")
        for to in _texts(item.get("dependsOn"))
    ]
    return _joined(found, edges)


def _cyclonedx_name(item: dict[str, Any]) -> str:
    group, name = _text(item.get("group")), _text(item.get("name"))
    if not name:
        raise MalformedSource("one of its components has no name")
    return f"{group}/{name}" if group else name


def _cyclonedx_license(item: dict[str, Any]) -> str:
    named: list[str] = []
    for choice in _list(item, "licenses"):
        if expression := _text(choice.get("expression")):
            return expression
        given = choice.get("license")
        if isinstance(given, dict):
            named.append(_text(given.get("id")) or _text(given.get("name")))
    return " AND ".join(unique(named))[:_TEXT]


def _spdx(sbom: EmbeddedSbom, body: dict[str, Any]) -> list[Component]:
    """The packages, without the one of the wheel itself, which the document describes."""
    found: dict[str, Component] = {}
    described = set(_texts(body.get("documentDescribes")))
    edges: list[tuple[str, str]] = []
    for relation in _list(body, "relationships"):
        one, other = _text(relation.get("spdxElementId")), _text(relation.get("relatedSpdxElement"))
        kind = _text(relation.get("relationshipType"))
        if kind == "DESCRIBES":
            described.add(other)
        elif kind in ("DEPENDS_ON", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK"):
            edges.append((one, other))
        elif kind in ("DEPENDENCY_OF", "CONTAINED_BY", "RUNTIME_DEPENDENCY_OF"):
            edges.append((other, one))
    for item in _list(body, "packages"):
        ref, name = _text(item.get("SPDXID")), _text(item.get("name"))
        if not ref or not name or ref in found:
            raise MalformedSource("one of its packages has no name, or no identifier of its own")
        if ref in described and _same_name(name, sbom.package):
            continue
        found[ref] = Component(
            sbom.package,
            sbom.path,
            ref,
            _text(item.get("primaryPackagePurpose")).lower() or "library",
            name,
            _text(item.get("versionInfo")),
            next((purl for purl in map(_spdx_purl, _list(item, "externalRefs")) if purl), ""),
            _spdx_license(item),
            unique(
                strong_hash(f"{_text(h.get('algorithm'))}:{_text(h.get('checksumValue'))}")
                for h in _list(item, "checksums")
            ),
        )
        if len(found) > MAX_COMPONENTS:
            raise BoundExceeded("it", MAX_COMPONENTS, "components")
    return _joined(found, edges)


def _same_name(name: str, package: str) -> bool:
    try:
        return normalized(name, source="") == package
    except MalformedSource:
        return False


def _spdx_purl(reference: dict[str, Any]) -> str:
    return (
        _text(reference.get("referenceLocator")) if reference.get("referenceType") == "purl" else ""
    )


def _spdx_license(item: dict[str, Any]) -> str:
    for key in ("licenseConcluded", "licenseDeclared"):
        stated = _text(item.get(key))
        if stated and stated not in ("NOASSERTION", "NONE"):
            return stated
    return ""


def _joined(found: dict[str, Component], edges: list[tuple[str, str]]) -> list[Component]:
    if len(edges) > MAX_EDGES:
        raise BoundExceeded("its dependencies", MAX_EDGES, "edges")
    requires: dict[str, set[str]] = {}
    for one, other in edges:
        if one in found and other in found and one != other:
            requires.setdefault(one, set()).add(other)
    return [replace(c, requires=unique(requires.get(ref, ()))) for ref, c in found.items()]


def _list(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects, empty where there is none.

    Raises:
        MalformedSource: it is something else.
    """
    value = item.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise MalformedSource(f"its {key} are no list of objects")
    return value


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # most texts show as they are, and looking at each character takes a second for 3,000 parts
    return value if len(value) <= _TEXT and value.isprintable() else visible(value, _TEXT)
