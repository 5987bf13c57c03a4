"""``weighbridge clauses list`` and ``clauses show``: law, standards and frameworks as data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.layout import (
    as_of_date,
    check_format,
    columns,
    format_option,
    show,
    show_json,
    wrapped,
)
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.cli.rules import find, metas, value_words
from weighbridge.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weighbridge.model.clause import Clause, ClauseLink

app = typer.Typer(
    cls=PlainGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="List and show clauses of law, standards and frameworks. Not legal advice.",
)
SCHEMA = "weighbridge.clauses/1"
UNVERIFIED = "unverified: from memory"

AsOf = Annotated[
    str, typer.Option("--as-of", help="Legal status on this date (YYYY-MM-DD). Default: today.")
]


@app.command("list", cls=PlainCommand)
def list_clauses(
    framework: Annotated[str, typer.Option(help="Only this framework's.")] = "",
    rule: Annotated[str, typer.Option(help="Only those that this rule evidences.")] = "",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Only those that rest on memory.")
    ] = False,
    as_of: AsOf = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_CLAUSES_LIST_FORMAT")] = "text",
) -> None:
    """List clauses with their legal status on a day and whether they were verified."""
    from weighbridge.policy.clauses import load_clauses
    from weighbridge.policy.suggest import did_you_mean

    check_format(format_)
    day, rules = as_of_date(as_of), metas()
    clauses = load_clauses(rules)
    frameworks = sorted({clause.framework for clause in clauses})
    if framework and framework not in frameworks:
        raise UsageError(
            f"unknown framework {framework!r}", remedy=did_you_mean(framework, frameworks)
        )
    if rule:
        find(rule, rules)
    chosen = [
        clause
        for clause in clauses
        if (not framework or clause.framework == framework)
        and (not rule or any(link.rule == rule for link in clause.links))
        and not (unverified and clause.verified)
    ]
    if format_ == "json":
        show_json({"schema": SCHEMA, "as_of": day.isoformat(), "clauses": _wire(chosen, day)})
    else:
        show(_listing(chosen, day))
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command("show", cls=PlainCommand)
def show_clause(
    key: Annotated[list[str], typer.Argument(help="Framework and clause: EU-AIA 'Art. 15(5)'.")],
    as_of: AsOf = "",
    format_: Annotated[str, format_option("WEIGHBRIDGE_CLAUSES_SHOW_FORMAT")] = "text",
) -> None:
    """Show one clause: its status on a day, what evidences it, and what stays open."""
    from weighbridge.policy.clauses import load_clauses
    from weighbridge.policy.suggest import did_you_mean

    check_format(format_)
    day, wanted = as_of_date(as_of), " ".join(" ".join(key).split())
    clauses = load_clauses(metas())
    found = [clause for clause in clauses if clause.key == wanted]
    if not found:
        raise UsageError(
            f"there is no clause {wanted[:100]!r}",
            remedy=did_you_mean(wanted, [clause.key for clause in clauses]),
        )
    if format_ == "json":
        show_json({"schema": SCHEMA, "as_of": day.isoformat(), "clauses": _wire(found, day)})
    else:
        for clause in found:
            show(_description(clause, day))
    raise typer.Exit(int(ExitCode.HOLDS))


def _wire(clauses: list[Clause], day: dt.date) -> list[object]:
    from weighbridge.model.codec import to_json

    wire: list[object] = []
    for clause in clauses:
        body = to_json(clause)
        assert isinstance(body, dict)
        wire.append({"key": clause.key, "standing": clause.standing(day).value, **body})
    return wire


def _listing(clauses: list[Clause], day: dt.date) -> list[str]:
    lines: list[str] = []
    groups: dict[tuple[str, str], list[Clause]] = {}
    for clause in clauses:
        groups.setdefault((clause.framework, clause.version), []).append(clause)
    for (framework, version), members in groups.items():
        lines += ["", f"{framework} ({version})"]
        lines += columns(
            (f"  {c.id}", c.standing(day).value, "" if c.verified else "unverified", _title(c))
            for c in members
        )
    memory = sum(not clause.verified for clause in clauses)
    return [
        *lines[1:],
        "",
        wrapped(f"{len(clauses)} clauses as of {day}; {memory} {UNVERIFIED}. Not legal advice."),
    ]


def _title(clause: Clause) -> str:
    if not clause.superseded_by:
        return clause.title
    return f"{clause.title} (superseded by {clause.superseded_by})"


def _description(clause: Clause, day: dt.date) -> list[str]:
    lines = [
        f"{clause.key}: {clause.title}",
        f"  of {clause.framework}, {clause.version}",
        "",
        wrapped(clause.paraphrase, 2),
        "",
        f"  Status on {day}: {clause.standing(day)}  ({clause.legal_status})",
    ]
    lines += [
        f"    from {case.applies_from}  {case.case or 'every case'}" for case in clause.applies
    ]
    if clause.verified:
        when = f" on {clause.verified_on}" if clause.verified_on else ", on no recorded day"
        lines.append(wrapped(f"Verified{when}, against {clause.verified_against}", 4, "  "))
    else:
        source = clause.verified_against
        lines.append(wrapped(UNVERIFIED + (f"; source: {source}" if source else ""), 4, "  "))
    if clause.superseded_by:
        lines.append(f"  Superseded by {clause.superseded_by}")
    if clause.note:
        lines.append(wrapped(f"Note: {clause.note}", 4, "  "))
    lines += ["", "  Evidenced by"]
    lines += [line for link in clause.links for line in _link(link)]
    if not clause.links:
        lines.append("    no rule of this version")
    return [*lines, "", "  A paraphrase in our own words. Not legal advice."]


def _link(link: ClauseLink) -> list[str]:
    lines = [f"    {link.rule} ({link.strength})", wrapped(f"stays open: {link.residue}", 8)]
    lines += [
        f"        only if {guard.param} {guard.operator} {value_words(guard.value)}"
        for guard in link.guards
    ]
    return lines
