# ruff: noqa: D103
# Each handler is named after its opcode, which documents it.
"""Opcodes that move values: marks, the memo, tuples, lists, dicts and sets."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from weighbridge.weights.pickle.costs import check_hashable, check_keys
from weighbridge.weights.pickle.literals import index
from weighbridge.weights.pickle.values import HOLDERS, MAX_ITEMS, Items, Thin, Value, special_key
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

_U4 = struct.Struct("<I").unpack_from
_MEMOIZE = 0x94


def mark(vm: Machine, pos: int) -> int:
    vm.meta.append(vm.stack)
    vm.stack = []
    return pos


def marked(vm: Machine) -> list[Value]:
    """The values above the last mark, which is taken off."""
    values = vm.stack
    vm.stack = vm.meta.pop()
    return values


def pop(vm: Machine, pos: int) -> int:
    if vm.stack:
        vm.stack.pop()
    else:
        vm.stack = vm.meta.pop()
    return pos


def pop_mark(vm: Machine, pos: int) -> int:
    vm.stack = vm.meta.pop()
    return pos


def dup(vm: Machine, pos: int) -> int:
    vm.stack.append(vm.stack[-1])
    return pos


def memoize(vm: Machine, pos: int) -> int:
    vm.memoized = True
    if vm.sparse:
        vm.remember(len(vm.memo) + len(vm.sparse), vm.stack[-1])
    else:
        vm.memo.append(vm.stack[-1])
    return pos


def put(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    value = vm.stack[-1]
    vm.remember(index(line), value)
    return pos


def binput(vm: Machine, pos: int) -> int:
    at = vm.data[pos]
    if at == len(vm.memo) and not vm.sparse:
        vm.memo.append(vm.stack[-1])
    else:
        vm.remember(at, vm.stack[-1])
    return pos + 1


def long_binput(vm: Machine, pos: int) -> int:
    at = _U4(vm.data, pos)[0]
    if at == len(vm.memo) and not vm.sparse:
        vm.memo.append(vm.stack[-1])
    else:
        vm.remember(at, vm.stack[-1])
    return pos + 4


def get(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    vm.stack.append(vm.recall(index(line)))
    return pos


def binget(vm: Machine, pos: int) -> int:
    at = vm.data[pos]
    vm.stack.append(vm.memo[at] if at < len(vm.memo) else vm.recall(at))
    return pos + 1


def long_binget(vm: Machine, pos: int) -> int:
    at = _U4(vm.data, pos)[0]
    vm.stack.append(vm.memo[at] if at < len(vm.memo) else vm.recall(at))
    return pos + 4


def empty_tuple(vm: Machine, pos: int) -> int:
    vm.stack.append(())
    return pos


def tuple1(vm: Machine, pos: int) -> int:
    return _tuple(vm, (vm.stack[-1],), pos)


def tuple2(vm: Machine, pos: int) -> int:
    last = vm.stack.pop()
    return _tuple(vm, (vm.stack[-1], last), pos)


def tuple3(vm: Machine, pos: int) -> int:
    last = vm.stack.pop()
    middle = vm.stack.pop()
    return _tuple(vm, (vm.stack[-1], middle, last), pos)


def tuple_(vm: Machine, pos: int) -> int:
    vm.stack, values = vm.meta.pop(), vm.stack
    vm.holds(values)
    vm.stack.append(tuple(values))
    return pos


def _tuple(vm: Machine, made: tuple[Value, ...], pos: int) -> int:
    """Put the tuple in place of its first part. A MEMOIZE behind it, as picklers write, is done
    here, too: one step for both."""
    for value in made:
        if type(value) in HOLDERS:
            vm.holds(made)
            break
    vm.stack[-1] = made
    if vm.data[pos] == _MEMOIZE and pos < vm.limit and not vm.sparse:
        vm.memoized = True
        vm.memo.append(made)
        return pos + 1
    return pos


def empty_list(vm: Machine, pos: int) -> int:
    vm.stack.append(Items("list"))
    return pos


def empty_dict(vm: Machine, pos: int) -> int:
    vm.stack.append(Items("dict"))
    return pos


def empty_set(vm: Machine, pos: int) -> int:
    vm.stack.append(Items("set"))
    return pos


def list_(vm: Machine, pos: int) -> int:
    return _gather(vm, pos, "list")


def dict_(vm: Machine, pos: int) -> int:
    if len(vm.stack) % 2:
        raise Damage("DICT has an odd number of items")
    return _gather(vm, pos, "dict")


def frozenset_(vm: Machine, pos: int) -> int:
    return _gather(vm, pos, "frozenset")


def _gather(vm: Machine, pos: int, kind: str) -> int:
    vm.stack, values = vm.meta.pop(), vm.stack
    made = Items(kind)
    if values:
        vm.holds(values[:MAX_ITEMS])
        made.extend(values)
        _hashed(vm, kind, values, pos)
        if made.special is not None:
            vm.special = made.special
    vm.stack.append(made)
    return pos


def append(vm: Machine, pos: int) -> int:
    value = vm.stack.pop()
    target = vm.stack[-1]
    if type(target) is Items and target.kind == "list":
        if target.count < MAX_ITEMS:
            if type(value) in HOLDERS:
                vm.holds((value,))
            if target.items is None:
                target.items = [value]
            else:
                target.items.append(value)
        target.count += 1
    else:
        _add(vm, target, [value], pos, "list")
    return pos


def appends(vm: Machine, pos: int) -> int:
    values = marked(vm)
    _add(vm, vm.stack[-1], values, pos, "list")
    return pos


def additems(vm: Machine, pos: int) -> int:
    values = marked(vm)
    _add(vm, vm.stack[-1], values, pos, "set")
    return pos


def setitem(vm: Machine, pos: int) -> int:
    value = vm.stack.pop()
    key = vm.stack.pop()
    _add(vm, vm.stack[-1], [key, value], pos, "dict")
    return pos


def setitems(vm: Machine, pos: int) -> int:
    values = marked(vm)
    target = vm.stack[-1]
    if len(values) % 2:
        raise Damage("SETITEMS has an odd number of items")
    _add(vm, target, values, pos, "dict")
    return pos


def _hashed(vm: Machine, kind: str, values: list[Value], pos: int) -> None:
    if kind != "list":
        keys = values[::2] if kind == "dict" else values
        kinds = set(map(type, keys))
        if tuple in kinds:
            check_keys(keys, vm.ledger.log, vm.base + pos - 1)
        if Items in kinds or Thin in kinds:
            check_hashable(keys)


def _misfits(target: Items, values: list[Value], kind: str) -> None:
    """Lists take an item by its place; else these containers have no such method, and unpicklers
    raise.

    Raises:
        Damage: they do.
    """
    if kind == "dict" and target.kind == "list":
        count = target.count
        if all(type(place) is not int or -count <= place < count for place in values[::2]):
            return
    if values:
        raise Damage(f"items for a {kind} are put into a {target.kind}")


def _add(vm: Machine, target: Value, values: list[Value], pos: int, kind: str) -> None:
    """Put values into a container of that kind; into anything else it is a method call."""
    if type(target) is Items:
        if target.kind != kind:
            _misfits(target, values, kind)
            return
        if target.count < MAX_ITEMS:
            vm.holds(values[:MAX_ITEMS])
        target.extend(values)
        _hashed(vm, target.kind, values, pos)
        if target.special is not None:
            vm.special = target.special
    elif type(target) is Thin:
        _hashed(vm, target.kind, values, pos)
        if target.kind == "dict" and (key := special_key(values)) is not None:
            vm.special = key
    elif values:
        vm.ledger.changed(target, values, vm.base + pos - 1, vm.opcode_at(pos))
