"""Shared messages: a header that only says where its datatype or attribute stands
(section IV.A.2.p)."""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.hdf5.file import Fields, File
from weighbridge.weights.hdf5.fractal import FractalHeap
from weighbridge.weights.hdf5.headers import Message, read_header
from weighbridge.weights.log import Log

_IN_HEAP, _COMMITTED = 1, 2
_MAX_INDEXES = 8  # by the library


class Shared:
    """Finds what messages stand for."""

    def __init__(self, file: File, log: Log) -> None:
        self._file, self._log = file, log
        self._heaps: list[tuple[int, FractalHeap]] = []  # bits of message kinds, and their heap

    def read_table(self, message: Message) -> None:
        """Take over the superblock extension's table of shared messages.

        Raises:
            HostileInput: it is malformed.
        """
        file = self._file
        fields = Fields(message.body, file.offsets, file.lengths, message.address)
        fields.version("the table of shared messages", 0)
        address, count = fields.location(), fields.byte()
        if count > _MAX_INDEXES:
            raise HostileInput(f"{count} indexes of shared messages")
        table = file.block(address, b"SMTB", 4 + count * (14 + 2 * file.offsets))
        for _ in range(count):
            table.skip(2)
            kinds = table.number(2)
            table.skip(10 + file.offsets)
            heap = table.location()
            if heap >= 0:
                self._heaps.append((kinds, FractalHeap(file, heap)))

    def fields(self, message: Message) -> Fields:
        """What a message says, wherever it stands.

        Raises:
            HostileInput: it is nowhere.
        """
        file = self._file
        fields = Fields(message.body, file.offsets, file.lengths, message.address)
        return self.resolve(fields, message.kind) if message.shared else fields

    def resolve(self, fields: Fields, kind: int) -> Fields:
        """What ``fields``, a reference to a shared message of ``kind``, refers to."""
        version, place = fields.version("the shared message", 1, 2, 3), fields.byte()
        if version == 3 and place == _IN_HEAP:
            identity = fields.take(8)
            for kinds, heap in self._heaps:
                if kinds >> kind & 1:
                    body, address = heap.get(identity)
                    return fields.within(body, address)
            raise HostileInput("a shared message of a kind that the file has no heap for")
        if version == 3 and place != _COMMITTED:
            raise HostileInput("a shared message of an unknown type")
        if version == 1:
            fields.skip(6 + fields.lengths)
        address = fields.location()
        for message in read_header(self._file, address, self._log).messages:
            if message.kind == kind and not message.shared:
                return fields.within(message.body, message.address)
        raise HostileInput(f"a shared message is not at address {address}")
