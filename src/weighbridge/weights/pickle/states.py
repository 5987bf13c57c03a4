"""What giving an object a state (BUILD) or items (SETITEMS, APPENDS, ADDITEMS) can set off."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.allowlist_more import GROWING, KEYED
from weighbridge.weights.pickle.checks import CHECKS
from weighbridge.weights.pickle.checks_data import MAX_ALLOCATED
from weighbridge.weights.pickle.checks_lazy import GETTERS
from weighbridge.weights.pickle.classes import is_distribution
from weighbridge.weights.pickle.policy import Level, Ruling
from weighbridge.weights.pickle.values import (
    READ_BYTES,
    UNKNOWN,
    Call,
    Global,
    Items,
    Opaque,
    Thin,
    Value,
    class_of,
    special_key,
)

COMPUTED = "<computed>"
_COMPUTED_EFFECT = "calls something that the bytes alone do not name"
_GETTER_EFFECT = "changes an object of the operator module, which no pickler writes"
_SPECIAL_EFFECT = "replaces a special attribute of an object"
MAX_CLASSES = 100_000  # of a distribution that loading makes anew
_FILE_NAME = re.compile(r"[\w\-][\w\-. ]{0,250}\Z")

# Listed classes whose instances are containers that a pickler fills: by key, and by element.
# scipy/stats/_distn_infrastructure.py, parse_arg_template, in every version that has one.
_SHAPES = r"(?:[A-Za-z_]\w{0,30}, ?){0,12}"
_PLACE = r"(?:loc=(?:0|None), scale=(?:1|None)|loc=(?:0|None))"
_TEMPLATE = re.compile(
    rf"\s*def _parse_args\(self, {_SHAPES} ?{_PLACE}\):"
    rf"\s*return \({_SHAPES}\), loc(?:, scale|, 1)?"
    rf"\s*def _parse_args_rvs\(self, {_SHAPES} ?{_PLACE}, size=None\):"
    rf"\s*return self\._argcheck_rvs\({_SHAPES} ?loc(?:, scale|, 1)?, size=size\)"
    rf"\s*def _parse_args_stats\(self, {_SHAPES} ?{_PLACE}, moments='mv'\):"
    rf"\s*return \({_SHAPES}\), loc(?:, scale|, 1)?, moments\s*\Z",
    re.A,
)

_KEYED_NAMES = """
    builtins.dict collections.OrderedDict collections.defaultdict collections.Counter
    scipy.sparse._dok.dok_matrix scipy.sparse._dok.dok_array
    diffusers.configuration_utils.FrozenDict
"""
_GROWING_NAMES = (
    "builtins.list collections.deque pandas.core.indexes.frozen.FrozenList skorch.history.History"
)
# Filled by key too, and a key is then an attribute.
_ATTRIBUTED_NAMES = """
    statsmodels.tools.tools.Bunch sklearn.utils._bunch.Bunch sklearn.utils.Bunch
    scipy.optimize._optimize.OptimizeResult
    scipy.optimize.optimize.OptimizeResult lightning_fabric.utilities.data.AttributeDict
    lightning.fabric.utilities.data.AttributeDict pytorch_lightning.utilities.parsing.AttributeDict
