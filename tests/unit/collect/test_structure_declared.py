# ruff: noqa: E501 - a configuration reads best as one line
"""Configuration, card and GGUF's own keys against the tensors."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from structure_build import (
    CONFIG,
    COUNT,
    FIRST,
    LLAMA,
    POINTER,
    SECOND,
    Shapes,
    architecture,
    collect,
    conclude,
    gguf,
    part,
    safetensors,
    split,
)

from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.rules.weights import contradicting_architecture, inconsistent_shards

# --- architecture ------------------------------------------------------------------------------


def told(evidence: tuple[Evidence, ...]) -> list[tuple[str, str, str]]:
    return [
        (m["what"], m["declared"], m["found"])
        for e in evidence
        for m in e.data.get("mismatches", ())
    ]


@pytest.mark.parametrize("files", [split(FIRST, SECOND), {"model.safetensors": safetensors(LLAMA)}])
def test_a_configuration_that_is_right_passes(
    tmp_path: Path, files: dict[str, bytes | str]
) -> None:
    evidence = collect(tmp_path, files | {"config.json": json.dumps(CONFIG)})
    assert conclude(contradicting_architecture, evidence).outcome is Outcome.PASS
    (compared,) = part(evidence).data["compared"]
    assert compared["what"] == (
        "hidden size", "inner size of a layer", "number of layers", "size of the vocabulary", "type",
    )  # fmt: skip


def test_a_configuration_that_lies_is_named_with_both_values(tmp_path: Path) -> None:
    config = CONFIG | {"num_hidden_layers": 32, "torch_dtype": "float32"}
    evidence = collect(tmp_path, split(FIRST, SECOND) | {"config.json": json.dumps(config)})
    found = conclude(contradicting_architecture, evidence).findings
    assert {(f.key, f.severity) for f in found} == {
        ("number of layers: num_hidden_layers", "medium"), ("type: torch_dtype", "low"),
    }  # fmt: skip
    assert {f.location.path for f in found if f.location} == {"config.json"}
    assert told(evidence) == [("number of layers", "32", "2"), ("type", "float32", "BF16")]


@pytest.mark.parametrize("config", ["{", "[]", '{"hidden_size": 1, "hidden_size": 2}', POINTER])
def test_a_configuration_that_cannot_be_read_is_unknown(tmp_path: Path, config: str) -> None:
    evidence = collect(tmp_path, {"model.safetensors": safetensors(LLAMA), "config.json": config})
    assert conclude(contradicting_architecture, evidence).outcome is Outcome.UNKNOWN


def test_what_a_configuration_is_not_about_is_not_compared(tmp_path: Path) -> None:
    files = {"adapter_model.safetensors": safetensors({"w": (2, 2)}, "F32"), "config.json": json.dumps(CONFIG),
             "model.fp16.safetensors": safetensors(LLAMA, "F32"), "model-q4.gguf": gguf({"w": (4,)})}  # fmt: skip
    evidence = collect(tmp_path, files)
    assert conclude(contradicting_architecture, evidence).outcome is Outcome.NOT_APPLICABLE


CARDS = {
    "front": ("---\nparameters: 7B\n---\n", ["number of parameters: parameters"]),
    "front-integer": ("---\nnum_parameters: 7000000000\n---\n", ["number of parameters: num_parameters"]),
    "hub": (f"---\nsafetensors: {{total: {COUNT + 1}}}\n---\n", ["number of parameters: safetensors.total"]),
    "line": ("# T\n\n- **Number of Parameters:** 7.61B\n", ["number of parameters: its text"]),
    "row": ("| Parameters | 1.5 billion |\n", ["number of parameters: its text"]),
    "right": ("---\nparameters: 3.328K\n---\nModel size: ~3.328K params\n", []),
    "rounded": ("Parameters: ~3.3K\n", []),
    "hub-right": (f"---\nsafetensors: {{total: {COUNT}}}\n---\n", []),
    "several": ("Parameters: 7B\n\nParameters: 70B\n", []),
    "prose": ("It has 7B parameters, of which 3B are active.\nParameters: temperature 7\n", []),
    "inference": ("---\nparameters: {temperature: 7}\nmodel_size: 4.5 GB\n---\n", []),
}  # fmt: skip


NOT_COMPARED = {CARDS[name][0] for name in ("several", "prose", "inference")}


@pytest.mark.parametrize(("card", "expected"), CARDS.values(), ids=CARDS)
def test_a_number_of_parameters_in_a_card(tmp_path: Path, card: str, expected: list[str]) -> None:
    evidence = collect(tmp_path, {"model.safetensors": safetensors(LLAMA), "README.md": card})
    assert architecture(evidence) == expected
    lines = {m["line"] for m in part(evidence).data["mismatches"]}
    assert lines <= {
        1 + card[: card.find(word)].count("\n") for word in ("7.61B", "total", "7B", "7000", "1.5")
    }
    compared = [c for c in part(evidence).data["compared"] if c["path"] == "README.md"]
    assert bool(compared) == (card not in NOT_COMPARED)


def test_a_count_in_the_index_is_compared_within_a_factor_of_two(tmp_path: Path) -> None:
    assert (
        architecture(collect(tmp_path, split(FIRST, SECOND, total_parameters=COUNT * 3 // 2))) == []
    )
    evidence = collect(tmp_path, split(FIRST, SECOND, total_parameters=7))
    (finding,) = conclude(contradicting_architecture, evidence).findings
    assert (finding.key, finding.severity) == (
        "number of parameters: metadata.total_parameters",
        "low",
    )


def test_gguf_is_held_against_its_own_keys(tmp_path: Path) -> None:
    tensors: Shapes = {"token_embd.weight": (96, 16), "blk.0.w": (4,), "blk.1.w": (4,)}
    keys: dict[str, Any] = {
        "general__architecture": "llama",
        "llama__block_count": 2,
        "llama__embedding_length": 16,
    }
    right = collect(tmp_path, {"m.gguf": gguf(tensors, **keys)})
    assert conclude(contradicting_architecture, right).outcome is Outcome.PASS
    wrong = collect(
        tmp_path,
        {"m.gguf": gguf(tensors, **keys | {"llama__block_count": 3, "llama__embedding_length": 8})},
    )
    assert told(wrong) == [("number of layers", "3", "2"), ("hidden size", "8", "16")]
    adapter = gguf(tensors, **keys | {"general__type": "adapter", "llama__block_count": 3})
    assert architecture(collect(tmp_path, {"m.gguf": adapter})) == []


def test_folders_are_told_apart_and_in_order(tmp_path: Path) -> None:
    files = {"unet/diffusion_pytorch_model.safetensors": safetensors({"w": (2, 2)}),
             "text_encoder/model.safetensors": safetensors(LLAMA),
             "text_encoder/config.json": json.dumps(CONFIG | {"num_hidden_layers": 3}),
             "unet/config.json": json.dumps({"_class_name": "UNet2DConditionModel"}), "README.md": "# P"}  # fmt: skip
    evidence = collect(tmp_path, files)
    assert [e.about for e in evidence] == ["text_encoder", "text_encoder", "unet", "unet"]
    (finding,) = conclude(contradicting_architecture, evidence).findings
    assert finding.location
    assert finding.location.path == "text_encoder/config.json"
    assert [e.digest for e in evidence] == [e.digest for e in collect(tmp_path, {})]


def test_no_header_no_claim(tmp_path: Path) -> None:
    (found,) = collect(tmp_path, {"w.pkl": b"\x80\x04N.", "config.json": json.dumps(CONFIG)})
    assert (found.state, found.about) == (EvidenceState.ABSENT, "")
    for rule in (inconsistent_shards, contradicting_architecture):
        assert conclude(rule, (found,)).outcome is Outcome.NOT_APPLICABLE
        assert conclude(rule, ()).outcome is Outcome.UNKNOWN


def test_a_broken_card_leaves_the_files_compared(tmp_path: Path) -> None:
    evidence = collect(tmp_path, split(FIRST, SECOND) | {"README.md": "---\nlicense: [mit\n---\n"})
    assert conclude(inconsistent_shards, evidence).outcome is Outcome.PASS
    assert conclude(contradicting_architecture, evidence).outcome is Outcome.UNKNOWN


def test_a_model_that_nothing_is_said_of_may_be_away(tmp_path: Path) -> None:
    files = {"model.safetensors": safetensors(LLAMA), "config.json": json.dumps(CONFIG)}
    evidence = collect(tmp_path, files | {"adapter_model.safetensors": POINTER})
    assert conclude(contradicting_architecture, evidence).outcome is Outcome.PASS
    assert [m["whole"] for m in part(evidence).data["models"]] == [False, True]


def test_torch_tells_the_types_of_its_storages(tmp_path: Path) -> None:
    pickled = (
        b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n"
        b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"
        b"K\x00K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtRu."
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in (
            ("data.pkl", pickled),
            ("byteorder", b"little"),
            ("data/0", bytes(24)),
            ("version", b"3\n"),
        ):
            archive.writestr(f"archive/{name}", data)
    evidence = collect(
        tmp_path, {"pytorch_model.bin": made.getvalue(), "config.json": json.dumps(CONFIG)}
    )
    assert told(evidence) == [("type", "bfloat16", "F32")]
    assert architecture(collect(tmp_path, {"config.json": '{"torch_dtype": "float32"}'})) == []
