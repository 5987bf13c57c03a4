"""``GraphProto``, ``NodeProto`` and ``AttributeProto``: graphs in graphs, and what nodes call."""

from __future__ import annotations

from weighbridge.weights.onnx import schema
from weighbridge.weights.onnx.file import MAX_NAME, File
from weighbridge.weights.onnx.operators import TEXT_OPERATORS
from weighbridge.weights.onnx.tensors import read_sparse, read_tensor
from weighbridge.weights.protobuf import I32, LEN, VARINT, Field, only, runs

_MAX_TEXTS = 20  # attributes of one node that are text and are kept
# Names of values, descriptions of them, and attributes that are numbers: nothing is in them. All
# of what is too long to be passed over comes back, and is ignored then.
_QUIET_GRAPH = runs((2, LEN), (10, LEN), (11, LEN), (12, LEN), (13, LEN), (14, LEN))
_QUIET_NODE = runs((1, LEN), (2, LEN), (3, LEN), (6, LEN))
_QUIET_ATTRIBUTE = runs(
    (1, LEN), (2, I32), (3, VARINT), (7, I32), (8, VARINT), (9, LEN), (13, LEN), (14, LEN),
    (15, LEN), (20, VARINT), (21, LEN),
)  # fmt: skip
NODE, INITIALIZER, SPARSE_INITIALIZER, PROPERTY = 1, 5, 15, 16


def read_graph(file: File, place: Field, depth: int) -> None:
    """Check a graph and everything in it.

    Raises:
        HostileInput: it is no message, or reaches a bound.
    """
    names: set[str] = set()
    for found in file.fields(place, depth, _QUIET_GRAPH):
        number = found.number
        if (number, found.wire) not in schema.GRAPH:
            file.unknown(found, "GraphProto")
        elif number == NODE:
            read_node(file, found, depth + 1)
        elif number in (INITIALIZER, SPARSE_INITIALIZER):
            if number == INITIALIZER:
                name = read_tensor(file, found, depth + 1).name
            else:
                name = read_sparse(file, found, depth + 1)
            if name in names:
                file.log.issue(
                    "duplicate-tensor", f"two initializers are called {name[:80]!r}", found.start
                )
            names.add(name)
        elif number == PROPERTY:
            file.metadata(found, depth + 1, "a graph")


def read_node(file: File, place: Field, depth: int) -> None:
    """Judge a node, and check what its attributes hold."""
    operator, domain = "", ""
    texts: dict[str, str] = {}
    for found in file.fields(place, depth, _QUIET_NODE):
        number = found.number
        if (number, found.wire) not in schema.NODE:
            file.unknown(found, "NodeProto")
        elif number == 4:
            if operator:
                file.log.issue("bad-node", "a node with two operators", place.start)
            operator = file.text(found, MAX_NAME)
        elif number == 7:
            if domain:
                file.log.issue("bad-node", "a node with two domains", place.start)
            domain = file.text(found, MAX_NAME)
        elif number == 5:
            read_attribute(file, found, depth + 1, texts)
        elif number == 9:
            file.metadata(found, depth + 1, "a node")
    if not operator:
        file.log.issue("bad-node", "a node without an operator", place.start)
        return
    if operator not in TEXT_OPERATORS:
        file.use(domain, operator, {}, place.start)
    else:
        file.use(domain, operator, texts, place.start)


def read_attribute(file: File, place: Field, depth: int, texts: dict[str, str]) -> None:
    """Check an attribute. Its text goes into ``texts``.

    What it holds counts whatever its ``type`` says: readers do not all look at that.
    """
    if only(file.wire, place.start, place.end, file.budget, _QUIET_ATTRIBUTE):
        return
    for found in file.fields(place, depth, _QUIET_ATTRIBUTE):
        number = found.number
        if (number, found.wire) not in schema.ATTRIBUTE:
            file.unknown(found, "AttributeProto")
        elif number in (4, 9):
            file.glance(found, "an attribute")
            if number == 4 and len(texts) < _MAX_TEXTS:
                texts[_name(file, place, depth)] = file.text(found, MAX_NAME)
        elif number in (5, 10):
            read_tensor(file, found, depth + 1)
        elif number in (6, 11):
            read_graph(file, found, depth + 1)
        elif number in (22, 23):
            read_sparse(file, found, depth + 1)


def _name(file: File, place: Field, depth: int) -> str:
    """An attribute's name: its first field as writers write it."""
    for found in file.fields(place, depth):
        if found.number == 1 and found.wire == LEN:
            return file.text(found, 100)
    return ""
