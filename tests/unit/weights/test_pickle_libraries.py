# ruff: noqa: E501 - a sample reads best as one line of bytes
"""What libraries around models write, and the ways that their listed classes must not open."""

from __future__ import annotations

import re

import pytest
from tests.unit.weights.test_false_alarms import _PROTO, _call, _made, inspect, nothing, worst

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.classes import is_listed_class, read_list
from weighbridge.weights.pickle.gadgets import gadget

_GETATTR = b"c__builtin__\ngetattr\n"
_NORMAL, _SCORE = b"cngboost.distns.normal\nNormal\n", b"cngboost.scores\nLogScore\n"


def _text(value: str) -> bytes:
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def _state(**values: bytes) -> bytes:
    return b"}(" + b"".join(_text(key) + value for key, value in values.items()) + b"u"


def _method(module: str, name: str, method: str) -> bytes:
    """``getattr(an instance, a name)``, which is how a bound method is pickled."""
    made = f"c{module}\n{name}\n".encode() + b")\x81"
    return _PROTO + _GETATTR + made + _text(method) + b"\x86R."


def _boosted(**values: bytes) -> bytes:
    return _made("ngboost.api", "NGBRegressor", _state(**values))


# What NGBoost's __setstate__ calls methods of must be its own.
@pytest.mark.parametrize(
    "data",
    [
        _boosted(),
        _boosted(Dist=_NORMAL),
        _boosted(Score=_SCORE, Dist=b"cnumpy\nmemmap\n"),
        _boosted(Score=_SCORE, Dist=b"csklearn.utils\nBunch\n)\x81"),
        _boosted(Score=b"cnumpy\nfrombuffer\n", Dist=_NORMAL),
        _boosted(Score=_SCORE, Dist=_NORMAL, _basedist=b"N"),
        _boosted(Score=_SCORE, K=b"J\xff\xff\xff\x7f"),
        _boosted(Score=_SCORE, K=_text("many")),
        _boosted(Score=_SCORE, Dist=_NORMAL, **{f"a{n}": b"N" for n in range(60)}),
        _made("ngboost.api", "NGBSurvival", _state(Score=_SCORE, _basedist=b"cbuiltins\nlen\n")),
    ],
)
def test_a_state_that_ngboost_would_call_something_of(data: bytes) -> None:
    assert worst(inspect("m.pkl", data)) in (Verdict.UNLISTED_CALL, Verdict.DANGEROUS)


@pytest.mark.parametrize(
    "data",
    [
        _method("sklearn.linear_model._base", "LinearRegression", "__reduce__"),
        _method("sklearn.linear_model._base", "LinearRegression", "fit"),
        _method("sklearn.pipeline", "Pipeline", "named_steps"),
        _method("xgboost.sklearn", "XGBClassifier", "load_model"),
        _method("lifelines.fitters.nelson_aalen_fitter", "NelsonAalenFitter", "_model"),
        _method("lifelines.fitters.kaplan_meier_fitter", "KaplanMeierFitter", "plot"),
        _method("own.module", "Estimator", "predict"),
        _method("torch.nn.modules.linear", "Linear", "predict"),
        _call("__builtin__", "getattr", b"ctorch._C\n_VariableFunctionsClass\n" + _text("from_file") + b"\x86"),
        _call("__builtin__", "getattr", b"ctorch._C\n_VariableFunctionsClass\n" + _text("__class__") + b"\x86"),
        _PROTO + b"ctorch._C\n_VariableFunctions\n" + b".",
        _PROTO + b"cnumba.core.serialize\n_unpickle__CustomPickled\n.",
        _PROTO + b"cshap.utils._legacy\nIdentityLink.__init__\n.",
    ],
)  # fmt: skip
def test_what_reaches_further_than_a_calculation(data: bytes) -> None:
    assert worst(inspect("m.pkl", data)) is not None


def test_calling_what_a_listed_name_hands_over_is_a_call() -> None:
    relu = _GETATTR + b"ctorch._C\n_VariableFunctionsClass\n" + _text("relu") + b"\x86R"
    found = inspect("m.pkl", _PROTO + relu + b"K\x01\x85R.")
    assert worst(found) is Verdict.UNLISTED_CALL
    predict = _method("sklearn.linear_model._base", "LinearRegression", "predict")[:-1]
    assert worst(inspect("m.pkl", predict + b"K\x01\x85R.")) is not None


@pytest.mark.parametrize("module", ["torchmetrics.functional.text.ter", "shap.plots._force"])
def test_modules_around_the_listed_ones_are_not(module: str) -> None:
    assert worst(inspect("m.pkl", _made(module, "Anything"))) is Verdict.UNLISTED


@pytest.mark.parametrize(
    "data",
    [
        _made("lifelines.fitters.coxph_fitter", "CoxPHFitter"),
        _call("lifelines.utils", "CensoringType", _text("right") + b"\x85"),
        _method("lifelines.fitters.nelson_aalen_fitter", "NelsonAalenFitter", "_additive_f_smooth"),
        _boosted(Score=_SCORE, Dist=_NORMAL, n_estimators=b"K\x05"),
        _made("ngboost.api", "NGBClassifier", _state(Score=_SCORE, K=b"K\x03", Dist_name=_text("Categorical"))),
        _made("ngboost.api", "NGBSurvival", _state(Score=_SCORE, _basedist=_NORMAL)),
        _made("pyod.models.iforest", "IForest"),
        _made("shap._explanation", "Explanation"),
        _made("slicer.slicer_internal", "AliasLookup"),
        _PROTO + b"cshap.utils._legacy\nIdentityLink.f\n.",
        _made("torchmetrics.classification.accuracy", "MulticlassAccuracy"),
        _PROTO + b"ctorchmetrics.utilities.data\ndim_zero_sum\n.",
        _method("sklearn.linear_model._base", "LinearRegression", "predict"),
        _call("__builtin__", "getattr", b"ctorch._C\n_VariableFunctionsClass\n" + _text("relu") + b"\x86"),
    ],
)  # fmt: skip
def test_what_these_libraries_write_is_listed(data: bytes) -> None:
    assert nothing(inspect("m.pkl", data))


@pytest.mark.parametrize("proto", [b"\x80\x02", b"\x80\x04"])
def test_a_state_of_none_for_a_value_that_has_none(proto: bytes) -> None:
    """Unpicklers pass it over, and no pickler writes it."""
    for value in (b"N", b"K\x05", b")", _text("a")):
        found = inspect("m.pkl", proto + value + b"Nb.")
        assert [issue.code for issue in found.issues] == ["empty-state"]


FILES = ["lifelines", "ngboost", "pyod", "shap", "slicer", "torchmetrics"]


@pytest.mark.parametrize("library", FILES)
def test_class_lists_are_well_formed(library: str) -> None:
    listed = read_list(f"{library}.txt")
    assert listed
    for module, names in listed.items():
        assert re.fullmatch(rf"{library}(\.\w+)*", module), module
        for name in names:
            assert name.isidentifier(), name
            assert not gadget(module, name), (module, name)
            assert is_listed_class(module, name)
