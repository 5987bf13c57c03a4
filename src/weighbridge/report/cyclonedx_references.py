"""Whether the references of a CycloneDX document lead somewhere: what its schema cannot see.

Holds for documents of others too. A BOM-Link (``urn:cdx:…``) leads into another document and is
not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.text import visible

# Members that hold references, as one text or a list of them. ``ref`` and ``dependsOn`` are those
# of dependencies, the others of compositions, citations, declarations and standards.
_MEMBERS: dict[str, tuple[str, ...]] = {
    "compositions": ("assemblies", "dependencies", "vulnerabilities"),
    "citations": ("attributedTo", "process"),
    "attestations": ("assessor",),
    "map": ("requirement", "claims", "counterClaims"),
    "conformance": ("mitigationStrategies",),
    "claims": ("target", "evidence", "counterEvidence", "mitigationStrategies"),
    "requirements": ("parent",),
    "levels": ("requirements",),
    "datasets": ("ref",),
}
_WORDS = {
    "compositions": "a composition",
    "citations": "a citation",
    "datasets": "a model card",
    "requirements": "a standard",
    "levels": "a standard",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``reference`` is as it stands in the document; ``message`` is a clause.

    ``kind``: ``twice`` (one reference for two things), ``dangling``, ``self-dependency``,
    ``self-ancestor`` or ``pointer`` (a citation of a field that is not there).
    """

    kind: str
    reference: str
    message: str


def problems(bom: dict[str, Any]) -> Iterator[Problem]:
    """Every problem with a document's references, in the document's order.

    Args:
        bom: a document that its schema allows (1.5 to 1.7).
    """
    known: set[str] = set()
    for reference in _references(bom):
        if reference in known:
            yield Problem("twice", reference, f"the reference {_shown(reference)} stands for two "
                          "components")  # fmt: skip
        known.add(reference)
    yield from _dependencies(bom, known)
    for holder, member, reference in _targets(bom):
        if reference not in known and not reference.startswith("urn:cdx:"):
            who = _WORDS.get(holder, "a declaration")
            yield Problem("dangling", reference, f"{who} names {_shown(reference)} ({member}), "
                          "which is not there")  # fmt: skip
    yield from _self_ancestors(bom)
    for citation in bom.get("citations", []):
        for pointer in citation.get("pointers", []):
            if not resolves(bom, pointer):
                yield Problem("pointer", pointer, f"a citation points to {_shown(pointer)}, and "
                              "the document has no such field")  # fmt: skip


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


def _dependencies(bom: dict[str, Any], known: set[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for dependency in bom.get("dependencies", []):
        reference = dependency["ref"]
        if reference in seen:
            yield Problem("twice", reference, f"the dependencies of {_shown(reference)} are given "
                          "twice")  # fmt: skip
        seen.add(reference)
        wanted = dependency.get("dependsOn", [])
        for target in (reference, *wanted, *dependency.get("provides", [])):
            if target not in known and not target.startswith("urn:cdx:"):
                yield Problem("dangling", target, f"{_shown(target)} is depended on, and no "
                              "component has this reference")  # fmt: skip
        if reference in wanted:
            yield Problem("self-dependency", reference, f"{_shown(reference)} depends on itself")


def _references(bom: dict[str, Any]) -> Iterator[str]:
    """Every ``bom-ref`` of the document, wherever it stands."""
    for _, item in _objects(bom):
        if isinstance(item.get("bom-ref"), str):
            yield item["bom-ref"]


def _targets(bom: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every reference that something other than a dependency holds: in what, by which member."""
    for holder, item in _objects(bom):
        for member in _MEMBERS.get(holder, ()):
            value = item.get(member)
            for reference in (value,) if isinstance(value, str) else value or ():
                if isinstance(reference, str):
                    yield holder, member, reference


def _objects(bom: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with the name of the member that it, or its list, is the value of."""
    waiting: list[tuple[str, Any]] = [("", bom)]
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, dict):
            yield name, item
            waiting.extend(reversed(item.items()))
        elif isinstance(item, list):
            waiting.extend((name, value) for value in reversed(item))


def _self_ancestors(bom: dict[str, Any]) -> Iterator[Problem]:
    """Components whose pedigree names them as their own ancestor, however deep.

    It is the same one if the reference or the package URL is the same, or group and name are and
    the ancestor has no other version: a patched library has its earlier version as ancestor.
    """
    for _, item in _objects(bom):
        if not isinstance(item.get("pedigree"), dict):
            continue
        waiting = list(item["pedigree"].get("ancestors", []))
        while waiting:
            ancestor = waiting.pop()
            if _same(item, ancestor):
                yield Problem("self-ancestor", str(item.get("bom-ref", "")),
                              f"{_shown(str(item.get('name')))} is named as its own "
                              "ancestor")  # fmt: skip
            waiting.extend(ancestor.get("pedigree", {}).get("ancestors", []))


def _same(one: dict[str, Any], ancestor: dict[str, Any]) -> bool:
    for member in ("bom-ref", "purl"):
        if one.get(member) and one.get(member) == ancestor.get(member):
            return True
    names = [(found.get("group") or "", found.get("name")) for found in (one, ancestor)]
    return names[0] == names[1] and ancestor.get("version") in (None, "", one.get("version"))


def _shown(text: str) -> str:
    return visible(text, 200)
