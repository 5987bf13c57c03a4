"""Conditions on arguments that are data alone: texts, numbers, counts, views of a storage."""

from __future__ import annotations

import re

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.values import (
    LONG_BYTES,
    LONG_INT,
    LONG_TEXT,
    READ_BYTES,
    READ_TEXT,
    Call,
    Global,
    Opaque,
    Storage,
    Value,
)

Judgement = tuple[Verdict, str]

MAX_ALLOCATED = 2**24  # bytes or elements that one call may ask for by a number alone
MAX_DIGITS = 4300  # of a number given as text: CPython's own limit (CVE-2020-10735)
SAFE: Judgement = (Verdict.SAFE, "")
_EXPONENT = re.compile(r"e[+-]?\d{5}", re.I | re.A)
_ZONE = re.compile(r"[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+){0,3}\Z")


def unlisted(effect: str) -> Judgement:
    """It does what no listed format needs."""
    return Verdict.UNLISTED_CALL, effect


def plain(args: Value) -> Judgement:
    """Constructors of containers: they walk what they are given, so it must be data."""
    if not isinstance(args, tuple):
        return unlisted("walks a value that the bytes alone do not name")
    for arg in args:
        if (isinstance(arg, Call) and not is_data(arg)) or (
            isinstance(arg, Opaque) and arg not in _TEXTS
        ):
            return unlisted("walks the result of a call, which may never end or call on")
        if type(arg) is int and not -MAX_ALLOCATED <= arg <= MAX_ALLOCATED:
            return unlisted(f"asks for {arg} elements at once")
    return SAFE


def is_data(call: Call) -> bool:
    """Whether a call makes bytes, or a number: what protocol 2 has no opcode for."""
    return is_number(call) or (
        isinstance(call.callee, Global) and call.callee.dotted == "_codecs.encode"
    )


_TEXTS = (LONG_TEXT, LONG_BYTES, READ_BYTES, READ_TEXT)


def number(args: Value) -> Judgement:
    """Numbers from text: a long one, or one with a huge exponent, costs hours."""
    for arg in args if isinstance(args, tuple) else (args,):
        long = arg is LONG_TEXT or arg is LONG_BYTES or arg is LONG_INT or arg is READ_BYTES
        if isinstance(arg, (str, bytes)):
            text = arg if isinstance(arg, str) else arg.decode("latin-1")
            long = len(text) > MAX_DIGITS or _EXPONENT.search(text) is not None
        if long:
            return unlisted("converts a number of a size that only exhausts the machine")
        if isinstance(arg, Opaque) or (isinstance(arg, Call) and not is_number(arg)):
            return unlisted("converts a value that the bytes alone do not name")
    return SAFE


def is_number(call: Call) -> bool:
    """Whether a call makes a number."""
    return isinstance(call.callee, Global) and call.callee.dotted in (
        "decimal.Decimal", "fractions.Fraction", "builtins.int", "builtins.float",
        "numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar",
    )  # fmt: skip


def pattern(args: Value) -> Judgement:
    """``re._compile(pattern, flags)``: data only, and not without a bound."""
    if not isinstance(args, tuple) or len(args) != 2 or type(args[1]) is not int:
        return unlisted("compiles a regular expression that the bytes alone do not name")
    text = args[0]
    if isinstance(text, Call) and is_data(text) and isinstance(text.args, tuple) and text.args:
        text = text.args[0]
    if isinstance(text, (str, bytes)):
        return SAFE
    return unlisted("compiles a regular expression of a size that can exhaust the machine")


def tensor(args: Value) -> Judgement:
    """``_rebuild_tensor…(storage, offset, size, stride, …)``: the view lies inside its storage.

    Source: CVE-2026-24747 (memory corruption by a view beyond its storage).
    """
    if not isinstance(args, tuple) or len(args) < 4:
        return SAFE
    storage, offset, size, stride = args[:4]
    counts = [offset, *(size if isinstance(size, tuple) else ())]
    counts += stride if isinstance(stride, tuple) else ()
    if any(type(count) is not int for count in counts):
        return SAFE
    if any(count < 0 for count in counts):
        return Verdict.SAFE, "a tensor has a negative offset, size or stride"
    if not isinstance(size, tuple) or not isinstance(stride, tuple):
        return SAFE
    if len(size) != len(stride):
        message = f"a tensor of {len(size)} dimensions has strides for {len(stride)}"
        return Verdict.SAFE, message
    if not isinstance(storage, Storage) or 0 in size:
        return SAFE
    last = offset + sum((side - 1) * step for side, step in zip(size, stride, strict=True))
    if storage.kind == "torch.storage.UntypedStorage" and len(args) > 6:  # _rebuild_tensor_v3
        width = _WIDTHS.get(args[6].name, 1) if isinstance(args[6], Global) else 1
        last = (last + 1) * width - 1
    if last >= storage.count:
        return (
            Verdict.SAFE,
            f"a tensor reaches element {last} of a storage that has {storage.count}",
        )
    return SAFE


# Bytes of the element types that have no storage class of their own (torch/storage.py).
_WIDTHS = {"uint16": 2, "uint32": 4, "uint64": 8, "int16": 2, "int32": 4, "int64": 8,
           "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}  # fmt: skip


# Conditions on the data of a call, not on what is called: without them it costs time, no more.


def none(args: Value) -> Judgement:
    """``type(x)`` of a constant without a name: None, Ellipsis, NotImplemented."""
    if isinstance(args, tuple) and len(args) == 1:
        value = args[0]
        if value is None or (isinstance(value, Global) and value.dotted in _NAMELESS):
            return SAFE
    return Verdict.DANGEROUS, "makes a class, or reaches that of any object"


_NAMELESS = ("builtins.Ellipsis", "builtins.NotImplemented")


def type_name(args: Value) -> Judgement:
    """dill's ``_load_type(name)`` of a type of plain data."""
    name = args[0] if isinstance(args, tuple) and len(args) == 1 else None
    if isinstance(name, str) and name in _PLAIN_TYPES:
        return SAFE
    return Verdict.DANGEROUS, "looks up a type, the first step to making functions of code"


_PLAIN_TYPES = frozenset({
    "int", "float", "complex", "str", "bytes", "bytearray", "bool", "list", "tuple", "dict", "set",
    "frozenset", "slice", "range", "object", "NoneType", "EllipsisType", "NotImplementedType",
    "IntType", "FloatType", "ComplexType", "StringType", "UnicodeType", "BooleanType", "ListType",
    "TupleType", "DictType", "SliceType", "ObjectType", "LongType", "BytesType",
})  # fmt: skip


def zone(args: Value) -> Judgement:
    """``ZoneInfo._unpickle(key, from_cache)`` reads the time zone of that name."""
    key = args[0] if isinstance(args, tuple) and args else None
    if isinstance(key, str) and _ZONE.match(key):
        return SAFE
    return Verdict.DANGEROUS, "reads a file that the pickle names"
