"""A graph of operators: ``GraphDef`` and its library of functions.

Source: ``graph.proto``, ``function.proto``, ``op_def.proto`` in ``tensorflow/core/framework``.
Every node counts, whether a signature reaches it or not: who loads the file may run any of them.
"""

from __future__ import annotations

from weighbridge.model.errors import BoundExceeded
from weighbridge.weights import protobuf
from weighbridge.weights.hidden_content import Content, glance
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Budget, Field, Wire
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow import nodes, operators, tensors
from weighbridge.weights.tensorflow.inputs import compare_inputs
from weighbridge.weights.tensorflow.nodes import Node
from weighbridge.weights.tensorflow.operators import Judgement
from weighbridge.weights.tensorflow.paths import CALLS, MAX_TEXT, RELEVANT, Paths, Scope, Sink

# Bounds grow with the file: TensorFlow's nodes take 64 bytes and more, its fields nine.
MAX_FIELDS, _FIELDS, _FIELD_BYTES = 8_000_000, 150_000, 8
MAX_NODES, _NODES, _NODE_BYTES = 1_000_000, 80_000, 128
MAX_ABOUT = 200_000  # fields; a list of all operators of TensorFlow has 40,000
MAX_UNKNOWN = 2000  # custom operators that are told apart
# Operators whose attributes are all looked into; of others, those of nodes.LONG bytes and more.
_LOOKED = frozenset(("Const", *operators.ATTRIBUTES, *CALLS))
_MAX_SEARCHED = 1024  # bytes of a node that are searched for the type of its texts
_TEXT_TYPE, _ANY_TYPE = b"\x30\x07", b"\x02\x30"  # AttrValue.type in a map entry
_MAX_MODULE = 8 * 2**20  # bytes of a compiled module that are searched


