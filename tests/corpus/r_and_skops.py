# ruff: noqa: E501 - a sample reads best as one line of bytes
"""R's serialized data that evaluates a promise, and skops archives that name any callable."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.assemble import MISSING, RUN_PICKLE, Zip, npy
from tests.corpus.sample import OPERATION, Sample


def _symbol(name: str) -> bytes:
    raw = name.encode()
    return struct.pack(">I", 1) + struct.pack(">II", 0x00040009, len(raw)) + raw


def rds(body: bytes) -> bytes:
    """R's serialization, version 2, XDR. Source: R Internals, section 1.8."""
    return b"X\n" + struct.pack(">III", 2, 0x00040301, 0x00020300) + body


def _call(function: str, argument: str) -> bytes:
    """A LANGSXP of one text."""
    raw = argument.encode()
    text = struct.pack(">II", 16, 1) + struct.pack(">II", 0x00040009, len(raw)) + raw
    return (
        struct.pack(">I", 6)
        + _symbol(function)
        + struct.pack(">I", 2)
        + text
        + struct.pack(">I", 254)
    )


def promise(expression: bytes) -> bytes:
    """A PROMSXP: environment (global), value (unbound), expression."""
    return (
        struct.pack(">I", 5 | 0x400) + struct.pack(">I", 253) + struct.pack(">I", 252) + expression
    )


R_DATA = {
    "promise": rds(promise(_call("system", "echo inert"))),
    "promise-in-a-list": rds(struct.pack(">II", 19, 1) + promise(_call("system", "echo inert"))),
    "promise-file": rds(promise(_call("readRDS", MISSING))),
    "byte-code": rds(struct.pack(">II", 21, 1) + _symbol("inert")),
    "external-pointer": rds(struct.pack(">I", 22) + struct.pack(">I", 254) * 2),
}  # fmt: skip


def skops(schema: dict[str, Any], **members: bytes) -> bytes:
    """A ``.skops`` archive."""
    made = Zip().add(
        "schema.json", json.dumps({"protocol": 2, "_skops_version": "0.16.0", **schema}).encode()
    )
    for name, data in members.items():
        made.add(name.replace("__", "."), data)
    return made.end()


def _node(module: str, name: str, loader: str, **more: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **more}


SKOPS: dict[str, tuple[dict[str, Any], str]] = {
    "function": (_node("os", "system", "FunctionNode", content={"module_path": "os", "function": "system"}), "system"),
    "type": (_node("os", "system", "TypeNode", content={"__module__": "os", "__class__": "system"}), "system"),
    "method": (_node("builtins", "method", "MethodNode", content={"func": "system", "obj": _node("os", "environ", "ObjectNode", content=None)}), "system"),
    "operator": (_node("operator", "methodcaller", "OperatorFuncNode", attrs=_node("builtins", "tuple", "TupleNode", content=[])), "methodcaller"),
    "object": (_node("subprocess", "Popen", "ObjectNode", content=_node("builtins", "dict", "DictNode", content={})), "Popen"),
    "partial": (_node("functools", "partial", "PartialNode", content={"func": _node("os", "system", "FunctionNode", content={})}), "system"),
    "unknown-loader": (_node("builtins", "list", "InertNode", content=[]), "InertNode"),
    "nested": (_node("builtins", "list", "ListNode", content=[_node("os", "system", "FunctionNode", content={"module_path": "os", "function": "system"})]), "system"),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """R's and skops's."""
    for how, data in R_DATA.items():
        yield Sample(
            "malicious",
            "r-data",
            f"{how}.rds",
            gzip.compress(data, mtime=0),
            (OPERATION,),
            "R evaluates a promise when the value is used (CVE-2024-27322)",
        )
    yield Sample(
        "malicious",
        "r-data",
        "plain.rds",
        R_DATA["promise"],
        (OPERATION,),
        "the same, not compressed",
    )
    yield Sample(
        "malicious",
        "r-data",
        "saved.rdata",
        gzip.compress(b"RDX2\n" + R_DATA["promise"], mtime=0),
        (OPERATION,),
        "the same by save()",
    )
    for how, (schema, word) in SKOPS.items():
        yield Sample(
            "malicious",
            "skops",
            f"{how}.skops",
            skops(schema),
            (word,),
            "a node that names any callable (CVE-2025-54412, CVE-2025-54413, CVE-2025-54886)",
        )
    held = _node("numpy", "ndarray", "NdArrayNode", type="numpy", file="1.npy")
    objects = npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", RUN_PICKLE)
    yield Sample(
        "malicious",
        "skops",
        "object-array.skops",
        skops(held, **{"1__npy": objects}),
        ("os.system",),
        "an array of objects in the archive",
    )
