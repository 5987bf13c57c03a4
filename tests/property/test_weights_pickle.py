# ruff: noqa: E501 - a sample reads best as one line of bytes
"""The machine against CPython's own C unpickler, and against bytes that no pickler wrote.

The C unpickler runs in a process of its own, with limits, over a ``find_class`` that imports nothing
and gives back an inert class. Its requests for names must be ours, in the same order.
"""

from __future__ import annotations

import array
import collections
import datetime
import io
import json
import pickle
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.model.errors import HostileInput
from weighbridge.weights.inspection import Log
from weighbridge.weights.pickle.frames import dropping
from weighbridge.weights.pickle.ledger import Ledger
from weighbridge.weights.pickle.machine import Machine
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.pickle.table import OPCODES
from weighbridge.weights.source import file_source

_ORACLE = textwrap.dedent(
    """
    import io, json, resource, sys, warnings
    from _pickle import Unpickler
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    class Inert:
        def __new__(cls, *a, **k): return object.__new__(cls)
        def __init__(self, *a, **k): pass
        def __call__(self, *a, **k): return Inert()
        def __setstate__(self, s): pass
        def __setitem__(self, k, v): pass
        def append(self, x): pass
        def extend(self, x): pass
        def add(self, x): pass
    class Listener(Unpickler):
        def find_class(self, module, name):
            self.asked.append([module, name])
            return Inert
        def persistent_load(self, pid): return Inert()
    for line in sys.stdin:
        unpickler = Listener(io.BytesIO(bytes.fromhex(line)))
        unpickler.asked = []
        try:
            unpickler.load()
            how = "stop"
        except MemoryError:
            how = "memory"
        except Exception as error:
            how = type(error).__name__
        text = json.dumps([how, unpickler.asked])
        print(text)
    """
)


def _corpus() -> list[bytes]:
    values: list[object] = [
        {"a": [1, 2.5, None, True], "b": (1, 2, 3, 4), "c": {1, 2}, "d": frozenset("xy")},
        collections.OrderedDict(w=np.arange(4.0), b=np.float32(2)),
        [datetime.date(2026, 11, 20), 2**70, -(2**40), "ü" * 300, b"x" * 300, bytearray(b"y")],
        [collections.Counter("hello"), array.array("d", [1.0]), complex(1, 2)],
        [["shared"] * 3, {"k": "shared", "n": {"k": "shared"}}],
    ]
    corpus = [pickle.dumps(v, protocol) for v in values for protocol in range(6)]
    corpus += [
        b"cm\nn\n(I0x10\nI010\nL0x10L\nS'a\\x41\\n'\nF1.5\nVtext\\u0041\ntR.",
        b"(S'x'\nim\nn\n.", b"(cm\nn\nI1\no0N.", b"\x80\x04\x8c\x01m\x8c\x01n\x93)R.",
        b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x010X\x2c\x01\0\0\0\0cm\nn\n)R.",
        b"\x80\x02cm\nn\n)\x81}(X\x01\0\0\0aK\x01ubp5\ng5\n0(K\x01K\x02l.",
        b"T\x02\0\0\0osU\x01x\x86\x85q\x07h\x07r\x08\0\0\0j\x08\0\0\0.",
        b"(1N(K\x010t\x94\x8f(K\x01\x90(K\x02\x91\x8a\x02\0\x01\x8b\x01\0\0\0\x05.",
    ]  # fmt: skip
    return corpus


def _mutated(seed: int, count: int) -> list[bytes]:
    rng = random.Random(seed)
    corpus = _corpus()
    opcodes = [byte for byte, *_ in OPCODES]
    out = list(corpus)
    while len(out) < count:
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data) + 1)
            what = rng.randrange(6)
            if what == 0 and at < len(data):
                data[at] = rng.randrange(256)
            elif what == 1:
                data[at:at] = rng.choice(opcodes)
            elif what == 2:
                del data[at : at + rng.randint(1, 3)]
            elif what == 3:
                other = rng.choice(corpus)
                start = rng.randrange(len(other))
                data[at:at] = other[start : start + rng.randint(1, 20)]
            elif what == 4:
                data[at:at] = rng.choice(
                    (
                        b"cm\nn\n",
                        b"\x8c\x01m\x8c\x01n\x93",
                        b"(im\nn\n",
                        b")R",
                        b"2",
                        b"I0x1f\n",
                        b"I1_0\n",
                        b"L12\n",
                        b"I01\n",
                        b"p7\n",
                        b"g7\n",
                    )
                )
            else:
                size = rng.randint(0, 40).to_bytes(8, "little")
                data[at:at] = b"\x95" + size
        out.append(bytes(data))
    return out


def _ours(data: bytes) -> tuple[str, list[list[str]], bool]:
    ledger = Ledger(Log())
    ledger.trace = []
    machine = Machine(io.BytesIO(data), ledger, size=len(data), joblib=False, depth=3)
    try:
        machine.run(0)
        how = "stop"
    except HostileInput:
        how = "damage"
    return how, [list(pair) for pair in ledger.trace], bool(machine.violations or machine.torn)


def test_names_are_asked_for_as_the_c_unpickler_asks() -> None:
    streams = _mutated(20261120, 6000)
    done = subprocess.run(
        [sys.executable, "-c", _ORACLE], input="\n".join(s.hex() for s in streams), text=True,
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(streams)
    agreed = 0
    for data, (how, asked) in zip(streams, answers, strict=True):
        mine, names, violated = _ours(data)
        if violated and not _prefix(asked, names, how, mine):
            mine, names, _ = _ours(dropping(data))
        assert _prefix(asked, names, how, mine), (data, how, asked, mine, names)
        agreed += how == "stop" and bool(asked)
    assert agreed > 300  # it does compare something


def _prefix(asked: list[list[str]], names: list[list[str]], how: str, mine: str) -> bool:
    if how == "stop":
        return mine == "stop" and names == asked
    return names[: len(asked)] == asked


@pytest.mark.parametrize("seed", range(3))
def test_every_chunk_size_reads_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from weighbridge.weights.pickle import window

    streams = _mutated(seed, 150)
    expected = [_ours(data) for data in streams]
    monkeypatch.setattr(window, "CHUNK", 1)
    assert [_ours(data) for data in streams] == expected


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


BOMBS = {
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
from weighbridge.weights.inspection import Log
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
