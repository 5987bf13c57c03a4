"""Names that promise text, and indexes that say nothing."""

from __future__ import annotations

import json

import pytest

from weighbridge.model.artifact import Kind
from weighbridge.weights.identity import contradiction


@pytest.mark.parametrize("kind", [Kind.ZIP, Kind.PICKLE, Kind.XGBOOST_UBJSON, Kind.ELF, Kind.GZIP])
@pytest.mark.parametrize("name", ["a/config.json", "M.JSON", "x.yaml", "x.yml", "t.jinja", "m.py"])
def test_a_name_that_promises_text(name: str, kind: Kind) -> None:
    said = contradiction(name, kind)
    assert said.endswith(f"and the content is {kind.value}")
    assert said.startswith(f"the name promises {name.lower().rpartition('.')[2]} ")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("config.json", Kind.JSON), ("config.json", Kind.TEXT), ("model.json", Kind.XGBOOST_JSON),
        ("x.json", Kind.EMPTY), ("x.json", Kind.BINARY), ("x.json", Kind.UNREAD),
        ("x.yaml", Kind.TEXT), ("json", Kind.ZIP), ("config.json.gz", Kind.GZIP),
        ("flax_model.msgpack", Kind.MSGPACK), ("state.msgpack", Kind.BINARY),
    ],
)  # fmt: skip
def test_a_name_that_is_kept(name: str, kind: Kind) -> None:
    assert contradiction(name, kind) == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.skops", Kind.PICKLE), ("model.pt", Kind.SAFETENSORS), ("model.pth", Kind.GGUF),
        ("x.pt", Kind.GZIP), ("x.pkl", Kind.HDF5), ("x.joblib", Kind.ONNX), ("x.pb", Kind.TFLITE),
        ("x.zip", Kind.PICKLE), ("x.gz", Kind.ZIP), ("x.7z", Kind.ZIP), ("x.tgz", Kind.TAR),
        ("x.mlmodel", Kind.PICKLE), ("x.pdmodel", Kind.PICKLE), ("x.pte", Kind.TFLITE),
        ("x.ckpt", Kind.ONNX), ("x.nemo", Kind.ZIP), ("x.pdiparams", Kind.PICKLE),
    ],
)  # fmt: skip
def test_a_name_of_one_tool_over_content_of_another(name: str, kind: Kind) -> None:
    suffix = name.rpartition(".")[2]
    assert contradiction(name, kind) == (
        f"the name promises {suffix} and the content is {kind.value}"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.pt", Kind.TORCH_ZIP), ("model.pt", Kind.TORCH_LEGACY), ("old.pth", Kind.TAR),
        ("checkpoint.pth.tar", Kind.TORCH_ZIP), ("x.pkl", Kind.GZIP), ("x.pkl", Kind.TORCH_ZIP),
        ("x.joblib", Kind.LZ4), ("x.bin", Kind.SAFETENSORS), ("x.ckpt", Kind.HDF5),
        ("x.pb", Kind.ONNX), ("x.skops", Kind.ZIP), ("x.pdparams", Kind.PICKLE),
        ("model.nemo", Kind.GZIP), ("model.tar", Kind.GZIP), ("x.pt", Kind.BINARY),
    ],
)  # fmt: skip
def test_a_name_under_which_tools_write_it(name: str, kind: Kind) -> None:
    assert contradiction(name, kind) == ""


def test_a_msgpack_that_is_a_pickle_or_an_archive() -> None:
    for kind in (Kind.PICKLE, Kind.ZIP, Kind.SAFETENSORS):
        assert contradiction("flax_model.msgpack", kind)


@pytest.mark.parametrize(
    ("index", "good"),
    [
        ({}, False),
        ([], False),
        ({"metadata": {"total_size": 8}}, False),
        ({"weight_map": {"a": ""}}, False),
        ({"weight_map": {"a": "."}}, False),
        ({"weight_map": {"a": "shards/"}}, False),
        ({"weight_map": {"a": "x.safetensors"}, "metadata": {"total_size": -5}}, False),
        ({"weight_map": {"a": "x.safetensors"}, "metadata": {"total_size": 8.0}}, True),
        ({"weight_map": {"a": "x.safetensors"}, "metadata": None}, True),
        ({"weight_map": {}, "metadata": {}}, True),
    ],
)
@pytest.mark.parametrize("name", ["model.safetensors.index.json", "pytorch_model.bin.index.json"])
def test_an_index_says_where_tensors_are(look, name: str, index: object, good: bool) -> None:
    seen = look(json.dumps(index).encode(), Kind.JSON, name)
    assert (not seen.issues) is good


def test_another_index_need_not(look) -> None:
    assert not look(b"{}", Kind.JSON, "search.index.json").issues
