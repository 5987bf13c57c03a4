"""The symbolic values of the machine's stack and memo, and how they are shown as Python.

Constants are Python's own ``None``, ``bool``, ``int``, ``float``, ``str`` and ``bytes``; a tuple of
symbolic values is a ``tuple``. The classes below are the rest. Values are shared, never copied, so
a pickle that doubles a value by reference (a "billion laughs") costs one reference each time.
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = object

MAX_TEXT = 1024  # characters of a string, or bytes of a byte string, kept as a constant
MAX_ITEMS = 32  # items of a list, dict or set that are kept; the rest is counted
MAX_RENDERED = 200  # characters of Python shown
_MAX_DEPTH = 4


class Opaque:
    """A value of which nothing is known. ``what`` says where it came from."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what


UNKNOWN = Opaque("unknown")
PERSISTENT = Opaque("persistent object")
BUFFER = Opaque("out-of-band buffer")
LONG_TEXT = Opaque("long text")
LONG_BYTES = Opaque("long bytes")
LONG_INT = Opaque("long int")


class Global:
    """An imported name. ``ruling`` is the policy's; ``uses`` counts imports and calls,
    ``shown`` the calls that were written down one by one.
    """

    __slots__ = ("module", "name", "ruling", "shown", "uses")

    def __init__(self, module: str, name: str, ruling: object) -> None:
        self.module = module
        self.name = name
        self.ruling = ruling
        self.uses = 0
        self.shown = 0

    @property
    def dotted(self) -> str:
        """``module.name``."""
        return f"{self.module}.{self.name}"


class Call:
    """The result of calling, or of constructing an instance of, ``callee``."""

    __slots__ = ("args", "callee")

    def __init__(self, callee: Value, args: Value) -> None:
        self.callee = callee
        self.args = args


class Items:
    """A list, dict or set: its kind, its first items (keys and values in turn), how many follow."""

    __slots__ = ("count", "items", "kind")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.items: list[Value] | None = None
        self.count = 0

    def extend(self, values: list[Value]) -> None:
        """Add values; beyond :data:`MAX_ITEMS` they are only counted."""
        if self.items is None:
            self.items = values[:MAX_ITEMS]
        elif len(self.items) < MAX_ITEMS:
            self.items += values[: MAX_ITEMS - len(self.items)]
        self.count += len(values)

    def lookup(self, key: str) -> Value:
        """The value under a constant key of a dict; :data:`UNKNOWN` where it is not kept."""
        items = self.items or []
        for index in range(len(items) - 2, -1, -2):
            if items[index] == key and isinstance(items[index], str) and index % 2 == 0:
                return items[index + 1]
        return UNKNOWN


HOLDERS = frozenset({tuple, Call, Items})
_FLAT = (bool, int, float, Global)
_TEXTS = (str, bytes)


def compact(value: Value) -> Value:
    """A value that holds no chain of others: what the memo keeps once it is old.

    Without it a small pickle could hold a reference to everything it ever made.
    """
    kind = type(value)
    if kind is str:
        return value if len(value) <= 64 else LONG_TEXT  # type: ignore[arg-type]
    if kind is bytes:
        return value if len(value) <= 64 else LONG_BYTES  # type: ignore[arg-type]
    if kind is tuple:
        return value if _flat(value) else UNKNOWN
    if kind is Items:
        return UNKNOWN
    if isinstance(value, Call):
        if isinstance(value.callee, Global) and _flat(value.args):
            return value
        return Call(value.callee if isinstance(value.callee, Global) else UNKNOWN, UNKNOWN)
    return value


def _flat(value: Value) -> bool:
    return isinstance(value, tuple) and len(value) <= 4 and all(
        item is None or isinstance(item, _FLAT)
        or (isinstance(item, _TEXTS) and len(item) <= 64)
        for item in value
    )  # fmt: skip


def render(value: Value) -> str:
    """The value as Python, at most :data:`MAX_RENDERED` characters, ASCII only."""
    return _render(value, 0)[:MAX_RENDERED]


def render_call(callee: str, args: Value) -> str:
    """A call as Python."""
    return f"{callee[:MAX_RENDERED]}{_arguments(args, 0)}"[: MAX_RENDERED + 100]


def _render(value: Value, depth: int) -> str:
    if isinstance(value, Global):
        return value.dotted[:MAX_RENDERED]
    if isinstance(value, Opaque):
        return f"<{value.what}>"
    if depth >= _MAX_DEPTH:
        return "..."
    if isinstance(value, Call):
        return f"{_render(value.callee, depth + 1)}{_arguments(value.args, depth + 1)}"
    if isinstance(value, tuple):
        return f"({_sequence(value, len(value), depth)}{',' if len(value) == 1 else ''})"
    if isinstance(value, Items):
        return _container(value, depth)
    if isinstance(value, _TEXTS) and len(value) > MAX_RENDERED:
        return ascii(value[:MAX_RENDERED]) + "..."
    return ascii(value)


def _arguments(args: Value, depth: int) -> str:
    if isinstance(args, tuple):
        return f"({_sequence(args, len(args), depth)})"
    return f"(*{_render(args, depth + 1)})"


def _container(value: Items, depth: int) -> str:
    items = value.items or []
    if value.kind == "dict":
        pairs = [
            f"{_render(items[i], depth + 1)}: {_render(items[i + 1], depth + 1)}"
            for i in range(0, min(len(items) - 1, 8), 2)
        ]
        return "{" + ", ".join(pairs) + (", ..." if value.count > 8 else "") + "}"
    body = _sequence(tuple(items), value.count, depth)
    if value.kind == "list":
        return f"[{body}]"
    return f"{value.kind}([{body}])"


def _sequence(items: tuple[Value, ...], count: int, depth: int) -> str:
    shown: list[str] = []
    room = MAX_RENDERED
    for item in items[:8]:
        text = _render(item, depth + 1)
        shown.append(text)
        room -= len(text)
        if room < 0:
            break
    return ", ".join(shown) + (", ..." if count > len(shown) else "")
