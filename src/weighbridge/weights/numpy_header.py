"""The header of a ``.npy`` file: a Python literal, read by a small reader of our own.

Source: NEP 1 and ``numpy/lib/_format_impl.py``. NumPy hands the header to ``ast.literal_eval`` and
warns that this is not safe for long ones; here time and memory are linear in its length, and the
answer does not hang on the version of Python. What NumPy writes is a dictionary of tuples, lists,
texts, numbers and truth values, and so is what is read.
"""

from __future__ import annotations

import ast
import re
from typing import TypeAlias

from weighbridge.model.errors import BoundExceeded, HostileInput

Literal: TypeAlias = (
    "str | int | bool | None | tuple[Literal, ...] | list[Literal] | dict[str, Literal]"
)

MAX_HEADER = 2**19  # bytes; NumPy itself refuses more than 10,000 characters unless told
MAX_DEPTH = 64
MAX_FIELDS = 20_000
MAX_ITEM = 2**53
# The suffix L is Python 2's, which NumPy still takes away before it reads.
_TOKEN = re.compile(
    r"[ \t\n\r\f]*+(?:(?P<punctuation>[][(){},:])|(?P<number>(?:0|[1-9][0-9]{0,18})(?P<long>L)?)"
    r"|(?P<word>True|False|None)|u?(?P<text>'(?:[^'\\\n\0]|\\[^\n\0])*+'|\"(?:[^\"\\\n\0]|\\[^\n\0])*+\"))"
)
_CLOSE = {"(": ")", "[": "]", "{": "}"}
_WORDS: dict[str, bool | None] = {"True": True, "False": False, "None": None}
_UNIT = r"\[[1-9]?\d{0,8}(?:Y|M|W|D|h|m|s|ms|us|μs|ns|ps|fs|as)\]"
_TYPE = re.compile(rf"[<>|=]?([?biufcWmMOSUVa])(\d{{0,9}})({_UNIT})?\Z")
# f1 and W4 are what ml_dtypes writes (float8_e5m2, complex32); NumPy alone does not read them back.
_WIDTHS = {
    "?": (1,), "b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (1, 2, 4, 8, 12, 16),
    "c": (8, 16, 24, 32), "W": (4,), "m": (8,), "M": (8,),
}  # fmt: skip
# One-letter codes and names, which NumPy takes although it does not write them.
_NAMES: dict[str, int | None] = {
    "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "e": 2, "f": 4, "d": 8,
    "F": 8, "D": 16, "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4,
    "uint32": 4, "int64": 8, "uint64": 8, "float16": 2, "float32": 4, "float64": 8, "complex64": 8,
    "complex128": 16, "object": None, "object_": None,
}  # fmt: skip


class Unknown(HostileInput):
    """An element type that is not known here; NumPy may still know it, even as objects."""


def parse(text: str) -> dict[str, Literal]:
    """The dictionary that the header is.

    Raises:
        HostileInput: it is something else, or nested too deeply.
    """
    value, end = _Parser(text).value(0, 0)
    if text[end:].strip(" \t\n\r\f"):
        raise HostileInput("something follows the literal of the NumPy header")
    if not isinstance(value, dict):
        raise HostileInput("the NumPy header is not a dictionary")
    if not text.lstrip(" \t").startswith("{"):  # Python reads what follows a line's end as a block
        raise HostileInput("the NumPy header does not start with its dictionary")
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text

    def _token(self, at: int) -> re.Match[str]:
        match = _TOKEN.match(self.text, at)
        if match is None:
            raise HostileInput(f"the NumPy header is not a Python literal at character {at}")
        return match

    def value(self, at: int, depth: int) -> tuple[Literal, int]:
        """The value at a position, and the position behind it."""
        if depth > MAX_DEPTH:
            raise HostileInput(f"the NumPy header is nested more than {MAX_DEPTH} deep")
        match = self._token(at)
        found = match.lastgroup
        end = match.end()
        if found in ("number", "long"):
            return int(match.group("number").rstrip("L")), end
        if found == "word":
            return _WORDS[match.group("word")], end
        if found == "text":
            return self._text(match.group("text")), end
        opening = match.group("punctuation")
        if opening == "{":
            return self._dictionary(end, depth)
        if opening not in _CLOSE:
            raise HostileInput(f"the NumPy header is not a Python literal at character {at}")
        return self._sequence(end, depth, opening)

    def _text(self, token: str) -> str:
        """One text: its quotes and escapes are Python's."""
        if "\\" not in token:
            return token[1:-1]
        try:
            value = ast.literal_eval(token)
        except (ValueError, SyntaxError) as error:
            raise HostileInput("a text of the NumPy header is malformed") from error
        return str(value)

    def _sequence(self, at: int, depth: int, opening: str) -> tuple[Literal, int]:
        items: list[Literal] = []
        comma = False
        while True:
            match = self._token(at)
            if match.group("punctuation") == _CLOSE[opening]:
                at = match.end()
                break
            item, at = self.value(at, depth + 1)
            items.append(item)
            follows = self._token(at)
            comma = follows.group("punctuation") == ","
            if comma:
                at = follows.end()
            elif follows.group("punctuation") != _CLOSE[opening]:
                raise HostileInput(f"the NumPy header is not a Python literal at character {at}")
        if opening == "[":
            return items, at
        if len(items) == 1 and not comma:
            return items[0], at  # parentheses around one value
        return tuple(items), at

    def _dictionary(self, at: int, depth: int) -> tuple[dict[str, Literal], int]:
        table: dict[str, Literal] = {}
        while True:
            match = self._token(at)
            if match.group("punctuation") == "}":
                return table, match.end()
            key, at = self.value(at, depth + 1)
            colon = self._token(at)
            if not isinstance(key, str) or colon.group("punctuation") != ":":
                raise HostileInput("a key of the NumPy header is malformed")
            if key in table:
                raise HostileInput(f"the key {key[:40]!r} stands twice in the NumPy header")
            table[key], at = self.value(colon.end(), depth + 1)
            follows = self._token(at)
            if follows.group("punctuation") == ",":
                at = follows.end()
            elif follows.group("punctuation") != "}":
                raise HostileInput(f"the NumPy header is not a Python literal at character {at}")


