"""The files that are embedded in a PDF, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weighbridge.model.errors import HostileInput

MAX_ATTACHMENTS = 100


def attachments(reader: Any) -> Iterator[tuple[str, bytes]]:
    """Name and content of every embedded file of a pyHanko reader.

    Raises:
        HostileInput: too many, or not of the form.
    """
    from pyhanko.pdf_utils.generic import StreamObject

    names = _entry(reader.root, "/Names")
    tree = _entry(names, "/EmbeddedFiles")
    if tree is None:
        return
    for count, (name, spec) in enumerate(_name_tree(tree)):
        _require(count < MAX_ATTACHMENTS, "it has too many attachments")
        stream = _entry(_entry(spec, "/EF"), "/F")
        _require(isinstance(stream, StreamObject), "an attachment is no stream")
        yield str(name), bytes(stream.data)


def _name_tree(root: Any) -> Iterator[tuple[Any, Any]]:
    """The pairs of a name tree; its nodes are counted, for a node may be its own child."""
    waiting, seen = [root], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        _require(seen <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        pairs = [_direct(item) for item in _entry(node, "/Names") or ()]
        _require(len(pairs) % 2 == 0, "its attachments are not listed in pairs")
        yield from zip(pairs[::2], pairs[1::2], strict=True)
        kids = _entry(node, "/Kids") or ()
        _require(len(kids) <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        waiting += [_direct(kid) for kid in kids]


def _entry(dictionary: Any, key: str) -> Any:
    """A dictionary's entry, references followed; None where there is no such entry."""
    if dictionary is None or key not in dictionary:
        return None
    return _direct(dictionary[key])


def _direct(value: Any) -> Any:
    from pyhanko.pdf_utils.generic import IndirectObject

    if isinstance(value, IndirectObject):
        return value.get_object()  # type: ignore[no-untyped-call]
    return value


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise HostileInput(problem)
