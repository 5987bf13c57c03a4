"""Trees that hang their library or lead out of it, and rows of numbers that are none."""

from __future__ import annotations

import json

import pytest
from tests.unit.weights.test_gbdt import codes, lightgbm, model, read, tree, ubj

from weighbridge.model.errors import HostileInput
from weighbridge.weights import gbdt, gbdt_text

WRITERS = {
    "json": (lambda value: json.dumps(value).encode(), gbdt.inspect_xgboost_json),
    "ubjson": (ubj, gbdt.inspect_xgboost_ubjson),
}


@pytest.fixture(params=WRITERS)
def xgboost(request):
    write, reader = WRITERS[request.param]
    return lambda value: read(reader, write(value))


# Whoever walks down a tree must come to an end: each of these hangs its library or reads beyond it.
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"left_children": [1, 0, -1], "right_children": [2, 2, -1]}, "bad-structure"),
        ({"left_children": [0, -1, -1]}, "bad-structure"),
        ({"left_children": [2, -1, -1]}, "bad-structure"),
        ({"right_children": [-1, -1, -1]}, "bad-structure"),
        ({"split_indices": [2, 0, 0]}, "range-outside"),
        ({"split_conditions": "abc"}, "bad-structure"),
        ({"base_weights": "abc"}, "bad-structure"),
        ({"default_left": [True, False]}, "size-mismatch"),
        ({"id": 7}, "range-outside"),
    ],
)
def test_a_tree_that_hangs_or_leads_out(xgboost, changes: dict[str, object], code: str) -> None:
    if "default_left" in changes or changes.get("id"):
        seen = read(gbdt.inspect_xgboost_json, json.dumps(model([tree(**changes)])).encode())
    else:
        seen = xgboost(model([tree(**changes)]))
    assert code in codes(seen)


def test_more_than_32_bits_are_no_node() -> None:
    data = json.dumps(model([tree(left_children=[2**40, -1, -1])])).encode()
    with pytest.raises(HostileInput, match="32 bits"):
        read(gbdt.inspect_xgboost_json, data)


def test_what_the_learner_says_fits_its_trees() -> None:
    whole = model()
    learner = whole["learner"]
    assert isinstance(learner, dict)
    parameters = {"num_feature": "2", "num_class": "0"}
    for change, code in (
        ({"learner_model_param": {**parameters, "num_feature": "x"}}, "bad-structure"),
        ({"learner_model_param": {**parameters, "num_feature": "3"}}, "size-mismatch"),
        ({"feature_names": ["a", "b", "c"]}, "size-mismatch"),
    ):
        seen = read(
            gbdt.inspect_xgboost_json, json.dumps({"learner": {**learner, **change}}).encode()
        )
        assert code in codes(seen)
    learner["gradient_booster"]["model"]["tree_info"] = [1]
    assert "range-outside" in codes(read(gbdt.inspect_xgboost_json, json.dumps(whole).encode()))
    learner["learner_model_param"]["num_class"] = "3"
    assert not read(gbdt.inspect_xgboost_json, json.dumps(whole).encode()).issues
    assert "bad-structure" in codes(
        read(gbdt.inspect_xgboost_json, json.dumps({**whole, "version": "x"}).encode())
    )


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ('"default_left":[true,false,false]', True),  # before version 1.6
        ('"split_conditions":[NaN,-Infinity,1.5E-3]', True),
        ('"split_conditions":[1.0,,2.0]', False),
        ('"split_conditions":[1.0,2.0,]', False),
        ('"split_conditions":[1.0,2.0,tru]', False),
        ('"split_conditions":[1.0,2..0,3.0]', False),
    ],
)
def test_rows_of_numbers_are_json(row: str, good: bool) -> None:
    key = row.partition(":")[0].strip('"')
    text = json.dumps(model([{k: v for k, v in tree().items() if k != key}]))
    data = text.replace('"parents"', f'{row}, "parents"').encode()
    if good:
        seen = read(gbdt.inspect_xgboost_json, data)
        assert (seen.issues, seen.gaps) == ((), ())
    else:
        with pytest.raises(HostileInput):
            read(gbdt.inspect_xgboost_json, data)


def test_leaves_of_several_numbers_have_a_place_instead_of_a_child() -> None:
    parameters = {"num_nodes": "3", "num_feature": "2", "size_leaf_vector": "2"}
    leaves = tree(right_children=[2, 0, 1], tree_param=parameters)
    assert not read(gbdt.inspect_xgboost_json, json.dumps(model([leaves])).encode()).issues


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("left_child=1 -1", "left_child=0 -1", "bad-structure"),
        ("left_child=1 -1", "left_child=1 1", "bad-structure"),
        ("right_child=-3 -2", "right_child=-1 -2", "bad-structure"),
        ("split_feature=0 1", "split_feature=0 9", "range-outside"),
        ("num_cat=0", "num_cat=2", "size-mismatch"),
        ("num_cat=0", "num_cat=1\ncat_boundaries=0 4\ncat_threshold=1 2", "size-mismatch"),
        ("leaf_count=1 2 3", "leaf_count=1 2", "size-mismatch"),
    ],
)
def test_a_tree_of_lightgbm_that_hangs_or_leads_out(old: str, new: str, code: str) -> None:
    assert code in codes(read(gbdt_text.inspect_lightgbm, lightgbm(lambda b: b.replace(old, new))))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"feature_names=a b", b"feature_names=a", "size-mismatch"),
        (b"feature_infos=[0:1] none", b"feature_infos=none", "size-mismatch"),
        (b"num_class=1", b"num_class=7", "size-mismatch"),
        (b"num_tree_per_iteration=1", b"num_tree_per_iteration=3", "size-mismatch"),
        (b"objective=", b"objective=\0\1\2", "malformed"),
    ],
)
def test_a_header_of_lightgbm_that_does_not_fit(old: bytes, new: bytes, code: str) -> None:
    assert code in codes(read(gbdt_text.inspect_lightgbm, lightgbm().replace(old, new)))


def test_categories_of_lightgbm() -> None:
    good = "num_cat=1\ncat_boundaries=0 2\ncat_threshold=1 2"
    data = lightgbm(lambda b: b.replace("num_cat=0", good))
    assert not read(gbdt_text.inspect_lightgbm, data).issues
