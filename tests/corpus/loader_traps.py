# ruff: noqa: E501 - a sample reads best as one line
"""Whole-looking files that their own libraries hang on, read beyond, or evaluate."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.r_and_skops import rds
from tests.corpus.sample import OPERATION, Sample

_RUNS = "__import__('os').system('echo inert')"


def _xgboost(**changes: Any) -> bytes:
    """One tree of three nodes, with its rows changed. Source: XGBoost's JSON schema of models."""
    tree = {
        "left_children": [1, -1, -1], "right_children": [2, -1, -1], "parents": [2147483647, 0, 0],
        "split_indices": [0, 0, 0], "split_conditions": [0.5, 1.0, -1.0], "id": 0,
        "default_left": [True, False, False], "loss_changes": [1.5, 0.0, 0.0],
        "base_weights": [0.1, 1.0, -1.0], "sum_hessian": [9.0, 4.0, 5.0], "categories": [],
        "tree_param": {"num_nodes": "3", "num_feature": "2", "size_leaf_vector": "0"},
    }  # fmt: skip
    forest = {"gbtree_model_param": {"num_trees": "1"}, "tree_info": [0], "trees": [tree | changes]}
    learner = {
        "feature_names": [], "gradient_booster": {"model": forest, "name": "gbtree"},
        "learner_model_param": {"base_score": "5E-1", "num_class": "0", "num_feature": "2"},
        "objective": {"name": "reg:squarederror"},
    }  # fmt: skip
    return json.dumps({"learner": learner, "version": [1, 3, 3]}).encode()


_TREE = (
    "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=1 2\nthreshold=0.5 1.5\ndecision_type=2 2\n"
    "left_child=1 -1\nright_child=-3 -2\nleaf_value=0.1 0.2 0.3\ninternal_value=0 0\ninternal_count=6 3\nshrinkage=0.1\n\n\n"
)


def _lightgbm(old: str = "", new: str = "") -> bytes:
    """A model of one tree. Source: LightGBM's gbdt_model_text.cpp."""
    tree = _TREE.replace(old, new)
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n"
        f"objective=regression\nfeature_names=a b\nfeature_infos=[0:1] [0:1]\ntree_sizes={len(tree)}\n\n"
    ).replace(old, new)
    tail = "end of trees\n\nfeature_importances:\na=1\n\nparameters:\nend of parameters\n"
    return (head + tree + tail).encode()


def _symbol(name: str) -> bytes:
    return struct.pack(">III", 1, 0x40009, len(name)) + name.encode()


def _vector(attribute: str, *values: int) -> bytes:
    """One number with an attribute of integers."""
    value = struct.pack(f">II{len(values)}i", 13, len(values), *values)
    end = struct.pack(">I", 254)
    return rds(struct.pack(">IIiI", 0x20D, 1, 5, 0x402) + _symbol(attribute) + value + end)


