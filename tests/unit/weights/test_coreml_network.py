"""Core ML: what layers take, how many weights they have, and what a package is made of."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tests.unit.weights import looking
from tests.unit.weights import proto_build as p

from weighbridge.weights import coreml, coreml_network
from weighbridge.weights.config_json import inspect_config
from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source


def feature(number: int, name: str) -> bytes:
    return p.sub(number, p.sub(1, name))


def seen(*layers: bytes, description: bytes = feature(1, "in") + feature(10, "out")) -> Inspection:
    network = p.sub(500, *(p.sub(1, layer) for layer in layers))
    result: Inspection = looking.seen(coreml.inspect, p.num(1, 4) + p.sub(2, description) + network)
    return result


def layer(kind: bytes, name: str = "l", takes: str = "in", gives: str = "out") -> bytes:
    return p.sub(1, name) + p.sub(2, takes) + p.sub(3, gives) + kind


RELU = p.sub(130, p.sub(10))


def dense(*weights: bytes, bias: bytes = b"") -> bytes:
    return p.sub(140, p.num(1, 2), p.num(2, 3), p.sub(20, *weights), bias)


def test_layers_that_follow_each_other() -> None:
    assert looking.clean(seen(layer(RELU, gives="a"), layer(RELU, "m", takes="a")))
    branch = p.sub(605, p.sub(1, p.sub(1, layer(RELU, gives="b"))), p.sub(2))
    assert looking.clean(seen(layer(branch), layer(RELU, takes="b")))
    assert looking.codes(seen(layer(RELU, takes="b"), layer(RELU, gives="b"))) == {
        "undefined-value"
    }


def test_a_layer_without_a_type() -> None:
    assert looking.codes(seen(layer(b""))) == {"bad-node"}


def test_inputs_of_one_name_and_models_without_any() -> None:
    twice = feature(1, "in") * 2
    assert looking.codes(seen(layer(RELU), description=twice)) == {"duplicate-value"}
    bare = looking.seen(coreml.inspect, p.num(1, 4) + p.sub(500, p.sub(1, layer(RELU))))
    assert looking.codes(bare) == {"bad-model"}


def test_weights_that_fit() -> None:
    floats, halves = p.sub(1, bytes(24)), p.sub(2, bytes(12))
    bias = p.sub(21, p.sub(1, bytes(12)))
    for weights in (floats, halves, b"", p.sub(30, bytes(3)) + p.sub(40), p.f32(1, 1.0) * 6):
        assert looking.clean(seen(layer(dense(weights, bias=bias))))
    kernel = p.sub(20, p.varint(5), p.varint(5))
    sizes = p.num(1, 8) + p.num(2, 3) + kernel
    convolution = p.sub(100, sizes, p.sub(90, p.sub(1, bytes(4 * 8 * 3 * 25))))
    assert looking.clean(seen(layer(convolution)))
    turned = p.num(1, 8) + p.num(2, 4) + p.num(10, 2) + p.num(60, 1) + kernel
    convolution = p.sub(100, turned, p.sub(90, p.sub(2, bytes(2 * 8 * 2 * 25))))
    assert looking.clean(seen(layer(convolution)))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (dense(p.sub(1, bytes(20))), "size-mismatch"),
        (dense(p.sub(2, bytes(13))), "size-mismatch"),
        (dense(p.sub(30, bytes(30)), p.sub(40)), "size-mismatch"),
        (dense(bias=p.sub(21, p.sub(1, bytes(4)))), "size-mismatch"),
        (dense(p.sub(1, bytes(24)), p.sub(2, bytes(12))), "two-values"),
        (p.sub(140, p.num(1, 2**40), p.num(2, 2**40), p.sub(20, p.sub(1, bytes(24)))),
         "size-mismatch"),
        (p.sub(100, p.num(1, 8), p.num(2, 3), p.sub(90, p.sub(1, bytes(4)))), "size-mismatch"),
        (p.sub(100, p.sub(20, *[p.varint(3)] * 9)), "bad-shape"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit(kind: bytes, code: str) -> None:
    assert looking.codes(seen(layer(kind))) == {code}


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coreml_network, "MAX_NAMES", 3)
    found = seen(*(layer(RELU, gives=f"v{n}") for n in range(9)), layer(RELU, takes="none"))
    assert "were not compared" in found.incomplete_reason
    assert not found.issues


def test_a_blob_that_starts_where_none_can() -> None:
    value = p.sub(2, p.sub(1, p.num(1, 10))) + p.sub(5, p.sub(1, "@model_path/w"), p.num(2, 67))
    operation = p.sub(3, p.sub(1, "const"), p.sub(5, p.sub(1, "val"), p.sub(2, value)))
    block = p.sub(3, p.sub(1, "b"), p.sub(2, operation))
    program = p.sub(502, p.sub(2, p.sub(1, "main"), p.sub(2, block)))
    found = looking.seen(coreml.inspect, p.num(1, 9) + p.sub(2) + program)
    assert looking.codes(found) == {"bad-alignment"}


def manifest(**change: Any) -> Inspection:
    items = {"A": {"path": "com.apple.CoreML/model.mlmodel", "name": "model.mlmodel"}}
    document = {"fileFormatVersion": "1.0.0", "itemInfoEntries": items, "rootModelIdentifier": "A"}
    raw = json.dumps(document | change).encode()
    log = Log()
    inspect_config(file_source(io.BytesIO(raw), len(raw)), log, "m.mlpackage/Manifest.json")
    return log.freeze("a test")


def test_a_package_and_other_manifests() -> None:
    assert looking.clean(manifest())
    assert looking.codes(manifest(rootModelIdentifier="B")) == {"bad-reference"}
    assert looking.codes(manifest(itemInfoEntries=[])) == {"bad-structure"}
    assert looking.codes(manifest(itemInfoEntries={"A": {"name": "x"}})) == {"bad-structure"}
    assert looking.codes(manifest(fileFormatVersion=1)) == {"bad-structure"}


@pytest.mark.parametrize("path", ["../../x", "/nonexistent/inert", "file:///x", "a\\..\\..\\x"])
def test_a_package_that_takes_what_is_not_in_it(path: str) -> None:
    (found,) = manifest(itemInfoEntries={"A": {"path": path}}).operations
    assert (found.verdict, found.rendered) == (Verdict.DANGEROUS, path)
