# ruff: noqa: D103
# Each handler is named after its opcode, which documents it.
"""Opcodes that push constants. Lexing follows ``Modules/_pickle.c``, quirk by quirk.

A handler gets the machine and the position behind the opcode and returns the position behind its
argument. Fixed arguments are sliced unchecked: the window pads the end (see ``window.py``).
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from weighbridge.weights.pickle.literals import MAX_DIGITS, appended, number, python_int, unescaped
from weighbridge.weights.pickle.values import (
    LONG_BYTES,
    LONG_INT,
    LONG_TEXT,
    MAX_TEXT,
    READ_BYTES,
    READ_TEXT,
    UNKNOWN,
    Value,
)
from weighbridge.weights.pickle.window import MAX_KEPT, MAX_NESTED, Damage
from weighbridge.weights.pickle.wrapped import looks_archived, unwrapped
from weighbridge.weights.pickle.wrapped import looks_nested as looks_nested

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

_I4 = struct.Struct("<i").unpack_from
_U4 = struct.Struct("<I").unpack_from
_U2 = struct.Struct("<H").unpack_from
_U8 = struct.Struct("<Q").unpack_from
_D8 = struct.Struct(">d").unpack_from
_MAX_SIZE = 2**63 - 1
_FLOAT = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)\Z", re.I)
_ZERO, _APPEND = b"0a"
_MAY_WRAP = frozenset(b"\x80c(]}i\x78\x1fB\xfd\x5dgYKP")  # first bytes of what may hold a pickle
_TEXT_HEADS = frozenset(bytes((byte,)) for byte in b"c(]}igYK\xc2")  # the same, of texts
_LATIN_1_PICKLE = b"\xc2\x80"  # in UTF-8
MAX_UNPACKED_ALL = 4 * 2**20  # bytes that all packed strings of one stream may become
MAX_DECIMAL = 4300  # digits; CPython itself refuses more, since 3.11
_MIN_WRAPPED = 12  # bytes of a text worth looking into


def none(vm: Machine, pos: int) -> int:
    vm.stack.append(None)
    return pos


def newtrue(vm: Machine, pos: int) -> int:
    vm.stack.append(True)
    return pos


def newfalse(vm: Machine, pos: int) -> int:
    vm.stack.append(False)
    return pos


def binint(vm: Machine, pos: int) -> int:
    vm.stack.append(_I4(vm.data, pos)[0])
    return pos + 4


def binint1(vm: Machine, pos: int) -> int:
    vm.stack.append(vm.data[pos])
    return pos + 1


def binint2(vm: Machine, pos: int) -> int:
    vm.stack.append(_U2(vm.data, pos)[0])
    return pos + 2


def binfloat(vm: Machine, pos: int) -> int:
    vm.stack.append(_D8(vm.data, pos)[0])
    return pos + 8


def int_(vm: Machine, pos: int) -> int:
    data = vm.data
    end = data.find(b"\n", pos, pos + 19)
    line = data[pos:end]
    # As nearly all are. The window's padding holds no newline.
    if end > pos and line.isdigit() and line[0] != _ZERO:
        if data[end + 1] == _APPEND and (behind := appended(vm, pos - 1)):
            return behind
        vm.stack.append(int(line))
        return end + 1
    line, pos = vm.line(pos)
    if not line:
        raise Damage("INT has no argument")
    if line in (b"00", b"01"):
        vm.stack.append(line == b"01")
    else:
        vm.stack.append(number(line))
        _bounded(vm, line, pos)
    return pos


def long_(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    if not line:
        raise Damage("LONG has no argument")
    vm.stack.append(python_int(line.removesuffix(b"L").partition(b"\0")[0], 0))
    _bounded(vm, line, pos)
    return pos


def _bounded(vm: Machine, line: bytes, pos: int) -> None:
    """Converting decimal digits takes time by their square (CVE-2020-10735)."""
    if len(line) > MAX_DECIMAL and line[:2].lower() != b"0x":
        vm.ledger.log.issue(
            "huge-number",
            f"a number of {len(line)} digits, which only exhausts the machine",
            vm.ledger.origin + vm.base + pos - len(line) - 2,
        )


def long1(vm: Machine, pos: int) -> int:
    size = vm.data[pos]
    raw, pos = vm.counted(pos + 1, size)
    vm.stack.append(_signed(raw, size))
    return pos


def long4(vm: Machine, pos: int) -> int:
    size = _I4(vm.data, pos)[0]
    if size < 0:
        raise Damage("LONG4 has a negative size")
    raw, pos = vm.counted(pos + 4, size)
    vm.stack.append(_signed(raw, size))
    return pos


def _signed(raw: bytes | None, size: int) -> Value:
    return LONG_INT if raw is None or size > 16 else int.from_bytes(raw, "little", signed=True)


def float_(vm: Machine, pos: int) -> int:
    if behind := appended(vm, pos - 1):
        return behind
    line, pos = vm.line(pos)
    text = line.partition(b"\0")[0]
    if not line or not _FLOAT.match(text):
        raise Damage("FLOAT has no number")
    vm.stack.append(float(text) if len(text) <= MAX_DIGITS else UNKNOWN)
    return pos


def string(vm: Machine, pos: int) -> int:
    start = vm.base + pos
    line, pos = vm.line(pos)
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise Damage("STRING is not quoted")
    _push_py2(vm, unescaped(line[1:-1]), start)
    return pos


def _push_py2(vm: Machine, raw: bytes, start: int) -> None:
    """A Python 2 string: text in the loader's encoding, which is ASCII, Latin-1 or UTF-8."""
    nested(vm, raw, start, len(raw))
    if len(raw) > MAX_TEXT:
        vm.stack.append(LONG_TEXT)
        return
    try:
        vm.stack.append(str(raw, "utf-8"))
    except UnicodeDecodeError:
        vm.stack.append(str(raw, "latin-1"))


