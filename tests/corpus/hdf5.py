"""A small writer of HDF5 files: groups, attributes, datasets, and links of all three kinds.

Source: the HDF5 File Format Specification, version 3: superblock version 2, object headers
version 2, compact links.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_M = 0xFFFFFFFF
_NOWHERE = b"\xff" * 8
_TEXT = 3
_FLOAT = (
    b"\x11\x20\x1f\x00" + struct.pack("<I", 4) + struct.pack("<HHBBBBI", 0, 32, 23, 8, 0, 23, 127)
)


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & _M


def checksum(data: bytes) -> int:
    """Bob Jenkins's lookup3, as the specification's appendix asks for."""
    a = b = c = (0xDEADBEEF + len(data)) & _M
    at, left = 0, len(data)
    while left > 12:
        x, y, z = struct.unpack_from("<III", data, at)
        a, b, c = (a + x) & _M, (b + y) & _M, (c + z) & _M
        for turn in (4, 6, 8, 16, 19, 4):
            a = ((a - c) & _M) ^ _rotate(c, turn)
            c = (c + b) & _M
            a, b, c = b, c, a
        at, left = at + 12, left - 12
    if not left:
        return c
    x, y, z = struct.unpack("<III", data[at:].ljust(12, b"\0"))
    a, b, c = (a + x) & _M, (b + y) & _M, (c + z) & _M
    for turn in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotate(b, turn)) & _M
        a, b, c = b, c, a
    # After seven steps the roles have moved on by one: the last computed value is now in ``b``.
    return b


def _message(kind: int, body: bytes) -> bytes:
    return struct.pack("<BHB", kind, len(body), 0) + body


def _space(*shape: int) -> bytes:
    if not shape:
        return b"\x02\x00\x00\x00"
    return bytes([2, len(shape), 0, 1]) + b"".join(struct.pack("<Q", side) for side in shape)


@dataclass(slots=True)
class Hdf5:
    """A file under construction. Objects are written leaves first; ``end`` gives the bytes."""

    _body: bytearray = field(default_factory=lambda: bytearray(48))

    def _place(self, data: bytes) -> int:
        at = len(self._body)
        self._body += data + b"\0" * (-len(data) % 8)
        return at

    def _object(self, messages: bytes) -> int:
        head = b"OHDR\x02\x02" + struct.pack("<I", len(messages)) + messages
        return self._place(head + struct.pack("<I", checksum(head)))

    @staticmethod
    def attribute(name: str, value: str) -> bytes:
        """A scalar text attribute of fixed length."""
        raw, title = value.encode(), name.encode() + b"\0"
        kind = bytes([0x10 | _TEXT, 0x11, 0, 0]) + struct.pack("<I", max(len(raw), 1))
        space = _space()
        head = b"\x03\x00" + struct.pack("<HHH", len(title), len(kind), len(space)) + b"\x01"
        return _message(0x0C, head + title + kind + space + (raw or b"\0"))

    @staticmethod
    def hard(name: str, address: int) -> bytes:
        """A link to an object of the file."""
        return Hdf5._link(name, b"", struct.pack("<Q", address))

    @staticmethod
    def soft(name: str, target: str) -> bytes:
        """A link to a path in the file."""
        raw = target.encode()
        return Hdf5._link(name, b"\x01", struct.pack("<H", len(raw)) + raw)

    @staticmethod
    def external(name: str, file: str, path: str) -> bytes:
        """A link into another file."""
        raw = b"\x00" + file.encode() + b"\0" + path.encode() + b"\0"
        return Hdf5._link(name, b"\x40", struct.pack("<H", len(raw)) + raw)

    @staticmethod
    def user(name: str, kind: int) -> bytes:
        """A link of a kind that an application defines."""
        return Hdf5._link(name, bytes([kind]), struct.pack("<H", 4) + b"\0" * 4)

    @staticmethod
    def _link(name: str, kind: bytes, value: bytes) -> bytes:
        raw = name.encode()
        flags = 0x08 if kind else 0
        return _message(0x06, bytes([1, flags]) + kind + bytes([len(raw)]) + raw + value)

    def group(self, *parts: bytes) -> int:
        """A group of links and attributes; its address."""
        info = _message(0x02, b"\0\0" + _NOWHERE * 2) + _message(0x0A, b"\0\0")
        return self._object(info + b"".join(parts))

    def dataset(self, *values: float) -> int:
        """A contiguous dataset of 32-bit floats; its address."""
        raw = struct.pack(f"<{len(values)}f", *values)
        layout = b"\x03\x01" + struct.pack("<QQ", self._place(raw), len(raw))
        return self._object(
            _message(0x01, _space(len(values))) + _message(0x03, _FLOAT)
            + _message(0x05, b"\x03\x0a") + _message(0x08, layout)
        )  # fmt: skip

    def announced(self, *sides: int) -> int:
        """A dataset of floats that was never written: a shape, and nothing that it holds."""
        size = 4
        for side in sides:
            size *= side
        layout = b"\x03\x01" + _NOWHERE + struct.pack("<Q", size)
        return self._object(
            _message(0x01, _space(*sides)) + _message(0x03, _FLOAT)
            + _message(0x05, b"\x03\x0a") + _message(0x08, layout)
        )  # fmt: skip

    def stored_outside(self, file: str, count: int) -> int:
        """A dataset whose values lie in another file (an External Data Files message)."""
        names = b"\0" * 8 + file.encode() + b"\0"
        names += b"\0" * (-len(names) % 8)
        segment = self._place(names)
        heap = self._place(
            b"HEAP\0\0\0\0" + struct.pack("<QQQ", len(names), 1, segment)
        )  # fmt: skip
        slots = struct.pack("<BxxxHHQ", 1, 1, 1, heap) + struct.pack("<QQQ", 8, 0, 4 * count)
        layout = b"\x03\x01" + _NOWHERE + struct.pack("<Q", 4 * count)
        return self._object(
            _message(0x01, _space(count)) + _message(0x03, _FLOAT) + _message(0x05, b"\x03\x0a")
            + _message(0x07, slots) + _message(0x08, layout)
        )  # fmt: skip

    def end(self, root: int) -> bytes:
        """The whole file, ``root`` being the address of its root group."""
        head = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00" + struct.pack("<Q", 0) + _NOWHERE
        head += struct.pack("<QQ", len(self._body), root)
        self._body[:48] = head + struct.pack("<I", checksum(head))
        return bytes(self._body)
