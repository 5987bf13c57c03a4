"""TensorFlow's graphs: operators, file names, constants, what strings hide."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.weights.tensorflow import graph as graph_module
from weighbridge.weights.tensorflow import inputs, inspect_graph, operators

OUTSIDE = "/nonexistent/inert"


def look(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> Any:
    return looking.seen(inspect_graph, b.graph(*nodes, functions=functions))


def identity(name: str, *inputs: str, op: str = "Identity") -> bytes:
    return b.node(op, name, inputs, b.attr("T", (6, 7)))


@pytest.mark.parametrize("op", sorted(operators.ALWAYS))
def test_an_operator_that_reaches_out(op: str) -> None:
    expected = {op: operators.ALWAYS[op].verdict.value}
    assert b.named(look(b.node(op))) == expected
    assert (
        b.named(look(b.node("NoOp"), functions=(b.function("f", ["x"], b.node(op)),))) == expected
    )


@pytest.mark.parametrize("op", ["InertRunCommand", "Nobody>Op", "", "IO>KafkaReadableInit"])
def test_an_operator_of_nobodys_library(op: str) -> None:
    assert b.named(look(b.node(op))) == {op or "<empty>": "unlisted-call"}


def test_an_operator_that_is_a_function_of_the_graph() -> None:
    """TensorFlow 1 calls functions by their name."""
    function = b.function("my_function", ["x"], b.node("Add"))
    assert looking.clean(look(b.node("my_function"), functions=(function,)))
    evil = b.function("my_function", ["x"], b.node("SaveV2", "s", ["x"]))
    seen = look(b.text_const("c", OUTSIDE), b.node("my_function", "n", ["c"]), functions=(evil,))
    assert b.named(seen) == {"SaveV2": "dangerous"}


@pytest.mark.parametrize(
    ("op", "key", "bad", "good"),
    [
        ("PrintV2", "output_stream", "file:///nonexistent/inert", "stderr"),
        ("DebugIdentity", "debug_urls", "file:///nonexistent", ""),
        ("DebugNumericSummary", "debug_urls", "grpc://nowhere.invalid:1", ""),
        ("DecodeProtoV2", "descriptor_source", OUTSIDE, "local://"),
        ("EncodeProto", "descriptor_source", OUTSIDE, "bytes://abc"),
        ("ImmutableConst", "memory_region_name", OUTSIDE, "memmapped_package://w"),
        ("FixedUnigramCandidateSampler", "vocab_file", OUTSIDE, ""),
    ],
)
def test_an_attribute_that_reaches_out(op: str, key: str, bad: str, good: str) -> None:
    assert b.named(look(b.node(op, "n", (), b.attr(key, (2, bad))))) == {op: "dangerous"}
    in_list = b.attr(key, (1, b.message((2, bad))))
    assert b.named(look(b.node(op, "n", (), in_list))) == {op: "dangerous"}
    # a debugger's operators are odd in a model whatever they are given
    odd = {op: "unlisted"} if op.startswith("Debug") else {}
    for node in (b.node(op, "n", (), b.attr(key, (2, good))), b.node(op)):
        assert (b.named(look(node)), look(node).issues, look(node).gaps) == (odd, (), ())


@pytest.mark.parametrize("op", ["ScalarSummary", "MergeSummary", "LookupTableExportV2", "Print"])
def test_what_only_hands_on_tensors_is_nothing(op: str) -> None:
    assert looking.clean(look(b.node(op)))


def test_a_compiled_module_that_calls_python() -> None:
    def module(text: bytes) -> Any:
        return look(b.node("XlaCallModule", "n", (), b.attr("module", (2, b"ML\xefR" + text * 9))))

    assert b.named(module(b"xla_python_cpu_callback")) == {"XlaCallModule": "dangerous"}
    assert looking.clean(module(b"stablehlo.add  "))


WRITERS = ["SaveV2", "Save", "SaveSlices", "MergeV2Checkpoints"]


@pytest.mark.parametrize("op", WRITERS)
@pytest.mark.parametrize(
    "path", [OUTSIDE, "~/x", "../x", "a/../../x", "C:\\x", "\\\\host\\x", "gs://bucket/x"]
)
def test_a_saver_that_writes_elsewhere(op: str, path: str) -> None:
    seen = look(b.text_const("c", path), b.node(op, "s", ["c", "c"]))
    assert b.named(seen) == {op: "dangerous"}


@pytest.mark.parametrize("op", [*WRITERS, "MatchingFiles"])
def test_a_file_name_that_is_computed(op: str) -> None:
    nodes = (
        b.text_const("c", "x"),
        b.node("DecodeBase64", "d", ["c"]),
        b.node(op, "s", ["d", "d"]),
    )
    assert b.named(look(*nodes)) == {op: "unlisted-call"}
    assert b.named(look(b.node(op, "s"))) == {op: "unlisted-call"}


@pytest.mark.parametrize("op", [*WRITERS, "RestoreV2", "MatchingFiles"])
def test_a_file_name_that_the_caller_gives(op: str) -> None:
    nodes = (
        b.text_const("default", "model"), b.text_const("part", "_temp/part"),
        b.node("Placeholder", "i"), b.node("Placeholder", "n"),
        identity("name", "default", op="PlaceholderWithDefault"),
        b.node("StringJoin", "joined", ["name", "part"]),
        b.node("ShardedFilename", "sharded", ["joined", "i", "n"]),
        identity("packed", "sharded", "joined", op="Pack"),
        b.node(op, "s", ["packed", "name"]),
    )  # fmt: skip
    assert looking.clean(look(*nodes))


def _traced(*chain: bytes, last: str) -> dict[str, str]:
    found: dict[str, str] = b.named(look(b.text_const("c", OUTSIDE), b.text_const("root", "/"),
                                         b.text_const("empty", ""), *chain,
                                         b.node("SaveV2", "s", [last])))  # fmt: skip
    return found


def test_a_file_name_is_followed_through_the_graph() -> None:
    bad = {"SaveV2": "dangerous"}
    assert _traced(identity("i", "c"), identity("j", "i:0"), last="j") == bad
    assert _traced(b.node("StringJoin", "j", ["root", "d"]), last="j") == bad
    assert _traced(b.node("StringJoin", "j", ["empty", "root"]), last="j") == bad
    assert _traced(b.node("StringJoin", "j", ["empty", "c", "d"]), last="j") == bad
    select = identity("w", "cond", "c", "empty", op="SelectV2")
    assert _traced(select, last="w") == bad
    default = identity("p", "c", op="PlaceholderWithDefault")
    assert _traced(default, last="p") == bad
    variable = b.node("VarHandleOp", "v", (), b.attr("dtype", (6, 7)))
    assign = b.node("AssignVariableOp", "a", ["v", "c"], b.attr("dtype", (6, 7)))
    read = b.node("ReadVariableOp", "r", ["v"], b.attr("dtype", (6, 7)))
    assert _traced(variable, assign, read, last="r") == bad
    assert _traced(variable, read, last="r") == {}


def test_a_file_name_is_followed_into_functions() -> None:
    inner = b.function("inner", ["skip", "name"], b.node("SaveV2", "s", ["name"]))
    outer = b.function("outer", ["name"], b.call("c", "inner", "name", "name"))
    nodes = (b.text_const("c", OUTSIDE), identity("p", op="Placeholder"))
    bad = look(*nodes, b.call("x", "outer", "c"), functions=(inner, outer))
    assert b.named(bad) == {"SaveV2": "dangerous"}
    assert looking.clean(look(*nodes, b.call("x", "outer", "p"), functions=(inner, outer)))
    branch = b.node(
        "If", "i", ["cond", "p", "c"], b.attr("then_branch", (10, b.message((1, "inner"))))
    )
    assert b.named(look(*nodes, branch, functions=(inner,))) == {"SaveV2": "dangerous"}


def test_functions_that_call_each_other_without_end() -> None:
    one = b.function("one", ["n"], b.call("c", "two", "n"), b.node("SaveV2", "s", ["n"]))
    two = b.function("two", ["n"], b.call("c", "one", "n"))
    assert looking.clean(look(b.node("NoOp"), functions=(one, two)))
    loop = (identity("a", "b"), identity("b", "a"), b.node("SaveV2", "s", ["a"]))
    assert looking.clean(look(*loop))


def test_tables_caches_and_events() -> None:
    def table(path: str, op: str = "InitializeTableFromTextFileV2") -> dict[str, str]:
        found: dict[str, str] = b.named(look(b.text_const("c", path), b.node(op, "t", ["h", "c"])))
        return found

    assert table("words.txt") == {}
    assert list(table(OUTSIDE).values()) == ["unlisted-call"]
    assert list(table("https://nowhere.invalid/w").values()) == ["dangerous"]
    assert table("", "CacheDatasetV2") == {}
    assert table("cache", "CacheDatasetV2") == {"CacheDatasetV2": "dangerous"}
    assert table("logs", "CreateSummaryFileWriter") == {"CreateSummaryFileWriter": "dangerous"}
    restore = look(b.text_const("c", "gs://bucket/x"), b.node("RestoreV2", "r", ["c"]))
    assert b.named(restore) == {"RestoreV2": "unlisted-call"}
    local = look(b.text_const("c", "/home/someone/bert.ckpt"), b.node("RestoreV2", "r", ["c"]))
    assert looking.clean(local)


def const(dtype: int, shape: list[int], *rest: tuple[int, Any]) -> Any:
    value = b.attr("value", (8, b.tensor(dtype, shape, *rest)))
    return look(b.node("Const", "c", (), b.attr("dtype", (6, dtype)), value))


@pytest.mark.parametrize(
    ("dtype", "shape", "content", "issue"),
    [
        (1, [2, 3], b"\0" * 23, "size-mismatch"),
        (1, [2, 3], b"\0" * 28, "size-mismatch"),
        (1, [2**40, 2**40], b"\0" * 4, "bad-shape"),
        (1, [-1], b"\0" * 4, "bad-shape"),
        (99, [1], b"\0" * 4, "unknown-type"),
        (1, [1] * 300, b"\0" * 4, "bad-shape"),
    ],
)
def test_a_constant_that_contradicts_itself(
    dtype: int, shape: list[int], content: bytes, issue: str
) -> None:
    assert issue in looking.codes(const(dtype, shape, (4, content)))


def test_constants_as_they_should_be() -> None:
    seen = const(1, [2, 3], (4, struct.pack("<6f", *range(6))))
    assert looking.clean(seen)
    assert (seen.tensors, seen.parameters, seen.dtypes) == (1, 6, ("float32",))
    assert looking.clean(const(1, [2**20], (5, 0)))  # one value stands for all
    assert looking.clean(const(7, [3], (8, "a"), (8, "b"), (8, "c")))
    assert looking.clean(const(3, []))
    assert looking.clean(const(29, [5], (4, b"\1\2\3\4\5")))
    assert "size-mismatch" in looking.codes(const(7, [2], *[(8, "a")] * 3))


@pytest.mark.parametrize(
    ("payload", "issue"),
    [(b.ELF, "executable-content"), (b.PICKLE, "hidden-pickle"), (b.ZIP, "hidden-archive"),
     (b"#!/bin/sh\necho inert\n", "executable-content")],
)  # fmt: skip
def test_what_texts_and_attributes_hide(payload: bytes, issue: str) -> None:
    assert issue in looking.codes(look(b.text_const("c", payload)))
    long = payload + b"\0" * 64
    assert issue in looking.codes(look(b.node("NoOp", "n", (), b.attr("_extra", (2, long)))))
    assert issue in looking.codes(const(4, [len(payload)], (4, payload)))


def test_numbers_that_begin_like_a_pickle_are_no_finding() -> None:
    for start in (b"\x80\x02", b"\x80\x04\x95", b"MZ", b"PK\3\4", b"#!", b"\x80\x02\xff"):
        content = (start + bytes(range(7, 207)) * 2)[:400]
        assert looking.clean(const(6, [400], (4, content)))


def test_malformed_nodes() -> None:
    assert "bad-node" in looking.codes(look(b.message((1, "n"))))
    assert "bad-node" in looking.codes(look(b.message((2, "Add"))))
    twice = b.message((1, "n"), (2, "Add"), (2, "ReadFile"))
    assert "bad-node" in looking.codes(look(twice))
    assert b.named(look(twice)) == {"ReadFile": "dangerous"}
    assert b.named(look(b.message((2, "ReadFile"), (2, "Add"), (1, "n")))) == {
        "ReadFile": "dangerous"
    }
    assert "duplicate-node" in looking.codes(look(b.node("Add"), b.node("Sub")))


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_graph_that_is_cut_off_is_never_clean(cut: int) -> None:
    whole = b.graph(b.text_const("c", "text"), b.node("ReadFile", "r", ["c"]))
    assert not looking.clean(looking.seen(inspect_graph, whole[:-cut]))


def test_an_empty_graph_is_none() -> None:
    assert "malformed" in looking.codes(looking.seen(inspect_graph, b.message((4, b"\x08\x01"))))


def test_nodes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "_NODES", 100)
    seen = look(*(b.node("Add", f"n{i}") for i in range(200)), b.node("ReadFile", "last"))
    assert any("nodes" in gap for gap in seen.gaps)


def test_custom_operators_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "MAX_UNKNOWN", 10)
    seen = look(*(b.node(f"Q{i}", f"n{i}") for i in range(20)))
    assert len(seen.operations) == 10
    assert seen.gaps


def test_the_lists_of_operators_say_where_they_come_from() -> None:
    raw = Path(operators.__file__).with_name("operators.json").read_text("utf-8")
    libraries = json.loads(raw)["libraries"]
    assert all(entry["source"] and entry["library"] for entry in libraries)
    assert all(entry["names"] == sorted(set(entry["names"])) for entry in libraries)
    assert len(libraries[0]["names"]) > 1900
    assert {"MatMul", "SaveV2", "TFText>WhitespaceTokenizeWithOffsetsV2"} <= operators.known()
    assert set(operators.PATHS) | set(operators.ATTRIBUTES) <= operators.known()


def test_an_input_that_no_node_gives() -> None:
    there = b.node("Placeholder", "x")
    assert looking.clean(
        look(there, identity("y", "x:0", op="Relu"), identity("z", "^nothing", "y"))
    )
    found = look(there, identity("y", "gone:1", op="Relu"), identity("z", "y"))
    assert {issue.code for issue in found.issues} == {"undefined-value"}


def test_inputs_of_large_graphs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_NODES", 1)
    assert looking.clean(look(b.node("Placeholder", "x"), identity("y", "gone", op="Relu")))
