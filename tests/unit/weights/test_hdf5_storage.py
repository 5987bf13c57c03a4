"""Datatypes, shared messages, and the deeper forms of heaps and trees."""

from __future__ import annotations

import struct

import pytest
from tests.unit.weights import hdf5_build as b
from tests.unit.weights.looking import clean, seen

from weighbridge.weights import hdf5
from weighbridge.weights.inspection import Inspection

PICKLE = b"cos\nsystem\n(S'echo inert'\ntR."


def look(data: bytes) -> Inspection:
    return seen(hdf5.inspect, data)


def head(version: int, kind: int, bits: int, size: int) -> bytes:
    """The first eight bytes of a datatype."""
    return bytes([version << 4 | kind]) + bits.to_bytes(3, "little") + struct.pack("<I", size)


def floats(size: int, exponent: int, mantissa: int) -> bytes:
    place = struct.pack("<HHBBBBI", 0, 8 * size, mantissa, exponent, 0, mantissa, 127)
    return head(1, 1, 0x1F20, size) + place


MEMBER_1 = b"name\0\0\0\0" + struct.pack("<IB11x4I", 0, 1, 2, 0, 0, 0) + b.F32
MEMBER_2 = b"name\0\0\0\0" + struct.pack("<I", 4) + b.F32
MEMBER_3 = b"name\0" + bytes([4]) + b.F32
# Name as it is reported -> (datatype message, bytes of an element)
TYPES: dict[str, tuple[bytes, int]] = {
    "int32": (head(1, 0, 8, 4) + bytes(4), 4),
    "uint16": (head(1, 0, 0, 2) + bytes(4), 2),
    "float16": (floats(2, 5, 10), 2),
    "bfloat16": (floats(2, 8, 7), 2),
    "float8_e4m3": (floats(1, 4, 3), 1),
    "time": (head(1, 2, 0, 4) + bytes(2), 4),
    "string": (b.text_type(7), 7),
    "bitfield": (head(1, 4, 0, 1) + bytes(4), 1),
    "opaque": (head(1, 5, 8, 3) + b"tag\0\0\0\0\0", 3),
    "compound": (head(1, 6, 1, 8) + MEMBER_1, 8),
    "compound/2": (head(2, 6, 1, 8) + MEMBER_2, 8),
    "compound/3": (head(3, 6, 1, 8) + MEMBER_3, 8),
    "reference": (head(1, 7, 0, 8), 8),
    "enum": (head(1, 8, 2, 1) + b.U8 + b"on\0\0\0\0\0\0off\0\0\0\0\0\0\1", 1),
    "bool": (head(3, 8, 2, 1) + b.U8 + b"FALSE\0TRUE\0\0\1", 1),
    "array of uint8": (head(2, 10, 0, 6) + b"\2\0\0\0" + struct.pack("<4I", 2, 3, 0, 0) + b.U8, 6),
    "array of uint8/3": (head(3, 10, 0, 6) + b"\2" + struct.pack("<2I", 2, 3) + b.U8, 6),
    "complex64": (head(5, 11, 0, 8) + b.F32, 8),
    "sequence of float32": (b.list_type(b.F32), 16),
}


@pytest.mark.parametrize(("name", "kind"), TYPES.items(), ids=TYPES)
@pytest.mark.parametrize("version", [0, 2])
def test_datatypes(name, kind, version) -> None:
    message, size = kind
    file = b.Hdf5(version=version)
    data = file.add(bytes(3 * size))
    place = file.dataset(sides=(3,), kind=message, layout=b.contiguous(data, 3 * size))
    root = file.old_group({"w": place}) if version == 0 else file.group(b.hard("w", place))
    seen = look(file.end(root))
    assert clean(seen)
    assert seen.dtypes == (name.partition("/")[0],)