"""
_KEYED, _GROWING, _ATTRIBUTED = (
    frozenset(names.split()) | more
    for names, more in (
        (_KEYED_NAMES, frozenset()), (_GROWING_NAMES, GROWING), (_ATTRIBUTED_NAMES, KEYED)
    )
)  # fmt: skip


class Found(NamedTuple):
    """What is wrong with it; ``name`` names the attribute or the class."""

    verdict: Verdict
    name: str
    effect: str


def judge(target: Call | Opaque, state: Value, special: Value) -> Found | None:
    """BUILD of ``target``; None where it only sets attributes."""
    if isinstance(target, Opaque):
        return Found(Verdict.UNLISTED_CALL, COMPUTED, _COMPUTED_EFFECT)
    cls = class_of(target)
    key = _special(state, special)
    if key is not None:
        name = key if isinstance(key, str) else COMPUTED
        return Found(Verdict.UNLISTED_CALL, name, _SPECIAL_EFFECT)
    if target.built and cls is not None and _listed(cls):
        effect = "sets an object's state twice, which no pickler writes"
        return Found(Verdict.UNLISTED_CALL, cls.dotted, effect)
    target.built = True
    if cls is None:
        return None
    if cls.dotted in GETTERS:
        return Found(Verdict.UNLISTED_CALL, cls.dotted, _GETTER_EFFECT)
    if is_distribution(cls.module, cls.name):
        return _distribution(cls, state)
    if cls.dotted == "functools.partial":
        return _partial(target, state)
    check = _STATES.get(cls.dotted)
    return check(state) if check is not None else None


def judge_items(target: Call | Opaque, items: list[Value], *, keyed: bool) -> Found | None:
    """Items go to ``target``, which is no plain list, dict or set."""
    if isinstance(target, Opaque):
        return Found(Verdict.UNLISTED_CALL, COMPUTED, _COMPUTED_EFFECT)
    cls = class_of(target)
    if cls is None:
        return Found(Verdict.UNLISTED_CALL, COMPUTED, _COMPUTED_EFFECT)
    if cls.dotted in _ATTRIBUTED and keyed:
        key = special_key(items)
        if key is None:
            return None
        return Found(
            Verdict.UNLISTED_CALL, key if isinstance(key, str) else COMPUTED, _SPECIAL_EFFECT
        )
    if cls.dotted in (_KEYED if keyed else _GROWING) or not _listed(cls):
        return None  # an unlisted class has been written down already
    effect = "calls a method of an object that is no container"
    return Found(Verdict.UNLISTED_CALL, cls.dotted, effect)


def _listed(cls: Global) -> bool:
    return isinstance(cls.ruling, Ruling) and cls.ruling.level > Level.NONE


def _special(state: Value, special: Value) -> Value:
    """A special name among the attributes that a state sets; None where there is none."""
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, Thin):
            if special is not None:
                return special
        elif isinstance(part, Items) and part.special is not None:
            return part.special
    return None


def _partial(target: Call, state: Value) -> Found | None:
    """``functools.partial``: (function, arguments, keywords, attributes). Picklers name the
    function twice, and it is the same one."""
    state = state if isinstance(state, tuple) else ()
    verdict, effect = CHECKS["partial"](state)
    made = target.args if isinstance(target.args, tuple) else ()
    if verdict is Verdict.UNLISTED and (not made or made[0] is not state[0]):
        verdict = Verdict.UNLISTED_CALL
    return None if verdict is Verdict.SAFE else Found(verdict, "functools.partial", effect)


def _distribution(cls: Global, state: Value) -> Found | None:
    """SciPy's distributions run ``_parse_arg_template`` of their state as Python: it must be the
    text that SciPy itself makes, with the names of shape parameters in it."""
    text = state.lookup("_parse_arg_template") if isinstance(state, Items) else None
    if isinstance(text, str) and _TEMPLATE.match(text):
        return None
    return Found(Verdict.DANGEROUS, cls.dotted, "runs text of its state as Python code")


def _booster(state: Value) -> Found | None:
    """XGBoost takes ``handle`` for the model's bytes; a number would be used as a pointer."""
    handle = state.lookup("handle") if isinstance(state, Items) else 0
    if handle is None or isinstance(handle, (Call, bytes, Opaque)):
        return None
    effect = "hands a native library a pointer that is no model"
    return Found(Verdict.UNLISTED_CALL, "xgboost.core.Booster", effect)


def _array_file(state: Value) -> Found | None:
    """joblib before 0.10 keeps an array in a file beside the pickle, which loading reads."""
    name = state.lookup("filename") if isinstance(state, Items) else None
    if isinstance(name, str) and _FILE_NAME.match(name):
        return None
    effect = "reads a file elsewhere that the pickle names"
    return Found(Verdict.DANGEROUS, "joblib.numpy_pickle_compat.NDArrayWrapper", effect)


# Columns, numbers, signs, and functions that only compute; no call of a name that the file picks.
_FORMULA = re.compile(
    r"(?:[\s\d.+\-*/:~^|,()<>!=%&]|(?:np\.(?:log|log1p|log2|log10|exp|sqrt|abs|power|sin|cos|square)"
    r"|C|I|Q|bs|cr|cc|center|standardize|scale|poly)(?=\s*\()|(?!__)(?!lambda\b)[A-Za-z_]\w*+(?!\s*[(.\[]))*\Z",
    re.A,
)
_CALLED = re.compile(r"\)\s*\(")
_NETS = (
    "skorch.net.NeuralNet", "skorch.classifier.NeuralNetClassifier",
    "skorch.classifier.NeuralNetBinaryClassifier", "skorch.regressor.NeuralNetRegressor",
)  # fmt: skip
_FORMULAS = ("restore_design_info", "restore_model_spec")  # before 0.15, and since


