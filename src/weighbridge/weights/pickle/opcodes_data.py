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

from weighbridge.weights.pickle.values import (
    LONG_BYTES,
    LONG_INT,
    LONG_TEXT,
    MAX_TEXT,
    UNKNOWN,
    Value,
)
from weighbridge.weights.pickle.window import MAX_NESTED, Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

_I4 = struct.Struct("<i").unpack_from
_U4 = struct.Struct("<I").unpack_from
_U2 = struct.Struct("<H").unpack_from
_U8 = struct.Struct("<Q").unpack_from
_D8 = struct.Struct(">d").unpack_from
_MAX_SIZE = 2**63 - 1
_MAX_DIGITS = 64  # a longer literal is a number all right, and which one does not matter here
_STRTOL = re.compile(rb"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))\Z")
_FLOAT = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)\Z", re.I)
_TEXT_PICKLE = re.compile(rb"[(\]})]{0,9}[ci][A-Za-z_][\w.]{0,80}\n[A-Za-z_][\w.]{0,80}\n")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.)|\Z)", re.S)
_SIMPLE = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v",
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"\n": b"",
}  # fmt: skip


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
    line, pos = vm.line(pos)
    if not line:
        raise Damage("INT has no argument")
    if line in (b"00", b"01"):
        vm.stack.append(line == b"01")
    else:
        vm.stack.append(_number(line))
    return pos


def long_(vm: Machine, pos: int) -> int:
    line, pos = vm.line(pos)
    if not line:
        raise Damage("LONG has no argument")
    vm.stack.append(_python_int(line.removesuffix(b"L").partition(b"\0")[0], 0))
    return pos


def _number(line: bytes) -> Value:
    """C's ``strtol(s, &end, 0)``, then Python's ``int(s, 0)`` where that does not take it all."""
    text = line.partition(b"\0")[0]  # a C string ends at NUL
    if not text:
        return 0
    match = _STRTOL.match(text)
    if match is None or len(text) > _MAX_DIGITS:
        return _python_int(text, 0)
    sign, hexadecimal, octal, decimal = match.groups()
    base, digits = (16, hexadecimal) if hexadecimal else (8, octal or b"0")
    if decimal:
        base, digits = 10, decimal
    return int(sign + digits, base)


def _python_int(text: bytes, base: int) -> Value:
    if len(text) > _MAX_DIGITS:
        if re.fullmatch(rb"\s*[+-]?[0-9a-zA-Z_]+\s*", text):
            return LONG_INT
        raise Damage("a number of the pickle is not one")
    try:
        return int(text, base)
    except ValueError as error:
        raise Damage("a number of the pickle is not one") from error


def index(line: bytes) -> int:
    """The argument of GET and PUT: Python's ``int(s, 10)`` of a C string.

    Raises:
        Damage: it is not a number, or none that fits.
    """
    if not line:
        raise Damage("a memo index is missing")
    found = _python_int(line.partition(b"\0")[0], 10)
    if not isinstance(found, int) or abs(found) > _MAX_SIZE:
        raise Damage("a memo index is out of range")
    return found


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
    line, pos = vm.line(pos)
    text = line.partition(b"\0")[0]
    if not line or not _FLOAT.match(text):
        raise Damage("FLOAT has no number")
    vm.stack.append(float(text) if len(text) <= _MAX_DIGITS else UNKNOWN)
    return pos


def string(vm: Machine, pos: int) -> int:
    start = vm.base + pos
    line, pos = vm.line(pos)
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise Damage("STRING is not quoted")
    raw = _ESCAPE.sub(_unescape, line[1:-1]) if b"\\" in line else line[1:-1]
    _push_py2(vm, raw, start)
    return pos


def _unescape(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    if other is None or other == b"x":
        raise Damage("STRING has an incomplete escape")
    return _SIMPLE.get(other, b"\\" + other)


def _push_py2(vm: Machine, raw: bytes, start: int) -> None:
    """A Python 2 string: text in the loader's encoding, which is ASCII, Latin-1 or UTF-8."""
    nested(vm, raw, start)
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
    raw, pos = vm.counted(pos, size)
    if raw is None or len(raw) > 4 * MAX_TEXT:
        vm.stack.append(LONG_TEXT)
        return pos
    text = _surrogates(raw)
    vm.stack.append(text if len(text) <= MAX_TEXT else LONG_TEXT)
    return pos


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
    if size > vm.end - pos and size <= MAX_NESTED and size > 6:
        pos = vm.need(pos, min(size, 200))
        if looks_nested(vm.data[pos : pos + 200]) and not 0 <= vm.size < start + size:
            pos = vm.fill(pos, size)
    raw, pos = vm.counted(pos, size)
    if raw is None:
        vm.stack.append(LONG_BYTES)
        return pos
    nested(vm, raw, start)
    vm.stack.append(raw if len(raw) <= MAX_TEXT else LONG_BYTES)
    return pos


def looks_nested(head: bytes) -> bool:
    """Whether bytes may be a pickle: a protocol header, or an import of protocol 0 or 1."""
    if head[:1] == b"\x80":
        return len(head) > 1 and head[1] <= 5
    return _TEXT_PICKLE.match(head) is not None


def nested(vm: Machine, raw: bytes, start: int) -> None:
    """Look into a byte string that may be a pickle: something else may load it."""
    if len(raw) > 6 and looks_nested(raw[:200]):
        from weighbridge.weights.pickle.stream import inspect_nested

        inspect_nested(vm, raw, start)
