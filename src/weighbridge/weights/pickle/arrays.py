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
_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_TYPE = re.compile(r"[<>|=]?([?biufcmMOSUV])(\d{0,9})\Z")


def wraps_array(value: Call) -> bool:
    """Whether a value is joblib's stand-in for an array, built in whichever way."""
    callee = value.callee
    if isinstance(callee, Global) and callee.dotted == "copyreg._reconstructor":
        callee = value.args[0] if isinstance(value.args, tuple) and value.args else None
    return isinstance(callee, Global) and callee.dotted == _WRAPPER


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
    if not isinstance(dtype, Call) or not isinstance(dtype.args, tuple) or not dtype.args:
        return None
    code = dtype.args[0]
    match = _TYPE.match(code) if isinstance(code, str) else None
    if match is None:
        return None
    kind, digits = match.groups()
    if kind == "O":
        return -1
    size = int(digits) if digits else 1
    return 4 * size if kind == "U" else size


def _object_array(vm: Machine, pos: int) -> int:
    """A pickle of its own, with its own stack, memo and protocol, in the same stream."""
    kept = (vm.stack, vm.meta, vm.memo, vm.sparse, vm.proto, vm.joblib, vm.young, vm.memoized)
    vm.memo, vm.sparse, vm.joblib, vm.young = [], {}, False, 0
    try:
        return vm.run(pos)
    finally:
        (vm.stack, vm.meta, vm.memo, vm.sparse, vm.proto, vm.joblib, vm.young, vm.memoized) = kept
