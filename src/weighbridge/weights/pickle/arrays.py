"""joblib's raw arrays: the bytes that follow the BUILD of a ``NumpyArrayWrapper``.

joblib writes an array's bytes into the middle of the pickle (joblib/numpy_pickle.py,
``read_array``): a byte that counts the padding, the padding, then elements; or, for arrays of
objects, a whole pickle.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weighbridge.weights.pickle.values import Call, Global, Items, Value
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

MAX_STORAGES = 1_000_000
_WRAPPERS = (
    "joblib.numpy_pickle.NumpyArrayWrapper",
    "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper",
)
ARRAYS = frozenset({
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
})  # fmt: skip
_OBJECT_TYPES = frozenset({
    "numpy._core._internal._convert_to_stringdtype_kwargs", "numpy.dtypes.StringDType",
})  # fmt: skip
_TYPE = re.compile(r"[<>|=]?([?biufcmMOSUV])(\d{0,9})\Z")


def wraps_array(value: Call) -> bool:
    """Whether a value is joblib's stand-in for an array, built in whichever way."""
    callee = value.callee
    if isinstance(callee, Global) and callee.dotted == "copyreg._reconstructor":
        callee = value.args[0] if isinstance(value.args, tuple) and value.args else None
    return isinstance(callee, Global) and callee.dotted in _WRAPPERS


def skip_array(vm: Machine, pos: int, state: Value) -> int:
    """The position behind the array.

    Raises:
        Damage: the state does not say how long it is, or it runs past the end.
    """
    if not isinstance(state, Items):
        raise Damage("an array's wrapper has no state")
    shape = state.lookup("shape")
    size = item_size(state.lookup("dtype"))
    if not isinstance(shape, tuple) or size is None:
        raise Damage("the length of an array in the pickle cannot be told")
    vm.arrays += 1
    if vm.frame_end and vm.frame_end <= vm.base + pos:  # picklers end the frame before raw bytes
        vm.frame_end = 0
        vm.relimit()
    if size < 0:
        return _object_array(vm, pos)
    count = 1
    for side in shape:
        if type(side) is not int or side < 0:
            raise Damage("an array's shape is not made of counts")
        count = min(count * side, 2**62)
    if type(state.lookup("numpy_array_alignment_bytes")) is int:
        pos = vm.need(pos, 1)
        pos = vm.skip(pos, 1 + vm.data[pos])
    return vm.skip(pos, min(count * size, 2**62))


def item_size(dtype: Value) -> int | None:
    """Bytes of one element of a ``numpy.dtype(…)`` call; -1 for objects, None where unknown."""
    if not isinstance(dtype, Call):
        return None
    if type(dtype.state) is int:
        return dtype.state
    if isinstance(dtype.callee, Global) and dtype.callee.dotted in _OBJECT_TYPES:
        return -1
    return _coded_size(dtype.args)


def _coded_size(args: Value) -> int | None:
    code = args[0] if isinstance(args, tuple) and args else None
    match = _TYPE.match(code) if isinstance(code, str) else None
    if match is None:
        return None
    kind, digits = match.groups()
    if kind == "O":
        return -1
    size = int(digits) if digits else 1
    return 4 * size if kind == "U" else size


def stated_size(dtype: Call, state: Value) -> int | None:
    """:func:`item_size` once the type has its state, (version, byte order, subtype, names, fields,
    bytes, alignment, flags); the lowest flag says that it holds objects."""
    if isinstance(state, tuple) and len(state) >= 8:
        size, flags = state[5], state[7]
        if type(flags) is int and flags & 1:
            return -1
        if type(size) is int and size >= 0:
            return size
    return _coded_size(dtype.args)


def misstated(state: Value) -> str:
    """What is wrong with an array's state, (version, shape, type, order, bytes); empty where the
    bytes that are known bear it out (numpy/_core/src/multiarray/methods.c, array_setstate)."""
    if not isinstance(state, tuple) or len(state) not in (4, 5):
        return ""
    shape, dtype, _, data = state[-4:]
    if not isinstance(shape, tuple) or not all(type(side) is int for side in shape):
        return ""
    count = 1
    for side in shape:
        count *= side
        if side < 0:
            return f"an array has a side of {side} elements"
    size = item_size(dtype)
    if isinstance(data, Call) and isinstance(data.args, tuple) and data.args:  # protocol 2's bytes
        data = data.args[0] if isinstance(data.args[0], str) else data
    if size is None or size < 0 or not isinstance(data, (bytes, str)):
        return ""
    if count * size != len(data):
        return f"an array of {count} elements needs {count * size} bytes and has {len(data)}"
    return ""


def _object_array(vm: Machine, pos: int) -> int:
    """A pickle of its own, with its own stack, memo and protocol, in the same stream."""
    kept = (vm.stack, vm.meta, vm.memo, vm.sparse, vm.proto, vm.joblib, vm.young, vm.memoized)
    vm.memo, vm.sparse, vm.joblib, vm.young = [], {}, False, 0
    try:
        return vm.run(pos)
    finally:
        (vm.stack, vm.meta, vm.memo, vm.sparse, vm.proto, vm.joblib, vm.young, vm.memoized) = kept
