"""Benign pickles as the real libraries write them: nothing here may be flagged.

Needs the libraries of the corpus environment; each part imports its own, so that importing this
module needs none. ``samples`` gives ``(class, file name, content)``.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import importlib.util
import io
import ipaddress
import pathlib
import pickle
import random
import re
import types
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

from tests.corpus import real_pickles_estimators, real_pickles_tables, real_pickles_torch

Entry = tuple[str, str, bytes]

# The libraries that a part needs; one that is absent leaves the part out, and the corpus check
# asks for all of them.
PARTS: tuple[tuple[tuple[str, ...], Callable[[], Iterator[Entry]]], ...] = (
    (("torch", "numpy"), real_pickles_torch.tensors),
    (("torch",), real_pickles_torch.modules),
    (("torch", "joblib"), real_pickles_torch.pickled),
    (("torch",), real_pickles_torch.training),
    (("torch", "transformers", "accelerate"), real_pickles_torch.transformers),
    (("numpy",), real_pickles_tables.arrays),
    (("scipy", "numpy"), real_pickles_tables.sparse),
    (("pandas", "numpy"), real_pickles_tables.frames),
    (("joblib", "sklearn"), real_pickles_tables.dumped),
    (("joblib",), real_pickles_tables.old_joblib),
    (("sklearn",), real_pickles_estimators.families),
    (("sklearn",), real_pickles_estimators.composed),
    (("xgboost", "lightgbm", "sklearn"), real_pickles_estimators.boosters),
    (("imblearn", "sklearn"), real_pickles_estimators.imbalanced),
)


def samples() -> Iterator[Entry]:
    """Every sample of the parts whose libraries are there."""
    yield from plain()
    for needs, part in PARTS:
        if all(importlib.util.find_spec(name) for name in needs):
            yield from part()


def missing() -> tuple[str, ...]:
    """The libraries that are not there."""
    wanted = {name for needs, _ in PARTS for name in needs}
    return tuple(sorted(name for name in wanted if importlib.util.find_spec(name) is None))


def every_protocol(family: str, name: str, value: Any, lowest: int = 0) -> Iterator[Entry]:
    """One value in each protocol."""
    for protocol in range(lowest, 6):
        yield family, f"{name}-p{protocol}.pkl", pickle.dumps(value, protocol)


def plain() -> Iterator[Entry]:
    """Data of the standard library."""
    values: dict[str, Any] = {
        "containers": {
            "list": [1, -1, 2**31, 2**70, 1.5, None, True], "tuple": ((), (1,), (1, 2, 3, 4)),
            "set": {1, 2}, "frozen": frozenset("ab"), "text": "ü\n\\" * 50,
            "bytes": b"\x00\xff" * 9,
            "empty": ([], {}, set(), "", b"", bytearray()), "array": bytearray(b"abc"),
            "complex": 1 - 2j, "range": range(3, 9, 2), "slice": slice(1, None, 2),
            "special": [float("inf"), float("nan"), ..., NotImplemented],
        },
        "collections": [
            collections.OrderedDict(a=1, b=collections.OrderedDict(c=2)),
            collections.defaultdict(list, {"a": [1]}), collections.defaultdict(int),
            collections.Counter("mississippi"), collections.deque([1, 2, 3], maxlen=5),
            collections.ChainMap({"a": 1}, {"b": 2}), collections.UserDict(a=1),
            collections.UserList([1]),
        ],
        "dates": [
            datetime.date(2026, 11, 21), datetime.time(1, 2, 3, 4), datetime.timedelta(1, 2, 3),
            datetime.datetime(2026, 11, 21, 1, 2, tzinfo=datetime.UTC),
            datetime.datetime(1999, 12, 31, 23, 59),  # noqa: DTZ001 - naive dates are pickled too
            datetime.timezone(datetime.timedelta(hours=-5), "EST"),
        ],
        "numbers": [decimal.Decimal("1.50"), fractions.Fraction(1, 3), uuid.UUID(int=7)],
        "paths": [pathlib.PurePosixPath("a/b"), pathlib.Path("models/x.bin"),
                  pathlib.PureWindowsPath("c:/x")],
        "patterns": [re.compile(r"(?u)\b\w\w+\b"), re.compile(rb"a+", re.I | re.M)],
        "namespaces": [Namespace(lr=0.1, layers=[1, 2], out=pathlib.Path("out")),
                       types.SimpleNamespace(a=1)],
        "arrays": [array.array("d", [1.0, 2.0]), array.array("i", range(50))],
        "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8")],
        "random": [random.Random(3), random.Random(3).getstate()],
        "types": [int, str, float, dict, list, bool, len, sorted, collections.OrderedDict],
        "shared": [["x"] * 3, [shared := {"k": "v"}, shared, [shared]]],
    }  # fmt: skip
    for name, value in values.items():
        yield from every_protocol("stdlib", name, value)
    stream = io.BytesIO()
    for part in ({"a": 1}, [1, 2, 3], "text"):
        pickle.dump(part, stream)
    yield "stdlib", "three-in-a-row.pkl", stream.getvalue()
