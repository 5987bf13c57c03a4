"""Reading ahead gives the bytes of the file, in order, and passes on what goes wrong."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from weighbridge.snapshot.ahead import ahead
from weighbridge.snapshot.disk import DiskTree
from weighbridge.snapshot.hashing import Plan
from weighbridge.snapshot.read import BUFFER_BYTES, Reader, Stop

SIZES = [BUFFER_BYTES + 1, 2 * BUFFER_BYTES, 2 * BUFFER_BYTES + 12345, 5 * BUFFER_BYTES - 1]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_read_ahead_has_the_digests_of_its_bytes(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "model.bin").write_bytes(data)
    plan = Plan(("sha256", "blake2b", "blake3"), classify=False)
    with Reader(DiskTree(tmp_path), plan, Stop(), alone=True) as reader:
        read = reader.read((b"model.bin",))
    with Reader(DiskTree(tmp_path), plan, Stop()) as reader:
        plain = reader.read((b"model.bin",))
    assert read == plain
    assert read.digests[0].value == hashlib.sha256(data).hexdigest()


def test_a_hole_read_ahead_is_zeros(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    with path.open("wb") as file:
        file.truncate(6 * BUFFER_BYTES)
        file.seek(3 * BUFFER_BYTES + 7)
        file.write(b"x")
    with Reader(DiskTree(tmp_path), Plan(), Stop(), alone=True) as reader:
        read = reader.read((b"model.bin",))
    assert read.digests[0].value == hashlib.sha256(path.read_bytes()).hexdigest()


def test_pieces_follow_one_another_whatever_a_fetch_gives() -> None:
    data = bytes(range(250))

    def fetch(position: int, into: memoryview) -> memoryview:
        part = data[position : position + 7 + position % 3]
        into[: len(part)] = part
        return into[: len(part)]

    assert b"".join(bytes(piece) for piece in ahead(fetch, 16)) == data


def test_what_goes_wrong_in_the_thread_is_raised() -> None:
    def fetch(position: int, into: memoryview) -> memoryview:
        if position:
            raise OSError(5, "Input/output error")
        return into

    pieces = ahead(fetch, 16)
    next(pieces)
    with pytest.raises(OSError, match="Input/output"):
        next(pieces)
