"""The fuzzer's own judgement, its changes and its seeds: what it would miss, nobody would see."""

from __future__ import annotations

import time

import pytest
from tests.fuzz import parsers
from tests.fuzz.change import changed
from tests.fuzz.parsers import Strayed, Watched, judged
from tests.fuzz.seeds import TARGETS, seeds

from weighbridge.weights.registry import READERS, TEXT_READERS


def _read(stream: Watched, place: int, count: int | None) -> bytes:
    stream.seek(place)
    return stream.read(count)


def _same(data: bytes, most: int) -> bytes:
    return data[:most]


def test_an_exception_is_named_with_its_text() -> None:
    def broken(data: bytes) -> None:
        raise IndexError("index out of range")

    assert judged(broken, b"x") == "IndexError at ?: index out of range"


def test_running_out_of_stack_is_a_failure_too() -> None:
    def endless(data: bytes) -> None:
        endless(data)

    assert judged(endless, b"x").startswith("RecursionError")


def test_time_beyond_the_bound_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "MOST_SECONDS", 0.05)

    def slow(data: bytes) -> None:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass

    assert judged(slow, b"x").startswith("too slow")
    assert judged(slow, b"x", 100) == ""


def test_memory_beyond_the_bound_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = iter((2**20, 2**20 + parsers.MOST_MEMORY + 1, 2**30))
    monkeypatch.setattr(parsers, "peak", lambda: next(peaks))
    assert judged(lambda data: None, b"x").startswith("too much memory")


@pytest.mark.parametrize(("place", "count"), [(-1, 1), (5, 1), (0, 5), (3, 2), (0, -1), (0, None)])
def test_reads_outside_of_a_file_are_noticed(place: int, count: int | None) -> None:
    with pytest.raises(Strayed):
        _read(Watched(b"four"), place, count)


def test_reads_inside_of_a_file_are_left_alone() -> None:
    stream = Watched(b"four")
    assert stream.seek(1) == 1
    assert stream.read(3) == b"our"
    assert stream.read(0) == b""


def test_changes_are_those_of_their_seed_and_never_too_long() -> None:
    samples = [b"PK\x03\x04" + bytes(range(200)), b"other"]
    made = [changed("zip", samples[0], 256, seed, samples, _same) for seed in range(300)]
    assert made == [changed("zip", samples[0], 256, seed, samples, _same) for seed in range(300)]
    assert max(map(len, made)) == 256
    assert len(set(made)) > 100


def test_a_changed_tar_header_keeps_a_right_checksum() -> None:
    header = bytearray(b"name" + bytes(508))
    header[124:136] = b"00000000000\0"
    for seed in range(50):
        made = changed("tar", bytes(header), 512, seed, [b"abc"], _same)
        if len(made) == 512 and made[0]:
            told = int(made[148:154], 8)
            assert told == sum(made[:148]) + sum(made[156:]) + 8 * 32


def test_every_reader_has_seeds() -> None:
    found = seeds(32 * 1024)
    assert found.keys() == TARGETS.keys()
    assert {kind.value for kind, *_ in READERS} <= found.keys()
    assert {module for _, module, _ in TEXT_READERS} <= found.keys()
    assert all(found.values())


def test_a_seed_of_every_reader_passes_all_checks() -> None:
    for name, contents in seeds(4096).items():
        assert judged(parsers.checker(name), contents[0], 10) == "", name
