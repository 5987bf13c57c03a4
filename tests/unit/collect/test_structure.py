# ruff: noqa: E501 - an index reads best as one line
"""Index and files: lies are named, honest models are silent, hostile files end at a bound."""

from __future__ import annotations

import json
import struct
import time
from pathlib import Path

import pytest
from structure_build import (
    CONFIG,
    COUNT,
    FIRST,
    INDEX,
    LLAMA,
    POINTER,
    SECOND,
    A,
    B,
    architecture,
    collect,
    conclude,
    gguf,
    index,
    part,
    safetensors,
    shards,
    split,
)

from weighbridge.collect import structure_headers, structure_models
from weighbridge.model.codec import from_json, to_json
from weighbridge.model.evidence import Evidence, EvidenceState
from weighbridge.model.finding import Outcome
from weighbridge.rules.weights import inconsistent_shards

# --- hostile files -----------------------------------------------------------------------------

BROKEN = {
    "no-json": "{",
    "no-map": "{}",
    "twice": '{"weight_map": {"w": "a", "w": "b"}}',
    "number": '{"weight_map": {"w": 1}}',
    "list": "[]",
    "not-utf8": b"\xff\xfe{}",
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_an_index_that_two_readers_could_read_differently_fails(
    tmp_path: Path, content: bytes | str
) -> None:
    evidence = collect(tmp_path, {A: safetensors(FIRST), B: safetensors(SECOND), INDEX: content})
    assert shards(evidence) == [f"index-malformed: {INDEX}"]


def test_deep_nesting_is_unknown_and_not_a_crash(tmp_path: Path) -> None:
    evidence = collect(
        tmp_path, {A: safetensors(FIRST), B: safetensors(SECOND), INDEX: "[" * 200_000}
    )
    assert shards(evidence) == ["not-read"]


@pytest.mark.parametrize("side", [2**60, 10**4000])
def test_a_shape_beyond_every_file_is_not_compared(tmp_path: Path, side: int) -> None:
    header = json.dumps(
        {"w": {"dtype": "U8", "shape": [side, side], "data_offsets": [0, side]}}
    ).encode()
    bad = struct.pack("<Q", len(header)) + header
    evidence = collect(tmp_path, {"model.safetensors": bad, "config.json": json.dumps(CONFIG)})
    assert part(evidence).state is EvidenceState.UNAVAILABLE
    assert architecture(evidence) == ["not-read"]


def test_numbers_that_json_cannot_hold_are_cut(tmp_path: Path) -> None:
    side = 2**52
    header = json.dumps(
        {"w": {"dtype": "U8", "shape": [side, side], "data_offsets": [0, 8]}}
    ).encode()
    evidence = collect(
        tmp_path, {"model.safetensors": struct.pack("<Q", len(header)) + header + bytes(8)}
    )
    found = part(evidence)
    assert found.data["models"][0]["parameters"] == 2**53 - 1
    assert from_json(Evidence, to_json(found)).digest == found.digest


@pytest.mark.parametrize("name", ["../x.safetensors", "/etc/passwd", "C:x", ""])
def test_an_index_that_points_out_of_the_folder_fails(tmp_path: Path, name: str) -> None:
    files = split(FIRST, SECOND) | {INDEX: json.dumps(index(**{A: FIRST, B: SECOND, name: ["x"]}))}
    assert shards(collect(tmp_path, files)) == [
        f"shard-outside: {name}" if name else "shard-outside"
    ]


def test_names_with_control_characters_are_escaped(tmp_path: Path) -> None:
    files = split(FIRST, SECOND) | {INDEX: json.dumps(index(**{A: FIRST, B: [*SECOND, "\x1b[2J"]}))}
    evidence = collect(tmp_path, files)
    (finding,) = conclude(inconsistent_shards, evidence).findings
    assert "\x1b" not in finding.message
    assert "\\x1b[2J" in finding.message


def test_many_disagreements_are_bounded_and_none_of_its_kind_is_pushed_out(tmp_path: Path) -> None:
    lost = {f"lost.{i}": "model-00001-of-00002.safetensors" for i in range(1000)}
    table = {
        "weight_map": lost
        | dict.fromkeys(SECOND, B)
        | dict.fromkeys(FIRST, A)
        | {"z": "gone.safetensors"}
    }
    evidence = collect(tmp_path, split(FIRST, SECOND) | {INDEX: json.dumps(table)})
    facts = part(evidence, "shards").data
    assert len(facts["disagreements"]) == 200 < facts["disagreement_count"]
    assert shards(evidence) == ["more", "missing-tensor", "missing-shard: gone.safetensors"]


def test_many_indexes_of_one_file_end_at_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure_models, "MAX_COMPARED", 20)
    table = json.dumps(index(**{A: FIRST, B: SECOND}))
    files = split(FIRST, SECOND) | {f"m{i}.safetensors.index.json": table for i in range(9)}
    assert shards(collect(tmp_path, files)) == ["not-read"]


def test_more_tensors_than_are_held_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure_headers, "MAX_TENSORS", 3)
    evidence = collect(tmp_path, split(FIRST, SECOND))
    found = part(evidence, "shards")
    assert (found.state, shards(evidence)) == (EvidenceState.UNAVAILABLE, ["not-read"])
    assert "bound of 3 tensors" in found.reason


def test_a_card_line_made_to_be_slow_is_read_fast(tmp_path: Path) -> None:
    card = ("* " * 90 + "parameters" + "\n") * 2000 + ("parameters:" + " " * 180 + "x\n") * 2000
    started = time.process_time()
    collect(tmp_path, {"model.safetensors": safetensors(LLAMA), "README.md": card})
    assert time.process_time() - started < 2


# --- shards ------------------------------------------------------------------------------------

