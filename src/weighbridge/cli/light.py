"""Options that are declared once and read in two ways.

A plain command line (``--name value``, ``--flag``, arguments) is read here, in a millisecond. For
all else (help, a mistake to explain, values from the environment) :func:`typer_app` makes a typer
command of the same declarations; importing typer costs about as much as verifying a small model.
"""

from __future__ import annotations

import os
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from weighbridge.cli.environment import VARIABLES


class Option(NamedTuple):
    """``--name VALUE``, or a flag. ``names`` defaults to the parameter's own."""

    names: tuple[str, ...] = ()
    help: str = ""


class Argument(NamedTuple):
    """A value without a name, which must be there.

    ``many``: any number of them, at least one; the only argument that a command then takes.
    """

    help: str = ""
    many: bool = False


def option(*names: str, help: str = "") -> Option:  # noqa: A002  # as typer calls it
    """Declare an option, in ``Annotated``."""
    return Option(names, help)


def parse(
    function: Callable[..., None], words: Sequence[str], *, prefix: str
) -> dict[str, Any] | None:
    """The function's values as a plain command line gives them.

    Args:
        function: annotated with :class:`Option` and :class:`Argument` on ``str``, ``bool`` and
            ``list[str] | None``; :class:`Argument` of many on ``list[str]``.
        words: the command line behind the verb.
        prefix: of environment variables that may give values.

    Returns:
        None where typer has to look: the line is not plain, or is wrong.
    """
    if any(name.startswith(prefix) for name in os.environ):
        return None
    options, arguments = _table(function)
    values: dict[str, Any] = {}
    given: list[str] = []
    todo = list(reversed(words))
    while todo:
        word = todo.pop()
        if not word.startswith("-") or word == "-":
            given.append(word)
            continue
        name, equals, value = word.partition("=")
        if name not in options or (equals and not name.startswith("--")):
            return None
        parameter, kind = options[name]
        if kind == "flag":
            if equals:
                return None
            values[parameter] = True
            continue
        if not equals:
            if not todo or todo[-1].startswith("-"):
                return None
            value = todo.pop()
        if kind == "list":
            values.setdefault(parameter, []).append(value)
        else:
            values[parameter] = value
    if arguments == [_MANY]:
        return values | {_many(function): given} if given else None
    if len(given) != len(arguments):
        return None
    return values | dict(zip(arguments, given, strict=True))


_MANY = "…"  # stands for the arguments of a command that takes any number


def _many(function: Callable[..., None]) -> str:
    hints = _hints(function).items()
    return next(name for name, hint in hints if isinstance(typing.get_args(hint)[1], Argument))


def _table(
    function: Callable[..., None],
) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """The parameter and its kind by option name, and the arguments in order."""
    options: dict[str, tuple[str, str]] = {}
    arguments: list[str] = []
    for name, hint in _hints(function).items():
        base, info = typing.get_args(hint)
        if isinstance(info, Argument):
            arguments.append(_MANY if info.many else name)
            continue
        kind = "flag" if base is bool else "text" if base is str else "list"
        for spelling in info.names or (f"--{name.replace('_', '-')}",):
            options[spelling] = (name, kind)
    return options, arguments


def _hints(function: Callable[..., None]) -> dict[str, Any]:
    hints = typing.get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    return hints


def typer_app(function: Callable[..., None]) -> Any:
    """A typer application with the one command that a function declares."""
    import typer

    from weighbridge.cli.plain import PlainCommand

    assert isinstance(function, types.FunctionType)
    verb = function.__name__
    command = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    command.__doc__ = function.__doc__
    command.__kwdefaults__ = function.__kwdefaults__
    for name, hint in _hints(function).items():
        base, info = typing.get_args(hint)
        if isinstance(info, Argument):
            declared = typer.Argument(help=info.help)
        else:
            plain = name.rstrip("_")  # an underscore keeps a parameter off a built-in's name
            variable = None if plain == name else f"{VARIABLES}{verb}_{plain}".upper()
            declared = typer.Option(*info.names, envvar=variable, help=info.help)
        command.__annotations__[name] = typing.Annotated[base, declared]
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=PlainCommand)(command)
    return app
