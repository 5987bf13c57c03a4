"""How the parts of an OpenVINO model refer to each other: layers, ports, and edges between them.

Source: OpenVINO's "Intermediate Representation" (versions 10 and 11) and its reader
(``ir_frontend/src/ir_deserializer.cpp``): every layer has an id of its own within its ``layers``,
every edge leads from a port that there is to another, and bodies of loops and branches have layers
and edges of their own.
"""

from __future__ import annotations

from weighbridge.weights.log import Log

MAX_EDGES = 500_000
# Types of values that are no numbers of a fixed width.
OPEN_TYPES = frozenset(("string", "dynamic", "undefined"))
_LEAST_DIMENSION = -1  # which stands for any


class _Scope:
    """One ``layers`` element, and the ``edges`` that follow it."""

    def __init__(self, depth: int) -> None:
        self.depth = depth  # of the element that both stand in
        self.ports: dict[str, set[str]] = {}  # by the layer's id


class Structure:
    """Follows the elements of one file: those of :attr:`NAMES`, and the end of each."""

    NAMES = frozenset(("layers", "layer", "port", "edge"))

    def __init__(self, log: Log) -> None:
        self.log = log
        self.scopes: list[_Scope] = []
        self.layers: list[tuple[int, set[str]]] = []  # those that are open: depth, ports
        self.seen = self.edges = 0

    def start(self, name: str, attributes: dict[str, str], parents: list[str], at: int) -> None:
        """An element begins; ``parents`` are those it stands in."""
        depth = len(parents)
        if name == "layers":
            self.scopes.append(_Scope(depth - 1))
        elif name == "layer" and self.scopes:
            self._layer(attributes, depth, at)
        elif name == "port" and self.layers:
            self.layers[-1][1].add(attributes.get("id", ""))
        elif name == "edge" and self.scopes and parents[-1] == "edges":
            self._edge(attributes, at)

    def end(self, depth: int) -> None:
        """An element ends, which stood in so many."""
        if self.layers and self.layers[-1][0] == depth:
            self.layers.pop()
        if self.scopes and self.scopes[-1].depth == depth:
            self.scopes.pop()

    def dimension(self, text: str, at: int) -> None:
        """The text of a ``dim``."""
        number = text.strip()
        if number and not (
            number.removeprefix("-").isdecimal() and int(number[:20]) >= _LEAST_DIMENSION
        ):
            self.log.issue("bad-shape", f"a port has the dimension {number[:20]!r}", at)

    def finish(self) -> None:
        """What only the whole file tells."""
        if not self.seen:
            self.log.issue("bad-model", "the network has no layer")

    def _layer(self, attributes: dict[str, str], depth: int, at: int) -> None:
        self.seen += 1
        identifier, ports = attributes.get("id", ""), set[str]()
        known = self.scopes[-1].ports
        if not identifier or not attributes.get("type"):
            shown = attributes.get("name", "")[:80]
            self.log.issue("bad-node", f"the layer {shown!r} has no id or no type", at)
        if identifier in known:
            self.log.issue("duplicate-node", f"two layers have the id {identifier[:20]!r}", at)
        known[identifier] = ports
        self.layers.append((depth, ports))

    def _edge(self, attributes: dict[str, str], at: int) -> None:
        self.edges += 1
        if self.edges > MAX_EDGES:
            if self.edges == MAX_EDGES + 1:
                self.log.gap(f"edges beyond the first {MAX_EDGES} were not compared")
            return
        for side in ("from", "to"):
            layer, port = attributes.get(f"{side}-layer", ""), attributes.get(f"{side}-port", "")
            ports = self.scopes[-1].ports.get(layer)
            if ports is None:
                what = f"the layer {layer[:20]!r}"
            elif port not in ports:
                what = f"the port {port[:20]!r} of the layer {layer[:20]!r}"
            else:
                continue
            self.log.issue("bad-reference", f"an edge names {what}, which there is not", at)
