"""Conditions on the arguments of listed functions: what makes a harmless function harmful.

Each takes the symbolic arguments and gives a verdict and what the call then does. A safe verdict
with a text says what is malformed about the arguments. Whatever cannot be told is not safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.values import (
    LONG_BYTES,
    LONG_INT,
    LONG_TEXT,
    READ_BYTES,
    READ_TEXT,
    Call,
    Global,
    Items,
    Opaque,
    Storage,
    Value,
    class_of,
    special_key,
)

Judgement = tuple[Verdict, str]

MAX_ALLOCATED = 2**24  # bytes or elements that one call may ask for by a number alone
MAX_DIGITS = 4300  # of a number given as text: CPython's own limit (CVE-2020-10735)
_SAFE: Judgement = (Verdict.SAFE, "")
_EXPONENT = re.compile(r"e[+-]?\d{5}", re.I | re.A)
_ZONE = re.compile(r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+){0,3}\Z")
_NO_CLASS = "constructs an object of a class the bytes do not name"
_NO_FUNCTION = "calls something that the bytes alone do not name"
_SPECIAL = "replaces a special attribute of an object"


def _unlisted(effect: str) -> Judgement:
    return Verdict.UNLISTED_CALL, effect


def _of_class(cls: Value) -> Judgement:
    """Making an instance of a class."""
    return _applied(cls, (), construct=True) if isinstance(cls, Global) else _unlisted(_NO_CLASS)


def _applied(function: Value, args: Value, *, construct: bool = False) -> Judgement:
    from weighbridge.weights.pickle.policy import Ruling

    if isinstance(function, Global) and isinstance(function.ruling, Ruling):
        return function.ruling.on_call(args, construct=construct)
    return _unlisted(_NO_FUNCTION)


def _latin1_only(args: Value) -> Judgement:
    """``_codecs.encode``: protocol 2 writes byte strings as text in Latin-1, and no other codec."""
    if (
        isinstance(args, tuple)
        and len(args) == 2
        and args[1] in ("latin1", "latin-1", "iso-8859-1")
    ):
        return _SAFE
    return _unlisted("runs a codec other than Latin-1, which can transform or inflate data")


def _reconstructs_listed(args: Value) -> Judgement:
    """``copyreg._reconstructor(cls, base, state)``: ``base.__new__(cls, state)``, and
    ``base.__init__`` where it has one."""
    if not isinstance(args, tuple) or len(args) != 3:
        return _unlisted(_NO_CLASS)
    cls, base, state = args
    made = _of_class(cls)
    if made[0] is not Verdict.SAFE:
        return made
    if isinstance(base, Global) and base.dotted == "builtins.object":
        return _SAFE
    return _applied(base, (state,))


def _first_is_listed_class(args: Value) -> Judgement:
    """Functions that make an instance of their first argument."""
    return _of_class(args[0] if isinstance(args, tuple) and args else None)


def _calls_first(args: Value) -> Judgement:
    """``_rebuild_from_type_v2(func, type, args, state)`` calls func(*args) and sets a state."""
    if not isinstance(args, tuple) or len(args) != 4:
        return _unlisted(_NO_FUNCTION)
    return _worst(_applied(args[0], args[2]), _of_class(args[1]), _attributes(args[3]))


def _sets_last(args: Value) -> Judgement:
    """``_rebuild_parameter_with_state``: its last argument becomes attributes."""
    return _attributes(args[-1] if isinstance(args, tuple) and args else None)


def _attributes(state: Value) -> Judgement:
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, Items) and special_key(part.items or []) is not None:
            return _unlisted(_SPECIAL)
    return _SAFE


def _worst(*judgements: Judgement) -> Judgement:
    order = tuple(Verdict)
    return max(judgements, key=lambda found: order.index(found[0]))


def _plain(args: Value) -> Judgement:
    """Constructors of containers: they walk what they are given, so it must be data."""
    if not isinstance(args, tuple):
        return _unlisted("walks a value that the bytes alone do not name")
    for arg in args:
        if (isinstance(arg, Call) and not _is_data(arg)) or (
            isinstance(arg, Opaque) and arg not in _TEXTS
        ):
            return _unlisted("walks the result of a call, which may never end or call on")
        if type(arg) is int and not -MAX_ALLOCATED <= arg <= MAX_ALLOCATED:
            return _unlisted(f"asks for {arg} elements at once")
    return _SAFE


def _is_data(call: Call) -> bool:
    """Whether a call makes bytes, or a number: what protocol 2 has no opcode for."""
    return _is_number(call) or (
        isinstance(call.callee, Global) and call.callee.dotted == "_codecs.encode"
    )


_TEXTS = (LONG_TEXT, LONG_BYTES, READ_BYTES, READ_TEXT)


def _number(args: Value) -> Judgement:
    """Numbers from text: a long one, or one with a huge exponent, costs hours."""
    for arg in args if isinstance(args, tuple) else (args,):
        long = arg is LONG_TEXT or arg is LONG_BYTES or arg is LONG_INT or arg is READ_BYTES
        if isinstance(arg, (str, bytes)):
            text = arg if isinstance(arg, str) else arg.decode("latin-1")
            long = len(text) > MAX_DIGITS or _EXPONENT.search(text) is not None
        if long:
            return _unlisted("converts a number of a size that only exhausts the machine")
        if isinstance(arg, Opaque) or (isinstance(arg, Call) and not _is_number(arg)):
            return _unlisted("converts a value that the bytes alone do not name")
    return _SAFE


def _is_number(call: Call) -> bool:
    return isinstance(call.callee, Global) and call.callee.dotted in (
        "decimal.Decimal", "fractions.Fraction", "builtins.int", "builtins.float",
        "numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar",
    )  # fmt: skip


def _shape(args: Value) -> Judgement:
    """NumPy's ``_reconstruct(cls, shape, type)`` and ``ndarray(shape, …)``: picklers write an
    empty shape, and the state fills it."""
    if not isinstance(args, tuple):
        return _unlisted("makes an array of a size that the bytes alone do not name")
    count = 1
    for part in args:
        for side in part if isinstance(part, tuple) else (part,):
            if type(side) is int:
                count *= max(side, 1) if side > 0 else 1
    if count > MAX_ALLOCATED:
        return _unlisted(f"makes an array of {count} elements at once")
    if args and isinstance(args[0], Global):
        return _of_class(args[0])
    return _SAFE if not args or isinstance(args[0], (int, tuple)) else _unlisted(_NO_CLASS)


def _pattern(args: Value) -> Judgement:
    """``re._compile(pattern, flags)``: data only, and not without a bound."""
    if not isinstance(args, tuple) or len(args) != 2 or type(args[1]) is not int:
        return _unlisted("compiles a regular expression that the bytes alone do not name")
    text = args[0]
    if isinstance(text, Call) and _is_data(text) and isinstance(text.args, tuple) and text.args:
        text = text.args[0]
    if isinstance(text, (str, bytes)):
        return _SAFE
    return _unlisted("compiles a regular expression of a size that can exhaust the machine")


def _tensor(args: Value) -> Judgement:
    """``_rebuild_tensor…(storage, offset, size, stride, …)``: the view lies inside its storage.

    Source: CVE-2026-24747 (memory corruption by a view beyond its storage).
    """
    if not isinstance(args, tuple) or len(args) < 4:
        return _SAFE
    storage, offset, size, stride = args[:4]
    counts = [offset, *(size if isinstance(size, tuple) else ())]
    counts += stride if isinstance(stride, tuple) else ()
    if any(type(count) is not int for count in counts):
        return _SAFE
    if any(count < 0 for count in counts):
        return Verdict.SAFE, "a tensor has a negative offset, size or stride"
    if not isinstance(size, tuple) or not isinstance(stride, tuple) or len(size) != len(stride):
        return _SAFE
    if not isinstance(storage, Storage) or 0 in size:
        return _SAFE
    last = offset + sum((side - 1) * step for side, step in zip(size, stride, strict=True))
    if storage.kind == "torch.storage.UntypedStorage" and len(args) > 6:  # _rebuild_tensor_v3
        width = _WIDTHS.get(args[6].name, 1) if isinstance(args[6], Global) else 1
        last = (last + 1) * width - 1
    if last >= storage.count:
        return (
            Verdict.SAFE,
            f"a tensor reaches element {last} of a storage that has {storage.count}",
        )
    return _SAFE


# Bytes of the element types that have no storage class of their own (torch/storage.py).
_WIDTHS = {"uint16": 2, "uint32": 4, "uint64": 8, "int16": 2, "int32": 4, "int64": 8,
           "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}  # fmt: skip


def _partial(args: Value) -> Judgement:
    """``functools.partial(f)``: f is called later, with whatever; it must be listed itself."""
    from weighbridge.weights.pickle.policy import Ruling

    first = args[0] if isinstance(args, tuple) and args else None
    ruling = first.ruling if isinstance(first, Global) else None
    if isinstance(ruling, Ruling) and ruling.level and not ruling.checked:
        return _SAFE
    if isinstance(ruling, Ruling) and ruling.verdict is not Verdict.DANGEROUS:
        return ruling.verdict, "prepares a call of something that is not on the list"
    return Verdict.DANGEROUS, "prepares a call of anything, to be made later"


def _attribute(args: Value) -> Judgement:
    """``getattr(object, name)``: only where the two together are on the list."""
    if bound_attribute(args) is not None:
        return _SAFE
    return (
        Verdict.DANGEROUS,
        "reaches any attribute of any object, the first step to calling anything",
    )


def bound_attribute(args: Value) -> tuple[str, str] | None:
    """The listed dotted name that the arguments of ``getattr`` reach: its module and its name."""
    from weighbridge.weights.pickle.classes import is_distribution
    from weighbridge.weights.pickle.policy import Level, rule_on

    if isinstance(args, tuple) and len(args) == 2:
        owner, name = args
        if isinstance(owner, Call) and name == "_entropy":
            # Discrete distributions of SciPy keep this method of theirs as an attribute.
            cls = class_of(owner)
            if cls is not None and is_distribution(cls.module, cls.name):
                return cls.module, cls.name
        if isinstance(owner, Global) and isinstance(name, str) and "." not in name:
            dotted = f"{owner.name}.{name}"
            if rule_on(owner.module, dotted).level >= Level.IMPORT:
                return owner.module, dotted
    return None


def _none(args: Value) -> Judgement:
    """``type(x)`` of a constant without a name: None, Ellipsis, NotImplemented."""
    if isinstance(args, tuple) and len(args) == 1:
        value = args[0]
        if value is None or (isinstance(value, Global) and value.dotted in _NAMELESS):
            return _SAFE
    return Verdict.DANGEROUS, "makes a class, or reaches that of any object"


_NAMELESS = ("builtins.Ellipsis", "builtins.NotImplemented")


def _zone(args: Value) -> Judgement:
    """``ZoneInfo._unpickle(key, from_cache)`` reads the time zone of that name."""
    key = args[0] if isinstance(args, tuple) and args else None
    if isinstance(key, str) and _ZONE.match(key):
        return _SAFE
    return Verdict.DANGEROUS, "reads a file that the pickle names"


def _inspected(args: Value) -> Judgement:
    """``torch.storage._load_from_bytes(bytes)`` loads pickles: those inside were looked into."""
    if isinstance(args, tuple) and len(args) == 1:
        data = args[0]
        if isinstance(data, Call) and _is_data(data) and isinstance(data.args, tuple):
            data = data.args[0] if data.args else None
        if data is READ_BYTES or data is READ_TEXT:
            return _SAFE
    return Verdict.DANGEROUS, "loads another pickle, which may run code"


CHECKS: dict[str, Callable[[Value], Judgement]] = {
    "attribute": _attribute,
    "calls-first": _calls_first,
    "first-class": _first_is_listed_class,
    "inspected": _inspected,
    "latin1": _latin1_only,
    "none": _none,
    "number": _number,
    "partial": _partial,
    "pattern": _pattern,
    "plain": _plain,
    "reconstructor": _reconstructs_listed,
    "sets-last": _sets_last,
    "shape": _shape,
    "tensor": _tensor,
    "zone": _zone,
}
