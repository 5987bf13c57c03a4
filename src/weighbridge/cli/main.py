"""The ``weighbridge`` command: a table of verbs, and what happens to errors.

A verb's module is imported when the verb is called, so that ``--help`` loads none of them.
"""

from __future__ import annotations

import contextlib
import errno
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


def main() -> None:
    """Run the command. Errors of ours become one paragraph on stderr and exit code 2."""
    _prepare()
    try:
        app()
    except WeighbridgeError as error:
        _say(f"weighbridge: {error.diagnostics()}")
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as end:
        if _lost_reader(end.__context__):  # typer turns it into a 1, which would be a verdict
            sys.exit(int(ExitCode.ERROR))
        raise
    except BaseException as error:  # noqa: BLE001
        # The last line of defense: never exit 1 by accident. Not only Exception: what panics in a
        # library written in Rust is none.
        if _lost_reader(error):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            _say(f"weighbridge: the result cannot be written: {error.strerror}. Make room.")
        else:
            _report_defect(error)
        sys.exit(int(ExitCode.ERROR))


def _prepare() -> None:
    """Streams that take any text, and no variable that would replace a run by a help page.

    ``WEIGHBRIDGE_AUDIT_HELP=1`` would make every audit end with 0. A closed stream counts as
    /dev/null; the next file to be opened would else get its number.
    """
    for name in [n for n in os.environ if n.startswith("WEIGHBRIDGE_") and n.endswith("_HELP")]:
        del os.environ[name]
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _lost_reader(error: BaseException | None) -> bool:
    """Whether the reader of a pipe has gone: nothing may be concluded from what it saw."""
    return isinstance(error, BrokenPipeError)


def _say(text: str) -> None:
    """One paragraph on stderr. Where that cannot be written, the exit code still says it."""
    from weighbridge.edge.text import paragraph

    with contextlib.suppress(OSError):
        print(paragraph(text), file=sys.stderr, flush=True)  # noqa: T201


def _report_defect(error: BaseException) -> None:
    import traceback

    with contextlib.suppress(OSError):
        traceback.print_exception(error)
    _say(
        "weighbridge: this is a defect of weighbridge; nothing may be concluded from this run. "
        "Please report it with the lines above."
    )


if __name__ == "__main__":
    main()
