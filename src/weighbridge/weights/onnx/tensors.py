"""``TensorProto``: type, shape and values against each other."""

from __future__ import annotations

from weighbridge.model.errors import HostileInput
from weighbridge.weights.onnx import schema
from weighbridge.weights.onnx.external import MAX_ENTRIES, External
from weighbridge.weights.onnx.file import File
from weighbridge.weights.protobuf import LEN, Field, signed, varints

# TensorProto.DataType: number -> (name, bits of an element, the field that holds its values).
# Elements of less than a byte stand one behind the other, the last byte filled up.
FLOATS, INT32, STRINGS, INT64, RAW, DOUBLES, UINT64 = 4, 5, 6, 7, 9, 10, 11
DTYPES: dict[int, tuple[str, int, int]] = {
    1: ("FLOAT", 32, FLOATS), 2: ("UINT8", 8, INT32), 3: ("INT8", 8, INT32),
    4: ("UINT16", 16, INT32), 5: ("INT16", 16, INT32), 6: ("INT32", 32, INT32),
    7: ("INT64", 64, INT64), 8: ("STRING", 0, STRINGS), 9: ("BOOL", 8, INT32),
    10: ("FLOAT16", 16, INT32), 11: ("DOUBLE", 64, DOUBLES), 12: ("UINT32", 32, UINT64),
    13: ("UINT64", 64, UINT64), 14: ("COMPLEX64", 64, FLOATS), 15: ("COMPLEX128", 128, DOUBLES),
    16: ("BFLOAT16", 16, INT32), 17: ("FLOAT8E4M3FN", 8, INT32),
    18: ("FLOAT8E4M3FNUZ", 8, INT32), 19: ("FLOAT8E5M2", 8, INT32),
    20: ("FLOAT8E5M2FNUZ", 8, INT32), 21: ("UINT4", 4, INT32), 22: ("INT4", 4, INT32),
    23: ("FLOAT4E2M1", 4, INT32), 24: ("FLOAT8E8M0", 8, INT32), 25: ("UINT2", 2, INT32),
    26: ("INT2", 2, INT32), 27: ("FLOAT6E2M3", 6, INT32), 28: ("FLOAT6E3M2", 6, INT32),
}  # fmt: skip
_VALUES = frozenset((FLOATS, INT32, STRINGS, INT64, RAW, DOUBLES, UINT64))
_VARIABLE = frozenset((INT32, INT64, UINT64))  # varints, of one to ten bytes
_COMPLEX = (14, 15)
MAX_RANK = 64
_MAX_ELEMENTS = 2**53
_EXTERNAL = 1
_MAX_KEPT = 2**16  # fields of one tensor
_COUNTED = 2**16  # bytes of varints that are counted one by one


