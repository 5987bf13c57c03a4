"""One dataset: its shape, where its bytes lie, what it is filtered by, and what else it reads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.hdf5 import headers, layouts, pipeline
from weighbridge.weights.hdf5.attributes import sequences
from weighbridge.weights.hdf5.chunks import chunks
from weighbridge.weights.hdf5.contents import Contents
from weighbridge.weights.hdf5.datatypes import (
    INTEGER,
    OPAQUE,
    STRING,
    VLEN,
    Dataspace,
    Datatype,
    read_dataspace,
    read_datatype,
)
from weighbridge.weights.hdf5.extents import Extents
from weighbridge.weights.hdf5.file import MAX_BLOCK, UNDEFINED
from weighbridge.weights.hdf5.headers import Header, Message
from weighbridge.weights.hdf5.layouts import Filter, Layout
from weighbridge.weights.hdf5.scan import scan
from weighbridge.weights.hdf5.shared import Shared
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import BOMB_FLOOR
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.source import MAX_RATIO

_NEEDED = (headers.DATASPACE, headers.DATATYPE)
_HEAD = 200


@dataclass(frozen=True, slots=True)
class _Dataset:
    path: str
    place: int  # the object header's address
    kind: Datatype
    space: Dataspace
    layout: Layout
    filters: tuple[Filter, ...]
    external: bool


class Datasets:
    """Looks at the datasets of one file. ``pytables`` says that PyTables wrote the file."""

    def __init__(self, contents: Contents, shared: Shared, extents: Extents) -> None:
        self.file, self.log = contents.file, contents.log
        self.contents, self.shared, self.extents = contents, shared, extents
        self.pytables = False
        self.becomes = 0  # bytes in memory of what is packed, or only announced

    def look(self, path: str, place: int, header: Header, *, pickled: bool) -> None:
        """Look at one dataset; ``pickled``: a loader unpickles its elements.

        Raises:
            HostileInput: it is malformed.
        """
        parts = {message.kind: message for message in header.messages}
        if any(kind not in parts for kind in _NEEDED):
            raise HostileInput("a dataset without a shape or a type")
        fields = self.shared.fields
        space = read_dataspace(fields(parts[headers.DATASPACE]))
        kind = read_datatype(fields(parts[headers.DATATYPE]), self.file)
        self.log.tensor(kind.name, space.count)
        filters: tuple[Filter, ...] = ()
        if headers.PIPELINE in parts:
            filters = layouts.read_filters(fields(parts[headers.PIPELINE]))
        for message in header.messages:
            if message.kind == headers.EXTERNAL_FILES:
                self._external(path, message)
        layout = layouts.read_layout(fields(parts[headers.LAYOUT]))
        external = headers.EXTERNAL_FILES in parts
        dataset = _Dataset(path, place, kind, space, layout, filters, external)
        pipeline.report(filters, path, self.file.base + place, self.log, known=self.pytables)
        self._data(dataset, pickled=pickled)

    def _external(self, path: str, message: Message) -> None:
        for name in layouts.external_files(self.shared.fields(message), self.file):
            self._reads(name, f"external data of {path}", message.address, "ExternalDataFiles")

    def _reads(self, name: bytes, what: str, address: int, opcode: str) -> None:
        shown = name.decode("utf-8", "replace")
        self.log.operation(
            Verdict.DANGEROUS,
            "read",
            shown,
            f"{what} -> {shown}",
            "takes another file's content for part of this one",
            self.file.base + address,
            opcode,
        )

    def _data(self, found: _Dataset, *, pickled: bool) -> None:
        layout = found.layout
        if layout.kind == layouts.VIRTUAL:
            self._virtual(found)
        elif layout.kind == layouts.CHUNKED:
            self._chunked(found, pickled=pickled)
        elif not found.external:
            self._plain(found, pickled=pickled)

    def _plain(self, found: _Dataset, *, pickled: bool) -> None:
        """Compact or contiguous."""
        needed = found.kind.size * found.space.count
        layout = found.layout
        if layout.address == UNDEFINED and layout.kind == layouts.CONTIGUOUS:
            self._grow(found)
            return  # never written: every element is the fill value
        start = layout.data_address if layout.kind == layouts.COMPACT else layout.address
        size = layout.size if layout.size >= 0 else needed
        if size != needed:
            self.log.issue(
                "size-mismatch",
                f"{found.path} needs {needed} bytes by type and shape, and {size} are stored",
                self.file.base + found.place,
            )
        if layout.kind == layouts.CONTIGUOUS and not self._placed(found, start, size):
            return
        self._elements(found, [(start, size)], pickled=pickled)

    def _placed(self, found: _Dataset, start: int, size: int) -> bool:
        """Remember an extent of raw data; whether it lies inside the file."""
        if not self.file.sure(start, size):
            self.log.issue(
                "range-outside",
                f"{size} bytes of {found.path} at {start} are not inside the file",
                self.file.base + found.place,
            )
            return False
        self.extents.add(start, size)
        return True

    def _grow(self, found: _Dataset) -> None:
        """Count what a dataset becomes in memory, of which the file holds less or nothing.

        A shape alone has a loader ask for as much (CVE-2026-0897: Keras read such weights), and
        zeros that a filter packed do the same.
        """
        self.becomes += found.kind.size * found.space.count
        most = max(BOMB_FLOOR, MAX_RATIO * self.file.source.size)
        if self.becomes > most and not self.log.has_issue("decompression-bomb"):
            self.log.issue(
                "decompression-bomb",
                f"the datasets up to {found.path} become {self.becomes} bytes in memory, and the "
                f"file has {self.file.source.size}",
                self.file.base + found.place,
            )

    def _chunked(self, found: _Dataset, *, pickled: bool) -> None:
        self._grow(found)
        layout, space = found.layout, found.space
        *sides, item = layout.chunk or (0,)
        if item != found.kind.size or len(sides) != len(space.sides) or 0 in sides:
            self.log.issue(
                "size-mismatch",
                f"the chunks of {found.path} do not fit its type and shape",
                self.file.base + found.place,
            )
        whole = math.prod(layout.chunk)
        read = pickled or _byte_lists(found.kind)
        for start, size, mask in chunks(self.file, layout, space.sides):
            if not found.filters and size != whole and layout.index != layouts.IMPLICIT:
                self.log.issue(
                    "size-mismatch",
                    f"a chunk of {found.path} has {size} bytes instead of {whole}",
                    self.file.base + start,
                )
            if self._placed(found, start, size) and read:
                self._chunk(found, (start, size, mask), whole, pickled=pickled)

    def _chunk(
        self, found: _Dataset, chunk: tuple[int, int, int], whole: int, *, pickled: bool
    ) -> None:
        """Undo a chunk's filters to see what its elements refer to."""
        start, size, mask = chunk
        if max(size, whole) > MAX_BLOCK:
            if pickled:
                raise BoundExceeded(
                    f"a chunk of pickled objects of {found.path}", MAX_BLOCK, "bytes"
                )
            return
        raw = self.file.read(start, size)
        data = pipeline.undo(raw, found.filters, mask, whole)
        if data is None:
            if pickled:
                scan(self.contents, found.path)
            return
        self._sequences(found, data, pickled=pickled)

    def _elements(self, found: _Dataset, extents: list[tuple[int, int]], *, pickled: bool) -> None:
        """Elements that are bytes: a pickle may be stored as one."""
        for start, size in extents:
            if found.kind.kind == VLEN and (pickled or _byte_lists(found.kind)):
                if found.space.count and size:
                    self._sequences(found, self.file.read(start, size), pickled=pickled)
            elif _bytes(found.kind) and size > 2:
                width = size if found.kind.size == 1 else found.kind.size
                self._try(found, start, min(width, size), pickled=pickled)

    def _sequences(self, found: _Dataset, data: bytes, *, pickled: bool) -> None:
        data = data[: len(data) - len(data) % (8 + self.file.offsets)]
        for start, size in sequences(self.file, self.contents.heaps, data):
            self._try(found, start, size, pickled=pickled)

    def _try(self, found: _Dataset, start: int, size: int, *, pickled: bool) -> None:
        if not self.file.sure(start, size):
            raise HostileInput(f"an element of {found.path} is not inside the file")
        if pickled or looks_nested(self.file.read(start, min(size, _HEAD))):
            part = self.file.source.part(self.file.base + start, size)
            self.contents.pickle(found.path, part, certain=pickled)

    def _virtual(self, found: _Dataset) -> None:
        for name, dataset in self._sources(found):
            if name != b".":
                shown = dataset.decode("utf-8", "replace")
                self._reads(
                    name, f"virtual dataset {found.path}, {shown} of", found.place, "VirtualDataset"
                )

    def _sources(self, found: _Dataset) -> Iterator[tuple[bytes, bytes]]:
        if found.layout.address == UNDEFINED:
            return
        start, size = self.contents.heaps.place(found.layout.address, found.layout.heap_index)
        yield from layouts.virtual_sources(self.file.fields(start, size))


def _byte_lists(kind: Datatype) -> bool:
    """Whether elements are sequences of bytes, and no text."""
    return kind.kind == VLEN and not kind.text and kind.base is not None and _bytes(kind.base)


def _bytes(kind: Datatype) -> bool:
    """Whether elements of a type may hold a pickle as they are."""
    return kind.kind in (OPAQUE, STRING) or (kind.kind == INTEGER and kind.size == 1)
