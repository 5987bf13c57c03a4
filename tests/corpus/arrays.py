# ruff: noqa: E501 - a sample reads best as one line of bytes
"""NumPy files of objects, archives of them, and joblib's pickles with arrays among the opcodes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assemble import (
    PROTO_2,
    PROTO_4,
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    Zip,
    joblib_array,
    npy,
    short,
    stack_imp,
)
from tests.corpus.nested import COMPRESSORS
from tests.corpus.sample import Sample

_OBJECT = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
_FLOAT = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
_STRUCTURED = "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }"
_NESTED = "{'descr': [('a', [('b', '|O')])], 'fortran_order': False, 'shape': (1,), }"

NPY: dict[str, bytes] = {
    "object": npy(_OBJECT, RUN_PICKLE),
    "object-protocol-0": npy(_OBJECT, RUN_TEXT),
    "object-two-columns": npy(_OBJECT, b"\x80\x02N0" + RUN + b"."),
    "object-version-2": npy(_OBJECT, RUN_PICKLE, version=2),
    "object-version-3": npy(_OBJECT, RUN_PICKLE, version=3),
    "object-big-endian-name": npy(_OBJECT.replace("|O", ">O"), RUN_PICKLE),
    "object-eight": npy(_OBJECT.replace("|O", "O8"), RUN_PICKLE),
    "structured": npy(_STRUCTURED, RUN_PICKLE),
    "structured-nested": npy(_NESTED, RUN_PICKLE),
    "object-subarray": npy("{'descr': [('a', '|O', (2,))], 'fortran_order': False, 'shape': (1,), }", RUN_PICKLE),
    "object-of-no-elements": npy(_OBJECT.replace("(1,)", "(0,)"), RUN_PICKLE),
    "object-scalar": npy(_OBJECT.replace("(1,)", "()"), RUN_PICKLE),
    "raw-pickle": RUN_PICKLE,
    "raw-pickle-protocol-0": RUN_TEXT,
}  # fmt: skip
NPZ: dict[str, bytes] = {
    "object": Zip().add("a.npy", npy(_OBJECT, RUN_PICKLE)).end(),
    "object-deflated": Zip().add("a.npy", npy(_OBJECT, RUN_PICKLE), method=8).end(),
    "second-member": Zip().add("a.npy", npy(_FLOAT, b"\0" * 4)).add("b.npy", npy(_OBJECT, RUN_PICKLE)).end(),
    "pickle-member": Zip().add("a.npy", npy(_FLOAT, b"\0" * 4)).add("b.pkl", RUN_PICKLE).end(),
    "pickle-named-npy": Zip().add("a.npy", RUN_PICKLE).end(),
    "other-name": Zip().add("a", npy(_OBJECT, RUN_PICKLE)).end(),
    "in-a-folder": Zip().add("x/y/a.npy", npy(_STRUCTURED, RUN_PICKLE)).end(),
}  # fmt: skip

_ARRAY = joblib_array(b"\0" * 16, shape=(2,))
_OBJECTS = joblib_array(b"", shape=(1,), code="O8")[:-4]
_OLD_ARRAY = (
    stack_imp("joblib.numpy_pickle_compat", "NDArrayWrapper")
    + b")\x81}("
    + short("filename")
    + short("/nonexistent/inert.npy")
    + short("subclass")
    + stack_imp("numpy", "ndarray")
    + b"ub"
)

JOBLIB: dict[str, bytes] = {
    "plain": RUN_PICKLE,
    "behind-an-array": PROTO_4 + b"](" + _ARRAY + RUN + b"e.",
    "object-array": PROTO_4 + _OBJECTS + RUN_PICKLE + b".",
    "behind-an-object-array": PROTO_4 + b"](" + _OBJECTS + b"\x80\x02N." + RUN + b"e.",
    "array-that-is-opcodes": PROTO_4 + joblib_array((RUN + b".").ljust(80, b"N"), shape=(10,)).replace(b"\x03\xff\xff\xff", b"N" * 79, 1) + b".",
    "array-too-long": PROTO_4 + joblib_array(RUN, shape=(200,)) + b".",
    "estimator": PROTO_4 + stack_imp("sklearn.linear_model._base", "LinearRegression") + b")\x81}(" + short("coef_") + _ARRAY + short("intercept_") + RUN + b"ub.",
    "estimator-of-nobody": PROTO_4 + stack_imp("inert.estimators", "Model") + b")\x81}" + short("coef_") + _ARRAY + b"sb.",
    "function-transformer": PROTO_4 + stack_imp("sklearn.preprocessing._function_transformer", "FunctionTransformer") + b")\x81}" + short("func") + stack_imp("os", "system") + b"sb.",
    "wrapper-with-a-file": PROTO_2 + _OLD_ARRAY + b".",
    "subclass-runs": PROTO_4 + _ARRAY.replace(stack_imp("numpy", "ndarray"), stack_imp("os", "system")) + b".",
    "dtype-runs": PROTO_4 + _ARRAY.replace(stack_imp("numpy", "dtype"), stack_imp("os", "system")) + b".",
}  # fmt: skip
_WITHOUT_OS = {
    "estimator-of-nobody": ("inert.estimators.Model",), "wrapper-with-a-file": (),
    "array-too-long": (),
}  # fmt: skip

_ZFILE = b"ZF" + hex(len(RUN_PICKLE)).encode().ljust(19)


def samples() -> Iterator[Sample]:
    """NumPy files, archives of them, joblib files plain and by every compressor."""
    import zlib

    for how, content in NPY.items():
        yield Sample("malicious", "numpy", f"{how}.npy", content, ("os.system",),
                     "numpy.load unpickles an array of objects")  # fmt: skip
    for how, content in NPZ.items():
        yield Sample("malicious", "numpy-archive", f"{how}.npz", content, ("os.system",),
                     "numpy.load unpickles members")  # fmt: skip
    for how, content in JOBLIB.items():
        yield Sample("malicious", "joblib", f"{how}.joblib", content,
                     _WITHOUT_OS.get(how, ("os.system",)), "joblib.load unpickles")  # fmt: skip
    with_array = PROTO_4 + b"](" + _ARRAY + RUN + b"e."
    for how, pack in COMPRESSORS.items():
        yield Sample("malicious", "joblib", f"array.joblib.{how}", pack(with_array), ("os.system",),
                     "compressed by joblib, with an array before the call")  # fmt: skip
    yield Sample("malicious", "joblib", "old-zfile.pkl", _ZFILE + zlib.compress(RUN_PICKLE),
                 ("os.system",), "the compressed file of joblib before 0.10")  # fmt: skip
    padded = npy(_OBJECT.ljust(3000), RUN_PICKLE)
    yield Sample("malicious", "numpy", "long-header.npy", padded, ("os.system",),
                 "a header longer than most")  # fmt: skip
    assert struct.unpack_from("<H", padded, 8) == (3001,)
