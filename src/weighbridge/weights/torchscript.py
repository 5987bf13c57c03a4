"""TorchScript's code: what the operators that it calls would do.

A scripted model carries its program as text in a subset of Python, which torch compiles and runs.
Most operators compute; a few read and write files, and other namespaces come from libraries that
have to be loaded first. Source: torch/csrc/jit/serialization (``python_print.cpp``, ``import.cpp``)
and the operator schemas of ATen (``native_functions.yaml``).
"""

from __future__ import annotations

import ast

from weighbridge.model.errors import BoundExceeded, NotReadHere
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.classes import NATIVE_CLASSES
from weighbridge.weights.source import Source

MAX_CODE = 4 * 2**20  # bytes of one file
# Operators that reach files (aten::from_file maps any file, and creates it where shared is true).
_FILES = {"from_file": "maps a file into memory, and creates it where it is missing",
          "save": "writes a file", "load": "reads a file",
          "_from_file": "maps a file into memory"}  # fmt: skip
# Namespaces whose operators come with torch itself, or with the domain libraries of its project.
_NAMESPACES = frozenset({
    "aten", "prim", "prims", "quantized", "_quantized", "sparse", "static_runtime", "profiler",
    "mkldnn", "mkldnn_prepacked", "onednn", "xnnpack", "prepacked", "metal", "metal_prepacked",
    "vulkan_prepacked", "inductor", "torchvision", "torchaudio", "torchtext", "fb", "c10d",
    "rngprims", "symm_mem", "nested", "mtia", "cuda", "image", "video_reader",
})  # fmt: skip
_IMAGE_FILES = frozenset({"read_file", "write_file"})  # torchvision.io


def inspect_code(source: Source, log: Log) -> None:
    """One file of a scripted model's code.

    Raises:
        BoundExceeded: it is longer than :data:`MAX_CODE`.
        NotReadHere: it is no program that can be parsed.
    """
    stream, parts, length = source.open(), [], 0
    while part := stream.read(2**18):
        parts.append(part)
        length += len(part)
        if length > MAX_CODE:
            raise BoundExceeded("TorchScript code", MAX_CODE, "bytes")
    text = b"".join(parts)
    log.bytes_read += length
    try:
        tree = ast.parse(text)
    except (SyntaxError, UnicodeDecodeError) as error:
        message = f"TorchScript code does not parse ({type(error).__name__})"
        log.issue("bad-structure", message)
        raise NotReadHere(message) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotReadHere(f"TorchScript code does not parse ({type(error).__name__})") from error
    lines = _line_starts(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _judge_call(node, lines, log)
        elif isinstance(node, ast.Attribute):
            _judge_class(node, lines, log)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            _judge_import(node, lines, log)


def _judge_import(node: ast.Import | ast.ImportFrom, lines: list[int], log: Log) -> None:
    """Until torch 1.3 a file named the archive's other files so; TorchScript has no other import
    (torch/csrc/jit/serialization/import_source.cpp, ``parseImports``)."""
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    names = [module] if module else [alias.name for alias in node.names]
    for name in names:
        if name.partition(".")[0] != "__torch__":
            offset = lines[node.lineno - 1] + node.col_offset
            message = f"TorchScript code imports {name[:80]!r}, which that language cannot"
            log.issue("bad-structure", message, offset)


def _judge_call(node: ast.Call, lines: list[int], log: Log) -> None:
    names = _dotted(node.func)
    if len(names) == 2 and names[0] == "torch":
        namespace, operator = "aten", names[1]
    elif len(names) == 3 and names[0] == "ops":
        namespace, operator = names[1], names[2]
    else:
        return
    offset = lines[node.lineno - 1] + node.col_offset
    shown = ".".join(names) + "(" + ", ".join(_constant(a) for a in node.args[:4]) + ")"
    name = f"{namespace}::{operator}"
    if namespace == "aten" and operator in _FILES:
        log.operation(
            Verdict.DANGEROUS, "call", name, shown, _FILES[operator], offset, "TorchScript"
        )
    elif namespace == "image" and operator in _IMAGE_FILES:
        effect = "reads or writes a file"
        log.operation(Verdict.DANGEROUS, "call", name, shown, effect, offset, "TorchScript")
    elif namespace not in _NAMESPACES:
        effect = f"needs a library that defines the operators of {namespace!r}"
        log.operation(Verdict.UNLISTED_CALL, "call", name, shown, effect, offset, "TorchScript")


def _judge_class(node: ast.Attribute, lines: list[int], log: Log) -> None:
    """``__torch__.torch.classes.NAMESPACE.Class``: a class written in C++."""
    names = _dotted(node)
    if len(names) < 5 or names[:3] != ["__torch__", "torch", "classes"]:
        return
    if names[3] in NATIVE_CLASSES:
        return
    name = ".".join(names[1:5])
    effect = f"needs a library that defines the classes of {names[3]!r}"
    offset = lines[node.lineno - 1] + node.col_offset
    log.operation(Verdict.UNLISTED_CALL, "construct", name, name, effect, offset, "TorchScript")


def _dotted(node: ast.expr) -> list[str]:
    """The names of ``a.b.c``; empty for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return []
    return [node.id, *reversed(names)]


def _constant(node: ast.expr) -> str:
    return repr(node.value)[:80] if isinstance(node, ast.Constant) else "…"


def _line_starts(text: bytes) -> list[int]:
    starts, at = [0], text.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find(b"\n", at + 1)
    return starts
