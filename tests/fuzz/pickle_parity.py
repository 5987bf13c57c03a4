"""Mutated pickles, read here and by CPython's own unpicklers, must be the same programs.

    python tests/fuzz/pickle_parity.py [STREAMS [SEED]]

The same seed makes the same streams. CPython's C unpickler, and the one in Python that joblib
subclasses, run in processes of their own under limits, with a ``find_class`` that imports nothing
and gives back an inert class. Compared are the names asked for in their order, whether STOP is
reached, the number of calls and the place of STOP. Ours goes on where a value is not known before
it is loaded, so behind an error of theirs it may have read more, never less.

What depends on CPython's version: before 3.13.15 and 3.14.7 the C unpickler loses the rest of a
frame that an opcode crosses (python/cpython#154848). Such a stream may be read either way here:
the analyser reports both.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import io
import json
import pickle
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

from weighbridge.model.errors import HostileInput
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.frames import dropping
from weighbridge.weights.pickle.ledger import Ledger
from weighbridge.weights.pickle.machine import Machine
from weighbridge.weights.pickle.table import OPCODES

BATCH = 10_000
SEED = 20261121

ORACLE = textwrap.dedent(
    """
    import io, json, resource, sys, warnings
    import pickle
    from _pickle import Unpickler
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    count = 0
    class Inert:
        def __new__(cls, *a, **k):
            global count
            count += 1
            return object.__new__(cls)
        def __init__(self, *a, **k): pass
        def __call__(self, *a, **k):
            global count
            count += 1
            return object.__new__(Inert)
        def __setstate__(self, s): pass
        def __setitem__(self, k, v): pass
        def append(self, x): pass
        def extend(self, x): pass
        def add(self, x): pass
    def listener(base):
        class Listener(base):
            def find_class(self, module, name):
                self.asked.append([module, name])
                return Inert
            def persistent_load(self, pid):
                return object.__new__(Inert)
        return Listener
    C, PYTHON = listener(Unpickler), listener(pickle._Unpickler)
    def run(kind, data):
        global count
        count = 0
        stream = io.BytesIO(data)
        unpickler = kind(stream)
        unpickler.asked = []
        try:
            unpickler.load()
            how = "stop"
        except MemoryError:
            how = "memory"
        except RecursionError:
            how = "recursion"
        except Exception as error:
            how = type(error).__name__
        return how, unpickler.asked, count, stream.tell()
    for line in sys.stdin.buffer:
        data = bytes.fromhex(line.decode())
        print(json.dumps([run(C, data), run(PYTHON, data)]))
    """
)

_PIECES = (
    b"cm\nn\n", b"\x8c\x01m\x8c\x01n\x93", b"(im\nn\n", b"(cm\nn\no", b")R", b")\x81", b")}\x92",
    b"2", b"0", b"1", b"(", b"t", b"N", b"}b", b"Nb", b"I0x1f\n", b"I1_0\n", b"I010\n", b"I 7\n",
    b"I-0x1\n", b"I5\x00x\n", b"L12\n", b"L0x10L\n", b"L0b11L\n", b"L12LL\n", b"I01\n", b"I00\n",
    b"p7\n", b"g7\n", b"p 7\n", b"g+7\n", b"q\x07", b"h\x07", b"r\x08\0\0\0", b"j\x08\0\0\0",
    b"\x94", b"h\x00", b"S'm'\n", b'S"n"\n', b"S'\\x6d'\n", b"S'a\\\n'\n", b"U\x01m",
    b"T\x01\0\0\0n",
    b"Vm\n", b"V\\u006d\n", b"F1e3\n", b"F nan\n", b"Pid\n", b"NQ", b"\x82\x01", b"\x80\x00",
    b"\x80\x02", b"\x80\x04", b"\x80\x05", b"\x80\x06", b"c__builtin__\neval\n", b"\x93", b".",
    b"\x97", b"\x98", b"\x8a\x01\x05", b"\x8b\x01\0\0\0\x05", b"]Na", b"](NNe", b"}NNs", b"}(NNu",
    b"\x8f(N\x90", b"(N\x91", b"X\x01\0\0\0m", b"\x8d\x01\0\0\0\0\0\0\0n", b"C\x01x",
    b"B\x01\0\0\0x",
    b"\x8e\x01\0\0\0\0\0\0\0x", b"\x96\x01\0\0\0\0\0\0\0x",
)  # fmt: skip


def corpus() -> list[bytes]:
    """What mutation starts from: every protocol, every opcode, the quirks of lexing."""
    values: list[object] = [
        {"a": [1, 2.5, None, True], "b": (1, 2, 3, 4), "c": {1, 2}, "d": frozenset("xy")},
        collections.OrderedDict(w=array.array("d", [1.0]), b=decimal.Decimal("1.5")),
        [datetime.date(2026, 11, 20), 2**70, -(2**40), "ü" * 300, b"x" * 300, bytearray(b"y")],
        [collections.Counter("hello"), complex(1, 2), collections.deque([1, 2], 3)],
        [["shared"] * 3, {"k": "shared", "n": {"k": "shared"}}],
        [(), (1,), (1, 2), [], {}, set(), "", b"", 0, 255, 256, 65536, -1],
    ]
    made = [pickle.dumps(v, protocol) for v in values for protocol in range(6)]
    made += [
        b"cm\nn\n(I0x10\nI010\nL0x10L\nS'a\\x41\\n'\nF1.5\nVtext\\u0041\ntR.",
        b"(S'x'\nim\nn\n.", b"(cm\nn\nI1\no0N.", b"\x80\x04\x8c\x01m\x8c\x01n\x93)R.",
        b"\x80\x04\x95\x05\0\0\0\0\0\0\0K\x010X\x2c\x01\0\0\0\0cm\nn\n)R.",
        b"\x80\x04\x95\x0c\0\0\0\0\0\0\0\x8c\x01m\x8c\x01n\x93)R0\x95\x01\0\0\0\0\0\0\0N.",
        b"\x80\x02cm\nn\n)\x81}(X\x01\0\0\0aK\x01ubp5\ng5\n0(K\x01K\x02l.",
        b"T\x02\0\0\0osU\x01x\x86\x85q\x07h\x07r\x08\0\0\0j\x08\0\0\0.",
        b"(1N(K\x010t\x94\x8f(K\x01\x90(K\x02\x91\x8a\x02\0\x01\x8b\x01\0\0\0\x05.",
        b"(cm\nn\nNt(cm\na\nNtQ0.", b"\x80\x05cm\nn\n)}\x92cm\nb\n\x94h\x00)R.",
        b"cm\nn\np4294967295\n0g4294967295\n)R.",
    ]  # fmt: skip
    return made


def mutated(seed: int, count: int) -> Iterator[bytes]:
    """The corpus, and then streams made of it by one to five changes."""
    rng = random.Random(seed)
    known = corpus()
    opcodes = [byte for byte, *_ in OPCODES]
    yield from known[:count]
    for _ in range(count - len(known)):
        data = bytearray(rng.choice(known))
        if len(data) > 400:
            del data[rng.randrange(200, 400) :]
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            _change(rng, data, known, opcodes)
        yield bytes(data)


def _change(rng: random.Random, data: bytearray, known: list[bytes], opcodes: list[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    what = rng.randrange(8)
    if what == 0 and at < len(data):
        data[at] = rng.randrange(256)
    elif what == 1:
        data[at:at] = rng.choice(opcodes)
    elif what == 2:
        del data[at : at + rng.randint(1, 3)]
    elif what == 3:
        other = rng.choice(known)
        start = rng.randrange(len(other))
        data[at:at] = other[start : start + rng.randint(1, 20)]
    elif what in (4, 5):
        data[at:at] = b"".join(rng.choices(_PIECES, k=rng.randint(1, 3)))
    elif what == 6:
        data[at:at] = b"\x95" + rng.randint(0, 40).to_bytes(8, "little")
    elif at < len(data):
        data[at] ^= 1 << rng.randrange(8)


Reading = tuple[str, list[list[str]], int, int]


def ours(data: bytes) -> tuple[Reading, bool]:
    """How it ended, the names, the calls, the place behind STOP; whether frames are broken."""
    ledger = Ledger(Log())
    ledger.trace = []
    machine = Machine(io.BytesIO(data), ledger, size=len(data), joblib=False, depth=3)
    how, end = "stop", -1
    try:
        end = machine.run(0)
        end += machine.base
    except HostileInput:
        how = "damage"
    names = [list(pair) for pair in ledger.trace]
    return (how, names, ledger.calls, end), bool(machine.violations or machine.torn)


def agrees(data: bytes, theirs: Reading) -> bool:
    """Whether one of our readings is theirs."""
    mine, broken = ours(data)
    if _same(mine, theirs, place=not broken):
        return True
    return broken and _same(ours(dropping(data))[0], theirs, place=False)


def _same(mine: Reading, theirs: Reading, *, place: bool) -> bool:
    how, names, calls, end = theirs
    if how != "stop":
        return mine[1][: len(names)] == names
    if (mine[0], mine[1], mine[2]) != ("stop", names, calls):
        return False
    return not place or mine[3] == end


def covers(data: bytes, theirs: Reading) -> bool:
    """Whether what the unpickler in Python asks for is known here, or the file is not clean."""
    mine, broken = ours(data)
    return broken or mine[0] != "stop" or mine[1][: len(theirs[1])] == theirs[1]


def ask(streams: list[bytes]) -> list[tuple[Reading, Reading]]:
    """Both of CPython's unpicklers on each stream."""
    done = subprocess.run(
        [sys.executable, "-c", ORACLE], input="\n".join(s.hex() for s in streams) + "\n",
        text=True, capture_output=True, check=True, timeout=600,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(streams), done.stderr[-2000:]
    return [(tuple(c), tuple(python)) for c, python in answers]


def compare(count: int, seed: int = SEED) -> tuple[int, int, list[bytes]]:
    """How many streams were read, how many of them reached STOP with names, and those that are
    read in another way."""
    read = stopped = 0
    diverging: list[bytes] = []
    batch: list[bytes] = []
    for number, data in enumerate(mutated(seed, count), 1):
        batch.append(data)
        if len(batch) < BATCH and number < count:
            continue
        for item, (native, plain) in zip(batch, ask(batch), strict=True):
            read += 1
            stopped += native[0] == "stop" and bool(native[1])
            if not agrees(item, native) or not covers(item, plain):
                diverging.append(item)
        batch = []
    return read, stopped, diverging


def main() -> int:
    """Compare as many streams as the first argument says; the exit code tells of divergence."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    started = time.monotonic()
    read, stopped, diverging = compare(count, seed)
    seconds = time.monotonic() - started
    sys.stdout.write(
        f"{read} streams, {stopped} complete with names, {len(diverging)} read in another way, "
        f"{seconds:.0f} s\n"
    )
    for data in diverging[:20]:
        sys.stdout.write("\n  ".join(map(repr, (data, ours(data), *ask([data])))) + "\n")
    return 1 if diverging else 0


if __name__ == "__main__":
    sys.exit(main())
