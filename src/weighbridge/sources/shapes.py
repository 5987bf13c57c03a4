"""Reading the answers of services: each field has a type and a bound, or the answer is none.

What a service leaves out, or sends as ``null``, is unknown: an empty text, ``None``, an empty list.
What it sends with another type than its interface promises makes the whole answer unusable, for
then nobody knows what else in it means something else. Fields that nobody asks for are ignored.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput

MAX_TEXT = 300  # characters of one field that are kept
_MAX_NUMBER = 2**63 - 1
# RFC 3339, section 5.6; fractions of a second are let go.
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))\Z"
)

Table = Mapping[str, Any]


class Misshapen(HostileInput):
    """A field has another type than the interface promises, or lies outside its bounds."""


def table(value: Any, what: str) -> Table:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Misshapen(f"{what} is no JSON object")
    return value


def inner(parent: Table, key: str) -> Table:
    """An object inside an object; an empty one where it is left out or ``null``."""
    value = parent.get(key)
    return {} if value is None else table(value, f"its field {key!r}")


def rows(value: Any, what: str, most: int) -> list[Table]:
    """A list of at most ``most`` objects; an empty one where it is left out or ``null``."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misshapen(f"{what} is no list")
    if len(value) > most:
        raise Misshapen(f"{what} has more than {most} entries")
    return [table(item, f"an entry of {what}") for item in value]


def text(parent: Table, key: str, limit: int = MAX_TEXT) -> str:
    """A text on one line, controls and bidirectional marks written as escapes, cut at ``limit``."""
    value = parent.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misshapen(f"its field {key!r} is no text")
    return visible(value, limit)


def named(parent: Table, key: str, limit: int = MAX_TEXT) -> str:
    """:func:`text` that must be there, whole."""
    value = parent.get(key)
    if not isinstance(value, str) or not value or len(value) > limit:
        raise Misshapen(f"its field {key!r} is no text of 1 to {limit} characters")
    return visible(value, limit)


def flag(parent: Table, key: str) -> bool | None:
    """True or false; None where it is not told."""
    value = parent.get(key)
    if value is not None and not isinstance(value, bool):
        raise Misshapen(f"its field {key!r} is neither true nor false")
    return value


def count(parent: Table, key: str) -> int | None:
    """A whole number from 0; None where it is not told."""
    value = parent.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_NUMBER:
        raise Misshapen(f"its field {key!r} is no number from 0")
    return value


def number(parent: Table, key: str, low: float, high: float) -> float:
    """A number between two bounds, which must be there."""
    value = parent.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Misshapen(f"its field {key!r} is no number from {low:g} to {high:g}")
    return float(value)


def identifier(parent: Table, key: str = "id") -> str:
    """A number that names something for ever, as text; it must be there and above 0."""
    value = count(parent, key)
    if not value:
        raise Misshapen(f"its field {key!r} is no identifying number")
    return str(value)


def moment(parent: Table, key: str) -> str:
    """An RFC 3339 time as ``2026-10-01T09:00:00Z``; empty where it is not told."""
    value = parent.get(key)
    if value is None or value == "":
        return ""
    match = _TIME.match(value) if isinstance(value, str) and len(value) <= 64 else None
    if match is None:
        raise Misshapen(f"its field {key!r} is no time of RFC 3339")
    clock, sign, hours, minutes = match.groups()
    try:
        time = dt.datetime.fromisoformat(clock.upper())
        if sign:
            ahead = dt.timedelta(hours=int(hours), minutes=int(minutes))
            time = time - ahead if sign == "+" else time + ahead
    except (ValueError, OverflowError) as error:
        raise Misshapen(f"its field {key!r} is a time that there never was") from error
    return f"{time.isoformat(timespec='seconds')}Z"


def words(parent: Table, key: str, most: int, limit: int = MAX_TEXT) -> tuple[str, ...]:
    """A list of at most ``most`` texts; an empty one where it is left out."""
    value = parent.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misshapen(f"its field {key!r} is no list of texts")
    if len(value) > most:
        raise Misshapen(f"its field {key!r} has more than {most} entries")
    return tuple(visible(item, limit) for item in value)
