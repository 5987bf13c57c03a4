"""The walk over an HDF5 file: from the superblock through every group, each object once."""

from __future__ import annotations

from weighbridge.weights.hdf5 import headers, links, superblock
from weighbridge.weights.hdf5.attributes import attributes
from weighbridge.weights.hdf5.contents import Contents
from weighbridge.weights.hdf5.damage import going_on
from weighbridge.weights.hdf5.datasets import Datasets
from weighbridge.weights.hdf5.extents import Extents
from weighbridge.weights.hdf5.file import UNDEFINED, Fields, File
from weighbridge.weights.hdf5.headers import Header, Message, read_header
from weighbridge.weights.hdf5.heaps import GlobalHeaps
from weighbridge.weights.hdf5.links import Link
from weighbridge.weights.hdf5.shared import Shared
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

_OBJECT_COST = 14  # steps
_LONGEST_PATH = 200  # characters; of longer ones the end is shown


def inspect(source: Source, log: Log) -> None:
    """Check an HDF5 file, and what its attributes hold for Keras and PyTables.

    Raises:
        HostileInput: there is no superblock that can be read.
    """
    base = superblock.find(source)
    if base:
        superblock.inspect_user_block(source, base, log)
    file = File(source, base)
    try:
        _Walk(file, log).run()
    finally:
        log.bytes_read += file.taken


class _Walk:
    def __init__(self, file: File, log: Log) -> None:
        self.file, self.log = file, log
        self.shared, self.extents = Shared(file, log), Extents()
        self.contents = Contents(file, GlobalHeaps(file), log)
        self.datasets = Datasets(self.contents, self.shared, self.extents)
        self.seen: set[int] = set()
        self.tables: set[tuple[int, int]] = set()
        self.waiting: list[tuple[str, int]] = []
        self.cached: list[tuple[str, int, int]] = []  # symbol tables that others remember

    def run(self) -> None:
        """Everything that can be reached. A damaged object does not hide the others."""
        found = superblock.read(self.file, self.log)
        self.waiting.append(("/", found.root))
        try:
            if found.extension != UNDEFINED:
                with going_on(self.log, "the superblock extension"):
                    self._extension(found.extension)
            if found.tables:
                self.cached.append(("/", *found.tables))
            while (self.waiting or self.cached) and not self.file.exhausted:
                if self.waiting:
                    path, address = self.waiting.pop()
                    with going_on(self.log, path):
                        self._object(path, address)
                else:
                    path, tree, heap = self.cached.pop()
                    with going_on(self.log, path):
                        self._table(path, tree, heap)
        finally:
            self.extents.report(self.file.base, self.log)

    def _extension(self, address: int) -> None:
        """What the superblock has no room for."""
        for message in read_header(self.file, address, self.log).messages:
            if message.kind == headers.SHARED_TABLE:
                self.shared.read_table(message)
            elif message.kind == headers.DRIVER_INFO:
                self.log.gap(
                    "a driver information block: the data lies in more files than this one"
                )
            elif message.kind == headers.CACHE_IMAGE:
                fields = self._fields(message)
                fields.version("the metadata cache image", 0)
                if fields.location() != UNDEFINED:
                    self.log.gap("a metadata cache image, which stands for other metadata")

    def _fields(self, message: Message) -> Fields:
        return Fields(message.body, self.file.offsets, self.file.lengths, message.address)

    def _object(self, path: str, address: int) -> None:
        if address in self.seen:
            return
        self.seen.add(address)
        self.file.spend(_OBJECT_COST)
        header = read_header(self.file, address, self.log)
        for block in header.blocks:
            self.extents.add(*block)
        kinds = {message.kind for message in header.messages}
        for kind in sorted(kinds - headers.KNOWN):
            self.log.gap(f"{path}: no reader for header messages of type {kind}")
        self._links(path, header)
        kept: dict[bytes, bytes] = {}
        with going_on(self.log, path):
            found = attributes(self.file, header, self.shared, self.log)
            self.contents.attributes(path, found, kept)
        if path == "/" and b"PYTABLES_FORMAT_VERSION" in kept:
            self.datasets.pytables = True
        if headers.LAYOUT in kinds:
            pickled = kept.get(b"PSEUDOATOM") == b"object"
            self.datasets.look(path, address, header, pickled=pickled)

    def _links(self, path: str, header: Header) -> None:
        for message in header.messages:
            with going_on(self.log, path):
                if message.kind == headers.LINK:
                    self._link(path, links.read_link(self._fields(message)))
                elif message.kind == headers.LINK_INFO:
                    for link in links.dense_links(self.file, self._fields(message), self.log):
                        self._link(path, link)
                elif message.kind == headers.SYMBOL_TABLE:
                    fields = self._fields(message)
                    self._table(path, fields.location(), fields.location())

    def _table(self, path: str, tree: int, heap: int) -> None:
        if (tree, heap) in self.tables:
            return
        self.tables.add((tree, heap))
        for link in links.table_links(self.file, tree, heap, self.log):
            self._link(path, link)
            if link.tables and link.tables not in self.tables:
                self.cached.append((path, *link.tables))

    def _link(self, path: str, link: Link) -> None:
        self.file.spend()
        name = link.name.decode("utf-8", "replace")
        whole = f"{'' if path == '/' else path}/{name}"
        if len(whole) > _LONGEST_PATH:
            whole = "..." + whole[-_LONGEST_PATH // 2 :]
        if not name or "/" in name or "\0" in name:
            self.log.issue("odd-name", f"{whole} is no name for a link", self._offset(link))
        if link.kind == links.HARD:
            if link.address not in self.seen:
                self.waiting.append((whole, link.address))
        elif link.kind == links.EXTERNAL:
            file, target = (
                link.file.decode("utf-8", "replace"),
                link.target.decode("utf-8", "replace"),
            )
            self.log.operation(
                Verdict.DANGEROUS,
                "link",
                file,
                f"external link {whole} -> {file}:{target}",
                "opens another file in place of a part of this one",
                self._offset(link),
                "ExternalLink",
            )
        elif link.kind != links.SOFT:
            self.log.operation(
                Verdict.UNLISTED_CALL,
                "link",
                f"hdf5.link.{link.kind}",
                f"user-defined link {whole} of type {link.kind}: {link.target[:80]!r}",
                "runs the code that an application registered for links of its type",
                self._offset(link),
                "UserDefinedLink",
            )

    def _offset(self, link: Link) -> int:
        return self.file.base + link.place if link.place != UNDEFINED else -1
