# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Models in several files: index against files, parts against each other."""

from __future__ import annotations

import time

import pytest

from weighbridge.model.errors import HostileInput
from weighbridge.weights.shards import (
    Disagreement,
    GgufPart,
    Shard,
    ShardIndex,
    gguf_disagreements,
    index_disagreements,
    parse_index,
)

A, B = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
INDEX = ShardIndex("model.safetensors.index.json", (("w", A), ("v", A), ("u", B)), 24)
SHARDS = (Shard(A, (("w", 8), ("v", 8))), Shard(B, (("u", 8),)))


def kinds(found: tuple[Disagreement, ...]) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in found]


@pytest.mark.parametrize(
    "table",
    [None, [], "x", {}, {"weight_map": []}, {"weight_map": {"w": 1}}, {"weight_map": {1: "w"}},
     {"weight_map": {"w": ["a"]}}],
)  # fmt: skip
def test_what_is_no_index(table: object) -> None:
    with pytest.raises(HostileInput):
        parse_index("i.json", table)


@pytest.mark.parametrize(
    ("total", "expected"),
    [(24, 24), (24.0, 24), (0, 0), (-1, -1), ("24", -1), (None, -1), (True, -1), (float("nan"), -1), (1e300, -1)],
)  # fmt: skip
def test_an_index_as_its_writers_write_it(total: object, expected: int) -> None:
    table = {"metadata": {"total_size": total}, "weight_map": {"w": A}}
    assert parse_index("i.json", table) == ShardIndex("i.json", (("w", A),), expected)
    assert parse_index("i.json", {"weight_map": {}, "metadata": None}).total_size == -1


def test_agreement_is_silent() -> None:
    assert index_disagreements(INDEX, SHARDS) == ()
    assert (
        index_disagreements(
            INDEX, SHARDS, present=["consolidated.safetensors", "model.safetensors"]
        )
        == ()
    )
    one = ShardIndex("i", (("w", "model.safetensors"),), 8)
    assert index_disagreements(one, [Shard("model.safetensors", (("w", 8),))]) == ()


def test_pickled_shards_have_no_lengths_and_no_total() -> None:
    shards = (Shard(A, (("w", -1), ("v", -1))), Shard(B, (("u", 8),)))
    assert index_disagreements(INDEX, shards) == ()


def test_a_file_that_was_not_read_is_not_compared() -> None:
    assert index_disagreements(INDEX, SHARDS[:1], present=[B]) == ()


CASES = {
    "missing-shard": (INDEX, SHARDS[:1], (), [("missing-shard", B)]),
    "outside": (ShardIndex("i", (("w", "../x.safetensors"),)), (), (), [("shard-outside", "../x.safetensors")]),
    "absolute": (ShardIndex("i", (("w", "/x.safetensors"),)), (), (), [("shard-outside", "/x.safetensors")]),
    "drive": (ShardIndex("i", (("w", "C:x"),)), (), (), [("shard-outside", "C:x")]),
    "no-name": (ShardIndex("i", (("w", ""),)), (), (), [("shard-outside", "")]),
    "not-in-index": (
        ShardIndex("i", (("w", A), ("v", A))), SHARDS, (),
        [("shard-not-in-index", B), ("shard-count", "model-*-of-00002.safetensors")]),
    "missing-tensor": (INDEX, (Shard(A, (("w", 8),)), SHARDS[1]), (), [("missing-tensor", "v"), ("total-size", "metadata.total_size")]),
    "wrong-shard": (INDEX, (Shard(A, (("w", 8), ("u", 8))), Shard(B, (("v", 8),))), (),
                    [("tensor-in-wrong-shard", "v"), ("tensor-in-wrong-shard", "u")]),
    "twice": (INDEX, (SHARDS[0], Shard(B, (("u", 8), ("w", 8)))), (), [("tensor-twice", "w"), ("total-size", "metadata.total_size")]),
    "new-tensor": (INDEX, (SHARDS[0], Shard(B, (("u", 8), ("x", 0)))), (), [("tensor-not-in-index", "x")]),
    "total": (ShardIndex("i", INDEX.weight_map, 25), SHARDS, (), [("total-size", "metadata.total_size")]),
    "gap-in-the-series": (
        ShardIndex("i", (("w", "m-00001-of-00003.bin"), ("v", "m-00003-of-00003.bin"))), (),
        ("m-00001-of-00003.bin", "m-00003-of-00003.bin"), [("shard-count", "m-*-of-00003.bin")]),
    "shard-zero": (ShardIndex("i", (("w", "m-00000-of-00001.bin"),)), (), ("m-00000-of-00001.bin",),
                   [("shard-count", "m-*-of-00001.bin")]),
}  # fmt: skip


@pytest.mark.parametrize(("index", "shards", "present", "expected"), CASES.values(), ids=CASES)
def test_a_disagreement(index, shards, present, expected) -> None:
    assert kinds(index_disagreements(index, shards, present)) == expected


def test_both_values_stand_in_it() -> None:
    (one,) = index_disagreements(ShardIndex("i.json", INDEX.weight_map, 25), SHARDS)
    assert one == Disagreement("total-size", "i.json", "metadata.total_size", "25", "24")


def part(number: int, *tensors: str, count: int = 2, total: int = 3, name: str = "") -> GgufPart:
    file = name or f"m-{number + 1:05d}-of-00002.gguf"
    return GgufPart(file, tuple((tensor, 8) for tensor in tensors), number, count, total)


def test_parts_that_agree() -> None:
    assert gguf_disagreements([part(0, "a", "b"), part(1, "c")]) == ()
    assert gguf_disagreements([part(0), part(1, "a", "b", "c")]) == ()
    assert gguf_disagreements([GgufPart("model.gguf", (("a", 8),))]) == ()


PARTS = {
    "missing": ([part(0, "a", "b")], [("shard-count", "m-*-of-00002.gguf")]),
    "total": ([part(0, "a"), part(1, "c")], [("tensor-count", "split.tensors.count")]),
    "twice": ([part(0, "a", "b"), part(1, "a", "c")], [("tensor-twice", "a")]),
    "number": ([part(0, "a", "b"), part(0, "c", name="m-00002-of-00002.gguf")], [("shard-number", "split.no")]),
    "count": ([part(0, "a", "b"), part(1, "c", count=3)], [("shard-count", "split.count")] * 2),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), PARTS.values(), ids=PARTS)
def test_parts_that_do_not_agree(parts, expected) -> None:
    assert kinds(gguf_disagreements(parts)) == expected


def test_a_hundred_thousand_tensors_are_compared_fast() -> None:
    names = [f"model.layers.{i}.mlp.experts.{j}.w" for i in range(100) for j in range(1000)]
    files = [f"m-{i:05d}-of-00100.bin" for i in range(1, 101)]
    index = ShardIndex("i", tuple((name, files[n % 100]) for n, name in enumerate(names)), -1)
    shards = [
        Shard(file, tuple((name, 8) for name in names[n + 1 :: 100]))
        for n, file in enumerate(files)
    ]
    started = time.process_time()
    found = index_disagreements(index, shards)
    assert time.process_time() - started < 3
    assert 0 < len(found) <= 1000
    assert {one.kind for one in found} >= {"tensor-in-wrong-shard"}
