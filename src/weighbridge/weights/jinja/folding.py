"""What an expression of constants becomes: names that are put together only when rendered.

``'__cl' ~ 'ass__'``, ``['__class__']|join``, ``'__ssalc__'[::-1]``, ``'%sclass%s'|format('__',
'__')`` and ``dict(__class__=1)|first`` all hand over a name that no string of the template shows.
Every result is short: nothing here multiplies what a stranger wrote.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

MAX_RANGE = 100_000  # numbers of a range: the limit of Jinja's own sandbox (jinja2.sandbox)
MAX_BITS = 100_000  # of a power of constants
MAX_ROUNDS = 10_000_000  # of constant loops in each other
MAX_REPEATED = 10_000_000  # characters or items of a constant that is repeated
MAX_LENGTH = 2000  # characters or items of what is computed here; a name is shorter


class Unknown(enum.Enum):
    """What only rendering would tell."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
Value: TypeAlias = "str | int | float | bool | None | list[Value] | Unknown"

_CASES = {
    "upper": str.upper, "lower": str.lower, "title": str.title, "capitalize": str.capitalize,
    "swapcase": str.swapcase,
}  # fmt: skip
_STRIPS: dict[str, Callable[..., str]] = {
    "strip": str.strip, "trim": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip,
    "removeprefix": str.removeprefix, "removesuffix": str.removesuffix,
}  # fmt: skip
_SUMS: dict[str, Callable[[int, int], int]] = {
    "+": int.__add__, "-": int.__sub__, "*": int.__mul__,
}  # fmt: skip
_MAX_KEPT_BITS = 256  # of a number that is computed here: sizes and widths are far smaller
# A conversion of ``%`` and a field of ``format`` that have a width.
_WIDTH = re.compile(r"%[-+ #0]{0,5}(\d{8,400})|\{[^{}:]{0,80}:[^{}\d]{0,4}(\d{8,400})")
_SAME = ("string", "safe", "escape", "e", "forceescape", "list", "int", "default", "d")


def operation(operator: str, parts: Sequence[Value]) -> Value:
    """The value of an operator between constants."""
    if len(parts) > 1 and all(type(part) is int for part in parts):
        return UNKNOWN if is_costly(operator, parts) else _number(operator, parts)
    if operator in ("+", "~") and all(isinstance(part, str | int) for part in parts):
        if len(parts) == 1:
            return parts[0]
        if operator == "~" or all(isinstance(part, str) for part in parts):
            return _short("".join(str(part) for part in parts))
    if operator == "+" and len(parts) > 1:
        joined: list[Value] = []
        for part in parts:
            if not isinstance(part, list) or len(joined) + len(part) > MAX_LENGTH:
                return UNKNOWN
            joined += part
        return joined
    if operator == "*" and len(parts) == 2:
        text, times = parts if isinstance(parts[0], str) else (parts[1], parts[0])
        if isinstance(text, str) and isinstance(times, int) and 0 <= times * len(text) < MAX_LENGTH:
            return text * times
    if operator == "%" and len(parts) == 2 and isinstance(parts[0], str):
        arguments = parts[1] if isinstance(parts[1], list) else [parts[1]]
        return _percent(parts[0], arguments)
    if operator == "-" and len(parts) == 1 and isinstance(parts[0], int):
        return -parts[0]
    return UNKNOWN


def is_costly(operator: str, parts: Sequence[Value]) -> bool:
    """Whether an operator between constants makes a number or a text that nobody needs."""
    numbers = [part for part in parts if type(part) is int]
    if operator == "**" and numbers and len(numbers) == len(parts):
        bits = numbers[0].bit_length() if numbers[0] not in (0, 1, -1) else 0
        for exponent in numbers[1:]:  # Jinja takes a chain from the left
            bits *= max(exponent, 0)
            if bits > MAX_BITS:
                return True
    if operator == "*" and len(parts) == 2:
        left, right = parts
        text, times = (left, right) if isinstance(left, str | list) else (right, left)
        if isinstance(text, str | list) and isinstance(times, int):
            return times * len(text) > MAX_REPEATED
    return operator == "%" and isinstance(parts[0], str) and is_wide(parts[0])


def is_tower(operator: str, parts: Sequence[Value]) -> bool:
    """Whether a chain of powers would cost too much if it were taken from the right, as Python and
    mathematics take it. Jinja takes it from the left, so whoever wrote it meant something else."""
    numbers = [part for part in parts if type(part) is int]
    if operator != "**" or len(numbers) < 3 or len(numbers) != len(parts):
        return False
    exponent = numbers[-1]
    for base in numbers[-2::-1]:
        exponent = max(exponent, 0)
        if base not in (0, 1, -1) and base.bit_length() * exponent > MAX_BITS:
            return True
        exponent = base**exponent
    return False


def _number(operator: str, parts: Sequence[Value]) -> Value:
    """The value of an operator between whole numbers, from the left, if it is no long one."""
    numbers = [part for part in parts if isinstance(part, int)]
    if operator == "~":
        return _short("".join(map(str, numbers)))
    made = numbers[0]
    for other in numbers[1:]:
        if operator == "**" and other >= 0:
            made = made**other
        elif operator in ("//", "%") and other:
            made = made // other if operator == "//" else made % other
        elif operator in _SUMS:
            made = _SUMS[operator](made, other)
        else:
            return UNKNOWN
        if made.bit_length() > _MAX_KEPT_BITS:
            return UNKNOWN
    return made


