"""``weighbridge licenses SUBJECT``: what the licenses behind a model mean for a stated use."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.cli.services import CARDS, HUB_URL
from weighbridge.model.errors import ExitCode, UsageError, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weighbridge.collect.context import Services
    from weighbridge.model.evidence import Evidence, EvidenceKind
    from weighbridge.model.licensing.use import Use
    from weighbridge.model.licensing.verdict import Verdict
    from weighbridge.snapshot.snapshot import Snapshot

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(cls=PlainCommand)
def licenses(
    subject: Annotated[str, typer.Argument(help="A model's folder, a weight file or a git clone.")],
    use: Annotated[
        str, typer.Option("--use", help="What the model is used for: commercial or research.")
    ] = "",
    distribute: Annotated[
        list[str] | None,
        typer.Option(help="What is done with it: internal, service, weights, application."),
    ] = None,
    territory: Annotated[
        list[str] | None,
        typer.Option(help="Where it is used or offered: country codes (ISO 3166-1), or EU."),
    ] = None,
    users: Annotated[
        int, typer.Option(help="Monthly active users of all your products; -1: not stated.")
    ] = -1,
    revenue: Annotated[
        int, typer.Option(help="Your revenue a year in US dollars; -1: not stated.")
    ] = -1,
    cards: Annotated[str, typer.Option(help=CARDS)] = "",
    hub_url: Annotated[str, typer.Option(help=HUB_URL)] = "",
    environment: Annotated[
        list[str] | None,
        typer.Option(help="A site-packages folder the model runs with; read, never run."),
    ] = None,
    write_notice: Annotated[
        str, typer.Option(help="Add to this NOTICE file what is missing in it.")
    ] = "",
    lock: Annotated[str, typer.Option(help="Compare with this license lock.")] = "",
    write_lock: Annotated[
        str, typer.Option(help="Write what was found here, as a license lock.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Open no socket.")] = False,
    config: Annotated[
        str, typer.Option(help="The configuration file. Default: the one in the current folder.")
    ] = "",
    format_: Annotated[
        str,
        typer.Option("--format", "-f", envvar="WEIGHBRIDGE_LICENSES_FORMAT", help="text or json."),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Find what the licenses of a model and of all it was made from mean for a stated use.

    Exit code 0: nothing stands against it, at most obligations; 1: a license conflict, or a change
    since the lock; 3: a license is not known, or what it depends on was not stated; 2: an error.
    """
    from weighbridge.cli import licenses_write
    from weighbridge.cli.audit import _show
    from weighbridge.cli.config import load_config
    from weighbridge.cli.layout import check_format
    from weighbridge.cli.licenses_show import Shown, as_json, as_text
    from weighbridge.cli.services import services
    from weighbridge.edge.text import visible
    from weighbridge.model.evidence import EvidenceKind
    from weighbridge.model.licensing.judge import judge
    from weighbridge.model.licensing.read import lineage_of, terms_of
    from weighbridge.snapshot.take import take_snapshot

    check_format(format_)
    if not subject:
        raise UsageError("SUBJECT is empty", remedy="Is a variable of the shell not set?")
    stated = stated_use(use, distribute or (), territory or (), users=users, revenue=revenue)
    settings = load_config(Path(), subject=Path(subject), named=config)
    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201
    snapshot = take_snapshot(Path(subject))
    evidence = collected(
        snapshot,
        {
            EvidenceKind.LICENSE,
            EvidenceKind.LINEAGE,
            EvidenceKind.TERMS,
            EvidenceKind.RELEASE,
        },
        environments=tuple(Path(folder) for folder in environment or ()),
        offline=offline or settings.offline,
        found_in=services(settings, cards=cards, hub_url=hub_url),
    )
    of_lineage = [e for e in evidence if e.kind is EvidenceKind.LINEAGE]
    lineage = lineage_of(of_lineage)
    if lineage is None:
        reason = of_lineage[0].reason if of_lineage else "no lineage was collected"
        raise UsageError(
            f"what the model was made from cannot be read: {visible(reason)}",
            remedy="Make the model's card and configuration readable.",
        )
    terms = terms_of(e for e in evidence if e.kind is EvidenceKind.TERMS)
    shown = Shown(snapshot.subject, evidence, lineage, stated, judge(lineage, terms, stated))
    changes = licenses_write.compared(Path(lock), evidence) if lock else None
    results = licenses_write.fulfilled(evidence, lineage, terms, stated)
    data = as_json(shown) if format_ == "json" else as_text(shown)
    _show(licenses_write.with_more(data, format_, results, changes), output)
    if write_notice:
        licenses_write.write_notice(Path(write_notice), lineage, terms, stated)
    if write_lock:
        licenses_write.write_lock(Path(write_lock), evidence)
    code = worst([exit_code(shown.verdicts), licenses_write.changed_code(changes or ())])
    raise typer.Exit(int(code))


def exit_code(verdicts: Iterable[Verdict]) -> ExitCode:
    """1 for any conflict, else 3 for anything undetermined, else 0."""
    from weighbridge.model.licensing.verdict import Answer

    answers = {verdict.answer for verdict in verdicts}
    if Answer.CONFLICT in answers:
        return ExitCode.VIOLATED
    return ExitCode.INCONCLUSIVE if Answer.UNDETERMINED in answers else ExitCode.HOLDS


def stated_use(
    purpose: str, activities: Iterable[str], territory: Iterable[str], *, users: int, revenue: int
) -> Use:
    """The use that flags state.

    Raises:
        UsageError: a word that is none of those that there are, or a number below zero.
    """
    from weighbridge.model.licensing.use import Activity, Purpose, Use

    for word, flag, allowed in (
        (purpose, "--use", Purpose),
        *((activity, "--distribute", Activity) for activity in activities),
    ):
        if word and word not in tuple(allowed):
            raise UsageError(
                f"{flag} {word!r} is not known", remedy=f"One of {', '.join(allowed)}."
            )
    places = [place for several in territory for place in several.upper().split(",") if place]
    for place in places:
        if not (len(place) == 2 and place.isascii() and place.isalpha()):
            raise UsageError(
                f"--territory {place!r} is no country code",
                remedy="Write codes of ISO 3166-1 such as DE or US, or EU.",
            )
    for number, flag in ((users, "--users"), (revenue, "--revenue")):
        if number < -1:
            raise UsageError(f"{flag} {number} is below zero", remedy="Leave it out if not known.")
    return Use(
        activities=frozenset(Activity(word) for word in activities),
        purpose=Purpose(purpose) if purpose else None,
        territory=frozenset(places),
        users=users if users >= 0 else None,
        revenue=revenue if revenue >= 0 else None,
    )


def collected(
    snapshot: Snapshot,
    wanted: set[EvidenceKind],
    *,
    environments: tuple[Path, ...],
    offline: bool,
    found_in: Services,
) -> tuple[Evidence, ...]:
    """Evidence of some kinds, and what their collectors build on."""
    from weighbridge.collect.context import CollectContext
    from weighbridge.collect.gather import gather
    from weighbridge.model.evidence import EvidenceKind

    context = CollectContext(
        snapshot=snapshot,
        as_of=dt.datetime.now(dt.UTC).date(),
        offline=offline,
        services=found_in,
        environments=environments,
    )
    built_on = {EvidenceKind.MODEL, EvidenceKind.PACKAGES, EvidenceKind.DATASET}
    found = gather(context, wanted | built_on)
    return tuple(e for kind in EvidenceKind if kind in wanted for e in found.get(kind, ()))
