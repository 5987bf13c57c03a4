"""Whether JSON from strangers has the shape of facts, by the hints of their ``TypedDict``.

Strict both ways: no key may be missing and none may be more. Texts must be made of characters that
show as themselves, as evidence has them.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any

from weighbridge.model.errors import BoundExceeded, HostileInput

MAX_ENTRIES = 10_000  # of one list
_SAFE = 2**53 - 1  # what canonical JSON can say
_MAX_SEEN = 200_000

Check = Callable[[object], None]


def field_checks(
    shape: type, *, is_plain: Callable[[str], bool], max_text: int
) -> dict[str, Check]:
    """For each field of a shape, a function that refuses what it must not hold.

    Args:
        shape: a ``TypedDict`` of texts, numbers, truth values, literals, lists and further ones.
        is_plain: whether a text shows as itself.
        max_text: how many characters one may have.

    The functions raise :class:`HostileInput`, or :class:`BoundExceeded`, which name the field.
    """
    checks = _Checks(is_plain, max_text)
    return {n: checks.of(one, repr(n)) for n, one in typing.get_type_hints(shape).items()}


class _Checks:
    """Makes the checks; ``seen`` are texts that were found plain: most stand there many times."""

    def __init__(self, is_plain: Callable[[str], bool], max_text: int) -> None:
        self.is_plain, self.max_text = is_plain, max_text
        self.seen: set[str] = set()

    def of(self, kind: Any, where: str) -> Check:
        """The check of one type of a field."""
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if kind is str:
            return self.text(where)
        if kind in (bool, int, float):
            return _number(kind, where)
        if origin is typing.Literal:
            return _literal(inner, where)
        if origin is list:
            return _list(self.of(inner[0], f"an entry of {where}"), where)
        if origin in (typing.Union, types.UnionType):
            (other,) = (one for one in inner if one is not type(None))
            return _optional(self.of(other, where))
        fields = typing.get_type_hints(kind)
        texts = {name: self.text(repr(name)) for name, one in fields.items() if one is str}
        others = {n: self.of(one, repr(n)) for n, one in fields.items() if one is not str}
        return _table(texts, others, self.seen, where)

    def text(self, where: str) -> Check:
        """The check of a text."""

        def check(value: object) -> None:
            if type(value) is not str:
                raise HostileInput(f"{where} is not a text")
            if value in self.seen:
                return
            if len(value) > self.max_text:
                raise BoundExceeded(where, self.max_text, "characters")
            if not self.is_plain(value):
                raise HostileInput(f"{where} holds characters that do not show as themselves")
            if len(self.seen) < _MAX_SEEN:
                self.seen.add(value)

        return check


def _table(texts: dict[str, Check], others: dict[str, Check], seen: set[str], where: str) -> Check:
    names = texts.keys() | others.keys()
    text_fields, other_fields = tuple(texts.items()), tuple(others.items())

    def check(value: object) -> None:
        if not isinstance(value, dict) or value.keys() != names:
            wanted = ", ".join(sorted(names))
            raise HostileInput(f"{where} is not an object with the keys {wanted}")
        for name, one in text_fields:
            item = value[name]
            if type(item) is not str or item not in seen:
                one(item)
        for name, one in other_fields:
            one(value[name])

    return check


def _list(entry: Check, where: str) -> Check:
    def check(value: object) -> None:
        if not isinstance(value, list):
            raise HostileInput(f"{where} is not a list")
        if len(value) > MAX_ENTRIES:
            raise BoundExceeded(where, MAX_ENTRIES, "entries")
        for item in value:
            entry(item)

    return check


def _optional(other: Check) -> Check:
    def check(value: object) -> None:
        if value is not None:
            other(value)

    return check


def _literal(allowed: tuple[Any, ...], where: str) -> Check:
    def check(value: object) -> None:
        if type(value) is not str or value not in allowed:
            raise HostileInput(f"{where} is none of {', '.join(allowed)}")

    return check


def _number(kind: type, where: str) -> Check:
    # a number without a fraction is written as an integer (RFC 8785, section 3.2.2.3)
    kinds = (float, int) if kind is float else (kind,)

    def check(value: object) -> None:
        if type(value) not in kinds:
            raise HostileInput(f"{where} is not a {kind.__name__}")
        # no comparison holds for what is not a number
        if not -_SAFE <= value <= _SAFE:  # type: ignore[operator]
            raise HostileInput(f"{where} is a number out of range")

    return check
