"""What the schema of a CycloneDX document cannot see: where its references lead.

One checker for our own documents and those of others, from 1.2 to 1.7 in JSON. A BOM-Link
(``urn:cdx:…``) leads into another document and is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible

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
            "counterClaims", "mitigationStrategies",
        }
    ),
    "definitions": frozenset({"parent", "requirements"}),
}  # fmt: skip
_NOWHERE: frozenset[str] = frozenset()
_BOM_LINK = "urn:cdx:"
_FAMILY = ("ancestors", "descendants", "variants")

# Where something stands: the step that leads there, after the place that it leads from.
_Place = tuple["_Place", "str | int"] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``reference`` is as it stands in the document; ``message`` is a clause.

    ``code``: ``duplicate-reference`` (one for two things), ``repeated`` (the same thing twice),
    ``dangling-reference``, ``duplicate-dependency``, ``self-reference``, ``own-ancestor`` or
    ``dangling-pointer`` (a citation of a field that is not there). ``place`` is a JSON Pointer.
    """

    code: str
    place: str
    reference: str
    message: str


def problems(bom: dict[str, Any]) -> Iterator[Problem]:
    """Every problem with a document's references.

    Args:
        bom: a document that its schema allows.
    """
    known: dict[str, tuple[str, str]] = {}
    targets: list[tuple[_Place, str]] = []
    families: list[tuple[_Place, dict[str, Any]]] = []
    for place, value, member, top in _objects(bom):
        if isinstance(value, str):
            if member in _ANYWHERE or member in _INSIDE.get(top, _NOWHERE):
                targets.append((place, value))
            continue
        reference = value.get("bom-ref")
        if isinstance(reference, str):
            if reference in known:
                yield _twice(place, value, reference, known)
            else:
                known[reference] = _told(value)
        if isinstance(value.get("pedigree"), dict):
            families.append((place, value))
    for place, target in targets:
        if target not in known and not target.startswith(_BOM_LINK):
            text = f"{_shown(target)} is named, and nothing has it"
            yield Problem("dangling-reference", pointer_to(place), target, text)
    yield from _dependencies(bom)
    for place, component in families:
        yield from _own_family(place, component)
    yield from _citations(bom)


def resolves(document: Any, pointer: str) -> bool:
    """Whether a JSON Pointer (RFC 6901) leads somewhere in a document."""
    if pointer and not pointer.startswith("/"):
        return False
    found = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isascii() and key.isdecimal() and len(key) < 10:
            if int(key) >= len(found):
                return False
            found = found[int(key)]
        else:
            return False
    return True


def pointer_to(place: _Place) -> str:
    """The JSON Pointer of a place."""
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in reversed(steps))


def _objects(bom: dict[str, Any]) -> Iterator[tuple[_Place, Any, str, str]]:
    """Every object and every text: its place, itself, the member that it or its list is the value
    of, and the document's member that it stands in.
    """
    waiting: list[tuple[_Place, Any, str, str]] = [(None, bom, "", "")]
    while waiting:
        place, value, member, top = item = waiting.pop()
        if isinstance(value, str):
            yield item
        elif isinstance(value, dict):
            yield item
            waiting += [
                ((place, key), inner, key, top or key) for key, inner in reversed(value.items())
            ]
        elif isinstance(value, list):
            waiting += [((place, n), value[n], member, top) for n in range(len(value) - 1, -1, -1)]


def _twice(
    place: _Place, item: dict[str, Any], reference: str, known: dict[str, tuple[str, str]]
) -> Problem:
    """Tools like to list the main component again: that is not two things."""
    if known[reference] == _told(item) and item.get("name"):
        text = f"{_shown(reference)} is listed twice"
        return Problem("repeated", pointer_to(place), reference, text)
    text = f"{_shown(reference)} stands for two things"
    return Problem("duplicate-reference", pointer_to(place), reference, text)


def _citations(bom: dict[str, Any]) -> Iterator[Problem]:
    for number, citation in enumerate(bom.get("citations", [])):
        for pointer in citation.get("pointers", []):
            if not resolves(bom, pointer):
                text = f"{_shown(pointer)} is cited, and the document has no such field"
                yield Problem("dangling-pointer", f"/citations/{number}", pointer, text)


def _dependencies(bom: dict[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, dependency in enumerate(bom.get("dependencies", [])):
        place, reference = f"/dependencies/{number}", dependency["ref"]
        if reference in seen:
            text = f"the dependencies of {_shown(reference)} stand twice"
            yield Problem("duplicate-dependency", place, reference, text)
        seen.add(reference)
        if reference in dependency.get("dependsOn", []):
            text = f"{_shown(reference)} depends on itself"
            yield Problem("self-reference", place, reference, text)


def _own_family(place: _Place, component: dict[str, Any]) -> Iterator[Problem]:
    """Components whose pedigree names them as one of its own, however deep."""
    waiting: list[tuple[_Place, str, dict[str, Any]]] = [
        ((((place, "pedigree"), kind), number), kind, other)
        for kind in _FAMILY
        for number, other in enumerate(component["pedigree"].get(kind, []))
    ]
    while waiting:
        where, kind, other = waiting.pop()
        if _same(component, other):
            reference = str(component.get("bom-ref", ""))
            text = f"{_shown(str(component.get('name')))} is among its own {kind}"
            yield Problem("own-ancestor", pointer_to(where), reference, text)
        further = other.get("pedigree", {}).get(kind, []) if kind == "ancestors" else []
        waiting += [
            ((((where, "pedigree"), kind), number), kind, one) for number, one in enumerate(further)
        ]


def _same(component: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two descriptions are of one thing: by reference, package URL, or group and name.

    A patched library has its earlier version as ancestor. A vendored copy has the name and version
    of what it was copied from: where only that one has a purl, they are not the same (CycloneDX,
    use case "pedigree").
    """
    if component.get("bom-ref") and component.get("bom-ref") == other.get("bom-ref"):
        return True
    own, its = component.get("purl"), other.get("purl")
    if own and its:
        return _without_version(own) == _without_version(its) and _versions_agree(own, its)
    names = [(one.get("group") or "", one.get("name")) for one in (component, other)]
    agreed = other.get("version") in (None, "", component.get("version"))
    return not its and names[0] == names[1] and agreed


def _versions_agree(one: str, other: str) -> bool:
    found = (parsed(one), parsed(other))
    versions = {purl.version for purl in found if purl is not None and purl.version}
    return len(versions) < 2


def _without_version(text: str) -> str:
    purl = parsed(text)
    return text if purl is None else f"{purl.type}/{purl.namespace}/{purl.name}/{purl.subpath}"


def parsed(text: str) -> PackageURL | None:
    """A package URL, None where the text is none."""
    from packageurl import PackageURL

    try:
        return PackageURL.from_string(text)
    except ValueError:
        return None


def _told(item: dict[str, Any]) -> tuple[str, str]:
    """A name and version as one text, and the purl: two names may share one by mistake."""
    name = "\0".join(str(item.get(key, "")) for key in ("group", "name", "version"))
    return name, str(item.get("purl") or "")


def _shown(text: str) -> str:
    return visible(text, 200)
