"""Which module reads which kind. Literal tuples: a reader sees what there is.

Modules are imported when a file of their kind comes by: looking into one small pickle should not
wait for fifteen formats.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import TypeAlias, cast

from weighbridge.model.artifact import Kind
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

# Writes what it finds into the log, and raises HostileInput where it cannot go on.
Reader: TypeAlias = Callable[[Source, Log], None]

# A kind, and the module and function in this room that read it.
READERS: tuple[tuple[Kind, str, str], ...] = (
    (Kind.SAFETENSORS, "safetensors", "inspect"),
    (Kind.GGUF, "gguf", "inspect"),
    (Kind.PICKLE, "pickle_file", "inspect"),
    (Kind.TORCH_ZIP, "archives", "inspect_torch"),
    (Kind.TORCH_LEGACY, "torch_legacy", "inspect"),
    (Kind.NUMPY, "numpy", "inspect"),
    (Kind.NUMPY_ZIP, "archives", "inspect_numpy"),
    (Kind.KERAS_ZIP, "archives", "inspect_keras"),
    (Kind.ZIP, "archives", "inspect_any"),
    (Kind.GZIP, "compressed", "inspect_gzip"),
    (Kind.BZIP2, "compressed", "inspect_bzip2"),
    (Kind.XZ, "compressed", "inspect_xz"),
    (Kind.ZSTD, "compressed", "inspect_zstd"),
    (Kind.LZ4, "compressed", "inspect_lz4"),
    (Kind.TAR, "tar", "inspect"),
    (Kind.SEVEN_ZIP, "sevenzip", "inspect"),
    (Kind.TFLITE, "tflite", "inspect"),
    (Kind.EXECUTORCH, "executorch", "inspect"),
    (Kind.TF_SAVED_MODEL, "tensorflow", "inspect_saved_model"),
    (Kind.TF_GRAPH, "tensorflow", "inspect_graph"),
    (Kind.TF_META_GRAPH, "tensorflow", "inspect_meta_graph"),
    (Kind.TF_CHECKPOINT_INDEX, "tensorflow", "inspect_checkpoint_index"),
    (Kind.KERAS_METADATA, "tensorflow", "inspect_keras_metadata"),
    (Kind.HDF5, "hdf5", "inspect"),
    (Kind.ONNX, "onnx", "inspect"),
    (Kind.ORT, "onnx", "inspect_ort"),
    (Kind.COREML, "coreml", "inspect"),
    (Kind.COREML_WEIGHTS, "coreml_weights", "inspect"),
    (Kind.PADDLE_PROGRAM, "paddle", "inspect"),
    (Kind.PADDLE_PARAMETERS, "paddle_tensors", "inspect"),
    (Kind.R_DATA, "rds", "inspect"),
    (Kind.XML_MODEL, "xml_model", "inspect"),
    (Kind.MSGPACK, "msgpack", "inspect"),
    (Kind.XGBOOST_JSON, "gbdt", "inspect_xgboost_json"),
    (Kind.XGBOOST_UBJSON, "gbdt", "inspect_xgboost_ubjson"),
    (Kind.XGBOOST_BINARY, "gbdt", "inspect_xgboost_binary"),
    (Kind.LIGHTGBM, "gbdt_text", "inspect_lightgbm"),
    (Kind.CATBOOST, "gbdt_text", "inspect_catboost"),
)

# Kinds that no reader reads yet; what they hold is ``unknown`` until one does.
UNREAD: tuple[Kind, ...] = (Kind.TFRECORD,)

# Text has no marks: its readers are told by what the name, in lower case, matches. XML that no
# loader of models would take is just text.
TEXT_READERS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"\.py\Z"), "python_code", "inspect"),
    (re.compile(r"\.jinja2?\Z"), "templates", "inspect"),
    (re.compile(r"(\.ya?ml|(\A|/)mlmodel)\Z"), "yaml_config", "inspect"),
    (re.compile(r"\.json\Z"), "config_json", "inspect"),
)

# Protobuf and msgpack have no marks either: what no kind fits is read as what its name promises,
# and the reader says where it goes wrong.
PROMISED: tuple[tuple[str, str, str], ...] = (
    (".onnx", "onnx", "inspect"),
    (".mlmodel", "coreml", "inspect"),
    (".pdmodel", "paddle", "inspect"),
    (".pdiparams", "paddle_tensors", "inspect"),
    ("saved_model.pb", "tensorflow", "inspect_saved_model"),
    ("fingerprint.pb", "tensorflow.fingerprint", "inspect"),
    (".msgpack", "msgpack", "inspect"),
)

_KINDS = {kind: (module, function) for kind, module, function in READERS}


def reader_of(kind: Kind) -> Reader | None:
    """The reader of a kind, if there is one."""
    found = _KINDS.get(kind)
    return _load(*found) if found else None


def promised_reader_of(name: str) -> Reader | None:
    """The reader of a binary of that name, if its name calls for one."""
    lowered = name.lower()
    return next((_load(m, f) for suffix, m, f in PROMISED if lowered.endswith(suffix)), None)


def text_reader_of(name: str) -> Reader | None:
    """The reader of a text of that name, if its name calls for one."""
    lowered = name.lower()
    for pattern, module, function in TEXT_READERS:
        if pattern.search(lowered):
            return _load(module, function)
    return None


def _load(module: str, function: str) -> Reader:
    return cast(Reader, getattr(importlib.import_module(f"weighbridge.weights.{module}"), function))
