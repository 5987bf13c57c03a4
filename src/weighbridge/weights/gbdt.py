"""Gradient-boosted trees: XGBoost (JSON, UBJSON), LightGBM (text), CatBoost (``.cbm``).

None of these formats calls anything when it is loaded; their loaders are C++ and trust the numbers
they read. So the numbers are checked: lengths, counts, and children that are nodes of their tree.
"""

from __future__ import annotations

from weighbridge.weights.gbdt_json import outline_of_json, outline_of_ubjson
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.inspection import Log
from weighbridge.weights.json_text import Json
from weighbridge.weights.source import Source

MAX_TEXT = 4 * 2**20  # characters of all texts that are searched for what hides in them
# Rows that have one number for each node of a tree.
_PER_NODE = (
    "left_children", "right_children", "parents", "split_indices", "split_conditions",
    "default_left", "split_type", "loss_changes", "sum_hessian",
)  # fmt: skip


def inspect_xgboost_json(source: Source, log: Log) -> None:
    """Check XGBoost's JSON.

    Raises:
        HostileInput: it is not JSON.
        BoundExceeded: it is too large.
    """
    _xgboost(outline_of_json(source, log), log)


def inspect_xgboost_ubjson(source: Source, log: Log) -> None:
    """Check XGBoost's UBJSON.

    Raises:
        HostileInput: it is not UBJSON.
        BoundExceeded: it is too large.
    """
    _xgboost(outline_of_ubjson(source, log), log)


def inspect_xgboost_binary(source: Source, log: Log) -> None:
    """XGBoost's own binary format was given up with version 3; nothing here reads it."""
    log.bytes_read += len(source.head(4))
    log.gap("no reader for XGBoost's old binary format")


def _xgboost(value: Json, log: Log) -> None:
    _search(value, HiddenText(log))
    table = value if isinstance(value, dict) else {}
    inner = table.get("Model")
    model = inner if isinstance(inner, dict) else table
    learner = model.get("learner")
    booster = learner.get("gradient_booster") if isinstance(learner, dict) else None
    if not isinstance(booster, dict):
        log.issue("bad-structure", "the model has no learner with a gradient_booster")
        log.gap("the model is not what XGBoost writes", uninspected=False)
        return
    name = booster.get("name")
    if name == "dart":
        dart = booster.get("gbtree")
        booster = dart if isinstance(dart, dict) else {}
    elif name == "gblinear":
        return
    elif name != "gbtree":
        log.gap(f"no reader for the booster {str(name)[:40]!r}")
        return
    forest = booster.get("model")
    if forest is None and isinstance(learner, dict) and "learner_train_param" in learner:
        return  # a configuration without a model (Booster.save_config)
    if not isinstance(forest, dict):
        log.issue("bad-structure", "the booster has no model")
        log.gap("the model is not what XGBoost writes", uninspected=False)
        return
    _forest(forest, log)


def _search(value: Json, hidden: HiddenText) -> None:
    """Attributes are anybody's texts (``Booster.set_attr``): look for what hides in them."""
    pending: list[tuple[str, Json]] = [("the model", value)]
    left = MAX_TEXT
    while pending:
        key, item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.items())
        elif isinstance(item, list):
            pending.extend((key, entry) for entry in item if isinstance(entry, str | list | dict))
        elif isinstance(item, str) and len(item) >= 24:
            left -= len(item)
            if left < 0:
                hidden.log.gap(f"texts beyond {MAX_TEXT} characters were not searched")
                return
            hidden.search(item, f"the text {key[:80]!r}", -1)


def _forest(forest: dict[str, Json], log: Log) -> None:
    trees = forest.get("trees")
    rows = trees if isinstance(trees, list) else []
    if rows == [0]:  # an empty row of numbers
        rows = []
    params = forest.get("gbtree_model_param")
    announced = _number(params.get("num_trees")) if isinstance(params, dict) else None
    if announced is not None and announced != len(rows):
        log.issue("size-mismatch", f"{announced} trees are announced and {len(rows)} are there")
    info = _length(forest.get("tree_info"))
    if info is not None and info != len(rows):
        log.issue("size-mismatch", f"tree_info has {info} numbers for {len(rows)} trees")
    for number, tree in enumerate(rows):
        if isinstance(tree, dict):
            _tree(number, tree, log)
        else:
            log.issue("bad-structure", f"tree {number} is no object")


def _tree(number: int, tree: dict[str, Json], log: Log) -> None:
    params = tree.get("tree_param")
    nodes = _number(params.get("num_nodes")) if isinstance(params, dict) else None
    if nodes is None or nodes < 1:
        log.issue("bad-structure", f"tree {number} does not say how many nodes it has")
        return
    log.tensor("tree", nodes)
    for key in _PER_NODE:
        length = _length(tree.get(key))
        if length is not None and length != nodes:
            log.issue(
                "size-mismatch", f"{key} of tree {number} has {length} numbers for {nodes} nodes"
            )
    for key in ("left_children", "right_children"):
        row = tree.get(key)
        if not isinstance(row, list) or not row:
            log.issue("bad-structure", f"tree {number} has no {key}")
        elif len(row) == 3 and not (_least(row[1]) >= -1 and _least(row[2]) < nodes):
            log.issue("range-outside", f"{key} of tree {number} names no node of it")


def _length(value: Json) -> int | None:
    """The length of a row in an outline."""
    if isinstance(value, list) and value and isinstance(value[0], int):
        return value[0]
    return None


def _number(value: Json) -> int | None:
    """XGBoost writes its parameters as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if type(value) is int else None


def _least(value: Json) -> int:
    return value if type(value) is int else -(2**63)
