"""What a pickle prepares for later and never calls: harmless where its names are plain."""

from __future__ import annotations

import collections
import functools
import itertools
import operator
import pickle

import pytest
from tests.unit.weights.craft import call, imp, text
from tests.unit.weights.test_false_alarms import inspect, nothing, worst

from weighbridge.weights.inspection import Verdict


@pytest.mark.parametrize(
    "value",
    [
        operator.itemgetter(1),
        operator.itemgetter("column"),
        operator.itemgetter(0, slice(1, 2)),
        operator.attrgetter("values"),
        operator.attrgetter("tree_.value", "classes_"),
        operator.methodcaller("lower"),
        operator.methodcaller("toarray"),
        operator.add,
        enumerate([1, 2]),
        zip([1], iter((2,)), strict=False),
        itertools.chain([1], [2]),
        itertools.repeat(3, 2),
        iter({"a": 1}.items()),
        reversed([1, 2]),
        collections.defaultdict(functools.partial(collections.defaultdict, int), {"a": 1}),
        functools.partial(abs),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_prepared_call_is_data(value: object, protocol: int) -> None:
    assert nothing(inspect("model.pkl", pickle.dumps({"transform": value}, protocol)))


@pytest.mark.parametrize(
    "name", ["system", "_os.x", "a.__dict__", "popen", "__class__", "not a name", "", "eval"]
)
@pytest.mark.parametrize("getter", ["attrgetter", "methodcaller"])
def test_a_getter_of_a_name_that_leads_further_is_dangerous(getter: str, name: str) -> None:
    made = call(imp("operator", getter), text(name))
    assert worst(inspect("model.pkl", b"\x80\x02" + made + b".")) is Verdict.DANGEROUS


@pytest.mark.parametrize("getter", ["attrgetter", "itemgetter", "methodcaller"])
def test_a_getter_that_the_pickle_calls_is_dangerous(getter: str) -> None:
    made = call(imp("operator", getter), text("lower"))
    called = b"\x80\x02" + call(made, text("X")) + b"."
    assert worst(inspect("model.pkl", called)) is Verdict.DANGEROUS


def test_a_getter_with_a_state_is_nothing_that_a_pickler_writes() -> None:
    made = call(imp("operator", "methodcaller"), text("lower")) + b"}b\x85"
    assert worst(inspect("model.pkl", b"\x80\x02" + made + b".")) is Verdict.UNLISTED_CALL


@pytest.mark.parametrize("endless", ["count", "cycle", "repeat"])
def test_an_endless_iterator_in_a_container_exhausts(endless: str) -> None:
    argument = b"](K\x01e" if endless == "cycle" else b"K\x01"
    made = call(imp("builtins", "list"), call(imp("itertools", endless), argument))
    assert worst(inspect("model.pkl", b"\x80\x02" + made + b".")) is Verdict.UNLISTED_CALL


def test_a_partial_of_an_unknown_function_is_unknown_until_it_is_called() -> None:
    made = call(imp("functools", "partial"), imp("mine.losses", "focal"))
    assert worst(inspect("model.pkl", b"\x80\x02" + made + b".")) is Verdict.UNLISTED
    assert worst(inspect("model.pkl", b"\x80\x02" + call(made) + b".")) is Verdict.UNLISTED_CALL


def _design(formula: str) -> bytes:
    frame = b"}X\x01\x00\x00\x00y](K\x01es"
    state = b"}(" + text("restore_model_spec") + b"\x88" + text("formula") + text(formula)
    state += text("frame") + frame + b"u"
    return b"\x80\x02" + imp("statsmodels.base.data", "PandasData") + b")\x81" + state + b"b."


@pytest.mark.parametrize(
    "formula",
    ["y ~ a + b", "y ~ C(g) * x - 1", "np.log(y) ~ I(x**2) + x:z", "y ~ bs(x, df)", "y ~ 0 + a"],
)
def test_a_formula_of_columns_and_arithmetic_is_data(formula: str) -> None:
    assert nothing(inspect("fit.pickle", _design(formula)))


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ f(x)",
        "y ~ np.load(x)",
        "y ~ x.y",
        "y ~ C(a)[0]",
        "y ~ C(a)(b)",
        "y ~ (lambda: 1)()",
        "y ~ __import__",
        "y ~ {x}",
        "y ~ 'x'",
        "y ~ x (1)",
    ],
)
def test_a_formula_with_a_call_of_its_own_choosing_is_dangerous(formula: str) -> None:
    assert worst(inspect("fit.pickle", _design(formula))) is Verdict.DANGEROUS


def _image(size: bytes) -> bytes:
    state = b"](}" + text("L") + size + b"N" + text("x") + b"e"
    return b"\x80\x02" + imp("PIL.Image", "Image") + b")\x81" + state + b"b."


def test_an_image_is_as_large_as_memory_allows() -> None:
    assert nothing(inspect("image.pkl", _image(b"K\x02K\x03\x86")))
    assert worst(inspect("image.pkl", _image(b"J\xff\xff\xff\x7fK\x7f\x86"))) is (
        Verdict.UNLISTED_CALL
    )
    assert worst(inspect("image.pkl", _image(b"N"))) is Verdict.UNLISTED_CALL


def test_a_column_of_text_as_pandas_writes_it_with_arrow() -> None:
    kind = call(imp("pyarrow.lib", "type_for_alias"), text("large_string"))
    buffer = call(imp("pyarrow.lib", "py_buffer"), b"C\x08abcdefgh")
    parts = b"(" + kind + b"K\x01K\x00K\x00](N" + buffer + buffer + b"e]Nt"
    array = call(imp("pyarrow.lib", "_restore_array"), parts)
    made = call(imp("pyarrow.lib", "chunked_array"), b"](" + array + b"e", kind)
    assert nothing(inspect("table.pkl", b"\x80\x03" + made + b"."))


@pytest.mark.parametrize(
    ("body", "sound"),
    [
        (b"](K\x01eK\x00K\x02s", True),  # a list takes an item by its place
        (b"]K\x00K\x02s", False),
        (b"}K\x00a", False),
        (b"]\x8f(K\x01\x90a", True),
        (b"](K\x01\x90", False),
        (b"\x8f(K\x01e", False),
        (b"]}b", False),
    ],
)
def test_containers_take_what_unpicklers_give_them(body: bytes, sound: bool) -> None:
    stream = b"\x80\x04" + body + b"."
    codes = {issue.code for issue in inspect("data.pkl", stream).issues}
    assert ("damaged-pickle" not in codes) is sound
    if sound:
        assert pickle.loads(stream) is not None  # plain data of this test's own
    else:
        with pytest.raises((AttributeError, IndexError, TypeError)):
            pickle.loads(stream)


def test_a_getter_that_is_all_the_pickle_holds_is_there_to_be_called() -> None:
    alone = pickle.dumps(operator.attrgetter("values"))
    assert worst(inspect("model.pkl", alone)) is Verdict.DANGEROUS
