"""Tables: fixed column widths, heads repeated on every page, groups that say they continue.

Each is a table of the structure tree too, whose heads say what they head. Cells are wrapped by
:class:`~weighbridge.report.pdf.flow.Flow`; the cost is linear in the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from weighbridge.report.pdf.flow import LEADING, Flow, Text, Wrapped, height_of
from weighbridge.report.pdf.glyphs import BOLD
from weighbridge.report.pdf.style import (
    ACCENT,
    BAND,
    CONTENT_WIDTH,
    FAINT,
    FLOOR,
    LEFT,
    LINE,
    MUTED,
    TOP,
)
from weighbridge.report.pdf.tags import ARTIFACT, Element

_PAD_X, _PAD_Y = 5.0, 4.2
_HEAD = 16.0  # height of a table's head


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; ``share`` is its part of the content's width.

    ``heads``: its cells name the rows that they stand in.
    """

    title: str
    share: float
    heads: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns. A ``band`` is one cell over all of them: a group's head,
    repeated (its first text only) where the group continues on another page."""

    cells: Sequence[Sequence[Text]]
    band: bool = False


# Rows that stay together, each with its wrapped cells and its height.
_Block = list[tuple[Row, list[list[Wrapped]], float]]


def table(flow: Flow, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Draw rows under a head that is repeated on every page; a row is split only if it must be."""
    _Table(flow, columns).draw(rows)


class _Table:
    def __init__(self, flow: Flow, columns: Sequence[Column]) -> None:
        self.flow = flow
        self.columns = columns
        total = sum(column.share for column in columns)
        self.widths = [CONTENT_WIDTH * column.share / total for column in columns]
        self.band: Row | None = None
        self.started = False
        self.element = flow.element("Table")

    def draw(self, rows: Iterable[Row]) -> None:
        for block in self.blocks(rows):
            self.block(block)
        self.flow.y += 6.0

    def blocks(self, rows: Iterable[Row]) -> Iterator[_Block]:
        """Rows that stay together: bands with the row after them, and the last two rows."""
        block: _Block = []
        waiting: list[_Block] = []
        for row in rows:
            cells = self.layout(row)
            block.append((row, cells, _height(cells)))
            if not row.band:
                waiting.append(block)
                block = []
            if len(waiting) > 2:
                yield waiting.pop(0)
        last = [*itertools.chain.from_iterable(waiting), *block]
        if last:
            yield last

    def block(self, block: _Block) -> None:
        """Draw rows that must stay together, on a new page if they do not fit on this one."""
        height = sum(height for *_, height in block)
        if not self.started:
            self.started = True
            self.flow.ensure(height + _HEAD)
            self.head()
        if self.flow.y + height > FLOOR and self.flow.y > TOP + _HEAD + 1.0:
            self.next_page(with_band=not block[0][0].band)
        for row, cells, row_height in block:
            if row.band:
                self.band = row
            if self.flow.y + row_height > FLOOR:
                self.split(row, cells)
            else:
                self.row(row, cells, row_height, self.elements(row))

    def next_page(self, *, with_band: bool) -> None:
        self.flow.new_page()
        self.head()
        if with_band and self.band is not None:
            first = self.band.cells[0][0]
            again = Text(f"{first.text} (continued)", first.face, first.size, first.color, lines=1)
            cells = [[self.flow.wrap(again, CONTENT_WIDTH - 2 * _PAD_X)]]
            self.row(self.band, cells, _height(cells), [ARTIFACT])

    def head(self) -> None:
        """The columns' titles; where they are repeated, they are no part of the table."""
        flow, x = self.flow, LEFT
        again = bool(self.element.kids)
        row = None if again else flow.element("TR", self.element)
        for column, width in zip(self.columns, self.widths, strict=True):
            title = Text(column.title, BOLD, 6.8, MUTED)
            into = ARTIFACT
            if row is not None:
                into = flow.element("TH", row)
                into.scope = "Column"
            flow.put(x + _PAD_X, flow.y + 10.2, title, width - 2 * _PAD_X, into=into)
            x += width
        flow.y += _HEAD
        flow.rect(LEFT, flow.y - 0.9, CONTENT_WIDTH, 0.9, FAINT)

    def layout(self, row: Row) -> list[list[Wrapped]]:
        widths = [CONTENT_WIDTH] if row.band else self.widths
        return [
            [self.flow.wrap(text, width - 2 * _PAD_X) for text in cell]
            for cell, width in zip(row.cells, widths, strict=True)
        ]

    def elements(self, row: Row) -> list[Element]:
        """A row of the table and its cells, in the structure."""
        parent = self.flow.element("TR", self.element)
        if row.band:
            cell = self.flow.element("TH", parent)
            cell.scope, cell.span = "Row", len(self.columns)
            return [cell]
        cells = [self.flow.element("TH" if c.heads else "TD", parent) for c in self.columns]
        for cell in cells:
            cell.scope = "Row" if cell.role == "TH" else ""
        return cells

    def row(
        self, row: Row, cells: list[list[Wrapped]], height: float, elements: list[Element]
    ) -> None:
        flow, x = self.flow, LEFT
        if row.band:
            flow.rect(LEFT, flow.y, CONTENT_WIDTH, height, BAND)
            flow.rect(LEFT, flow.y, 2.2, height, ACCENT)
        widths = [CONTENT_WIDTH] if row.band else self.widths
        for cell, width, element in zip(cells, widths, elements, strict=True):
            flow.cell(x + _PAD_X, flow.y + _PAD_Y, cell, element)
            x += width
        flow.y += height
        flow.rect(LEFT, flow.y, CONTENT_WIDTH, 0.4, LINE)

    def split(self, row: Row, cells: list[list[Wrapped]]) -> None:
        """A row taller than a page, in as many parts as it takes."""
        elements = self.elements(row)
        while any(lines for cell in cells for _, lines in cell):
            part, cells = _cut(cells, FLOOR - self.flow.y - 2 * _PAD_Y)
            if not any(lines for cell in part for _, lines in cell):
                self.next_page(with_band=not row.band)
                continue
            self.row(row, part, _height(part), elements)


def _height(cells: list[list[Wrapped]]) -> float:
    return 2 * _PAD_Y + max((height_of(cell) for cell in cells), default=0.0)


def _cut(
    cells: list[list[Wrapped]], room: float
) -> tuple[list[list[Wrapped]], list[list[Wrapped]]]:
    """What of each cell fits into a height, and what is left."""
    part: list[list[Wrapped]] = []
    rest: list[list[Wrapped]] = []
    for cell in cells:
        left = room
        taken: list[Wrapped] = []
        over: list[Wrapped] = []
        for number, (text, lines) in enumerate(cell):
            left -= text.before if number else 0.0
            count = 0 if over else max(0, min(len(lines), int(left / (text.size * LEADING))))
            left -= count * text.size * LEADING
            if count:
                taken.append((text, lines[:count]))
            if count < len(lines):
                over.append((text, lines[count:]))
        part.append(taken)
        rest.append(over)
    return part, rest