class Tensor:
    """One tensor, field by field. ``elements`` is -1 where the shape does not tell."""

    def __init__(self, file: File, place: Field, depth: int) -> None:
        self.file, self.place, self.depth = file, place, depth
        self.name = ""
        self.dtype = 0
        self.dims: list[int] = []
        self.values: dict[int, int] = {}  # field -> bytes, or pieces where they are not packed
        self.counts: dict[int, int] = {}
        self.raw: Field | None = None
        self.kept: list[Field] = []  # of 64-bit numbers: where they stand, the first of them
        self.location = 0
        self.outside: list[Field] = []
        self._twice: set[int] = set()
        for found in file.fields(place, depth):
            self._field(found)
        self._check()

    def _issue(self, code: str, what: str) -> None:
        self.file.log.issue(code, f"the tensor {self.name[:80]!r} {what}", self.place.start)

    def _field(self, found: Field) -> None:
        number = found.number
        if (number, found.wire) not in schema.TENSOR:
            self.file.unknown(found, "TensorProto")
        elif number == 1:
            self._dims(found)
        elif number in _VALUES:
            self._value(found)
        elif number == 8:
            self.name = self.file.name(found)
        elif number == 13:
            if len(self.outside) <= MAX_ENTRIES:
                self.outside.append(found)
        elif number == 2:
            self._once(number)
            self.dtype = found.value
        elif number == 14:
            self._once(number)
            self.location = found.value
        elif number == 3:
            self.file.log.issue("segment", "a tensor in pieces, which no loader reads", found.start)
        elif number == 16:
            self.file.metadata(found, self.depth + 1, "a tensor")
        elif number == 12:
            self.file.glance(found, "a tensor's description")

    def _once(self, number: int) -> None:
        """Readers take the last of several; whoever shows the file may show the first."""
        if number in self._twice:
            self._issue("duplicate-field", f"has field {number} twice")
        self._twice.add(number)

    def _dims(self, found: Field) -> None:
        for side in varints(self.file.wire, found, self.file.budget):
            self.dims.append(signed(side))
            if len(self.dims) > MAX_RANK:
                raise HostileInput(
                    f"a tensor at byte {self.place.start} has more than {MAX_RANK} dimensions"
                )

    def _value(self, found: Field) -> None:
        number = found.number
        packed = found.wire == LEN and number not in (STRINGS, RAW)
        self.values[number] = self.values.get(number, 0) + found.length
        if number == RAW:
            self._once(number)
            self.raw = found
            self.values[number] = found.length
            self.counts[number] = 1
            return
        if number == INT64 and len(self.kept) < _MAX_KEPT:
            self.kept.append(found)
        if number == STRINGS:
            self.file.glance(found, "a tensor of texts")
        self.counts[number] = self.counts.get(number, 0) + (self._pieces(found) if packed else 1)

    def _pieces(self, found: Field) -> int:
        """How many numbers a packed field holds; of many varints only what they are at least."""
        if found.number not in _VARIABLE:
            return found.length // (4 if found.number == FLOATS else 8)
        if found.length > _COUNTED:
            return -(-found.length // 10)
        data = self.file.wire.read(found.start, found.length)
        return sum(byte < 0x80 for byte in data)

    @property
    def elements(self) -> int:
        """How many the shape holds, bounded; -1 where a side is negative."""
        if any(side < 0 for side in self.dims):
            return -1
        if 0 in self.dims:
            return 0
        count = 1
        for side in self.dims:
            count = min(count * side, _MAX_ELEMENTS)
        return count

    def _check(self) -> None:
        elements = self.elements
        label, bits, field = DTYPES.get(self.dtype, (f"type {self.dtype}", 0, 0))
        if not field:
            self._unknown_type()
        if elements < 0 or elements >= _MAX_ELEMENTS:
            self._issue("bad-shape", f"has the shape {self.dims}")
        self.file.tensor(label, max(elements, 0))
        needed = -(-elements * bits // 8) if field not in (0, STRINGS) and elements >= 0 else -1
        if self.outside or self.location == _EXTERNAL:
            self._check_outside(needed)
        elif len(self.values) > 1:
            self._issue("two-values", f"has values in the fields {sorted(self.values)}")
        elif not self.values and elements > 0:
            self._issue("missing-data", f"has the shape {self.dims} and no values")
        if field and elements >= 0:
            self._check_values(elements, needed, field)
        if self.raw is not None:
            self.file.glance(self.raw, f"the tensor {self.name[:80]!r}")

    def _unknown_type(self) -> None:
        if self.file.ir_version > schema.LAST_IR_VERSION:
            self.file.log.gap(f"the type {self.dtype} of a tensor has no reader yet")
        else:
            self._issue("unknown-type", f"has the type {self.dtype}, which does not exist")

    def _check_outside(self, needed: int) -> None:
        outside = External(self.file, self.name)
        for found in self.outside:
            key, value, _ = self.file.entry(found, self.depth + 1)
            outside.add(key, value, found.start)
        if self.location != _EXTERNAL:
            self._issue("bad-external-data", "names a file and says that its values stand here")
        elif any(self.values.values()):
            self._issue("two-values", "has values here and in another file")
        outside.check(needed, self.place.start)

    def _check_values(self, elements: int, needed: int, field: int) -> None:
        for number, size in self.values.items():
            if number == RAW:
                if field == STRINGS:
                    self._issue("wrong-field", "is of text and has raw numbers")
                elif size != needed and not (self.outside and not size):
                    self._issue(
                        "size-mismatch",
                        f"needs {needed} bytes by type and shape, and has {size}",
                    )
            elif number != field:
                self._issue("wrong-field", f"has its values in field {number} instead of {field}")
            elif not self._fits(number, elements, needed):
                self._issue(
                    "size-mismatch",
                    f"needs {elements} values by its shape, and has {self.counts[number]}",
                )

    def _fits(self, number: int, elements: int, needed: int) -> bool:
        count = self.counts[number]
        if self.dtype in _COMPLEX:
            elements *= 2
        if number in _VARIABLE and self.values[number] > _COUNTED:
            return count <= elements <= self.values[number]
        # elements of less than a byte: writers pack them into the numbers, or do not
        return count == elements or (count == needed and 0 < DTYPES[self.dtype][1] < 8)


def read_tensor(file: File, place: Field, depth: int) -> Tensor:
    """Check a tensor and count it.

    Raises:
        HostileInput: it is no message.
    """
    return Tensor(file, place, depth)
