# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Every reader of weights against bytes that no tool wrote: an inspection, never an exception."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import time
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.mutation import mutated
from tests.unit.weights import craft as c

from weighbridge.collect.weights import facts
from weighbridge.model.artifact import Kind
from weighbridge.model.canonical import canonical
from weighbridge.weights.inspect import inspect_file

TYPES = ("?", "i1", "u1", "<i2", "<u2", "<f2", "<i4", "<f4", "<i8", "<u8", "<f8")

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
    raw = mutated(data, SEEDS[kind])
    inspected(raw, kind)


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


# --- the formats' own libraries as judges: what they write is clean, what is clean they take


def _arrays(data: st.DataObject) -> dict[str, np.ndarray]:
    names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
        lambda name: name != "__metadata__" and ".." not in name
    )
    shapes = st.lists(st.integers(0, 5), max_size=4).map(tuple)
    made = data.draw(st.dictionaries(names, st.tuples(st.sampled_from(TYPES), shapes), max_size=6))
    return {name: np.zeros(shape, code) for name, (code, shape) in made.items()}


def _clean(data: bytes, kind: Kind) -> bool:
    seen = inspect_file(io.BytesIO(data), len(data), kind, "model.bin")
    return not (seen.issues or seen.gaps or seen.operations)


def _mutated(data: st.DataObject, whole: bytes, start: int, stop: int) -> bytes:
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(start, stop))
        change = data.draw(st.integers(0, 2))
        if change == 0:
            raw[at] = data.draw(st.sampled_from(b'0123456789-+.eE[]{},:" \\aFUn\x00\xff'))
        elif change == 1:
            del raw[at]
        else:
            raw[at:at] = data.draw(
                st.sampled_from([b"0", b",", b" ", b"\n", b"1e1", b"[", b'"', b"L"])
            )
    return bytes(raw)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_the_safetensors_library_writes_is_clean(data: st.DataObject) -> None:
    from safetensors.numpy import save

    metadata = data.draw(st.none() | st.dictionaries(st.text(max_size=9), st.text(max_size=60)))
    arrays = _arrays(data)
    if not arrays and metadata == {}:
        return  # 0.8 writes `{},"__metadata__":{}}` for that, which it does not read itself
    try:
        whole = save(arrays, metadata)
    except UnicodeEncodeError:
        return  # half of a surrogate pair is no text for the library either
    assert _clean(whole, Kind.SAFETENSORS)


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_a_safetensors_header_that_is_clean_is_one_for_the_library(data: st.DataObject) -> None:
    from safetensors import deserialize

    seed = SEEDS[Kind.SAFETENSORS]
    length = int.from_bytes(seed[:8], "little")
    changed = _mutated(data, seed, 8, 7 + length)
    changed = (length + len(changed) - len(seed)).to_bytes(8, "little") + changed[8:]
    if _clean(changed, Kind.SAFETENSORS):
        deserialize(changed)  # raises where the library refuses it


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_what_numpy_writes_is_clean(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([*TYPES, "<U3", "S2", "<M8[ns]", "V5", ">f4", "c8"]))
    shape = data.draw(st.lists(st.integers(0, 4), max_size=4).map(tuple))
    field = st.text(min_size=1, max_size=9).filter(lambda name: "\0" not in name)
    fields = data.draw(st.lists(field, max_size=5, unique=True))
    dtype = np.dtype([(name, code) for name in fields]) if fields else np.dtype(code)
    stream = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.save(stream, np.zeros(shape, dtype))
    except UnicodeEncodeError:
        return
    assert _clean(stream.getvalue(), Kind.NUMPY)


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_an_array_that_is_clean_is_one_for_numpy(data: st.DataObject) -> None:
    record = (
        "{'descr': [('a', '<f4'), ('b', '<i2', (2,))], 'fortran_order': False, 'shape': (3,), }"
    )
    seed = data.draw(st.sampled_from([SEEDS[Kind.NUMPY], c.npy(record, b"\0" * 24)]))
    length = int.from_bytes(seed[8:10], "little")
    changed = _mutated(data, seed, 10, 9 + length)
    changed = changed[:8] + (length + len(changed) - len(seed)).to_bytes(2, "little") + changed[10:]
    if b"f1'" not in changed and _clean(changed, Kind.NUMPY):  # f1 is ml_dtypes', and harmless
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.load(io.BytesIO(changed), allow_pickle=False)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_gguf_that_is_clean_is_one_for_the_library(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from gguf import GGUFReader

    raw = bytearray(SEEDS[Kind.GGUF])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(4, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    if _clean(bytes(raw), Kind.GGUF):
        path = tmp_path_factory.mktemp("gguf") / "m.gguf"
        path.write_bytes(raw)
        assert len(GGUFReader(path).tensors) == 2
