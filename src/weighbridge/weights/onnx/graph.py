"""``GraphProto``, ``NodeProto`` and ``AttributeProto``: graphs in graphs, and what nodes call."""

from __future__ import annotations

from weighbridge.weights.onnx import attributes, schema
from weighbridge.weights.onnx.file import MAX_NAME, File
from weighbridge.weights.onnx.names import Names, value_name
from weighbridge.weights.onnx.operators import STANDARD, TEXT_OPERATORS
from weighbridge.weights.onnx.sparse import read_sparse
from weighbridge.weights.onnx.tensors import read_tensor
from weighbridge.weights.protobuf import I32, LEN, VARINT, Field, runs

_TEXTS = {4: "operators", 7: "domains", 8: "overloads"}
_MAX_TEXTS = 20  # attributes of one node that are text and are kept
# Descriptions, shapes of values in between, and lists of numbers: nothing is in them.
# All of what is too long to be passed over comes back, and is ignored then.
_QUIET_GRAPH = runs((2, LEN), (10, LEN), (13, LEN), (14, LEN))
_QUIET_NODE = runs((3, LEN), (6, LEN))
_QUIET_ATTRIBUTE = runs((7, I32), (8, VARINT), (9, LEN), (13, LEN), (14, LEN), (15, LEN), (21, LEN))
NODE, INITIALIZER, INPUT, OUTPUT, SPARSE_INITIALIZER, PROPERTY = 1, 5, 11, 12, 15, 16


def read_graph(file: File, place: Field, depth: int) -> tuple[dict[str, int], dict[str, int]]:
    """Check a graph and everything in it.

    Returns:
        The values that it uses and does not have, and those of its outputs that nothing makes, by
        name, with where they are used: what is around the graph may have them.

    Raises:
        HostileInput: it is no message, or reaches a bound.
    """
    names: set[str] = set()
    values = Names(file)
    outputs: dict[str, int] = {}
    for found in file.fields(place, depth, _QUIET_GRAPH):
        number = found.number
        if (number, found.wire) not in schema.GRAPH:
            file.unknown(found, "GraphProto")
        elif number == NODE:
            read_node(file, found, depth + 1, values)
        elif number == INPUT:
            values.take_input(value_name(file, found, depth + 1), found.start)
        elif number == OUTPUT:
            outputs[value_name(file, found, depth + 1)] = found.start
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
            values.give(name)
        elif number == PROPERTY:
            file.metadata(found, depth + 1, "a graph")
    return values.missing(), values.without(outputs)


def read_node(file: File, place: Field, depth: int, values: Names) -> None:
    """Judge a node, and check what its attributes hold."""
    called = {4: "", 7: "", 8: ""}  # operator, domain, overload
    texts: dict[str, str] = {}
    used: dict[str, int] = {}
    made: list[str] = []
    names: set[bytes] = set()
    for found in file.fields(place, depth, _QUIET_NODE):
        number = found.number
        if (number, found.wire) not in schema.NODE:
            file.unknown(found, "NodeProto")
        elif number in (1, 2):
            if found.length and number == 1:  # an empty name stands for one that is left out
                used[file.name(found)] = found.start
            elif found.length:
                made.append(file.name(found))
        elif number in called:
            called[number] = _once(file, found, place, called[number])
        elif number == 5:
            used.update(read_attribute(file, found, depth + 1, texts, names))
        elif number == 9:
            file.metadata(found, depth + 1, "a node")
    values.node(used, made, place.start)
    operator, domain, overload = called.values()
    if not operator:
        file.log.issue("bad-node", "a node without an operator", place.start)
        return
    file.use(domain, operator, texts if operator in TEXT_OPERATORS else {}, place.start)
    file.count_node((domain or STANDARD, operator, overload))


def _once(file: File, found: Field, place: Field, before: str) -> str:
    """The text of a field that stands once: the last one counts."""
    if before:
        file.log.issue("bad-node", f"a node with two {_TEXTS[found.number]}", place.start)
    return file.name(found)


def read_attribute(
    file: File, place: Field, depth: int, texts: dict[str, str], names: set[bytes]
) -> dict[str, int]:
    """Check an attribute. Its text goes into ``texts``, its name into ``names``; the values that a
    graph in it takes from around it are returned.

    What it holds counts whatever its ``type`` says: readers do not all look at that.
    """
    name = attributes.plain_name(file.wire, place)
    missing: dict[str, int] = {}
    if name is None:
        name, missing = _walk_attribute(file, place, depth, texts)
    else:
        file.budget.spend(1)
    if name in names:
        shown = name[:80].decode("utf-8", "replace")
        file.log.issue("bad-node", f"a node has two attributes {shown!r}", place.start)
    names.add(name)
    return missing


def _walk_attribute(
    file: File, place: Field, depth: int, texts: dict[str, str]
) -> tuple[bytes, dict[str, int]]:
    missing: dict[str, int] = {}
    name, text, kind = b"", None, 0
    filled: set[int] = set()
    for found in file.fields(place, depth, _QUIET_ATTRIBUTE):
        number = found.number
        if number in attributes.VALUES:
            filled.add(number)
        if (number, found.wire) not in schema.ATTRIBUTE:
            file.unknown(found, "AttributeProto")
        elif number == 1:
            name = file.wire.read(found.start, min(found.length, attributes.MAX_NAME))
        elif number == attributes.TYPE:
            kind = found.value
        elif number in (4, 9):
            file.glance(found, "an attribute")
            text = found if number == 4 else text
        elif number in (5, 10):
            read_tensor(file, found, depth + 1)
        elif number in (6, 11):
            missing.update(read_graph(file, found, depth + 1)[0])
        elif number in (22, 23):
            read_sparse(file, found, depth + 1)
    shown = name[:80].decode("utf-8", "backslashreplace")
    if text is not None and len(texts) < _MAX_TEXTS:
        texts[shown] = file.text(text, MAX_NAME)
    wrong = attributes.contradiction(kind, filled)
    if wrong and not (kind > max(attributes.TYPES) and file.ir_version > schema.LAST_IR_VERSION):
        file.log.issue("bad-node", f"the attribute {shown!r} {wrong}", place.start)
    return name, missing
