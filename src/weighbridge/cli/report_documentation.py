"""``weighbridge report documentation``: the Model Documentation Form and Annex XI of a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weighbridge.model.errors import UsageError

FORMATS = ("markdown", "json")


def documentation(
    pack: Annotated[Path, typer.Argument(help="An audit pack, or its audit.json.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_DOCUMENTATION_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "markdown",
) -> None:
    """Show what fills the EU's Model Documentation Form and Annex XI, and what is to be written.

    The seal is not looked at: that is what 'weighbridge report verify' does. Exit code 0: shown,
    whatever the gaps; 2: an error.
    """
    from weighbridge.model.record import AuditRecord
    from weighbridge.report import documentation as markdown
    from weighbridge.report.documentation import json_view
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
    shown = json_view.render(record) if format_ == "json" else markdown.render(record)
    typer.echo(shown.decode("utf-8"), nl=False)