TOTAL = 2 * COUNT
LIES: dict[str, tuple[dict[str, bytes | str], list[str]]] = {
    "swapped": ({A: safetensors(SECOND), B: safetensors(FIRST)}, ["tensor-in-wrong-shard", "tensor-in-wrong-shard"]),
    "twice": ({B: safetensors(SECOND | FIRST)}, ["total-size: metadata.total_size", "tensor-twice"]),
    "forgotten": ({INDEX: json.dumps(index(**{A: FIRST}))}, ["shard-count: model-*-of-00002.safetensors", "shard-not-in-index: " + B]),
    "total": ({INDEX: json.dumps({"metadata": {"total_size": 7}, **index(**{A: FIRST, B: SECOND})})}, ["total-size: metadata.total_size"]),
    "unnamed": ({B: safetensors(SECOND | {"lm_head.weight": (96, 16)})}, ["total-size: metadata.total_size", "tensor-not-in-index"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), LIES.values(), ids=LIES)
def test_a_lie_of_the_index_is_found(
    tmp_path: Path, files: dict[str, bytes | str], expected: list[str]
) -> None:
    evidence = collect(tmp_path, split(FIRST, SECOND, total_size=TOTAL) | files)
    assert sorted(shards(evidence)) == sorted(expected)


def test_a_missing_shard_is_found_and_the_architecture_is_then_unknown(tmp_path: Path) -> None:
    files = split(FIRST, SECOND) | {"config.json": json.dumps(CONFIG)}
    del files[B]
    evidence = collect(tmp_path, files)
    assert shards(evidence) == [f"missing-shard: {B}"]
    assert architecture(evidence) == ["not-read"]


def test_a_whole_model_passes(tmp_path: Path) -> None:
    evidence = collect(tmp_path, split(FIRST, SECOND, total_size=TOTAL))
    assert conclude(inconsistent_shards, evidence).outcome is Outcome.PASS
    (model,) = part(evidence).data["models"]
    assert (model["layout"], model["parameters"], model["whole"]) == ("llama", COUNT, True)
    assert model["sizes"] == {"layers": 2, "hidden": 16, "vocabulary": 96, "inner": 40, "query": 16}


def test_a_file_that_is_cut_short_still_holds_what_its_header_says(tmp_path: Path) -> None:
    assert shards(collect(tmp_path, split(FIRST, SECOND) | {B: safetensors(SECOND, cut=9)})) == []


def test_the_total_of_older_mlx_is_that_of_the_files(tmp_path: Path) -> None:
    size = len(safetensors(FIRST)) + len(safetensors(SECOND))
    assert shards(collect(tmp_path, split(FIRST, SECOND, total_size=size))) == []


def test_pointers_are_there_and_unknown(tmp_path: Path) -> None:
    evidence = collect(tmp_path, split(FIRST, SECOND) | {B: POINTER})
    assert shards(evidence) == ["not-read"]
    assert part(evidence, "shards").state is EvidenceState.UNAVAILABLE
    assert part(evidence).data["models"][0]["tensors"] == len(FIRST)


def test_an_index_that_outlived_its_files_is_a_trifle(tmp_path: Path) -> None:
    left = json.dumps(index(**{"pytorch_model-00001-of-00001.bin": ["w"]}))
    files = {"model.safetensors": safetensors(LLAMA), "pytorch_model.bin.index.json": left}
    (finding,) = conclude(inconsistent_shards, collect(tmp_path, files)).findings
    assert (finding.key.partition(":")[0], finding.severity) == ("no-shard", "low")
    (tmp_path / "model.safetensors").unlink()
    assert shards(collect(tmp_path, {})) == ["missing-shard: pytorch_model-00001-of-00001.bin"]


def test_series_without_an_index(tmp_path: Path) -> None:
    assert shards(collect(tmp_path, {A: safetensors(FIRST), B: safetensors(SECOND)})) == []
    assert shards(collect(tmp_path, {B: safetensors(SECOND | FIRST)})) == ["tensor-twice"]
    (tmp_path / B).unlink()
    missing = collect(tmp_path, {"config.json": "{}"})
    assert shards(missing) == ["shard-count: model-*-of-00002.safetensors"]


def test_one_file_of_a_series_alone_is_no_lie(tmp_path: Path) -> None:
    evidence = collect(tmp_path, {A: safetensors(FIRST)})
    assert conclude(inconsistent_shards, evidence).outcome is Outcome.NOT_APPLICABLE


def test_parts_of_gguf(tmp_path: Path) -> None:
    def part(number: int, *names: str, total: int = 2) -> bytes:
        return gguf(
            dict.fromkeys(names, (4,)),
            split__no=number,
            split__count=2,
            split__tensors__count=total,
        )

    one, two = "m-00001-of-00002.gguf", "m-00002-of-00002.gguf"
    assert shards(collect(tmp_path, {one: part(0, "a"), two: part(1, "b")})) == []
    assert shards(collect(tmp_path, {two: part(1, "a")})) == [
        "tensor-count: split.tensors.count",
        "tensor-twice",
    ]
    assert shards(collect(tmp_path, {two: POINTER})) == ["not-read"]
    (tmp_path / two).unlink()
    (tmp_path / one).rename(tmp_path / "model.gguf")
    evidence = collect(tmp_path, {"other.gguf": gguf({"a": (4,)}, split__count=0)})
    assert shards(evidence) == ["shard-count: split.count"]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_shard_that_could_not_be_taken_up_is_there_and_unknown(
    tmp_path: Path, indexed: bool
) -> None:
    files = split(FIRST, SECOND, total_size=1)
    del files[B]
    if not indexed:
        del files[INDEX]
    (tmp_path / B).symlink_to("/nowhere/at/all")
    assert shards(collect(tmp_path, files)) == ["not-read"]
