"""TensorFlow's, TFLite's and ExecuTorch's readers against bytes that no tool wrote."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.mutation import mutated
from tests.unit.weights import looking

from weighbridge.collect.weights import facts
from weighbridge.formats.executorch_start import looks_like_executorch
from weighbridge.formats.tensorflow_start import (
    looks_like_checkpoint_index,
    looks_like_graph,
    looks_like_keras_metadata,
    looks_like_meta_graph,
    looks_like_saved_model,
    looks_like_tfrecord,
)
from weighbridge.model.canonical import canonical
from weighbridge.weights import executorch, tflite
from weighbridge.weights.tensorflow import (
    inspect_checkpoint_index,
    inspect_graph,
    inspect_meta_graph,
    inspect_saved_model,
)

_UNIT = Path(__file__).parents[1] / "unit" / "weights"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"weights_{name}", _UNIT / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


b: Any = _load("flat_build")
_lite: Any = _load("test_tflite")
_program: Any = _load("test_executorch")
_table: Any = _load("test_tensorflow_checkpoint")

_GRAPH = b.graph(
    b.text_const("c", "/nonexistent/inert", b.PICKLE),
    b.node("Placeholder", "p", (), b.attr("dtype", (6, 7))),
    b.node("StringJoin", "j", ["p", "c"]),
    b.node("If", "i", ["x", "j"], b.attr("then_branch", (10, b.message((1, "f"))))),
    functions=(b.function("f", ["a"], b.node("SaveV2", "s", ["a"]), b.node("Inert", "q")),),
)
_CALLS = _lite.operator(inputs=_lite.ints(0), f3=("<B", 93), f4={0: ("<i", 1), 1: ("<i", 1)})
_GRAPHS = [
    _lite.subgraph([_lite.tensor(), _lite.tensor(buffer=1)], [_CALLS]),
    _lite.subgraph([_lite.tensor(_lite.ints(2), 5, 2), _lite.tensor(f10=("<I", 1))], []),
]
_LITE = _lite.model(
    f1=[_lite.code(119), _lite.code(32, "FlexPrintV2")],
    f2=_GRAPHS,
    f4=[{}, {0: _lite.WEIGHT}, {0: _lite.strings(b"a", b"b")}],
    f8=[{0: "w"}],
    f9=[{0: ("<I", 1)}],
)
_DELEGATE = {0: "XnnpackBackend", 1: {0: ("<b", 1), 1: ("<I", 1)}}
READERS: dict[str, tuple[Any, bytes]] = {
    "graph": (inspect_graph, _GRAPH),
    "meta-graph": (inspect_meta_graph, b.meta_graph(_GRAPH)),
    "saved-model": (inspect_saved_model, b.saved_model(_GRAPH, (6, b.message((2, "words.txt"))))),
    "checkpoint": (
        inspect_checkpoint_index,
        _table.table([(b"", _table.HEADER), (b"a", _table.entry()), (b"ab", _table.entry())]),
    ),
    "tflite": (tflite.inspect, b.flat(_LITE, b"TFL3") + b.ZIP),
    "executorch": (
        executorch.inspect,
        _program.file(_program.program(f1=[_program.plan(f7=[_DELEGATE])])),
    ),
}
RECOGNIZERS = (
    looks_like_checkpoint_index, looks_like_graph, looks_like_keras_metadata,
    looks_like_meta_graph, looks_like_saved_model, looks_like_tfrecord,
    looks_like_executorch,
)  # fmt: skip


def inspected(kind: str, data: bytes) -> None:
    started = time.process_time()
    seen = looking.seen(READERS[kind][0], data)
    assert time.process_time() - started < 2
    assert seen.complete or seen.gaps
    assert canonical(facts(seen, len(data)))


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_ends_in_an_inspection(kind: str, data: st.DataObject) -> None:
    raw = mutated(data, READERS[kind][1])
    inspected(kind, raw)


@pytest.mark.parametrize("kind", READERS)
@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_end_in_an_inspection(kind: str, data: bytes) -> None:
    inspected(kind, data)
    for recognize in RECOGNIZERS:
        recognize(data, len(data))


@pytest.mark.parametrize("kind", READERS)
def test_a_file_that_is_cut_off_anywhere_ends_in_an_inspection(kind: str) -> None:
    whole = READERS[kind][1]
    for end in range(0, len(whole), 7):
        inspected(kind, whole[:end])


@given(data=st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_ordinary_bytes_are_recognized_as_nothing(data: bytes) -> None:
    """A file of another kind that a recognizer takes for its own would be read by the wrong one."""
    for recognize in (looks_like_keras_metadata, looks_like_saved_model, looks_like_tfrecord):
        assert not recognize(data, len(data))
