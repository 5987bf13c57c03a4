# ruff: noqa: E501 - a sample reads best as one line
"""Models whose parts are each as they should be, and do not go together; and programs of PIR.

Sources: ONNX's IR specification, PaddlePaddle's PIR serialization, Core ML's validators, PMML 4.4,
OpenVINO's intermediate representation, CVE-2026-0897 (a shape in an HDF5 file that asks for more
memory than there is).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.hdf5 import Hdf5
from tests.corpus.onnx_models import graph, model, node, tensor
from tests.corpus.protobuf import message
from tests.corpus.sample import Sample


def _operator(name: str, takes: tuple[int, ...], gives: tuple[int, ...]) -> dict[str, Any]:
    text = {"N": "file_path", "AT": {"#": "0.a_str", "D": "/nonexistent/inert"}}
    return {"#": name, "A": [text], "I": [{"%": n} for n in takes], "O": [{"%": n} for n in gives]}


def _program(*operators: dict[str, Any]) -> bytes:
    block = {"#": "block_0", "args": [], "ops": list(operators)}
    base = {"magic": "pir", "trainable": True, "version": 4}
    regions = [{"#": "region_0", "blocks": [block]}]
    return json.dumps({"base_code": base, "program": {"regions": regions}}).encode()


def _programs() -> Iterator[Sample]:
    for name, why in (
        ("1.py_func", "calls Python"), ("1.load_combine", "reads a file"),
        ("pd_op.save_combine", "writes a file"), ("3.inert", "is a custom operator"),
    ):  # fmt: skip
        yield Sample("malicious", "paddle-pir", f"{name}.json", _program(_operator("1.data", (), (1,)), _operator(name, (1,), (2,))),
                     (name.partition(".")[2],), f"an operator that {why}")  # fmt: skip
    yield Sample("malformed", "paddle-pir", "undefined.json", _program(_operator("1.relu", (7,), (1,))), ("undefined-value",),
                 "an operator takes what nothing gives")  # fmt: skip
    yield Sample("benign", "paddle-pir", "inference.json", _program(_operator("1.data", (), (1,)), _operator("1.relu", (1,), (2,)), _operator("1.fetch", (2,), (3,))))  # fmt: skip


def _functions(*pairs: tuple[str, tuple[str, ...]]) -> bytes:
    """A model whose functions call each other."""
    made = []
    for name, called in pairs:
        inner = [
            message((1, "x"), (2, f"y{n}"), (4, one), (7, "l")) for n, one in enumerate(called)
        ]
        body = inner or [message((1, "x"), (2, "y0"), (4, "Relu"))]
        made.append(
            message(
                (1, name),
                (4, "x"),
                (5, "y0"),
                *((7, one) for one in body),
                (9, message((2, 20))),
                (10, "l"),
            )
        )
    call = graph(node(pairs[0][0], domain="l"))
    return model(call, opsets=(("", 20), ("l", 1)), more=tuple((25, one) for one in made))


def _onnx() -> Iterator[Sample]:
    names = [f"f{n}" for n in range(41)]
    chain = [(names[n], (names[n + 1],) * 2) for n in range(40)]
    yield Sample("malicious", "exhausting", "onnx-functions.onnx", _functions(*chain, (names[-1], ())), ("alias-bomb",),
                 "forty functions that call each other twice become a million million nodes")  # fmt: skip
    number = message((1, "alpha"), (3, 1), (20, 2))
    places = message((1, 2), (2, 7), (8, "i"), (9, struct.pack("<2q", 1, 700)))
    sparse = message((1, tensor("v")), (2, places), (3, 4))
    for name, content, code, why in (
        ("circle", _functions(("a", ("b",)), ("b", ("a",))), "cycle", "functions that call each other"),
        ("two-attributes", model(graph(node("Elu", attributes=(number, number)))), "bad-node", "a node with two attributes of one name"),
        ("attribute-type", model(graph(node("Elu", attributes=(message((1, "alpha"), (3, 1), (20, 1)),)))), "bad-node", "a float that is a number"),
        ("sparse-outside", model(graph(node("Add")) + message((15, sparse))), "bad-index", "a value outside its shape"),
        ("two-properties", model(graph(node("Add")), more=((14, message((1, "a"), (2, "b"))),) * 2), "duplicate-key", "two properties of one name"),
    ):  # fmt: skip
        yield Sample("malformed", "onnx-structure", f"{name}.onnx", content, (code,), why)


def _others() -> Iterator[Sample]:
    file = Hdf5()
    root = file.group(file.hard("w", file.announced(2**20, 2**20)))
    yield Sample("malicious", "exhausting", "shape.h5", file.end(root), ("decompression-bomb",),
                 "a dataset of terabytes that the file does not hold (CVE-2026-0897)")  # fmt: skip
    paths = {
        "fileFormatVersion": "1.0.0",
        "rootModelIdentifier": "A",
        "itemInfoEntries": {"A": {"path": "../../nonexistent/inert"}},
    }
    yield Sample("malicious", "coreml", "Manifest.json", json.dumps(paths).encode(), ("nonexistent",),
                 "a package that takes its model from elsewhere")  # fmt: skip
    given = message((1, message((1, "in"))), (10, message((1, "out"))))
    for name, one in (
        ("undefined-input", message((1, "l"), (2, "other"), (3, "out"), (130, message((10, b""))))),
        ("weights-missing", message((1, "l"), (2, "in"), (3, "out"), (140, message((1, 2), (2, 3), (20, message((1, bytes(20)))))))),
    ):  # fmt: skip
        content = message((1, 4), (2, given), (500, message((1, one))))
        yield Sample(
            "malformed", "coreml", f"{name}.mlmodel", content, (), "a layer that does not fit"
        )
    layer = '<layer id="0" name="n" type="ReLU" version="opset1"><output><port id="0"/></output></layer>'
    edge = '<edge from-layer="0" from-port="0" to-layer="7" to-port="0"/>'
    net = f'<?xml version="1.0"?><net name="m" version="11"><layers>{layer}</layers><edges>{edge}</edges></net>'
    yield Sample(
        "malformed",
        "xml-structure",
        "edge.xml",
        net.encode(),
        ("bad-reference",),
        "an edge to no layer",
    )
    fields = '<DataDictionary numberOfFields="1"><DataField name="x"/></DataDictionary>'
    pmml = f'<?xml version="1.0"?><PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>{fields}<RegressionModel><RegressionTable><NumericPredictor name="ghost"/></RegressionTable></RegressionModel></PMML>'
    yield Sample(
        "malformed",
        "xml-structure",
        "field.pmml",
        pmml.encode(),
        ("undefined-value",),
        "a field that is declared nowhere",
    )


def samples() -> Iterator[Sample]:
    """All of them."""
    yield from _programs()
    yield from _onnx()
    yield from _others()
