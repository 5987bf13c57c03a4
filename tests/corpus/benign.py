# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Honest files that need no heavy library: the standard library, numpy, safetensors, gguf, by hand."""

from __future__ import annotations

import bz2
import collections
import datetime
import decimal
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import tempfile
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tests.corpus.assemble import Zip, state_dict, torch_legacy, torch_zip
from tests.corpus.hdf5 import Hdf5
from tests.corpus.keras_models import archive, dense, in_hdf5, layer, model, plain_weights
from tests.corpus.onnx_models import graph, node, tensor
from tests.corpus.onnx_models import model as onnx_model
from tests.corpus.pack import TAR_END, lz4, seven_zip, tar_member, zstd
from tests.corpus.sample import Sample
from tests.corpus.tensorflow_graphs import const, saved_model, tflite
from tests.corpus.tensorflow_graphs import graph as tf_graph

Made = Iterator[tuple[str, str, bytes]]

_VALUES: dict[str, object] = {
    "array": np.arange(6.0).reshape(2, 3), "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "structured": np.zeros(2, "f4,(2,2)i8"), "texts": np.array(["a", "bc"]), "objects": np.array([{"a": 1}, None], object),
    "masked": np.ma.masked_array([1, 2], mask=[True, False]), "scalar": np.float32(1.5), "dates": np.array(["2026-11-20"], "M8[D]"),
    "random-state": np.random.RandomState(3), "generator": np.random.default_rng(3),
    "containers": {"a": [1, (2, 3)], "b": {4, 5}, "c": frozenset("x"), "d": b"\x80\xff", "e": bytearray(b"x"), "f": None},
    "collections": [collections.OrderedDict(a=1), collections.defaultdict(list), collections.Counter("aab"), collections.deque([1])],
    "dates-and-numbers": [datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC), decimal.Decimal("1.5"), uuid.UUID(int=1), 2**80],
}  # fmt: skip


def _pickles() -> Made:
    for name, value in _VALUES.items():
        for protocol in (0, 2, 4, 5):
            if name == "random-state" and protocol < 2:
                continue
            yield "pickle", f"{name}-{protocol}.pkl", pickle.dumps(value, protocol)
    whole = pickle.dumps(_VALUES["array"], 4)
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gz": lambda d: gzip.compress(d, mtime=0), "z": zlib.compress, "bz2": bz2.compress, "xz": lzma.compress,
        "lzma": lambda d: lzma.compress(d, format=lzma.FORMAT_ALONE), "zst": zstd, "lz4": lz4,
    }  # fmt: skip
    for suffix, pack in packers.items():
        yield "pickle-compressed", f"array.pkl.{suffix}", pack(whole)


def _numpy() -> Made:
    arrays = {
        "float": np.zeros((3, 4), "f4"), "half": np.zeros(3, "f2"), "complex": np.zeros(3, "c16"), "texts": np.array(["a", "bc"]),
        "scalar": np.zeros(()), "empty": np.zeros((0, 3)), "fortran": np.asfortranarray(np.ones((3, 2))), "records": np.zeros(2, "f4,i8"),
        "big-endian": np.zeros(3, ">f8"), "boolean": np.zeros(3, "?"), "objects": np.array([1, "a", None], object),
    }  # fmt: skip
    for name, value in arrays.items():
        stream = io.BytesIO()
        np.save(stream, value)
        yield "numpy", f"{name}.npy", stream.getvalue()
    for name, save in (("plain", np.savez), ("compressed", np.savez_compressed)):
        stream = io.BytesIO()
        save(stream, a=np.zeros((5, 5)), b=np.arange(3))  # type: ignore[operator]
        yield "numpy", f"{name}.npz", stream.getvalue()


def _safetensors() -> Made:
    from safetensors.numpy import save

    for name, kind in (("float32", "f4"), ("float16", "f2"), ("int64", "i8"), ("boolean", "?")):
        yield (
            "safetensors",
            f"{name}.safetensors",
            save({"a": np.ones((2, 3), kind), "b.weight": np.zeros(7, kind)}),
        )
    yield (
        "safetensors",
        "metadata.safetensors",
        save({"a": np.ones(3, "f4")}, metadata={"title": "ü"}),
    )
    yield (
        "safetensors",
        "many.safetensors",
        save({f"layers.{n}.weight": np.ones((4, 4), "f4") for n in range(200)}),
    )
    yield (
        "safetensors",
        "empty-tensor.safetensors",
        save({"a": np.zeros((0, 4), "f4"), "b": np.ones(1, "f4")}),
    )


_CHAT = "{% for message in messages %}{{ '<|' + message['role'] + '|>' }}{{ message['content'] | trim }}{% if loop.last and add_generation_prompt %}{{ raise_exception('x') if false else '' }}{% endif %}{% endfor %}"


