"""Gradient-boosted trees: XGBoost (JSON, UBJSON), LightGBM (text), CatBoost (``.cbm``).

None of these formats calls anything when it is loaded; their loaders are C++ and trust the numbers
they read. So the numbers are checked: lengths, counts, and children that are nodes of their tree.
"""

from __future__ import annotations

from array import array

from weighbridge.weights.gbdt_json import Rows, outline_of_json, outline_of_ubjson
from weighbridge.weights.hidden_text import HiddenText
from weighbridge.weights.json_text import Json
from weighbridge.weights.log import Log
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
    _xgboost(*outline_of_json(source, log), log)


def inspect_xgboost_ubjson(source: Source, log: Log) -> None:
    """Check XGBoost's UBJSON.

    Raises:
        HostileInput: it is not UBJSON.
        BoundExceeded: it is too large.
    """
    _xgboost(*outline_of_ubjson(source, log), log)


def inspect_xgboost_binary(source: Source, log: Log) -> None:
    """XGBoost's own binary format was given up with version 3; nothing here reads it."""
    log.bytes_read += len(source.head(4))
    log.gap("no reader for XGBoost's old binary format")


def _xgboost(value: Json, rows: Rows, log: Log) -> None:
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
    if "version" in table and _length(table["version"]) != 3:
        log.issue("bad-structure", "the version of the model is not made of three numbers")
    forest = booster.get("model")
    if forest is None and isinstance(learner, dict) and "learner_train_param" in learner:
        return  # a configuration without a model (Booster.save_config)
    if not isinstance(forest, dict):
        log.issue("bad-structure", "the booster has no model")
        log.gap("the model is not what XGBoost writes", uninspected=False)
        return
    features = _features(learner, log)
    _forest(forest, features, _outputs(learner), rows, log)


def _features(learner: Json, log: Log) -> int:
    """How many features the model has, 0 where it does not say; their names must be as many."""
    table = learner if isinstance(learner, dict) else {}
    params = table.get("learner_model_param")
    count = _number(params.get("num_feature")) if isinstance(params, dict) else None
    if count is None or count < 0:
        log.issue("bad-structure", "the model does not say how many features it has")
        return 0
    for key in ("feature_names", "feature_types"):
        names = table.get(key)
        if isinstance(names, list) and names and isinstance(names[0], str) and len(names) != count:
            log.issue("size-mismatch", f"{key} has {len(names)} texts for {count} features")
    return count


def _outputs(learner: Json) -> int:
    """How many numbers the model gives: one for each class, or for each target."""
    params = learner.get("learner_model_param") if isinstance(learner, dict) else None
    table = params if isinstance(params, dict) else {}
    return max(_number(table.get(key)) or 1 for key in ("num_class", "num_target"))


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


def _forest(forest: dict[str, Json], features: int, outputs: int, rows: Rows, log: Log) -> None:
    found = forest.get("trees")
    trees = found if isinstance(found, list) else []
    if trees == [0]:  # an empty row of numbers
        trees = []
    params = forest.get("gbtree_model_param")
    announced = _number(params.get("num_trees")) if isinstance(params, dict) else None
    if announced is not None and announced != len(trees):
        log.issue("size-mismatch", f"{announced} trees are announced and {len(trees)} are there")
    info = _length(forest.get("tree_info"))
    if info is None and "tree_info" not in forest:
        log.issue("bad-structure", "the model does not say which class its trees are of")
    elif info is not None and info != len(trees):
        log.issue("size-mismatch", f"tree_info has {info} numbers for {len(trees)} trees")
    classes = _kept(forest, "tree_info", rows)
    if classes is not None and not 0 <= min(classes) <= max(classes) < outputs:
        log.issue("range-outside", f"tree_info names a class beyond the model's {outputs}")
    for number, tree in enumerate(trees):
        if not isinstance(tree, dict):
            log.issue("bad-structure", f"tree {number} is no object")
            continue
        place = tree.get("id")
        if type(place) is int and not 0 <= place < len(trees):
            log.issue("range-outside", f"tree {number} has the number {place}")
        _tree(number, tree, features, rows, log)


def _tree(number: int, tree: dict[str, Json], features: int, rows: Rows, log: Log) -> None:
    params = tree.get("tree_param")
    nodes = _number(params.get("num_nodes")) if isinstance(params, dict) else None
    if nodes is None or nodes < 1:
        log.issue("bad-structure", f"tree {number} does not say how many nodes it has")
        return
    log.tensor("tree", nodes)
    for key in _PER_NODE:
        length = _length(tree.get(key))
        if length is None and key in tree:
            log.issue("bad-structure", f"{key} of tree {number} is no row of numbers")
        elif length is not None and length != nodes:
            log.issue(
                "size-mismatch", f"{key} of tree {number} has {length} numbers for {nodes} nodes"
            )
    if "base_weights" in tree and _length(tree["base_weights"]) is None:
        log.issue("bad-structure", f"base_weights of tree {number} is no row of numbers")
    left, right = _kept(tree, "left_children", rows), _kept(tree, "right_children", rows)
    if left is None or right is None:
        log.issue("bad-structure", f"tree {number} has no children")
    elif not all(min(row) >= -1 and max(row) < nodes for row in (left, right)):
        log.issue("range-outside", f"children of tree {number} are no nodes of it")
    elif len(left) == len(right) == nodes:
        several = _number(params.get("size_leaf_vector")) if isinstance(params, dict) else None
        _branches(number, left, right, log, vector=(several or 0) > 1)
    split = _kept(tree, "split_indices", rows)
    if features and split is not None and max(split) >= features:
        log.issue(
            "range-outside", f"tree {number} splits by the feature {max(split)} of {features}"
        )


def _branches(number: int, left: array[int], right: array[int], log: Log, *, vector: bool) -> None:
    """Every node has two children or none and no two parents, and the root has none: then whoever
    walks down comes to an end. Nodes that were pruned are still there, and nobody's children.

    ``vector``: leaves hold several numbers, and where the right child would be, their place.
    """
    has_parent = bytearray(len(left))
    halves = twice = False
    for one, other in zip(left, right, strict=True):
        if one >= 0 <= other:
            if has_parent[one] or has_parent[other] or one == other:
                twice = True
            has_parent[one] = has_parent[other] = 1
        elif one != other and not (one < 0 and vector):
            halves = True
    if halves:
        log.issue("bad-structure", f"a node of tree {number} has one child")
    if twice or has_parent[0]:
        log.issue("bad-structure", f"nodes of tree {number} are children of two, or of themselves")


def _kept(tree: dict[str, Json], key: str, rows: Rows) -> array[int] | None:
    """One of the rows that are kept beside the outline."""
    row = tree.get(key)
    if isinstance(row, list) and len(row) == 2 and type(row[0]) is type(row[1]) is int:
        found = rows[row[1]] if 0 <= row[1] < len(rows) else None
        return found if found is not None and len(found) == row[0] else None
    return None


def _length(value: Json) -> int | None:
    """The length of a row in an outline."""
    if isinstance(value, list) and value and type(value[0]) is int:
        return value[0]
    return None


def _number(value: Json) -> int | None:
    """XGBoost writes its parameters as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if type(value) is int else None
