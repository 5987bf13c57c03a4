# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Every reader of weights against bytes that no tool wrote: an inspection, never an exception."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.collect.weights import facts
from weighbridge.model.artifact import Kind
from weighbridge.model.canonical import canonical
from weighbridge.weights.inspect import inspect_file

_SPEC = importlib.util.spec_from_file_location(
    "craft", Path(__file__).parents[1] / "unit" / "weights" / "craft.py"
)
assert _SPEC
assert _SPEC.loader
c = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(c)

_TENSORS = c.gguf_tensor("t", (8,)) + c.gguf_tensor("u", (4, 8), 0, 32)
_KEYS = (
    c.gguf_key("general.alignment", 4, b"\x20\0\0\0")
    + c.gguf_key("k", 9, b"\x08\0\0\0\x02\0\0\0\0\0\0\0" + c.gguf_string("a") + c.gguf_string("b"))
    + c.gguf_key("tokenizer.chat_template", 8, c.gguf_string("{{ x }}"))
)
SEEDS: dict[Kind, bytes] = {
    Kind.SAFETENSORS: c.safetensors(
        '{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}', b"\0" * 8),
    Kind.GGUF: c.gguf(keys=_KEYS, key_count=3, tensors=_TENSORS, tensor_count=2, body=b"\0" * 160),
    Kind.NUMPY: c.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 12),
    Kind.NUMPY_ZIP: c.Zip().add(
        "a.npy", c.npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"\x80\x02N."), method=8
    ).end(),
    Kind.TORCH_ZIP: c.torch_zip().end(),
    Kind.TORCH_LEGACY: c.torch_legacy(),
    Kind.KERAS_ZIP: c.Zip().add("config.json", b"{}", method=8).end(),
    Kind.ZIP: c.Zip().add("x.zip", c.torch_zip().end()).end(comment=b"hello"),
    Kind.GZIP: gzip.compress(b"\x80\x02N.", mtime=0),
    Kind.BZIP2: bz2.compress(b"\x80\x02N."),
    Kind.XZ: lzma.compress(b"\x80\x02N."),
    Kind.PICKLE: b"\x80\x04](" + c.joblib_array(b"\0" * 16, shape=(2,)) + b"e.",
    Kind.BINARY: b"\x78\x9c" + b"\0" * 20,
    Kind.TEXT: b"cos\nsystem\n.",
}  # fmt: skip


def inspected(data: bytes, kind: Kind) -> None:
    started = time.process_time()
    seen = inspect_file(io.BytesIO(data), len(data), kind, "model.bin")
    assert time.process_time() - started < 2
    assert seen.complete or seen.gaps
    assert canonical(facts(seen, len(data)))


@pytest.mark.parametrize("kind", SEEDS)
@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_ends_in_an_inspection(kind: Kind, data: st.DataObject) -> None:
    raw = bytearray(SEEDS[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        change = data.draw(st.integers(0, 3))
        if change == 0 and raw:
            raw[at] = data.draw(st.integers(0, 255))
        elif change == 1:
            raw[at : at + 8] = data.draw(st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\xff" * 4]))
        elif change == 2:
            del raw[at : at + data.draw(st.integers(1, 40))]
        else:
            raw[at:at] = data.draw(st.binary(max_size=12))
    inspected(bytes(raw), kind)


@pytest.mark.parametrize("kind", SEEDS)
@given(data=st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_any_bytes_of_any_kind_end_in_an_inspection(kind: Kind, data: bytes) -> None:
    inspected(data, kind)


@pytest.mark.parametrize("kind", SEEDS)
def test_every_prefix_ends_in_an_inspection(kind: Kind) -> None:
    whole = SEEDS[kind]
    for end in range(0, len(whole), max(len(whole) // 60, 1)):
        inspected(whole[:end], kind)


BOMBS = {
    "safetensors-many-tensors": lambda: (
        c.safetensors("{" + ",".join(f'"{i}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'
                                     for i in range(200_000)) + "}"), Kind.SAFETENSORS),
    "safetensors-long-name": lambda: (c.safetensors('{"' + "a" * 5_000_000), Kind.SAFETENSORS),
    "safetensors-many-metadata": lambda: (
        c.safetensors('{"__metadata__":{' + '"a":"b",' * 500_000), Kind.SAFETENSORS),
    "gguf-many-strings": lambda: (
        c.gguf(keys=c.gguf_key("k", 9, b"\x08\0\0\0" + (500_000).to_bytes(8, "little")
                               + b"\0" * 4_000_000), key_count=1), Kind.GGUF),
    "zip-many-members": lambda: (_many(20_000), Kind.TORCH_ZIP),
    "zip-overlapping-bombs": lambda: (_quoted(), Kind.TORCH_ZIP),
    "gzip-bomb": lambda: (gzip.compress(b"\x80\x02" + b"N0" * 60_000_000), Kind.GZIP),
    "gzip-of-calls": lambda: (
        gzip.compress(b"\x80\x02ccollections\nOrderedDict\n" + b")R" * 20_000_000), Kind.GZIP),
    "gzip-nested-members": lambda: (gzip.compress(b"N") * 50_000, Kind.GZIP),
}  # fmt: skip


def _many(count: int) -> bytes:
    archive = c.Zip()
    parts, central = [], []
    for index in range(count):
        one = c.Zip(base=index * 42)  # a local header, a name and two bytes
        one.add(f"{index:06d}.pkl", b"N.")
        parts.append(one.body)
        central.append(one.central)
    archive.body, archive.central, archive.count = b"".join(parts), b"".join(central), count
    return archive.end()


def _quoted() -> bytes:
    """Many directory entries over one compressed member."""
    archive = c.Zip().add("a.pkl", b"N0" * 15_000_000, method=8)
    entry = archive.central
    entries = [entry[:20] + index.to_bytes(4, "little") + entry[24:] for index in range(2000)]
    archive.central, archive.count = entry + b"".join(entries), 2001
    return archive.end()


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stop_in_time(name: str) -> None:
    data, kind = BOMBS[name]()
    started = time.process_time()
    seen = inspect_file(io.BytesIO(data), len(data), kind, "model.bin")
    assert time.process_time() - started < 4  # two seconds, and as much again on a busy machine
    assert seen.complete or seen.gaps
