"""Options as plain text, paths, flags and lists, without the library that typer converts with.

Typer builds a pydantic adapter for every parameter that it converts, and importing pydantic costs
more than verifying a small model. A command that is declared with ``cls=PlainCommand``, in a group
with ``cls=PlainGroup``, takes its values as the command line has them; a number that is given, and
a parameter of any other type, keep typer's way.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer._coercion import RuntimeParam, build_runtime_param, resolve_type_descriptor
from typer._param_types import coerce_cli_path
from typer.core import TyperCommand, TyperGroup

# Words that the environment may give for a flag; the same ones that typer takes.
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off", ""})


@dataclass(frozen=True)
class PlainParam(RuntimeParam):
    """Text stays text, and a list of texts stays one; what a path names is looked at."""

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        if self.annotation is bool:
            return _flag(value, param, ctx)
        if self.annotation is int and not isinstance(value, int):  # not the default
            descriptor = resolve_type_descriptor(int, self.parameter_info)
            return build_runtime_param(descriptor).coerce(value, param, ctx)
        if self.annotation is Path:
            return self._path(value, param, ctx)
        if self.annotation == list[Path]:
            return [self._path(one, param, ctx) for one in value]
        return [*value] if isinstance(value, list | tuple) else value

    def _path(self, value: str, param: Any, ctx: Any) -> Any:
        path = Path(value)
        return coerce_cli_path(path, self.parameter_info, path_type=Path, param=param, ctx=ctx)


class Plain:
    """For commands and groups: parameters of type ``str``, ``bool``, ``int`` and ``Path``, and
    lists of texts and paths, are plain."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, with that of ``--help``, which is made late."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            descriptor = getattr(param, "type_descriptor", None)
            if descriptor is not None and _is_plain(descriptor.annotation):
                param._runtime_param = PlainParam(
                    annotation=descriptor.annotation, parameter_info=descriptor.parameter_info
                )
        return params


class PlainCommand(Plain, TyperCommand):
    """A command with plain parameters."""


class PlainGroup(Plain, TyperGroup):
    """A group whose own parameter, ``--help``, is plain."""


def _is_plain(annotation: Any) -> bool:
    inner = typing.get_args(annotation)
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return all(one is type(None) or _is_plain(one) for one in inner)
    if typing.get_origin(annotation) is list:
        return inner in ((str,), (Path,))
    return annotation in (str, bool, int, Path)


def _flag(value: Any, param: Any, ctx: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    from typer import BadParameter

    raise BadParameter(f"{value!r} is neither true nor false.", ctx=ctx, param=param)
