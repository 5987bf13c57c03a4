"""Adding to a YAML list that people keep by hand, every byte of theirs left as it is.

A YAML library that loads and dumps loses comments, quoting and order. Here lines are put into the
text, at places that the parser's own events give, and the result is read again: it must say what it
said before and what was added, or nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from weighbridge.edge.yaml import load_yaml
from weighbridge.model.errors import HostileInput

# A line break as libyaml counts lines (YAML 1.1 §5.4).
_LINES = re.compile(
    r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])|[^\r\n\x85\u2028\u2029]+"
)


class NotInserted(HostileInput):
    """The text is of a form that cannot be added to without rewriting what people wrote."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """Lines of a new entry, or with ``entry`` one more key of the entry of that number.

    ``lines`` are not indented. A comment among them begins with ``#``.
    """

    lines: tuple[str, ...]
    entry: int = -1
    key: str = ""


@dataclass(slots=True)
class _Row:
    """An entry of the list: whether keys can be put into it, where its first key ends."""

    block: bool = False
    column: int = 0
    after: int = 0  # the number of the line, from 0, before which a key can stand


def insert(text: str, insertions: Sequence[Insertion], *, head: str = "", source: str) -> str:
    """The text with entries added at its end, and keys added below the first key of entries.

    Args:
        text: a YAML list of mappings, or nothing but comments.
        insertions: in the order in which entries are to stand.
        head: lines to put before everything else.
        source: the file's name, for messages.

    Raises:
        NotInserted: the list or an entry is written in braces or brackets, or by an alias; or the
            result would not say the same.
        HostileInput: the text is not YAML.
    """
    old = load_yaml(text, source=source).value
    column, rows = _layout(text, source)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _LINES.findall(text)
    if lines and not lines[-1].endswith(("\n", "\r", "\x85", "\u2028", "\u2029")):
        lines[-1] += end
    added: dict[int, list[str]] = {}
    for one in insertions:
        if one.entry >= 0:
            row = rows[one.entry]
            if not row.block:
                what = f"entry {one.entry + 1} of {source} is written in braces or by an alias"
                raise NotInserted(f"{what}; add to it by hand: {one.lines[0]}")
            added.setdefault(row.after, []).extend(" " * row.column + line for line in one.lines)
    for number in sorted(added, reverse=True):
        lines[number:number] = [line + end for line in added[number]]
    for one in insertions:
        if one.entry < 0:
            dashes = [" " * column + ("- " if i == 0 else "  ") for i in range(len(one.lines))]
            lines += [dash + line + end for dash, line in zip(dashes, one.lines, strict=True)]
    result = head.replace("\n", end) + "".join(lines)
    _check(old, result, insertions, source)
    return result


def _check(old: Any, result: str, insertions: Sequence[Insertion], source: str) -> None:
    """The result must say what the text said, and what was added."""
    expected = [dict(row) if isinstance(row, dict) else row for row in old or []]
    for one in insertions:
        said = load_yaml("\n".join(one.lines), source=source).value
        if one.entry >= 0:
            expected[one.entry].update(said)
        else:
            expected.append(said)
    try:
        now = load_yaml(result, source=source).value
    except HostileInput as error:
        raise NotInserted(f"{source} cannot be added to: {error.message}") from error
    if now != expected:
        raise NotInserted(f"{source} cannot be added to without changing what it says")


def _layout(text: str, source: str) -> tuple[int, list[_Row]]:
    """The column of the list's dashes, and its entries."""
    events: Iterator[Any] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for event in events:
        if isinstance(event, yaml.SequenceStartEvent):
            if event.flow_style:
                raise NotInserted(
                    f"the list in {source} is written in brackets; write one '- id: …' a dataset"
                )
            mark: Any = event.start_mark
            return mark.column, list(_rows(events))
        if isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]:
            return 0, []  # a document of nothing but its mark
        if isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.AliasEvent):
            raise NotInserted(f"{source} holds no list")
    return 0, []


def _rows(events: Iterator[Any]) -> Iterator[_Row]:
    """The entries up to the list's end."""
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        row = _Row()
        if isinstance(event, yaml.MappingStartEvent):
            row = _row(event, events)
        elif isinstance(event, yaml.SequenceStartEvent):
            _skip(events)
        yield row


def _row(start: Any, events: Iterator[Any]) -> _Row:
    row = _Row(block=not start.flow_style)
    first = True
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        # the event is a key; what follows is its value
        value: Any = next(events)
        if isinstance(value, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            value = _skip(events)
        if first:
            row.column = event.start_mark.column
            row.after = value.end_mark.line + (1 if value.end_mark.column else 0)
            first = False
    return row


def _skip(events: Iterator[Any]) -> Any:
    """To the end of the collection that has begun; its last event."""
    depth = 1
    event = None
    while depth:
        event = next(events)
        opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        closes = isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        depth += opens - closes
    return event
