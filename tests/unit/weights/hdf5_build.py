"""A small writer of HDF5 files, old form and new: what the tests need, and every defect they want.

Source: the HDF5 File Format Specification, version 3.0. Widths of addresses and lengths are 8.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from weighbridge.weights.hdf5.checksum import lookup3

SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOWHERE = b"\xff" * 8
SPACE, LINK_INFO, TYPE, LINK, EXTERNAL, LAYOUT, FILTERS = 1, 2, 3, 6, 7, 8, 11
ATTRIBUTE, CONTINUATION, TABLE, ATTRIBUTE_INFO = 12, 16, 17, 21
F32 = b"\x11\x20\x1f\0" + struct.pack("<IHHBBBBI", 4, 0, 32, 23, 8, 0, 23, 127)
U8 = b"\x10\0\0\0" + struct.pack("<IHH", 1, 0, 8)


def q(*numbers: int) -> bytes:
    """Numbers of eight bytes."""
    return struct.pack(f"<{len(numbers)}Q", *numbers)


def summed(data: bytes) -> bytes:
    """With its checksum behind it."""
    return data + struct.pack("<I", lookup3(data))


def text_type(length: int) -> bytes:
    """Strings of a fixed length."""
    return b"\x13\0\0\0" + struct.pack("<I", length)


def list_type(base: bytes, kind: int = 0) -> bytes:
    """Sequences of a base type; of kind 1, text."""
    return bytes([0x19, kind, 0, 0]) + struct.pack("<I", 16) + base


def space(*sides: int) -> bytes:
    """A dataspace message."""
    return bytes([2, len(sides), 0, 1 if sides else 0]) + q(*sides)


def contiguous(address: int, size: int) -> bytes:
    """A layout message of version 3."""
    return b"\x03\x01" + q(address, size)


def compact(data: bytes) -> bytes:
    """Data in the header."""
    return b"\x03\0" + struct.pack("<H", len(data)) + data


def chunked(index: int, *sides: int) -> bytes:
    """Chunks by a version 1 B-tree; the last side is the element's size."""
    return b"\x03\x02" + bytes([len(sides)]) + q(index) + struct.pack(f"<{len(sides)}I", *sides)


def virtual(heap: int, index: int) -> bytes:
    """A virtual dataset, whose sources lie in a global heap."""
    return b"\x04\x03" + q(heap) + struct.pack("<I", index)


def filters(*numbers: int) -> bytes:
    """A filter pipeline message of version 2, without parameters."""
    parts = [
        struct.pack("<HHHH", n, 0, 0, 0) if n >= 256 else struct.pack("<HHH", n, 0, 0)
        for n in numbers
    ]
    return bytes([2, len(numbers)]) + b"".join(parts)


def hard(name: str, address: int) -> bytes:
    """A link message."""
    return b"\x01\0" + bytes([len(name)]) + name.encode() + q(address)


def special(name: str, kind: int, value: bytes) -> bytes:
    """A link of another kind: 1 soft, 64 external, above it user-defined."""
    head = b"\x01\x08" + bytes([kind, len(name)]) + name.encode()
    return head + struct.pack("<H", len(value)) + value


def external(name: str, file: str, target: str = "/w") -> bytes:
    """An external link."""
    return special(name, 64, b"\0" + file.encode() + b"\0" + target.encode() + b"\0")


def attribute(name: str, data: bytes, kind: bytes | None = None, *sides: int) -> bytes:
    """An attribute message of version 3; without a type, a string."""
    kind = text_type(len(data)) if kind is None else kind
    shape, label = space(*sides), name.encode() + b"\0"
    sizes = struct.pack("<HHH", len(label), len(kind), len(shape))
    return b"\x03\0" + sizes + b"\0" + label + kind + shape + data


def new_header(*messages: tuple[int, bytes]) -> bytes:
    """An object header of version 2."""
    body = b"".join(struct.pack("<BHB", kind, len(raw), 0) + raw for kind, raw in messages)
    return summed(b"OHDR\x02\x02" + struct.pack("<I", len(body)) + body)


def old_header(*messages: tuple[int, bytes]) -> bytes:
    """An object header of version 1."""
    parts = []
    for kind, raw in messages:
        raw += bytes(-len(raw) % 8)
        parts.append(struct.pack("<HHB3x", kind, len(raw), 0) + raw)
    body = b"".join(parts)
    return struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body


def global_heap(*objects: bytes) -> bytes:
    """A collection; objects are numbered from 1."""
    parts = [
        struct.pack("<HH4xQ", number, 1, len(raw)) + raw + bytes(-len(raw) % 8)
        for number, raw in enumerate(objects, 1)
    ]
    body = b"".join(parts) + bytes(16)
    return b"GCOL\x01\0\0\0" + q(16 + len(body)) + body


def sequence(heap: int, index: int, count: int) -> bytes:
    """A reference to an object of a global heap."""
    return struct.pack("<IQI", count, heap, index)


