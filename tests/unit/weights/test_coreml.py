# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Core ML models and their weight files."""

from __future__ import annotations

import pickle
import struct

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.formats import coreml_start, coreml_weights_start
from weighbridge.weights import coreml, coreml_weights
from weighbridge.weights.inspection import Inspection, Verdict


def model(*types: bytes, version: int = 9, description: bytes = b"", more: bytes = b"") -> bytes:
    return p.num(1, version) + p.sub(2, description) + b"".join(types) + more


def seen(data: bytes) -> Inspection:
    result: Inspection = looking.seen(coreml.inspect, data)
    return result


LINEAR = p.sub(300, p.sub(1, p.f64(1, 1.0)))
LIST = pickle.dumps([1, 2, 3])


def tensor_type(dtype: int, *sides: int) -> bytes:
    dims = (p.sub(3, p.sub(1, p.num(1, side))) for side in sides)
    return p.sub(2, p.sub(1, p.num(1, dtype), p.num(2, len(sides)), *dims))


def blob(name: str, dtype: int = 10, *sides: int) -> bytes:
    """The body of a Value whose numbers lie in a weight file."""
    return tensor_type(dtype, *sides) + p.sub(5, p.sub(1, name), p.num(2, 64))


def program(*operations: bytes) -> bytes:
    block = b"".join(p.sub(3, operation) for operation in operations)
    function = p.sub(2, "CoreML7") + p.sub(3, p.sub(1, "CoreML7"), p.sub(2, block))
    return p.sub(502, p.num(1, 1), p.sub(2, p.sub(1, "main"), p.sub(2, function)))


def const(value: bytes) -> bytes:
    return p.sub(1, "const") + p.sub(5, p.sub(1, "val"), p.sub(2, value))


MALFORMED = {
    "empty": (b"", "bad-version"),
    "no type": (model(), "bad-model"),
    "two types": (model(LINEAR, p.sub(400)), "bad-model"),
    "no version": (LINEAR, "bad-version"),
    "unknown field": (model(LINEAR, more=p.num(70, 1)), "unknown-field"),
    "type that is no message": (model(LINEAR, more=p.num(500, 1)), "unknown-field"),
    "trailing bytes": (model(LINEAR, more=b"\0\0\0\0"), "malformed"),
    "cut off": (model(LINEAR)[:-2], "malformed"),
    "text": (b"no model at all", "malformed"),
    "pickle in the metadata": (model(LINEAR, description=p.sub(100, p.pair(100, "k", LIST))), "hidden-pickle"),
    "pickle in a custom layer": (
        model(p.sub(500, p.sub(1, p.sub(500, p.sub(10, "X"), p.sub(20, p.sub(30, LIST)))))), "hidden-pickle"),
    "pickle in a custom model": (
        model(p.sub(555, p.sub(10, "X"), p.sub(30, p.sub(1, "k"), p.sub(2, p.sub(60, LIST))))), "hidden-pickle"),
    "pickle in a program": (model(program(const(p.sub(3, p.sub(1, p.sub(7, p.sub(1, LIST))))))), "hidden-pickle"),
    "pickle in a text classifier": (model(p.sub(2000, p.sub(100, LIST))), "hidden-pickle"),
    "pickle in a serialized model": (model(p.sub(3000, p.sub(2, LIST))), "hidden-pickle"),
    "model without a type in a pipeline": (model(p.sub(202, p.sub(1, p.num(1, 4)))), "bad-model"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), MALFORMED.values(), ids=MALFORMED)
def test_a_defect_is_named(codes, data: bytes, code: str) -> None:
    assert code in codes(seen(data))


def test_later_versions_and_serialized_models_are_gaps() -> None:
    found = seen(model(LINEAR, version=30, more=p.sub(90, "x")))
    assert not found.issues
    assert "version 30" in found.incomplete_reason
    assert not seen(model(p.sub(3000, p.sub(1, "x"), p.sub(2, "y" * 20)))).complete


def test_nesting_is_bounded() -> None:
    inner = p.num(1, 4) + LINEAR
    for _ in range(60):
        inner = p.num(1, 4) + p.sub(202, p.sub(1, inner))
    assert "100 deep" in seen(inner).incomplete_reason


