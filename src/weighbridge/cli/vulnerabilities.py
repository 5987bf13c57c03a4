"""``weighbridge vulnerabilities SUBJECT``: what is known against a model and its packages."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.services import INDEX_URL, MODEL_ADVISORIES, OSV_DATABASE, OSV_URL
from weighbridge.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weighbridge.collect.context import Services
    from weighbridge.model.evidence import Evidence
    from weighbridge.model.record import AuditRecord
    from weighbridge.snapshot.snapshot import Snapshot

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FORMATS = ("text", "json", "vex")
_RULES = ("known-vulnerability", "malicious-package")


@app.command(cls=PlainCommand)
def vulnerabilities(
    subject: Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")],
    environment: Annotated[
        list[str] | None,
        typer.Option(help="A site-packages folder the model runs with; read, never run."),
    ] = None,
    osv_url: Annotated[str, typer.Option(help=OSV_URL)] = "",
    osv_database: Annotated[str, typer.Option(help=OSV_DATABASE)] = "",
    index_url: Annotated[str, typer.Option(help=INDEX_URL)] = "",
    model_advisories: Annotated[str, typer.Option(help=MODEL_ADVISORIES)] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Open no socket.")] = False,
    as_of: Annotated[
        str, typer.Option(help="Judge as of this date (YYYY-MM-DD). Default: today, UTC.")
    ] = "",
    config: Annotated[
        str, typer.Option(help="The configuration file. Default: the one in the current folder.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_VULNERABILITIES_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Look up known weaknesses of the packages a model stands on, and of the model itself.

    Exit code 0: all were looked up, and nothing is known against them; 1: a weakness is known; 3:
    something could not be looked up, or there was nothing to look up; 2: an error.
    """
    from weighbridge.cli.audit import _show
    from weighbridge.cli.config import load_config
    from weighbridge.cli.layout import as_of_date
    from weighbridge.cli.services import services
    from weighbridge.cli.vulnerabilities_show import as_json, as_text
    from weighbridge.edge.text import visible

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if not subject:
        raise UsageError("SUBJECT is empty", remedy="Is a variable of the shell not set?")
    settings = load_config(Path(), subject=Path(subject), named=config)
    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201
    record = _record(
        subject,
        as_of=as_of_date(as_of),
        environments=tuple(Path(folder) for folder in environment or ()),
        offline=offline or settings.offline,
        found_in=services(
            settings,
            osv_url=osv_url,
            osv_database=osv_database,
            index_url=index_url,
            model_advisories=model_advisories,
        ),
    )
    if format_ == "vex":
        from weighbridge.report import vex

        data = vex.render(record)
    else:
        data = as_json(record) if format_ == "json" else as_text(record)
    _show(data, output)
    raise typer.Exit(int(exit_code(record)))


def exit_code(record: AuditRecord) -> ExitCode:
    """1 for any weakness, else 3 for anything not looked up or nothing to look up, else 0.

    Parts of packages that no source has advisories for are told, and do not count.
    """
    from weighbridge.model.affected import Standing, looked_up

    standings = {thing.standing for thing in looked_up(record.evidence) if not thing.beyond}
    if Standing.VULNERABLE in standings:
        return ExitCode.VIOLATED
    if standings == {Standing.NOT_VULNERABLE}:
        return ExitCode.HOLDS
    return ExitCode.INCONCLUSIVE


def _record(
    subject: str,
    *,
    as_of: dt.date,
    environments: tuple[Path, ...],
    offline: bool,
    found_in: Services,
) -> AuditRecord:
    """A record with the evidence on packages, the model and advisories, judged by two rules.

    A collector that breaks is a defect, and ends the run: nothing may be concluded.
    """
    from weighbridge.cli.alone import judged_alone
    from weighbridge.snapshot.take import take_snapshot

    snapshot = take_snapshot(Path(subject))
    evidence = _collected(snapshot, as_of, environments, offline, found_in)
    return judged_alone(
        snapshot, evidence, family="vulnerabilities", rules=_RULES, as_of=as_of, offline=offline
    )


def _collected(
    snapshot: Snapshot,
    as_of: dt.date,
    environments: tuple[Path, ...],
    offline: bool,
    found_in: Services,
) -> tuple[Evidence, ...]:
    from weighbridge.collect.context import CollectContext
    from weighbridge.collect.gather import gather
    from weighbridge.model.evidence import EvidenceKind

    context = CollectContext(
        snapshot=snapshot,
        as_of=as_of,
        offline=offline,
        services=found_in,
        environments=environments,
    )
    wanted = {EvidenceKind.PACKAGES, EvidenceKind.MODEL, EvidenceKind.VULNERABILITY}
    found = gather(context, wanted)
    everything = [e for kind in found for e in found[kind]]
    everything.sort(key=lambda e: (e.kind.value, e.about, e.source, e.digest))
    return tuple(everything)
