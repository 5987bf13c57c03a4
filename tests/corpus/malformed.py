# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Damaged and lying files of the formats with headers of their own: none may be called clean."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
import zlib
from collections.abc import Iterator

from tests.corpus.assemble import (
    Zip,
    gguf,
    gguf_key,
    gguf_tensor,
    npy,
    safetensors,
    state_dict,
    torch_legacy,
)
from tests.corpus.hdf5 import Hdf5
from tests.corpus.keras_models import archive, dense, in_hdf5, model, plain_weights
from tests.corpus.onnx_models import graph, node, tensor
from tests.corpus.onnx_models import model as onnx_model
from tests.corpus.pack import TAR_END, lz4, seven_zip, tar_member, zstd
from tests.corpus.protobuf import message
from tests.corpus.sample import Sample
from tests.corpus.tensorflow_graphs import const, saved_model, tflite
from tests.corpus.tensorflow_graphs import graph as tf_graph

Cases = dict[str, tuple[bytes, tuple[str, ...]]]

ONE = '"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
_GOOD = safetensors(f"{{{ONE}}}", b"\0" * 4)

SAFETENSORS: Cases = {
    "duplicate-key": (safetensors(f"{{{ONE},{ONE}}}", b"\0" * 4), ("duplicate-key",)),
    "duplicate-escaped": (safetensors(f'{{{ONE},"\\u0061":{{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}}}', b"\0" * 8), ("duplicate-key",)),
    "duplicate-metadata": (safetensors(f'{{"__metadata__":{{"k":"1","k":"2"}},{ONE}}}', b"\0" * 4), ("duplicate-key",)),
    "metadata-of-numbers": (safetensors(f'{{"__metadata__":{{"k":1}},{ONE}}}', b"\0" * 4), ()),
    "space-first": (safetensors(f" {{{ONE}}}", b"\0" * 4), ()),
    "hole": (safetensors(f'{{{ONE},"b":{{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}}}', b"\0" * 10), ("hidden-data",)),
    "overlap": (safetensors(f'{{{ONE},"b":{{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}}}', b"\0" * 6), ("overlapping-tensors",)),
    "trailing": (_GOOD + b"\0", ("trailing-data",)),
    "truncated": (_GOOD[:-2], ()),
    "truncated-in-the-header": (_GOOD[:30], ()),
    "length-of-nothing": (b"\0" * 8, ()),
    "length-huge": (struct.pack("<Q", 2**63) + b"{}", ()),
    "length-beyond": (struct.pack("<Q", 5000) + b"{}", ()),
    "size-mismatch": (safetensors('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4), ("size-mismatch",)),
    "shape-overflow": (safetensors('{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'), ("size-mismatch",)),
    "reversed": (safetensors('{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}', b"\0" * 4), ()),
    "unknown-dtype": (safetensors('{"a":{"dtype":"X9","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4), ()),
    "negative-shape": (safetensors('{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}', b"\0" * 4), ()),
    "missing-field": (safetensors('{"a":{"dtype":"U8","shape":[4]}}', b"\0" * 4), ()),
    "unknown-field": (safetensors('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}}', b"\0" * 4), ()),
    "not-utf8": (safetensors(b'{"\xff":{}}'), ()),
    "not-an-object": (safetensors("[1]"), ()),
    "not-json": (safetensors("{a:1}"), ()),
    "nul-in-a-name": (safetensors('{"a\\u0000":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"\0" * 4), ()),
}  # fmt: skip


def _key(name: str = "k", kind: int = 4, value: bytes = b"\1\0\0\0") -> bytes:
    return gguf_key(name, kind, value)


def _t(*parts: bytes, body: int = 32) -> bytes:
    return gguf(tensors=b"".join(parts), tensor_count=len(parts), body=b"\0" * body)


GGUF: Cases = {
    "version-0": (gguf(version=0), ()), "version-99": (gguf(version=99), ()),
    "cut-in-the-counts": (gguf()[:14], ()), "cut-in-a-key": (gguf(keys=_key(), key_count=1)[:-2], ()),
    "count-of-keys": (gguf(key_count=2**60), ()), "count-of-tensors": (gguf(tensor_count=2**60), ()),
    "huge-text": (gguf(keys=_key(kind=8, value=struct.pack("<Q", 2**63)), key_count=1), ()),
    "huge-array": (gguf(keys=_key(kind=9, value=struct.pack("<IQ", 8, 2**60)), key_count=1), ()),
    "array-of-arrays": (gguf(keys=_key(kind=9, value=struct.pack("<IQ", 9, 1) * 40 + b"\0" * 12), key_count=1), ()),
    "unknown-value-type": (gguf(keys=_key(kind=13), key_count=1), ()),
    "duplicate-key": (gguf(keys=_key() * 2, key_count=2), ("duplicate-key",)),
    "duplicate-tensor": (_t(gguf_tensor("t", (8,)), gguf_tensor("t", (8,), 0, 32), body=64), ("duplicate-key",)),
    "boolean-2": (gguf(keys=_key(kind=7, value=b"\2"), key_count=1), ()),
    "alignment-0": (gguf(keys=_key("general.alignment", 4, b"\0" * 4), key_count=1), ("bad-alignment",)),
    "alignment-3": (gguf(keys=_key("general.alignment", 4, b"\3\0\0\0"), key_count=1), ("bad-alignment",)),
    "five-dimensions": (_t(gguf_tensor("t", (1, 1, 1, 1, 1))), ()),
    "dimensions-overflow": (_t(gguf_tensor("t", (2**62, 2**62))), ()),
    "dimension-0": (_t(gguf_tensor("t", (0, 4))), ()),
    "part-of-a-block": (_t(gguf_tensor("t", (33,), 8), body=64), ()),
    "long-name": (_t(gguf_tensor("t" * 65, (8,))), ()),
    "overlap": (_t(gguf_tensor("t", (16,)), gguf_tensor("u", (8,), 0, 32), body=64), ("overlapping-tensors",)),
    "misaligned": (_t(gguf_tensor("t", (8,), 0, 8), body=64), ("bad-alignment",)),
    "outside": (_t(gguf_tensor("t", (8,), 0, 64)), ("range-outside",)),
    "hole": (_t(gguf_tensor("t", (8,), 0, 64), body=96), ("hidden-data",)),
    "trailing": (_t(gguf_tensor("t", (8,)), body=4096), ("trailing-data",)),
    "truncated": (_t(gguf_tensor("t", (8,)))[:-8], ()),
    "unknown-tensor-type": (_t(gguf_tensor("t", (8,), 99)), ()),
}  # fmt: skip

NPY: Cases = {
    "short": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 8), ("truncated",)),
    "long": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", b"\0" * 16), ("trailing-data",)),
    "magic-only": (b"\x93NUMPY", ()), "version-9": (b"\x93NUMPY\x09\0" + b"\0" * 20, ()),
    "header-beyond": (b"\x93NUMPY\x02\0\xff\xff\xff\xff", ()),
    "call": (npy("__import__('os').getcwd()"), ()), "huge": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)}"), ()),
    "negative": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}"), ()),
    "unknown-type": (npy("{'descr': '<q9', 'fortran_order': False, 'shape': (3,)}"), ()),
    "deep": (npy("(" * 5000), ()), "missing-key": (npy("{'descr': '<f4', 'shape': (3,)}"), ()),
    "object-cut": (npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"\x80\x02](K"), ()),
}  # fmt: skip


