"""Constant tensors: ``TensorProto`` (``tensorflow/core/framework/tensor.proto``) against itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from weighbridge.weights import protobuf
from weighbridge.weights.hidden_content import Content, glance
from weighbridge.weights.log import Log
from weighbridge.weights.protobuf import I32, I64, LEN, VARINT, Budget, Field, Wire

STRING, RESOURCE = 7, 20
# types.proto: number -> (name, bytes of one element; 0 where they are no raw numbers). Types of
# less than a byte stand one in a byte.
DTYPES: dict[int, tuple[str, int]] = {
    1: ("float32", 4), 2: ("float64", 8), 3: ("int32", 4), 4: ("uint8", 1), 5: ("int16", 2),
    6: ("int8", 1), 7: ("string", 0), 8: ("complex64", 8), 9: ("int64", 8), 10: ("bool", 1),
    11: ("qint8", 1), 12: ("quint8", 1), 13: ("qint32", 4), 14: ("bfloat16", 2),
    15: ("qint16", 2), 16: ("quint16", 2), 17: ("uint16", 2), 18: ("complex128", 16),
    19: ("float16", 2), 20: ("resource", 0), 21: ("variant", 0), 22: ("uint32", 4),
    23: ("uint64", 8), 24: ("float8_e5m2", 1), 25: ("float8_e4m3fn", 1),
    26: ("float8_e4m3fnuz", 1), 27: ("float8_e4m3b11fnuz", 1), 28: ("float8_e5m2fnuz", 1),
    29: ("int4", 1), 30: ("uint4", 1), 31: ("int2", 1), 32: ("uint2", 1),
    33: ("float4_e2m1fn", 1),
}  # fmt: skip
MAX_DIMS = 254  # TensorShape's own limit
MAX_STRINGS = 16  # of one tensor that are kept
_MOST = 2**53
# half_val, float_val, double_val, int_val, scomplex_val, int64_val, dcomplex_val, bool_val and the
# like: numbers one by one.
_QUIET = protobuf.runs(
    *((n, kind) for n in (5, 6, 7, 9, 10, 11, 12, 13) for kind in (VARINT, I32, I64))
)


@dataclass(slots=True)
class Tensor:
    """A tensor's header. ``shape`` is None where the rank is not known."""

    dtype: int = 0
    shape: list[int] | None = field(default_factory=list)
    content: Field | None = None
    strings: list[Field] = field(default_factory=list)
    string_count: int = 0

    @property
    def elements(self) -> int:
        """How many the shape holds, at most 2**53; -1 where it does not tell."""
        if self.shape is None or any(side < 0 for side in self.shape):
            return -1
        count = 1
        for side in self.shape:
            count = min(count * side, _MOST)
        return count if 0 not in self.shape else 0


def read_tensor(wire: Wire, place: Field, budget: Budget, depth: int, content: Content) -> Tensor:
    """A tensor's type, its shape and where its bytes are. What its bytes hide goes to ``content``.

    Raises:
        HostileInput: it is no message.
    """
    tensor = Tensor()
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth, quiet=_QUIET):
        if found.number == 1 and found.wire == VARINT:
            tensor.dtype = found.value
        elif found.wire != LEN:
            continue
        elif found.number == 2:
            tensor.shape = read_shape(wire, found, budget, depth + 1, tensor.shape)
        elif found.number == 4:
            tensor.content = found
            glance(wire, found, content, "a tensor")
        elif found.number == 8:
            tensor.string_count += 1
            if len(tensor.strings) < MAX_STRINGS:
                tensor.strings.append(found)
            glance(wire, found, content, "a text tensor")
    return tensor


def read_shape(
    wire: Wire, place: Field, budget: Budget, depth: int, shape: list[int] | None
) -> list[int] | None:
    """A ``TensorShapeProto``, behind what another of the same field said; None: rank unknown."""
    known = list(shape or ())
    for found in protobuf.fields(wire, place.start, place.end, budget, depth=depth):
        if found.number == 3 and found.wire == VARINT and found.value:
            return None
        if found.number == 2 and found.wire == LEN:
            side = 0
            for part in protobuf.fields(wire, found.start, found.end, budget, depth=depth + 1):
                if part.number == 1 and part.wire == VARINT:
                    side = protobuf.signed(part.value)
            if len(known) <= MAX_DIMS:
                known.append(side)
    return known


def check_constant(tensor: Tensor, name: str, start: int, log: Log) -> None:
    """Compare a constant's shape with the bytes it has, and count it."""
    label, width = DTYPES.get(tensor.dtype % 100, ("", 0))
    if not label:
        log.issue("unknown-type", f"the constant {name[:80]!r} has type {tensor.dtype}", start)
        return
    if tensor.shape is not None and len(tensor.shape) > MAX_DIMS:
        log.issue("bad-shape", f"the constant {name[:80]!r} has too many dimensions", start)
        return
    count = tensor.elements
    if count < 0:
        log.issue("bad-shape", f"the constant {name[:80]!r} has no shape of its own", start)
        return
    if count >= _MOST:
        log.issue("bad-shape", f"the constant {name[:80]!r} holds too many numbers", start)
        return
    log.tensor(label, count)
    if width and tensor.content and tensor.content.length:
        has = tensor.content.length
        if has != count * width:
            log.issue(
                "size-mismatch",
                f"the constant {name[:80]!r} needs {count * width} bytes by type and shape, "
                f"and has {has}",
                tensor.content.start,
            )
    if tensor.string_count > max(count, 1):
        log.issue(
            "size-mismatch",
            f"the constant {name[:80]!r} has room for {count} strings and holds "
            f"{tensor.string_count}",
            start,
        )
