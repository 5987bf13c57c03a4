"""One operator of a graph, as bytes: a ``NodeDef`` (``tensorflow/core/framework/node_def.proto``)
and the ``AttrValue`` messages in it (``attr_value.proto``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from weighbridge.weights import protobuf
from weighbridge.weights.protobuf import I32, I64, LEN, VARINT, Budget, Field, Wire
from weighbridge.weights.protobuf_fields import strings

MAX_INPUTS = 4096  # of one node that are kept
MAX_NAME = 1000  # bytes of a name that are read
_START = 260  # bytes that a short name and a short operator take
LONG = 64  # bytes from which on an attribute is looked into, whatever its operator
_MAX_USUAL = 4096  # bytes of a node that is read in one step
# input, device, experimental_debug_info, experimental_type
_QUIET = protobuf.runs((3, LEN), (4, LEN), (6, LEN), (7, LEN))
_QUIET_BUT_INPUTS = protobuf.runs((1, LEN), (2, LEN), (4, LEN), (5, LEN), (6, LEN), (7, LEN))
_USUAL = re.compile(
    rb"\x0a(%b)\x12(%b)(?:[\x1a\x22\x32\x3a]%b|\x2a%b)*+\Z"
    % (strings(1), strings(1), strings(), strings(below=LONG)),
    re.S,
).match
_QUIET_LIST = protobuf.runs(
    (3, VARINT), (3, LEN), (4, I32), (4, I64), (5, VARINT), (6, VARINT), (7, LEN)
)


@dataclass(slots=True)
class Node:
    """One operator. ``attributes`` are places; ``ops`` has more than one name only in a file that
    no writer makes: parsers take the last. Its inputs are read by :func:`input_names`, as few
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


def usual_node(wire: Wire, place: Field, budget: Budget) -> tuple[str, str] | None:
    """Name and operator of a node as nearly all are: both first and short, inputs behind them, no
    attribute of :data:`LONG` bytes or more. None for any other, which :func:`read_node` reads."""
    if place.length > _MAX_USUAL:
        return None
    end = place.start + place.length
    if place.start < wire.base or end > wire.stop:
        wire.load(place.start, place.length)
    found = _USUAL(wire.data, place.start - wire.base, end - wire.base)
    if found is None:
        return None
    budget.left -= 1
    name, op = found.groups()
    return name[1:].decode("utf-8", "backslashreplace"), op[1:].decode("utf-8", "backslashreplace")


def read_node(wire: Wire, place: Field, budget: Budget, depth: int) -> Node:
    """A node's fields.

    Raises:
        HostileInput: it is no message.
    """
    node = Node(place.start, place.end)
    start = _read_start(wire, place, node)
    for found in protobuf.fields(wire, start, node.end, budget, depth=depth, quiet=_QUIET):
        if found.wire != LEN:
            continue
        if found.number == 1:
            node.name = protobuf.text(wire, found, MAX_NAME)
        elif found.number == 2:
            if len(node.ops) < 5:
                node.ops.append(protobuf.text(wire, found, MAX_NAME))
        elif found.number == 5:
            node.attributes.append(found)
    return node


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
    kept = 0
    for place in protobuf.fields(
        wire, node.start, node.end, budget, depth=depth, quiet=_QUIET_BUT_INPUTS
    ):
        if place.number != 3 or place.wire != LEN:
            continue
        kept += 1
        if kept > MAX_INPUTS:
            break
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
