"""TensorFlow Lite: the model's tables against each other, its operators, what its buffers hold.

Source: ``schema.fbs`` (identifier ``TFL3``), the interpreter's checks
(``tensorflow/lite/core/interpreter_builder.cc``), and ``tensorflow/lite/tools/verifier.cc``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from weighbridge.model.errors import HostileInput
from weighbridge.weights import tflite_metadata
from weighbridge.weights.flatbuffer import Flatbuffer, Table
from weighbridge.weights.hidden_content import HEAD, Content
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source
from weighbridge.weights.tflite_graph import Calls, Codes, subgraphs
from weighbridge.weights.tflite_operators import STRING, TYPES
from weighbridge.weights.tflite_reach import whole_reach

VERSION = 3  # TFLITE_SCHEMA_VERSION
IDENTIFIER = b"TFL3"
_COMPRESSED = "COMPRESSION_METADATA"  # tensorflow/lite/micro/compression: buffers are packed
_MAX_SLACK = 16  # bytes behind the last table: alignment
_MAX_STRINGS = 1_000_000  # of one text tensor


def inspect(source: Source, log: Log) -> None:
    """Check a TensorFlow Lite model, and the zip archive of labels that may follow it.

    Raises:
        HostileInput: it is no such model, or its tables are malformed.
        BoundExceeded: it has too many of them.
    """
    buffer = Flatbuffer(source)
    model = _Model(source, buffer, log)
    try:
        model.read()
    finally:
        log.bytes_read += buffer.taken
    tflite_metadata.inspect_tail(source, model.end, log, model.content)
    _compare_end(source, buffer, model.end, log)


def _compare_end(source: Source, buffer: Flatbuffer, end: int, log: Log) -> None:
    """Bytes behind the model that are neither padding nor an archive of label files."""
    rest = source.size - end
    if not _MAX_SLACK < rest <= tflite_metadata.MAX_PADDING:
        return  # more was looked at already
    tail = source.part(end, rest).head(rest)
    if not tail.strip(b"\0") or b"PK\5\6" in tail:
        return
    reach = whole_reach(buffer)
    tail = b"" if reach is None else tail[max(reach - end, 0) :]
    if len(tail) > _MAX_SLACK and tail.strip(b"\0"):
        log.issue("trailing-data", f"{len(tail)} bytes behind the model belong to none", reach or 0)


@dataclass(slots=True)
class _Subgraph:
    tensors: int
    calls: set[int] = field(default_factory=set)


class _Model:
    def __init__(self, source: Source, buffer: Flatbuffer, log: Log) -> None:
        self.source, self.buffer, self.log = source, buffer, log
        self.content = Content(source, log)
        self.buffers: array[int] = array("q")  # start, length; -1 where there is none
        self.codes = Codes(log)
        self.external: set[int] = set()
        self.graphs: list[_Subgraph] = []
        self.compressed = False
        self.end = 0

    def read(self) -> None:
        """Everything, in the order in which one refers to the other."""
        if self.buffer.size < 8 or self.buffer.identifier() != IDENTIFIER:
            raise HostileInput("the file does not carry the identifier TFL3")
        root = self.buffer.root()
        version = root.scalar(0, 4)
        if version != VERSION:
            self.log.gap(f"no reader for TensorFlow Lite's schema version {version}")
            return
        self.codes.read(root)
        self._read_buffers(root)
        self._read_external(root)
        self._read_metadata(root)
        for table in root.tables(2):
            self._read_graph(table)
        self._read_signatures(root)
        self._compare_calls()
        self.codes.judge_options()
        self.end = max(self.end, self.buffer.reach)

    def _read_buffers(self, root: Table) -> None:
        """``Buffer``: bytes in the FlatBuffer, or behind it at an offset in the file."""
        for number, table in enumerate(root.tables(4)):
            data = table.vector(0, 1)
            start, length = (data.start, data.length) if data else (-1, -1)
            offset, size = table.scalar(1, 8), table.scalar(2, 8)
            if not length and data:
                start = length = -1
            if start < 0 and offset > 1 and size > 1:  # what the interpreter asks
                if offset + size > self.source.size:
                    self.log.issue(
                        "range-outside", f"buffer {number} is not inside the file", table.at
                    )
                else:
                    start, length = offset, size
                    self.end = max(self.end, offset + size)
            self.buffers.extend((start, length))
            if length >= 0:
                self._look(start, length, f"buffer {number}")

    def _look(self, start: int, length: int, what: str) -> None:
        head = self.buffer.raw(start, min(length, HEAD))
        self.content.glance(head, start, length, what)

    def _count(self) -> int:
        return len(self.buffers) // 2

    def _read_metadata(self, root: Table) -> None:
        for number in root.values(5, 4, signed=True):
            self._check(number, self._count(), "the metadata", "buffer", root.at)
        for table in root.tables(6):
            name, number = table.text(0), table.scalar(1, 4)
            self.compressed = self.compressed or name == _COMPRESSED
            self._check(number, self._count(), f"the metadata {name[:80]!r}", "buffer", table.at)

    def _check(self, number: int, count: int, who: str, what: str, at: int) -> bool:
        """Whether a number names something that there is."""
        if 0 <= number < count:
            return True
        self.log.issue("bad-index", f"{who} names {what} {number} of {count}", at)
        return False

    def _read_graph(self, table: Table) -> None:
        graph = _Subgraph(table.count(0))
        title = f"subgraph {len(self.graphs)}"
        self.graphs.append(graph)
        for tensor in table.tables(0):
            self._read_tensor(tensor)
        for slot, what in ((1, "input"), (2, "output")):
            for number in table.values(slot, 4, signed=True):
                if number != -1:  # kTfLiteOptionalTensor, as for an operator's inputs
                    self._check(number, graph.tensors, f"an {what} of {title}", "tensor", table.at)
        for operator in table.tables(3):
            self._read_operator(operator, graph, title)

    def _read_tensor(self, table: Table) -> None:
        shape = table.values(0, 4, signed=True)
        kind, number = table.scalar(1, 1), table.scalar(2, 4)
        external = table.scalar(10, 4)
        if external and external not in self.external:
            self.log.issue("bad-index", f"external buffer {external} does not exist", table.at)
        known = self._check(number, self._count(), "a tensor", "buffer", table.at)
        label, bits = TYPES.get(kind, ("", 0))
        if not label:
            self.log.issue("unknown-type", f"a tensor has the unknown type {kind}", table.at)
            self.log.gap(f"no reader for tensors of type {kind}")
            return
        if not known or self.buffers[2 * number + 1] < 0:
            return  # no constant: its bytes come when the model runs
        if any(side < 0 for side in shape):
            self.log.issue("bad-shape", "a constant tensor has a negative side", table.at)
            return
        count = _product(shape)
        self.log.tensor(label, count)
        if kind == STRING:
            self._check_strings(number, table.at)
        elif bits and not table.has(6) and not self.compressed:
            needed, has = -(-count * bits // 8), self.buffers[2 * number + 1]
            if needed != has:
                self.log.issue(
                    "size-mismatch",
                    f"a tensor needs {needed} bytes by type and shape, and buffer {number} "
                    f"has {has}",
                    table.at,
                )

    def _check_strings(self, number: int, at: int) -> None:
        """Text: their number, the offset of each and of the end, then the bytes
        (``tensorflow/lite/string_util.h``)."""
        start, length = self.buffers[2 * number], self.buffers[2 * number + 1]
        part = self.source.part(start, length)
        count = int.from_bytes(part.head(4), "little")
        header = 4 * (count + 2)
        if length < 8 or header > length:
            self.log.issue("bad-strings", f"buffer {number} has no room for its texts", at)
            return
        if count > _MAX_STRINGS:
            self.log.gap(f"a text tensor holds more than {_MAX_STRINGS} texts")
            return
        offsets = array("I")
        offsets.frombytes(part.part(4, header - 4).head(header - 4))
        self.log.bytes_read += header
        if offsets[0] != header or offsets[-1] > length or list(offsets) != sorted(offsets):
            self.log.issue("bad-strings", f"texts of buffer {number} are not inside it", at)

    def _read_external(self, root: Table) -> None:
        """Tensors in other files: ``ExternalBuffer`` names its group, the group the file."""
        names = [group.text(0) for group in root.tables(8)]
        for entry in root.tables(9):
            self.external.add(entry.scalar(0, 4))
            number = entry.scalar(1, 4)
            if self._check(number, len(names), "an external buffer", "group", entry.at):
                tflite_metadata.judge_external(names[number], entry.at, self.log)

    def _read_operator(self, table: Table, graph: _Subgraph, title: str) -> None:
        code = table.scalar(0, 4)
        known = self._check(code, len(self.codes.all), f"an operator of {title}", "code", table.at)
        inputs, outputs = table.values(1, 4, signed=True), table.values(2, 4, signed=True)
        state = table.values(8, 4, signed=True)
        for numbers, what, least in (
            (inputs, "input", -1),
            (outputs, "output", 0),
            (state, "state", -1),
        ):
            if numbers and (min(numbers) < least or max(numbers) >= graph.tensors):
                who = f"an operator's {what} in {title}"
                wrong = next(n for n in numbers if not least <= n < graph.tensors)
                self._check(wrong, graph.tensors, who, "tensor", table.at)
        graph.calls.update(subgraphs(table))
        if known and isinstance(self.codes.all[code], str):
            self._read_custom(table, str(self.codes.all[code]))
        elif not set(inputs).isdisjoint(outputs):
            self.log.issue("cycle", f"an operator of {title} takes what it gives", table.at)

    def _read_custom(self, table: Table, name: str) -> None:
        options = table.vector(5, 1)
        start, length = (options.start, options.length) if options else (0, 0)
        offset, size = table.scalar(9, 8), table.scalar(10, 8)
        if not length and offset > 1 and size > 1:
            if offset + size > self.source.size:
                self.log.issue("range-outside", "an operator's options are not inside", table.at)
                return
            start, length = offset, size
            self.end = max(self.end, offset + size)
        if not length:
            return
        self._look(start, length, f"the options of {name[:80]!r}")
        self.codes.options(name, self.source.part(start, length))

    def _read_signatures(self, root: Table) -> None:
        for table in root.tables(7):
            key, number = table.text(2), table.scalar(4, 4)
            who = f"the signature {key[:80]!r}"
            if not self._check(number, len(self.graphs), who, "subgraph", table.at):
                continue
            for slot in (0, 1):
                for entry in table.tables(slot):
                    count = self.graphs[number].tensors
                    self._check(entry.scalar(1, 4), count, who, "tensor", entry.at)

    def _compare_calls(self) -> None:
        for number, graph in enumerate(self.graphs):
            for target in sorted(graph.calls):
                who = f"an operator of subgraph {number}"
                self._check(target, len(self.graphs), who, "subgraph", -1)
        cycle = Calls([sorted(graph.calls) for graph in self.graphs]).cycle()
        if cycle >= 0:
            self.log.issue("cycle", f"subgraph {cycle} runs itself")


def _product(shape: Iterable[int]) -> int:
    count = 1
    for side in shape:
        count = min(count * side, 2**53)
    return count
