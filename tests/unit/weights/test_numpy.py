# ruff: noqa: E501 - a sample reads best as one line of bytes
"""``.npy`` beyond its plain defects: the literal, element types, several arrays, and NumPy itself."""

from __future__ import annotations

import ast
import io
import time
import warnings

import numpy as np
import pytest

from weighbridge.model.artifact import Kind
from weighbridge.model.errors import HostileInput
from weighbridge.weights.numpy_header import ItemType, parse

HEAD = "{'descr': %s, 'fortran_order': False, 'shape': %s}"


def saved(*arrays: np.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for array in arrays:
            np.save(stream, array, **options)
    return stream.getvalue()


def clean(seen) -> bool:
    return (seen.issues, seen.gaps, seen.operations) == ((), (), ())


LITERALS = {
    "call": "__import__('os')",
    "attribute": "{'descr': ''.__class__}",
    "sum": "{'shape': (1+1,)}",
    "minus": "{'shape': (-1,)}",
    "power": "{'shape': (2**40,)}",
    "comprehension": "{'shape': [x for x in ()]}",
    "set": "{'a', 'b'}",
    "bytes": "{b'descr': 1}",
    "number-key": "{1: 2}",
    "twice": "{'descr': 1, 'descr': 2}",
    "two-texts": "{'a': 'b' 'c'}",
    "open": "{'descr': (",
    "mixed": "{'descr': (1]}",
    "comma-first": "{'descr': (,)}",
    "two-commas": "{'descr': (1,,)}",
    "no-comma": "{'descr': (1 2)}",
    "tail": "{'descr': 1} + {}",
    "comment": "{'descr': 1} # x",
    "list": "[1]",
    "empty": "",
    "escape": "{'\\x': 1}",
    "newline": "{'a\n': 1}",
    "float": "{'a': 1.5}",
    "octal": "{'a': 0o7}",
    "zeros": "{'a': 00}",
    "deep": "{'a': " + "(" * 500 + ")" * 500 + "}",
    "many-digits": "{'a': " + "9" * 5000 + "}",
}  # fmt: skip


@pytest.mark.parametrize("text", LITERALS.values(), ids=LITERALS)
def test_what_is_no_plain_literal_is_refused(text: str) -> None:
    with pytest.raises(HostileInput):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["{}", " {'a': (), 'b': (1,), 'c': [1, 2, ], 'd': (1), 'e': True, 'f': None, }  \n",
     "{'a': 'it\\'s', \"b\": \"\\u00e9\", 'c': '\\n', 'd': 'ü', 'e': [('x', '<f4', (2, 3))]}"],
)  # fmt: skip
def test_a_literal_is_what_python_takes_it_for(text: str) -> None:
    assert parse(text) == ast.literal_eval(text.strip())


def test_the_suffix_of_python_2_is_taken_away() -> None:
    assert parse("{'shape': (3L, 4L), 'u': u'x'}") == {"shape": (3, 4), "u": "x"}


TYPES = (
    "?", "i1", "u1", "<i2", ">i2", "<u4", "<i8", "<f2", ">f4", "<f8", "g", "<c8", ">c16", "G", "S7",
    "S0", "U5", "U0", "V3", "V0", "M8", "M8[ns]", "m8[25s]", "M8[D]", "m8[us]",
)  # fmt: skip


@pytest.mark.parametrize("code", TYPES)
def test_a_type_has_the_size_that_numpy_gives_it(look, code: str) -> None:
    array = np.zeros((2, 3), code)
    seen = look(saved(array), Kind.NUMPY, "a.npy")
    assert clean(seen), seen
    assert ItemType(array.dtype.str).size == array.dtype.itemsize


@pytest.mark.parametrize(("code", "size"), [("<V2", 2), ("<V1", 1), ("<f1", 1), ("<W4", 4)])
def test_small_types_as_ml_dtypes_writes_them(look, craft, code: str, size: int) -> None:
    data = craft.npy(HEAD % (f"'{code}'", "(3,)"), bytes(3 * size))
    assert clean(look(data, Kind.NUMPY, "a.npy"))


RECORDS = {
    "plain": [("a", "<f4"), ("b", "<i8")],
    "nested": [("a", [("x", "<f4", (2, 3)), ("y", "S3")]), ("b", "U2")],
    "titled": [(("The title", "a"), "<f4"), (("Other", "b"), "<i2")],
    "unicode": [("é", "<f4"), ("名前", "<i2")],
    "aligned": np.dtype([("a", "i1"), ("b", "<f8"), ("c", "i1")], align=True),
    "offsets": np.dtype({"names": ["a", "b"], "formats": ["<i4", "<i2"], "offsets": [4, 12], "itemsize": 24}),
    "sub-array": [("a", "<f4", (2,)), ("b", ("<i2", (3, 2)))],
    "dates": [("when", "M8[ms]"), ("how long", "m8[h]")],
    "quotes": [("it's", "<f4"), ('"', "<i2"), ("\\", "<i2")],
    "no-fields": [],
    "many": [(f"column number {i}", "<f8") for i in range(3000)],
}  # fmt: skip


