"""What Keras writes beside or into a SavedModel: the configuration of its layers, as JSON.

Source: ``saved_metadata.proto`` and ``versions.proto`` of Keras 2 (``keras_metadata.pb``), and
``saved_object_graph.proto`` of TensorFlow, whose ``SavedUserObject.metadata`` held the same JSON
before version 2.5. A ``Lambda`` layer's function is Python byte code in there, which Keras runs
when it revives the model.
"""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights import protobuf
from weighbridge.weights.hidden_content import glance
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Field
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow import nodes
from weighbridge.weights.tensorflow.graph import File
from weighbridge.weights.tensorflow.paths import CALLER, OUTER, Scope

MAX_JSON = 16 * 2**20  # bytes of all configurations of a file
MAX_OBJECTS = 200_000  # of one object graph
_CLASS = b'"class_name"'  # without one there is nothing to revive


class _Configurations:
    """Hands JSON to the judge of Keras configurations, within :data:`MAX_JSON`."""

    def __init__(self, file: File) -> None:
        self.file, self.left = file, MAX_JSON

    def read(self, place: Field) -> None:
        """Judge one object's JSON."""
        if not place.length:
            return
        self.left -= place.length
        if self.left < 0:
            self.file.log.gap(f"the Keras configurations are longer than {MAX_JSON} bytes")
            return
        text = self.file.wire.read(place.start, place.length)
        if _CLASS in text:
            from weighbridge.weights import keras_config

            keras_config.inspect_config(text, self.file.log)


def inspect_keras_metadata(source: Source, log: Log) -> None:
    """Check a ``keras_metadata.pb``: one ``SavedMetadata``.

    Raises:
        HostileInput: it is no such message.
    """
    file = File(source, log)
    judge = _Configurations(file)
    count = 0
    try:
        for place in protobuf.fields(file.wire, 0, source.size, file.budget):
            if place.number != 1 or place.wire != LEN:
                continue
            count += 1
            for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=1):
                if found.number == 5 and found.wire == LEN:
                    judge.read(found)
    finally:
        log.bytes_read += file.wire.taken
    if not count:
        raise HostileInput("the Keras metadata describes no object")


def read_object_graph(file: File, place: Field, depth: int, scope: Scope | None) -> None:
    """A ``SavedObjectGraph``: Keras's JSON in it, and what its functions are bound to."""
    judge = _Configurations(file)
    sources: list[str] = []
    bound: list[tuple[str, list[int]]] = []
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire != LEN:
            continue
        if found.number == 1:
            if len(sources) >= MAX_OBJECTS:
                file.log.gap(f"only the first {MAX_OBJECTS} objects were read")
                break
            sources.append(_read_object(file, found, depth + 1, judge))
        elif found.number == 2:
            bound.append(_read_function(file, found, depth + 1))
    if scope is not None:
        _bind(file, scope, sources, bound)


def _read_object(file: File, place: Field, depth: int, judge: _Configurations) -> str:
    """A ``SavedObject``; of a constant the node that holds its value."""
    operation = ""
    for found in protobuf.fields(
        file.wire, place.start, place.end, file.budget, depth=depth, quiet=_QUIET_OBJECT
    ):
        if found.wire != LEN:
            continue
        if found.number == 4:
            for part in nodes.nested(file.wire, found, 3, file.budget, depth + 1):
                judge.read(part)
        elif found.number == 9:
            operation = nodes.function_name(file.wire, found, file.budget, depth + 1)
        elif found.number == 14:
            glance(file.wire, found, file.content, "a serialized object")
    return operation


_QUIET_OBJECT = protobuf.runs((1, LEN), (3, LEN), (15, LEN))


def _read_function(file: File, place: Field, depth: int) -> tuple[str, list[int]]:
    """A map entry: a function's name, and the objects its last arguments are bound to."""
    name = ""
    inputs: list[int] = []
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire == LEN and found.number == 1:
            name = protobuf.text(file.wire, found, nodes.MAX_NAME)
        elif found.wire == LEN and found.number == 2:
            for part in protobuf.fields(
                file.wire, found.start, found.end, file.budget, depth=depth + 1
            ):
                if part.number == 2 and part.wire in (VARINT, LEN):
                    inputs.extend(protobuf.varints(file.wire, part, file.budget))
    return name, inputs


def _bind(file: File, scope: Scope, sources: list[str], bound: list[tuple[str, list[int]]]) -> None:
    """Enter each function as called with what it is bound to: a file name may come from there."""
    for name, inputs in bound:
        first = file.widths.get(name, 0) - len(inputs)
        if first < 0 or not any(index < len(sources) and sources[index] for index in inputs):
            continue
        names = [sources[index] if index < len(sources) else "" for index in inputs]
        scope.nodes.setdefault(OUTER, (CALLER, ()))
        file.paths.call(scope, name, (OUTER,) * first + tuple(names))
