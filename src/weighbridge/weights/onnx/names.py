"""The names of a graph's values: each is given or made once, and before a node uses it.

Source: ONNX's IR specification, "Names Within a Graph" (single static assignment) and "Nodes"
(nodes stand in topological order); ``onnx.checker`` refuses a model that breaks either, and so does
ONNX Runtime. A graph inside a node sees what the graph around it has made so far; its own names are
told apart from those.
"""

from __future__ import annotations

from weighbridge.weights.onnx.file import MAX_NAME, File
from weighbridge.weights.protobuf import Field

MAX_VALUES = 300_000  # uses and makings of values in one file that are compared


class Names:
    """The values of one graph, or of one function. Fields may come in any order: a use that nothing
    before it has made is judged once the whole graph has been read."""

    __slots__ = ("_file", "_given", "_inputs", "_made", "_wanted")

    def __init__(self, file: File) -> None:
        self._file = file
        self._inputs: set[str] = set()
        self._given: set[str] = set()  # those, and initializers
        self._made: set[str] = set()
        self._wanted: dict[str, int] = {}  # and where it is used

    def give(self, name: str) -> None:
        """An initializer, which may have the name of an input."""
        if self._room():
            self._given.add(name)

    def take_input(self, name: str, offset: int) -> None:
        """An input of the graph, or of the function."""
        if name in self._inputs and len(name) < MAX_NAME:
            self._twice(name, "is the name of two inputs", offset)
        if self._room():
            self._inputs.add(name)
        self.give(name)

    def node(self, used: dict[str, int], made: list[str], offset: int) -> None:
        """A node, in its turn: what it (and what is in it) uses, and what it makes."""
        for name, at in used.items():
            if name not in self._made and self._room():
                self._wanted.setdefault(name, at)
        for name in made:
            if name in self._made and len(name) < MAX_NAME:
                self._twice(name, "is made by two nodes", offset)
            if self._room():
                self._made.add(name)

    def missing(self) -> dict[str, int]:
        """What is used and neither given nor made before, once the graph has been read.

        Says too which names are both given and made.
        """
        for name in sorted(self._given & self._made):
            if len(name) < MAX_NAME:
                self._twice(name, "is made by a node and is there before", -1)
        return {name: at for name, at in self._wanted.items() if name not in self._given}

    def without(self, outputs: dict[str, int]) -> dict[str, int]:
        """Those of the outputs that nothing gives or makes."""
        have = self._given | self._made
        return {name: at for name, at in outputs.items() if name not in have}

    def _room(self) -> bool:
        self._file.values += 1
        if self._file.values == MAX_VALUES:
            self._file.log.gap(f"names of more than {MAX_VALUES} values were not compared")
        return self._file.values <= MAX_VALUES

    def _twice(self, name: str, what: str, offset: int) -> None:
        self._file.log.issue("duplicate-value", f"the value {name[:80]!r} {what}", offset)


def report(file: File, missing: dict[str, int]) -> None:
    """Write down uses of what is not there. Beyond the bound on names, nothing is known."""
    if file.values >= MAX_VALUES:
        return
    for name, at in missing.items():
        message = f"the value {name[:80]!r} is used, and nothing before it makes it"
        file.log.issue("undefined-value", message, at)


def value_name(file: File, place: Field, depth: int) -> str:
    """The name in a ``ValueInfoProto``."""
    name = ""
    for found in file.fields(place, depth):
        if found.number == 1:
            name = file.name(found)
    return name
