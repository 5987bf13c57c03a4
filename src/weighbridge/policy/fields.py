"""One table of a document, read key by key: strict and quick, with the line of each complaint."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from typing import Any, TypeVar

from weighbridge.edge.yaml import KeyPath
from weighbridge.model.errors import ConfigurationError
from weighbridge.policy.document import Document
from weighbridge.policy.suggest import did_you_mean

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)
_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table of keys",
    dt.date: "a date (YYYY-MM-DD, without quotes)",
}


class Fields:
    """The keys of one table. A key that is unknown or missing is refused at once.

    Args:
        document: where the table stands.
        here: its key path.
        value: what stands there.
        required: the keys that must be there.
        optional: the keys that may.
    """

    def __init__(
        self,
        document: Document,
        here: KeyPath,
        value: object,
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> None:
        if not isinstance(value, dict):
            raise document.error("there must be a table of keys here", here)
        self.document = document
        self.here = here
        self.table: dict[str, Any] = value
        known = (*required, *optional)
        for key in value:
            if key not in known:
                raise document.error(
                    f"unknown key {key[:100]!r}", (*here, key), did_you_mean(key, known)
                )
        for key in required:
            if key not in value:
                raise document.error(f"the key {key!r} is missing", here)

    def error(self, message: str, *keys: str | int, remedy: str = "") -> ConfigurationError:
        """A complaint about a key of this table, to be raised."""
        return self.document.error(message, (*self.here, *keys), remedy)

    def any(self, key: str) -> object:
        """A value of whatever type."""
        return self.table.get(key)

    def value(self, key: str, kind: type[T], *, optional: bool = False) -> Any:
        """A value of one type; None where it may be and is left out or null."""
        value = self.table.get(key)
        if value is None and optional:
            return None
        # a bool is an int in Python, and is not one here
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(f"{key!r} must be {_WORDS[kind]}, not {repr(value)[:60]}", key)
        return value

    def text(self, key: str, *, empty: bool = False) -> str:
        """A text; empty only where it may be, and then also left out."""
        if empty and key not in self.table:
            return ""
        value: str = self.value(key, str)
        if not empty and not value.strip():
            raise self.error(f"{key!r} is empty", key)
        return value

    def word(self, key: str, kind: type[E]) -> E:
        """One of an enumeration's words."""
        value = self.value(key, str)
        try:
            return kind(value)
        except ValueError as error:
            raise self.error(
                f"{key!r} cannot be {value[:100]!r}", key, remedy=did_you_mean(value, list(kind))
            ) from error

    def inner(
        self, key: str, index: int, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Fields:
        """One table of a list of tables."""
        here = (*self.here, key, index)
        return Fields(self.document, here, self.table[key][index], required, optional)