def _data(**more: object) -> Zip:
    return Zip(torch=True).add("a/data.pkl", state_dict(), **more).add("a/data/0", b"\0" * 24)  # type: ignore[arg-type]


_WHOLE = _data().end()
TORCH: Cases = {
    "no-end": (_WHOLE[:-22], ()), "cut-in-half": (_WHOLE[: len(_WHOLE) // 2], ()),
    "directory-damaged": (_WHOLE.replace(b"PK\x01\x02", b"PK\x01\x03"), ()),
    "duplicate": (_data().add("a/data.pkl", b"N.").end(), ("duplicate-member",)),
    "bad-crc": (_data(crc=1).end(), ("crc-mismatch",)), "size": (_data(size=5).end(), ("size-mismatch",)),
    "encrypted": (_data(flags=1).end(), ("encrypted-member",)), "gap": (_data().end(gap=b"inert"), ("hidden-data",)),
    "trailing": (_WHOLE + b"inert", ("trailing-data",)), "stacked": (_WHOLE * 2, ("stacked-archive",)),
    "storage-short": (Zip(torch=True).add("a/data.pkl", state_dict(9)).add("a/data/0", b"\0" * 24).end(), ("storage-size",)),
    "storage-missing": (Zip(torch=True).add("a/data.pkl", state_dict(key="7")).add("a/version", b"3\n").end(), ("missing-member",)),
    "pickle-cut": (Zip(torch=True).add("a/data.pkl", state_dict()[:-20]).add("a/data/0", b"\0" * 24).end(), ()),
    "deflate-damaged": (_damaged_deflate := (lambda raw: raw[:80] + b"\xff" * 9 + raw[89:])(_data(method=8).end()), ()),
    "unknown-method": (_WHOLE.replace(b"PK\x03\x04\0\0\x08\x08\0\0", b"PK\x03\x04\0\0\x08\x08\x63\0", 1), ()),
    "member-count": (_WHOLE[:-12] + b"\x09\0" + _WHOLE[-10:], ()),
    "legacy-cut": (torch_legacy()[:-8], ()), "legacy-storage-count": (torch_legacy(body=struct.pack("<Q", 2**60) + b"\0" * 24), ()),
    "legacy-keys-differ": (torch_legacy(state_dict(key="9")), ()),
}  # fmt: skip

_TAR = tar_member("a.txt", b"inert" * 300)
STREAMS: Cases = {
    "cut.pkl.gz": (gzip.compress(state_dict() * 9, mtime=0)[:-30], ()), "crc.pkl.gz": (gzip.compress(state_dict(), mtime=0)[:-8] + b"\0" * 8, ()),
    "cut.pkl.bz2": (bz2.compress(state_dict() * 9)[:-20], ()), "cut.pkl.xz": (lzma.compress(state_dict() * 9)[:-40], ()),
    "cut.joblib": (zlib.compress(state_dict() * 9)[:-30], ()), "cut.pkl.zst": (zstd(state_dict() * 9)[:-30], ()),
    "cut.pkl.lz4": (lz4(state_dict() * 9)[:-30], ()), "damaged.pkl.gz": (gzip.compress(state_dict() * 9, mtime=0)[:40] + b"\xff" * 40, ()),
    "trailing.pkl.gz": (gzip.compress(state_dict(), mtime=0) + b"inert behind the stream", ()),
    "cut.tar": (_TAR[:700], ()), "checksum.tar": (_TAR + tar_member("b.txt", b"x", checksum=1) + TAR_END, ()),
    "size-beyond.tar": (_TAR + tar_member("b.txt", b"x", size=8**10) + TAR_END, ()),
    "no-end.tar": (_TAR, ()), "cut.7z": (seven_zip("a.pkl", state_dict())[:-10], ()),
    "header-beyond.7z": (seven_zip("a.pkl", state_dict())[:20] + b"\xff" * 12, ()),
    "encrypted.7z": (seven_zip("a.pkl", state_dict(), coder="aes"), ()),
    "crc.7z": (seven_zip("a.pkl", state_dict()).replace(b"OrderedDict", b"OrderedDicT"), ()),
}  # fmt: skip

_PLAIN = model(dense())
_H5 = in_hdf5(_PLAIN)
_ONNX = onnx_model(graph(node("Add"), tensors=(tensor(),)))
_SAVED = saved_model(tf_graph(const()))
_TFLITE = tflite()
GRAPHS: Cases = {
    "cut.h5": (_H5[: len(_H5) // 2], ()), "checksum.h5": (_H5[:44] + b"\0" * 4 + _H5[48:], ()),
    "root-outside.h5": (_H5[:36] + struct.pack("<Q", 2**40) + _H5[44:], ()), "version-9.h5": (_H5[:8] + b"\x09" + _H5[9:], ()),
    "config-not-json.h5": ((lambda f: f.end(f.group(Hdf5.attribute("model_config", "{not json"))))(Hdf5()), ()),
    "cut.keras": (archive(_PLAIN)[:-60], ()), "config-not-json.keras": (Zip().add("metadata.json", b"{}").add("config.json", b"{not json").add("model.weights.h5", plain_weights()).end(), ()),
    "config-duplicate-key.keras": (Zip().add("metadata.json", b"{}").add("config.json", b'{"class_name":"Sequential","class_name":"Lambda"}').add("model.weights.h5", plain_weights()).end(), ()),
    "cut.onnx": (_ONNX[:-9], ()), "field-length.onnx": (_ONNX + b"\x3a\xff\xff\xff\xff\x0f", ()), "wire-type.onnx": (_ONNX + b"\x0f\x01", ()),
    "tensor-size.onnx": (onnx_model(graph(node("Add"), tensors=(tensor(dims=(9,)),))), ()),
    "tensor-negative.onnx": (onnx_model(graph(node("Add"), tensors=(tensor(dims=(-2,)),))), ()),
    "offset-negative.onnx": (onnx_model(graph(node("Add"), tensors=(tensor(external={"location": "w.bin", "offset": "-8"}),))), ()),
    "offset-text.onnx": (onnx_model(graph(node("Add"), tensors=(tensor(external={"location": "w.bin", "length": "x"}),))), ()),
    "cut.pb": (_SAVED[:-7], ()), "field-length.pb": (_SAVED + b"\x12\xff\xff\xff\xff\x0f", ()),
    "cut.tflite": (_TFLITE[:40], ()), "root-outside.tflite": (struct.pack("<I", 2**31) + _TFLITE[4:], ()),
    "vtable-outside.tflite": ((lambda at: _TFLITE[:at] + struct.pack("<i", -(2**30)) + _TFLITE[at + 4 :])(struct.unpack_from("<I", _TFLITE)[0]), ()),
    "version-9.tflite": (tflite(version=9), ()),
    "tensor-overflow.onnx": (onnx_model(graph(node("Add"), tensors=(message((1, 2**62), (1, 2**62), (2, 1), (8, "w"), (9, b"")),))), ()),
}  # fmt: skip

OTHERS: Cases = {
    "empty.bin": (b"", ()), "empty.safetensors": (b"", ()), "empty.pt": (b"", ()), "zeros.bin": (b"\0" * 4096, ()),
    "zeros.safetensors": (b"\0" * 4096, ()), "web-page.bin": (b"<!DOCTYPE html><html><body>404</body></html>", ()),
    "pointer.safetensors": (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n", ()),
    "web-page.safetensors": (b"<!DOCTYPE html><html><body>404</body></html>", ()), "json.gguf": (json.dumps({"error": "not found"}).encode(), ()),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """All of them, each with the code of its issue where it is sure."""
    tables = (("safetensors", SAFETENSORS, ".safetensors"), ("gguf", GGUF, ".gguf"), ("npy", NPY, ".npy"), ("torch", TORCH, ".pt"),
              ("stream", STREAMS, ""), ("graph", GRAPHS, ""), ("other", OTHERS, ""))  # fmt: skip
    for family, table, suffix in tables:
        for how, (content, expect) in table.items():
            yield Sample("malformed", family, how + suffix, content, expect, how.replace("-", " "))
