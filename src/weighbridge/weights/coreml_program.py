"""ML Programs in Core ML models: functions, blocks, operations, and values in a weight file.

Source: ``MIL.proto`` of coremltools 9.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.protobuf import LEN, VARINT, Field
from weighbridge.weights.protobuf_file import ProtobufFile
from weighbridge.weights.relative_path import outside

_MAX_TEXT = 4096  # bytes
_ALIGNMENT = 64  # of a blob's metadata in a weight file
_PACKAGE = "@model_path/"  # what Core ML replaces by the package's own folder
# MIL.proto, DataType: number -> name.
_DTYPES = {
    1: "BOOL", 2: "STRING", 10: "FLOAT16", 11: "FLOAT32", 12: "FLOAT64", 13: "BFLOAT16",
    21: "INT8", 22: "INT16", 23: "INT32", 24: "INT64", 25: "INT4", 31: "UINT8", 32: "UINT16",
    33: "UINT32", 34: "UINT64", 35: "UINT4", 36: "UINT2", 37: "UINT1", 38: "UINT6", 39: "UINT3",
    40: "FLOAT8E4M3FN", 41: "FLOAT8E5M2",
}  # fmt: skip


def read_program(file: ProtobufFile, place: Field, depth: int) -> None:
    """Check a ``Program``: functions, the blocks of each, their operations and values.

    Raises:
        HostileInput: it is no message, or reaches a bound.
    """
    _Program(file).program(place, depth)


class _Program:
    def __init__(self, file: ProtobufFile) -> None:
        self.file, self.log = file, file.log
        self.fields, self.parts = file.fields, file.parts

    def program(self, place: Field, depth: int) -> None:
        for function in self._values(place, depth, 2):
            self._attributes(function, depth + 2, 4)
            for block in self._values(function, depth + 2, 3):
                self.block(block, depth + 4)
        self._attributes(place, depth, 4)

    def _values(self, place: Field, depth: int, number: int) -> Iterator[Field]:
        """The values of a map, which stand two messages deeper."""
        for entry in self.parts(place, depth, number):
            yield from self.parts(entry, depth + 1, 2)

    def _attributes(self, place: Field, depth: int, number: int) -> None:
        for value in self._values(place, depth, number):
            self.value(value, depth + 2)

    def block(self, place: Field, depth: int) -> None:
        for found in self.parts(place, depth, 3, 4):
            if found.number == 3:
                self.operation(found, depth + 1)
            else:
                for value in self.parts(found, depth + 1, 2):
                    self.value(value, depth + 2)

    def operation(self, place: Field, depth: int) -> None:
        for found in self.parts(place, depth, 1, 2, 4, 5):
            if found.number == 1:
                name = self.file.text(found, _MAX_TEXT)
                if name.startswith("custom"):
                    self.log.operation(
                        Verdict.UNLISTED_CALL, "operator", name, f"operation {name}",
                        "needs code of the application that loads it", place.start, "Operation",
                    )  # fmt: skip
            elif found.number == 4:
                self.block(found, depth + 1)
            elif found.number == 5:
                for value in self.parts(found, depth + 1, 2):
                    self.value(value, depth + 2)
            else:
                self.argument(found, depth + 1)

    def argument(self, place: Field, depth: int) -> None:
        for argument in self.parts(place, depth, 2):
            for binding in self.parts(argument, depth + 1, 1):
                for value in self.parts(binding, depth + 2, 2):
                    self.value(value, depth + 3)

    def value(self, place: Field, depth: int) -> None:
        """A ``Value``: numbers that stand here, values in values, or a place in a weight file."""
        dtype, count, blob = 0, 1, False
        for found in self.parts(place, depth, 2, 3, 5):
            if found.number == 2:
                dtype, count = self.tensor_type(found, depth + 1)
            elif found.number == 5:
                blob = True
                for part in self.fields(found, depth + 1):
                    if part.number == 1 and part.wire == LEN:
                        self.blob(self.file.text(part, _MAX_TEXT), part.start)
                    elif part.number == 2 and part.wire == VARINT and part.value % _ALIGNMENT:
                        message = f"weights at byte {part.value}, where no blob can start"
                        self.log.issue("bad-alignment", message, part.start)
            else:
                for inner in self.parts(found, depth + 1, 1, 2, 3, 4):
                    self.immediate(inner, depth + 2)
        if blob:
            self.log.tensor(_DTYPES.get(dtype, f"type {dtype}"), count)

    def immediate(self, place: Field, depth: int) -> None:
        """One of ``ImmediateValue``: a tensor's numbers, a tuple, a list or a dictionary."""
        if place.number == 1:
            for kind in self.parts(place, depth, 4, 7):
                for found in self.parts(kind, depth + 1, 1):
                    self.file.glance(found, "a value of the program")
            return
        for item in self.parts(place, depth, 1):
            if place.number == 4:
                for value in self.parts(item, depth + 1, 1, 2):
                    self.value(value, depth + 2)
            else:
                self.value(item, depth + 1)

    def tensor_type(self, place: Field, depth: int) -> tuple[int, int]:
        """A ``ValueType``'s element type, and how many elements it has."""
        dtype, count = 0, 1
        for tensor in self.parts(place, depth, 1):
            for found in self.fields(tensor, depth + 1):
                if found.number == 1 and found.wire == VARINT:
                    dtype = found.value
                elif found.number == 3 and found.wire == LEN:
                    for constant in self.parts(found, depth + 2, 1):
                        for size in self.fields(constant, depth + 3):
                            count = min(count * size.value, 2**53)
        return dtype, count

    def blob(self, name: str, offset: int) -> None:
        """A ``BlobFileValue``'s file name, which starts in the package's folder."""
        why = outside(name.removeprefix(_PACKAGE))
        if why or not name:
            self.log.operation(
                Verdict.DANGEROUS, "link", "weight file", name,
                f"reads weights from outside the package: the path {why or 'is empty'}", offset,
                "BlobFileValue",
            )  # fmt: skip
        else:
            self.file.link(f"weights in {name}")
