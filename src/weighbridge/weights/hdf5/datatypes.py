"""Dataspaces and datatypes: how many elements, of which kind and size (sections IV.A.2.b and d)."""

from __future__ import annotations

from dataclasses import dataclass

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.hdf5.file import Fields, File

INTEGER, FLOAT, TIME, STRING, BITFIELD, OPAQUE, COMPOUND, REFERENCE, ENUM, VLEN, ARRAY, COMPLEX = (
    range(12)
)
_NAMES = {
    TIME: "time", STRING: "string", BITFIELD: "bitfield", OPAQUE: "opaque", COMPOUND: "compound",
    REFERENCE: "reference", ENUM: "enum", ARRAY: "array", COMPLEX: "complex",
}  # fmt: skip
_PROPERTIES = {INTEGER: 4, FLOAT: 12, TIME: 2, STRING: 0, BITFIELD: 4, REFERENCE: 0}
MAX_DEPTH = 32
MAX_RANK = 32  # by the library
MAX_COUNT = 2**53


@dataclass(frozen=True, slots=True)
class Datatype:
    """``kind`` is the specification's class, ``size`` the bytes of one element as stored; ``base``
    the elements' type of a sequence, array or enumeration. ``text``: a sequence of characters."""

    kind: int
    size: int
    name: str
    base: Datatype | None = None
    text: bool = False
    holds_sequences: bool = False


@dataclass(frozen=True, slots=True)
class Dataspace:
    """``sides``: the extent in elements of each dimension; none for a scalar. ``null``: no
    elements at all."""

    sides: tuple[int, ...]
    null: bool = False

    @property
    def count(self) -> int:
        """The number of elements."""
        if self.null:
            return 0
        total = 1
        for side in self.sides:
            total *= side
        return total


def read_dataspace(fields: Fields) -> Dataspace:
    """A dataspace message.

    Raises:
        HostileInput: it is malformed.
        BoundExceeded: it has more elements than any memory holds.
    """
    version = fields.version("the dataspace", 1, 2)
    rank, flags, kind = fields.byte(), fields.byte(), fields.byte()
    if version == 1:
        fields.skip(4)
    if rank > MAX_RANK:
        raise HostileInput(f"a dataspace of {rank} dimensions")
    if version == 2 and kind not in (0, 1, 2):
        raise HostileInput(f"a dataspace of the unknown kind {kind}")
    sides = tuple(fields.length() for _ in range(rank))
    if flags & 1:
        for side in sides:
            if fields.length() < side:
                raise HostileInput("a dimension is larger than its own maximum")
    space = Dataspace(sides, null=version == 2 and kind == 2)
    if space.count > MAX_COUNT:
        raise HostileInput("a dataset's shape is larger than any memory")
    return space


def read_datatype(fields: Fields, file: File, depth: int = 0) -> Datatype:
    """A datatype message, and everything it is made of.

    Raises:
        HostileInput: it is malformed.
        BoundExceeded: it is nested too deeply, or too large.
    """
    if depth > MAX_DEPTH:
        raise BoundExceeded("the nesting of a datatype", MAX_DEPTH, "levels")
    file.spend()
    first = fields.byte()
    kind, version = first & 15, first >> 4
    bits, size = fields.number(3), fields.number(4)
    if not 1 <= version <= 5:
        raise HostileInput(f"version {version} of the datatype does not exist")
    if kind in _PROPERTIES:
        raw = fields.take(_PROPERTIES[kind])
        return Datatype(kind, size, _plain_name(kind, bits, size, raw))
    if kind == OPAQUE:
        fields.skip(bits & 255)
        return Datatype(kind, size, "opaque")
    if kind == COMPOUND:
        return _compound(fields, file, (version, bits & 0xFFFF, size), depth)
    if kind == ENUM:
        return _enum(fields, file, (version, bits & 0xFFFF, size), depth)
    if kind == VLEN:
        base = read_datatype(fields, file, depth + 1)
        text = bits & 15 == 1
        name = "string" if text else f"sequence of {base.name}"
        return Datatype(kind, size, name, base, text, holds_sequences=True)
    if kind == ARRAY:
        return _array(fields, file, (version, size), depth)
    if kind == COMPLEX:
        base = read_datatype(fields, file, depth + 1)
        return Datatype(kind, size, f"complex{8 * size}", base)
    raise HostileInput(f"a datatype of the unknown class {kind}")


def _plain_name(kind: int, bits: int, size: int, raw: bytes) -> str:
    if kind == INTEGER:
        return f"{'int' if bits & 8 else 'uint'}{8 * size}"
    if kind == FLOAT:
        exponent, mantissa = raw[5], raw[7]
        if size == 2 and (exponent, mantissa) == (8, 7):
            return "bfloat16"
        if size == 1:
            return f"float8_e{exponent}m{mantissa}"
        return f"float{8 * size}"
    return _NAMES[kind]


def _compound(fields: Fields, file: File, head: tuple[int, int, int], depth: int) -> Datatype:
    version, members, size = head
    width = (size.bit_length() + 7) // 8 if version >= 3 else 4
    sequences = False
    for _ in range(members):
        start = fields.at
        fields.text()
        if version < 3:
            fields.skip(-(fields.at - start) % 8)
        offset = fields.number(width)
        times = 1
        if version == 1:
            rank = fields.byte()
            fields.skip(11)
            sides = [fields.number(4) for _ in range(4)]
            for side in sides[: min(rank, 4)]:
                times *= side
        member = read_datatype(fields, file, depth + 1)
        sequences = sequences or member.holds_sequences
        if offset + member.size * times > size:
            raise HostileInput("a member of a compound datatype lies outside of it")
    return Datatype(COMPOUND, size, "compound", holds_sequences=sequences)


def _enum(fields: Fields, file: File, head: tuple[int, int, int], depth: int) -> Datatype:
    version, members, size = head
    base = read_datatype(fields, file, depth + 1)
    file.spend(members)
    names: list[bytes] = []
    for _ in range(members):
        start = fields.at
        names.append(fields.text())
        if version < 3:
            fields.skip(-(fields.at - start) % 8)
    fields.skip(members * base.size)
    return Datatype(ENUM, size, "bool" if set(names) == {b"FALSE", b"TRUE"} else "enum", base)


def _array(fields: Fields, file: File, head: tuple[int, int], depth: int) -> Datatype:
    version, size = head
    rank = fields.byte()
    if rank > MAX_RANK:
        raise HostileInput(f"an array datatype of {rank} dimensions")
    if version < 3:
        fields.skip(3)
    count = 1
    for _ in range(rank):
        count *= fields.number(4)
    if version < 3:
        fields.skip(4 * rank)
    base = read_datatype(fields, file, depth + 1)
    if base.size * count != size:
        raise HostileInput("the size of an array datatype is not that of its elements")
    return Datatype(
        ARRAY, size, f"array of {base.name}", base, holds_sequences=base.holds_sequences
    )
