"""Keras model configurations: every object that loading one would make, at any depth.

Source: ``keras/src/saving/serialization_lib.py`` and ``keras/src/legacy/saving/`` of Keras 3,
``keras/src/saving/`` of Keras 2. A configuration is a tree in which objects with a ``class_name``
stand for calls: CVE-2024-3660 (Lambda), CVE-2025-1550 (``module``), CVE-2025-8747 and
CVE-2025-9906 (functions of Keras), CVE-2025-9905 (Lambda in HDF5), CVE-2025-12058 (vocabularies
read by path or URL), CVE-2025-49655, CVE-2026-1462. A dictionary is judged wherever it stands:
which fields a class deserializes differs between versions.
"""

from __future__ import annotations

import json
import re

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.keras_names import (
    Ruling,
    is_spelling,
    rule_on_class,
    rule_on_function,
    rule_on_op,
    rule_on_tensorflow,
)
from weighbridge.weights.log import Log

MAX_TEXT = 8 * 2**20  # bytes
MAX_NODES = 400_000  # values of one configuration
MAX_DEPTH = 200
_HEAD = re.compile(rb"\A\s*\{")
# Values that are rebuilt as they are, without a look-up of any name.
_PLAIN = frozenset((
    "__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__",
    "__tuple__", "__complex__", "TensorShape", "TypeSpec", "CompositeTensor",
))  # fmt: skip
_METHOD_LAYERS = {"ClassMethod": "cls_ref", "InstanceMethod": "method_name",
                  "InstanceProperty": "attr_name"}  # fmt: skip
_TENSOR_CLASSES = frozenset(("RaggedTensor", "SparseTensor", "TensorArray", "TensorShape"))
_FILE_FIELDS = ("vocabulary", "vocabulary_file", "vocab_file", "merges", "merges_file")
# Fields in which Keras takes a text for the name of a function or class.
_NAME_FIELDS = frozenset(("loss", "loss_fn", "metrics", "weighted_metrics", "fn", "activation",
                          "recurrent_activation"))  # fmt: skip
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\~]|(?:.*[/\\])?\.\.(?:[/\\]|\Z)")
_OPCODE = "Keras"


def looks_like_keras_config(head: bytes) -> bool:
    """Whether the first bytes of a JSON text are those of a Keras configuration."""
    return bool(_HEAD.match(head)) and b'"class_name"' in head and b'"config"' in head


def inspect_config(text: bytes, log: Log, *, model: bool = False) -> None:
    """Judge every object of a configuration, of a model or of its training.

    Args:
        text: JSON, as Keras writes it.
        log: gets operations (without offsets), the issue ``duplicate-key``, counts of listed names.
        model: whether it is that of a whole model, which names its class.

    Raises:
        HostileInput: it is not JSON.
        BoundExceeded: it is too large, or nested too deeply.
    """
    root = _parse(text, log)
    if model and not (isinstance(root, dict) and isinstance(root.get("class_name"), str)):
        log.issue("bad-config", "the configuration of the model names no class", 0)
    _Tree(log).walk(root)


def _parse(text: bytes, log: Log) -> object:
    if len(text) > MAX_TEXT:
        raise BoundExceeded("the Keras configuration", MAX_TEXT, "bytes")
    if text.count(b",") + text.count(b"{") + text.count(b"[") > MAX_NODES:
        raise BoundExceeded("the Keras configuration", MAX_NODES, "values")

    def table(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            log.issue("duplicate-key", "a key stands twice in one object of the configuration")
        return found

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=table)
    except RecursionError as error:
        raise BoundExceeded(
            "the nesting of the Keras configuration", MAX_DEPTH, "levels"
        ) from error
    except ValueError as error:
        raise HostileInput("the Keras configuration is not JSON in UTF-8") from error


