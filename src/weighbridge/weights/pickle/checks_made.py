"""Conditions on calls that make objects of a class, or for which methods of an argument are called.

Sources: NumPy, numpy/random/_pickle.py (``__generator_ctor`` calls its second argument with its
first); PyTorch, torch/nn/parameter.py (``Parameter.__new__`` calls ``data.detach()``); CPython,
Modules/itertoolsmodule.c (iterators that never end).
"""

from __future__ import annotations

from collections.abc import Sequence

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.checks_data import SAFE, Judgement, unlisted
from weighbridge.weights.pickle.values import Call, Global, Items, Value

_BIT_GENERATOR = "numpy.random._pickle.__bit_generator_ctor"
_RANDOM = "numpy.random."
# Iterators that never end, or end only where what they walk does.
_ENDLESS = frozenset({
    "itertools.count", "itertools.cycle", "itertools.repeat", "itertools.chain", "builtins.zip",
    "builtins.enumerate", "itertools.islice", "itertools.zip_longest", "itertools.product",
    "itertools.combinations", "itertools.permutations", "itertools.compress",
    "itertools.combinations_with_replacement", "builtins.iter",
})  # fmt: skip
# Libraries whose listed classes only set attributes, or make tensors, when they are constructed.
_PREPARED = ("torch", "torchvision", "timm", "sklearn", "numpy", "scipy", "transformers", "einops",
             "pandas", "builtins", "collections", "functools")  # fmt: skip


def dotted_of(value: Value) -> str:
    """The name that a call calls, or that an import imports; empty where the bytes name none."""
    if isinstance(value, Call):
        value = value.callee
    return value.dotted if isinstance(value, Global) else ""


def generator(args: Value) -> Judgement:
    """``__generator_ctor(generator, constructor)``, ``__randomstate_ctor`` and
    ``__bit_generator_ctor``: a generator of NumPy, by its name or as what made it."""
    if not isinstance(args, tuple) or len(args) > 2:
        return unlisted("calls something that the bytes alone do not name")
    first = args[0] if args else None
    made = isinstance(first, str) or first is None
    if not made and not dotted_of(first).startswith(_RANDOM):
        return unlisted("constructs a class that is no generator of random numbers")
    if len(args) == 2 and dotted_of(args[1]) != _BIT_GENERATOR:
        return unlisted("calls a function that makes no generator of random numbers")
    return SAFE


def parameter(args: Value) -> Judgement:
    """``Parameter(data, …)`` calls ``data.detach()``: the data must be a tensor."""
    data = args[0] if isinstance(args, tuple) and args else None
    if isinstance(data, Call):
        callee = data.callee
        if isinstance(callee, Global) and callee.module.partition(".")[0] != "torch":
            return unlisted("calls a method of an object that is no tensor")
    elif isinstance(data, (Global, Items)):
        return unlisted("calls a method of an object that is no tensor")
    return SAFE


def endless(args: Value) -> bool:
    """Whether a call is handed an iterator that it may walk without an end."""
    if not isinstance(args, tuple):
        return False
    for arg in args:
        if _any_endless((arg,)):
            return True
        if isinstance(arg, Items) and arg.kind == "dict" and _any_endless(arg.items or []):
            return True
    return False


def _any_endless(values: Sequence[Value]) -> bool:
    return any(type(value) is Call and dotted_of(value) in _ENDLESS for value in values)


ENDLESS: Judgement = (
    Verdict.UNLISTED_CALL,
    "walks the result of a call, which may never end or call on",
)


def is_prepared_class(cls: Global) -> bool:
    """Whether constructing a listed class later, with any arguments, opens no file: constructors
    of other libraries take paths and addresses (``xgboost.core.Booster``, ``joblib.Memory``)."""
    return cls.module.partition(".")[0] in _PREPARED
