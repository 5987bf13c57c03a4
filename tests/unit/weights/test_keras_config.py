# ruff: noqa: E501 - a sample reads best as one line
"""Keras configurations: what loading them would make and call, and what is Keras' own."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.keras_config import inspect_config, looks_like_keras_config
from weighbridge.weights.keras_names import is_spelling, rule_on_class, rule_on_function
from weighbridge.weights.log import Log

Config = dict[str, Any]
CODE = "4wEAAAAAAAAAAAAAAAEAAAADAAAA8wYAAACXAHwAUwCpAU6pAA=="


def look(config: object) -> Inspection:
    log = Log()
    inspect_config(config if isinstance(config, bytes) else json.dumps(config).encode(), log)
    return log.freeze("keras")


def found(config: object) -> set[tuple[str, str, str]]:
    return {(o.verdict.value, o.action, o.name) for o in look(config).operations}


def obj(
    name: str, config: object = None, module: str | None = "keras.layers", **more: object
) -> Config:
    return {"module": module, "class_name": name, "config": {} if config is None else config,
            "registered_name": None, **more}  # fmt: skip


def old(name: str, /, **config: object) -> Config:
    return {"class_name": name, "config": config}


def function(name: str, module: str = "builtins") -> Config:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


LAMBDA = {"class_name": "__lambda__", "config": {"value": [CODE, None, None]}}
# name -> (configuration, the operation it must be found as)
MALICIOUS: dict[str, tuple[Config, tuple[str, str, str]]] = {
    "lambda": (obj("Lambda", {"function": LAMBDA}), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-old": (old("Lambda", function=[CODE, None, None], function_type="lambda"), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-no-type": (old("Lambda", function=[CODE, None, None]), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-shape": (old("Lambda", function="relu", function_type="function", output_shape=[CODE, None, None], output_shape_type="lambda"), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-in-wrapper": (old("GRU", dropout_fn=[CODE], function_type="lambda"), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-activation": (obj("Dense", {"activation": LAMBDA}), ("dangerous", "call", "keras.layers.Lambda")),
    "lambda-module-function": (old("Lambda", function="system", function_type="function", module="os"), ("dangerous", "call", "os.system")),
    "module": (obj("system", {}, "os"), ("dangerous", "call", "os.system")),
    "module-class": (obj("Popen", {}, "subprocess"), ("dangerous", "construct", "subprocess.Popen")),
    "module-builtins": (obj("exec", {}, "builtins"), ("dangerous", "call", "builtins.exec")),
    "module-function": (function("system", "os"), ("dangerous", "call", "os.system")),
    "builtins-function": (function("eval"), ("dangerous", "call", "builtins.eval")),
    "typespec": ({"class_name": "__typespec__", "spec_name": "Popen", "module": "subprocess", "config": [], "registered_name": None}, ("dangerous", "construct", "subprocess.Popen")),
    "get-file": (obj("get_file", {"origin": "http://127.0.0.1/x"}, "keras.utils"), ("dangerous", "call", "keras.utils.get_file")),
    "get-file-inside": (obj("get_file", {}, "keras.src.utils.file_utils"), ("dangerous", "call", "keras.src.utils.file_utils.get_file")),
    "get-file-tf": (obj("get_file", {}, "tensorflow.keras.utils"), ("dangerous", "call", "tensorflow.keras.utils.get_file")),
    "get-file-function": (function("get_file", "keras.utils"), ("dangerous", "call", "keras.utils.get_file")),
    "unsafe": (function("enable_unsafe_deserialization", "keras.config"), ("dangerous", "call", "keras.config.enable_unsafe_deserialization")),
    "load-model": (obj("load_model", {}, "keras.models"), ("dangerous", "call", "keras.models.load_model")),
    "tfsm": (obj("TFSMLayer", {"filepath": "/x"}), ("dangerous", "construct", "keras.layers.TFSMLayer")),
    "torch": (obj("TorchModuleWrapper", {"module": "gAJ9"}), ("dangerous", "construct", "keras.layers.TorchModuleWrapper")),
    "vocabulary-path": (obj("StringLookup", {"vocabulary": "/etc/passwd"}), ("dangerous", "read", "/etc/passwd")),
    "vocabulary-url": (old("TextVectorization", vocabulary="https://127.0.0.1/x"), ("dangerous", "read", "https://127.0.0.1/x")),
    "vocabulary-up": (obj("IntegerLookup", {"vocabulary": "a/../../x"}), ("dangerous", "read", "a/../../x")),
    "vocabulary-drive": (obj("StringLookup", {"vocabulary": "C:\\x.txt"}), ("dangerous", "read", "C:\\x.txt")),
    "vocabulary-near": (obj("StringLookup", {"vocabulary": "words.txt"}), ("unlisted", "read", "words.txt")),
    "tf-write": (old("TFOpLambda", function="io.write_file"), ("dangerous", "call", "tensorflow.io.write_file")),
    "tf-pyfunc": (old("TFOpLambda", function="compat.v1.py_func"), ("dangerous", "call", "tensorflow.compat.v1.py_func")),
    "tf-unknown": (old("TFOpLambda", function="inert.call"), ("unlisted-call", "call", "tensorflow.inert.call")),
    "tf-op": (old("TensorFlowOpLayer", node_def={"op": "ReadFile"}), ("dangerous", "call", "tensorflow.raw_ops.ReadFile")),
    "tf-op-hidden": (old("TensorFlowOpLayer", node_def="binary"), ("unlisted-call", "call", "tensorflow.raw_ops.None")),
    "tf-method": (old("ClassMethod", cls_ref="io.gfile.GFile", method_name="read"), ("unlisted-call", "call", "tensorflow.io.gfile.GFile")),
    "custom": (obj("Net", {}, "mine.layers", registered_name="mine>Net"), ("unlisted", "construct", "mine.layers.Net")),
    "custom-registered-as-keras": (obj("Net", {}, None, registered_name="keras>Net"), ("unlisted", "construct", "keras>Net")),
    "custom-not-registered": (obj("Net", {}, None, registered_name="Net"), ("unlisted", "construct", "Net")),
    "custom-old": (old("Net"), ("unlisted", "construct", "Net")),
    "custom-function": (function("my_loss"), ("unlisted", "call", "my_loss")),
    "custom-loss": ({"compile_config": {"loss": {"out": "my_loss"}}}, ("unlisted", "call", "my_loss")),
    "custom-metric": ({"metrics": [["acc"], ["my_metric"]]}, ("unlisted", "call", "my_metric")),
    "foreign-function": (function("run", "mine"), ("unlisted-call", "call", "mine.run")),
    "later-class": (obj("NotYetWritten"), ("unlisted", "construct", "keras.layers.NotYetWritten")),
    "hub": (obj("GemmaBackbone", {}, "keras_hub.src.models.gemma"), ("unlisted", "construct", "keras_hub.src.models.gemma.GemmaBackbone")),
}  # fmt: skip


@pytest.mark.parametrize(("config", "operation"), MALICIOUS.values(), ids=MALICIOUS)
@pytest.mark.parametrize("depth", [0, 3])
def test_found_wherever_it_stands(config, operation, depth) -> None:
    for _ in range(depth):
        config = obj("Functional", {"name": "m", "layers": [obj("Dense"), config]}, "keras")
    assert found(config) == {operation}


@pytest.mark.parametrize(
    "place", ["build_config", "compile_config", "optimizer_config", "anything"]
)
def test_found_in_every_field(place) -> None:
    assert found(obj("Sequential", {}, "keras", **{place: {"x": [obj("system", {}, "os")]}})) == {
        ("dangerous", "call", "os.system")
    }


BENIGN: dict[str, object] = {
    "empty": {},
    "layers": obj("Sequential", {"layers": [obj("InputLayer"), obj("Dense", {"activation": "relu"}), obj("LSTM"), obj("Conv2D")]}, "keras"),
    "old": old("Model", layers=[old("BatchNormalizationV1"), old("Convolution2D", activation="hard_sigmoid")]),
    "old-list": {"class_name": "Sequential", "config": [old("Dense"), old("Dropout")]},
    "tf-keras": obj("Functional", {}, "tf_keras.src.engine.functional"),
    "src": obj("Functional", {}, "keras.src.models.functional"),
    "ops": obj("Add", {"name": "add"}, "keras.src.ops.numpy", registered_name="Add"),
    "tensor": obj("Add", {"args": [{"class_name": "__keras_tensor__", "config": {"shape": [None], "dtype": "float32", "keras_history": ["a", 0, 0]}}]}, "keras.src.ops.numpy"),
    "policy": obj("DTypePolicy", {"name": "mixed_float16"}, "keras"),
    "function": function("relu"),
    "function-own": function("square", "keras.ops"),
    "lambda-own": obj("Lambda", {"function": function("relu", "keras.activations")}),
    "custom-registered": obj("Net", {}, None, registered_name="mine>Net"),
    "custom-optimizer": {"optimizer_config": {"class_name": "Custom>Adam", "config": {}}},
    "words": obj("StringLookup", {"vocabulary": ["/etc/passwd", "http://x", "../.."]}),
    "no-words": obj("TextVectorization", {"vocabulary": None, "standardize": "lower_and_strip_punctuation"}),
    "compiled": {"loss": {"a": "mse", "b": "sparse_categorical_crossentropy"}, "metrics": [["acc", "AUC"], None], "optimizer": "adam"},
    "old-metric": old("MeanMetricWrapper", name="acc", fn="binary_accuracy"),
    "typespec": {"class_name": "__typespec__", "spec_name": "TensorSpec", "module": "tensorflow.python.framework.tensor_spec", "config": [], "registered_name": None},
    "tf-op": old("TFOpLambda", function="math.reduce_mean"),
    "tf-slice": old("SlicingOpLambda", function="__operators__.getitem"),
    "tf-old-op": old("TensorFlowOpLayer", node_def={"name": "x", "op": "AddV2"}),
    "infinite": b'{"class_name": "Dense", "config": {"x": NaN, "y": -Infinity}}',
}  # fmt: skip


@pytest.mark.parametrize("config", BENIGN.values(), ids=BENIGN)
def test_what_keras_itself_writes(config) -> None:
    seen = look(config)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_listed_names_are_counted() -> None:
    seen = look(obj("Sequential", {"layers": [obj("Dense"), obj("Dense")]}, "keras"))
    assert seen.allowed == (("keras.Dense", 2), ("keras.Sequential", 1))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff{}", b"{'a': 1}", b'{"a": ' + b"1" * 5000 + b"}"]
)
def test_what_is_no_json(text) -> None:
    with pytest.raises(HostileInput):
        inspect_config(text, Log())


@pytest.mark.parametrize(
    "text",
    [b"[" * 100_000, b"[" * 250 + b"]" * 250, b" " * 9_000_000, b"[" + b"1," * 500_000 + b"1]"],
    ids=["deep", "deeper-than-any", "long", "many"],
)
def test_bounds(text) -> None:
    with pytest.raises(BoundExceeded):
        inspect_config(text, Log())


def test_many_names_take_little_time() -> None:
    started = time.process_time()
    seen = look({"metrics": [f"m{number}" for number in range(300_000)]})
    assert time.process_time() - started < 5  # half a second on an idle machine
    assert seen.operations_dropped > 200_000


@pytest.mark.parametrize("field", ["class_name", "module", "registered_name"])
def test_names_that_are_no_text(field) -> None:
    seen = look({**obj("Dense"), field: {"a": 1}})
    assert [issue.code for issue in seen.issues] == ["bad-config"]


def test_keys_that_stand_twice() -> None:
    seen = look(b'{"class_name": "Dense", "class_name": "TFSMLayer", "config": {}}')
    assert [issue.code for issue in seen.issues] == ["duplicate-key"]
    assert [operation.name for operation in seen.operations] == ["keras.layers.TFSMLayer"]


def test_how_a_configuration_is_told() -> None:
    assert looks_like_keras_config(b' {"module": "keras", "class_name": "X", "config": {')
    assert not looks_like_keras_config(b'{"architectures": ["BertModel"]}')
    assert not looks_like_keras_config(b'["class_name", "config"]')


def test_the_lists_hold_nothing_that_loads() -> None:
    for name in ("TFSMLayer", "TorchModuleWrapper", "ReloadedLayer", "JaxLayer", "FlaxLayer"):
        assert rule_on_class(name, "keras.layers", "").verdict.value != "safe"
    for name in ("get_file", "load_model", "deserialize", "get", "eval", "func_load"):
        assert rule_on_function(name, "builtins").verdict.value != "safe"
    assert is_spelling("MeanSquaredError")
    assert not is_spelling("get_file")
