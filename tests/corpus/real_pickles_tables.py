"""Benign arrays, tables and joblib files."""

from __future__ import annotations

import bz2
import gzip
import importlib.resources
import io
import pickle
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = tuple[str, str, bytes]
_KINDS = "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 g F D S3 U4 M8[ns] m8[s] V5"


def _each(family: str, name: str, value: Any, lowest: int = 0) -> Iterator[Entry]:
    for protocol in range(lowest, 6):
        yield family, f"{name}-p{protocol}.pkl", pickle.dumps(value, protocol)


def arrays() -> Iterator[Entry]:
    """NumPy: arrays of every kind, scalars, types and random states."""
    import numpy as np

    record = np.dtype([("a", "<f4"), ("b", "<i8", (2,)), ("c", "S3"), ("d", "U2")])
    values: dict[str, Any] = {
        "plain": [np.arange(6.0).reshape(2, 3), np.asfortranarray(np.eye(3)), np.zeros(()),
                  np.zeros((0, 4)), np.arange(5)[::2], np.arange(3, dtype=">i4")],
        "types": [np.zeros(2, kind) for kind in _KINDS.split()],
        "scalars": [np.float64(1), np.float32(1), np.int64(3), np.bool_(True), np.str_("x"),
                    np.bytes_(b"x"), np.complex64(1j), np.datetime64("2026-11-21"),
                    np.timedelta64(3, "D"), np.longdouble(1), np.void(b"abc")],
        "objects": np.array([1, "a", None, [1, 2], {"k": np.float64(3)}], dtype=object),
        "strings": [np.array(["a", "bcd"]), np.array([b"a", b"b"]), np.array("x")],
        "variable": np.array(["a", "bc"], dtype=np.dtypes.StringDType()),
        "records": [np.zeros(3, record), np.rec.array([(1, 2.0)], dtype=[("x", int), ("y", float)]),
                    np.zeros(2, [("o", object), ("n", [("deep", "f8")])])],
        "masked": [np.ma.masked_array([1, 2], mask=[True, False]), np.ma.masked,
                   np.ma.zeros((2, 2)), np.ma.array([(1, 2.0)], dtype=[("a", int), ("b", float)])],
        "matrix": np.asmatrix(np.eye(2)),
        "dtypes": [np.dtype("f4"), np.dtype("O"), record, np.dtype("M8[D]"), np.float32, np.int64,
                   np.ndarray, np.dtype(("f4", (2, 2))), np.dtype(
                       {"names": ["a"], "formats": ["i4"], "offsets": [4], "itemsize": 16})],
        "generators": [np.random.default_rng(1), np.random.RandomState(1), np.random.PCG64(2),
                       np.random.Generator(np.random.MT19937(1)), np.random.SeedSequence(5),
                       np.random.Generator(np.random.Philox(1)), np.random.SFC64(3),
                       np.random.Generator(np.random.PCG64DXSM(1)), np.random.get_state()],
        "functions": [np.log1p, np.exp, np.mean, np.add, np.nan, np.poly1d([1, 2])],
        "polynomial": np.polynomial.Polynomial([1, 2, 3]),
    }  # fmt: skip
    for name, value in values.items():
        yield from _each("numpy", name, value)
    stream = io.BytesIO()
    np.save(stream, values["objects"], allow_pickle=True)
    yield "numpy", "objects.npy", stream.getvalue()
    stream = io.BytesIO()
    np.savez_compressed(stream, a=np.eye(2), b=values["objects"])
    yield "numpy", "objects.npz", stream.getvalue()


def sparse() -> Iterator[Entry]:
    """SciPy: sparse matrices, interpolators, trees and frozen results."""
    import numpy as np
    from scipy import interpolate, optimize, sparse, spatial

    for kind in ("csr", "csc", "coo", "bsr", "lil", "dok", "dia"):
        matrix = getattr(sparse, f"{kind}_matrix")(np.eye(4))
        both = [matrix, getattr(sparse, f"{kind}_array")(np.eye(3))]
        yield from _each("scipy", f"sparse-{kind}", both, 2)
    line = np.arange(6.0)
    yield from _each("scipy", "interpolators", [
        interpolate.CubicSpline(line, line**2), interpolate.interp1d(line, line),
        interpolate.PchipInterpolator(line, line), interpolate.BSpline(line, line[:4], 1),
        interpolate.make_interp_spline(line, line),
        interpolate.RegularGridInterpolator((line, line), np.ones((6, 6))),
        interpolate.RBFInterpolator(line[:, None], line),
    ], 2)  # fmt: skip
    yield from _each("scipy", "trees", [spatial.cKDTree(np.eye(3)), spatial.KDTree(np.eye(3)),
                                       spatial.transform.Rotation.identity()], 2)  # fmt: skip
    found = optimize.minimize(lambda x: float((x**2).sum()), [1.0, 2.0])
    yield from _each("scipy", "optimum", found, 2)


