# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Calls that a pickle prepares for later, made at once after all, and states that are programs.

Sources: GHSA-955r-x9j8-7rhh (getters of the operator module); CPython's library reference for what
``functools`` and ``itertools`` call; statsmodels' ``ModelData.__setstate__``, which evaluates a
formula; skorch's ``NeuralNet.__setstate__``, which loads a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus import made_objects
from tests.corpus.assemble import PROTO_2, RUN_PICKLE, call, imp, text, value
from tests.corpus.sample import Sample

_ECHO = value("echo inert")
_SYSTEM = imp("os", "system")


def _made(module: str, name: str, state: bytes) -> bytes:
    """An instance that is given a state."""
    return imp(module, name) + b")\x81" + state + b"b"


def _table(**pairs: bytes) -> bytes:
    return b"}(" + b"".join(text(key) + item for key, item in pairs.items()) + b"u"


def _listed(*items: bytes) -> bytes:
    return b"](" + b"".join(items) + b"e"


def _formula(formula: str) -> bytes:
    frame = _table(y=_listed(b"K\x01"))
    state = _table(restore_model_spec=b"\x88", formula=text(formula), frame=frame)
    return _made("statsmodels.base.data", "PandasData", state)


_ATTRIBUTE = imp("operator", "attrgetter")
_METHOD = imp("operator", "methodcaller")
_MAP = call(imp("builtins", "map"), _SYSTEM, _listed(_ECHO))

GETTERS: dict[str, tuple[bytes, str]] = {
    "attribute-called": (call(call(_ATTRIBUTE, text("system")), imp("os", "path")), "operator.attrgetter"),
    "plain-attribute-called": (call(call(_ATTRIBUTE, text("loader")), imp("collections", "OrderedDict")), "operator.attrgetter"),
    "item-called": (call(call(imp("operator", "itemgetter"), text("os")), imp("sys", "modules")), "operator.itemgetter"),
    "plain-item-called": (call(call(imp("operator", "itemgetter"), text("a")), _table(a=b"K\x01")), "operator.itemgetter"),
    "method-called": (call(call(_METHOD, text("system"), _ECHO), imp("os", "path")), "operator.methodcaller"),
    "plain-method-called": (call(call(_METHOD, text("lower")), text("X")), "operator.methodcaller"),
    "method-that-evaluates": (call(_METHOD, text("eval"), text("1")), "operator.methodcaller"),
    "method-that-writes": (call(_METHOD, text("to_pickle"), text("inert")), "operator.methodcaller"),
    "special-attribute": (call(_ATTRIBUTE, text("__class__.__base__")), "operator.attrgetter"),
    "special-in-the-middle": (call(_ATTRIBUTE, text("a.__globals__.b")), "operator.attrgetter"),
    "module-attribute": (call(_ATTRIBUTE, text("os.system")), "operator.attrgetter"),
    "private-twin": (call(imp("_operator", "attrgetter"), text("system")), "_operator.attrgetter"),
    "computed-name": (call(_ATTRIBUTE, call(imp("builtins", "str"), text("x"))), "operator.attrgetter"),
    "item-of-a-function": (call(imp("operator", "itemgetter"), _SYSTEM), "os.system"),
    "constructed": (_ATTRIBUTE + b"(" + text("system") + b"t\x81", "operator.attrgetter"),
    "partial-of-a-getter": (call(call(imp("functools", "partial"), _ATTRIBUTE), text("system")), "<computed>"),
    "call": (call(imp("operator", "call"), _SYSTEM, _ECHO), "operator.call"),
}  # fmt: skip

LATE: dict[str, tuple[bytes, str]] = {
    "partial": (call(imp("functools", "partial"), _SYSTEM, _ECHO), "os.system"),
    "partial-called": (call(call(imp("functools", "partial"), imp("inert_package", "run"))), "<computed>"),
    "partial-of-a-state": (call(imp("functools", "partial"), imp("numpy", "log")) + b"(" + _SYSTEM + b")}Ntb", "os.system"),
    "factory": (call(imp("collections", "defaultdict"), call(imp("functools", "partial"), _SYSTEM, _ECHO)), "os.system"),
    "map-in-a-list": (call(imp("builtins", "list"), _MAP), "builtins.map"),
    "map-in-a-chain": (call(imp("builtins", "tuple"), call(imp("itertools", "chain"), _MAP)), "builtins.map"),
    "map-in-pairs": (call(imp("builtins", "dict"), call(imp("builtins", "zip"), _listed(b"K\x01"), _MAP)), "builtins.map"),
    "filter": (call(imp("builtins", "set"), call(imp("builtins", "filter"), _SYSTEM, _listed(_ECHO))), "builtins.filter"),
    "accumulate": (call(imp("builtins", "list"), call(imp("itertools", "accumulate"), _listed(_ECHO), _SYSTEM)), "itertools.accumulate"),
    "take-while": (call(imp("collections", "deque"), call(imp("itertools", "takewhile"), _SYSTEM, _listed(_ECHO))), "itertools.takewhile"),
    "star-map": (call(imp("itertools", "starmap"), _SYSTEM, _listed(_ECHO + b"\x85")), "itertools.starmap"),
    "iterator-of-a-function": (call(imp("builtins", "iter"), imp("os", "getcwd"), text("x")), "os.getcwd"),
    "endless-list": (call(imp("builtins", "list"), call(imp("itertools", "count"), b"K\x00")), "builtins.list"),
    "reduce": (call(imp("functools", "reduce"), _SYSTEM, _listed(_ECHO, _ECHO)), "functools.reduce"),
}  # fmt: skip

STATES: dict[str, tuple[bytes, str]] = {
    "formula-call": (_formula("y ~ os.system(1)"), "statsmodels.base.data.ModelData"),
    "formula-import": (_formula("__import__('os')"), "statsmodels.base.data.ModelData"),
    "formula-lambda": (_formula("y ~ (lambda: 1)()"), "statsmodels.base.data.ModelData"),
    "formula-unknown-function": (_formula("y ~ f(x)"), "statsmodels.base.data.ModelData"),
    "formula-attribute": (_formula("y ~ np.log.__class__(a)"), "statsmodels.base.data.ModelData"),
    "formula-long": (_formula("y ~ " + "a + " * 400 + "os.system(a)"), "statsmodels.base.data.ModelData"),
    "checkpoint": (_made("skorch.net", "NeuralNet", _table(__cuda_dependent_attributes__=b"B" + len(RUN_PICKLE).to_bytes(4, "little") + RUN_PICKLE)), "os.system"),
    "image-of-any-size": (_made("PIL.Image", "Image", _listed(b"}", text("RGB"), b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", b"N", text(""))), "PIL.Image.Image"),
    "figure-method": (call(imp("builtins", "getattr"), imp("matplotlib.figure", "Figure") + b")\x81", text("savefig")), "builtins.getattr"),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """One pickle each."""
    for family, table in (("getters", GETTERS), ("late-calls", LATE), ("states", STATES)):
        for name, (body, expected) in table.items():
            why = "prepares a call that runs, or that any use of the model makes"
            yield Sample(
                "malicious", family, f"{name}.pkl", PROTO_2 + body + b".", (expected,), why
            )
    yield from made_objects.samples()