def is_wide(text: str) -> bool:
    """Whether a format asks for a width that only exhausts the machine (``%9999999999d``)."""
    widths = [one for pair in _WIDTH.findall(text) for one in pair if one]
    return any(len(one) > 18 or int(one) > MAX_REPEATED for one in widths)


def item(value: Value, key: Value) -> Value:
    """``value[key]``."""
    if isinstance(value, str | list) and isinstance(key, int) and -len(value) <= key < len(value):
        return value[key]
    return UNKNOWN


def part(value: Value, bounds: Sequence[Value]) -> Value:
    """``value[start:stop:step]``."""
    if isinstance(value, str | list) and all(b is None or type(b) is int for b in bounds):
        start, stop, step = (b if isinstance(b, int) else None for b in bounds)
        return value[start:stop:step] if step != 0 else UNKNOWN
    return UNKNOWN


def apply(name: str, value: Value, arguments: Sequence[Value]) -> Value:
    """What a filter or a method makes of a constant. ``join`` takes the list as its value."""
    if name in _SAME and not (name == "list" and isinstance(value, str)):
        return value
    if isinstance(value, list):
        return _of_list(name, value, arguments)
    if not isinstance(value, str):
        return UNKNOWN
    if name in _STRIPS and len(arguments) <= 1:
        return _strip(name, value, arguments)
    if name == "replace" and len(arguments) >= 2:
        return _replace(value, arguments[0], arguments[1])
    if name == "format":
        return _braces(value, arguments) if "{" in value else _percent(value, arguments)
    if len(value) > MAX_LENGTH:
        return UNKNOWN
    if name in _CASES:
        return _CASES[name](value)
    if name == "split":
        by = arguments[0] if arguments else None
        return list(value.split(by)) if by is None or (isinstance(by, str) and by) else UNKNOWN
    if name in ("list", "unique", "map", "select"):
        return list(value) if not arguments else UNKNOWN
    if name == "reverse":
        return value[::-1]
    return _of_list(name, list(value), arguments)


def _strip(name: str, value: str, arguments: Sequence[Value]) -> Value:
    if not arguments:
        return _STRIPS[name](value) if not name.startswith("remove") else UNKNOWN
    return _STRIPS[name](value, arguments[0]) if isinstance(arguments[0], str) else UNKNOWN


def _of_list(name: str, value: list[Value], arguments: Sequence[Value]) -> Value:
    if name == "reverse":
        return value[::-1]
    if name in ("first", "last") and value:
        return value[0 if name == "first" else -1]
    if name in ("keys", "values", "unique", "map", "select"):
        return value if not arguments else UNKNOWN
    if name == "join":
        by = arguments[0] if arguments else ""
        texts = [text for text in value if isinstance(text, str)]
        if not isinstance(by, str) or len(texts) != len(value):
            return UNKNOWN
        if sum(map(len, texts)) + len(by) * len(texts) <= MAX_LENGTH:
            return by.join(texts)
    return UNKNOWN


def _replace(value: str, old: Value, new: Value) -> Value:
    if not isinstance(old, str) or not isinstance(new, str):
        return UNKNOWN
    if len(value) > MAX_LENGTH or (len(value) + 1) * max(len(new), 1) > MAX_LENGTH * 10:
        return UNKNOWN
    return _short(value.replace(old, new))


def _percent(value: str, arguments: Sequence[Value]) -> Value:
    """``%s``, ``%c`` and ``%d`` without a width: a width could make it long."""
    pieces = value.split("%")
    rest = list(arguments)
    made = [pieces[0]]
    if len(pieces) > MAX_LENGTH:
        return UNKNOWN
    for piece in pieces[1:]:
        if not rest or piece[:1] not in ("s", "c", "d"):
            return UNKNOWN
        argument = rest.pop(0)
        if piece[0] == "c" and isinstance(argument, int):
            if not 0 <= argument <= 0x10FFFF:
                return UNKNOWN
            argument = chr(argument)
        if not isinstance(argument, str | int):
            return UNKNOWN
        made += [str(argument), piece[1:]]
    return _short("".join(made))


def _braces(value: str, arguments: Sequence[Value]) -> Value:
    """``{}`` and ``{0}``, nothing else."""
    made: list[str] = []
    automatic = 0
    pieces = value.split("{")
    if len(pieces) > MAX_LENGTH:
        return UNKNOWN
    for number, piece in enumerate(pieces):
        if number == 0:
            made.append(piece)
            continue
        field, closed, after = piece.partition("}")
        if not closed or (field and not (field.isdecimal() and len(field) < 4)):
            return UNKNOWN
        index = int(field) if field else automatic
        automatic += not field
        argument = arguments[index] if index < len(arguments) else UNKNOWN
        if not isinstance(argument, str | int):
            return UNKNOWN
        made += [str(argument), after]
    return _short("".join(made))


def _short(text: str) -> Value:
    return text if len(text) <= MAX_LENGTH else UNKNOWN
