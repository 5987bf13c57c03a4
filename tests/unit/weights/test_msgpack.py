# ruff: noqa: E501 - a sample reads best as one line
"""Flax's msgpack: arrays that fit their bytes, counts that fit the file."""

from __future__ import annotations

import io
import struct
import time

import msgpack as packer
import pytest

from weighbridge.formats.msgpack_start import looks_like_msgpack
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.log import Log
from weighbridge.weights.msgpack import inspect
from weighbridge.weights.source import file_source


def array(shape: list[object], dtype: str, data: bytes, kind: int = 1) -> packer.ExtType:
    return packer.ExtType(kind, packer.packb([shape, dtype, data], use_bin_type=True))


def looked(data: bytes) -> Inspection:
    log = Log()
    inspect(file_source(io.BytesIO(data), len(data)), log)
    return log.freeze("msgpack")


def tree(leaf: object) -> bytes:
    return bytes(packer.packb({"params": {"Dense_0": {"kernel": leaf}}}))


ORDINARY = {
    "array": array([2, 3], "float32", b"\0" * 24),
    "scalar": array([], "float32", b"\0" * 4, kind=3),
    "bfloat16": array([300, 300], "bfloat16", b"\0" * 180_000),
    "empty": array([0, 5], "bool", b""),
    "one byte": array([1], "int8", b"\0"),
    "complex": packer.ExtType(2, packer.packb((1.0, 2.0))),
    "more": {
        "a": 1,
        "b": [True, None, -5, 2.5, "x", b"y" * 300],
        "c": array([1], "int64", b"\0" * 8),
    },
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_trees_are_nothing_to_report(name: str) -> None:
    seen = looked(tree(ORDINARY[name]))
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_arrays_are_counted() -> None:
    seen = looked(
        packer.packb(
            {"a": array([2, 3], "float32", b"\0" * 24), "b": array([4], "int8", b"\0" * 4)}
        )
    )
    assert (seen.tensors, seen.parameters, seen.dtypes) == (2, 10, ("float32", "int8"))


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        (array([2, 3], "float32", b"\0" * 20), "size-mismatch"),
        (array([2**40, 2**40], "float32", b"\0" * 4), "size-mismatch"),
        (array([1], "object", b"\0" * 8), "object-array"),
        (array([1], "nonsense", b"\0" * 8), "unknown-type"),
    ],
)
def test_an_array_that_does_not_fit(leaf: object, code: str) -> None:
    assert {i.code for i in looked(tree(leaf)).issues} == {code}


def test_an_unknown_extension_is_a_gap() -> None:
    assert looked(tree(packer.ExtType(42, b"x"))).gaps


def test_what_follows_the_tree() -> None:
    assert [i.code for i in looked(tree(1) + b"\x80\x04.").issues] == ["trailing-data"]
    inside = packer.packb([[1], "int8", b"\0"]) + b"hidden"
    assert [i.code for i in looked(tree(packer.ExtType(1, inside))).issues] == ["trailing-data"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xc1", b"\x81", b"\x81\xa1a", b"\x81\xa1a\xc1", b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff", b"\xdb\x00\x00\x00\x09a", b"\xc9\xff\xff\xff\xff\x01", b"\xcb\0",
        tree(packer.ExtType(1, b"\x92\x90\xa1a")), tree(packer.ExtType(1, b"")), tree(packer.ExtType(1, b"\x93\xc0")),
        tree(packer.ExtType(1, b"\x93\x91\xff")), tree(packer.ExtType(1, b"\x93\x90\x05")),
        tree(packer.ExtType(1, b"\x93\x90\xa4int8\xc4\x05a")), tree(packer.ExtType(1, b"\x93\x90\xa4int8\xa1a")),
        tree(packer.ExtType(1, b"\x93\xdc\xff\xff")),
    ],
)  # fmt: skip
def test_what_is_malformed(data: bytes) -> None:
    with pytest.raises(HostileInput):
        looked(data)


@pytest.mark.parametrize("data", [b"\xdd" + struct.pack(">I", 1_100_000) + b"\x01" * 1_100_000])
def test_bounds(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BoundExceeded):
        looked(data)
    assert time.process_time() - started < 2


def test_recognized_by_a_table_that_leads_to_an_array() -> None:
    for leaf in (ORDINARY["array"], ORDINARY["scalar"], ORDINARY["bfloat16"], ORDINARY["one byte"]):
        data = tree(leaf)
        assert looks_like_msgpack(data[:4096], len(data))
    step = packer.packb({"step": 7, "lr": 0.5, "params": {"a": ORDINARY["array"]}})
    assert looks_like_msgpack(step, len(step))
    for other in (
        packer.packb({"a": 1}), packer.packb([1, 2]), b"\x80\x04K\x01.", b"{}", b"\x81\xa1a", b"", b"\x82\xa3abc\xa3def",
        b"\x89PNG\r\n\x1a\n", b"\x81\xa3\xff\xfe\xfd\xc7\x06\x01\x93", b"\x93NUMPY",
    ):  # fmt: skip
        assert not looks_like_msgpack(other, len(other)), other


def chunked(shape: dict[str, int], *lengths: int) -> bytes:
    chunks = {str(n): array([one], "int8", b"\0" * one) for n, one in enumerate(lengths)}
    table = {"__msgpack_chunked_array__": True, "shape": shape, "chunks": chunks}
    return bytes(packer.packb({"a": table}))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x82\xa1a\x01\xa1a\x02", "duplicate-key"),
        (b"\x82\xd9\x01a\x01\xa1a\x02", "duplicate-key"),  # the same name, written longer
        (b"\x81\xa1p\x82\xa1a\xc0\xa1a\xc0", "duplicate-key"),
        (b"\x81\xa2\xff\xfe\x01", "bad-text"),
        (tree(array([2], "float32", b"\0" * 8, kind=3)), "size-mismatch"),
        (chunked({"0": 100}, 3), "size-mismatch"),
        (chunked({"0": 2, "1": 5}, 4, 4), "size-mismatch"),
        (chunked({"0": 2**62, "1": 2**62}, 4), "size-mismatch"),
    ],
)
def test_tables_that_contradict_themselves(data: bytes, code: str) -> None:
    assert code in {issue.code for issue in looked(data).issues}


@pytest.mark.parametrize(
    "data",
    [
        b"\x91" * 1025 + b"\xc0",  # msgpack's own reader takes 1024
        b"\x91" * 300_000 + b"\xc0",
        b"\x81\xa1a" * 100_000 + b"\xc0",
        tree(packer.ExtType(2, b"\x91\xc0")),
        tree(packer.ExtType(2, b"")),
        b"\x81\xbfa",
        b"\x82\xa1a\x01\xda\xff\xffa",
    ],
)
def test_depth_and_what_breaks_off(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(HostileInput):
        looked(data)
    assert time.process_time() - started < 2


def test_tables_as_they_should_be() -> None:
    for data in (
        b"\x91" * 1024 + b"\xc0",
        chunked({"0": 2, "1": 5}, 4, 4, 2),
        chunked({}, 1),
        packer.packb([{"a": 1}, {"a": 1}]),
        packer.packb({"a": {"a": {"a": 1}}, 1: 2, "k" * 5000: 3, "shape": [4, 5], "chunks": 1}),
    ):
        seen = looked(data)
        assert (seen.issues, seen.gaps) == ((), ())
