"""Where each field of the document comes from.

CycloneDX 1.7 has ``citations`` for it: JSON Pointers (RFC 6901, in XML too) to the fields, and the
reference of what supplied them. 1.6 has not, so a component says it in properties
``weighbridge:source:<field>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from weighbridge.model.facts.model import PlaceFacts
from weighbridge.report.cyclonedx.part import Part
from weighbridge.report.cyclonedx.values import clean
from weighbridge.report.cyclonedx_references import resolves

TOOL_REF = "tool:weighbridge"


@dataclass(frozen=True, slots=True, order=True)
class Cited:
    """One field: ``path`` leads to it inside the component ``ref``.

    ``at`` is the file of the subject it was read from, empty where this tool found it out. ``note``
    says how. ``label`` names the field in 1.6; without one there is no property.
    """

    ref: str
    path: tuple[str | int, ...]
    label: str
    at: str
    note: str


@dataclass(slots=True)
class Sources:
    """The citations gathered while the components are made."""

    cited: set[Cited] = field(default_factory=set)

    def declared(self, ref: str, path: Sequence[str | int], label: str, place: PlaceFacts) -> None:
        """A field that was read from a place."""
        words: list[str] = [place["method"]]
        if place["key"]:
            words.append(f"at {place['key']}")
        if place["line"]:
            words.append(f"line {place['line']}")
        self.cited.add(Cited(ref, tuple(path), label, place["path"], ", ".join(words)))

    def found(self, ref: str, path: Sequence[str | int], label: str, at: str, note: str) -> None:
        """A field with the file it was read from, or an empty ``at`` for this tool's own work."""
        self.cited.add(Cited(ref, tuple(path), label, at, note))

    def paths(self) -> set[str]:
        """The files of the subject that something was read from."""
        return {cited.at for cited in self.cited if cited.at}

    def as_properties(self, parts: Iterable[Part]) -> None:
        """Write them into the components, as 1.6 wants."""
        by_ref = {part.ref: part for part in _all(parts)}
        for cited in self.cited:
            if cited.label:
                where = clean(cited.at) or "weighbridge"
                by_ref[cited.ref].note(f"source:{cited.label}", f"{where}: {cited.note}")

    def as_citations(
        self, document: dict[str, Any], files: dict[str, str], timestamp: str
    ) -> list[dict[str, Any]]:
        """Citations of 1.7: one a source and way, with pointers to every field of it.

        Args:
            document: the finished document, whose order the pointers follow.
            files: the reference of each file's component, by path.
            timestamp: when the fields were read.
        """
        places = dict(_places(document))
        groups: dict[tuple[str, str], set[str]] = {}
        for cited in self.cited:
            pointer = places[cited.ref]
            for step in cited.path:
                pointer += f"/{_escaped(step)}"
            if resolves(document, pointer):  # a field that the schema or the library left out
                source = files.get(cited.at, TOOL_REF)
                groups.setdefault((source, cited.note), set()).add(pointer)
        return [
            {"pointers": sorted(pointers), "timestamp": timestamp, "attributedTo": source,
             "note": clean(note)}
            for (source, note), pointers in sorted(groups.items())
        ]  # fmt: skip


def _all(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from _all(part.children)


def _places(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The pointer to each component by its reference."""
    model = document["metadata"]["component"]
    yield model["bom-ref"], "/metadata/component"
    waiting = [("/components", document.get("components", []))]
    while waiting:
        base, components = waiting.pop()
        for number, component in enumerate(components):
            pointer = f"{base}/{number}"
            yield component["bom-ref"], pointer
            waiting.append((f"{pointer}/components", component.get("components", [])))


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
