"""HTML in which text is always text: whatever is no :class:`Html` is escaped on its way in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from weighbridge.edge.text import visible

LIMIT = 1_000  # characters of one text; what is cut is counted
_MARKS = 2  # combining marks in a row that are drawn; more would paint over other lines
_SPECIAL = re.compile("[&<>\"']")
_VOID = frozenset({"meta", "input", "br", "wbr"})
# No control characters, and yet no HTML document may hold them (HTML Living Standard, 13.2.3.5).
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(f"{chr(n + 0xFFFE)}{chr(n + 0xFFFF)}"
                               for n in range(0, 0x110000, 0x10000)) + "]"
)  # fmt: skip


class Html(str):
    """Markup. Only this module makes it of text, by escaping."""

    __slots__ = ()


Child = Html | str | int | None


def shown(text: str, limit: int = LIMIT) -> str:
    """:func:`visible`, and neither noncharacters nor marks that pile up over other lines."""
    if text.isprintable() and len(text) <= limit:  # then nothing is to be made visible
        if text.isascii():
            return text
        line = text
    else:
        line = visible(text, limit)
    if line.isascii():
        return line
    return _NONCHARACTERS.sub("\N{REPLACEMENT CHARACTER}", _few_marks(line))


def _few_marks(text: str) -> str:
    kept, row = [], 0
    for character in text:
        row = row + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        kept.append(character if row <= _MARKS else f"\\u{ord(character):04x}")
    return "".join(kept)


def text(value: str, limit: int = LIMIT) -> Html:
    """Text from anybody, as it stands between tags or in a quoted attribute."""
    line = shown(value, limit)
    return Html(escape(line) if _SPECIAL.search(line) else line)


def el(tag: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """An element. ``class_`` stands for ``class``, ``aria_sort`` for ``aria-sort``.

    An attribute that is None or False is left out; True gives one without a value.
    """
    parts = ["<", tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        called = _called(name)
        parts.append(f" {called}" if value is True else f' {called}="{_attribute(value)}"')
    parts.append(">")
    if tag not in _VOID:
        parts += map(_child, children)
        parts.append(f"</{tag}>")
    return Html("".join(parts))


@lru_cache(maxsize=256)
def _called(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _attribute(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, Html) else text(value)


def _child(child: Child) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return text(child)
    return "" if child is None else str(int(child))


def join(parts: Iterable[Child], between: str = "") -> Html:
    """Parts after each other."""
    return Html(between.join(_child(part) for part in parts))


def lines(texts: Iterable[str]) -> Html:
    """An attribute that holds several texts, one a line: no text has a line break of its own."""
    return Html("&#10;".join(text(one) for one in texts))


def small(*children: Child) -> Html:
    """A second line in a cell."""
    return el("small", *children)


def code(value: str, limit: int = 300) -> Html:
    """A path, digest or name, whose direction touches nothing beside it."""
    return el("code", text(value, limit))


@lru_cache(maxsize=1024)
def tone(words: str, kind: str) -> Html:
    """A word on a color; the word says it all."""
    return el("span", words, class_=f"tone {kind}")


# As the outcome of a row that has none: a filter by outcome leaves it.
ANY_OUTCOME = "*"


@dataclass(frozen=True, slots=True)
class Column:
    """``sort``: the reader may sort by it."""

    title: str
    sort: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """How much of a table is written: rows, and bytes of markup."""

    rows: int = 2_000
    size: int = 1_500_000


def cell(*children: Child, value: str | int | None = None) -> Html:
    """A cell; ``value`` is what it is sorted by, where that is not its text."""
    order = "" if value is None else f' data-v="{_attribute(value)}"'
    return Html(f'<td role="cell"{order}>{"".join(map(_child, children))}</td>')


def head(*children: Child, value: str | int | None = None) -> Html:
    """The cell that names its row."""
    return el("th", *children, scope="row", role="rowheader", data_v=value)


def row(*cells: Html, **attributes: str | int | bool | None) -> Html:
    """A row of cells."""
    return el("tr", *cells, role="row", **attributes)


def table(
    name: str,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Html],
    *,
    bound: Bound = Bound(),
    stacks: bool = False,
    filters: str = "",
) -> Html:
    """A table in a region of its own, which scrolls where it is too wide.

    Args:
        name: its id; the parts' ids are made of it.
        caption: what it lists.
        columns: its head.
        rows: made by :func:`row`.
        bound: what is beyond it is counted, not written.
        stacks: on a narrow screen the cells stand below each other.
        filters: what its rows are called, where the filters apply to it; else empty.
    """
    kept: list[Html] = []
    size = count = 0
    full = False
    for one in rows:
        count += 1
        size += len(one)
        full = full or len(kept) >= bound.rows or size > bound.size
        if not full:
            kept.append(one)
    heads = [
        el("th", column.title, scope="col", role="columnheader", data_sort=column.sort)
        for column in columns
    ]
    body = el(
        "table",
        el("caption", caption, id=f"{name}-caption"),
        el("thead", row(*heads), role="rowgroup"),
        el("tbody", join(kept, "\n"), role="rowgroup"),
        role="table", id=name, class_="stacks" if stacks else None, data_filter=filters or None,
    )  # fmt: skip
    notes = el("p", class_="filtered", hidden=True, id=f"{name}-filtered") if filters else None
    region = el("div", body, class_="scroll", role="region", tabindex="0",
                aria_labelledby=f"{name}-caption")  # fmt: skip
    return join([_cut(len(kept), count), notes, region])


def _cut(kept: int, total: int) -> Html | None:
    if kept >= total:
        return None
    words = (f"{kept:,} of {total:,} are shown here, {total - kept:,} are left out to keep this "
             "page usable; audit.json has them all.")  # fmt: skip
    return el("p", words, class_="cut")
