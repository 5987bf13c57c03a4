"""Objects that a listed function makes, and what giving them a state or an argument sets off."""

from __future__ import annotations

import collections
import pickle
import random

import pytest
from tests.unit.weights.craft import call, imp, text
from tests.unit.weights.test_false_alarms import inspect, nothing, worst

from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.pickle.costs import MAX_ALLOTTED

NORMAL = imp("scipy.stats._continuous_distns", "norm_gen")
STATE = b"}" + text("_parse_arg_template") + text("import os\nos.system('echo inert')") + b"s"
NAMESPACE = call(imp("types", "SimpleNamespace"))
NUMBER = b"J\x00\x00\x00\x01"  # 2**24


def look(body: bytes) -> Inspection:
    return inspect("model.pkl", b"\x80\x02" + body + b".")


def prepared(module: str, name: str, *args: bytes) -> bytes:
    return call(imp("functools", "partial"), imp(module, name), *args)


@pytest.mark.parametrize(
    "made",
    [
        call(imp("sklearn.neighbors._kd_tree", "newObj"), NORMAL),
        call(imp("sklearn.metrics._dist_metrics", "newObj"), NORMAL),
        call(imp("pandas.core.indexes.base", "_new_Index"), NORMAL, b"}"),
        call(imp("copyreg", "__newobj__"), NORMAL),
        call(imp("copyreg", "__newobj_ex__"), NORMAL, b")", b"}"),
        call(imp("copyreg", "_reconstructor"), NORMAL, imp("builtins", "object"), b"N"),
    ],
    ids=["tree", "metric", "index", "newobj", "newobj_ex", "reconstructor"],
)
def test_a_state_that_is_code_runs_whoever_made_the_object(made: bytes) -> None:
    assert worst(look(made + STATE + b"b")) is Verdict.DANGEROUS


def test_the_class_is_not_forgotten_with_the_arguments() -> None:
    made = call(imp("copyreg", "__newobj__"), NORMAL, b"](K\x01K\x02e")
    later = b"(" + made + b"q\x00" + b"]q\x01" * 300_000 + b"l0h\x00" + STATE + b"b"
    assert worst(look(later)) is Verdict.DANGEROUS


@pytest.mark.parametrize("state", [STATE, b"}"], ids=["at once", "later"])
def test_what_makes_no_tensor_gets_no_state_from_torch(state: bytes) -> None:
    function = imp("copyreg", "__newobj__") + NORMAL + b"(" + NORMAL + b"t" + state
    made = call(imp("torch._tensor", "_rebuild_from_type_v2"), function)
    assert worst(look(made)) is Verdict.UNLISTED_CALL


@pytest.mark.parametrize(
    ("maker", "args"),
    [
        ("__generator_ctor", text("/etc/passwd") + imp("numpy", "memmap")),
        ("__randomstate_ctor", b"K\x05" + imp("numpy", "ones")),
        ("__bit_generator_ctor", imp("transformers.training_args", "TrainingArguments")),
        ("__generator_ctor", NAMESPACE),
    ],
)
def test_a_generator_of_numbers_is_made_of_nothing_else(maker: str, args: bytes) -> None:
    assert worst(look(call(imp("numpy.random._pickle", maker), args))) is Verdict.UNLISTED_CALL


def test_generators_of_numbers_are_data() -> None:
    numpy = pytest.importorskip("numpy")
    random_numbers = numpy.random
    values = [random_numbers.RandomState(1), random_numbers.default_rng(1), random.Random(1)]
    for protocol in (2, 4):
        assert nothing(inspect("rng.pkl", pickle.dumps(values, protocol)))


@pytest.mark.parametrize(
    "data",
    [NAMESPACE + b"}" + text("detach") + imp("builtins", "len") + b"sb", imp("builtins", "str")],
    ids=["namespace", "class"],
)
@pytest.mark.parametrize("maker", ["reduce", "newobj", "copyreg"])
def test_a_parameter_is_made_of_a_tensor(maker: str, data: bytes) -> None:
    parameter = imp("torch.nn.parameter", "Parameter")
    body = {
        "reduce": call(imp("torch._utils", "_rebuild_parameter"), data, b"\x89", b"N"),
        "newobj": parameter + b"(" + data + b"t\x81",
        "copyreg": call(imp("copyreg", "__newobj__"), parameter, data),
    }[maker]
    assert worst(look(body)) is Verdict.UNLISTED_CALL


@pytest.mark.parametrize(
    "name",
    [
        ("xgboost.core", "Booster"),
        ("joblib.memory", "Memory"),
        ("PIL.PngImagePlugin", "PngImageFile"),
    ],
)
def test_a_constructor_that_takes_a_path_is_not_prepared(name: tuple[str, str]) -> None:
    held = NAMESPACE + b"}" + text("close") + prepared(*name, text("/etc/passwd")) + b"sb"
    assert worst(look(held)) is Verdict.UNLISTED
    layer = prepared("torch.nn.modules.normalization", "LayerNorm", b"K\x01")
    assert nothing(look(layer))


