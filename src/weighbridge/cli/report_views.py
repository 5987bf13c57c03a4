"""``weighbridge report PACK`` and ``report diff``: what sealed records say, drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weighbridge.cli.plain import PlainGroup
from weighbridge.model.errors import UsageError
from weighbridge.report.registry import names

if TYPE_CHECKING:
    from weighbridge.report.diff import Change, Difference

DIFF_FORMATS = ("text", "json", "markdown")
_SHOWN = 200  # changes of one kind in text; the rest is counted


class Reports(PlainGroup):
    """A group that takes a first word that is none of its commands for a pack to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Add the command that is meant by ``report PACK``."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            self._refuse_misspelt(ctx, args[0])
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def _refuse_misspelt(self, ctx: Any, word: str) -> None:
        import difflib

        near = difflib.get_close_matches(word, self.commands, 1)
        if near and not word.startswith("-") and not Path(word).exists():
            ctx.fail(f"No such command or pack '{word}'. Did you mean '{near[0]}'?")


def show(
    pack: Annotated[Path, typer.Argument(help="An audit pack's folder, or a PDF report.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_SHOW_FORMAT",
            help=f"One of {', '.join(names())}.",
        ),
    ] = "console",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write it here instead of printing it.")
    ] = "",
) -> None:
    """Show a pack's record in any format; 'report PACK' is short for it.

    The record must be the one that was sealed; whose key sealed it is for 'report verify' to say.
    What is drawn here is not signed. Exit code 0: shown, whatever the verdict; 1: the seal does not
    hold, and nothing is shown; 2: an error.
    """
    import sys

    from weighbridge.edge.files import write_atomic
    from weighbridge.report.registry import view
    from weighbridge.seal.sealed_record import sealed_record

    chosen = view(format_)
    if not output and chosen.NAME == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF is nothing for a terminal", remedy="Name a file with --output.")
    data = chosen.render(sealed_record(pack))
    if not output:
        typer.echo(data, nl=False)
        return
    try:
        write_atomic(Path(output), data)
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written: {error.strerror}", remedy="Name another file."
        ) from error


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier audit pack or PDF report.")],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_REPORT_DIFF_FORMAT",
            help=f"One of {', '.join(DIFF_FORMATS)}.",
        ),
    ] = "text",
) -> None:
    """Compare two audits: what got better, worse, newly unknown, and what that means for clauses.

    Exit code 0: nothing got worse; 1: a finding fails that did not, or the gate closed; 3: nothing
    of that, and something is newly unknown; 2: an error, also where a seal does not hold.
    """
    from weighbridge.report.diff import compare
    from weighbridge.report.diff_views import as_json, as_markdown
    from weighbridge.seal.sealed_record import SealBroken, sealed_record

    if format_ not in DIFF_FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(DIFF_FORMATS)}.")
    try:
        found = compare(sealed_record(old), sealed_record(new))
    except SealBroken as error:  # exit code 1 would say that something got worse
        raise UsageError(error.message, remedy=error.remedy) from error
    if format_ == "text":
        typer.echo("\n".join(_text(found)))
    else:
        typer.echo((as_json if format_ == "json" else as_markdown)(found), nl=False)
    raise typer.Exit(int(found.exit_code))


def _text(found: Difference) -> Iterator[str]:
    from weighbridge.cli.layout import wrapped
    from weighbridge.report.diff_views import RESULT_WORDS, TITLES

    yield f"{RESULT_WORDS[found.exit_code]}."
    yield f"  old {found.old}"
    yield f"  new {found.new}"
    for kind, title in TITLES.items():
        changes = found.of(kind)
        if not changes:
            continue
        yield from ("", f"{title}: {len(changes)}")
        yield from (_line(change) for change in changes[:_SHOWN])
        if len(changes) > _SHOWN:
            yield f"  and {len(changes) - _SHOWN} more"
    if found.clauses:
        yield from ("", f"Clauses: {len(found.clauses)}")
    for one in found.clauses:
        yield wrapped(_safe(f"{one.clause}: {one.meaning}"), 6, first="  ")
        rows = [*one.rules, *([("the law itself", *one.standing)] if one.standing else [])]
        for name, was, now in rows:
            yield wrapped(_safe(f"{name}: was {was}, is {now}"), 8, first="      ")
    if found.facts:
        yield from ("", "What they rest on:")
    for fact in found.facts:
        yield wrapped(_safe(f"{fact.what}: {fact.old} -> {fact.new}"), 6, first="  ")


def _line(change: Change) -> str:
    from weighbridge.cli.layout import wrapped
    from weighbridge.report.summary import shorten

    place = f"{shorten(change.place)}: " if change.place else ""
    times = f" ({change.count} times)" if change.count > 1 else ""
    lead = f"{change.rule}: " if change.rule else ""
    return wrapped(_safe(f"{lead}{place}{change.text}{times}"), 6, first="  ")


def _safe(text: str) -> str:
    from weighbridge.edge.text import visible

    return visible(text, 2000)
