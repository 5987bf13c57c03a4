"""A model whose files, index and configuration are not of one piece, from the command line."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from tests.integration.conftest import Run

AS_OF = "2026-11-20"
A, B = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
INDEX = "model.safetensors.index.json"
RULES = ("inconsistent-shards", "contradicting-architecture")


@pytest.fixture
def run(run_here: Run) -> Run:
    """Nothing here needs a process of its own."""
    return run_here


def audited(run, folder: Path, *options: object) -> dict[str, dict]:
    done = run("audit", folder, "--offline", "--as-of", AS_OF, "--format", "json", *options)
    results = json.loads(done.stdout)["results"]
    return {result["rule"]: result for result in results if result["rule"] in RULES}


def messages(result: dict) -> list[str]:
    return [finding["message"] for finding in result["findings"]]


def test_a_model_of_one_piece_passes(run, model) -> None:
    found = audited(run, model("tiny-chat"))
    assert found["inconsistent-shards"]["outcome"] == "pass"
    assert found["contradicting-architecture"]["outcome"] == "not_applicable"


def test_a_shard_that_was_swapped_is_named(run, model) -> None:
    folder = model("unsigned_fail")
    swapped = folder / "swapped"
    (folder / A).rename(swapped)
    (folder / B).rename(folder / A)
    swapped.rename(folder / B)
    result = audited(run, folder)["inconsistent-shards"]
    assert result["outcome"] == "fail"
    assert result["closes_gate"]
    assert (
        f"embed.weight should be in {A} by the index, and it is in {B} (and 1 more)."
        in messages(result)
    )


@pytest.mark.parametrize("says", ["forgets a tensor", "names a file that is gone"])
def test_an_index_that_lies_is_named(run, model, says: str) -> None:
    folder = model("unsigned_fail")
    table = json.loads((folder / INDEX).read_text())
    if says == "forgets a tensor":
        del table["weight_map"]["norm.weight"]
    else:
        table["weight_map"]["norm.weight"] = "model-00003-of-00003.safetensors"
    (folder / INDEX).write_text(json.dumps(table))
    result = audited(run, folder)["inconsistent-shards"]
    assert result["outcome"] == "fail"
    assert any("norm.weight" in text or "00003" in text for text in messages(result))


def test_a_configuration_of_another_model_is_shown_and_points_at_the_file(
    run, model, tmp_path
) -> None:
    folder = model("unsigned_fail")
    for name in (A, B, INDEX):
        (folder / name).unlink()
    shapes = {"embed_tokens.weight": [32, 8], "layers.0.self_attn.q_proj.weight": [8, 8]}
    header: dict[str, object] = {}
    at = 0
    for name, (rows, columns) in shapes.items():
        length = 4 * rows * columns
        header[name] = {"dtype": "F32", "shape": [rows, columns], "data_offsets": [at, at + length]}
        at += length
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(at))
    config = {"architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "vocab_size": 32}
    (folder / "config.json").write_text(json.dumps(config))
    result = audited(run, folder, "--out", "pack")["contradicting-architecture"]
    assert (result["outcome"], result["closes_gate"]) == ("fail", False)
    (message,) = messages(result)
    assert message.startswith("The hidden size is 4096 by config.json, hidden_size, and 8 by the")
    sarif = json.loads((tmp_path / "pack" / "results.sarif").read_text())
    (place,) = [
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in sarif["runs"][0]["results"] if r["ruleId"] == "contradicting-architecture"
    ]  # fmt: skip
    assert place == "config.json"
    assert run("replay", "pack").returncode == 0
