"""The ``weighbridge`` command: a table of verbs, and what happens to errors.

A verb's module is imported when the verb is called, so that ``--help`` loads none of them.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from weighbridge.model.errors import ExitCode, WeighbridgeError

# verb -> what it does, for --help. The module is weighbridge.cli.<verb>.
VERBS: dict[str, str] = {
    "audit": "Weigh a model against a policy and write the audit pack.",
    "sign": "Sign a model's files (OpenSSF Model Signing).",
    "verify": "Verify a model's signature and explain what differs.",
    "report": "Verify an audit pack or a PDF report.",
    "replay": "Evaluate a pack's evidence again and compare every byte.",
    "policy": "Check, show and describe policies.",
    "rules": "List and explain rules.",
    "clauses": "List and show clauses of law, standards and frameworks.",
    "hook": "The pre-commit entry points: offline, fast.",
}

EXIT_CODES = """\b
Exit codes, the same for every command:
  0  checked, and it holds
  1  checked, and the policy is violated
  2  usage, configuration or tool error: nothing may be concluded
  3  inconclusive: required evidence was unavailable"""


class _Verbs(TyperGroup):
    """A group that knows its commands by name and summary, and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"weighbridge.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
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
        typer.Option("--version", callback=_version, is_eager=True, help="Show it and exit."),
    ] = False,
) -> None:
    """Weigh an AI model before it ships.

    Who signed the weights, what is inside them, what they stand on, which licenses and dataset
    citations bind them and who maintains them, judged against a policy, in a signed report.
    """


def main() -> None:
    """Run the command. Errors of ours become one paragraph on stderr and exit code 2."""
    try:
        app()
    except WeighbridgeError as error:
        from weighbridge.edge.text import paragraph

        print(f"weighbridge: {paragraph(error.diagnostics())}", file=sys.stderr)  # noqa: T201
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # the reader of a pipe has gone; nothing may be concluded from what it saw
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(ExitCode.ERROR))
    except Exception as error:  # noqa: BLE001  # the last line of defense: never exit 1 by accident
        _report_defect(error)
        sys.exit(int(ExitCode.ERROR))


def _report_defect(error: Exception) -> None:
    import traceback

    traceback.print_exception(error)
    print(  # noqa: T201
        "weighbridge: this is a defect of weighbridge; nothing may be concluded from this run. "
        "Please report it with the lines above.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