def binstring(vm: Machine, pos: int) -> int:
    size = _U4(vm.data, pos)[0]  # unsigned in C, signed in pickletools
    return _py2_counted(vm, pos + 4, size)


def short_binstring(vm: Machine, pos: int) -> int:
    return _py2_counted(vm, pos + 1, vm.data[pos])


def _py2_counted(vm: Machine, pos: int, size: int) -> int:
    start = vm.base + pos
    raw, pos = vm.counted(pos, size)
    if raw is None:
        vm.stack.append(LONG_TEXT)
    else:
        _push_py2(vm, raw, start)
    return pos


def unicode_(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    try:
        text = line.decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise Damage("UNICODE is not raw-unicode-escape") from error
    vm.stack.append(text if len(text) <= MAX_TEXT else LONG_TEXT)
    return pos


def short_binunicode(vm: Machine, pos: int) -> int:
    stop = pos + 1 + vm.data[pos]
    if stop > vm.end:
        return _text(vm, pos + 1, stop - pos - 1)
    raw = vm.data[pos + 1 : stop]
    if raw[:1] in _TEXT_HEADS and len(raw) > _MIN_WRAPPED:
        nested(vm, raw, vm.base + pos + 1, len(raw))
    try:
        vm.stack.append(raw.decode())
    except UnicodeDecodeError:
        vm.stack.append(_surrogates(raw))
    return stop


def binunicode(vm: Machine, pos: int) -> int:
    return _text(vm, pos + 4, _U4(vm.data, pos)[0])


def binunicode8(vm: Machine, pos: int) -> int:
    return _text(vm, pos + 8, size8(vm, pos))


def size8(vm: Machine, pos: int) -> int:
    """An eight-byte size.

    Raises:
        Damage: it is larger than any object can be.
    """
    size: int = _U8(vm.data, pos)[0]
    if size > _MAX_SIZE:
        raise Damage("a size is larger than any object can be")
    return size


def _text(vm: Machine, pos: int, size: int) -> int:
    start = vm.base + pos
    raw, pos = vm.counted(pos, size)
    if raw is not None and raw[:1] in _TEXT_HEADS and size > _MIN_WRAPPED:
        if raw[:2] == _LATIN_1_PICKLE:  # protocol 2 has no opcode for bytes
            if _as_latin_1(vm, raw, start):
                vm.stack.append(READ_TEXT)
                return pos
        else:
            nested(vm, raw, start, size)
    if raw is None or len(raw) > 4 * MAX_TEXT:
        vm.stack.append(LONG_TEXT)
        return pos
    text = _surrogates(raw)
    vm.stack.append(text if len(text) <= MAX_TEXT else LONG_TEXT)
    return pos


def _as_latin_1(vm: Machine, raw: bytes, start: int) -> bool:
    try:
        packed = raw.decode("utf-8").encode("latin-1")
    except UnicodeError:
        return False
    return nested(vm, packed, start, len(packed))


def _surrogates(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Damage("a text is not UTF-8") from error


def short_binbytes(vm: Machine, pos: int) -> int:
    return _bytes(vm, pos + 1, vm.data[pos])


def binbytes(vm: Machine, pos: int) -> int:
    return _bytes(vm, pos + 4, _U4(vm.data, pos)[0])


def binbytes8(vm: Machine, pos: int) -> int:
    return _bytes(vm, pos + 8, size8(vm, pos))


def _bytes(vm: Machine, pos: int, size: int) -> int:
    start = vm.base + pos
    if size > vm.end - pos and size > 6:
        pos = vm.need(pos, min(size, 200))
        if looks_nested(vm.data[pos : pos + 200]) and not 0 <= vm.size < start + size:
            pos = vm.need(pos, size if size <= MAX_NESTED else MAX_KEPT)
            if size > MAX_NESTED:  # at least what stands first
                read = nested(vm, vm.data[pos : pos + MAX_KEPT], start, size)
                vm.stack.append(READ_BYTES if read else LONG_BYTES)
                return vm.skip(pos, size)
    raw, pos = vm.counted(pos, size)
    if raw is None:
        vm.stack.append(LONG_BYTES)
    elif nested(vm, raw, start, size):
        vm.stack.append(READ_BYTES)
    else:
        vm.stack.append(raw if len(raw) <= MAX_TEXT else LONG_BYTES)
    return pos


def nested(vm: Machine, raw: bytes, start: int, size: int) -> bool:
    """Look into a byte string that may be or hold a pickle, for something else may load it.

    True where it is pickles, or a torch file, and all of them were looked into. ``size`` is its
    length, of which ``raw`` may be the start.
    """
    if len(raw) <= 6 or raw[0] not in _MAY_WRAP:
        return False
    from weighbridge.weights.pickle.stream import inspect_archived, inspect_nested

    if looks_archived(raw):
        whole = inspect_archived(vm, raw) and len(raw) == size
        if whole:
            at = vm.ledger.origin + start
            vm.ledger.log.archived.append((at, at + size))
        return whole
    if looks_nested(raw[:200]):
        return inspect_nested(vm, raw, start, size)
    ledger = vm.ledger
    if ledger.unpacked > MAX_UNPACKED_ALL:
        ledger.log.gap(f"packed strings of a pickle become more than {MAX_UNPACKED_ALL} bytes")
        return False
    inner = unwrapped(raw)
    if inner is not None:
        ledger.unpacked += len(inner)
        inspect_nested(vm, inner, start, len(inner))
    return False
