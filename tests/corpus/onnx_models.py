# ruff: noqa: E501 - a sample reads best as one line of bytes
"""ONNX models with data outside, operators of nobody, and code. Field numbers: onnx.proto."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assemble import MISSING, RUN_PICKLE
from tests.corpus.protobuf import message
from tests.corpus.sample import Sample


def tensor(
    name: str = "w",
    *,
    external: dict[str, str] | None = None,
    dims: tuple[int, ...] = (2,),
    raw: bytes | None = None,
) -> bytes:
    """TensorProto of floats."""
    fields: list[tuple[int, int | bytes | str]] = [(1, side) for side in dims]
    fields += [(2, 1), (8, name)]
    if external is None:
        fields.append((9, struct.pack("<2f", 1, 2) if raw is None else raw))
    else:
        fields += [(13, message((1, key), (2, value))) for key, value in external.items()]
        fields.append((14, 1))
    return message(*fields)


def node(operator: str, *, domain: str = "", attributes: tuple[bytes, ...] = ()) -> bytes:
    """NodeProto with one input and one output."""
    more = ((7, domain),) if domain else ()
    return message(
        (1, "x"), (1, "w"), (2, "y"), (3, "n"), (4, operator), *((5, a) for a in attributes), *more
    )


def text_attribute(name: str, value: str | bytes) -> bytes:
    """AttributeProto of text."""
    return message((1, name), (4, value), (20, 3))


def _value(name: str) -> bytes:
    shape = message((1, message((1, 2))))
    return message((1, name), (2, message((1, message((1, 1), (2, shape))))))


def graph(*nodes: bytes, tensors: tuple[bytes, ...] = ()) -> bytes:
    """GraphProto."""
    weights = tensors or (tensor(),)
    return message(
        *((1, n) for n in nodes),
        (2, "inert"),
        *((5, t) for t in weights),
        (11, _value("x")),
        (12, _value("y")),
    )


def model(
    body: bytes,
    *,
    opsets: tuple[tuple[str, int], ...] = (("", 20),),
    more: tuple[tuple[int, bytes], ...] = (),
) -> bytes:
    """ModelProto."""
    sets = tuple(
        (8, message((1, domain), (2, version)) if domain else message((2, version)))
        for domain, version in opsets
    )
    return message((1, 9), (2, "inert"), (7, body), *sets, *more)


LOCATIONS = {
    "absolute": MISSING, "traversal": "../../nonexistent/inert.bin", "traversal-inside": "a/../../nonexistent/inert.bin",
    "backslash": "..\\..\\nonexistent\\inert.bin", "drive": "C:\\nonexistent\\inert.bin", "file-address": "file:///nonexistent/inert",
    "http-address": "http://127.0.0.1:9/inert", "proc": "/proc/self/environ", "home": "/etc/hostname", "unc": "\\\\nonexistent\\inert",
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Locations outside, custom operators, nested graphs."""
    for how, location in LOCATIONS.items():
        outside = tensor(external={"location": location, "offset": "0", "length": "8"})
        yield Sample("malicious", "onnx-external", f"{how}.onnx", model(graph(node("Add"), tensors=(outside,))), (),
                     "external data outside the model's folder (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480)")  # fmt: skip
    outside = tensor(external={"location": LOCATIONS["traversal"]})
    constant = message((1, "value"), (5, outside), (20, 4))
    yield Sample("malicious", "onnx-external", "in-a-constant.onnx", model(graph(node("Constant", attributes=(constant,)))), (),
                 "external data of a Constant's attribute")  # fmt: skip
    branch = message((1, "then_branch"), (6, graph(node("Add"), tensors=(outside,))), (20, 5))
    yield Sample("malicious", "onnx-external", "in-a-branch.onnx", model(graph(node("If", attributes=(branch,)))), (),
                 "external data in a nested graph")  # fmt: skip
    inside = message(
        (1, "f"),
        (4, "x"),
        (4, "w"),
        (5, "y"),
        (7, node("Constant", attributes=(constant,))),
        (9, message((2, 20))),
        (10, "local"),
    )
    yield Sample("malicious", "onnx-external", "in-a-function.onnx", model(graph(node("f", domain="local")), opsets=(("", 20), ("local", 1)), more=((25, inside),)), (),
                 "external data in a local function")  # fmt: skip
    sparse = message((1, outside), (2, tensor("i")), (3, 2))
    yield Sample("malicious", "onnx-external", "sparse.onnx", model(graph(node("Add"), tensors=(tensor("v"),)) + message((15, sparse))), (),
                 "external data of a sparse tensor")  # fmt: skip
    operators = {
        "python": ("PyOp", "ai.onnx.contrib", "runs Python"), "python-function": ("PyCustomOp", "ai.onnx.contrib", "runs Python"),
        "python-old": ("PyOp", "pyop", "runs Python"), "aten": ("ATen", "org.pytorch.aten", "calls any ATen function"),
        "nobodys": ("Run", "inert.custom", "an operator of nobody's library"), "nobodys-second": ("Exec", "com.inert.ops", "an operator of nobody's library"),
        "address": ("AzureTextToText", "com.microsoft.extensions", "sends data to an address"),
    }  # fmt: skip
    for how, (operator, domain, why) in operators.items():
        code = (
            text_attribute("code", "import os"),
            text_attribute("module", "inert"),
            text_attribute("func", "run"),
        )
        body = graph(
            node(operator, domain=domain, attributes=code if how.startswith("python") else ())
        )
        yield Sample(
            "malicious",
            "onnx-operators",
            f"{how}.onnx",
            model(body, opsets=(("", 20), (domain, 1))),
            (operator,),
            why,
        )
        nested = message((1, "body"), (6, body), (20, 5))
        yield Sample(
            "malicious",
            "onnx-operators",
            f"{how}-in-a-loop.onnx",
            model(graph(node("Loop", attributes=(nested,))), opsets=(("", 20), (domain, 1))),
            (operator,),
            why,
        )
    yield Sample("malicious", "onnx-operators", "pickle-behind.onnx", model(graph(node("Add"), tensors=(tensor(),))) + RUN_PICKLE, (),
                 "a pickle behind the model")  # fmt: skip
