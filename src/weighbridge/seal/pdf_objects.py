"""Small steps through a PDF's objects as pyHanko parses them."""

from __future__ import annotations

from typing import Any

from weighbridge.model.errors import HostileInput


def entry(dictionary: Any, key: str) -> Any:
    """A dictionary's entry, references followed; None where there is no such entry."""
    if dictionary is None or key not in dictionary:
        return None
    return followed(dictionary[key])


def followed(value: Any) -> Any:
    """What a reference leads to; anything else as it is."""
    from pyhanko.pdf_utils.generic import IndirectObject

    if isinstance(value, IndirectObject):
        return value.get_object()  # type: ignore[no-untyped-call]
    return value


def require(condition: bool, problem: str) -> None:
    """Refuse a file that is not of the form.

    Raises:
        HostileInput: with the problem as its message.
    """
    if not condition:
        raise HostileInput(problem)
