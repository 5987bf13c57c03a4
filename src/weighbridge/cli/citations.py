"""``weighbridge citations PATH…``: every dataset that is used, and what its record lacks."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.plain import PlainCommand
from weighbridge.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weighbridge.cli.citations_fix import Fixed
    from weighbridge.cli.citations_show import Shown
    from weighbridge.cli.citations_subject import Target
    from weighbridge.model.policy import Policy

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

EXPORTS = ("bibtex", "cff", "croissant")
RECORDS = ("ai-act-template", "ab-2013", "data-provenance")
FORMATS = ("text", "json", *EXPORTS, *RECORDS, *(f"{name}-json" for name in RECORDS))


@app.command(cls=PlainCommand)
def citations(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="A model's folder, or files that name datasets.",
            show_envvar=False,
        ),
    ],
    policy: Annotated[
        list[str] | None,
        typer.Option(help="A shipped policy's name, or a file. Repeat it to put one on top."),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Draft what is missing in datasets.yaml; a value that is not known stays open.",
        ),
    ] = False,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="Only this dataset, by its id. Repeat it for several."),
    ] = None,
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
            envvar="WEIGHBRIDGE_CITATIONS_FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
        ),
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """List every dataset that is used, what each needs, and what is missing.

    Exit code 0: everything that the policy demands is on record; 1: something is missing; 3: which
    datasets are used, or what is recorded of them, could not all be read; 2: an error.
    """
    from weighbridge.cli.audit import _show
    from weighbridge.cli.citations_fix import fix_records
    from weighbridge.cli.citations_subject import targets
    from weighbridge.cli.layout import as_of_date

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if not paths or not all(paths):
        raise UsageError("PATH is empty", remedy="Is a variable of the shell not set?")
    day = as_of_date(as_of)
    effective = _policy(paths, policy or (), config, day)
    found = targets(paths)
    if format_.removesuffix("-json") in RECORDS:
        from weighbridge.cli.citations_records import record

        if len(found) != 1 or fix:
            raise UsageError(f"--format {format_} is of one model, and drafts nothing")
        data, code = record(found[0], format_, dataset or ())
        _show(data, output)
        raise typer.Exit(int(code))
    fixed: tuple[Fixed, ...] = fix_records(found) if fix else ()
    shown = tuple(_judged(target, effective, day, tuple(dataset or ())) for target in found)
    _show(_rendered(shown, fixed, format_, found), output)
    if fixed and format_ != "text":
        _say_fixed(fixed)
    raise typer.Exit(int(exit_code(shown, fixed)))


def exit_code(shown: tuple[Shown, ...], fixed: tuple[Fixed, ...] = ()) -> ExitCode:
    """1 where a rule fails, else 3 where one is unknown or something was not written, else 0."""
    from weighbridge.model.errors import worst

    codes = {
        "fail": ExitCode.VIOLATED,
        "unknown": ExitCode.INCONCLUSIVE,
        "error": ExitCode.ERROR,
    }
    found = [codes.get(r.outcome.value, ExitCode.HOLDS) for one in shown for r in one.results]
    found += [ExitCode.INCONCLUSIVE for one in fixed if one.left]
    return worst(found)


def _policy(
    paths: list[str], names: tuple[str, ...] | list[str], config: str, day: dt.date
) -> Policy:
    """The policy's rules on citations, each enforced: what is asked here is what they say.

    Rules that it turned off stay off. Waivers are for audits: they name a whole subject.
    """
    import dataclasses

    from weighbridge.cli.config import load_config
    from weighbridge.edge.text import visible
    from weighbridge.model.policy import Mode
    from weighbridge.policy.load import load_policies
    from weighbridge.rules.registry import load_rules

    for path in paths:  # a configuration that lies in any of them is refused
        settings = load_config(Path(), subject=Path(path), named=config)
    if settings.file:
        print(f"Configuration: {visible(settings.file)}", file=sys.stderr)  # noqa: T201
    rules = tuple(rule.META for rule in load_rules())
    chosen = tuple(names) or settings.policies or ("baseline",)
    effective = load_policies(chosen, rules=rules, as_of=day)
    mine = {meta.id for meta in rules if meta.family == "citations"}
    kept = tuple(
        dataclasses.replace(setting, mode=Mode.ENFORCE)
        for setting in effective.rules
        if setting.rule in mine and setting.mode is not Mode.OFF
    )
    return dataclasses.replace(effective, rules=kept, waivers=())


def _judged(target: Target, policy: Policy, day: dt.date, only: tuple[str, ...]) -> Shown:
    from weighbridge.cli.citations_show import Shown
    from weighbridge.collect.datasets import evidence_of
    from weighbridge.model.evidence import EvidenceState
    from weighbridge.policy.evaluate import evaluate
    from weighbridge.report.citations import cited
    from weighbridge.rules.registry import load_rules

    snapshot = target.snapshot()
    evidence = evidence_of(snapshot)
    if only:
        known = {e.about for e in evidence if e.state is EvidenceState.OBSERVED}
        if strangers := sorted(set(only) - known):
            raise UsageError(f"{target.name} names no dataset {strangers[0]!r}")
        evidence = tuple(
            e for e in evidence if e.state is not EvidenceState.OBSERVED or e.about in only
        )
    results, _verdict = evaluate(
        policy=policy,
        rules=load_rules("citations"),
        subject=snapshot.subject,
        evidence=evidence,
        breakages=(),
        as_of=day,
    )
    return Shown(target.name, evidence, results, cited(evidence, results, policy), policy)


def _rendered(
    shown: tuple[Shown, ...],
    fixed: tuple[Fixed, ...],
    format_: str,
    found: tuple[Target, ...],
) -> bytes:
    from weighbridge.cli.citations_show import as_json, as_text, exported

    if format_ == "json":
        return as_json(shown, fixed)
    if format_ == "text":
        return as_text(shown, fixed)
    facts, unrecorded = exported(shown)
    title = ""
    authors: tuple[str, ...] = ()
    if format_ == "cff":
        from weighbridge.cli.citations_records import maker

        title, authors = maker(found)
    data, empty = _export(format_, facts, title, authors)
    _say_empty(empty, unrecorded, format_)
    return data


def _export(
    format_: str, facts: list[object], title: str, authors: tuple[str, ...]
) -> tuple[bytes, dict[str, list[str]]]:
    """The file, and which fields of which dataset are empty in it."""
    from typing import cast

    from weighbridge.model.facts.dataset import DatasetFacts
    from weighbridge.report import citations_bibtex, citations_cff, citations_croissant
    from weighbridge.report.citations import empty_fields

    datasets = cast(list[DatasetFacts], facts)
    empty = {one["id"]: list(empty_fields(one)) for one in datasets}
    if format_ == "bibtex":
        return citations_bibtex.render(datasets), empty
    if format_ == "croissant":
        for one in datasets:
            empty[one["id"]] += citations_croissant.unfilled(one)
        return citations_croissant.render(datasets), empty
    for one in datasets:
        empty[one["id"]] += citations_cff.unfilled(one)
    if not authors:
        empty["the model"] = ["authors (the format demands them)"]
    return citations_cff.render(datasets, title=title, authors=authors), empty


def _say_empty(empty: dict[str, list[str]], unrecorded: list[str], format_: str) -> None:
    """What was left out, on stderr: the export itself holds only what is known."""
    from weighbridge.cli.layout import wrapped
    from weighbridge.edge.text import visible

    lines = [
        wrapped(f"{visible(name, 120)}: {', '.join(dict.fromkeys(fields))}", 4, "  ")
        for name, fields in empty.items()
        if fields
    ]
    if lines:
        print("Left empty, since nobody recorded it:", *lines, sep="\n", file=sys.stderr)  # noqa: T201
    if unrecorded:
        names = ", ".join(visible(name, 120) for name in unrecorded[:20])
        more = f" and {len(unrecorded) - 20} more" if len(unrecorded) > 20 else ""
        print(  # noqa: T201
            wrapped(f"Not in the {format_}, since they have no record: {names}{more}."),
            file=sys.stderr,
        )


def _say_fixed(fixed: tuple[Fixed, ...]) -> None:
    from weighbridge.cli.citations_show import fixed_lines

    print(*fixed_lines(fixed), sep="\n", file=sys.stderr)  # noqa: T201