@dataclass(slots=True)
class Hdf5:
    """A file under construction: leaves first, the root last."""

    version: int = 2
    user_block: bytes = b""
    body: bytearray = field(default_factory=lambda: bytearray(96))

    def add(self, data: bytes) -> int:
        """Place something; its address."""
        self.body += bytes(-len(self.body) % 8)
        at = len(self.body)
        self.body += data
        return at

    def header(self, *messages: tuple[int, bytes]) -> int:
        """Place an object header in the file's form."""
        return self.add((old_header if self.version < 2 else new_header)(*messages))

    def dataset(
        self, *more: tuple[int, bytes], sides: tuple[int, ...] = (4,), kind: bytes = F32,
        layout: bytes | None = None,
    ) -> int:  # fmt: skip
        """A dataset; of four numbers if nothing else is said."""
        if layout is None:
            layout = contiguous(self.add(bytes(16)), 16)
        return self.header((SPACE, space(*sides)), (TYPE, kind), (LAYOUT, layout), *more)

    def group(self, *links: bytes, attributes: tuple[bytes, ...] = ()) -> int:
        """A group of the new form, its links in its header."""
        messages = [(LINK, link) for link in links] + [(ATTRIBUTE, a) for a in attributes]
        return self.header((LINK_INFO, b"\0\0" + NOWHERE * 2), *messages)

    def dense(
        self, *objects: bytes, by_order: bool = False, of: int = LINK_INFO, pack: int = 0
    ) -> int:
        """A group whose links (or attributes) lie in a fractal heap, found by one index only.

        ``pack``: the number of a filter, under which the heap is deflated.
        """
        heap = self._fractal(objects, pack)
        identities, at = [], 21
        for raw in objects:
            identities.append(b"\0" + struct.pack("<IH", at, len(raw)))
            at += len(raw)
        kind = (6 if by_order else 5) if of == LINK_INFO else (9 if by_order else 8)
        records = [self._record(kind, number, i) for number, i in enumerate(identities)]
        tree = q(self._tree(kind, records))
        trees = NOWHERE + tree if by_order else tree
        return self.header((of, bytes([0, 2 if by_order else 0]) + q(heap) + trees))

    @staticmethod
    def _record(kind: int, number: int, identity: bytes) -> bytes:
        if kind == 5:
            return struct.pack("<I", number) + identity
        if kind == 6:
            return q(number) + identity
        rest = b"\0" + struct.pack("<I", number) + (struct.pack("<I", 0) if kind == 8 else b"")
        return identity + b"\0" + rest

    def _fractal(self, objects: tuple[bytes, ...], pack: int) -> int:
        """A heap of one direct block, with 7-byte IDs: four of offset, two of length."""
        size = 4096
        block = (b"FHDB\0" + bytes(16) + b"".join(objects)).ljust(size, b"\0")
        pipeline = filters(pack) if pack else b""
        stored = zlib.compress(block) if pack else block
        root = self.add(stored)
        head = b"FRHP\0" + struct.pack("<HHBI", 7, len(pipeline), 0, 4096)
        head += q(0) + NOWHERE + q(0) + NOWHERE + q(*[0] * 8) + struct.pack("<H", 4)
        head += q(size, 65536) + struct.pack("<HH", 32, 1) + q(root) + struct.pack("<H", 0)
        if pack:
            head += q(len(stored)) + bytes(4) + pipeline
        return self.add(summed(head))

    def _tree(self, kind: int, records: list[bytes]) -> int:
        """A version 2 B-tree of one leaf."""
        leaf = self.add(summed(b"BTLF\0" + bytes([kind]) + b"".join(records)).ljust(4096, b"\0"))
        head = b"BTHD\0" + bytes([kind]) + struct.pack("<IHHBB", 4096, len(records[0]), 0, 98, 40)
        return self.add(summed(head + q(leaf) + struct.pack("<HQ", len(records), len(records))))

    def table(self, entries: dict[str, int], soft: dict[str, str] | None = None) -> tuple[int, int]:
        """A symbol table: addresses of its B-tree and of its local heap."""
        names, rows = bytearray(8), []
        for name, address in entries.items():
            rows.append(q(len(names), address) + bytes(24))
            names += name.encode() + b"\0"
        for name, target in (soft or {}).items():
            place = len(names)
            names += name.encode() + b"\0"
            rows.append(
                q(place) + NOWHERE + struct.pack("<II", 2, 0) + struct.pack("<I12x", len(names))
            )
            names += target.encode() + b"\0"
        data = self.add(bytes(names))
        heap = self.add(b"HEAP\0\0\0\0" + q(len(names), 0, data))
        node = self.add(b"SNOD\x01\0" + struct.pack("<H", len(rows)) + b"".join(rows))
        tree = self.add(b"TREE\0\0" + struct.pack("<H", 1) + NOWHERE * 2 + q(0, node, 8))
        return tree, heap

    def old_group(self, entries: dict[str, int], soft: dict[str, str] | None = None) -> int:
        """A group of the old form."""
        return self.header((TABLE, q(*self.table(entries, soft))))

    def end(self, root: int, *, tables: tuple[int, int] | None = None, eof: int = 0) -> bytes:
        """The file; ``eof`` is added to the end that its superblock names."""
        start = len(self.user_block)
        last = start + len(self.body) + eof
        if self.version < 2:
            cached = struct.pack("<II", 1, 0) + q(*tables) if tables else bytes(24)
            block = SIGNATURE + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 4, 16, 0)
            block += q(start) + NOWHERE + q(last) + NOWHERE + q(0, root) + cached
        else:
            block = SIGNATURE + bytes([2, 8, 8, 0]) + q(start) + NOWHERE + q(last, root)
            block = summed(block)
        return self.user_block + block + bytes(self.body[len(block) :])
