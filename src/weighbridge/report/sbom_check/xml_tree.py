"""XML from strangers as a small tree, with the line of each element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 200
MAX_ELEMENTS = 1_000_000


class MalformedXml(ValueError):
    """Not well formed, past a bound, or with a document type, which no bill of materials has."""


@dataclass(slots=True)
class Node:
    """An element; ``name`` is without its namespace where that is the root's."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def all(self, path: str) -> list[Node]:
        """The elements at a path of names."""
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.name == name]
        return found

    def value(self, path: str) -> str:
        """The text of the first element at a path that has one, else empty."""
        return next((node.text.strip() for node in self.all(path) if node.text.strip()), "")

    def walk(self) -> Iterator[Node]:
        """This element and all inside of it, in the order of the document."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def parse(data: bytes) -> tuple[str, Node]:
    """The namespace of the root, and the root.

    A document type is refused where it begins, so that no entity is ever declared (billion laughs,
    CVE-2003-1564; external entities).

    Raises:
        MalformedXml: see there.
    """
    from xml.parsers import expat

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    building = _Building(parser)
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.characters
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003  # takes no keyword
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise MalformedXml(str(error)) from error
    assert building.root is not None  # expat refuses a document without an element
    return building.namespace, building.root


class _Building:
    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.namespace = ""
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise MalformedXml(f"elements lie more than {MAX_DEPTH} deep")
        if self._count > MAX_ELEMENTS:
            raise MalformedXml(f"more than {MAX_ELEMENTS} elements")
        space, _, local = name.rpartition(" ")
        if self.root is None:
            self.namespace = space
        shown = local if space == self.namespace else name
        node = Node(shown, attributes, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        self._open[-1].text += text


def _refuse(*_: object) -> None:
    raise MalformedXml("it has a document type declaration")