MALFORMED: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "xgboost-cycle.json": ("trees", _xgboost(left_children=[1, 0, -1], right_children=[2, 2, -1]), ("bad-structure",)),
    "xgboost-own-child.json": ("trees", _xgboost(left_children=[0, -1, -1]), ("bad-structure",)),
    "xgboost-feature-beyond.json": ("trees", _xgboost(split_indices=[99, 0, 0]), ("range-outside",)),
    "xgboost-double-comma.json": ("trees", _xgboost().replace(b"[0.5, 1.0", b"[0.5,, 1.0"), ()),
    "lightgbm-cycle.txt": ("trees", _lightgbm("left_child=1 -1", "left_child=0 -1"), ("bad-structure",)),
    "lightgbm-feature-beyond.txt": ("trees", _lightgbm("split_feature=0 1", "split_feature=0 77"), ("range-outside",)),
    "lightgbm-classes.txt": ("trees", _lightgbm("num_class=1", "num_class=7"), ("size-mismatch",)),
    "lightgbm-categories.txt": ("trees", _lightgbm("num_cat=0", "num_cat=9"), ("size-mismatch",)),
    "msgpack-too-deep.msgpack": ("msgpack", b"\x81\xa1a" * 2000 + b"\xc0", ()),
    "msgpack-duplicate.msgpack": ("msgpack", b"\x82\xa1a\x93\x01\x02\x03\xa1a\xc7\x0d\x01\x93\x91\x01\xa5uint8\xc4\x01\x00", ("duplicate-key",)),
    "r-dimensions.rds": ("r", _vector("dim", 7, 9), ("size-mismatch",)),
    "r-too-deep.rds": ("r", gzip.compress(rds(struct.pack(">II", 19, 1) * 150_000 + struct.pack(">I", 254)), mtime=0), ()),
    "r-workspace.rds": ("r", b"RDX2\n" + rds(struct.pack(">I", 254)), ("kind-contradicts-name",)),
    "r-nothing.rds": ("r", gzip.compress(b"X\n", mtime=0), ("kind-contradicts-name",)),
    "config-alias.yaml": ("config", b"a: *nothing\n", ()),
    "config-twice.yaml": ("config", b"lr: 1\nlr: 2\n", ("duplicate-key",)),
    "config.json": ("config", b"PK\x05\x06" + b"\0" * 18, ("kind-contradicts-name",)),
    "model.safetensors.index.json": ("config", b'{"metadata": {"total_size": 8}}', ("bad-structure",)),
}  # fmt: skip

MALICIOUS: dict[str, tuple[str, bytes, str]] = {
    "yolo-module.yaml": ("yaml", f'nc: 80\nbackbone:\n  - [-1, 1, "{_RUNS}", [64]]\nhead: []\n'.encode(), "YOLOv5 evaluates a layer's module"),
    "yolo-argument.yaml": ("yaml", f'nc: 80\nbackbone: []\nhead:\n  - [-1, 1, Conv, ["{_RUNS}"]]\n'.encode(), "YOLOv5 evaluates a layer's arguments"),
    "yolo-activation.yaml": ("yaml", f'nc: 80\nactivation: "{_RUNS}"\n'.encode(), "Ultralytics evaluates the activation"),
    "torchtune.yaml": ("yaml", b"model:\n  _component_: os.system\n  command: echo inert\n", "torchtune calls a component by its name"),
    "print-tag.jinja": ("template", b"{%print(''.__class__)%}", "a print tag without a space"),
    "nested-loops.jinja": ("template", b"{% for a in range(99999) %}" * 3 + b"x" + b"{% endfor %}" * 3, "loops in loops"),
    "width.jinja": ("template", b"{{ 'x'.ljust(9999999999) }}", "text of ten thousand million characters"),
    "computed-range.jinja": ("template", b"{{ range(10**12) | list }}", "a list of a million million numbers"),
}  # fmt: skip

BENIGN: dict[str, tuple[str, bytes]] = {
    "xgboost-1.3.json": ("trees", _xgboost()),
    "lightgbm.txt": ("trees", _lightgbm()),
    "yolo.yaml": ("yaml", b'nc: 80\nactivation: nn.LeakyReLU(0.1)\nbackbone:\n  - [-1, 1, Conv, [64, 6, 2, 2]]\n  - [-1, 1, nn.Upsample, [None, 2, "nearest"]]\nhead:\n  - [[1], 1, Detect, [nc, anchors]]\n'),
    "hparams.yaml": ("yaml", b"args: !!python/object:argparse.Namespace\n  lr: 0.1\n"),
    "matrix.rds": ("r", _vector("dim", 1, 1)),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Trees, tables and vectors that contradict themselves; texts that are evaluated."""
    for name, (family, content, expect) in MALFORMED.items():
        why = name.rpartition(".")[0].replace("-", " ")
        yield Sample("malformed", f"trap-{family}", name, content, expect, why)
    for name, (family, content, why) in MALICIOUS.items():
        yield Sample("malicious", f"trap-{family}", name, content, (OPERATION,), why)
    for name, (family, content) in BENIGN.items():
        yield Sample("benign", f"trap-{family}", name, content, (), "an ordinary one")
