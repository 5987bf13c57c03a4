"""``weighbridge lineage SUBJECT``: what a model was made from, and under which licenses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.services import CARDS, HUB_URL
from weighbridge.model.errors import ExitCode, UsageError, WeighbridgeError

if TYPE_CHECKING:
    from weighbridge.collect.context import Services
    from weighbridge.model.facts.lineage import LineageFacts
    from weighbridge.snapshot.snapshot import Snapshot

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

FORMATS = ("text", "json", "mermaid", "dot", "svg")


@app.command(cls=PlainCommand)
def lineage(
    subject: Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")],
    cards: Annotated[str, typer.Option(help=CARDS)] = "",
    hub_url: Annotated[str, typer.Option(help=HUB_URL)] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Open no socket.")] = False,
    config: Annotated[
        str, typer.Option(help="The configuration file. Default: the one in the current folder.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            envvar="WEIGHBRIDGE_LINEAGE_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Show what a model was made from, each ancestor's license, and what each step rests on.

    No hub is asked unless one is named, here or in the configuration.

    Exit code 0: all that was asked about was read; 3: a card is broken, gone, gated or could not be
    had, or a bound was reached; 2: an error.
    """
    from weighbridge.cli.audit import _show
    from weighbridge.cli.config import load_config
    from weighbridge.cli.services import services
    from weighbridge.edge.text import visible
    from weighbridge.report.lineage.words import unread
    from weighbridge.snapshot.take import take_snapshot

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if not subject:
        raise UsageError("SUBJECT is empty", remedy="Is a variable of the shell not set?")
    settings = load_config(Path(), subject=Path(subject), named=config)
    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201
    snapshot = take_snapshot(Path(subject))
    found_in = services(settings, cards=cards, hub_url=hub_url)
    silent = offline or settings.offline
    facts, terms = _collected(snapshot, found_in, offline=silent)
    _show(_rendered(facts, terms, snapshot, format_, offline=silent), output)
    missed = bool(unread(facts)) or bool(facts["cut"])
    raise typer.Exit(int(ExitCode.INCONCLUSIVE if missed else ExitCode.HOLDS))


def _rendered(
    facts: LineageFacts,
    terms: dict[str, bool],
    snapshot: Snapshot,
    format_: str,
    *,
    offline: bool,
) -> bytes:
    if format_ == "json":
        from weighbridge.report.lineage import wire

        return wire.render(
            facts,
            name=snapshot.subject.name,
            digest=str(snapshot.subject.digest),
            offline=offline,
            terms=terms,
        )
    if format_ == "svg":
        from weighbridge.report.lineage import svg

        return svg.render(facts)
    from weighbridge.report.lineage import dot, mermaid, text

    view = {"mermaid": mermaid.render, "dot": dot.render}.get(format_, text.render)
    return view(facts).encode("utf-8", "backslashreplace")


def _collected(
    snapshot: Snapshot, found_in: Services, *, offline: bool
) -> tuple[LineageFacts, dict[str, bool]]:
    """The graph, and each license in it with whether its clauses are known.

    A collector that breaks is a defect, and ends the run: nothing may be concluded.

    Raises:
        WeighbridgeError: there is no graph.
    """
    import datetime as dt

    from weighbridge.collect.context import CollectContext
    from weighbridge.collect.gather import gather
    from weighbridge.model.canonical import thaw
    from weighbridge.model.evidence import EvidenceKind, EvidenceState

    wanted = {
        EvidenceKind.MODEL, EvidenceKind.PACKAGES, EvidenceKind.LICENSE, EvidenceKind.DATASET,
        EvidenceKind.LINEAGE,
    }  # fmt: skip
    context = CollectContext(
        snapshot=snapshot,
        as_of=dt.datetime.now(dt.UTC).date(),
        offline=offline,
        services=found_in,
    )
    found = gather(context, wanted)
    (graph,) = found[EvidenceKind.LINEAGE]
    if graph.state is not EvidenceState.OBSERVED:
        raise WeighbridgeError(graph.reason)
    terms = {e.about: e.state is EvidenceState.OBSERVED for e in found[EvidenceKind.TERMS]}
    return cast("LineageFacts", thaw(graph.data)), terms
