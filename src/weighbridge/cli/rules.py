"""``weighbridge rules list`` and ``rules explain``: what is checked, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from weighbridge.cli.layout import (
    WIDTH,
    check_format,
    columns,
    format_option,
    show,
    show_json,
    wrapped,
)
from weighbridge.cli.plain import PlainCommand, PlainGroup
from weighbridge.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from weighbridge.model.policy import ParamValue
    from weighbridge.model.rule import RuleMeta

app = typer.Typer(
    cls=PlainGroup,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="List and explain rules.",
)
SCHEMA = "weighbridge.rules/1"


def metas() -> tuple[RuleMeta, ...]:
    """Every rule's metadata, in the registry's order."""
    from weighbridge.rules.registry import load_rules

    return tuple(rule.META for rule in load_rules())


@app.command("list", cls=PlainCommand)
def list_rules(
    format_: Annotated[str, format_option("WEIGHBRIDGE_RULES_LIST_FORMAT")] = "text",
) -> None:
    """List every rule with its default severity."""
    from weighbridge.model.codec import to_json

    check_format(format_)
    rules = metas()
    if format_ == "json":
        show_json({"schema": SCHEMA, "rules": [to_json(meta) for meta in rules]})
    else:
        rows = [(m.id, m.severity.value, m.family + (" *" if m.network else "")) for m in rules]
        show([*columns([("RULE", "SEVERITY", "FAMILY"), *rows]), ""])
        show([f"{len(rules)} rules. Those with * need outside services: offline they are unknown."])
    raise typer.Exit(int(ExitCode.HOLDS))


@app.command(cls=PlainCommand)
def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, as 'rules list' shows it.")],
    format_: Annotated[str, format_option("WEIGHBRIDGE_RULES_EXPLAIN_FORMAT")] = "text",
) -> None:
    """Explain one rule: what it checks, why, what to do, its parameters."""
    from weighbridge.model.codec import to_json

    check_format(format_)
    meta = find(rule, metas())
    if format_ == "json":
        show_json({"schema": SCHEMA, "rules": [to_json(meta)]})
    else:
        show(explanation(meta))
    raise typer.Exit(int(ExitCode.HOLDS))


def find(rule: str, rules: tuple[RuleMeta, ...]) -> RuleMeta:
    """The rule of that id.

    Raises:
        UsageError: there is none.
    """
    from weighbridge.policy.suggest import did_you_mean

    found = next((meta for meta in rules if meta.id == rule), None)
    if found is None:
        raise UsageError(
            f"unknown rule {rule[:100]!r}", remedy=did_you_mean(rule, [m.id for m in rules])
        )
    return found


def explanation(meta: RuleMeta) -> list[str]:
    """A rule's documentation, a paragraph or heading a line."""
    services = "needs outside services: offline it is unknown" if meta.network else "works offline"
    lines = [
        meta.id,
        "=" * len(meta.id),
        wrapped(f"Family {meta.family}, severity {meta.severity}, since {meta.since}; {services}."),
    ]
    for heading, text in (
        ("What it checks", f"This rule checks that {meta.summary}"),
        ("Why", meta.why),
        ("What to do", meta.remedy),
    ):
        lines += ["", heading, wrapped(text, 2)]
    lines += ["", "Example of what fails"]
    lines += [f"  {line}" if len(line) < WIDTH - 2 else wrapped(line, 2)
              for line in meta.example.splitlines()]  # fmt: skip
    if meta.params:
        lines += ["", "Parameters"]
        for param in meta.params:
            direction = f" Stricter: {param.stricter}." if param.stricter else ""
            lines.append(f"  {param.name}: {value_words(param.default)}")
            lines.append(wrapped(param.help + direction, 6))
    lines += ["", f"Evidence it reads: {', '.join(kind.value for kind in meta.needs)}"]
    if meta.references:
        lines += ["", "References", *(f"  {reference}" for reference in meta.references)]
    lines += ["", "Clauses it evidences", f"  weighbridge clauses list --rule {meta.id}"]
    return lines


def value_words(value: ParamValue) -> str:
    """A parameter's value as a policy file writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return repr(value) if isinstance(value, str) else str(value)
