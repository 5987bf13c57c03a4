"""The ``weighbridge`` command for typer: help, mistakes, and all verbs."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer

from weighbridge.cli.environment import check_flags
from weighbridge.cli.light import typer_app
from weighbridge.cli.main import VERBS
from weighbridge.cli.plain import PlainGroup

EXIT_CODES = """\b
Exit codes, the same for every command:
  0  checked, and it holds
  1  checked, and the policy is violated
  2  usage, configuration or tool error: nothing may be concluded
  3  inconclusive: required evidence was unavailable"""


class _Verbs(PlainGroup):
    """A group that knows its commands by name and summary, and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"weighbridge.cli.{cmd_name}")
        app = module.app if hasattr(module, "app") else typer_app(getattr(module, cmd_name))
        command = typer.main.get_command(app)
        command.name = cmd_name
        check_flags(command, cmd_name)
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else " See 'weighbridge --help'."
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


app = typer.Typer(
    cls=_Verbs,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "WEIGHBRIDGE"},
    epilog=EXIT_CODES,
)


def _version(show: bool) -> None:
    if show:
        from weighbridge import __version__

        typer.echo(f"weighbridge {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show it and exit.",
            allow_from_autoenv=False,
            show_envvar=False,
        ),
    ] = False,
) -> None:
    """Weigh an AI model before it ships.

    Who signed the weights, what is inside them, what they stand on, which licenses and dataset
    citations bind them and who maintains them, judged against a policy, in a signed report.
    """
