"""ExecuTorch programs (``.pte``): the program's tables, its segments, operators and delegates.

Source: ``schema/program.fbs`` (identifiers ``ET12`` and the like, extended header ``eh00``) and
``schema/extended_header.cpp`` of ExecuTorch 1.5. What follows the tables are segments: constants
and delegates' blobs, at offsets from the base that the extended header names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from weighbridge.model.errors import HostileInput
from weighbridge.weights.executorch_data import (
    BACKENDS,
    NAMESPACES,
    NATIVE_BACKENDS,
    SCALAR_TYPES,
)
from weighbridge.weights.flatbuffer import Flatbuffer, Table
from weighbridge.weights.hidden_content import HEAD, Content
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source

_IDENTIFIER = re.compile(rb"ET\d\d\Z")
_READ = b"ET12"
_MAGIC = b"eh00"
_AT = 8  # where the extended header stands
_LEAST_HEADER = 24  # bytes, with the magic and its own length
_TENSOR, _INLINE, _SEGMENT = 5, 0, 1  # KernelTypes, DataLocation
_KERNEL_CALL, _DELEGATE_CALL = 1, 2  # InstructionArguments
_MAX_HOLE = 65_536  # bytes that aligning segments to pages may leave between them


def inspect(source: Source, log: Log) -> None:
    """Check an ExecuTorch program.

    Raises:
        HostileInput: it is no such program, or its tables are malformed.
        BoundExceeded: it has too many of them.
    """
    header = _read_header(source, log)
    buffer = Flatbuffer(source, header.program_size)
    program = _Program(source, buffer, header, log)
    try:
        program.read()
    finally:
        log.bytes_read += buffer.taken


@dataclass(frozen=True, slots=True)
class _Header:
    program_size: int
    base: int  # where segments start, 0 where there are none
    data_size: int  # of all segments, 0 where the header does not say


def _read_header(source: Source, log: Log) -> _Header:
    head = source.head(_AT + 32)
    log.bytes_read += len(head)
    identifier = head[4:8]
    if _IDENTIFIER.match(identifier) is None:
        raise HostileInput("the file does not carry an identifier of ExecuTorch")
    if identifier != _READ:
        log.gap(f"no reader for ExecuTorch's schema {identifier.decode()}")
    if head[_AT : _AT + 4] != _MAGIC:
        return _Header(source.size, 0, 0)
    raw = head[_AT:]
    length = int.from_bytes(raw[4:8], "little")
    if length < _LEAST_HEADER or len(raw) < _LEAST_HEADER:
        raise HostileInput(f"the extended header claims {length} bytes")
    size, base = (int.from_bytes(raw[at : at + 8], "little") for at in (8, 16))
    data = int.from_bytes(raw[24:32], "little") if length >= 32 else 0
    if size > source.size or base > source.size or (base and base < size):
        raise HostileInput("the extended header names places outside the file")
    if base and base + data > source.size:
        log.issue("range-outside", "the segments reach past the file's end", _AT)
    return _Header(size, base, data)


class _Program:
    def __init__(self, source: Source, buffer: Flatbuffer, header: _Header, log: Log) -> None:
        self.source, self.buffer, self.header, self.log = source, buffer, header, log
        self.content = Content(source, log)
        self.segments: list[tuple[int, int]] = []
        self.constants: list[int] = []  # length of each, -1 where only its start is known
        self.inline = 0

    def read(self) -> None:
        """Everything, in the order in which one refers to the other."""
        root = self.buffer.root()
        version = root.scalar(0, 4)
        if version:
            self.log.gap(f"no reader for version {version} of ExecuTorch's schema")
        self._read_segments(root)
        self._read_constants(root)
        for table in root.tables(3):
            self.inline += 1
            self._blob(table, "a delegate's data")
        for table in root.tables(6):
            self._segment(table.scalar(0, 4), "mutable data", table.at)
        for table in root.tables(7):
            name = table.text(0)
            self._segment(table.scalar(1, 4), f"the data {name[:80]!r}", table.at)
        plans = 0
        for plan in root.tables(1):
            plans += 1
            self._read_plan(plan)
        if not plans:
            self.log.issue("no-method", "the program has no method")

    def _read_segments(self, root: Table) -> None:
        """``DataSegment``: they follow each other, aligned, and end with the file."""
        at = self.header.base
        for number, table in enumerate(root.tables(4)):
            offset, size = table.scalar(0, 8), table.scalar(1, 8)
            start = self.header.base + offset
            self.segments.append((start, size))
            if not self.header.base or start + size > self.source.size:
                self.log.issue("range-outside", f"segment {number} is not inside", table.at)
                continue
            if start < at and size:
                self.log.issue("overlapping-segments", f"segment {number} overlaps", start)
            elif start - at > _MAX_HOLE:
                self.log.issue("hidden-data", f"{start - at} bytes belong to no segment", at)
            at = max(at, start + size)
            self._look(start, size, f"segment {number}")
        end = max(at, self.header.program_size)
        if self.source.size - end > _MAX_HOLE:
            self.log.issue(
                "trailing-data", f"{self.source.size - end} bytes belong to no segment", end
            )
        elif self.source.size > end:
            self._look(end, self.source.size - end, "what follows the last segment")

    def _look(self, start: int, size: int, what: str) -> None:
        head = self.source.part(start, min(size, HEAD)).head(HEAD)
        self.log.bytes_read += len(head)
        self.content.glance(head, start, size, what)

    def _blob(self, table: Table, what: str) -> int:
        data = table.vector(0, 1)
        if data is None:
            return 0
        self._look(data.start, data.size, what)
        return data.size

    def _segment(self, number: int, who: str, at: int) -> bool:
        return self._check(number, len(self.segments), who, "segment", at)

    def _check(self, number: int, count: int, who: str, what: str, at: int) -> bool:
        if 0 <= number < count:
            return True
        self.log.issue("bad-index", f"{who} names {what} {number} of {count}", at)
        return False

    def _read_constants(self, root: Table) -> None:
        """Constants in the FlatBuffer, or at offsets in one segment."""
        self.constants = [self._blob(table, "a constant") for table in root.tables(2)]
        table = root.table(5)
        if table is None:
            return
        offsets = table.values(1, 8)
        number = table.scalar(0, 4)
        if not len(offsets) or not self._segment(number, "the constants", table.at):
            return
        if self.constants:
            self.log.issue("two-places", "constants stand in the tables and in a segment", table.at)
        size = self.segments[number][1]
        for offset in offsets:
            if offset > size:
                self.log.issue("range-outside", "a constant is not inside its segment", table.at)
        self.constants = [size - offset for offset in offsets]

    def _read_plan(self, plan: Table) -> None:
        """An ``ExecutionPlan``: a method, its values and what it runs."""
        name = plan.text(0)
        values = 0
        for value in plan.tables(2):
            values += 1
            if value.scalar(0, 1) == _TENSOR:
                tensor = value.table(1)
                if tensor is not None:
                    self._read_tensor(tensor)
        for slot, what in ((3, "input"), (4, "output")):
            for number in plan.values(slot, 4, signed=True):
                self._check(number, values, f"an {what} of {name[:80]!r}", "value", plan.at)
        operators = [self._read_operator(table) for table in plan.tables(6)]
        delegates = [self._read_delegate(table) for table in plan.tables(7)]
        for chain in plan.tables(5):
            for step in chain.tables(2):
                self._read_step(step, (len(operators), len(delegates), values))

    def _read_step(self, step: Table, counts: tuple[int, int, int]) -> None:
        kind, call = step.scalar(0, 1), step.table(1)
        if call is None or kind not in (_KERNEL_CALL, _DELEGATE_CALL):
            return
        what = "operator" if kind == _KERNEL_CALL else "delegate"
        self._check(call.scalar(0, 4, signed=True), counts[kind - 1], "a step", what, call.at)
        for number in call.values(1, 4, signed=True):
            self._check(number, counts[2], "a step", "value", call.at)

    def _read_tensor(self, table: Table) -> None:
        label, width = SCALAR_TYPES.get(table.scalar(0, 1, signed=True), ("", 0))
        number = table.scalar(5, 4)
        if not label:
            self.log.issue("unknown-type", "a tensor has an unknown type", table.at)
            return
        extra = table.table(9)
        external = extra is not None and extra.scalar(2, 1) == 1
        if not number and not external:
            return  # computed when the program runs
        sides = table.values(2, 4, signed=True)
        count = 1
        for side in sides:
            count = min(count * max(side, 0), 2**53)
        if any(side < 0 for side in sides):
            self.log.issue("bad-shape", "a constant tensor has a negative side", table.at)
            return
        self.log.tensor(label, count)
        if external or table.has(6):  # in another file, or in a segment of mutable data
            return
        if self._check(number, len(self.constants), "a tensor", "constant", table.at):
            has = self.constants[number]
            if count * width > has:
                self.log.issue(
                    "size-mismatch",
                    f"a tensor needs {count * width} bytes by type and shape, and has {has}",
                    table.at,
                )

    def _read_operator(self, table: Table) -> str:
        """An operator by its qualified name: ``aten::add`` and its overload."""
        name, overload = table.text(0), table.text(1)
        shown = f"{name}.{overload}" if overload else name
        if name.partition("::")[0] in NAMESPACES and "::" in name:
            self.log.allow(shown, 1)
        else:
            self.log.operation(
                Verdict.UNLISTED_CALL, "operator", name or "<empty>", shown or "<empty>",
                "is a custom operator, which a compiled library must provide", table.at, "Operator",
            )  # fmt: skip
        return name

    def _read_delegate(self, table: Table) -> str:
        """A delegate: which backend takes over, and the blob it is given."""
        name = table.text(0)
        if name in NATIVE_BACKENDS:
            self._delegate(name, "runs compiled code that the file carries", table.at)
        elif name in BACKENDS:
            self.log.allow(name, 1)
        else:
            self._delegate(name, "hands the file's data to an unknown backend", table.at)
        data = table.table(1)
        if data is not None:
            location, number = data.scalar(0, 1), data.scalar(1, 4)
            who = f"the delegate {name[:80]!r}"
            if location == _SEGMENT:
                self._segment(number, who, data.at)
            elif location == _INLINE:
                self._check(number, self.inline, who, "blob", data.at)
        return name

    def _delegate(self, name: str, effect: str, at: int) -> None:
        self.log.operation(
            Verdict.UNLISTED_CALL, "operator", name or "<empty>", f"delegate({name!r})", effect, at,
            "BackendDelegate",
        )  # fmt: skip
