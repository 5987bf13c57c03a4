"""Between the vocabulary's dataclasses and JSON, by their type hints, both ways and strictly.

Reading refuses unknown, missing and mistyped fields: a record comes from strangers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from weighbridge.model.canonical import Json, freeze, thaw
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput

T = TypeVar("T")
_MAX_BYTES = 256 * 2**20


def to_json(value: object) -> Json:
    """Plain JSON of a dataclass of the vocabulary. Empty defaults are written too."""
    if isinstance(value, Digest):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value  # type: ignore[no-any-return]
    if isinstance(value, dt.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    return thaw(value)


def from_json(cls: type[T], value: object) -> T:
    """The dataclass that JSON stands for.

    Raises:
        HostileInput: a field is unknown, missing, or of another type.
    """
    return typing.cast(T, _read(cls, value, cls.__name__))


def parse_json(data: bytes, *, expect_schema: str) -> Json:
    """The object in ``data`` without its ``schema`` field, which must be the expected one.

    Raises:
        HostileInput: not JSON, a duplicate key, or another schema.
    """
    if len(data) > _MAX_BYTES:
        raise HostileInput(f"the record is larger than {_MAX_BYTES} bytes")
    try:
        body = json.loads(data, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise HostileInput(f"the record is not JSON: {error}") from error
    if not isinstance(body, dict) or body.pop("schema", None) != expect_schema:
        raise HostileInput(f"the record does not have the schema {expect_schema}")
    return body


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("an object has the same key twice")
    return table


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _read(kind: Any, value: object, where: str) -> object:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _read_union(typing.get_args(kind), value, where)
    if origin is tuple:
        return _read_tuple(typing.get_args(kind), value, where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise HostileInput(f"{where} is not an object")
        return freeze(value)
    if kind is Digest:
        return Digest.parse(_scalar(str, value, where))
    if kind is dt.date:
        return _convert(dt.date.fromisoformat, _scalar(str, value, where), where)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _convert(kind, value, where)
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(typing.cast(type, kind), value, where)
    return _scalar(kind, value, where)


def _read_union(options: tuple[Any, ...], value: object, where: str) -> object:
    if value is None and type(None) in options:
        return None
    for option in options:
        if option is type(None):
            continue
        try:
            return _read(option, value, where)
        except HostileInput:
            continue
    raise HostileInput(f"{where} is of no allowed type")


def _read_tuple(options: tuple[Any, ...], value: object, where: str) -> object:
    if not isinstance(value, list):
        raise HostileInput(f"{where} is not an array")
    if len(options) == 2 and options[1] is Ellipsis:
        return tuple(_read(options[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if len(options) != len(value):
        raise HostileInput(f"{where} has {len(value)} items, not {len(options)}")
    return tuple(_read(o, v, where) for o, v in zip(options, value, strict=True))


def _read_dataclass(cls: type, value: object, where: str) -> object:
    if not isinstance(value, dict):
        raise HostileInput(f"{where} is not an object")
    hints = _hints(cls)
    names = {field.name for field in dataclasses.fields(cls)}
    if set(value) != names:
        odd = sorted(set(value) ^ names)
        raise HostileInput(f"{where} has missing or unknown fields: {', '.join(odd[:5])}")
    fields = {name: _read(hints[name], value[name], f"{where}.{name}") for name in names}
    return _convert(lambda kwargs: cls(**kwargs), fields, where)


def _scalar(kind: type[T], value: object, where: str) -> T:
    # bool is an int in Python and is not one in JSON
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise HostileInput(f"{where} is not a {kind.__name__}")
    return value


def _convert(make: Any, value: object, where: str) -> Any:
    try:
        return make(value)
    except (ValueError, TypeError) as error:
        raise HostileInput(f"{where}: {error}") from error
