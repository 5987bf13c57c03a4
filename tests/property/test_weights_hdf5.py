"""HDF5 and Keras readers against bytes that no tool wrote: a finding, never another exception."""

from __future__ import annotations

import io
import json
import struct
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.weights import hdf5_build as b

from weighbridge.model.errors import HostileInput
from weighbridge.weights import hdf5
from weighbridge.weights.hdf5.checksum import lookup3
from weighbridge.weights.inspection import Inspection
from weighbridge.weights.keras_config import inspect_config
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source

_MOST = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def _modern() -> bytes:
    file = b.Hdf5()
    heap = file.add(b.global_heap(b"text", b"\x80\x02N."))
    words = file.dataset(
        sides=(1,),
        kind=b.list_type(b.U8),
        layout=b.contiguous(file.add(b.sequence(heap, 2, 4)), 16),
    )
    links = [b.special(f"n{number}", 1, b"/x") for number in range(9)]
    attributes = (b.attribute("model_config", b'{"class_name": "Dense"}'), b.attribute("t", b"a."))
    return file.end(
        file.group(
            b.hard("w", file.dataset((b.FILTERS, b.filters(1, 32000)))), b.hard("words", words),
            b.hard("many", file.dense(*links)), attributes=attributes,
        )
    )  # fmt: skip


def _classic() -> bytes:
    file = b.Hdf5(version=0)
    chunk = file.add(bytes(16))
    index = file.add(
        b"TREE\x01\0\x01\0" + b.NOWHERE * 2 + struct.pack("<II", 16, 0) + b.q(0, 0, chunk, 4, 0)
    )
    entries = {"one": file.dataset(), "two": file.dataset(layout=b.chunked(index, 4, 4))}
    return file.end(file.old_group({"sub": file.old_group(entries)}, {"soft": "/sub"}))


SEEDS = {"modern": _modern(), "classic": _classic()}


def look(data: bytes) -> Inspection:
    log = Log()
    started = time.process_time()
    try:
        hdf5.inspect(file_source(io.BytesIO(data), len(data)), log)
    except HostileInput as error:
        log.issue("malformed", str(error))
    assert time.process_time() - started < 10
    return log.freeze("hdf5")


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_the_seeds_are_whole(seed) -> None:
    seen = look(seed)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
    assert seen.tensors == 2


@_MOST
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=9)), max_size=6),
    st.integers(0, 200),
)
def test_changed_bytes(name, changes, cut) -> None:
    data = bytearray(SEEDS[name])
    for place, raw in changes:
        at = place % len(data)
        data[at : at + len(raw)] = raw
    look(bytes(data[: len(data) - cut]))


@_MOST
@given(st.sampled_from(sorted(SEEDS)), st.integers(0, 2**16), st.integers(0, 2**16))
def test_addresses_that_point_anywhere(name, place, target) -> None:
    """Every eight bytes may be an address: point it at another place of the same file."""
    data = bytearray(SEEDS[name])
    at = place % (len(data) - 8)
    data[at : at + 8] = b.q(target % len(data))
    look(bytes(data))


@_MOST
@given(st.binary(max_size=400))
def test_any_bytes_behind_a_signature(tail) -> None:
    look(b.SIGNATURE + tail)
    look(b.SIGNATURE + b"\x02\x08\x08\0" + tail)
    look(b.SIGNATURE + b"\0\0\0\0\0\x08\x08\0" + tail)


@_MOST
@given(st.integers(0, 6), st.text(min_size=1, max_size=40).filter(lambda t: "\0" not in t),
       st.booleans())  # fmt: skip
def test_an_external_link_is_found_at_any_depth(depth, target, dense) -> None:
    file = b.Hdf5()
    link = b.external("evil", target)
    at = file.dense(b.hard("w", 96), link) if dense else file.group(link)
    for _ in range(depth):
        at = file.group(b.hard("g", at))
    assert any(o.opcode == "ExternalLink" for o in look(file.end(at)).operations)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["class_name", "config", "module", "registered_name", "function", "metrics",
                         "vocabulary", "function_type", "node_def", "spec_name", "x"]),
        inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@_MOST
@given(_VALUES, st.sampled_from(["Dense", "Lambda", "function", "__typespec__", "TFOpLambda",
                                 "TensorFlowOpLayer", "ClassMethod", "__lambda__"]))  # fmt: skip
def test_configurations_of_any_shape(value, name) -> None:
    for config in (value, {"class_name": name, "config": value}, {"class_name": value}):
        inspect_config(json.dumps(config).encode(), Log())


@_MOST
@given(st.binary(max_size=60))
def test_the_checksum_changes_with_every_byte(data) -> None:
    assert 0 <= lookup3(data) < 2**32
    assert lookup3(data + b"\0") != lookup3(data)