class File:
    """What all graphs of one file share: its bytes, its bounds, and what is judged at the end."""

    def __init__(self, source: Source, log: Log) -> None:
        self.wire = Wire(source)
        self.budget = Budget(min(MAX_FIELDS, _FIELDS + source.size // _FIELD_BYTES))
        self.about = Budget(MAX_ABOUT)  # for what the file says of its graphs
        self.most_nodes = min(MAX_NODES, _NODES + source.size // _NODE_BYTES)
        self.log = log
        self.content = Content(source, log)
        self.paths = Paths(log)
        self.functions: set[str] = set()
        self.unknown: dict[str, int] = {}
        self.used: dict[str, int] = {}
        self.widths: dict[str, int] = {}  # functions by name: how many arguments they take
        self.nodes = 0  # a function counts as two
        self.crowded = False

    def count(self, cost: int = 1) -> None:
        """Count a node, or a function, which takes as many bytes as two nodes at least.

        Raises:
            BoundExceeded: there are too many for a file of this size.
        """
        self.nodes += cost
        if self.nodes > self.most_nodes:
            raise BoundExceeded("the graph", self.most_nodes, "nodes and functions")

    def finish(self) -> None:
        """Judge what only the whole file tells: calls of functions, and file names."""
        for op, times in self.used.items():
            self.log.allow(op, times)
        for op, offset in self.unknown.items():
            if op not in self.functions:
                self.report(op, op, operators.CUSTOM, offset)
        self.paths.judge()
        if self.crowded:
            self.log.gap(f"only the first {MAX_UNKNOWN} custom operators were told apart")

    def report(self, op: str, rendered: str, judgement: Judgement, offset: int) -> None:
        """Record an operator that is not harmless."""
        self.log.operation(
            judgement.verdict, "operator", op or "<empty>", rendered or "<empty>",
            judgement.effect, offset, "NodeDef",
        )  # fmt: skip


def read_graph(file: File, place: Field, depth: int, assets: set[str] | None = None) -> Scope:
    """Every node of a ``GraphDef``, and of the functions it brings along.

    Args:
        file: where it stands.
        place: the message.
        depth: how many messages enclose it.
        assets: nodes whose value loading replaces by the place of a file of the model.

    Raises:
        HostileInput: it is no message.
    """
    scope = Scope("", assets=assets or set())
    reader = _Nodes(file, scope, depth + 1)
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire != LEN:
            continue
        if found.number == 1:
            reader.read(found)
        elif found.number == 2:
            _read_library(file, found, depth + 1)
    compare_inputs(file.wire, place, reader.names, file.log, depth)
    return scope


def _read_library(file: File, place: Field, depth: int) -> None:
    for found in nodes.nested(file.wire, place, 1, file.budget, depth):
        _read_function(file, found, depth + 1)


def _read_function(file: File, place: Field, depth: int) -> None:
    """A ``FunctionDef``: its signature may stand behind its nodes."""
    file.count(2)
    scope = Scope("")
    reader = _Nodes(file, scope, depth + 1)
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire != LEN:
            continue
        if found.number == 1:
            _read_signature(file, found, depth + 1, scope)
        elif found.number == 3:
            reader.read(found)
        elif found.number == 5:
            reader.attribute(found, Node(found.start, found.end, "a function"))
    file.functions.add(scope.name)
    if scope.width:
        file.widths[scope.name] = scope.width


def _read_signature(file: File, place: Field, depth: int, scope: Scope) -> None:
    """An ``OpDef``: the function's name, and its arguments in order."""
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire == LEN and found.number == 1:
            scope.name = protobuf.text(file.wire, found, nodes.MAX_NAME)
        elif found.wire == LEN and found.number == 2:
            name, kind = _read_argument(file, found, depth + 1)
            # A file name, or a variable that may hold one.
            if kind in (0, tensors.STRING, tensors.RESOURCE) and file.paths.room():
                scope.arguments[name] = scope.width
            scope.width += 1


def _read_argument(file: File, place: Field, depth: int) -> tuple[str, int]:
    """An ``ArgDef``: its name and type, 0 where an attribute says the type."""
    name, kind = "", 0
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.number == 1 and found.wire == LEN:
            name = protobuf.text(file.wire, found, nodes.MAX_NAME)
        elif found.number == 3 and found.wire == VARINT:
            kind = found.value
    return name, kind


class _Nodes:
    """The nodes of one scope."""

    def __init__(self, file: File, scope: Scope, depth: int) -> None:
        self.file, self.scope, self.depth = file, scope, depth
        self.names: set[str] = set()

    def read(self, place: Field) -> None:
        """Judge a node."""
        file = self.file
        file.count()
        usual = nodes.usual_node(file.wire, place, file.budget)
        if usual is None or usual[1] in _LOOKED:
            node = nodes.read_node(file.wire, place, file.budget, self.depth)
        elif self._is_settled(*usual, place):
            return
        else:
            node = Node(place.start, place.end, usual[0], [usual[1]])
        if len(node.ops) != 1:
            file.log.issue(
                "bad-node",
                f"the node {node.name[:80]!r} has {len(node.ops)} operators",
                place.start,
            )
        self._compare_name(node)
        for op in node.ops:
            self._judge(op, node)
        op, texts = node.op, None
        if op in _LOOKED:
            for entry in node.attributes:
                texts = self.attribute(entry, node) or texts
        else:
            for entry in node.attributes:
                if entry.length >= nodes.LONG:
                    self.attribute(entry, node)
        self._trace(node, op, place, texts)

    def _is_settled(self, name: str, op: str, place: Field) -> bool:
        """Whether a node with short attributes needs no further look: a second one of an operator
        that is harmless, whose attributes and inputs do not matter."""
        used = self.file.used
        if op not in used or op in operators.PATHS or name in self.names:
            return False
        if op in RELEVANT and not self.file.paths.full and self._holds_text(place):
            return False
        used[op] += 1
        self.names.add(name)
        return True

    def _compare_name(self, node: Node) -> None:
        file = self.file
        if not node.name:
            file.log.issue("bad-node", "a node without a name", node.start)
        elif node.name in self.names:
            file.log.issue("duplicate-node", f"two nodes are called {node.name[:80]!r}", node.start)
        else:
            self.names.add(node.name)

    def _judge(self, op: str, node: Node) -> None:
        file = self.file
        used = file.used.get(op)
        if used is not None:
            file.used[op] = used + 1
            return
        judgement = operators.ALWAYS.get(op)
        if judgement is not None:
            file.report(op, f"{op} ({node.name})", judgement, node.start)
        elif op in operators.known():
            file.used[op] = 1
        elif op in file.unknown:
            pass
        elif len(file.unknown) < MAX_UNKNOWN:
            file.unknown[op] = node.start
        else:
            file.crowded = True

    def attribute(self, entry: Field, node: Node) -> tuple[str, ...] | None:
        """Look into an attribute; the texts of a constant of texts."""
        file, depth = self.file, self.depth
        key, values = nodes.read_attribute(file.wire, entry, file.budget, depth + 1)
        texts: tuple[str, ...] | None = None
        for place in values:
            value = nodes.read_value(file.wire, place, file.budget, depth + 2)
            for found in value.strings:
                self._text(key, found, node)
            for found in value.tensors:
                texts = self._tensor(found, node, depth + 3) or texts
            if value.functions and node.op in CALLS and not file.paths.full:
                self._call(value.functions, node)
        return texts

    def _text(self, key: str, place: Field, node: Node) -> None:
        file = self.file
        wanted = operators.ATTRIBUTES.get(node.op)
        if wanted is not None and wanted.key == key:
            text = protobuf.text(file.wire, place, nodes.MAX_NAME)
            if operators.reaches_out(wanted, text):
                file.report(node.op, f"{node.op}({key}={text!r})", wanted.judgement, place.start)
            return
        if node.op == "XlaCallModule" and key == "module":
            module = file.wire.read(place.start, min(place.length, _MAX_MODULE))
            if place.length > _MAX_MODULE:
                file.log.gap(f"a compiled module is longer than {_MAX_MODULE} bytes")
            if any(mark in module for mark in operators.PYTHON_CALLBACKS):
                file.report(node.op, f"{node.op} ({node.name})", operators.CALLBACK, place.start)
        glance(file.wire, place, file.content, f"the attribute {key[:40]!r} of {node.name[:80]!r}")

    def _tensor(self, place: Field, node: Node, depth: int) -> tuple[str, ...] | None:
        file = self.file
        tensor = tensors.read_tensor(file.wire, place, file.budget, depth, file.content)
        if node.op != "Const":
            return None
        tensors.check_constant(tensor, node.name, place.start, file.log)
        if tensor.dtype != tensors.STRING:
            return None
        if not tensor.strings and tensor.content is None:
            return ("",)
        return tuple(protobuf.text(file.wire, found, MAX_TEXT) for found in tensor.strings)

    def _call(self, functions: list[Field], node: Node) -> None:
        file = self.file
        inputs = tuple(self._inputs(node)[CALLS[node.op] :])
        for place in functions:
            name = nodes.function_name(file.wire, place, file.budget, self.depth + 3)
            file.paths.call(self.scope, name, inputs)

    def _inputs(self, node: Node) -> list[str]:
        return nodes.input_names(self.file.wire, node, self.file.budget, self.depth)

    def _trace(self, node: Node, op: str, place: Field, texts: tuple[str, ...] | None) -> None:
        """Keep what file names may come from, and who takes them."""
        file = self.file
        if op in operators.PATHS:
            use, indexes = operators.PATHS[op]
            inputs = self._inputs(node)
            sink = Sink(op, use, node.start)
            for index in indexes:
                file.paths.sink(self.scope, inputs[index] if index < len(inputs) else "", sink)
        elif op == "Const":
            if texts is not None and file.paths.room():
                self.scope.add(node.name, op, [], texts)
        elif op in RELEVANT and not file.paths.full and self._holds_text(place):
            if file.paths.room():
                self.scope.add(node.name, op, self._inputs(node), ())
        elif op in file.unknown and not file.paths.full:  # perhaps a function, called by its name
            file.paths.call(self.scope, op, tuple(self._inputs(node)))

    def _holds_text(self, place: Field) -> bool:
        """Whether a node may pass on texts: an attribute of the type ``DT_STRING``, or none."""
        if place.length > _MAX_SEARCHED:
            return True
        wire = self.file.wire
        if place.start < wire.base or place.end > wire.stop:
            wire.load(place.start, place.length)
        start, end = place.start - wire.base, place.end - wire.base
        return (
            wire.data.find(_TEXT_TYPE, start, end) >= 0 or wire.data.find(_ANY_TYPE, start, end) < 0
        )