CUSTOM_LAYER = p.sub(1, p.sub(1, "layer"), p.sub(500, p.sub(10, "MyLayer"), p.sub(40, "what")))
CUSTOM = {
    "layer": (p.sub(500, CUSTOM_LAYER), "MyLayer"),
    "layer of a classifier": (p.sub(403, CUSTOM_LAYER), "MyLayer"),
    "layer of a regressor": (p.sub(303, CUSTOM_LAYER), "MyLayer"),
    "layer in a branch": (p.sub(500, p.sub(1, p.sub(605, p.sub(2, CUSTOM_LAYER)))), "MyLayer"),
    "layer in a loop": (p.sub(500, p.sub(1, p.sub(615, p.sub(4, CUSTOM_LAYER)))), "MyLayer"),
    "model": (p.sub(555, p.sub(10, "MyModel")), "MyModel"),
    "model in a pipeline": (p.sub(202, p.sub(1, model(p.sub(555, p.sub(10, "MyModel"))))), "MyModel"),
    "model in a pipeline classifier": (
        p.sub(200, p.sub(1, p.sub(1, model(p.sub(555, p.sub(10, "MyModel")))))), "MyModel"),
    "operation": (program(p.sub(1, "custom_layer")), "custom_layer"),
    "operation in an operation": (program(p.sub(1, "cond") + p.sub(4, p.sub(3, p.sub(1, "custom")))), "custom"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "name"), CUSTOM.values(), ids=CUSTOM)
def test_custom_code_is_a_call(body: bytes, name: str) -> None:
    (operation,) = seen(model(body)).operations
    assert (operation.verdict, operation.action) == (Verdict.UNLISTED_CALL, "operator")
    assert operation.name == name


@pytest.mark.parametrize(
    ("name", "search", "verdict"),
    [
        ("other.mlmodel", "", Verdict.UNLISTED),
        ("../other.mlmodel", "", Verdict.DANGEROUS),
        ("/tmp/other.mlmodel", "", Verdict.DANGEROUS),
        ("other.mlmodel", "models:../elsewhere", Verdict.DANGEROUS),
    ],
)
def test_linked_models(name: str, search: str, verdict: Verdict) -> None:
    link = p.sub(556, p.sub(1, p.sub(1, p.sub(1, name)), p.sub(2, p.sub(1, search))))
    (operation,) = seen(model(link)).operations
    assert (operation.verdict, operation.action) == (verdict, "link")
    assert name in operation.rendered


VALUES = {
    "attribute": const,
    "argument": lambda value: p.sub(1, "conv") + p.sub(2, p.sub(1, "w"), p.sub(2, p.sub(1, p.sub(2, value)))),
    "list": lambda value: const(p.sub(3, p.sub(3, p.sub(1, value)))),
    "tuple": lambda value: const(p.sub(3, p.sub(2, p.sub(1, value)))),
    "dictionary": lambda value: const(p.sub(3, p.sub(4, p.sub(1, p.sub(2, value))))),
    "nested": lambda value: p.sub(1, "cond") + p.sub(4, p.sub(3, const(value))),
}  # fmt: skip


@pytest.mark.parametrize("where", VALUES)
@pytest.mark.parametrize(
    "name", ["@model_path/../../w.bin", "/etc/passwd", "../w.bin", "@model_path//etc/passwd", ""]
)
def test_weight_files_outside_the_package(where: str, name: str) -> None:
    found = seen(model(program(VALUES[where](blob(name)))))
    assert [(o.verdict, o.action) for o in found.operations] == [(Verdict.DANGEROUS, "link")]


@pytest.mark.parametrize("where", VALUES)
def test_weight_files_in_the_package(where: str) -> None:
    value = blob("@model_path/weights/weight.bin", 10, 64, 128)
    found = seen(model(program(VALUES[where](value))))
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (found.tensors, found.parameters, found.dtypes) == (1, 8192, ("FLOAT16",))
    assert found.allowed == (("weights in @model_path/weights/weight.bin", 1),)


