"""The structure of the document for readers that do not see it (ISO 32000-1, 14.7 and 14.8).

An :class:`Element` is a heading, a paragraph, a table with its rows and cells, a figure or a link.
Where its text stands on the pages is filled in when these are drawn; :func:`write` then makes the
structure tree of it. Nothing here claims PDF/UA: no validator of it was run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_ATTRIBUTED = frozenset({"TH", "TD"})


@dataclass(frozen=True, slots=True)
class Place:
    """Marked content of an element: its number on a page, counted from 0 as the page is."""

    page: int
    number: int


@dataclass(frozen=True, slots=True)
class Area:
    """The annotation that makes a link of an element: the name of its object, and its page."""

    page: int
    name: str


@dataclass(slots=True, eq=False)
class Element:
    """``role`` is one of ISO 32000-1, 14.8.4. ``kids`` are in reading order.

    ``scope`` is what a ``TH`` heads: ``Column`` or ``Row``; ``span`` how many columns a cell takes.
    ``alt`` says a figure in words.
    """

    role: str
    parent: Element | None
    scope: str = ""
    span: int = 1
    alt: str = ""
    kids: list[Element | Place | Area] = field(default_factory=list)
    attached: bool = False

    def attach(self) -> Element:
        """Put it at the end of what its parent holds so far, unless it is there."""
        if not self.attached:
            self.attached = True
            if self.parent is not None:
                self.parent.kids.append(self)
        return self


# What belongs to no element: heads and feet of pages, lines and backgrounds.
ARTIFACT = Element("Artifact", None)


def write(
    root: Element, pages: Sequence[Sequence[Element]], areas: Sequence[Element], document: Any
) -> int:
    """Add the structure tree to reportlab's document; gives the number of its root object.

    Args:
        root: the element ``Document``.
        pages: of each page the elements by the number of their marked content.
        areas: the element of each annotation that is a link, in the order of their numbers.
        document: a ``PDFDocument`` whose pages are complete.
    """
    elements = list(_walk(root))
    tree = _number(document, "structure")
    numbers = {
        id(one): _number(document, f"structure-{position}") for position, one in enumerate(elements)
    }
    parents = _number(document, "structure-parents")
    at = [document.idToObjectNumberAndVersion[f"Page{n + 1}"][0] for n in range(len(pages))]
    for position, element in enumerate(elements):
        _set(document, f"structure-{position}", _element(element, numbers, at, document, tree))
    entries = [
        f"{n} [{' '.join(f'{numbers[id(one)]} 0 R' for one in page)}]"
        for n, page in enumerate(pages)
    ]
    entries += [f"{len(pages) + n} {numbers[id(one)]} 0 R" for n, one in enumerate(areas)]
    _set(document, "structure-parents", f"<</Nums [{' '.join(entries)}]>>")
    _set(document, "structure", (
        f"<</Type /StructTreeRoot /K {numbers[id(root)]} 0 R /ParentTree {parents} 0 R "
        f"/ParentTreeNextKey {len(entries)}>>"
    ))  # fmt: skip
    return tree


def _number(document: Any, name: str) -> int:
    """The number of a new object of the file, whose text follows."""
    document.Reference(b"", name)
    number: int = document.idToObjectNumberAndVersion[name][0]
    return number


def _set(document: Any, name: str, text: str) -> None:
    document.idToObject[name] = text.encode("ascii")


def _walk(root: Element) -> Iterator[Element]:
    """The elements, each before what it holds. No recursion: it is as deep as it is deep."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(kid for kid in reversed(element.kids) if isinstance(kid, Element))


def _element(
    element: Element, numbers: dict[int, int], at: Sequence[int], document: Any, root: int
) -> str:
    parent = numbers[id(element.parent)] if element.parent is not None else root
    page = next((kid.page for kid in element.kids if isinstance(kid, Place)), None)
    parts = [f"<</Type /StructElem /S /{element.role} /P {parent} 0 R"]
    if page is not None:
        parts.append(f" /Pg {at[page]} 0 R")
    if element.role in _ATTRIBUTED and (element.scope or element.span > 1):
        scope = f" /Scope /{element.scope}" if element.scope else ""
        span = f" /ColSpan {element.span}" if element.span > 1 else ""
        parts.append(f" /A <</O /Table{scope}{span}>>")
    if element.alt:
        hexed = element.alt.encode("utf-16-be", "replace").hex()
        parts.append(f" /Alt <feff{hexed}>")
    if element.kids:
        kids = " ".join(_kid(kid, page, numbers, at, document) for kid in element.kids)
        parts.append(f" /K [{kids}]")
    return "".join(parts) + ">>"


def _kid(
    kid: Element | Place | Area,
    page: int | None,
    numbers: dict[int, int],
    at: Sequence[int],
    document: Any,
) -> str:
    if isinstance(kid, Element):
        return f"{numbers[id(kid)]} 0 R"
    if isinstance(kid, Area):
        annotation = document.idToObjectNumberAndVersion[kid.name][0]
        return f"<</Type /OBJR /Pg {at[kid.page]} 0 R /Obj {annotation} 0 R>>"
    if kid.page == page:
        return str(kid.number)
    return f"<</Type /MCR /Pg {at[kid.page]} 0 R /MCID {kid.number}>>"