WRONG: dict[str, bytes] = {
    "member-outside": head(2, 6, 1, 8) + b"name\0\0\0\0" + struct.pack("<I", 6) + b.F32,
    "member-cut-off": head(1, 6, 2, 8) + MEMBER_1,
    "array-size": head(3, 10, 0, 7) + b"\2" + struct.pack("<2I", 2, 3) + b.U8,
    "array-rank": head(3, 10, 0, 6) + b"\xff",
    "enum-names": head(1, 8, 60000, 1) + b.U8,
    "version": head(9, 0, 0, 4) + bytes(4),
}


@pytest.mark.parametrize("message", WRONG.values(), ids=WRONG)
def test_damaged_datatypes(message) -> None:
    file = b.Hdf5()
    seen = look(file.end(file.group(b.hard("w", file.dataset(kind=message)))))
    assert {issue.code for issue in seen.issues} == {"malformed"}


def _with_flags(header: bytes, kind: int, flags: int) -> bytes:
    """A header of version 2 whose first message of a kind has other flags."""
    at = 10
    while header[at] != kind:
        at += 4 + int.from_bytes(header[at + 1 : at + 3], "little")
    return bytes(b.summed(header[: at + 3] + bytes([flags]) + header[at + 4 : -4]))


def _sharing(file, kind: bytes) -> int:
    data = file.add(bytes(16))
    messages = (b.SPACE, b.space(4)), (b.TYPE, kind), (b.LAYOUT, b.contiguous(data, 16))
    return int(file.add(_with_flags(b.new_header(*messages), b.TYPE, 2)))


@pytest.mark.parametrize(
    "reference", [b"\x01\0" + bytes(14), b"\x02\0", b"\x03\x02"], ids=["1", "2", "3"]
)
def test_committed_datatypes(reference) -> None:
    file = b.Hdf5()
    named = file.header((b.TYPE, b.F32))
    place = _sharing(file, reference + b.q(named))
    seen = look(file.end(file.group(b.hard("type", named), b.hard("w", place))))
    assert clean(seen)
    assert seen.dtypes == ("float32",)


@pytest.mark.parametrize("target", [2**40, 96])
def test_committed_datatypes_that_are_not_there(target) -> None:
    file = b.Hdf5()
    file.group()
    place = _sharing(file, b"\x03\x02" + b.q(target))
    seen = look(file.end(file.group(b.hard("w", place))))
    assert {issue.code for issue in seen.issues} == {"malformed"}


def _extended(file, root: int, extension: int) -> bytes:
    """A superblock of version 2 with an extension."""
    data = bytearray(file.end(root))
    data[20:28] = b.q(extension)
    data[:48] = b.summed(bytes(data[:44]))
    return bytes(data)


def test_attributes_in_the_heap_of_shared_messages() -> None:
    file = b.Hdf5()
    stored = b.attribute("info", PICKLE)
    heap = file._fractal((stored,), 0)
    index = bytes([0, 0]) + struct.pack("<HIHHH", 1 << b.ATTRIBUTE, 0, 50, 40, 1)
    table = file.add(b.summed(b"SMTB" + index + b.NOWHERE + b.q(heap)))
    extension = file.header((15, b"\0" + b.q(table) + b"\1"))
    identity = b"\x03\x01\0" + struct.pack("<IH", 21, len(stored)) + b"\0"
    header = b.new_header((b.LINK_INFO, b"\0\0" + b.NOWHERE * 2), (b.ATTRIBUTE, identity))
    root = file.add(_with_flags(header, b.ATTRIBUTE, 2))
    seen = look(_extended(file, root, extension))
    assert ("dangerous", "os.system") in {(o.verdict.value, o.name) for o in seen.operations}


@pytest.mark.parametrize(
    ("kind", "body", "gap"),
    [(20, b"\0" + b"NCSAmult" + bytes(2), "more files"), (24, b"\0" + b.q(96, 8), "cache image"),
     (24, b"\0" + b.NOWHERE + b.q(0), "")],
)  # fmt: skip
def test_extensions_of_the_superblock(kind, body, gap) -> None:
    file = b.Hdf5()
    seen = look(_extended(file, file.group(), file.header((kind, body))))
    assert any(gap in found for found in seen.gaps) if gap else clean(seen)


