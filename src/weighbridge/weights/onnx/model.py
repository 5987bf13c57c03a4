"""``ModelProto``: versions, operator sets, functions, the graph, and what trains it."""

from __future__ import annotations

import contextlib

from weighbridge.model.errors import HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.onnx import schema
from weighbridge.weights.onnx.calls import MAX_NODES
from weighbridge.weights.onnx.file import MAX_NAME, File
from weighbridge.weights.onnx.graph import read_attribute, read_graph, read_node
from weighbridge.weights.onnx.names import Names, report
from weighbridge.weights.onnx.operators import STANDARD
from weighbridge.weights.protobuf import LEN, VARINT, Field, signed
from weighbridge.weights.source import Source

MAX_FUNCTIONS = 50_000
_MAX_VERSION = 1000  # of an operator set; ONNX itself is at 28 after nine years
_FIRST_WITH_OPSETS = 3  # IR version
IR_VERSION, GRAPH, OPSET, PROPERTY, TRAINING, FUNCTION = 1, 7, 8, 14, 20, 25


def inspect(source: Source, log: Log) -> None:
    """Check an ONNX model.

    Raises:
        HostileInput: the bytes are no protobuf message, or a bound was reached.
    """
    file = File(source, log)
    whole = Field(0, LEN, 0, 0, source.size)
    try:
        # What the model defines stands behind the graph that uses it. Damage comes up again below.
        with contextlib.suppress(HostileInput):
            _survey(file, whole)
        _read(file, whole)
    finally:
        file.finish()


def _survey(file: File, whole: Field) -> None:
    """Versions, and the names of the model's own functions."""
    asked: dict[str, int] = {}
    for found in file.fields(whole, 0):
        if found.number == IR_VERSION and found.wire == VARINT:
            file.ir_version = signed(found.value)
        elif found.number == OPSET and found.wire == LEN:
            domain, version = _opset(file, found, 1)
            if asked.setdefault(domain, version) != version:
                message = f"versions {asked[domain]} and {version} of the domain {domain!r}"
                file.log.issue("bad-version", f"the model asks for {message}", found.start)
        elif found.number == FUNCTION and found.wire == LEN:
            _define(file, found)


def _opset(file: File, place: Field, depth: int) -> tuple[str, int]:
    """An ``OperatorSetIdProto``: the newest version counts, whichever a function asks for."""
    domain, version = "", 0
    for found in file.fields(place, depth):
        if (found.number, found.wire) not in schema.OPSET:
            file.unknown(found, "OperatorSetIdProto")
        elif found.number == 1:
            domain = file.name(found)
        else:
            version = signed(found.value)
    domain = domain or STANDARD
    if not 0 < version <= _MAX_VERSION:
        file.log.issue("bad-version", f"version {version} of the domain {domain!r}", place.start)
    elif len(file.opsets) < MAX_FUNCTIONS:
        file.opsets[domain] = max(file.opsets.get(domain, 0), version)
    return domain, version


def _called(file: File, place: Field) -> tuple[str, str, str]:
    """What a function is called: its domain, its name, and which of several it is."""
    texts = {1: "", 10: "", 13: ""}
    for found in file.fields(place, 1):
        if found.wire == LEN and found.number in texts:
            texts[found.number] = file.text(found, MAX_NAME)
    return texts[10] or STANDARD, texts[1], texts[13]


def _define(file: File, place: Field) -> None:
    for found in file.parts(place, 1, 9):
        _opset(file, found, 2)
    domain, name, overload = _called(file, place)
    if (domain, name, overload) in file.overloads:
        file.log.issue(
            "duplicate-function", f"two functions are called {domain}.{name}"[:200], place.start
        )
    if len(file.overloads) < MAX_FUNCTIONS:
        file.overloads.add((domain, name, overload))
        file.functions.add((domain, name))
    else:
        file.log.gap(f"only the first {MAX_FUNCTIONS} functions were told apart")


def _read(file: File, whole: Field) -> None:
    graphs = 0
    for found in file.fields(whole, 0):
        number = found.number
        if (number, found.wire) not in schema.MODEL:
            file.unknown(found, "ModelProto")
        elif number == GRAPH:
            graphs += 1
            for missing in read_graph(file, found, 1):
                report(file, missing)
        elif number == FUNCTION:
            _function(file, found)
        elif number == TRAINING:
            _training(file, found)
        elif number == PROPERTY:
            file.metadata(found, 1, "the model")
        elif found.wire == LEN:
            file.glance(found, "a text of the model")
    _check(file, graphs)


def _check(file: File, graphs: int) -> None:
    log = file.log
    circle, nodes = file.calls.judge()
    if circle is not None:
        log.issue("cycle", f"the function {'.'.join(circle[:2])!r} calls itself in the end"[:200])
    elif nodes > MAX_NODES:
        log.issue(
            "alias-bomb", f"the graph becomes {nodes} nodes once its functions stand in place"
        )
    if graphs != 1:
        what = "no graph" if not graphs else f"{graphs} graphs, which loaders merge"
        log.issue("bad-model", f"the model has {what}")
    if file.ir_version > _MAX_VERSION or file.ir_version < 1:
        log.issue("bad-version", f"the IR version {file.ir_version} does not exist")
    elif file.ir_version > schema.LAST_IR_VERSION:
        log.gap(f"no reader for ONNX IR version {file.ir_version} yet")
    elif not file.opsets and file.ir_version >= _FIRST_WITH_OPSETS:
        log.issue("bad-version", "the model does not say which operator sets it needs")


def _function(file: File, place: Field) -> None:
    """A ``FunctionProto``: its nodes, and its attributes' defaults."""
    values = Names(file)
    file.calls.caller = _called(file, place)
    defaults: set[bytes] = set()
    for found in file.fields(place, 1):
        if (found.number, found.wire) not in schema.FUNCTION:
            file.unknown(found, "FunctionProto")
        elif found.number == 4:
            values.take_input(file.name(found), found.start)
        elif found.number == 7:
            read_node(file, found, 2, values)
        elif found.number == 11:
            read_attribute(file, found, 2, {}, defaults)
        elif found.number == 14:
            file.metadata(found, 2, "a function")
    report(file, values.missing())
    file.calls.caller = ("", "", "")


def _training(file: File, place: Field) -> None:
    """A ``TrainingInfoProto``: graphs that a training run executes, with the model's values."""
    for found in file.fields(place, 1):
        if (found.number, found.wire) not in schema.TRAINING:
            file.unknown(found, "TrainingInfoProto")
        elif found.number in (1, 2):
            read_graph(file, found, 2)