class _Tree:
    def __init__(self, log: Log) -> None:
        self.log = log

    def walk(self, root: object) -> None:
        waiting: list[tuple[object, int, str]] = [(root, 0, "the configuration")]
        while waiting:
            value, depth, owner = waiting.pop()
            if depth > MAX_DEPTH:
                raise BoundExceeded("the nesting of the Keras configuration", MAX_DEPTH, "levels")
            if isinstance(value, dict):
                self._table(value, owner)
                owner = str(value.get("class_name", owner))
                inner = list(value.values())
            else:
                inner = value if isinstance(value, list) else []
            waiting.extend((v, depth + 1, owner) for v in inner if isinstance(v, (dict, list)))

    def _table(self, table: dict[str, object], owner: str) -> None:
        """One object of the tree; ``owner``: the class whose configuration it belongs to."""
        name = table.get("class_name")
        if isinstance(name, str):
            self._object(name, table)
        elif name is not None:
            self.log.issue("bad-config", "a class_name of the configuration is not a text")
        for field, value in table.items():
            if value == "lambda" and field.endswith("_type"):
                self._bytecode(table, field.removesuffix("_type"))
            elif field in _FILE_FIELDS and isinstance(value, str):
                self._file(owner, field, value)
            elif field in _NAME_FIELDS:
                self._spelled(field, value)

    def _object(self, name: str, table: dict[str, object]) -> None:
        config = table.get("config")
        module, registered = table.get("module") or "", table.get("registered_name") or ""
        if not isinstance(module, str) or not isinstance(registered, str):
            self.log.issue("bad-config", f"the module or registered name of {name!r} is not a text")
            return
        fields = config if isinstance(config, dict) else {}
        if name in _PLAIN:
            return
        if name == "__lambda__":
            self._bytecode({}, "value")
        elif name == "__typespec__":
            self._typespec(str(table.get("spec_name")), module)
        elif name == "function":
            target = config if isinstance(config, str) else registered
            self._record(rule_on_function(target, module), target)
        elif name in ("TFOpLambda", "SlicingOpLambda"):
            self._record(rule_on_tensorflow(str(fields.get("function"))), _titled(name, fields))
        elif name == "TensorFlowOpLayer":
            node = fields.get("node_def")
            op = node.get("op") if isinstance(node, dict) else None
            self._record(rule_on_op(str(op)), _titled(name, fields))
        elif name in _METHOD_LAYERS:
            self._method(name, fields)
        else:
            if name == "Lambda":
                self._lambda(fields)
            ruling = (
                Ruling(Verdict.SAFE, "keras.Lambda") if name == "Lambda" and not module else None
            )
            self._record(ruling or rule_on_class(name, module, registered), _titled(name, fields))

    def _record(self, ruling: Ruling, shown: str) -> None:
        if ruling.verdict is Verdict.SAFE:
            self.log.allow(ruling.name, 1)
            return
        if not self.log.has_room(ruling.verdict):  # it is counted
            return
        self.log.operation(
            ruling.verdict, ruling.action, ruling.name, shown, ruling.effect, -1, _OPCODE
        )

    def _bytecode(self, fields: dict[str, object], field: str) -> None:
        """A function kept as marshalled bytecode, which runs when the model does."""
        name = fields.get("name")
        shown = (
            f"Lambda {name!r}" if isinstance(name, str) else f"__lambda__ in the field {field!r}"
        )
        self.log.operation(
            Verdict.DANGEROUS,
            "call",
            "keras.layers.Lambda",
            f"{shown}: marshalled Python bytecode",
            "runs Python bytecode that lies in the file (CVE-2024-3660)",
            -1,
            _OPCODE,
        )

    def _lambda(self, fields: dict[str, object]) -> None:
        """A Lambda layer: its functions are bytecode, or the names of functions."""
        owner = fields.get("module")
        for field in ("function", "output_shape", "mask"):
            value, kind = fields.get(field), fields.get(f"{field}_type")
            if isinstance(value, list) and value and isinstance(value[0], str):
                if kind != "lambda":  # with that, the walk finds it
                    self._bytecode(fields, field)
            elif isinstance(value, str):
                found = rule_on_function(value, owner if isinstance(owner, str) else "")
                if found.verdict is not Verdict.DANGEROUS:  # its module is a note, not imported
                    found = rule_on_function(value, "")
                self._record(found, f"Lambda {fields.get('name')!r}: {field} {value!r}")

    def _typespec(self, name: str, module: str) -> None:
        if not (module.startswith("tensorflow.") and name.endswith("Spec") and name.isalnum()):
            self._record(rule_on_class(name, module, ""), f"type {module}.{name}")

    def _method(self, name: str, fields: dict[str, object]) -> None:
        """A layer that calls a method of a tensor, or of a class of TensorFlow."""
        target = str(fields.get(_METHOD_LAYERS[name]) or fields.get("cls_symbol"))
        method = str(fields.get("method_name", ""))
        listed = target in _TENSOR_CLASSES if name == "ClassMethod" else not target.startswith("_")
        verdict = Verdict.SAFE if listed and not method.startswith("_") else Verdict.UNLISTED_CALL
        effect = "calls a method of TensorFlow that is not on the list"
        self._record(Ruling(verdict, f"tensorflow.{target}", "call", effect), _titled(name, fields))

    def _file(self, owner: str, field: str, value: str) -> None:
        """A text where words belong: Keras reads them from the file or address of that name."""
        elsewhere = bool(_ELSEWHERE.match(value))
        self.log.operation(
            Verdict.DANGEROUS if elsewhere else Verdict.UNLISTED,
            "read",
            value,
            f"{owner}: {field} = {value!r}",
            "reads a file that the configuration names (CVE-2025-12058)",
            -1,
            _OPCODE,
        )

    def _spelled(self, field: str, value: object) -> None:
        """Names of losses, metrics and activations, alone or for each output of a model."""
        waiting = [value]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, dict) and "class_name" not in value:
                waiting.extend(value.values())
            elif (
                isinstance(value, str)
                and not is_spelling(value)
                and self.log.has_room(Verdict.UNLISTED)  # else it is counted
            ):
                self._record(
                    Ruling(
                        Verdict.UNLISTED,
                        value,
                        "call",
                        "asks the application for a function that is not part of Keras",
                    ),
                    f"{field} = {value!r}",
                )


def _titled(name: str, fields: dict[str, object]) -> str:
    """A class with the name of the layer, which a reader finds in the model's summary."""
    title = fields.get("name")
    return f"{name}(name={title!r})" if isinstance(title, str) else f"{name}(...)"