def _design(state: Value) -> Found | None:
    """statsmodels evaluates the formula of its data anew where the state asks for it."""
    if isinstance(state, Items) and not isinstance(state, Thin) and state.items is not None:
        keys = state.items[::2]
        if state.count == len(state.items) and not any(k in _FORMULAS for k in keys):
            return None
        formula = state.lookup("formula")
        known = isinstance(formula, str) and state.lookup("frame") is not UNKNOWN
        if known and _FORMULA.match(str(formula)) and not _CALLED.search(str(formula)):
            return None
    effect = "evaluates a formula of its state, which is Python code"
    return Found(Verdict.DANGEROUS, "statsmodels.base.data.ModelData", effect)


def _image(state: Value) -> Found | None:
    """Pillow allots the size that the state names, and then decodes its bytes."""
    items = state.items if isinstance(state, Items) and state.items is not None else []
    size = items[2] if 5 <= len(items) <= 6 else None
    if isinstance(size, tuple) and [type(side) for side in size] == [int, int]:
        width, height = size
        if 0 <= width * height <= MAX_ALLOCATED:
            return None
    effect = "makes an image of a size that the bytes alone do not bear out"
    return Found(Verdict.UNLISTED_CALL, "PIL.Image.Image", effect)


def _skorch(state: Value) -> Found | None:
    """skorch loads what depends on a device from bytes in its state, which were looked into."""
    inner = state.lookup("__cuda_dependent_attributes__") if isinstance(state, Items) else None
    if inner is READ_BYTES:
        return None
    effect = "loads another pickle, which was not looked into"
    return Found(Verdict.UNLISTED_CALL, "skorch.net.NeuralNet", effect)


def _ngboost(state: Value) -> Found | None:
    """NGBoost asks the distribution of its state for its score, by methods of either: they must be
    classes of its own, and where it makes the distribution anew, for a number of classes."""
    if isinstance(state, Items) and state.items is not None and state.count == len(state.items):
        named = dict(zip(map(str, state.items[::2]), state.items[1::2], strict=False))
        classes = [named.get("Score"), *(named[key] for key in _DISTRIBUTIONS if key in named)]
        known = all(
            isinstance(cls, Global) and cls.module.startswith(("ngboost.distns.", "ngboost.scores"))
            for cls in classes
        )
        count = named.get("K", 1)
        if known and type(count) is int and 0 < count <= MAX_CLASSES:
            return None
    effect = "calls methods of something in its state that is no distribution"
    return Found(Verdict.UNLISTED_CALL, "ngboost.ngboost.NGBoost", effect)


_DISTRIBUTIONS = ("Dist", "_basedist")
_BOOSTED = ("ngboost.api.NGBRegressor", "ngboost.api.NGBClassifier", "ngboost.api.NGBSurvival",
            "ngboost.ngboost.NGBoost")  # fmt: skip


_STATES: dict[str, Callable[[Value], Found | None]] = {
    "statsmodels.base.data.ModelData": _design,
    "statsmodels.base.data.PandasData": _design,
    "statsmodels.base.data.PatsyData": _design,
    "statsmodels.base.data.FormulaData": _design,
    "statsmodels.base.data.FormulaicData": _design,
    "PIL.Image.Image": _image,
    "PIL.JpegImagePlugin.JpegImageFile": _image,
    "PIL.PngImagePlugin.PngImageFile": _image,
    **dict.fromkeys(_NETS, _skorch),
    **dict.fromkeys(_BOOSTED, _ngboost),
    "xgboost.core.Booster": _booster,
    "joblib.numpy_pickle.NDArrayWrapper": _array_file,
    "joblib.numpy_pickle.ZNDArrayWrapper": _array_file,
    "sklearn.externals.joblib.numpy_pickle.NDArrayWrapper": _array_file,
    "sklearn.externals.joblib.numpy_pickle.ZNDArrayWrapper": _array_file,
    "joblib.numpy_pickle_compat.NDArrayWrapper": _array_file,
    "joblib.numpy_pickle_compat.ZNDArrayWrapper": _array_file,
}
