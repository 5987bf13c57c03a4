"""Values of the command line without pydantic: what typer refuses is refused in typer's words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from weighbridge.cli.light import typer_app
from weighbridge.cli.main import VERBS
from weighbridge.cli.plain import Plain, PlainCommand, PlainParam


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {inner}")


def of_verb(verb: str) -> Iterator[tuple[str, Any]]:
    module = importlib.import_module(f"weighbridge.cli.{verb}")
    app = module.app if hasattr(module, "app") else typer_app(getattr(module, verb))
    return commands(typer.main.get_command(app), verb)


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_takes_plain_values(verb: str) -> None:
    for name, command in of_verb(verb):
        assert isinstance(command, Plain), name
        context = typer.Context(command)
        for param in command.get_params(context):
            assert isinstance(param.get_runtime_param(), PlainParam), f"{name} {param.name}"


def told(*words: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command(cls=PlainCommand)
    def command(
        paths: Annotated[list[Path], typer.Argument()],
        file: Annotated[Path, typer.Option()] = Path("x"),
        count: Annotated[int, typer.Option(min=2)] = 7,
        flag: Annotated[bool, typer.Option("--flag", envvar="FLAG")] = False,
        text: Annotated[list[str] | None, typer.Option()] = None,
    ) -> None:
        typer.echo(repr((paths, file, count, flag, text)))

    done = CliRunner().invoke(app, words, env=environment or {})
    return done.exit_code, done.output.strip()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a", "--count", "x"), "unable to parse string as an integer"),
        (("a", "--count", "1"), "greater than or equal to 2"),
        (("a", "--count", "2.5"), "integer"),
        ((), "Missing argument"),
    ],
)
def test_a_wrong_value_is_refused(words: tuple[str, ...], message: str) -> None:
    code, output = told(*words)
    assert code == 2
    assert message in output


def test_a_flag_of_neither_word_is_refused() -> None:
    code, output = told("a", environment={"FLAG": "perhaps"})
    assert code == 2
    assert "'perhaps' is neither true nor false" in output


def test_a_path_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    code, output = told(str(tmp_path))
    assert code == 2
    assert "is not readable" in output


def test_values_have_the_types_that_are_declared() -> None:
    assert told("a", "b", "--file", "c", "--count", "12", "--flag", "--text", "1") == (
        0,
        repr(([Path("a"), Path("b")], Path("c"), 12, True, ["1"])),
    )


def test_defaults_are_kept() -> None:
    code, output = told("a")
    assert code == 0
    assert output.startswith(repr(([Path("a")], Path("x"), 7, False))[:-1])
