"""TensorFlow's models: ``saved_model.pb``, frozen graphs, ``.meta`` files.

Source: ``saved_model.proto``, ``meta_graph.proto`` and ``saved_object_graph.proto`` in
``tensorflow/core/protobuf``.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.model.errors import HostileInput
from weighbridge.weights import protobuf
from weighbridge.weights.hidden_content import glance
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, VARINT, Field
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow import described, keras_metadata, nodes
from weighbridge.weights.tensorflow.graph import File, read_graph
from weighbridge.weights.tensorflow.paths import Scope, outside

SCHEMA_VERSION = 1  # kSavedModelSchemaVersion
MAX_META_GRAPHS = 100


def inspect_saved_model(source: Source, log: Log) -> None:
    """Check a ``saved_model.pb``.

    Raises:
        HostileInput: it is no such message.
    """
    _with_file(source, log, _read_saved_model)


def inspect_meta_graph(source: Source, log: Log) -> None:
    """Check a ``.meta`` file: one ``MetaGraphDef``.

    Raises:
        HostileInput: it is no such message.
    """
    _with_file(source, log, lambda file, whole: _read_meta_graph(file, whole, 0))


def inspect_graph(source: Source, log: Log) -> None:
    """Check a frozen graph: one ``GraphDef``.

    Raises:
        HostileInput: it is no such message.
    """

    def read(file: File, whole: Field) -> None:
        read_graph(file, whole, 0)
        if not file.used and not file.unknown and not log.has(Verdict.UNLISTED):
            raise HostileInput("the graph has no nodes")

    _with_file(source, log, read)


def _with_file(source: Source, log: Log, read: Callable[[File, Field], None]) -> None:
    file = File(source, log)
    try:
        read(file, Field(0, LEN, 0, 0, source.size))
    finally:
        file.finish()
        log.bytes_read += file.wire.taken


def _read_saved_model(file: File, whole: Field) -> None:
    version, graphs = 0, 0
    for found in protobuf.fields(file.wire, 0, whole.end, file.budget):
        if found.number == 1 and found.wire == VARINT:
            version = found.value
        elif found.number == 2 and found.wire == LEN:
            graphs += 1
            if graphs > MAX_META_GRAPHS:
                file.log.gap(f"only the first {MAX_META_GRAPHS} graphs were read")
                return
            _read_meta_graph(file, found, 1)
        elif found.wire == LEN:
            glance(file.wire, found, file.content, f"the unknown field {found.number}")
    if version != SCHEMA_VERSION:
        file.log.gap(f"no reader for SavedModel schema version {version}")
    if not graphs:
        raise HostileInput("the SavedModel has no graph")


def _read_meta_graph(file: File, place: Field, depth: int) -> None:
    """A ``MetaGraphDef``. What loading replaces in the graph stands behind it, as a rule."""
    graphs: list[Field] = []
    objects: list[Field] = []
    parts: list[Field] = []
    assets: set[str] = set()
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire != LEN:
            continue
        if found.number == 2:
            graphs.append(found)
        elif found.number in described.PARTS:
            parts.append(found)
        elif found.number == 4:
            _read_collection(file, found, depth + 1)
        elif found.number == 6:
            _read_asset(file, found, depth + 1, assets)
        elif found.number == 7:
            objects.append(found)
        elif found.number > 7:
            glance(file.wire, found, file.content, f"the unknown field {found.number}")
    scope: Scope | None = None
    for found in graphs:
        scope = read_graph(file, found, depth + 1, assets)
    for found in objects:
        keras_metadata.read_object_graph(file, found, depth + 1, scope)
    for found in parts:  # last, as damage ends the reading
        described.walk(file.wire, found, file.about, depth + 1, described.PARTS[found.number])


def _read_asset(file: File, place: Field, depth: int, assets: set[str]) -> None:
    """An ``AssetFileDef``: a node whose value becomes the place of a file in ``assets/``."""
    node, name = "", ""
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.wire != LEN:
            continue
        if found.number == 1:
            node = nodes.function_name(file.wire, found, file.budget, depth + 1)
        elif found.number == 2:
            name = protobuf.text(file.wire, found, nodes.MAX_NAME)
    if outside(name):
        file.log.operation(
            Verdict.DANGEROUS, "operator", "AssetFileDef", f"AssetFileDef({name!r})",
            "reads a file outside the model's folder as if it were part of it", place.start,
            "AssetFileDef",
        )  # fmt: skip
    elif node and file.paths.room():
        assets.add(node.partition(":")[0])


def _read_collection(file: File, place: Field, depth: int) -> None:
    """A ``CollectionDef``: names, numbers or messages that the graph's writer kept."""
    key = ""
    for found in protobuf.fields(file.wire, place.start, place.end, file.budget, depth=depth):
        if found.number == 1 and found.wire == LEN:
            key = protobuf.text(file.wire, found, nodes.MAX_NAME)
        if found.number != 2 or found.wire != LEN:
            continue
        # node_list, bytes_list and any_list; the others hold numbers.
        for kind in protobuf.fields(
            file.wire, found.start, found.end, file.budget, depth=depth + 1
        ):
            if kind.number in (1, 2, 5) and kind.wire == LEN:
                for value in nodes.nested(file.wire, kind, 1, file.budget, depth + 2):
                    glance(file.wire, value, file.content, f"the collection {key[:80]!r}")
