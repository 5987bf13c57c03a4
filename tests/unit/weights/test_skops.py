# ruff: noqa: E501 - a sample reads best as one line
"""skops: nodes that name what skops does not trust, and nodes that lie about what they name."""

from __future__ import annotations

import io
import json

import pytest

from weighbridge.model.errors import HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.skops import inspect_member, inspect_schema, looks_like_schema
from weighbridge.weights.source import file_source


def node(loader: str, module: str, name: str, **more: object) -> dict[str, object]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **more}


def looked(root: dict[str, object]) -> Inspection:
    log = Log()
    inspect_schema(json.dumps({**root, "protocol": 2, "_skops_version": "0.16"}).encode(), log)
    return log.freeze("skops")


def found(root: dict[str, object]) -> set[tuple[str, str, str]]:
    return {(o.verdict.value, o.action, o.name) for o in looked(root).operations}


TEXT = node("JsonNode", "builtins", "str", content='"x"', is_json=True)
ESTIMATOR = node(
    "ObjectNode", "sklearn.linear_model._logistic", "LogisticRegression",
    content=node(
        "DictNode", "builtins", "dict",
        key_types=node("ListNode", "builtins", "list", content=[node("TypeNode", "builtins", "str")]),
        content={
            "coef_": node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy"),
            "penalty": TEXT,
            "classes": node("NdArrayNode", "numpy", "ndarray", type="json", content=[TEXT], shape=TEXT),
            "seed": node("RandomStateNode", "numpy.random.mtrand", "RandomState", content=TEXT),
            "sparse": node("SparseMatrixNode", "scipy.sparse._csr", "csr_matrix", type="scipy", file="2.npz"),
            "func": node("FunctionNode", "numpy", "log1p"),
            "erf": node("FunctionNode", "scipy.special._ufuncs", "erf"),
            "type": node("TypeNode", "numpy", "float64"),
            "tree": node("TreeNode", "sklearn.tree._tree", "Tree"),
            "loss": node("LossNode", "sklearn._loss._loss", "CyHalfBinomialLoss"),
            "again": node("CachedNode", "os", "system"),
            "generator": node("TypeNode", "numpy.random._pcg64", "PCG64"),
        },
    ),
)  # fmt: skip


def test_an_ordinary_estimator_is_nothing_to_report() -> None:
    seen = looked(ESTIMATOR)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert any(a == "sklearn.linear_model._logistic.LogisticRegression" for a, _ in seen.allowed)


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (node("ObjectNode", "own.package", "Model"), ("unlisted", "construct", "own.package.Model")),
        (node("ObjectNode", "sklearn.own", "Model"), ("unlisted", "construct", "sklearn.own.Model")),
        (node("FunctionNode", "own", "f"), ("unlisted", "import", "own.f")),
        (node("FunctionNode", "os", "system"), ("dangerous", "import", "os.system")),
        (node("FunctionNode", "numpy", "load"), ("dangerous", "import", "numpy.load")),
        (node("FunctionNode", "numpy", "log1p.__class__"), ("dangerous", "import", "numpy.log1p.__class__")),
        (node("TypeNode", "subprocess", "Popen"), ("dangerous", "import", "subprocess.Popen")),
        (node("TypeNode", "builtins", "eval"), ("dangerous", "import", "builtins.eval")),
        (
            node("PartialNode", "functools", "partial", content={"func": TEXT}),
            ("unlisted", "call", "functools.partial"),
        ),
        (
            node("ConstructorFromReduceNode", "builtins", "exec", content=TEXT),
            ("dangerous", "call", "builtins.exec"),
        ),
        (node("OperatorFuncNode", "operator", "call", attrs=TEXT), ("dangerous", "call", "operator.call")),
        (
            node("OperatorFuncNode", "sklearn.linear_model._stochastic_gradient", "methodcaller", attrs=TEXT),
            ("dangerous", "call", "operator.methodcaller"),
        ),
        (
            node("OperatorFuncNode", "operator", "methodcaller", attrs=TEXT),
            ("unlisted-call", "call", "operator.methodcaller"),
        ),
        (
            node("OperatorFuncNode", "operator", "itemgetter", attrs=TEXT),
            ("unlisted", "call", "operator.itemgetter"),
        ),
        (
            node("MethodNode", "builtins", "int", content={"func": "x", "obj": node("ObjectNode", "builtins", "str")}),
            ("dangerous", "call", "builtins.str.x"),
        ),
        (
            node("MethodNode", "own", "A", content={"func": "__reduce__", "obj": node("JsonNode", "own", "A")}),
            ("dangerous", "call", "own.A.__reduce__"),
        ),
        (
            node("MethodNode", "builtins", "str", content={"func": "upper", "obj": TEXT}),
            ("unlisted", "call", "builtins.str.upper"),
        ),
    ],
)  # fmt: skip
def test_what_a_node_names(root: dict[str, object], expected: tuple[str, str, str]) -> None:
    assert expected in found(root)


def test_a_node_far_inside() -> None:
    root: dict[str, object] = node("FunctionNode", "os", "system")
    for _ in range(60):
        root = node("ListNode", "builtins", "list", content=[root])
    assert found(root) == {("dangerous", "import", "os.system")}


def test_an_unknown_loader_and_an_unknown_protocol_are_gaps() -> None:
    seen = looked(node("OwnNode", "builtins", "str"))
    assert {i.code for i in seen.issues} == {"bad-structure"}
    assert seen.gaps
    log = Log()
    inspect_schema(json.dumps({**ESTIMATOR, "protocol": 9}).encode(), log)
    assert log.gaps


@pytest.mark.parametrize(
    "root",
    [
        node("ObjectNode", "x", "y") | {"__module__": 3},
        node("MethodNode", "x", "y", content={}),
        node("MethodNode", "x", "y", content=[]),
    ],
)
def test_nodes_that_are_malformed(root: dict[str, object]) -> None:
    assert {i.code for i in looked(root).issues} == {"bad-structure"}


@pytest.mark.parametrize("file", ["../../a.npy", "/nonexistent/a.npy", "a\\b.npy", "", "a.npy\0"])
def test_data_from_a_place_that_is_no_member(file: str) -> None:
    seen = looked(node("NdArrayNode", "numpy", "ndarray", type="numpy", file=file))
    assert {i.code for i in seen.issues} == {"traversal-name"}
    assert not looked(node("NdArrayNode", "numpy", "ndarray", file="140185.npy")).issues


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"{", b"\xff", b"[" * 100_000])
def test_schemas_that_are_malformed(text: bytes) -> None:
    with pytest.raises(HostileInput):
        inspect_schema(text, Log())


def test_a_schema_past_the_bound_is_a_gap() -> None:
    log = Log()
    inspect_schema(b'{"__loader__": [' + b"1," * 400_000 + b"1]}", log)
    assert log.gaps


def test_members(craft) -> None:
    def member(name: str, data: bytes) -> tuple[bool, Log]:
        log = Log()
        return inspect_member(name, file_source(io.BytesIO(data), len(data)), log), log

    taken, log = member(
        "schema.json", json.dumps({**node("TypeNode", "os", "system"), "protocol": 1}).encode()
    )
    assert taken
    assert log.freeze("skops").operations[0].name == "os.system"
    array = craft.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 12)
    taken, log = member("1.npy", array)
    assert taken
    assert log.tensors == 1
    assert not member("2.npz", b"PK")[0]


def test_a_schema_is_recognized() -> None:
    assert looks_like_schema(json.dumps(ESTIMATOR).encode())
    assert not looks_like_schema(b'{"type": "object"}')
