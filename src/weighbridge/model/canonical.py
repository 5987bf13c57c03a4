"""Canonical JSON (RFC 8785): the only bytes that are hashed or signed.

``rfc8785`` is the one dependency of this room: pure Python, nothing below it. It refuses integers
beyond 2**53-1, NaN, infinities and lone surrogates, as the RFC demands.
"""

from __future__ import annotations

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
    import rfc8785

    return rfc8785.dumps(thaw(value))


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
