"""The files that are embedded in a PDF, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weighbridge.seal.pdf_objects import entry, followed, require

MAX_ATTACHMENTS = 100


def attachments(reader: Any) -> Iterator[tuple[str, bytes]]:
    """Name and content of every embedded file of a pyHanko reader.

    Raises:
        HostileInput: too many, or not of the form.
    """
    from pyhanko.pdf_utils.generic import StreamObject

    names = entry(reader.root, "/Names")
    tree = entry(names, "/EmbeddedFiles")
    if tree is None:
        return
    for count, (name, spec) in enumerate(_name_tree(tree)):
        require(count < MAX_ATTACHMENTS, "it has too many attachments")
        stream = entry(entry(spec, "/EF"), "/F")
        require(isinstance(stream, StreamObject), "an attachment is no stream")
        yield str(name), bytes(stream.data)


def _name_tree(root: Any) -> Iterator[tuple[Any, Any]]:
    """The pairs of a name tree; its nodes are counted, for a node may be its own child."""
    waiting, seen = [root], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        require(seen <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        pairs = [followed(item) for item in entry(node, "/Names") or ()]
        require(len(pairs) % 2 == 0, "its attachments are not listed in pairs")
        yield from zip(pairs[::2], pairs[1::2], strict=True)
        kids = entry(node, "/Kids") or ()
        require(len(kids) <= MAX_ATTACHMENTS, "its attachments are nested too deeply")
        waiting += [followed(kid) for kid in kids]
