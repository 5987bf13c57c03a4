# ruff: noqa: E501 - a sample reads best as one line of bytes
"""TensorFlow graphs with operators that reach files or run Python, and TFLite with foreign ones.

Field numbers: saved_model.proto, meta_graph.proto, graph.proto, function.proto, attr_value.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assemble import MISSING
from tests.corpus.protobuf import message
from tests.corpus.sample import Sample

# Operator and what it does: TensorFlow's list of operators, and modelscan's and ModelAudit's lists.
OPERATORS = {
    "ReadFile": "reads a file", "WriteFile": "writes a file", "MatchingFiles": "lists files",
    "PyFunc": "runs Python", "PyFuncStateless": "runs Python", "EagerPyFunc": "runs Python",
    "PrintV2": "writes to a file of its choosing", "Save": "writes a file", "SaveSlices": "writes a file",
    "TextLineDatasetV2": "reads a file", "TFRecordDataset": "reads a file", "WholeFileReaderV2": "reads a file",
    "DebugIdentityV2": "sends data to an address", "LoadDataset": "reads a file", "DatasetToTFRecord": "writes a file",
    "RpcCall": "calls an address", "ExecInert": "is of nobody's library",
    "GenerateBigQueryReaderPartitions": "reaches the network", "MergeV2Checkpoints": "writes and deletes files",
}  # fmt: skip


def node(operator: str, name: str = "n") -> bytes:
    """NodeDef with attributes that name a path, under the keys by which operators take one."""
    path = f"file://{MISSING}"
    constants = {
        "shared_name": message((2, MISSING)), "output_stream": message((2, path)),
        "debug_urls": message((1, message((2, path), (2, "grpc://127.0.0.1:9")))),
    }  # fmt: skip
    attributes = (message((1, key), (2, value)) for key, value in constants.items())
    return message((1, name), (2, operator), *((5, attribute) for attribute in attributes))


def const() -> bytes:
    """A constant of two floats."""
    tensor = message((1, 1), (2, message((2, message((1, 2))))), (4, struct.pack("<2f", 1, 2)))
    value = message((1, "value"), (2, message((8, tensor))))
    kind = message((1, "dtype"), (2, message((6, 1))))
    return message((1, "c"), (2, "Const"), (5, kind), (5, value))


def graph(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> bytes:
    """GraphDef with its library of functions and version."""
    library = (message((1, message((1, f_name(i)))), (3, f)) for i, f in enumerate(functions))
    parts = [(1, n) for n in nodes]
    if functions:
        parts.append((2, message(*((1, entry) for entry in library))))
    return message(*parts, (4, message((1, 1995), (2, 12))))


def f_name(index: int) -> str:
    """The name of a library function."""
    return f"__inference_{index}"


def saved_model(body: bytes) -> bytes:
    """SavedModel of one MetaGraphDef."""
    info = message((4, "serve"), (5, "2.21.0"))
    return message((1, 1), (2, message((1, info), (2, body))))


def tflite(*, custom: str = "", builtin: int = 0, version: int = 3) -> bytes:
    """A model of one operator code and one empty subgraph, as a FlatBuffer built by hand.

    Source: TensorFlow Lite's schema.fbs: Model{version, operator_codes, subgraphs, description,
    buffers}, OperatorCode{deprecated_builtin_code, custom_code, version, builtin_code}.
    """
    out = bytearray(b"\0\0\0\0TFL3")

    def vtable(*offsets: int, size: int) -> int:
        at = len(out)
        out.extend(struct.pack(f"<HH{len(offsets)}H", 4 + 2 * len(offsets), size, *offsets))
        out.extend(b"\0" * (-len(out) % 4))
        return at

    def patch(at: int, target: int) -> None:
        struct.pack_into("<I", out, at, target - at)

    model_vt = vtable(4, 8, 12, 0, 16, size=20)
    model_at = len(out)
    out.extend(struct.pack("<iIIII", model_at - model_vt, version, 0, 0, 0))
    patch(0, model_at)
    patch(model_at + 8, len(out))
    out.extend(struct.pack("<II", 1, 0))
    codes_slot = len(out) - 4
    code_vt = vtable(12, 4, 0, 8, size=16)
    code_at = len(out)
    out.extend(struct.pack("<iIiI", code_at - code_vt, 0, builtin, min(builtin, 127)))
    patch(codes_slot, code_at)
    patch(code_at + 4, len(out))
    raw = custom.encode()
    out.extend(struct.pack("<I", len(raw)) + raw + b"\0")
    out.extend(b"\0" * (-len(out) % 4))
    patch(model_at + 12, len(out))
    out.extend(struct.pack("<II", 1, 0))
    graph_slot = len(out) - 4
    graph_vt = vtable(4, 8, 12, 16, size=20)
    graph_at = len(out)
    out.extend(struct.pack("<iIIII", graph_at - graph_vt, 0, 0, 0, 0))
    patch(graph_slot, graph_at)
    for slot in range(3):
        patch(graph_at + 4 + 4 * slot, len(out))
        out.extend(struct.pack("<I", 0))
    operators_slot = graph_at + 16
    patch(operators_slot, len(out))
    out.extend(struct.pack("<II", 1, 0))
    operator_slot = len(out) - 4
    operator_vt = vtable(4, 8, 12, size=16)
    operator_at = len(out)
    out.extend(struct.pack("<iIII", operator_at - operator_vt, 0, 0, 0))
    patch(operator_slot, operator_at)
    for slot in range(2):
        patch(operator_at + 8 + 4 * slot, len(out))
        out.extend(struct.pack("<I", 0))
    patch(model_at + 16, len(out))
    out.extend(struct.pack("<II", 1, 0))
    buffer_slot = len(out) - 4
    buffer_vt = vtable(size=4)
    buffer_at = len(out)
    out.extend(struct.pack("<i", buffer_at - buffer_vt))
    patch(buffer_slot, buffer_at)
    return bytes(out)


_CUSTOM = 32  # BuiltinOperator_CUSTOM


def samples() -> Iterator[Sample]:
    """Each operator in a SavedModel, in a library function, and in a frozen graph; TFLite's."""
    for operator, why in OPERATORS.items():
        name = operator.lower()
        bad = graph(const(), node(operator))
        yield Sample(
            "malicious",
            "tf-saved-model",
            f"{name}.pb",
            saved_model(bad),
            (operator,),
            f"an operator that {why}",
        )
        yield Sample(
            "malicious",
            "tf-graph",
            f"frozen-{name}.pb",
            bad,
            (operator,),
            f"an operator that {why}",
        )
    for operator in ("ReadFile", "WriteFile", "PyFunc"):
        inside = saved_model(graph(const(), functions=(node(operator),)))
        yield Sample(
            "malicious",
            "tf-saved-model",
            f"in-a-function-{operator.lower()}.pb",
            inside,
            (operator,),
            "in the library of functions",
        )
    for name, custom in {"flex-read": "FlexReadFile", "flex-write": "FlexWriteFile", "flex-python": "FlexPyFunc",
                         "nobodys": "InertRunCommand", "nobodys-path": "../../nonexistent/inert.so"}.items():  # fmt: skip
        yield Sample(
            "malicious",
            "tflite",
            f"{name}.tflite",
            tflite(custom=custom, builtin=_CUSTOM),
            (custom,),
            "an operator that a library has to bring",
        )
