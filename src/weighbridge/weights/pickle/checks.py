"""Conditions on the arguments of listed functions: what makes a harmless function harmful.

Each takes the symbolic arguments and gives a verdict and what the call then does. A safe verdict
with a text says what is malformed about the arguments. Whatever cannot be told is not safe.
"""

from __future__ import annotations

from collections.abc import Callable

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.checks_attribute import attribute
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
    type_name,
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
from weighbridge.weights.pickle.checks_made import (
    ENDLESS,
    endless,
    generator,
    is_prepared_class,
    parameter,
)
from weighbridge.weights.pickle.values import (
    READ_BYTES,
    READ_TEXT,
    Call,
    Global,
    Items,
    Value,
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


def _new_object(args: Value) -> Judgement:
    """``copyreg.__newobj__(cls, *args)``: ``cls.__new__(cls, *args)``."""
    cls = args[0] if isinstance(args, tuple) and args else None
    rest = args[1:] if isinstance(args, tuple) else args
    made = _applied(cls, rest, construct=True) if isinstance(cls, Global) else unlisted(_NO_CLASS)
    return ENDLESS if made[0] is Verdict.SAFE and endless(rest) else made


def _new_object_with_names(args: Value) -> Judgement:
    """``copyreg.__newobj_ex__(cls, args, names)``."""
    if not isinstance(args, tuple) or len(args) != 3 or not isinstance(args[1], tuple):
        return unlisted(_NO_CLASS)
    return _new_object((args[0], *args[1], args[2]))


def _calls_first(args: Value) -> Judgement:
    """``_rebuild_from_type_v2(func, type, args, state)`` calls func(*args), which makes a tensor,
    and sets a state; an object of another class would do with the state what it likes."""
    if not isinstance(args, tuple) or len(args) != 4:
        return unlisted(_NO_FUNCTION)
    function = args[0]
    if isinstance(function, Global) and function.module.partition(".")[0] != "torch":
        return unlisted("calls a function that makes no tensor")
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
    return _worst(
        parameter(args), _attributes(args[-1] if isinstance(args, tuple) and args else None)
    )


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


_DATA_ONLY = ("", "plain", "number", "factory", "parameter")


def _partial(args: Value) -> Judgement:
    """``functools.partial(f)``: f is called later, with whatever; it must be listed itself."""
    from weighbridge.weights.pickle.policy import Level, Ruling

    first = args[0] if isinstance(args, tuple) and args else None
    ruling = first.ruling if isinstance(first, Global) else None
    if (
        isinstance(first, Global)
        and isinstance(ruling, Ruling)
        and ruling.level
        and ruling.checked in _DATA_ONLY
        and ruling.verdict is not Verdict.DANGEROUS
        and (ruling.level is not Level.CONSTRUCT or is_prepared_class(first))
    ):
        return SAFE
    if isinstance(ruling, Ruling) and ruling.verdict is not Verdict.DANGEROUS:
        # Nothing runs before somebody calls it, and inside the pickle that is a call of its own.
        return Verdict.UNLISTED, "prepares a call of something that is not on the list"
    return Verdict.DANGEROUS, "prepares a call of anything, to be made later"


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
    "attribute": attribute,
    "attribute-getter": attribute_getter,
    "calls-first": _calls_first,
    "calls-nested": _calls_nested,
    "factory": factory,
    "first-class": _first_is_listed_class,
    "generator": generator,
    "inspected": _inspected,
    "item-getter": item_getter,
    "iterator": iterator,
    "latin1": _latin1_only,
    "lazy": lazy,
    "method-caller": method_caller,
    "new-object": _new_object,
    "new-object-named": _new_object_with_names,
    "none": none,
    "number": number,
    "parameter": parameter,
    "partial": _partial,
    "pattern": pattern,
    "plain": plain,
    "reconstructor": _reconstructs_listed,
    "sets-last": _sets_last,
    "shape": _shape,
    "tensor": tensor,
    "type-name": type_name,
    "zone": zone,
}
