"""One operator of a graph, as bytes: a ``NodeDef`` (``tensorflow/core/framework/node_def.proto``)
and the ``AttrValue`` messages in it (``attr_value.proto``)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from itertools import islice

from weighbridge.weights import protobuf
from weighbridge.weights.protobuf import I32, I64, LEN, VARINT, Budget, Field, Quiet, Wire

MAX_INPUTS = 4096  # of one node that are kept
MAX_NAME = 1000  # bytes of a name that are read
_START = 260  # bytes that a short name and a short operator take
LONG = 64  # bytes from which on an attribute is looked into, whatever its operator
# input, device, experimental_debug_info, experimental_type
_PASSED = ((3, LEN), (4, LEN), (6, LEN), (7, LEN))
_QUIET = protobuf.runs(*_PASSED)
_QUIET_BUT_LONG = protobuf.runs(*_PASSED, short=(5,), below=LONG)
_QUIET_LIST = protobuf.runs(
    (3, VARINT), (3, LEN), (4, I32), (4, I64), (5, VARINT), (6, VARINT), (7, LEN)
)


@dataclass(slots=True)
class Node:
    """One operator. ``attributes`` are places; ``ops`` has more than one name only in a file that no
    writer makes: parsers take the last. Its inputs are read by :func:`input_names`, as few
    operators' matter."""

    start: int
    end: int
    name: str = ""
    ops: list[str] = field(default_factory=list)
    attributes: list[Field] = field(default_factory=list)

    @property
    def op(self) -> str:
        """The operator's name."""
        return self.ops[-1] if self.ops else ""


def read_node(
    wire: Wire, place: Field, budget: Budget, depth: int, looked: Container[str]
) -> Node:
    """A node's fields.

    Args:
        wire: the bytes.
        place: the message.
        budget: of the file.
        depth: how many messages enclose it.
        looked: the operators whose short attributes are wanted, too; those of others are left out,
            which makes the usual node one step.

    Raises:
        HostileInput: it is no message.
    """
    node = Node(place.start, place.end)
    start = _read_start(wire, place, node)
    if node.ops and node.ops[0] not in looked:
        if protobuf.only(wire, start, place.end, budget, _QUIET_BUT_LONG):
            return node
        _read_rest(wire, start, node, budget, depth, _QUIET_BUT_LONG)
        if len(node.ops) == 1:
            return node
        node = Node(place.start, place.end)  # the operator is another one, further on
        start = place.start
    _read_rest(wire, start, node, budget, depth, _QUIET)
    return node


def _read_rest(
    wire: Wire, start: int, node: Node, budget: Budget, depth: int, quiet: Quiet
) -> None:
    """The fields from ``start`` on, into ``node``."""
    for found in protobuf.fields(wire, start, node.end, budget, depth=depth, quiet=quiet):
        if found.wire != LEN:
            continue
        if found.number == 1:
            node.name = protobuf.text(wire, found, MAX_NAME)
        elif found.number == 2:
            if len(node.ops) < 5:
                node.ops.append(protobuf.text(wire, found, MAX_NAME))
        elif found.number == 5:
            node.attributes.append(found)


def _read_start(wire: Wire, place: Field, node: Node) -> int:
    """The name and the operator, where they stand first and are short, as in nearly every node;
    the offset behind them."""
    length = min(place.length, _START)
    if length < 4:
        return place.start
    if place.start < wire.base or place.start + length > wire.stop:
        wire.load(place.start, length)
    data, first = wire.data, place.start - wire.base
    at = first + 2 + data[first + 1]
    if data[first] != 0x0A or data[first + 1] > 0x7F or at + 2 > first + length:
        return place.start
    end = at + 2 + data[at + 1]
    if data[at] != 0x12 or data[at + 1] > 0x7F or end > first + length:
        return place.start
    node.name = data[first + 2 : at].decode("utf-8", "backslashreplace")
    node.ops.append(data[at + 2 : end].decode("utf-8", "backslashreplace"))
    return wire.base + end


def input_names(wire: Wire, node: Node, budget: Budget, depth: int) -> list[str]:
    """The data inputs by the nodes they come from: ``a``, ``a:1`` and ``a:out:0`` are all ``a``. Of
    the inputs, the first :data:`MAX_INPUTS` count."""
    names = []
    places = nested(wire, Field(0, LEN, 0, node.start, node.end - node.start), 3, budget, depth)
    for place in islice(places, MAX_INPUTS):
        name = protobuf.text(wire, place, MAX_NAME)
        if not name.startswith("^"):
            names.append(name.partition(":")[0])
    return names


def read_attribute(wire: Wire, place: Field, budget: Budget, depth: int) -> tuple[str, list[Field]]:
    """A map entry's key, and the places of its ``AttrValue`` messages: parsers merge several."""
    key, values = "", []
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.wire == LEN and found.number == 1:
            key = protobuf.text(wire, found, MAX_NAME)
        elif found.wire == LEN and found.number == 2:
            values.append(found)
    return key, values


@dataclass(slots=True)
class Value:
    """What an ``AttrValue`` holds of what matters here: byte strings, tensors, functions."""

    strings: list[Field] = field(default_factory=list)
    tensors: list[Field] = field(default_factory=list)
    functions: list[Field] = field(default_factory=list)
    type: int = 0


def read_value(wire: Wire, place: Field, budget: Budget, depth: int) -> Value:
    """One attribute's value; of a list its entries."""
    value = Value()
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.number == 6 and found.wire == VARINT:
            value.type = found.value
        if found.wire != LEN:
            continue
        if found.number == 2:
            value.strings.append(found)
        elif found.number == 8:
            value.tensors.append(found)
        elif found.number == 10:
            value.functions.append(found)
        elif found.number == 1:
            _read_list(wire, found, budget, depth + 1, value)
    return value


def _read_list(wire: Wire, place: Field, budget: Budget, depth: int, value: Value) -> None:
    for found in protobuf.fields(
        wire, place.start, place.end, budget, depth=depth, quiet=_QUIET_LIST
    ):
        if found.wire != LEN:
            continue
        if found.number == 2:
            value.strings.append(found)
        elif found.number == 8:
            value.tensors.append(found)
        elif found.number == 9:
            value.functions.append(found)


def function_name(wire: Wire, place: Field, budget: Budget, depth: int) -> str:
    """The name in a ``NameAttrList``."""
    name = ""
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.number == 1 and found.wire == LEN:
            name = protobuf.text(wire, found, MAX_NAME)
    return name


def nested(wire: Wire, place: Field, number: int, budget: Budget, depth: int) -> Iterator[Field]:
    """The length-delimited fields of one number in a message."""
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.number == number and found.wire == LEN:
            yield found
