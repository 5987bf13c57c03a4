# ruff: noqa: D103
# Each handler is named after its opcode, which documents it.
"""Opcodes that import, call, build, refer outside, and those that frame and end a pickle.

What executes is written to the ledger at once, so damage further on cannot hide it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from weighbridge.weights.pickle.arrays import (
    ARRAYS,
    MAX_STORAGES,
    misstated,
    skip_array,
    stated_size,
    wraps_array,
)
from weighbridge.weights.pickle.opcodes_data import size8
from weighbridge.weights.pickle.opcodes_stack import marked
from weighbridge.weights.pickle.values import (
    BUFFER,
    LONG_TEXT,
    PERSISTENT,
    UNKNOWN,
    Call,
    Global,
    Items,
    Opaque,
    Storage,
    Value,
)
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

_I4 = struct.Struct("<i").unpack_from
_U2 = struct.Struct("<H").unpack_from
_HIGHEST_PROTOCOL = 5
# Written once: a union in an isinstance() is built anew at every call.
_UNSURE = (Call, Opaque)
_ARGUMENTS = (tuple, Call, Opaque)
_CLASSES = (Global, Call, Opaque)
_NO_FUNCTIONS = (bool, int, float, str, bytes, tuple, Items, type(None))


def proto(vm: Machine, pos: int) -> int:
    if vm.data[pos] > _HIGHEST_PROTOCOL:
        raise Damage(f"protocol {vm.data[pos]} does not exist")
    vm.proto = vm.data[pos]
    return pos + 1


def frame(vm: Machine, pos: int) -> int:
    """A frame only promises buffering; unpicklers read on differently where one is broken."""
    size = size8(vm, pos)
    pos += 8
    start = vm.base + pos
    if vm.frame_end:  # an earlier frame has not ended
        vm.violations.append(start)
    if 0 <= vm.size < start + size:
        vm.violations.append(start)
        size = 0
    vm.frame_end = start + size if size else 0
    vm.relimit()
    return pos


def stop(vm: Machine, pos: int) -> int:
    from weighbridge.weights.pickle.machine import Stopped

    vm.last = vm.stack.pop()
    if type(vm.last) is Call:
        vm.ledger.returned(vm.last, vm.base + pos - 1, "STOP")
    if vm.frame_end > vm.base + pos:  # what is left of the frame is lost to some unpicklers
        vm.violations.append(vm.base + pos)
    raise Stopped(pos)


def _lines(vm: Machine, pos: int, encoding: str) -> tuple[str, str, int]:
    module, pos = vm.line(pos)
    name, pos = vm.line(pos)
    if not module or not name:
        raise Damage("an import has no name")
    try:
        return module.decode(encoding), name.decode(encoding), pos
    except UnicodeDecodeError as error:
        raise Damage("an import's name is not text") from error


def global_(vm: Machine, pos: int) -> int:
    offset = vm.base + pos - 1
    module, name, pos = _lines(vm, pos, "utf-8")
    vm.stack.append(vm.ledger.imported(module, name, offset, "GLOBAL", vm.proto))
    return pos


def stack_global(vm: Machine, pos: int) -> int:
    name = vm.stack.pop()
    module = vm.stack.pop()
    offset = vm.base + pos - 1
    if type(name) is str and type(module) is str:
        vm.stack.append(vm.ledger.imported(module, name, offset, "STACK_GLOBAL", vm.proto))
        return pos
    if not all(type(part) is str or isinstance(part, _UNSURE) for part in (name, module)):
        raise Damage("STACK_GLOBAL wants text")
    vm.ledger.computed(module, name, offset, "STACK_GLOBAL")
    vm.stack.append(UNKNOWN)
    return pos


def ext1(vm: Machine, pos: int) -> int:
    return _extension(vm, pos, vm.data[pos], 1)


def ext2(vm: Machine, pos: int) -> int:
    return _extension(vm, pos, _U2(vm.data, pos)[0], 2)


def ext4(vm: Machine, pos: int) -> int:
    return _extension(vm, pos, _I4(vm.data, pos)[0], 4)


def _extension(vm: Machine, pos: int, code: int, size: int) -> int:
    if code <= 0:
        raise Damage("an extension code is not positive")
    vm.ledger.extension(code, vm.base + pos - 1, f"EXT{size}")
    vm.stack.append(UNKNOWN)
    return pos + size


def reduce_(vm: Machine, pos: int) -> int:
    args = vm.stack.pop()
    callee = vm.stack[-1]
    _call(vm, callee, args, pos, "REDUCE")
    vm.holds((callee,))
    vm.stack[-1] = Call(callee, args)
    if not isinstance(args, _ARGUMENTS):
        raise Damage("REDUCE wants a tuple of arguments")
    return pos


def _only_made(cls: Value, args: tuple[Value, ...]) -> bool:
    """INST and OBJ without arguments make an instance of a class and do not run ``__init__``
    (``_instantiate`` in Lib/pickle.py); what is not known to be a class may be called."""
    if args or not isinstance(cls, Global):
        return False
    from weighbridge.weights.pickle.policy import Level, Ruling

    return isinstance(cls.ruling, Ruling) and cls.ruling.level >= Level.CONSTRUCT


def _call(
    vm: Machine, callee: Value, args: Value, pos: int, opcode: str, *, construct: bool = False
) -> None:
    vm.ledger.called(callee, args, vm.base + pos - 1, opcode, construct=construct)
    if isinstance(callee, _NO_FUNCTIONS):
        raise Damage(f"{opcode} calls a value that is no function")


def inst(vm: Machine, pos: int) -> int:
    offset = vm.base + pos - 1
    args = tuple(marked(vm))
    vm.holds(args)
    module, name, pos = _lines(vm, pos, "ascii")
    cls = vm.ledger.imported(module, name, offset, "INST", vm.proto)
    vm.ledger.called(cls, args, offset, "INST", construct=_only_made(cls, args))
    vm.stack.append(Call(cls, args))
    return pos


def obj(vm: Machine, pos: int) -> int:
    values = marked(vm)
    if not values:
        raise Damage("OBJ has no class")
    args = tuple(values[1:])
    made = _only_made(values[0], args)
    _call(vm, values[0], args, pos, "OBJ", construct=made)
    vm.holds(values)
    vm.stack.append(Call(values[0], args))
    return pos


def newobj(vm: Machine, pos: int) -> int:
    args = vm.stack.pop()
    _construct(vm, args, pos, "NEWOBJ")
    return pos


def newobj_ex(vm: Machine, pos: int) -> int:
    keywords = vm.stack.pop()
    args = vm.stack.pop()
    if isinstance(keywords, Items) and keywords.count and isinstance(args, tuple):
        args = (*args, keywords)
        vm.holds(args)
    _construct(vm, args, pos, "NEWOBJ_EX")
    return pos


def _construct(vm: Machine, args: Value, pos: int, opcode: str) -> None:
    cls = vm.stack[-1]
    vm.ledger.called(cls, args, vm.base + pos - 1, opcode, construct=True)
    if not isinstance(cls, _CLASSES) or not isinstance(args, _ARGUMENTS):
        raise Damage(f"{opcode} wants a class and a tuple")
    vm.holds((cls,))
    vm.stack[-1] = Call(cls, args)


def build(vm: Machine, pos: int) -> int:
    state = vm.stack.pop()
    target = vm.stack[-1]
    vm.ledger.state_set(target, state, vm.base + pos - 1, "BUILD", vm.special)
    if type(target) is Call and isinstance(target.callee, Global):
        if target.callee.dotted == "numpy.dtype":
            target.state = stated_size(target, state)
        elif target.callee.dotted == "_io.BytesIO" and isinstance(state, tuple):
            target.state = state[:1]  # its content, which may be what is loaded next
        elif target.callee.dotted in ARRAYS:
            wrong = misstated(state)
            if wrong:
                vm.ledger.log.issue("storage-size", wrong, vm.ledger.origin + vm.base + pos - 1)
        elif vm.joblib and wraps_array(target):
            return skip_array(vm, pos, state)
    return pos


def persid(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    if not line.isascii():
        raise Damage("a persistent id is not ASCII")
    vm.stack.append(PERSISTENT)
    return pos


def binpersid(vm: Machine, pos: int) -> int:
    """torch names a storage, ``('storage', class, key, location, elements, …)``, or in its legacy
    form a class with its source, ``('module', class, file, source)``."""
    pid = vm.stack[-1]
    vm.stack[-1] = PERSISTENT
    if not isinstance(pid, tuple) or len(pid) < 4:
        return pos
    if pid[0] == "module" and isinstance(pid[1], Global):
        vm.stack[-1] = pid[1]
    elif pid[0] == "storage" and len(pid) >= 5:
        kind, key, count = pid[1], pid[2], pid[4]
        if isinstance(kind, Global) and isinstance(key, str) and type(count) is int:
            vm.stack[-1] = Storage(kind.dotted, count)
            _remember(vm, key, (kind.dotted, count), pos)
    return pos


def _remember(vm: Machine, key: str, found: tuple[str, int], pos: int) -> None:
    """Loaders keep the first storage of a key, so all that name it must agree."""
    known = vm.storages.get(key)
    if known is not None and known != found:
        vm.ledger.log.issue(
            "storage-conflict",
            f"storage {key} is {known[1]} elements of {known[0]} in one place and {found[1]} of "
            f"{found[0]} in another",
            vm.ledger.origin + vm.base + pos - 1,
        )
    elif known is None and len(vm.storages) < MAX_STORAGES:
        vm.storages[key] = found


def next_buffer(vm: Machine, pos: int) -> int:
    """A buffer that the pickler handed over beside the pickle (PEP 574): a file holds none."""
    if not vm.lacks_buffer:
        vm.lacks_buffer = True
        message = "the pickle needs a buffer that lies outside of the file"
        vm.ledger.log.issue("missing-member", message, vm.ledger.origin + vm.base + pos - 1)
    vm.stack.append(BUFFER)
    return pos


_NO_BUFFERS = (type(None), bool, int, float, str, tuple, Items)


def readonly_buffer(vm: Machine, pos: int) -> int:
    if vm.stack[-1] is LONG_TEXT or isinstance(vm.stack[-1], _NO_BUFFERS):
        raise Damage("READONLY_BUFFER wants a buffer")
    return pos
