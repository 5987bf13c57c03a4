"""The symbolic values of the machine's stack and memo, and how they are shown as Python.

Constants are Python's own ``None``, ``bool``, ``int``, ``float``, ``str`` and ``bytes``; a tuple of
symbolic values is a ``tuple``. The classes below are the rest. Values are shared, never copied, so
a pickle that doubles a value by reference (a "billion laughs") costs one reference each time.
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = object

MAX_TEXT = 1024  # characters of a string, or bytes of a byte string, kept as a constant
MAX_ITEMS = 64  # items of a list, dict or set that are kept; the rest is counted
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
READ_BYTES = Opaque("long bytes")  # whole pickles, every one of which was looked into
READ_TEXT = Opaque("long text")  # the same, as text in Latin-1


class Storage(Opaque):
    """What torch's persistent id stands for: ``count`` elements of the storage class ``kind``."""

    __slots__ = ("count", "kind")

    def __init__(self, kind: str, count: int) -> None:
        super().__init__("persistent object")
        self.kind = kind
        self.count = count


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
    """The result of calling, or of constructing an instance of, ``callee``.

    ``built``: BUILD has given it a state, which is kept in ``state`` where :data:`KEPT_STATES` asks
    for it.
    """

    __slots__ = ("args", "built", "callee", "state")

    def __init__(self, callee: Value, args: Value) -> None:
        self.callee = callee
        self.args = args
        self.built = False
        self.state: Value = None


class Items:
    """A list, dict or set: its kind, its first items (keys and values in turn), their number.

    ``special`` is a dict's first key that is a special name (``__class__``), or a text that only
    the loader computes, wherever it stands.
    """

    __slots__ = ("count", "items", "kind", "special")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.items: list[Value] | None = None
        self.count = 0
        self.special: Value = None

    def extend(self, values: list[Value]) -> None:
        """Add values; beyond :data:`MAX_ITEMS` they are only counted."""
        if self.items is None:
            self.items = values[:MAX_ITEMS]
        elif len(self.items) < MAX_ITEMS:
            self.items += values[: MAX_ITEMS - len(self.items)]
        self.count += len(values)
        if self.kind == "dict" and self.special is None:
            self.special = special_key(values)

    def lookup(self, key: str) -> Value:
        """The value under a constant key of a dict, the last one where there are several;
        :data:`UNKNOWN` where there is none or not all of the dict is kept."""
        items = self.items or []
        if self.count > len(items):
            return UNKNOWN
        for index in range(len(items) - 2, -1, -2):
            if items[index] == key and isinstance(items[index], str) and index % 2 == 0:
                return items[index + 1]
        return UNKNOWN


class Thin(Items):
    """What is left of an old container. One object stands for many: nothing is added to it."""

    __slots__ = ()

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.count = MAX_ITEMS

    def extend(self, values: list[Value]) -> None:
        """Nothing is kept."""


def texts_of(value: Value) -> tuple[str, ...] | None:
    """A list of texts that is kept whole, sorted; None for anything else."""
    if not isinstance(value, Items) or value.kind != "list":
        return None
    items = value.items or []
    texts = tuple(sorted(item for item in items if isinstance(item, str)))
    return texts if len(texts) == value.count else None


def class_of(call: Call) -> Global | None:
    """The class of what a call made, where the bytes name it."""
    callee = call.callee
    if isinstance(callee, Global) and getattr(callee.ruling, "checked", "") in _MAKERS:
        callee = call.args[0] if isinstance(call.args, tuple) and call.args else None
    return callee if isinstance(callee, Global) else None


# The conditions (``checks.CHECKS``) of functions that make an instance of their first argument.
_MAKERS = ("first-class", "new-object", "new-object-named", "reconstructor")
HOLDERS = frozenset({tuple, Call, Items})
_THIN = {kind: Thin(kind) for kind in ("list", "dict", "set", "frozenset")}
# Attributes that classes and picklers set themselves, and that change nothing: Python's,
# NetworkX's, Matplotlib's, skorch's, pydantic's, typing_extensions', yacs'.
_USUAL = frozenset({
    "__doc__", "__orig_class__", "__module__", "__name__", "__qualname__", "__networkx_cache__",
    "__mpl_version__", "__cuda_dependent_attributes__", "__pydantic_fields_set__",
    "__pydantic_extra__", "__pydantic_private__", "__version__",
    "__immutable__", "__deprecated_keys__", "__renamed_keys__", "__new_allowed__",
})  # fmt: skip


def special_key(pairs: list[Value]) -> Value:
    """The first key of keys and values in turn that names a special attribute, or whose text only
    the loader computes; None where there is none."""
    for key in pairs[::2]:
        if type(key) is str:
            if key[:2] == "__" and key[-2:] == "__" and key not in _USUAL:
                return key
        elif type(key) is Call and isinstance(key.callee, Global) and (
            key.callee.dotted in _MAKE_TEXT
        ):  # fmt: skip
            return key
    return None


_MAKE_TEXT = frozenset({
    "builtins.str", "_codecs.encode", "numpy.str_", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar", "collections.UserString",
})  # fmt: skip
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
        return _THIN[value.kind]  # type: ignore[attr-defined]
    if isinstance(value, Call):
        # In place: the same object must stay one, whatever else refers to it.
        if not isinstance(value.callee, Global):
            value.callee = UNKNOWN
        if not _flat(value.args):
            args = value.args  # what it makes an instance of must not be forgotten
            named = isinstance(args, tuple) and args and isinstance(args[0], Global)
            value.args = (args[0], UNKNOWN) if named else UNKNOWN  # type: ignore[index]
        if value.state is not None and not _flat(value.state):
            value.state = UNKNOWN
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