class ItemType:
    """What a ``descr`` says of one element.

    ``size`` is in bytes, None where the elements are objects and the array is a pickle.

    Raises (from the constructor):
        Unknown: a type that is not known here.
        HostileInput: it is malformed.
        BoundExceeded: it has too many fields.
    """

    def __init__(self, descr: Literal) -> None:
        self._fields = 0
        self.size = self._size(descr, 0)
        self.label = descr if isinstance(descr, str) else "structured"

    def _size(self, descr: Literal, depth: int) -> int | None:
        if depth > MAX_DEPTH:
            raise BoundExceeded("the NumPy element type", MAX_DEPTH, "levels")
        if isinstance(descr, str):
            return _plain(descr)
        if isinstance(descr, tuple) and len(descr) == 2:
            return _times(self._size(descr[0], depth + 1), descr[1])
        if isinstance(descr, list):
            return self._record(descr, depth)
        raise HostileInput("the NumPy element type is malformed")

    def _record(self, descr: list[Literal], depth: int) -> int | None:
        total: int | None = 0
        names: set[str] = set()
        for entry in descr:
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise BoundExceeded("the NumPy element type", MAX_FIELDS, "fields")
            if not isinstance(entry, tuple) or len(entry) not in (2, 3):
                raise HostileInput("a field of the NumPy element type is malformed")
            for name in _field_names(entry[0]):
                if name in names:
                    raise HostileInput(f"two fields of the element type are called {name[:40]!r}")
                names.add(name)
            part = self._size(entry[1], depth + 1)
            part = _times(part, entry[2]) if len(entry) == 3 else part
            total = None if part is None or total is None else total + part
            if total is not None and total > MAX_ITEM:
                raise HostileInput("an element of the array is larger than any memory")
        return total


def _field_names(name: Literal) -> tuple[str, ...]:
    """A field's name, and its title if it has one; padding has neither."""
    if isinstance(name, tuple) and len(name) == 2:
        title, name = name
        if isinstance(name, str) and isinstance(title, str):
            return (name,) if title == name else (title, name)
    if not isinstance(name, str):
        raise HostileInput("a field of the NumPy element type has no name")
    return (name,) if name else ()


def _plain(descr: str) -> int | None:
    match = _TYPE.match(descr)
    if match is None or not (match.group(2) or match.group(1) in "?OSUVa"):
        plain = descr.lstrip("<>|=")
        if plain in _NAMES:
            return _NAMES[plain]
        raise Unknown(f"{descr[:40]!r} is no NumPy element type")
    kind, digits, unit = match.groups()
    if kind == "O":
        return None
    if unit and kind not in "mM":
        raise Unknown(f"{descr[:40]!r} is no NumPy element type")
    if kind in "SaVU":
        return int(digits or 0) * (4 if kind == "U" else 1)
    size = int(digits) if digits else 1
    if size not in _WIDTHS[kind]:
        raise Unknown(f"{descr[:40]!r} is no NumPy element type")
    return size


def _times(size: int | None, shape: Literal) -> int | None:
    for side in shape if isinstance(shape, tuple) else (shape,):
        if type(side) is not int or side < 0:
            raise HostileInput("a field's shape is not made of counts")
        size = None if size is None else size * side
        if size is not None and size > MAX_ITEM:
            raise HostileInput("an element of the array is larger than any memory")
    return size
