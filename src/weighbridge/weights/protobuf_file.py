"""One file of protobuf messages while it is read: its bytes, its bounds, and what it names."""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.weights import protobuf
from weighbridge.weights.hidden_content import Content
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import LEN, Budget, Field, Quiet, Wire
from weighbridge.weights.source import Source

MAX_FIELDS = 1_200_000  # of one file; an ONNX model of 100,000 nodes has about 1,000,000
_HEAD = 200  # bytes: the names that a pickle of protocol 0 starts with may be long
MAX_LINKS = 1000  # different names of other files that are listed


class ProtobufFile:
    """What the readers of one file share."""

    def __init__(self, source: Source, log: Log) -> None:
        self.wire, self.budget, self.log = Wire(source), Budget(MAX_FIELDS), log
        self._content = Content(source, log)
        self._links: dict[str, int] = {}

    def fields(self, place: Field, depth: int, quiet: Quiet | None = None) -> Iterator[Field]:
        """The fields of a message that stands inside ``depth`` others."""
        return protobuf.fields(
            self.wire, place.start, place.end, self.budget, depth=depth, quiet=quiet
        )

    def parts(self, place: Field, depth: int, *numbers: int) -> Iterator[Field]:
        """The messages, texts and bytes of those numbers in a message."""
        for found in self.fields(place, depth):
            if found.wire == LEN and found.number in numbers:
                yield found

    def text(self, place: Field, most: int) -> str:
        """A string, or the first ``most`` bytes of it."""
        return protobuf.text(self.wire, place, most)

    def glance(self, place: Field, what: str) -> None:
        """Look at a payload's first bytes: a program, an archive or a pickle has no place there."""
        if place.length:
            head = self.wire.read(place.start, min(place.length, _HEAD))
            self._content.glance(head, place.start, place.length, what)

    def link(self, what: str) -> None:
        """Count a harmless name of another file."""
        if what in self._links or len(self._links) < MAX_LINKS:
            self._links[what] = self._links.get(what, 0) + 1

    def finish(self) -> None:
        """Write down how much was read, and the files that were named."""
        self.log.bytes_read += self.wire.taken
        for what, times in self._links.items():
            self.log.allow(what, times)
