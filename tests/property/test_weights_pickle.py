# ruff: noqa: E501 - a sample reads best as one line of bytes
"""The machine against CPython's own C unpickler, and against bytes that no pickler wrote.

The C unpickler runs in a process of its own, with limits, over a ``find_class`` that imports nothing
and gives back an inert class. Its requests for names must be ours, in the same order.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz import pickle_parity as parity

from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.pickle.table import OPCODES
from weighbridge.weights.source import file_source


def test_programs_are_read_as_cpythons_unpicklers_read_them() -> None:
    read, complete, diverging = parity.compare(6000)
    assert read == 6000
    assert complete > 300  # it does compare something
    assert diverging == []


def test_a_stream_that_is_read_in_another_way_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The comparison sees a name too few, a call too many and a STOP elsewhere."""
    data = b"cm\nn\n)R."
    theirs = parity.ask([data])[0][0]
    assert theirs == ("stop", [["m", "n"]], 1, len(data))
    assert parity.agrees(data, theirs)
    for other in (("stop", [], 1, 8), ("stop", [["m", "n"]], 2, 8), ("stop", [["m", "n"]], 1, 7)):
        assert not parity.agrees(data, other)


@pytest.mark.parametrize("seed", range(3))
def test_every_chunk_size_reads_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from weighbridge.weights.pickle import window

    streams = list(parity.mutated(seed, 150))
    expected = [parity.ours(data) for data in streams]
    monkeypatch.setattr(window, "CHUNK", 1)
    assert [parity.ours(data) for data in streams] == expected


_op = st.sampled_from([byte for byte, *_ in OPCODES])
_piece = st.one_of(
    _op,
    st.binary(max_size=12),
    st.sampled_from(
        [b"cos\nsystem\n", b"\x8c\x02os", b"(", b"\x95\x08\0\0\0\0\0\0\0", b"I1\n", b"S'a'\n"]
    ),
)


@given(st.lists(_piece, max_size=60))
@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
def test_any_opcodes_end_in_an_inspection(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    log = Log()
    inspect_pickles(file_source(io.BytesIO(data), len(data)), log)
    seen = log.freeze("pickle")
    assert seen.bytes_read <= 2 * len(data) + 16
    assert seen.complete or seen.gaps


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    | st.tuples(inner, inner) | st.sets(st.integers(), max_size=3),
    max_leaves=20,
)  # fmt: skip


@given(_values, st.integers(0, 5))
@settings(max_examples=200, deadline=2000)
def test_plain_data_is_complete_and_clean(value: object, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    log = Log()
    found = inspect_pickles(file_source(io.BytesIO(data), len(data)), log)
    seen = log.freeze("pickle")
    assert (found.count, found.end) == (1, len(data))
    assert (seen.operations, seen.issues, seen.complete) == ((), (), True)


_PACKED = zlib.compress(b"\x80\x02" + b"N0" * 2_000_000)

BOMBS = {
    "packed": (b"\x80\x04" + (b"B" + len(_PACKED).to_bytes(4, "little") + _PACKED + b"0") * 2000 + b"N."),
    "base64": b"\x80\x04" + b"X\x00\x00\x10\x00" + b"gASV" * 2**18 + b"0N.",
    "doubling": b"\x80\x02]" + b"".join(b"q%c(h%ch%cl" % (i, i, i) for i in range(9)) + b".",
    "deep-tuples": b"N" + b"\x85" * 1_000_000 + b".",
    "deep-lists": b"]" * 1_000_000 + b"a" * 999_999 + b".",
    "marks": b"(" * 1_000_000 + b".",
    "empty-lists": b"]" * 1_000_000 + b".",
    "calls": b"\x80\x02ccollections\nOrderedDict\n" + b")R" * 1_000_000 + b".",
    "dup": b"N" + b"2" * 1_000_000 + b".",
    "memo": b"N" + b"\x94" * 1_000_000 + b".",
    "long-line": b"V" + b"a" * 15_000_000 + b"\n.",
    "long-number": b"I" + b"1" * 5_000_000 + b"\n.",
    "no-newline": b"c" + b"a" * 20_000_000,
    "huge-counts": b"B\xff\xff\xff\xff" + b"x" * 100,
    "huge-8": b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    "nested-heads": (b"C\x08\x80\x04ccccc.0") * 200_000 + b".",
    "carving": b"N." + b"\x80\x02(N0N0N0" * 500_000,
    "many-pickles": b"N." * 500_000,
    "many-globals": b"".join(b"cm%d\nn\n0" % i for i in range(100_000)) + b"N.",
    "persistent": b"\x80\x02" + b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0aX\x03\0\0\0cpuK\x01tQ0"
    * 20_000 + b"N.",
}  # fmt: skip


_RUN = """
import io, resource, sys, time
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import file_source
data = sys.stdin.buffer.read()
log, started = Log(), time.process_time()
inspect_pickles(file_source(io.BytesIO(data), len(data)), log)
seen = log.freeze("pickle")
try:  # this process's own peak; ru_maxrss counts that of the process it was forked from
    with open("/proc/self/status") as status:
        peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
print(time.process_time() - started, peak, seen.complete or bool(seen.gaps))
"""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little_time_and_memory(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", _RUN], input=BOMBS[name], capture_output=True,
                          check=True, timeout=60)  # fmt: skip
    seconds, peak, told = done.stdout.split()
    assert told == b"True"
    assert float(seconds) < 4  # two seconds, and as much again on a busy machine
    assert int(peak) < 256
