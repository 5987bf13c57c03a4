"""Conditions on ``getattr(object, name)``: the attributes that picklers of known libraries keep."""

from __future__ import annotations

import re

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.checks_data import SAFE, Judgement
from weighbridge.weights.pickle.values import Call, Global, Value, class_of


def attribute(args: Value) -> Judgement:
    """``getattr(object, name)``: only where the two together are on the list."""
    if bound_attribute(args) is not None:
        return SAFE
    return (
        Verdict.DANGEROUS,
        "reaches any attribute of any object, the first step to calling anything",
    )


# Methods that only calculate, which explainers and calibrators keep of a model, and which a fitter
# of lifelines keeps of itself. No properties: reaching for one of those would run it.
_CALCULATES = frozenset(
    {"predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples",
     "transform"}
)  # fmt: skip
_KEPT = {
    "lifelines.fitters.nelson_aalen_fitter.NelsonAalenFitter": frozenset(
        {"_variance_f_smooth", "_variance_f_discrete", "_additive_f_smooth", "_additive_f_discrete",
         "plot"}
    ),
}  # fmt: skip


def _is_kept_method(cls: Global, name: str) -> bool:
    """Whether an instance of a listed class hands over a method that only calculates. What the
    instance's own state holds under that name was judged where it was imported."""
    from weighbridge.weights.pickle.policy import Level, Ruling

    if not isinstance(cls.ruling, Ruling) or cls.ruling.level < Level.CONSTRUCT:
        return False
    if name in _KEPT.get(cls.dotted, ()):
        return True
    return cls.module.startswith(("sklearn.", "xgboost.", "lightgbm.")) and name in _CALCULATES


_DRAWS = re.compile(r"[a-z][a-z_]{2,30}\Z", re.A)
_LAZY = ("_infer_parameters", "_lazy_load_hook")


def bound_attribute(args: Value) -> tuple[str, str] | None:
    """The listed dotted name that the arguments of ``getattr`` reach: its module and its name."""
    from weighbridge.weights.pickle.policy import Level, rule_on

    if not isinstance(args, tuple) or len(args) != 2 or not isinstance(args[1], str):
        return None
    owner, name = args[0], args[1]
    if isinstance(owner, Call):
        cls = class_of(owner)
        return None if cls is None else _method(cls, name)
    if isinstance(owner, Global) and "." not in name:
        dotted = f"{owner.name}.{name}"
        if rule_on(owner.module, dotted).level >= Level.IMPORT:
            return owner.module, dotted
    return None


def _method(cls: Global, name: str) -> tuple[str, str] | None:
    """A method that an instance of the class hands over."""
    from weighbridge.weights.pickle.classes import is_distribution

    if name in _LAZY and cls.module.startswith("torch.nn.modules."):
        # Modules without a shape yet keep a method of theirs as a hook.
        return "torch.nn.modules.lazy", f"LazyModuleMixin.{name}"
    if name == "_entropy" and is_distribution(cls.module, cls.name):
        # Discrete distributions of SciPy keep this method of theirs as an attribute.
        return cls.module, cls.name
    if cls.module == "numpy.random._pickle" and _DRAWS.match(name):
        # ``numpy.random.normal`` is a method of the generator behind that module.
        return "numpy.random", name
    if name == "pick" and cls.dotted == "matplotlib.figure.Figure":
        # Figures of Matplotlib keep this method of theirs as a callback.
        return "matplotlib.figure", "Figure.pick"
    return (cls.module, cls.name) if _is_kept_method(cls, name) else None