def frames() -> Iterator[Entry]:
    """pandas: tables with every kind of column and index."""
    import numpy as np
    import pandas as pd

    days = pd.date_range("2026-01-01", periods=4, freq="D")
    values: dict[str, Any] = {
        "mixed": pd.DataFrame({"i": [1, 2, 3, 4], "f": [0.5, np.nan, 1, 2], "s": list("abcd"),
                               "b": [True, False] * 2, "o": [None, 1, "x", [1]]}),
        "categories": pd.DataFrame({"c": pd.Categorical(list("abca")),
                                    "ordered": pd.Categorical([1, 2, 1, 2], ordered=True)}),
        "times": pd.DataFrame({"t": days, "z": days.tz_localize("UTC"),
                               "berlin": days.tz_localize("Europe/Berlin"),
                               "d": pd.to_timedelta([1, 2, 3, 4], unit="D"),
                               "p": days.to_period("M")}, index=days),
        "multi": pd.DataFrame(np.eye(4), index=pd.MultiIndex.from_product([[1, 2], ["a", "b"]],
                                                                         names=["x", "y"])),
        "extension": pd.DataFrame({"I": pd.array([1, None, 3, 4], dtype="Int64"),
                                   "F": pd.array([1.5, None, 3, 4], dtype="Float32"),
                                   "B": pd.array([True, None, False, True], dtype="boolean"),
                                   "S": pd.array(["a", None, "c", "d"], dtype="string[python]"),
                                   "O": pd.Series(list("abcd"), dtype=object)}),
        "intervals": pd.DataFrame({"v": pd.interval_range(0, 4)}),
        "sparse": pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1, 0])}),
        "series": pd.Series([1, 2, 3], name="n", index=list("xyz")),
        "indexes": [pd.RangeIndex(3), pd.Index([1.5, 2]), days, days.tz_localize("UTC"),
                    pd.CategoricalIndex(list("ab")), pd.TimedeltaIndex(["1D"]),
                    pd.period_range("2026-01", periods=2, freq="M"), pd.interval_range(0, 2)],
        "scalars": [pd.Timestamp("2026-11-21"), pd.Timestamp("2026-11-21", tz="UTC"),
                    pd.Timedelta("1D"), pd.NaT, pd.NA, pd.Period("2026-11", "M"),
                    pd.Interval(0, 1), pd.offsets.MonthEnd(2), pd.offsets.BDay(),
                    pd.DateOffset(months=1), pd.CategoricalDtype(["a"]), pd.Int64Dtype()],
    }  # fmt: skip
    for name, value in values.items():
        yield from _each("pandas", name, value, 2)
    for packing in ("gzip", "bz2", "xz"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"frame.pkl.{packing}")
            values["mixed"].to_pickle(path, compression=packing)
            yield "pandas", path.name, path.read_bytes()


def dumped() -> Iterator[Entry]:
    """joblib: plain, and in every compression of the standard library."""
    import joblib
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    rows = np.random.default_rng(1).normal(size=(40, 3))
    forest = RandomForestClassifier(3, random_state=1).fit(rows, rows[:, 0] > 0)
    values: dict[str, Any] = {
        "forest": forest,
        "arrays": {"c": rows, "f": np.asfortranarray(rows), "small": np.arange(3, dtype="u1"),
                   "objects": np.array([1, "a", rows], dtype=object), "scalar": np.float64(1),
                   "strings": np.array(["a", "bc"]), "nested": [rows[:2], {"x": rows[2:]}],
                   "record": np.zeros(3, [("a", "f4"), ("b", "i2")]), "zero": np.zeros((0, 3)),
                   "objects-in-records": np.zeros(2, [("o", object), ("n", "i4")])},
        "matrix": np.asmatrix(np.eye(3)),
    }  # fmt: skip
    for name, value in values.items():
        for packing in (0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)):
            stream = io.BytesIO()
            joblib.dump(value, stream, compress=packing)
            label = packing[0] if isinstance(packing, tuple) else "plain"
            yield "joblib", f"{name}-{label}.joblib", stream.getvalue()
        stream = io.BytesIO()
        joblib.dump(value, stream, protocol=2)
        yield "joblib", f"{name}-p2.joblib", stream.getvalue()
    packed = pickle.dumps(values["arrays"])
    for name, squeeze in (("gzip", gzip.compress), ("bz2", bz2.compress), ("zlib", zlib.compress)):
        yield "joblib", f"pickle-{name}.pkl", squeeze(packed)


def old_joblib() -> Iterator[Entry]:
    """What joblib 0.8 to 0.11 wrote, from Python 2.7 to 3.6: its own regression files."""
    folder = importlib.resources.files("joblib.test").joinpath("data")
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.name.startswith("joblib_") and ".npy" not in item.name:
            yield "joblib-old", item.name, item.read_bytes()
