"""Conditions on calls that only prepare one for later: getters of the operator module, iterators.

Sources: CPython, Modules/_operator.c (``__reduce__`` of the getters) and Modules/itertoolsmodule.c;
GHSA-955r-x9j8-7rhh for getters that a pickle itself calls.
"""

from __future__ import annotations

import re

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.checks_data import SAFE, Judgement, plain, unlisted
from weighbridge.weights.pickle.gadgets import is_rung
from weighbridge.weights.pickle.values import Call, Global, Value

GETTERS = frozenset({
    "operator.attrgetter", "operator.itemgetter", "operator.methodcaller",
    "_operator.attrgetter", "_operator.itemgetter", "_operator.methodcaller",
})  # fmt: skip
REACHES = "reaches any attribute of any object, the first step to calling anything"
_PLAIN_NAME = re.compile(r"(?!__)[^\W\d]\w{0,80}\Z")
_KEY = re.compile(r"(?!__)[^\s'\"`$;|&<>\\]{0,120}\Z")
# Methods by which data reads or writes files or runs text: of arrays, tables, paths, estimators.
_REACHING = re.compile(
    r"to_|load|save|dump|write|read|open|run|exec|eval|query|unlink|remove|rm|tofile|call|spawn"
    r"|popen|system|send|connect|import|find_|get_code|pipe|apply|agg|transform|map|communicate",
    re.I,
)
# Iterators that end only if what they walk does, and those that never do.
_LAZY = frozenset({
    "builtins.iter", "builtins.reversed", "builtins.enumerate", "builtins.zip", "itertools.chain",
    "itertools.cycle", "itertools.repeat", "itertools.count", "itertools.islice",
    "itertools.zip_longest", "itertools.product", "itertools.combinations",
    "itertools.permutations", "itertools.combinations_with_replacement", "itertools.compress",
    "builtins.range",
})  # fmt: skip


def attribute_getter(args: Value) -> Judgement:
    """``attrgetter(name, …)``: an object that reads plain attributes once it is called."""
    if isinstance(args, tuple) and args and all(_is_path(name) for name in args):
        return SAFE
    return Verdict.DANGEROUS, REACHES


def item_getter(args: Value) -> Judgement:
    """``itemgetter(key, …)``: an object that picks columns or places once it is called."""
    if isinstance(args, tuple) and args and all(_is_key(key) for key in args):
        return SAFE
    return Verdict.DANGEROUS, REACHES


def method_caller(args: Value) -> Judgement:
    """``methodcaller(name, …)``: an object that calls a method of data once it is called."""
    if isinstance(args, tuple) and args:
        name, *rest = args
        harmless = (
            isinstance(name, str)
            and "." not in name
            and _is_path(name)
            and _REACHING.match(name.lstrip("_")) is None
        )
        if harmless and all(_is_key(part) for part in rest):
            return SAFE
    return Verdict.DANGEROUS, REACHES


def _is_path(name: Value) -> bool:
    """A name, or names with dots between them, none of which leads to a module or a function."""
    return (
        isinstance(name, str)
        and len(name) <= 200
        and all(_PLAIN_NAME.match(part) and not is_rung(part) for part in name.split("."))
    )


def _is_key(key: Value) -> bool:
    if isinstance(key, str):
        return _KEY.match(key) is not None and not any(map(is_rung, key.split(".")))
    if isinstance(key, tuple):
        return all(_is_key(part) for part in key)
    if isinstance(key, Call):
        return _dotted(key) == "builtins.slice" and _is_key(key.args)
    return key is None or isinstance(key, (bool, int, float))


def lazy(args: Value) -> Judgement:
    """Iterators walk nothing until they are asked: what they hold may be iterators again."""
    if not isinstance(args, tuple):
        return unlisted("walks a value that the bytes alone do not name")
    rest = tuple(arg for arg in args if not (isinstance(arg, Call) and _dotted(arg) in _LAZY))
    return plain(rest)


def factory(args: Value) -> Judgement:
    """``defaultdict(factory, items)`` calls the factory later, where a key is missing."""
    prepared = args[0] if isinstance(args, tuple) and args else None
    if isinstance(prepared, Call) and _dotted(prepared) == "functools.partial":
        return plain(args[1:] if isinstance(args, tuple) else args)  # judged where it was made
    return plain(args)


def iterator(args: Value) -> Judgement:
    """``iter(items)``; with two arguments it calls the first."""
    if isinstance(args, tuple) and len(args) == 1:
        return lazy(args)
    return unlisted("calls a function again and again")


def _dotted(call: Call) -> str:
    return call.callee.dotted if isinstance(call.callee, Global) else ""
