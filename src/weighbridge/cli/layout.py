"""Text for a terminal of 80 columns, and JSON for programs: what the listing verbs share."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from weighbridge.edge.text import paragraph
from weighbridge.model.errors import UsageError

WIDTH = 80
FORMATS = ("text", "json")


def as_of_date(text: str) -> dt.date:
    """A date from the command line; today in UTC where it is empty.

    Raises:
        UsageError: it is no date.
    """
    if not text:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is not a date", remedy="Write YYYY-MM-DD.") from error


def format_option(variable: str) -> Any:
    """``--format``, with a variable of its own name; typer would add the parameter's underscore."""
    return typer.Option("--format", "-f", envvar=variable, help="text or json.")


def check_format(name: str) -> None:
    """Refuse a format that is not offered.

    Raises:
        UsageError: it is none of them.
    """
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}", remedy=f"One of {', '.join(FORMATS)}.")


def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """A paragraph, its line breaks taken for spaces, indented; ``first`` leads the first line."""
    lead = " " * indent
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH - 1,
        initial_indent=first or lead,
        subsequent_indent=lead,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Iterable[Sequence[str]], gap: str = "  ") -> list[str]:
    """Rows with every column but the last padded to its widest; the last is wrapped in place."""
    table = [tuple(row) for row in rows]
    if not table:
        return []
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]) - 1)]
    lines = []
    for row in table:
        padded = [text.ljust(width) for text, width in zip(row[:-1], widths, strict=True)]
        start = gap.join(padded) + gap
        lines.append(wrapped(row[-1], len(start), start) if row[-1] else start.rstrip())
    return lines


def show(lines: Iterable[str]) -> None:
    """Print lines, every control character in them escaped."""
    for line in lines:
        typer.echo(paragraph(line))


def show_json(value: object) -> None:
    """Print JSON in ASCII, so that no character in it can steer a terminal."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=True).replace("\x7f", "\\u007f"))