def test_links_that_are_huge_or_tiny_objects() -> None:
    """A huge object is found by a key in a B-tree; a tiny one is its own ID."""
    file = b.Hdf5()
    link = b.external("evil" * 2, "/x" * 3000)
    place = file.add(link)
    by_key = file._tree(1, [b.q(place, len(link), 7)])
    heap = b"FRHP\0" + struct.pack("<HHBI", 7, 0, 0, 4096) + b.q(8, by_key, 0) + b.NOWHERE
    heap += b.q(*[0] * 8) + struct.pack("<H", 4) + b.q(4096, 65536)
    heap += struct.pack("<HH", 32, 1) + b.NOWHERE + bytes(2)
    records = [bytes(4) + b"\x10" + struct.pack("<IH", 7, 0), bytes(4) + b"\x25\x01\0\x01z\x01\0"]
    tree = file._tree(5, records)
    info = b"\0\0" + b.q(file.add(b.summed(heap)), tree)
    seen = look(file.end(file.header((b.LINK_INFO, info))))
    assert [o.opcode for o in seen.operations] == ["ExternalLink"]
    # The tiny one is a link cut off in its address.
    assert {issue.code for issue in seen.issues} == {"malformed"}


def test_heaps_and_trees_of_two_levels() -> None:
    """An indirect block of two direct ones, and a B-tree whose root is an internal node."""
    file = b.Hdf5()
    links = [b.special("a", 1, b"/x"), b.external("evil", "/x")]
    blocks = [file.add((b"FHDB\0" + bytes(16) + link).ljust(512, b"\0")) for link in links]
    indirect = file.add(b"FHIB\0" + bytes(12) + b.q(*blocks) + b.NOWHERE * 2 + bytes(4))
    heap = b"FRHP\0" + struct.pack("<HHBI", 7, 0, 0, 4096) + b.q(0) + b.NOWHERE + b.q(0) + b.NOWHERE
    heap += b.q(*[0] * 8) + struct.pack("<H", 4) + b.q(512, 65536)
    heap += struct.pack("<HHQH", 32, 1, indirect, 1)
    records = [
        bytes(4) + b"\0" + struct.pack("<IH", 512 * number + 21, len(link))
        for number, link in enumerate(links)
    ]
    leaves = [file.add((b"BTLF\0\x05" + part).ljust(512, b"\0")) for part in (b"", records[1])]
    inner = b"BTIN\0\x05" + records[0] + b.q(leaves[0]) + b"\0" + b.q(leaves[1]) + b"\1"
    root = file.add(inner.ljust(512, b"\0"))
    tree = b"BTHD\0\x05" + struct.pack("<IHHBBQHQ", 512, 11, 1, 98, 40, root, 1, 2) + bytes(4)
    info = b"\0\0" + b.q(file.add(b.summed(heap)), file.add(tree))
    seen = look(file.end(file.header((b.LINK_INFO, info))))
    assert [o.opcode for o in seen.operations] == ["ExternalLink"]
    assert not seen.issues


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(("side", "flagged"), [(1000, False), (1 << 20, True)])
def test_a_shape_that_the_file_does_not_hold(side: int, flagged: bool, stored: bool) -> None:
    file = b.Hdf5()
    layout = b.contiguous(2**64 - 1, 4 * side * side)
    if stored:
        layout = b.chunked(2**64 - 1, side, side, 4)
    data = file.end(file.group(b.hard("w", file.dataset(sides=(side, side), layout=layout))))
    found = look(data)
    assert {issue.code for issue in found.issues} == ({"decompression-bomb"} if flagged else set())


def test_shapes_are_summed() -> None:
    file = b.Hdf5()
    layout = b.contiguous(2**64 - 1, 4 * 2000 * 2000)
    links = [b.hard(f"w{n}", file.dataset(sides=(2000, 2000), layout=layout)) for n in range(5)]
    assert clean(look(file.end(file.group(*links[:2]))))
    codes = {issue.code for issue in look(file.end(file.group(*links))).issues}
    assert codes == {"decompression-bomb"}
