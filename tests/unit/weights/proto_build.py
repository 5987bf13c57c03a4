"""A writer of protobuf messages, and of the parts of an ONNX model, for tests.

Field numbers: ``onnx.proto``.
"""

from __future__ import annotations

import struct

Payload = bytes | str


def varint(value: int) -> bytes:
    """A base-128 number; negative ones as 64 bits."""
    value &= 2**64 - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def tag(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def num(number: int, value: int) -> bytes:
    """A VARINT field."""
    return tag(number, 0) + varint(value)


def f32(number: int, value: float) -> bytes:
    return tag(number, 5) + struct.pack("<f", value)


def f64(number: int, value: float) -> bytes:
    return tag(number, 1) + struct.pack("<d", value)


def sub(number: int, *parts: Payload) -> bytes:
    """A LEN field: a message made of parts, bytes, or a text."""
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return tag(number, 2) + varint(len(body)) + body


def pair(number: int, key: str, value: Payload) -> bytes:
    """An entry of a map, or a StringStringEntryProto."""
    return sub(number, sub(1, key), sub(2, value))


def tensor(
    name: str = "w",
    *,
    dims: tuple[int, ...] = (2,),
    dtype: int = 1,
    raw: bytes | None = b"\0" * 8,
    external: tuple[tuple[str, str], ...] = (),
    more: bytes = b"",
) -> bytes:
    """The body of a TensorProto."""
    parts = [num(1, side) for side in dims] + [num(2, dtype), sub(8, name)]
    if external:
        parts += [pair(13, key, value) for key, value in external] + [num(14, 1)]
    elif raw is not None:
        parts.append(sub(9, raw))
    return b"".join(parts) + more


def attribute(name: str, *values: bytes) -> bytes:
    """An attribute field of a node."""
    return sub(5, sub(1, name), *values)


def node(
    operator: str,
    *attributes: bytes,
    domain: str = "",
    takes: tuple[str, ...] = ("x",),
    makes: tuple[str, ...] = ("y",),
) -> bytes:
    """The body of a NodeProto."""
    where = sub(7, domain) if domain else b""
    values = b"".join([sub(1, name) for name in takes] + [sub(2, name) for name in makes])
    return values + sub(3, "n") + sub(4, operator) + b"".join(attributes) + where


def graph(*nodes: bytes, tensors: tuple[bytes, ...] = (), more: bytes = b"") -> bytes:
    """The body of a GraphProto."""
    value = sub(1, "x") + sub(2, sub(1, num(1, 1)))
    parts = [sub(1, body) for body in nodes] + [sub(2, "g")] + [sub(5, body) for body in tensors]
    return b"".join(parts) + sub(11, value) + sub(12, value) + more


def model(
    body: bytes | None = None,
    *,
    opsets: tuple[tuple[str, int], ...] = (("", 21),),
    functions: tuple[bytes, ...] = (),
    ir_version: int = 10,
    more: bytes = b"",
) -> bytes:
    """A ModelProto."""
    body = graph(node("Relu"), tensors=(tensor(),)) if body is None else body
    parts = [num(1, ir_version), sub(2, "tests"), sub(7, body)]
    parts += [sub(8, sub(1, domain), num(2, version)) for domain, version in opsets]
    parts += [sub(25, function) for function in functions]
    return b"".join(parts) + more


def function(name: str, domain: str, *nodes: bytes) -> bytes:
    """The body of a FunctionProto."""
    inner = b"".join(sub(7, body) for body in nodes)
    return sub(1, name) + sub(4, "x") + sub(5, "y") + inner + sub(9, num(2, 21)) + sub(10, domain)
