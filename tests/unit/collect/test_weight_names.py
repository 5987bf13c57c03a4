"""Which files of a folder are looked into: none that a framework would load is left alone."""

from __future__ import annotations

import pytest

from weighbridge.collect.weights import is_inspected
from weighbridge.model.artifact import Artifact, Kind, Presence


def inspected(path: str, kind: Kind = Kind.BINARY) -> bool:
    return is_inspected(Artifact(path, 8, kind, Presence.CONTENT))


@pytest.mark.parametrize(
    "path",
    [
        "m.mlmodel", "M.mlpackage/Data/com.apple.CoreML/model.mlmodel", "M.mlpackage/Manifest.json",
        "inference.pdmodel", "inference.pdiparams", "inference.json", "x.pdparams", "x.pdopt",
        "model.json", "a/model.ckpt-1000.meta", "saved_model.pbtxt", "frozen_graph.pbtxt",
        "mobile.ptl", "model.onnx_data",
        # no reader here knows these: they are said to be not inspected
        "model.ort", "model.engine", "net.caffemodel", "yolo.weights", "x.mnn", "x.rknn", "x.dlc",
    ],
)  # fmt: skip
def test_what_a_framework_would_load_is_looked_into(path: str) -> None:
    assert inspected(path)


@pytest.mark.parametrize(
    "path",
    ["README.md", "labels.pbtxt", "Manifest.json", "a.meta", "package.json", "tokenizer.model"],
)
def test_other_files_are_left_alone(path: str) -> None:
    assert not inspected(path, Kind.TEXT)
