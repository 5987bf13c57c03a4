"""Builds FlatBuffers, protocol buffers and checkpoint tables by hand, each part open to lies.

Every payload is inert, and nothing here loads anything.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from weighbridge.weights.inspection import Inspection, Verdict

# An inert pickle that calls the system: never loaded, it only has to be recognized.
PICKLE = b"\x80\x02cposix\nsystem\nX\x0a\x00\x00\x00echo inert\x85R."
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 57
ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + b"\0" * 30


def named(inspection: Inspection) -> dict[str, str]:
    """Verdicts by name; the weightiest of a name."""
    order = tuple(Verdict)
    weighed = sorted(inspection.operations, key=lambda o: order.index(o.verdict))
    return {o.name: o.verdict.value for o in weighed}


# FlatBuffers


class Numbers:
    """A vector of numbers, as ``struct`` packs one."""

    def __init__(self, form: str, values: Sequence[int]) -> None:
        self.form, self.values = form, values


Table = dict[int, Any]  # field number -> (struct form, number), text, bytes, Numbers, list, Table


class _Flat:
    def __init__(self, identifier: bytes) -> None:
        self.out = bytearray(b"\0\0\0\0" + identifier)

    def align(self, to: int = 4, ahead: int = 0) -> None:
        self.out += b"\0" * (-(len(self.out) + ahead) % to)

    def patch(self, at: int) -> None:
        """Let the offset at ``at`` point here."""
        struct.pack_into("<I", self.out, at, len(self.out) - at)

    def table(self, table: Table, slot: int) -> None:
        self.align(8)
        size, places = 4, {}
        for number, value in table.items():
            form = value[0] if isinstance(value, tuple) else "<I"
            width = struct.calcsize(form)
            size += -size % width
            places[number] = size
            size += width
        length = 4 + 2 * (max(places, default=-1) + 1)
        vtable = len(self.out)
        offsets = [places.get(n, 0) for n in range(max(places, default=-1) + 1)]
        self.out += struct.pack(f"<HH{len(offsets)}H", length, size, *offsets)
        self.align(8)
        self.patch(slot)
        at = len(self.out)
        self.out += struct.pack("<i", at - vtable) + b"\0" * (size - 4)
        for number, value in table.items():
            place = at + places[number]
            if isinstance(value, tuple):
                struct.pack_into(value[0], self.out, place, value[1])
            else:
                self.child(value, place)

    def child(self, value: Any, slot: int) -> None:
        if isinstance(value, dict):
            self.table(value, slot)
            return
        self.align(16, ahead=4)
        self.patch(slot)
        if isinstance(value, str):
            value = value.encode()
            self.out += struct.pack("<I", len(value)) + value + b"\0"
        elif isinstance(value, bytes):
            self.out += struct.pack("<I", len(value)) + value
        elif hasattr(value, "form"):  # Numbers, whichever test module they come from
            self.out += struct.pack("<I", len(value.values))
            self.out += b"".join(struct.pack(value.form, v) for v in value.values)
        else:
            at = len(self.out) + 4
            self.out += struct.pack("<I", len(value)) + b"\0" * (4 * len(value))
            for index, entry in enumerate(value):
                self.child(entry, at + 4 * index)


def flat(root: Table, identifier: bytes) -> bytes:
    """A FlatBuffer."""
    flat_ = _Flat(identifier)
    flat_.table(root, 0)
    return bytes(flat_.out)


# Protocol buffers


def varint(value: int) -> bytes:
    """A number on the wire; negative ones as 64-bit two's complement."""
    value &= 2**64 - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A message: numbers as varints, texts and bytes with their length."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return out


def attr(key: str, *value: tuple[int, int | str | bytes]) -> tuple[int, bytes]:
    """A node's attribute: a map entry with an ``AttrValue``."""
    return 5, message((1, key), (2, message(*value)))


def node(op: str, name: str = "n", inputs: Sequence[str] = (), *attrs: tuple[int, bytes]) -> bytes:
    """A ``NodeDef``."""
    return message((1, name), (2, op), *((3, i) for i in inputs), *attrs)


def tensor(dtype: int, shape: Sequence[int], *rest: tuple[int, int | str | bytes]) -> bytes:
    """A ``TensorProto``."""
    sides = message(*((2, message((1, side))) for side in shape))
    return message((1, dtype), (2, sides), *rest)


def text_const(name: str, *texts: str | bytes) -> bytes:
    """A constant of texts."""
    shape = [len(texts)] if len(texts) != 1 else []
    value = tensor(7, shape, *((8, text) for text in texts))
    return node("Const", name, (), attr("dtype", (6, 7)), attr("value", (8, value)))


def function(name: str, arguments: Sequence[str], *nodes: bytes) -> bytes:
    """A ``FunctionDef``."""
    signature = message((1, name), *((2, message((1, a), (3, 7))) for a in arguments))
    return message((1, signature), *((3, n) for n in nodes))


def graph(*nodes: bytes, functions: Sequence[bytes] = ()) -> bytes:
    """A ``GraphDef``."""
    library = [(2, message(*((1, f) for f in functions)))] if functions else []
    return message(*((1, n) for n in nodes), (4, message((1, 2300))), *library)


def call(name: str, callee: str, *inputs: str) -> bytes:
    """A node that calls a function."""
    return node("StatefulPartitionedCall", name, inputs, attr("f", (10, message((1, callee)))))


def meta_graph(graph_: bytes, *rest: tuple[int, bytes]) -> bytes:
    """A ``MetaGraphDef``."""
    operators = message((1, message((1, "Add"))))
    info = message((2, operators), (4, "serve"), (5, "2.21.0"))
    return message((1, info), (2, graph_), *rest)


def saved_model(graph_: bytes, *rest: tuple[int, bytes], version: int = 1) -> bytes:
    """A ``SavedModel`` of one graph."""
    return message((1, version), (2, meta_graph(graph_, *rest)))
