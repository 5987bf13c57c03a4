"""HDF5 files whose structure is damaged: each defect is an issue of its own, and none is clean."""

from __future__ import annotations

import struct

import pytest
from tests.unit.weights import hdf5_build as b
from tests.unit.weights.looking import seen

from weighbridge.weights import hdf5
from weighbridge.weights.inspection import Inspection


def look(data: bytes) -> Inspection:
    return seen(hdf5.inspect, data)


def holding(**more) -> bytes:
    """A file with one dataset, and whatever is said of it."""
    file = b.Hdf5()
    return file.end(file.group(b.hard("w", file.dataset(**more))))


def _chunk(file, size: int, address: int | None = None, offset: int = 0) -> int:
    """An index of one chunk of four numbers."""
    at = file.add(bytes(16)) if address is None else address
    return int(
        file.add(
            b"TREE\x01\0\x01\0" + b.NOWHERE * 2 + struct.pack("<II", size, 0)
            + b.q(offset, 0, at, 4, 0)
        )
    )  # fmt: skip


def _chunked(size: int, sides: tuple[int, ...], address: int | None = None) -> bytes:
    file = b.Hdf5()
    layout = b.chunked(_chunk(file, size, address), *sides)
    return file.end(file.group(b.hard("w", file.dataset(layout=layout))))


def _overlapping() -> bytes:
    file = b.Hdf5()
    data = file.add(bytes(24))
    one = file.dataset(layout=b.contiguous(data, 16))
    two = file.dataset(layout=b.contiguous(data + 8, 16))
    return file.end(file.group(b.hard("a", one), b.hard("b", two)))


def _over_a_header() -> bytes:
    file = b.Hdf5()
    other = file.group()
    place = file.dataset(layout=b.contiguous(other, 16))
    return file.end(file.group(b.hard("a", place), b.hard("b", other)))


def _wrong_sum() -> bytes:
    file = b.Hdf5()
    root = file.group(b.hard("w", file.dataset()))
    file.body[-1] ^= 1
    return file.end(root)


def _loop_of_blocks() -> bytes:
    file = b.Hdf5(version=0)
    root = len(file.body) + -len(file.body) % 8
    return file.end(file.header((b.CONTINUATION, b.q(root + 16, 24))))


def _tree_in_a_circle() -> bytes:
    file = b.Hdf5(version=0)
    heap = file.table({})[1]
    at = len(file.body) + -len(file.body) % 8
    tree = file.add(b"TREE\0\x01\x02\0" + b.NOWHERE * 2 + b.q(0, at, 0, at, 0))
    return file.end(file.header((b.TABLE, b.q(tree, heap))))


def _levels_that_do_not_descend() -> bytes:
    file = b.Hdf5(version=0)
    heap = file.table({})[1]
    below = file.add(b"TREE\0\x05\0\0" + b.NOWHERE * 2 + b.q(0))
    tree = file.add(b"TREE\0\x02\x01\0" + b.NOWHERE * 2 + b.q(0, below, 0))
    return file.end(file.header((b.TABLE, b.q(tree, heap))))


def _few_messages() -> bytes:
    file = b.Hdf5(version=0)
    root = file.old_group({})
    file.body[root + 2] = 9
    return file.end(root)


def _plain(**more) -> bytes:
    file = b.Hdf5(**more)
    return file.end(file.group(b.hard("w", file.dataset())))


