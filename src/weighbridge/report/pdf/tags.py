"""The structure of the document for readers that do not see it (ISO 32000-1, 14.7 and 14.8).

An :class:`Element` is a heading, a paragraph, a table with its rows and cells, a figure or a link.
Where its text stands on the pages is filled in when these are drawn; :func:`write` then makes the
structure tree of it. Nothing here claims PDF/UA: no validator of it was run.

The tree is written as PDF objects at once: reportlab's own objects would take as long to write it
as all the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_ATTRIBUTED = frozenset({"TH", "TD"})


class Place(NamedTuple):
    """Marked content of an element: its number on a page, counted from 0 as the page is."""

    page: int
    number: int


class Area(NamedTuple):
    """An area of a page, counted from 0, that leads to a place: the annotation of a link.

    ``corners`` are its left, bottom, right and upper edge, ``to`` the page it leads to and ``top``
    the height there, all in points from the page's lower left corner.
    """

    page: int
    corners: tuple[float, float, float, float]
    to: int
    top: float
    name: str


@dataclass(slots=True, eq=False)
class Element:
    """``role`` is one of ISO 32000-1, 14.8.4. ``kids`` are in reading order.

    ``scope`` is what a ``TH`` heads: ``Column`` or ``Row``; ``span`` how many columns a cell takes.
    ``alt`` says a figure in words. ``number`` is that of its object, once it has one.
    """

    role: str
    parent: Element | None
    scope: str = ""
    span: int = 1
    alt: str = ""
    kids: list[Element | Place | Area] = field(default_factory=list)
    attached: bool = False
    number: int = 0

    def attach(self) -> Element:
        """Put it at the end of what its parent holds so far, unless it is there."""
        if not self.attached:
            self.attached = True
            if self.parent is not None:
                self.parent.kids.append(self)
        return self


# What belongs to no element: heads and feet of pages, lines and backgrounds.
ARTIFACT = Element("Artifact", None)


class Tree(NamedTuple):
    """The structure tree: its objects in the order of their numbers, and the root's number.

    ``annotations`` are, by page, the numbers of the objects that list a page's annotations.
    """

    objects: list[str]
    root: int
    annotations: dict[int, int]


def write(
    root: Element,
    pages: Sequence[Sequence[Element]],
    areas: Sequence[tuple[Element, Area]],
    at: Sequence[int],
    first: int,
) -> Tree:
    """The structure tree, and the annotations that make links.

    Args:
        root: the element ``Document``.
        pages: of each page the elements by the number of their marked content.
        areas: the links in the order of their numbers, each with its element.
        at: of each page the number of its object.
        first: the number of the first object that is free.
    """
    elements = list(_walk(root))
    tree, parents, begin = first, first + 1, first + 2
    for number, element in enumerate(elements, begin):
        element.number = number
    begin += len(elements)
    numbers = {id(area): number for number, (_, area) in enumerate(areas, begin)}
    lists: dict[int, list[str]] = {}
    for _, area in areas:
        lists.setdefault(area.page, []).append(f"{numbers[id(area)]} 0 R")
    begin += len(areas)
    entries = [
        f"{n} [{' '.join([f'{one.number} 0 R' for one in page])}]" for n, page in enumerate(pages)
    ]
    entries += [f"{len(pages) + n} {one.number} 0 R" for n, (one, _) in enumerate(areas)]
    objects = [
        (
            f"<</Type /StructTreeRoot /K {root.number} 0 R /ParentTree {parents} 0 R "
            f"/ParentTreeNextKey {len(entries)}>>"
        ),
        f"<</Nums [{' '.join(entries)}]>>",
        *(_element(element, numbers, at, tree) for element in elements),
        *(_annotation(area, n, at) for n, (_, area) in enumerate(areas, len(pages))),
        *(f"[{' '.join(listed)}]" for listed in lists.values()),
    ]
    return Tree(objects, tree, dict(zip(lists, range(begin, begin + len(lists)), strict=True)))


def _walk(root: Element) -> Iterator[Element]:
    """The elements, each before what it holds. No recursion: it is as deep as it is deep."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend([kid for kid in reversed(element.kids) if isinstance(kid, Element)])


def _element(element: Element, numbers: dict[int, int], at: Sequence[int], root: int) -> str:
    parent = root if element.parent is None else element.parent.number
    text = f"<</Type /StructElem /S /{element.role} /P {parent} 0 R"
    page = -1
    for kid in element.kids:
        if isinstance(kid, Place):
            page = kid.page
            text += f" /Pg {at[page]} 0 R"
            break
    if (element.scope or element.span > 1) and element.role in _ATTRIBUTED:
        scope = f" /Scope /{element.scope}" if element.scope else ""
        span = f" /ColSpan {element.span}" if element.span > 1 else ""
        text += f" /A <</O /Table{scope}{span}>>"
    if element.alt:
        text += f" /Alt {_hexed(element.alt)}"
    if element.kids:
        text += f" /K [{' '.join([_kid(kid, page, numbers, at) for kid in element.kids])}]"
    return text + ">>"


def _kid(kid: Element | Place | Area, page: int, numbers: dict[int, int], at: Sequence[int]) -> str:
    if isinstance(kid, Element):
        return f"{kid.number} 0 R"
    if isinstance(kid, Area):
        return f"<</Type /OBJR /Pg {at[kid.page]} 0 R /Obj {numbers[id(kid)]} 0 R>>"
    if kid.page == page:
        return str(kid.number)
    return f"<</Type /MCR /Pg {at[kid.page]} 0 R /MCID {kid.number}>>"


def _annotation(area: Area, number: int, at: Sequence[int]) -> str:
    """A link (ISO 32000-1, 12.5.6.5) whose place in the parent tree has that number."""
    rect = " ".join([f"{edge:.3f}" for edge in area.corners])
    return (
        f"<</Type /Annot /Subtype /Link /Border [0 0 0] /Rect [{rect}] "
        f"/Contents {_hexed(f'Go to {area.name}')} /StructParent {number} "
        f"/Dest [{at[area.to]} 0 R /XYZ 0 {area.top:.3f} 0]>>"
    )


def _hexed(text: str) -> str:
    """A text string (ISO 32000-1, 7.9.2.2) that nothing in it can end."""
    return f"<feff{text.encode('utf-16-be', 'replace').hex()}>"
