# ruff: noqa: E501 - a sample reads best as one line
"""XGBoost, LightGBM and CatBoost: the numbers agree with each other and with the file."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable

import pytest

from weighbridge.formats import trees_start, xgboost_start
from weighbridge.model.errors import HostileInput
from weighbridge.weights import gbdt, gbdt_text
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source, file_source


def read(reader: Callable[[Source, Log], None], data: bytes) -> Inspection:
    log = Log()
    reader(file_source(io.BytesIO(data), len(data)), log)
    return log.freeze("gbdt")


def codes(seen: Inspection) -> set[str]:
    return {i.code for i in seen.issues}


def tree(**changes: object) -> dict[str, object]:
    rows = {
        "left_children": [1, -1, -1], "right_children": [2, -1, -1], "parents": [2147483647, 0, 0],
        "split_indices": [0, 0, 0], "split_conditions": [0.5, 1.0, -1.0], "default_left": [1, 0, 0],
        "split_type": [0, 0, 0], "loss_changes": [1.5, 0, 0], "sum_hessian": [9, 4, 5],
        "base_weights": [0.1, 1.0, -1e-05], "categories": [], "id": 0,
        "tree_param": {"num_nodes": "3", "num_feature": "1", "size_leaf_vector": "1"},
    }  # fmt: skip
    return {**rows, **changes}


def model(
    trees: list[object] | None = None, name: str = "gbtree", announced: int | None = None
) -> dict[str, object]:
    trees = [tree()] if trees is None else trees
    count = len(trees) if announced is None else announced
    booster = {
        "model": {
            "gbtree_model_param": {"num_trees": str(count), "num_parallel_tree": "1"},
            "tree_info": [0] * len(trees), "trees": trees,
        },
        "name": name,
    }  # fmt: skip
    names = ["a[1,2]", 'b "q"']
    learner = {
        "feature_names": names, "gradient_booster": booster,
        "learner_model_param": {"base_score": "[0E0]", "num_class": "0", "num_feature": "2"},
    }  # fmt: skip
    return {"learner": learner, "version": [3, 2, 0]}


def ubj(value: object) -> bytes:
    if isinstance(value, dict):
        return (
            b"{"
            + b"".join(
                b"L" + struct.pack(">q", len(k)) + k.encode() + ubj(v) for k, v in value.items()
            )
            + b"}"
        )
    if isinstance(value, list):
        if value and all(isinstance(v, int) for v in value):
            return b"[$l#L" + struct.pack(">q", len(value)) + struct.pack(f">{len(value)}i", *value)
        if value and all(isinstance(v, int | float) for v in value):
            return b"[$d#L" + struct.pack(">q", len(value)) + struct.pack(f">{len(value)}f", *value)
        return b"[" + b"".join(map(ubj, value)) + b"]"
    if isinstance(value, str):
        return b"SL" + struct.pack(">q", len(value.encode())) + value.encode()
    return b"L" + struct.pack(">q", int(str(value)))


WRITERS = {
    "json": (
        lambda v: json.dumps(v).encode(),
        gbdt.inspect_xgboost_json,
        xgboost_start.looks_like_xgboost_json,
    ),
    "ubjson": (ubj, gbdt.inspect_xgboost_ubjson, xgboost_start.looks_like_xgboost_ubjson),
}


@pytest.fixture(params=WRITERS)
def xgboost(request):
    write, reader, looks = WRITERS[request.param]
    return lambda value: (read(reader, write(value)), looks(write(value)[:4096], len(write(value))))


@pytest.mark.parametrize(
    "value", [model(), model([]), model([tree(), tree()]), model(name="gblinear")]
)
def test_ordinary_models_of_xgboost(xgboost, value: object) -> None:
    seen, known = xgboost(value)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert known


def test_nodes_are_counted(xgboost) -> None:
    seen, _ = xgboost(model([tree(), tree()]))
    assert (seen.tensors, seen.parameters) == (2, 6)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (model(announced=7), "size-mismatch"),
        (model([tree(split_indices=[0, 0])]), "size-mismatch"),
        (model([tree(left_children=[1, -1, -1, -1])]), "size-mismatch"),
        (model([tree(left_children=[3, -1, -1])]), "range-outside"),
        (model([tree(right_children=[2, -2, -1])]), "range-outside"),
        (model([tree(right_children=[2147483647, -1, -1])]), "range-outside"),
        (model([tree(tree_param={"num_nodes": "x"})]), "bad-structure"),
        (model([tree(tree_param={"num_nodes": "0"})]), "bad-structure"),
        (model([{k: v for k, v in tree().items() if k != "left_children"}]), "bad-structure"),
        (model([{"a": {}}]), "bad-structure"),
        ({"learner": {"a": {}}, "version": [1]}, "bad-structure"),
        ({"learner": {"gradient_booster": {"name": "gbtree"}}}, "bad-structure"),
    ],
)
def test_numbers_of_xgboost_that_do_not_agree(xgboost, value: object, code: str) -> None:
    assert code in codes(xgboost(value)[0])


def test_an_unknown_booster_is_a_gap(xgboost) -> None:
    assert xgboost(model(name="own"))[0].gaps


@pytest.mark.parametrize(
    "data",
    [b"", b'{"learner": {', b'{"learner": {"x": [1,2}}', b"[1", b'{"left_children": [1.5]}', b'{"left_children": [1,,2]}'],
)  # fmt: skip
def test_json_that_is_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read(gbdt.inspect_xgboost_json, data)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"{L", b"{" + b"L" + b"\xff" * 8, b"{i\x01a", b"{i\x01aQ", b"{i\x01a[$l#L" + b"\x7f" * 8, b"{i\x01a[$Q#i\x01",
        b"{i\x01a[$li\x01", b"{i\x01aSL" + b"\x7f" * 8, b"{i\x01ai\x01i\x01ai\x01}", b"{i\x01a" + b"[" * 100, b"{i\x01a[#i\x7f",
        b"{i\x01a[$l#i\xff}",
    ],
)  # fmt: skip
def test_ubjson_that_is_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read(gbdt.inspect_xgboost_ubjson, data)


def test_what_follows_ubjson() -> None:
    assert "trailing-data" in codes(read(gbdt.inspect_xgboost_ubjson, ubj(model()) + b"x"))


def test_a_large_model_is_read_by_its_outline() -> None:
    nodes = 200_001
    big = tree(
        tree_param={"num_nodes": str(nodes)},
        **{k: [1] * nodes for k, v in tree().items() if isinstance(v, list) and v}
        | {
            "left_children": [2 * n + 1 if n < nodes // 2 else -1 for n in range(nodes)],
            "right_children": [2 * n + 2 if n < nodes // 2 else -1 for n in range(nodes)],
        },
    )
    data = json.dumps(model([big] * 2)).encode()
    started = time.process_time()
    seen = read(gbdt.inspect_xgboost_json, data)
    assert time.process_time() - started < 2
    assert (seen.issues, seen.gaps) == ((), ())
    assert seen.parameters == 2 * nodes


@pytest.mark.parametrize(
    "data", [b"[" * 9_000_000, b"[1," * 5_000_000, b'"a":[' * 2_000_000, b"[]," * 5_000_000]
)
def test_hostile_json_is_cheap(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(HostileInput):
        read(gbdt.inspect_xgboost_json, b'{"learner":{' + data)
    assert time.process_time() - started < 2


def test_the_old_binary_format_is_a_gap() -> None:
    assert xgboost_start.looks_like_xgboost_binary(b"binf" + b"\0" * 60, 1000)
    assert read(gbdt.inspect_xgboost_binary, b"binf" + b"\0" * 200).gaps


BLOCK = (
    "Tree={n}\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=1 2\nthreshold=0.5 1.5\ndecision_type=2 2\n"
    "left_child=1 -1\nright_child=-3 -2\nleaf_value=0.1 0.2 0.3\nleaf_count=1 2 3\ninternal_value=0 0\n"
    "internal_count=6 3\nis_linear=0\nshrinkage=0.1\n\n\n"
)


def lightgbm(change: Callable[[str], str] = str, sizes: list[int] | None = None) -> bytes:
    blocks = [change(BLOCK.format(n=n)) for n in range(2)]
    lengths = [len(b) for b in blocks] if sizes is None else sizes
    head = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\n"
    head += (
        f"feature_names=a b\nfeature_infos=[0:1] none\ntree_sizes={' '.join(map(str, lengths))}\n\n"
    )
    return (
        head
        + "".join(blocks)
        + "end of trees\n\nfeature_importances:\na=1\n\nparameters:\nend of parameters\n"
    ).encode()


def test_an_ordinary_model_of_lightgbm() -> None:
    seen = read(gbdt_text.inspect_lightgbm, lightgbm())
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert seen.parameters == 10
    assert trees_start.looks_like_lightgbm(lightgbm()[:100], 900)
    assert not trees_start.looks_like_lightgbm(b"tree\nhello", 900)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("leaf_value=0.1 0.2 0.3", "leaf_value=0.1 0.2", "size-mismatch"),
        ("threshold=0.5 1.5", "threshold=0.5 1.5 2.5", "size-mismatch"),
        ("left_child=1 -1", "left_child=2 -1", "range-outside"),
        ("right_child=-3 -2", "right_child=-4 -2", "range-outside"),
        ("left_child=1 -1\n", "", "range-outside"),
    ],
)
def test_numbers_of_lightgbm_that_do_not_agree(old: str, new: str, code: str) -> None:
    assert code in codes(read(gbdt_text.inspect_lightgbm, lightgbm(lambda b: b.replace(old, new))))


@pytest.mark.parametrize(
    "data",
    [
        b"tree\nversion=v4\n", lightgbm(sizes=[10, 10]), lightgbm(sizes=[10**11, 1]), lightgbm(sizes=[-1]),
        lightgbm(lambda b: b.replace("num_leaves=3", "num_leaves=x")), lightgbm(lambda b: b.replace("num_leaves=3", "num_leaves=0")),
        lightgbm(lambda b: b.replace("left_child=1 -1", "left_child=a b")),
    ],
)  # fmt: skip
def test_lightgbm_that_is_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read(gbdt_text.inspect_lightgbm, data)


def test_trees_that_do_not_end_where_they_should() -> None:
    length = len(BLOCK.format(n=0))
    assert "size-mismatch" in codes(read(gbdt_text.inspect_lightgbm, lightgbm(sizes=[length])))


HEAD = b"tree\nversion=v4\nnum_class=1\nfeature_names=a b\n\n"


def test_a_payload_behind_a_model_without_trees() -> None:
    payload = b"\x80\x02cos\nsystem\nX\n\0\0\0echo inert\x85R."
    seen = read(gbdt_text.inspect_lightgbm, HEAD + b"end of trees\n" + payload)
    assert codes(seen) == {"trailing-data"}
    assert not codes(read(gbdt_text.inspect_lightgbm, HEAD + b"end of trees\n"))
    assert read(gbdt_text.inspect_lightgbm, HEAD + b"Tree=0\nnum_leaves=1\n").gaps
    assert read(gbdt_text.inspect_lightgbm, HEAD + b"end").gaps


@pytest.mark.parametrize(
    "version", [b"\x06labuffersModel_v1", b"", b"FlabuffersModel_v", b"Own_v1"]
)
def test_a_version_that_catboost_does_not_have(version: bytes) -> None:
    assert codes(read(gbdt_text.inspect_catboost, catboost(version))) == {"bad-version"}


def test_a_later_version_of_catboost_is_a_gap_and_no_issue() -> None:
    seen = read(gbdt_text.inspect_catboost, catboost(b"FlabuffersModel_v2"))
    assert (codes(seen), bool(seen.gaps)) == (set(), True)


def catboost(version: bytes = b"FlabuffersModel_v1", parts: int = 0, behind: bytes = b"") -> bytes:
    text = struct.pack("<I", len(version)) + version + b"\0" * (4 - len(version) % 4)
    vtable = struct.pack("<HHHHHH", 12, 20, 4, 8, 0, 12)  # four fields, the third left out
    root = 4 + len(vtable)
    table = struct.pack("<iIIII", len(vtable), 16, 12 + len(text), 12 + len(text), 0)
    body = struct.pack("<I", root) + vtable + table + text + struct.pack("<II", 0, parts)
    return b"CBM1" + struct.pack("<I", len(body)) + body + behind


def test_catboost() -> None:
    seen = read(gbdt_text.inspect_catboost, catboost())
    assert (seen.issues, seen.gaps) == ((), ())
    assert trees_start.looks_like_catboost(catboost()[:8], len(catboost()))
    assert not trees_start.looks_like_catboost(catboost()[:8], 20)
    assert not codes(read(gbdt_text.inspect_catboost, catboost(parts=1, behind=b"ctr")))
    assert codes(read(gbdt_text.inspect_catboost, catboost(behind=b"hidden"))) == {"trailing-data"}
    assert read(gbdt_text.inspect_catboost, catboost(version=b"Another_Model_v9!!")).gaps


@pytest.mark.parametrize(
    "data", [b"", b"CBM1", b"CBM1\xff\xff\xff\xff" + b"\0" * 20, b"CBM1\x10\0\0\0" + b"\xff" * 16, b"CBM1\x04\0\0\0abcd"]
)  # fmt: skip
def test_catboost_that_is_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        read(gbdt_text.inspect_catboost, data)
