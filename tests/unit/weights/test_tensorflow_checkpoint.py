"""A checkpoint's index: LevelDB's table, and the tensors in it."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.unit.weights import flat_build as b
from tests.unit.weights import looking

from weighbridge.formats import crc32c
from weighbridge.weights.log import Log
from weighbridge.weights.source import Source
from weighbridge.weights.tensorflow import checkpoint, inspect_checkpoint_index

HEADER = b.message((1, 1), (3, b.message((1, 1))))


def entry(
    dtype: int = 1, shape: tuple[int, ...] = (2, 3), offset: int = 0, size: int = 24, shard: int = 0
) -> bytes:
    """A ``BundleEntryProto``."""
    sides = b.message(*((2, b.message((1, side))) for side in shape))
    crc = b"\x35\1\2\3\4"
    return b.message((1, dtype), (2, sides), (3, shard), (4, offset), (5, size)) + crc


def block(entries: list[tuple[bytes, bytes]], kind: int = 0, crc: int | None = None) -> bytes:
    data, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(last), len(key)) and last[shared] == key[shared]:
            shared += 1
        data += b.varint(shared) + b.varint(len(key) - shared) + b.varint(len(value))
        data += key[shared:] + value
        last = key
    data += struct.pack("<II", 0, 1) + bytes([kind])
    return data + struct.pack("<I", crc32c.masked_crc32c(data) if crc is None else crc)


def handle(offset: int, data: bytes) -> bytes:
    return b.varint(offset) + b.varint(len(data) - 5)


def table(
    entries: list[tuple[bytes, bytes]], between: bytes = b"", magic: bytes = checkpoint.MAGIC,
    **options: Any,
) -> bytes:  # fmt: skip
    body = block(entries, **options)
    meta, index = block([]), block([(b"\xff", handle(0, body))])
    out = body + between + meta + index
    footer = handle(len(body + between), meta) + handle(len(body + between + meta), index)
    return out + footer.ljust(40, b"\0") + magic


def look(entries: list[tuple[bytes, bytes]], header: bytes = HEADER, **options: Any) -> Any:
    return looking.seen(inspect_checkpoint_index, table([(b"", header), *entries], **options))


CASES = {
    "size": ([(b"a", entry(size=23))], "size-mismatch"),
    "type": ([(b"a", entry(dtype=77))], "unknown-type"),
    "negative": ([(b"a", entry(shape=(-1,)))], "bad-shape"),
    "huge": ([(b"a", entry(shape=(2**40, 2**40)))], "bad-shape"),
    "shard": ([(b"a", entry(shard=4))], "range-outside"),
    "wraps": ([(b"a", entry(offset=2**64 - 8))], "range-outside"),
    "overlap": ([(b"a", entry()), (b"b", entry(offset=20))], "overlapping-tensors"),
    "hole": ([(b"a", entry()), (b"b", entry(offset=9000))], "hidden-data"),
    "order": ([(b"b", entry()), (b"a", entry(offset=24))], "unsorted-keys"),
    "twice": ([(b"a", entry()), (b"a", entry(offset=24))], "unsorted-keys"),
    "texts": ([(b"a", entry(dtype=7, size=3))], "size-mismatch"),
}


@pytest.mark.parametrize(("entries", "issue"), CASES.values(), ids=CASES)
def test_a_defect_is_an_issue(entries: list[tuple[bytes, bytes]], issue: str) -> None:
    assert issue in looking.codes(look(entries))


def test_the_table_itself() -> None:
    good = [(b"a", entry())]
    assert "malformed" in looking.codes(look(good, magic=b"\0" * 8))
    assert "crc-mismatch" in looking.codes(look(good, crc=1))
    assert "hidden-data" in looking.codes(look(good, between=b"extra"))
    assert look(good, kind=1).gaps
    assert "malformed" in looking.codes(looking.seen(inspect_checkpoint_index, table(good)))
    assert "malformed" in looking.codes(looking.seen(inspect_checkpoint_index, b"\0" * 47))
    assert not looking.clean(look(good, header=b.message((1, 2**31))))


@pytest.mark.parametrize("cut", [1, 8, 30, 48, 60])
def test_an_index_that_is_cut_off_is_never_clean(cut: int) -> None:
    assert not looking.clean(looking.seen(inspect_checkpoint_index, table([(b"", HEADER)])[:-cut]))


def test_entries_and_blocks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(b"%03d" % i, entry(offset=24 * i)) for i in range(50)]
    monkeypatch.setattr(checkpoint, "MAX_ENTRIES", 20)
    assert any("20 entries" in gap for gap in look(entries).gaps)
    monkeypatch.setattr(checkpoint, "MAX_BLOCK", 100)
    assert any("100 bytes" in gap for gap in look(entries).gaps)


def test_a_checkpoint_as_it_should_be() -> None:
    entries = [
        (b"model/a", entry()), (b"model/b", entry(14, (4,), 24, 8)),
        (b"model/c", entry(7, (2,), 32, 9)),
        (b"parts", b.message((1, 1), (2, b""), (7, b"\n\0"))),
    ]  # fmt: skip
    seen = look(entries)
    assert looking.clean(seen)
    assert (seen.tensors, seen.parameters) == (3, 12)
    assert seen.dtypes == ("bfloat16", "float32", "string")


def test_the_index_says_how_long_data_files_are() -> None:
    data = table([(b"", HEADER), (b"a", entry()), (b"b", entry(offset=24))])
    found: list[checkpoint.Bundle] = []

    def read(source: Source, log: Log) -> None:
        found.append(checkpoint.read_bundle(source, log))

    assert looking.clean(looking.seen(read, data))
    assert (found[0].shards, found[0].extents) == (1, {0: 48})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("variables.data-00000-of-00001", True), ("a/model-7.data-00011-of-00012", True),
     ("model.data", False), ("model.data-0-of-1", False), ("data-00000-of-00001.bin", False)],
)  # fmt: skip
def test_names_of_data_files(name: str, expected: bool) -> None:
    assert checkpoint.is_data_shard(name) is expected