@pytest.mark.parametrize("dtype", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0)])
def test_a_record_is_measured_as_numpy_does(look, dtype, shape) -> None:
    array = np.zeros(shape, dtype)
    data = saved(array)
    seen = look(data, Kind.NUMPY, "a.npy")
    assert clean(seen), seen
    assert seen.parameters == array.size
    if array.nbytes:
        assert look(data[:-1], Kind.NUMPY, "a.npy").issues[0].code == "truncated"


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_versions_and_orders(look, version, order) -> None:
    stream = io.BytesIO()
    array = np.asarray(np.arange(12.0).reshape(3, 4), order=order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.lib.format.write_array(stream, array, version)
    assert clean(look(stream.getvalue(), Kind.NUMPY, "a.npy"))


def test_arrays_one_behind_the_other_are_all_read(look, craft) -> None:
    data = saved(np.zeros(3), np.array([1, "a"], object), np.ones((2, 2), "f4"), allow_pickle=True)
    seen = look(data, Kind.NUMPY, "a.npy")
    assert seen.issues == ()
    assert (seen.tensors, seen.parameters) == (3, 9)
    evil = craft.npy(HEAD % ("'|O'", "()"), b"cos\nsystem\n(S'echo inert'\ntR.")
    seen = look(saved(np.zeros(3)) + evil, Kind.NUMPY, "a.npy")
    assert {o.name for o in seen.operations} >= {"os.system"}
    assert (
        look(saved(np.zeros(3)) + b"\x93NUMPX", Kind.NUMPY, "a.npy").issues[0].code
        == "trailing-data"
    )


@pytest.mark.parametrize(
    "descr",
    ["'|O'", "'O'", "'object'", "'O8'", "[('a', '|O')]", "[('a', '<f4'), ('b', 'O', (2,))]", "('|O', (2,))",
     "'f4,O'", "'(2,)O'", "'O4'"],
)  # fmt: skip
def test_a_pickle_behind_any_name_of_objects_is_found(look, craft, descr: str) -> None:
    data = craft.npy(HEAD % (descr, "(1,)"), b"cos\nsystem\n(S'echo inert'\ntR.")
    seen = look(data, Kind.NUMPY, "a.npy")
    assert "os.system" in {o.name for o in seen.operations}


DEFECTS = {
    "minor-version": (lambda c: c.npy(HEAD % ("'<f4'", "()"), bytes(4)).replace(b"\x01\0", b"\x01\1", 1), "malformed"),
    "not-utf8": (lambda c: c.npy("{'\xff': 1}", version=3), "malformed"),
    "odd-width": (lambda c: c.npy(HEAD % ("'<f3'", "(1,)"), bytes(3)), "malformed"),
    "unit-on-float": (lambda c: c.npy(HEAD % ("'<f4[s]'", "(1,)"), bytes(4)), "malformed"),
    "same-field": (lambda c: c.npy(HEAD % ("[('a', '<f4'), ('a', '<f4')]", "(1,)"), bytes(8)), "malformed"),
    "title-is-a-field": (lambda c: c.npy(HEAD % ("[('a', '<f4'), (('a', 'b'), '<f4')]", "(1,)"), bytes(8)), "malformed"),
    "dictionary": (lambda c: c.npy(HEAD % ("{'names': ['a']}", "(1,)"), bytes(8)), "malformed"),
    "huge-item": (lambda c: c.npy(HEAD % ("[('a', '<f4', (99999999999, 99999999999))]", "(0,)")), "malformed"),
    "rank": (lambda c: c.npy(HEAD % ("'<f4'", "(" + "1," * 70 + ")"), bytes(4)), "malformed"),
    "true-as-side": (lambda c: c.npy(HEAD % ("'<f4'", "(True,)"), bytes(4)), "malformed"),
    "shape-is-a-number": (lambda c: c.npy(HEAD % ("'<f4'", "3"), bytes(12)), "malformed"),
    "huge-bytes": (lambda c: c.npy(HEAD % ("'V999999999'", "(999999999,)")), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect(look, craft, codes, make, code) -> None:
    data = make(craft)
    assert code in codes(look(data, Kind.NUMPY, "a.npy"))
    with pytest.raises((ValueError, TypeError, MemoryError, OverflowError)):
        np.load(io.BytesIO(data), allow_pickle=False)


@pytest.mark.parametrize(
    "text",
    ["(" * 900_000, "{'a': [" + "1," * 400_000, "{'" + "\\" * 900_000, "{" + "'a':1," * 150_000],
)
def test_a_long_header_costs_little(look, craft, text: str) -> None:
    data = craft.npy(text, version=2)
    started = time.process_time()
    seen = look(data, Kind.NUMPY, "a.npy")
    assert time.process_time() - started < 2
    assert not seen.complete
