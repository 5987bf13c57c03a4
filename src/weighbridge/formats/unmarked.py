"""Formats without a mark at the file's beginning: what their first bytes must look like.

Asked last, in this order, of what no mark and no structure has told. A literal tuple: each
function is strict enough that no ordinary text, JSON or binary of another kind is taken for it; a
test asks all of them about samples of all.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import TypeAlias

from weighbridge.model.artifact import Kind

LooksLike: TypeAlias = Callable[[bytes, int], bool]

# A kind, and the module and function in this room that know its beginning. They are imported when
# the first file without a mark comes by: a file with one should not wait for them.
UNMARKED: tuple[tuple[Kind, str, str], ...] = (
    (Kind.EXECUTORCH, "executorch_start", "looks_like_executorch"),
    (Kind.ORT, "onnx_start", "looks_like_ort"),
    (Kind.COREML, "coreml_start", "looks_like_coreml"),
    (Kind.COREML_WEIGHTS, "coreml_weights_start", "looks_like_weights"),
    (Kind.PADDLE_PROGRAM, "paddle_start", "looks_like_program"),
    (Kind.PADDLE_PARAMETERS, "paddle_tensors_start", "looks_like_parameters"),
    (Kind.KERAS_METADATA, "tensorflow_start", "looks_like_keras_metadata"),
    (Kind.TF_META_GRAPH, "tensorflow_start", "looks_like_meta_graph"),
    (Kind.TF_GRAPH, "tensorflow_start", "looks_like_graph"),
    (Kind.TF_CHECKPOINT_INDEX, "tensorflow_start", "looks_like_checkpoint_index"),
    (Kind.TFRECORD, "tensorflow_start", "looks_like_tfrecord"),
    (Kind.R_DATA, "r_data_start", "looks_like_rds"),
    (Kind.CATBOOST, "trees_start", "looks_like_catboost"),
    (Kind.XGBOOST_BINARY, "xgboost_start", "looks_like_xgboost_binary"),
    (Kind.XGBOOST_UBJSON, "xgboost_start", "looks_like_xgboost_ubjson"),
    (Kind.XGBOOST_JSON, "xgboost_start", "looks_like_xgboost_json"),
    (Kind.LIGHTGBM, "trees_start", "looks_like_lightgbm"),
    (Kind.XML_MODEL, "xml_start", "looks_like_xml_model"),
    (Kind.MSGPACK, "msgpack_start", "looks_like_msgpack"),
)


def unmarked_kind(head: bytes, size: int) -> Kind | None:
    """The first kind that the bytes look like."""
    return next((kind for kind, looks in recognizers() if looks(head, size)), None)


@functools.cache
def recognizers() -> tuple[tuple[Kind, LooksLike], ...]:
    """The functions, in the order in which they are asked."""
    room = "weighbridge.formats"
    return tuple(
        (kind, getattr(importlib.import_module(f"{room}.{module}"), function))
        for kind, module, function in UNMARKED
    )
