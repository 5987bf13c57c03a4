"""Canonical JSON (RFC 8785): the only bytes that are hashed or signed.

``rfc8785`` is the one dependency of this room: pure Python, nothing below it. It refuses integers
beyond 2**53-1, NaN, infinities and lone surrogates, as the RFC demands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from weighbridge.model.digest import Digest, sha256

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
FrozenJson: TypeAlias = (
    "None | bool | int | float | str | tuple[FrozenJson, ...] | Mapping[str, FrozenJson]"
)


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of a JSON value; frozen values are taken as well.

    Raises:
        rfc8785.CanonicalizationError: the value has no canonical form.
    """
    try:
        return _ENCODER.encode(_common(value)).encode("utf-8")
    except (_Uncommon, UnicodeEncodeError):
        import rfc8785

        return rfc8785.dumps(thaw(value))


class _Uncommon(Exception):
    """A value whose canonical form Python's own encoder may not write."""


# Of what `_common` lets through, this writes the same bytes as rfc8785, ten times as fast: RFC 8785
# escapes what JSON must, in the short forms of JSON, as Python does; integers have one form, and
# fractions of a common size the shortest one that reads back, as in ECMAScript (section 3.2.2.3).
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_SAFE = 2**53 - 1


def _common(value: object) -> Json:
    """As :func:`thaw`, of values without large or tiny numbers and keys outside ASCII.

    Numbers that Python writes with an exponent have a form of their own in RFC 8785 (section
    3.2.2.3), and keys are sorted by UTF-16 (section 3.2.3), which in ASCII is Python's order.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value  # type: ignore[return-value]
    if kind is int and -_SAFE <= value <= _SAFE:  # type: ignore[operator]
        return value  # type: ignore[return-value]
    if type(value) is float and 1e-3 <= abs(value) < 1e15:
        return int(value) if value.is_integer() else value
    if kind is dict or kind is MappingProxyType:
        made = {}
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not key.isascii():
                raise _Uncommon
            made[key] = _common(item)
        return made
    if kind is tuple or kind is list:
        return [_common(item) for item in value]  # type: ignore[attr-defined]
    raise _Uncommon


def canonical_digest(value: object) -> Digest:
    """SHA-256 of the canonical bytes."""
    return sha256(canonical(value))


def freeze(value: object) -> FrozenJson:
    """An immutable twin of a JSON value: tuples for arrays, read-only mappings for objects.

    Raises:
        TypeError: the value is not JSON, or an object's key is not a string.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a JSON object's keys are strings")
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")


def thaw(value: object) -> Json:
    """The plain lists and dicts of a (possibly frozen) JSON value."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    raise TypeError(f"{type(value).__name__} is not a JSON type")