FAR = 2**40
DEFECTS = {
    "short-data": (holding(sides=(5,)), "size-mismatch"),
    "long-data": (holding(sides=(3,)), "size-mismatch"),
    "compact-size": (holding(layout=b.compact(b"abc")), "size-mismatch"),
    "data-outside": (holding(layout=b.contiguous(FAR, 16)), "range-outside"),
    "data-past-end": (holding(layout=b.contiguous(2**63, 16)), "range-outside"),
    "chunk-size": (_chunked(15, (4, 4)), "size-mismatch"),
    "chunk-element": (_chunked(32, (4, 8)), "size-mismatch"),
    "chunk-rank": (_chunked(16, (2, 2, 4)), "size-mismatch"),
    "chunk-outside": (_chunked(16, (4, 4), FAR), "range-outside"),
    "overlap": (_overlapping(), "overlapping-tensors"),
    "over-a-header": (_over_a_header(), "overlapping-tensors"),
    "checksum": (_wrong_sum(), "checksum"),
    "tree-circle": (_tree_in_a_circle(), "malformed"),
    "tree-levels": (_levels_that_do_not_descend(), "malformed"),
    "message-count": (_few_messages(), "message-count"),
    "block-circle": (_loop_of_blocks(), "malformed"),
    "trailing": (_plain() + b"more", "trailing-data"),
    "cut-off": (_plain()[:-8], "truncated"),
    "user-block-zip": (_plain(user_block=b"PK\x03\x04".ljust(512, b"\0")), "polyglot"),
    "user-block-script": (_plain(user_block=b"#!/bin/sh\n".ljust(512, b"\0")), "polyglot"),
    "user-block-pickle": (_plain(user_block=b"\x80\x02N.".ljust(512, b"\0")), "polyglot"),
    "user-block-bytes": (_plain(user_block=bytes(range(256)) * 2), "hidden-data"),
    "rank": (holding().replace(b.space(4), bytes([2, 255, 0, 1]) + b.q(4)), "malformed"),
    "huge-shape": (holding(sides=(2**40, 2**40)), "malformed"),
    "type-class": (holding(kind=b"\x1f" + b.F32[1:]), "malformed"),
    "layout-version": (holding(layout=b"\x09\x01" + b.q(96, 16)), "malformed"),
    "layout-class": (holding(layout=b"\x03\x07" + b.q(96, 16)), "malformed"),
    "link-outside": (b.Hdf5().end(FAR), "malformed"),
    "no-superblock": (b"\x89HDF" + bytes(600), "malformed"),
    "only-signature": (b.SIGNATURE, "malformed"),
    "superblock-version": (b.SIGNATURE + b"\x09" + bytes(100), "malformed"),
    "widths": (b.SIGNATURE + b"\x02\x03\x03\0" + bytes(100), "malformed"),
    "empty": (b"", "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), DEFECTS.values(), ids=DEFECTS)
def test_defects(data, code) -> None:
    seen = look(data)
    assert code in {issue.code for issue in seen.issues}, (seen.issues, seen.gaps)


def test_a_damaged_object_does_not_hide_the_others() -> None:
    file = b.Hdf5()
    links = [b.hard("bad", FAR), b.external("evil", "/x"), b.hard("w", file.dataset())]
    seen = look(file.end(file.group(*links)))
    assert [o.name for o in seen.operations] == ["/x"]
    assert seen.tensors == 1
    assert not seen.uninspected


def test_nesting_of_datatypes_is_bounded() -> None:
    kind = b.U8
    for _ in range(50):
        kind = b.list_type(kind)
    assert any("nesting" in gap for gap in look(holding(kind=kind)).gaps)


def test_links_by_names_that_are_none() -> None:
    file = b.Hdf5()
    seen = look(file.end(file.group(b.hard("a/b", file.dataset()))))
    assert {issue.code for issue in seen.issues} == {"odd-name"}


@pytest.mark.parametrize("kind", [25, 200])
def test_messages_of_unknown_types_are_not_passed_over(kind) -> None:
    file = b.Hdf5()
    seen = look(file.end(file.header((kind, b"what"))))
    assert seen.uninspected
    assert f"type {kind}" in seen.gaps[0]


def test_heaps_under_an_unknown_filter_are_not_passed_over() -> None:
    file = b.Hdf5()
    seen = look(file.end(file.dense(b.external("evil", "/x"), pack=32001)))
    assert seen.uninspected
    assert any("compression" in gap for gap in seen.gaps)


def test_every_prefix_of_a_file_is_told_from_a_whole_one() -> None:
    data = _plain()
    for length in range(0, len(data), 7):
        assert look(data[:length]).issues, length


@pytest.mark.parametrize("form", ["header", "dense", "attributes"])
def test_a_damaged_part_does_not_hide_the_one_behind_it(form) -> None:
    file = b.Hdf5()
    broken, evil = b.special("x", 1, b"/x")[:-2], b.external("evil", "/x")
    if form == "header":
        root = file.group(broken, evil)
    elif form == "dense":
        root = file.dense(broken, evil)
    else:
        pickle = b.attribute("info", b"cos\nsystem\n(S'echo inert'\ntR.")
        root = file.group(attributes=(b.attribute("x", b"abc")[:-2], pickle))
    seen = look(file.end(root))
    assert seen.operations
    assert "malformed" in {issue.code for issue in seen.issues}
