"""Numbers and quoted strings of protocol 0, read as ``Modules/_pickle.c`` reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from weighbridge.weights.pickle.values import LONG_INT, MAX_ITEMS, Items, Value
from weighbridge.weights.pickle.window import Damage

if TYPE_CHECKING:
    from weighbridge.weights.pickle.machine import Machine

_MAX_SIZE = 2**63 - 1
MAX_DIGITS = 64  # a longer literal is a number all right, and which one does not matter here
_STRTOL = re.compile(rb"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))\Z")
# INT or FLOAT, and APPEND behind it, as picklers of protocol 0 write them.
_NUMBERS_APPENDED = re.compile(
    rb"(?:(?:I-?(?:0|[1-9]\d{0,17})|F-?\d{1,30}(?:\.\d{1,30})?(?:e[+-]?\d{1,9})?)\na)++"
).match
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.)|\Z)", re.S)
_SIMPLE = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v",
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"\n": b"",
}  # fmt: skip


def number(line: bytes) -> Value:
    """C's ``strtol(s, &end, 0)``, then Python's ``int(s, 0)`` where that does not take it all."""
    if len(line) < 19 and line.isdigit() and line[0] != 48:  # as nearly all are
        return int(line)
    text = line.partition(b"\0")[0]  # a C string ends at NUL
    if not text:
        return 0
    match = _STRTOL.match(text)
    if match is None or len(text) > MAX_DIGITS:
        return python_int(text, 0)
    sign, hexadecimal, octal, decimal = match.groups()
    base, digits = (16, hexadecimal) if hexadecimal else (8, octal or b"0")
    if decimal:
        base, digits = 10, decimal
    return int(sign + digits, base)


def python_int(text: bytes, base: int) -> Value:
    """Python's ``int(text, base)``; a long one is only checked.

    Raises:
        Damage: it is no number.
    """
    if len(text) > MAX_DIGITS:
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
    found = python_int(line.partition(b"\0")[0], 10)
    if not isinstance(found, int) or abs(found) > _MAX_SIZE:
        raise Damage("a memo index is out of range")
    return found


def appended(vm: Machine, start: int) -> int:
    """Pass over numbers as text that go one by one into a list of which no more is kept, as far as
    the window and the frame reach; the position behind them, 0 where none stands at ``start``."""
    target = vm.stack[-1] if vm.stack else None
    if type(target) is not Items or target.kind != "list" or target.count < MAX_ITEMS:
        return 0
    found = _NUMBERS_APPENDED(vm.data, start, vm.limit)
    if found is None:
        return 0
    target.count += vm.data.count(b"\n", start, found.end())
    return found.end()


def unescaped(raw: bytes) -> bytes:
    """The bytes a quoted string stands for."""
    return _ESCAPE.sub(_unescape, raw) if b"\\" in raw else raw


def _unescape(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    if other is None or other == b"x":
        raise Damage("STRING has an incomplete escape")
    return _SIMPLE.get(other, b"\\" + other)
