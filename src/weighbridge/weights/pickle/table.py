"""Which byte is which opcode (``enum opcode`` in CPython's ``Modules/_pickle.c``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from weighbridge.weights.pickle import opcodes_call as c
from weighbridge.weights.pickle import opcodes_data as d
from weighbridge.weights.pickle import opcodes_stack as s
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

Handler: TypeAlias = "Callable[[Machine, int], int]"

# byte, name, handler, and how its argument is laid out for a reader that only skips it: "" none,
# "1" "2" "4" "8" that many bytes, "s1" "s4" "s8" a counted argument that C reads through its
# buffer, "b1" "b4" "b8" one that C reads past its buffer, "l" a line, "ll" two lines.
OPCODES: tuple[tuple[bytes, str, Handler, str], ...] = (
    (b"(", "MARK", s.mark, ""), (b".", "STOP", c.stop, ""), (b"0", "POP", s.pop, ""),
    (b"1", "POP_MARK", s.pop_mark, ""), (b"2", "DUP", s.dup, ""), (b"F", "FLOAT", d.float_, "l"),
    (b"I", "INT", d.int_, "l"), (b"J", "BININT", d.binint, "4"), (b"K", "BININT1", d.binint1, "1"),
    (b"L", "LONG", d.long_, "l"), (b"M", "BININT2", d.binint2, "2"), (b"N", "NONE", d.none, ""),
    (b"P", "PERSID", c.persid, "l"), (b"Q", "BINPERSID", c.binpersid, ""),
    (b"R", "REDUCE", c.reduce_, ""), (b"S", "STRING", d.string, "l"),
    (b"T", "BINSTRING", d.binstring, "s4"), (b"U", "SHORT_BINSTRING", d.short_binstring, "s1"),
    (b"V", "UNICODE", d.unicode_, "l"), (b"X", "BINUNICODE", d.binunicode, "s4"),
    (b"a", "APPEND", s.append, ""), (b"b", "BUILD", c.build, ""), (b"c", "GLOBAL", c.global_, "ll"),
    (b"d", "DICT", s.dict_, ""), (b"}", "EMPTY_DICT", s.empty_dict, ""),
    (b"e", "APPENDS", s.appends, ""), (b"g", "GET", s.get, "l"), (b"h", "BINGET", s.binget, "1"),
    (b"i", "INST", c.inst, "ll"), (b"j", "LONG_BINGET", s.long_binget, "4"),
    (b"l", "LIST", s.list_, ""), (b"]", "EMPTY_LIST", s.empty_list, ""), (b"o", "OBJ", c.obj, ""),
    (b"p", "PUT", s.put, "l"), (b"q", "BINPUT", s.binput, "1"),
    (b"r", "LONG_BINPUT", s.long_binput, "4"), (b"s", "SETITEM", s.setitem, ""),
    (b"t", "TUPLE", s.tuple_, ""), (b")", "EMPTY_TUPLE", s.empty_tuple, ""),
    (b"u", "SETITEMS", s.setitems, ""), (b"G", "BINFLOAT", d.binfloat, "8"),
    (b"\x80", "PROTO", c.proto, "1"), (b"\x81", "NEWOBJ", c.newobj, ""),
    (b"\x82", "EXT1", c.ext1, "1"), (b"\x83", "EXT2", c.ext2, "2"), (b"\x84", "EXT4", c.ext4, "4"),
    (b"\x85", "TUPLE1", s.tuple1, ""), (b"\x86", "TUPLE2", s.tuple2, ""),
    (b"\x87", "TUPLE3", s.tuple3, ""), (b"\x88", "NEWTRUE", d.newtrue, ""),
    (b"\x89", "NEWFALSE", d.newfalse, ""), (b"\x8a", "LONG1", d.long1, "s1"),
    (b"\x8b", "LONG4", d.long4, "s4"), (b"B", "BINBYTES", d.binbytes, "b4"),
    (b"C", "SHORT_BINBYTES", d.short_binbytes, "b1"),
    (b"\x8c", "SHORT_BINUNICODE", d.short_binunicode, "s1"),
    (b"\x8d", "BINUNICODE8", d.binunicode8, "s8"), (b"\x8e", "BINBYTES8", d.binbytes8, "b8"),
    (b"\x8f", "EMPTY_SET", s.empty_set, ""), (b"\x90", "ADDITEMS", s.additems, ""),
    (b"\x91", "FROZENSET", s.frozenset_, ""), (b"\x92", "NEWOBJ_EX", c.newobj_ex, ""),
    (b"\x93", "STACK_GLOBAL", c.stack_global, ""), (b"\x94", "MEMOIZE", s.memoize, ""),
    (b"\x95", "FRAME", c.frame, "8"), (b"\x96", "BYTEARRAY8", d.binbytes8, "b8"),
    (b"\x97", "NEXT_BUFFER", c.next_buffer, ""),
    (b"\x98", "READONLY_BUFFER", c.readonly_buffer, ""),
)  # fmt: skip


def _invalid(vm: Machine, pos: int) -> int:
    raise Damage(f"byte 0x{vm.data[pos - 1]:02x} is no opcode")


def _table() -> tuple[Handler, ...]:
    table: list[Handler] = [_invalid] * 256
    for byte, _, handler, _ in OPCODES:
        table[byte[0]] = handler
    return tuple(table)


HANDLERS = _table()
OPCODE_NAMES = {byte[0]: name for byte, name, _, _ in OPCODES}
LAYOUTS = {byte[0]: layout for byte, _, _, layout in OPCODES}
