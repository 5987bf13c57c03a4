"""``weighbridge report``: whether a pack is what was sealed, and its results by dimension."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.report_documentation import documentation
from weighbridge.cli.report_renew import renew
from weighbridge.cli.report_verify import verify
from weighbridge.cli.report_views import Reports, diff, show
from weighbridge.model.errors import UsageError

app = typer.Typer(
    cls=Reports, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)

FORMATS = ("text", "json")


@app.callback()
def report() -> None:
    """Verify an audit pack or a PDF report, show it in any format, or compare it with another."""


app.command(cls=PlainCommand)(show)
app.command(cls=PlainCommand)(diff)


app.command(cls=PlainCommand)(verify)
app.command(cls=PlainCommand)(renew)


@app.command(cls=PlainCommand)
def maturity(
    pack: Annotated[Path, typer.Argument(help="An audit pack, or its audit.json.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_MATURITY_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
) -> None:
    """Show a pack's results by the dimensions of maturity models, with the evidence behind each.

    Levels are conditions over outcomes; there is no score. The seal is not looked at: that is what
    'weighbridge report verify' does. Exit code 0: shown, whatever the levels; 2: an error.
    """
    from weighbridge.model.record import AuditRecord
    from weighbridge.report import maturity as view
    from weighbridge.seal.folder import read_file

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    path = pack / "audit.json" if pack.is_dir() else pack
    try:
        record = AuditRecord.from_bytes(read_file(path))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", remedy="Name an audit pack's folder."
        ) from error
    shown = view.render(record).decode("ascii") if format_ == "json" else view.as_text(record)
    typer.echo(shown, nl=False)


app.command(cls=PlainCommand)(documentation)