def _gguf() -> Made:
    import gguf

    for name, kind in (("float32", np.float32), ("float16", np.float16)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.gguf"
            writer = gguf.GGUFWriter(path, "llama")
            writer.add_name("inert")
            writer.add_context_length(128)
            writer.add_chat_template(_CHAT)
            writer.add_token_list(["<s>", "a", "ü"])
            writer.add_tensor("token_embd.weight", np.ones((4, 32), kind))
            writer.add_tensor("output.weight", np.ones((3, 32), np.float32))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            yield "gguf", f"{name}.gguf", path.read_bytes()


def _archives() -> Made:
    yield "torch", "pytorch_model.bin", torch_zip().end()
    plain = (
        Zip()
        .add("m/data.pkl", state_dict(), method=8)
        .add("m/data/0", b"\0" * 24)
        .add("m/version", b"3\n")
    )
    yield "torch", "by-zipfile.pt", plain.end()
    yield "torch", "legacy.pth", torch_legacy()
    yield (
        "archive",
        "weights.nemo",
        tar_member("./model_config.yaml", b"name: inert\nlayers: 3\n")
        + tar_member("./model_weights.ckpt", torch_zip().end())
        + TAR_END,
    )
    stream, array = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros(3))
    with tarfile.open(fileobj=stream, mode="w") as tar:
        info = tarfile.TarInfo("model/weights.npy")
        info.size = len(array.getvalue())
        tar.addfile(info, io.BytesIO(array.getvalue()))
    yield "archive", "model.tar.gz", gzip.compress(stream.getvalue(), mtime=0)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, data in (("README.md", b"# inert"), ("m/pytorch_model.bin", torch_zip().end())):
            archived.writestr(zipfile.ZipInfo(name), data)
    yield "archive", "model.zip", stream.getvalue()
    yield "archive", "model.7z", seven_zip("pytorch_model.bin", torch_zip().end())


def _cyclic_hdf5() -> bytes:
    """A group that holds itself: hard links may do that, and a reader has to end."""
    file = Hdf5()
    root = 48
    return file.end(file.group(Hdf5.hard("a", root), Hdf5.hard("b", root), Hdf5.hard("c", root)))


def _graphs() -> Made:
    whole = model(dense(), layer("Dropout", {"rate": 0.5}))
    yield "keras", "model.keras", archive(whole)
    yield "keras", "model.h5", in_hdf5(whole)
    yield "keras", "weights.h5", plain_weights()
    yield "hdf5", "cycle.h5", _cyclic_hdf5()
    yield "onnx", "model.onnx", onnx_model(graph(node("Add"), tensors=(tensor(),)))
    outside = tensor(external={"location": "model.onnx_data", "offset": "0", "length": "8"})
    yield "onnx", "external.onnx", onnx_model(graph(node("Add"), tensors=(outside,)))
    yield (
        "onnx",
        "classical.onnx",
        onnx_model(
            graph(node("Scaler", domain="ai.onnx.ml")), opsets=(("", 20), ("ai.onnx.ml", 3))
        ),
    )
    yield "tensorflow", "saved_model.pb", saved_model(tf_graph(const()))
    yield "tensorflow", "frozen.pb", tf_graph(const())
    yield "tensorflow", "model.tflite", tflite()


def _documents() -> Made:
    tokenizer = {
        "tokenizer_class": "LlamaTokenizer",
        "chat_template": _CHAT,
        "added_tokens_decoder": {"0": {"content": "<s>"}},
    }
    yield "document", "tokenizer_config.json", json.dumps(tokenizer).encode()
    yield (
        "document",
        "config.json",
        json.dumps(
            {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 8}
        ).encode(),
    )
    yield (
        "document",
        "model.pmml",
        b'<?xml version="1.0"?>\n<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header description="inert"/><DataDictionary numberOfFields="0"/></PMML>\n',
    )
    yield (
        "document",
        "openvino_model.xml",
        b'<?xml version="1.0"?>\n<net name="m" version="11"><layers><layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,2" element_type="f32"/></layer></layers><edges/></net>\n',
    )
    strings = (
        struct.pack(">III", 16, 2, 0x00040009)
        + struct.pack(">I", 5)
        + b"inert"
        + struct.pack(">II", 0x00040009, 1)
        + b"x"
    )
    header = b"X\n" + struct.pack(">III", 2, 0x00040301, 0x00020300)
    yield "document", "texts.rds", gzip.compress(header + strings, mtime=0)
    yield (
        "document",
        "numbers.rds",
        gzip.compress(header + struct.pack(">II", 14, 2) + struct.pack(">dd", 1, 2), mtime=0),
    )


def samples() -> Iterator[Sample]:
    """All of them; nothing here may be flagged."""
    for make in (_pickles, _numpy, _safetensors, _gguf, _archives, _graphs, _documents):
        for family, name, content in make():
            yield Sample("benign", family, name, content)
