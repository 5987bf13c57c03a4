"""Conditions on the arguments of listed functions: what makes a harmless function harmful.

Each takes the symbolic arguments and gives a verdict and what the call then does. A safe verdict
with a text says what is malformed about the arguments. Whatever cannot be told is not safe.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.checks_data import (
    MAX_ALLOCATED,
    SAFE,
    Judgement,
    is_data,
    none,
    number,
    pattern,
    plain,
    tensor,
    unlisted,
    zone,
)
from weighbridge.weights.pickle.checks_lazy import (
    attribute_getter,
    factory,
    item_getter,
    iterator,
    lazy,
    method_caller,
)
from weighbridge.weights.pickle.values import (
    READ_BYTES,
    READ_TEXT,
    Call,
    Global,
    Items,
    Value,
    class_of,
    special_key,
)

_NO_CLASS = "constructs an object of a class the bytes do not name"
_NO_FUNCTION = "calls something that the bytes alone do not name"
_SPECIAL = "replaces a special attribute of an object"


def _of_class(cls: Value) -> Judgement:
    """Making an instance of a class."""
    return _applied(cls, (), construct=True) if isinstance(cls, Global) else unlisted(_NO_CLASS)


def _applied(function: Value, args: Value, *, construct: bool = False) -> Judgement:
    from weighbridge.weights.pickle.policy import Ruling

    if isinstance(function, Global) and isinstance(function.ruling, Ruling):
        return function.ruling.on_call(args, construct=construct)
    return unlisted(_NO_FUNCTION)


def _latin1_only(args: Value) -> Judgement:
    """``_codecs.encode``: protocol 2 writes byte strings as text in Latin-1, and no other codec."""
    if (
        isinstance(args, tuple)
        and len(args) == 2
        and args[1] in ("latin1", "latin-1", "iso-8859-1")
    ):
        return SAFE
    return unlisted("runs a codec other than Latin-1, which can transform or inflate data")


def _reconstructs_listed(args: Value) -> Judgement:
    """``copyreg._reconstructor(cls, base, state)``: ``base.__new__(cls, state)``, and
    ``base.__init__`` where it has one."""
    if not isinstance(args, tuple) or len(args) != 3:
        return unlisted(_NO_CLASS)
    cls, base, state = args
    made = _of_class(cls)
    if made[0] is not Verdict.SAFE:
        return made
    if isinstance(base, Global) and base.dotted == "builtins.object":
        return SAFE
    return _applied(base, (state,))


def _first_is_listed_class(args: Value) -> Judgement:
    """Functions that make an instance of their first argument."""
    return _of_class(args[0] if isinstance(args, tuple) and args else None)


def _calls_first(args: Value) -> Judgement:
    """``_rebuild_from_type_v2(func, type, args, state)`` calls func(*args) and sets a state."""
    if not isinstance(args, tuple) or len(args) != 4:
        return unlisted(_NO_FUNCTION)
    return _worst(_applied(args[0], args[2]), _of_class(args[1]), _attributes(args[3]))


def _calls_nested(args: Value) -> Judgement:
    """JAX's ``_reconstruct_array(function, args, state, …)`` calls ``function(*args)``."""
    if not isinstance(args, tuple) or len(args) != 4:
        return unlisted(_NO_FUNCTION)
    function = args[0]
    if isinstance(function, Global) and function.dotted in _ARRAYS:
        return _applied(function, args[1])
    return unlisted("calls a function that makes no array")


_ARRAYS = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")


def _sets_last(args: Value) -> Judgement:
    """``_rebuild_parameter_with_state``: its last argument becomes attributes."""
    return _attributes(args[-1] if isinstance(args, tuple) and args else None)


def _attributes(state: Value) -> Judgement:
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, Items) and special_key(part.items or []) is not None:
            return unlisted(_SPECIAL)
    return SAFE


def _worst(*judgements: Judgement) -> Judgement:
    order = tuple(Verdict)
    return max(judgements, key=lambda found: order.index(found[0]))


def _shape(args: Value) -> Judgement:
    """NumPy's ``_reconstruct(cls, shape, type)`` and ``ndarray(shape, …)``: picklers write an
    empty shape, and the state fills it."""
    if not isinstance(args, tuple):
        return unlisted("makes an array of a size that the bytes alone do not name")
    count = 1
    for part in args:
        for side in part if isinstance(part, tuple) else (part,):
            if type(side) is int:
                count *= max(side, 1) if side > 0 else 1
    if count > MAX_ALLOCATED:
        return unlisted(f"makes an array of {count} elements at once")
    if args and isinstance(args[0], Global):
        if args[0].dotted in _MAPPED:
            return SAFE  # ndarray.__new__ makes it, not the class's own, which opens a file
        return _of_class(args[0])
    return SAFE if not args or isinstance(args[0], (int, tuple)) else unlisted(_NO_CLASS)