@pytest.mark.parametrize("endless", [call(imp("itertools", "count"), b"K\x01"),
                                     call(imp("itertools", "repeat"), text("x"))])  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (imp("pandas", "CategoricalDtype") + b"(", b"tR"),
        (imp("pandas", "Index") + b"(", b"t\x81"),
        (imp("pandas.core.indexes.base", "_new_Index") + b"(" + imp("pandas", "Index") + b"}"
         + text("data"), b"stR"),
    ],
    ids=["type", "index", "keywords"],
)  # fmt: skip
def test_an_iterator_without_an_end_is_walked_by_more_than_lists(
    endless: bytes, before: bytes, after: bytes
) -> None:
    assert worst(look(before + endless + after)) is Verdict.UNLISTED_CALL


@pytest.mark.parametrize("name", ["bytearray", "bytes"])
def test_many_small_demands_are_one_large_demand(name: str) -> None:
    once = imp("builtins", name) + b"(" + NUMBER + b"tR0"
    assert nothing(look(once * (MAX_ALLOTTED // 2**24) + b"N"))
    assert worst(look(once * (MAX_ALLOTTED // 2**24 + 1) + b"N")) is Verdict.UNLISTED_CALL


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"}]Ns", "list is used as a key"),
        (b"}}Ns", "dict is used as a key"),
        (b"\x8f(]\x90", "list is used as a key"),
        (b"N\x98", "wants a buffer"),
        (b"\x97", "lies outside of the file"),
    ],
)
def test_what_no_unpickler_takes(body: bytes, said: str) -> None:
    assert any(said in issue.message for issue in look(body).issues)


def test_frozen_sets_and_tuples_are_keys() -> None:
    value = {frozenset({1}): {(1, 2), frozenset()}, (1, (2,)): None}
    assert nothing(inspect("a.pkl", pickle.dumps(value, 4)))


def _array(shape: bytes, data: bytes) -> bytes:
    made = call(imp("numpy.core.multiarray", "_reconstruct"), imp("numpy", "ndarray"),
                b"K\x00\x85", b"U\x01b")  # fmt: skip
    kind = call(imp("numpy", "dtype"), text("f4"), b"\x89", b"\x88")
    raw = b"U" + bytes([len(data)]) + data
    return made + b"(K\x01" + shape + kind + b"\x89" + raw + b"tb"


@pytest.mark.parametrize(
    "shape", [b"K\x03\x85", b"K\x01\x85", b"J\xff\xff\xff\xff\x85", b"K\x02K\x02\x86"]
)
def test_an_array_has_the_bytes_of_its_shape(shape: bytes) -> None:
    assert nothing(look(_array(b"K\x02\x85", b"\0" * 8)))
    assert [i.code for i in look(_array(shape, b"\0" * 8)).issues] == ["storage-size"]


@pytest.mark.parametrize("name", ["numpy.random", "yacs.config", "easydict"])
def test_names_that_configurations_hold(name: str) -> None:
    made = {
        "numpy.random": call(
            imp("builtins", "getattr"),
            call(imp("numpy.random._pickle", "__randomstate_ctor"), text("MT19937")),
            text("normal"),
        ),
        "yacs.config": imp("yacs.config", "CfgNode") + b")\x81" + text("LR") + b"K\x01s}"
        + text("__immutable__") + b"\x89sb",
        "easydict": imp("easydict", "EasyDict") + b")\x81" + text("lr") + b"K\x01s",
    }[name]  # fmt: skip
    assert nothing(look(made))


def test_a_dict_whose_keys_are_attributes_takes_no_special_one() -> None:
    made = imp("easydict", "EasyDict") + b")\x81" + text("__class__") + imp("builtins", "str")
    assert worst(look(made + b"s")) is Verdict.UNLISTED_CALL


def test_an_instance_of_a_class_of_python_2() -> None:
    """INST without arguments makes an instance; with some it is a call, as of any function."""
    assert nothing(inspect("old.pkl", b"(iUserDict\nUserDict\n(dS'data'\n(dsb."))
    assert worst(inspect("old.pkl", b"(ios\nsystem\n.")) is Verdict.DANGEROUS
    assert worst(inspect("old.pkl", b"(S'x'\niUserDict\nUserDict\n.")) is Verdict.UNLISTED_CALL


def test_a_frozen_dict_of_flax_is_made_of_a_dict() -> None:
    made = imp("flax.core.frozen_dict", "FrozenDict")
    assert nothing(look(call(made, b"}" + text("kernel") + b"K\x01s")))
    walked = call(made, call(imp("itertools", "count"), b"K\x01"))
    assert worst(look(walked)) is Verdict.UNLISTED_CALL


def test_counters_of_nltk_are_data() -> None:
    counts = pickle.dumps(collections.Counter("abc"), 2)
    assert nothing(
        inspect("a.pkl", counts.replace(b"collections\nCounter", b"nltk.probability\nFreqDist"))
    )


def test_a_distribution_of_given_values_has_the_same_state() -> None:
    sample = imp("scipy.stats._distn_infrastructure", "rv_sample") + b")\x81"
    assert worst(look(sample + STATE + b"b")) is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["int", "dict", "NoneType"])
def test_dill_names_types_of_data(name: str) -> None:
    assert nothing(look(call(imp("dill._dill", "_load_type"), text(name))))
    code = call(imp("dill._dill", "_load_type"), text("CodeType"))
    assert worst(look(code)) is Verdict.DANGEROUS