def test_honest_models() -> None:
    network = p.sub(500, p.sub(1, p.sub(1, "dense"), p.sub(140, p.num(1, 4))))
    for data in (
        model(LINEAR),
        model(network, description=p.sub(100, p.pair(100, "names", "{0: 'cat'}"))),
        model(p.sub(202, p.sub(1, model(LINEAR)), p.sub(1, model(network)))),
        p.num(1, 4) + p.sub(2, "") + p.num(10, 1) + network,
    ):
        found = seen(data)
        assert (found.operations, found.issues, found.gaps) == ((), (), ())
        assert coreml_start.looks_like_coreml(data, len(data))
        assert not coreml_start.looks_like_coreml(data + b"x", len(data) + 1)
        assert not coreml_start.looks_like_coreml(data, len(data) + 1)
    for other in (p.model(), b"", b"\x08\x01", b"\x08\x01\x12\x00", LIST, b"\x08" * 100):
        assert not coreml_start.looks_like_coreml(other, len(other))


def metadata(
    at: int, size: int, dtype: int = 2, padding: int = 0, sentinel: int = 0xDEADBEEF
) -> bytes:
    return struct.pack("<IIQQQ32x", sentinel, dtype, size, at + 64, padding)


def header(count: int, version: int = 2, rest: bytes = b"\0" * 56) -> bytes:
    return struct.pack("<II", count, version) + rest


ONE = metadata(64, 8) + b"\0" * 8
WEIGHTS = {
    "empty": (b"", "malformed"),
    "half a header": (b"\0" * 63, "malformed"),
    "version 1": (header(1, 1) + ONE, "malformed"),
    "more blobs than there are": (header(2) + ONE, "malformed"),
    "no sentinel": (header(1) + metadata(64, 8, sentinel=1) + b"\0" * 8, "malformed"),
    "data outside": (header(1) + metadata(64, 9) + b"\0" * 8, "malformed"),
    "data elsewhere": (header(1) + metadata(0, 8) + b"\0" * 8, "malformed"),
    "huge": (header(1) + metadata(64, 2**63) + b"\0" * 8, "malformed"),
    "reserved bytes": (header(1, rest=b"x" * 56) + ONE, "hidden-data"),
    "trailing bytes": (header(1) + ONE + b"\0" * 64, "trailing-data"),
    "half an element": (header(1) + metadata(64, 7) + b"\0" * 7, "size-mismatch"),
    "padding of bytes": (header(1) + metadata(64, 8, padding=9) + b"\0" * 8, "size-mismatch"),
    "a pickle": (header(1) + metadata(64, len(LIST), 3) + LIST, "hidden-pickle"),
}


@pytest.mark.parametrize(("data", "code"), WEIGHTS.values(), ids=WEIGHTS)
def test_a_defect_of_a_weight_file_is_named(codes, data: bytes, code: str) -> None:
    assert code in codes(looking.seen(coreml_weights.inspect, data))


def test_unknown_types_and_too_many_blobs_are_gaps() -> None:
    found = looking.seen(coreml_weights.inspect, header(1) + metadata(64, 8, 99) + b"\0" * 8)
    assert "blob type 99" in found.incomplete_reason
    found = looking.seen(coreml_weights.inspect, header(2**32 - 1) + ONE)
    assert "blobs" in found.incomplete_reason


def test_an_honest_weight_file() -> None:
    second = metadata(192, 2, dtype=12, padding=1) + b"\0" * 2  # five numbers of three bits
    data = header(2) + ONE + b"\0" * 56 + second
    found = looking.seen(coreml_weights.inspect, data)
    assert (found.operations, found.issues, found.gaps) == ((), (), ())
    assert (found.tensors, found.parameters, found.dtypes) == (2, 7, ("FLOAT32", "UINT3"))
    assert coreml_weights_start.looks_like_weights(data, len(data))
    assert coreml_weights_start.looks_like_weights(header(0), 64)
    for other in (b"", data[:64], header(0) + b"x", header(1) + b"\0" * 64, p.model()):
        assert not coreml_weights_start.looks_like_weights(other, len(other))