_MAPPED = ("numpy.memmap", "numpy.core.memmap.memmap", "numpy._core.memmap.memmap")


_DATA_ONLY = ("", "plain", "number", "factory")


def _partial(args: Value) -> Judgement:
    """``functools.partial(f)``: f is called later, with whatever; it must be listed itself."""
    from weighbridge.weights.pickle.policy import Ruling

    first = args[0] if isinstance(args, tuple) and args else None
    ruling = first.ruling if isinstance(first, Global) else None
    if (
        isinstance(ruling, Ruling)
        and ruling.level
        and ruling.checked in _DATA_ONLY
        and ruling.verdict is not Verdict.DANGEROUS
    ):
        return SAFE
    if isinstance(ruling, Ruling) and ruling.verdict is not Verdict.DANGEROUS:
        # Nothing runs before somebody calls it, and inside the pickle that is a call of its own.
        return Verdict.UNLISTED, "prepares a call of something that is not on the list"
    return Verdict.DANGEROUS, "prepares a call of anything, to be made later"


def _attribute(args: Value) -> Judgement:
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


_LAZY = ("_infer_parameters", "_lazy_load_hook")


def bound_attribute(args: Value) -> tuple[str, str] | None:
    """The listed dotted name that the arguments of ``getattr`` reach: its module and its name."""
    from weighbridge.weights.pickle.classes import is_distribution
    from weighbridge.weights.pickle.policy import Level, rule_on

    if isinstance(args, tuple) and len(args) == 2:
        owner, name = args
        if isinstance(owner, Call) and name in _LAZY:
            # Modules without a shape yet keep a method of theirs as a hook.
            cls = class_of(owner)
            if cls is not None and cls.module.startswith("torch.nn.modules."):
                return "torch.nn.modules.lazy", f"LazyModuleMixin.{name}"
        if isinstance(owner, Call) and name == "_entropy":
            # Discrete distributions of SciPy keep this method of theirs as an attribute.
            cls = class_of(owner)
            if cls is not None and is_distribution(cls.module, cls.name):
                return cls.module, cls.name
        if isinstance(owner, Call) and name == "pick":
            # Figures of Matplotlib keep this method of theirs as a callback.
            cls = class_of(owner)
            if cls is not None and cls.dotted == "matplotlib.figure.Figure":
                return "matplotlib.figure", "Figure.pick"
        if isinstance(owner, Call) and isinstance(name, str):
            cls = class_of(owner)
            if cls is not None and _is_kept_method(cls, name):
                return cls.module, cls.name
        if isinstance(owner, Global) and isinstance(name, str) and "." not in name:
            dotted = f"{owner.name}.{name}"
            if rule_on(owner.module, dotted).level >= Level.IMPORT:
                return owner.module, dotted
    return None


def _inspected(args: Value) -> Judgement:
    """``torch.storage._load_from_bytes(bytes)`` loads pickles: those inside were looked into."""
    if isinstance(args, tuple) and len(args) == 1:
        data = args[0]
        if isinstance(data, Call) and is_data(data) and isinstance(data.args, tuple):
            data = data.args[0] if data.args else None
        if data is READ_BYTES or data is READ_TEXT:
            return SAFE
    return Verdict.DANGEROUS, "loads another pickle, which may run code"


def _archive(args: Value) -> Judgement:
    """Keras's ``_unpickle_model(file)`` loads an archive without its safe mode: the archive was
    looked into, and lies in the pickle."""
    file = args[0] if isinstance(args, tuple) and len(args) == 1 else None
    if isinstance(file, Call) and isinstance(file.callee, Global):
        state = file.state if file.built else file.args
        data = state[0] if isinstance(state, tuple) and state else None
        if file.callee.dotted == "_io.BytesIO" and data is READ_BYTES:
            return SAFE
    return Verdict.DANGEROUS, "loads a Keras model that was not looked into, which may run code"


CHECKS: dict[str, Callable[[Value], Judgement]] = {
    "archive": _archive,
    "attribute": _attribute,
    "attribute-getter": attribute_getter,
    "calls-first": _calls_first,
    "calls-nested": _calls_nested,
    "factory": factory,
    "first-class": _first_is_listed_class,
    "inspected": _inspected,
    "item-getter": item_getter,
    "iterator": iterator,
    "latin1": _latin1_only,
    "lazy": lazy,
    "method-caller": method_caller,
    "none": none,
    "number": number,
    "partial": _partial,
    "pattern": pattern,
    "plain": plain,
    "reconstructor": _reconstructs_listed,
    "sets-last": _sets_last,
    "shape": _shape,
    "tensor": tensor,
    "zone": zone,
}
