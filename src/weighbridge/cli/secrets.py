"""``weighbridge secrets PATH…``: credentials that lie in files, notebooks and the git history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.model.errors import ExitCode, UsageError, worst

if TYPE_CHECKING:
    from weighbridge.model.record import AuditRecord

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FORMATS = ("text", "json", "sarif")
_RULE = "leaked-secret"


@app.command(cls=PlainCommand)
def secrets(
    paths: Annotated[list[str], typer.Argument(help="Folders or files.", metavar="PATH...")],
    history: Annotated[
        bool, typer.Option("--history", help="Search what earlier commits held as well.")
    ] = False,
    import_sarif: Annotated[
        list[str] | None,
        typer.Option(help="A SARIF report of another scanner of secrets, about the first PATH."),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_SECRETS_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Find credentials; no output ever shows one.

    Exit code 0: all was searched, and none was found; 1: one was found; 3: something could not be
    searched; 2: an error.
    """
    from weighbridge.cli.audit import _show
    from weighbridge.cli.secrets_show import as_json, as_sarif, as_text

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if not all(paths):
        raise UsageError("a PATH is empty", remedy="Is a variable of the shell not set?")
    reports = [Path(name) for name in import_sarif or ()]
    records = [
        search(path, history=history, reports=reports if index == 0 else ())
        for index, path in enumerate(paths)
    ]
    render = {"text": as_text, "json": as_json, "sarif": as_sarif}[format_]
    _show(render(records), output)
    raise typer.Exit(int(worst(exit_code(record) for record in records)))


def exit_code(record: AuditRecord) -> ExitCode:
    """1 where a credential was found, 3 where something was not searched, else 0."""
    codes = {
        "pass": ExitCode.HOLDS,
        "fail": ExitCode.VIOLATED,
        "unknown": ExitCode.INCONCLUSIVE,
    }
    return worst(codes.get(result.outcome.value, ExitCode.ERROR) for result in record.results)


def search(path: str, *, history: bool, reports: Sequence[Path]) -> AuditRecord:
    """A record with the evidence on one path, judged by ``leaked-secret``.

    Raises:
        SubjectError: there is no file at that path.
        UsageError: a report cannot be taken.
    """
    from weighbridge.cli.alone import judged_alone
    from weighbridge.collect.secrets import find_secrets
    from weighbridge.model.finding import Severity
    from weighbridge.model.policy import Gate
    from weighbridge.snapshot.take import take_snapshot

    snapshot = take_snapshot(Path(path))
    return judged_alone(
        snapshot,
        tuple(find_secrets(snapshot, history=history, reports=reports)),
        family="secrets",
        rules=(_RULE,),
        as_of=dt.datetime.now(dt.UTC).date(),
        offline=True,
        gate=Gate(Severity.INFO),
    )
