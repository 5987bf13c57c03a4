"""``weighbridge report renew``: archive timestamps before the old ones lapse, and when they do."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weighbridge.model.errors import ExitCode, UsageError, WeighbridgeError, worst

if TYPE_CHECKING:
    from weighbridge.seal.renew import Due, Renewed

FORMATS = ("text", "json")
SCHEMA = "urn:weighbridge:report-renew:1"


def renew(
    path: Annotated[
        list[Path], typer.Argument(help="Audit packs, PDF reports, or folders with packs in them.")
    ],
    timestamp: Annotated[
        str, typer.Option(help="The RFC 3161 authority to ask. Default: the configured one.")
    ] = "",
    list_: Annotated[
        bool, typer.Option("--list", help="Only show when each must have been renewed.")
    ] = False,
    within: Annotated[
        int, typer.Option(min=0, help="Renew only what lapses within so many days.")
    ] = 36500,
    config: Annotated[
        str, typer.Option(help="The configuration file. Default: the one in the current folder.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_RENEW_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
) -> None:
    """Add a timestamp over all there is, before the certificates of the earlier ones lapse.

    What was sealed stays as it is: the PDF gets an archive timestamp appended, and the seal's goes
    into audit.renewals.json. Exit code 0: all renewed, or with --list none lapsed yet; 1: one was
    changed since it was sealed, or lapsed before; 2: an error, or no timestamp could be had; 3:
    with --list, one cannot be read.
    """
    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    from weighbridge.seal.renew import due

    now = dt.datetime.now(dt.UTC)
    entries = sorted((due(each) for each in _targets(path)), key=_first_lapse)
    if list_:
        typer.echo(_list_json(entries, now) if format_ == "json" else _list_text(entries, now))
        raise typer.Exit(int(worst(_state(entry, now) for entry in entries)))
    limit = now + dt.timedelta(days=within)
    chosen = [entry for entry in entries if entry.lapses is None or entry.lapses <= limit]
    url = timestamp or _configured(config)
    if not url:
        raise UsageError(
            "no timestamp authority is named", remedy="Give --timestamp, or configure one."
        )
    done, failed = _renew_all([entry.path for entry in chosen], url)
    typer.echo(_done_json(done, failed) if format_ == "json" else _done_text(done, failed))
    late = [ExitCode.VIOLATED for each in done if each.late]
    raise typer.Exit(int(worst([*late, *(error.exit_code for _, error in failed)])))


def _targets(paths: list[Path]) -> list[Path]:
    """PDFs as they are, and each folder's packs.

    Raises:
        UsageError: a folder holds none, or cannot be read.
    """
    from weighbridge.seal.renew import packs_in

    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            packs = list(packs_in(path))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        if not packs:
            raise UsageError(
                f"{path} holds no audit pack",
                remedy="Name the folder that 'weighbridge audit --out' wrote, or one above it.",
            )
        found += packs
    return list(dict.fromkeys(found))


def _configured(config: str) -> str:
    from weighbridge.cli.config import load_config

    return load_config(Path(), subject=Path(), named=config).timestamp_url


def _renew_all(
    paths: list[Path], url: str
) -> tuple[list[Renewed], list[tuple[Path, WeighbridgeError]]]:
    """Renew one after the other; one that fails does not keep the others from it."""
    from weighbridge.seal.renew import renew as renew_one
    from weighbridge.sources.http import HttpClient

    done: list[Renewed] = []
    failed: list[tuple[Path, WeighbridgeError]] = []
    with HttpClient(offline=False) as http:
        for path in paths:
            try:
                done.append(renew_one(path, http, url))
            except WeighbridgeError as error:
                failed.append((path, error))
    for path, problem in failed:
        print(f"weighbridge: {_shown(path)}: {problem.diagnostics()}", file=sys.stderr)  # noqa: T201
    return done, failed


def _first_lapse(entry: Due) -> tuple[bool, dt.datetime, str]:
    """What cannot be read comes first, then what lapses first."""
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    return entry.lapses is not None, entry.lapses or never, str(entry.path)


def _state(entry: Due, now: dt.datetime) -> ExitCode:
    if entry.lapses is None:
        return ExitCode.INCONCLUSIVE
    return ExitCode.VIOLATED if entry.lapses < now else ExitCode.HOLDS


def _shown(path: Path) -> str:
    from weighbridge.edge.text import visible

    return visible(str(path), 300)


def _list_text(entries: list[Due], now: dt.datetime) -> str:
    lines = []
    for entry in entries:
        if entry.lapses is None:
            lines.append(f"unreadable  {_shown(entry.path)}: {entry.problem}")
            continue
        days = (entry.lapses - now).days
        left = f"in {days} days" if entry.lapses >= now else "LAPSED"
        lines.append(f"{entry.lapses:%Y-%m-%d}  {left:>13}  {_shown(entry.path)}: {entry.what}")
    return "\n".join(lines)


def _list_json(entries: list[Due], now: dt.datetime) -> str:
    return _dumps(
        [
            {
                "path": _shown(entry.path),
                "lapses": entry.lapses.isoformat() if entry.lapses else None,
                "lapsed": entry.lapses is not None and entry.lapses < now,
                "what": entry.what,
                "problem": entry.problem,
            }
            for entry in entries
        ]
    )


def _done_text(done: list[Renewed], failed: list[tuple[Path, WeighbridgeError]]) -> str:
    lines = []
    for each in done:
        late = ""
        if each.late:
            late = (
                f"; too late to prove the earlier time: that lapsed on {each.late:%Y-%m-%d}, and "
                "only its existence from now on is proven"
            )
        lines.append(f"renewed until {each.lapses:%Y-%m-%d}  {_shown(each.path)}{late}")
        lines += [f"  note: {note}" for note in each.notes]
    lines += [f"NOT renewed  {_shown(path)}: {error.message}" for path, error in failed]
    return "\n".join(lines or ["nothing to renew"])


def _done_json(done: list[Renewed], failed: list[tuple[Path, WeighbridgeError]]) -> str:
    renewed: list[dict[str, Any]] = [
        {
            "path": _shown(each.path),
            "lapses": each.lapses.isoformat(),
            "lapsedBefore": each.late.isoformat() if each.late else None,
            "notes": list(each.notes),
            "problem": "",
        }
        for each in done
    ]
    others = [
        {"path": _shown(path), "lapses": None, "problem": error.message} for path, error in failed
    ]
    return _dumps([*renewed, *others])


def _dumps(packs: list[dict[str, Any]]) -> str:
    import json

    return json.dumps({"schema": SCHEMA, "packs": packs}, indent=2, sort_keys=True)
