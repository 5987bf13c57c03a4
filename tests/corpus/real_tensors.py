"""Benign tensor files as numpy, safetensors and gguf write them: nothing here may be flagged.

Needs those libraries (and torch for safetensors' half of it, ml_dtypes for the small types); each
part imports its own, so that importing this module needs none. ``samples`` gives ``(class, file
name, content)``.
"""

from __future__ import annotations

import importlib.util
import io
import json
import struct
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Entry = tuple[str, str, bytes]


def samples() -> Iterator[Entry]:
    """Every sample of the parts whose libraries are there."""
    for needs, part in PARTS:
        if all(importlib.util.find_spec(name) for name in needs):
            yield from part()


def _npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    import numpy as np

    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.lib.format.write_array(stream, array, version)
    return stream.getvalue()


def numpy_arrays() -> Iterator[Entry]:
    """Arrays of every type, order and version, and records of every shape."""
    import numpy as np

    for code in ["?", "i1", "u1", "i2", "u4", "<i8", ">i4", "f2", "f4", ">f8", "g", "c8", "c16"]:
        title = code.replace("<", "le-").replace(">", "be-").replace("?", "bool")
        yield "npy", f"type-{title}.npy", _npy(np.arange(12).reshape(3, 4).astype(code))
    yield "npy", "fortran.npy", _npy(np.asfortranarray(np.arange(12.0).reshape(3, 4)))
    yield "npy", "not-contiguous.npy", _npy(np.arange(24.0).reshape(4, 6)[::2, ::3])
    yield "npy", "scalar.npy", _npy(np.array(1.5))
    yield "npy", "empty.npy", _npy(np.zeros((0, 7)))
    for version in ((1, 0), (2, 0), (3, 0)):
        yield "npy", f"version-{version[0]}.npy", _npy(np.ones(3), version)
    texts: dict[str, Any] = {
        "unicode": np.array(["é", "名前", ""]), "bytes": np.array([b"a", b"bc"]),
        "void": np.zeros(3, "V5"), "dates": np.array(["2026-11-21", "NaT"], "M8[ms]"),
        "spans": np.array([1, 2], "m8[25s]"),
    }  # fmt: skip
    for name, array in texts.items():
        yield "npy", f"{name}.npy", _npy(array)
    records: dict[str, Any] = {
        "plain": [("a", "<f4"), ("b", "<i8")],
        "nested": [("a", [("x", "<f4", (2, 3)), ("y", "S3")]), ("b", "U2")],
        "titled": [(("The title", "a"), "<f4"), (("Other", "b"), "<i2")],
        "unicode-names": [("é", "<f4"), ("名前", "<i2")],
        "many-columns": [(f"column number {i}", "<f8") for i in range(3000)],
    }
    for name, fields in records.items():
        yield "npy-records", f"{name}.npy", _npy(np.zeros(3, fields))
    yield "npy-records", "aligned.npy", _npy(np.zeros(2, np.dtype("i1,f8,i1", align=True)))
    yield "npy-records", "recarray.npy", _npy(np.rec.array([(1, 2.0)], dtype="i8,f8"))
    objects = np.array([1, "a", None, {"k": [1.5]}, np.float32(2)], dtype=object)
    yield "npy-objects", "objects.npy", _npy(objects)
    yield "npy-objects", "object-field.npy", _npy(np.array([(1, None)], "i4,O"))
    stream = io.BytesIO()
    for array in (np.zeros(3), np.ones((2, 2), "f4"), np.array(["x"])):
        np.save(stream, array)
    yield "npy", "three-in-a-row.npy", stream.getvalue()
    # NumPy 1.x under Python 2 wrote long integers so; NumPy still reads them.
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }"
    header += b" " * (-(10 + len(header) + 1) % 16) + b"\n"
    old = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(24)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.load(io.BytesIO(old))
    yield "npy", "python-2.npy", old


def numpy_small() -> Iterator[Entry]:
    """bfloat16 and eight-bit floats, which NumPy saves as void."""
    import ml_dtypes
    import numpy as np

    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        array = np.ones((2, 3)).astype(getattr(ml_dtypes, name))
        yield "npy", f"{name}.npy", _npy(array)


def numpy_archives() -> Iterator[Entry]:
    """``.npz``, stored and compressed."""
    import numpy as np

    arrays = {"weight": np.arange(6.0).reshape(2, 3), "bias": np.zeros(3, "f4"), "s": np.array(1)}
    for name, save in (("stored", np.savez), ("compressed", np.savez_compressed)):
        stream = io.BytesIO()
        save(stream, **arrays)
        yield "npz", f"{name}.npz", stream.getvalue()


def safetensors_numpy() -> Iterator[Entry]:
    """safetensors by its NumPy binding: types, names, metadata of the kinds that tools write."""
    import numpy as np
    from safetensors.numpy import save

    codes = ["?", "i1", "u1", "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8", "c8"]
    yield "safetensors", "types.safetensors", save({f"t{c}": np.ones((2, 3), c) for c in codes})
    yield "safetensors", "nothing.safetensors", save({})
    yield "safetensors", "metadata-only.safetensors", save({}, {"format": "pt"})
    shapes = {"scalar": (), "empty": (0,), "hollow": (3, 0, 2), "deep": (1, 2, 1, 2, 1, 2)}
    yield "safetensors", "shapes.safetensors", save({n: np.ones(s) for n, s in shapes.items()})
    names = ["model.layers.0.weight", "é", "名前", "a b", "a/b", 'quo"te', "back\\slash", "🙂"]
    yield "safetensors", "names.safetensors", save({n: np.ones(2, "f4") for n in names})
    layers = {f"model.layers.{i}.{part}.weight": np.ones((2, 2), "f2")
              for i in range(200) for part in ("q", "k", "v", "o", "up", "down")}  # fmt: skip
    yield "safetensors", "many.safetensors", save(layers, {"format": "pt"})
    import base64

    thumbnail = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(range(256)) * 20)
    metadata = {
        "training": {
            "ss_tag_frequency": json.dumps({"1_x": {f"tag {i}": i for i in range(3000)}}),
            "ss_network_args": json.dumps({"conv_dim": "8"}), "sshs_model_hash": "ab" * 32,
            "ss_training_comment": "C:\\train \"x\"\nline two", "ss_session_id": "2957421364",
        },
        "modelspec": {
            "modelspec.sai_model_spec": "1.0.0", "modelspec.date": "2026-11-21T00:00:00",
            "modelspec.hash_sha256": "0x" + "7f" * 32,
            "modelspec.thumbnail": "data:image/jpeg;base64," + thumbnail.decode(),
        },
        "workflow": {
            "prompt": json.dumps({str(i): {"class_type": "KSampler", "inputs": {"seed": i}}
                                  for i in range(50)}),
        },
        "quantized": {"quantization": json.dumps({"a.weight": {"_type": "Float8Tensor"}})},
        "languages": {"description": "Ein Modell für 🙂, 日本語 and العربية"},
    }  # fmt: skip
    for name, table in metadata.items():
        content = save({"w": np.ones(3, "f4")}, table)
        yield "safetensors-metadata", f"{name}.safetensors", content


def safetensors_torch() -> Iterator[Entry]:
    """safetensors by its torch binding, with the types that NumPy lacks."""
    import torch
    from safetensors.torch import save

    kinds = [
        "bfloat16", "float16", "float32", "float8_e4m3fn", "float8_e5m2", "int8", "uint8", "bool",
        "complex64",
    ]  # fmt: skip
    tensors = {name: torch.ones(2, 4).to(getattr(torch, name)) for name in kinds}
    yield "safetensors", "torch-types.safetensors", save(tensors, {"format": "pt"})
    model = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.LayerNorm(4))
    yield "safetensors", "torch-state-dict.safetensors", save(model.state_dict())


def safetensors_others() -> Iterator[Entry]:
    """Files as writers in other languages lay them out: spaces, order of keys, no alignment."""
    from safetensors import deserialize

    body = bytes(16)
    entry = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    headers = {
        "json-dumps": json.dumps({"weight": entry}),
        "sorted": json.dumps({"__metadata__": {"format": "mlx"}, "weight": entry}, sort_keys=True),
        "indented": json.dumps({"weight": entry}, indent=2),
        "metadata-last": json.dumps({"weight": entry, "__metadata__": {}}, separators=(",", ":")),
    }
    for name, text in headers.items():
        raw = text.encode()
        data = struct.pack("<Q", len(raw)) + raw + body
        deserialize(data)
        yield "safetensors", f"other-{name}.safetensors", data


def _gguf(fill: Callable[[Any], None], **options: Any) -> bytes:
    from gguf import GGUFWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.gguf"
        writer = GGUFWriter(str(path), options.pop("arch", "llama"), **options)
        fill(writer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def ggufs() -> Iterator[Entry]:
    """GGUF: types, byte orders, alignments, vocabularies, templates, adapters, projectors."""
    import gguf
    import numpy as np

    def weights(writer: Any) -> None:
        writer.add_block_count(1)
        for name, code in (("a", "f4"), ("b", "f2"), ("c", "f8"), ("d", "i1"), ("e", "i2"),
                           ("f", "i4"), ("g", "i8")):  # fmt: skip
            writer.add_tensor(f"blk.0.{name}.weight", np.arange(21).reshape(3, 7).astype(code))
        writer.add_tensor("one", np.ones((), "f4"))

    yield "gguf", "plain.gguf", _gguf(weights)
    yield "gguf", "big-endian.gguf", _gguf(weights, endianess=gguf.GGUFEndian.BIG)
    for size in (8, 64, 4096):

        def aligned(writer: Any, size: int = size) -> None:
            writer.add_custom_alignment(size)
            weights(writer)

        yield "gguf", f"aligned-{size}.gguf", _gguf(aligned)

    def vocabulary(writer: Any) -> None:
        writer.add_tokenizer_model("gpt2")
        writer.add_token_list([f"token{i}".encode() for i in range(2000)] + [b"\xff\xfe"])
        writer.add_token_scores([0.0] * 2001)
        writer.add_token_types([1] * 2001)
        writer.add_token_merges([f"a{i} b" for i in range(2000)])
        writer.add_bos_token_id(1)
        writer.add_add_bos_token(True)
        writer.add_precompiled_charsmap(bytes(range(256)))

    yield "gguf", "vocabulary-only.gguf", _gguf(vocabulary)
    chat = ("{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] | trim }}{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}")  # fmt: skip

    def templates(writer: Any) -> None:
        writer.add_chat_template([{"name": "default", "template": chat},
                                  {"name": "tool_use", "template": chat}])  # fmt: skip
        writer.add_description("A model, see https://example.org/ for more of it.")
        writer.add_languages(["en", "de"])
        weights(writer)

    yield "gguf", "templates.gguf", _gguf(templates)

    def every_key(writer: Any) -> None:
        for kind, value in (("uint8", 1), ("int8", -1), ("uint16", 1), ("int16", -1), ("uint32", 1),
                            ("int32", -1), ("float32", 0.5), ("uint64", 1), ("int64", -1),
                            ("float64", 0.5), ("bool", False)):  # fmt: skip
            getattr(writer, f"add_{kind}")(f"k.{kind}", value)
        writer.add_array("k.flags", [True, False])
        writer.add_array("k.empty-less", [1])
        writer.add_string("k.text", "")

    yield "gguf", "every-key.gguf", _gguf(every_key, arch="gpt-oss")

    def adapter(writer: Any) -> None:
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 16.0)
        writer.add_tensor("blk.0.attn_q.weight.lora_a", np.ones((8, 64), "f4"))

    yield "gguf", "lora.gguf", _gguf(adapter)
    for kind in ("Q4_0", "Q5_1", "Q8_0", "Q4_K", "Q6_K", "IQ4_XS", "TQ1_0", "MXFP4", "BF16"):
        number = gguf.GGMLQuantizationType[kind]
        block, width = gguf.GGML_QUANT_SIZES[number]
        rows = np.zeros((4, max(512 // block, 1) * width), "u1")

        def blocks(writer: Any, rows: Any = rows, number: Any = number) -> None:
            writer.add_tensor("blk.0.ffn_down.weight", rows, raw_dtype=number)
            writer.add_tensor("norm", np.ones(7, "f4"))

        yield "gguf-types", f"{kind}.gguf", _gguf(blocks)
    yield from _split()


def _split() -> Iterator[Entry]:
    """One model in parts."""
    import numpy as np
    from gguf import GGUFWriter

    with tempfile.TemporaryDirectory() as folder:
        writer = GGUFWriter(str(Path(folder) / "m.gguf"), "llama", split_max_tensors=2)
        for number in range(5):
            writer.add_tensor(f"blk.{number}.w", np.ones(33, "f4"))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        for path in sorted(Path(folder).iterdir()):
            yield "gguf", path.name, path.read_bytes()


# The libraries that a part needs; one that is absent leaves the part out.
PARTS: tuple[tuple[tuple[str, ...], Callable[[], Iterator[Entry]]], ...] = (
    (("numpy",), numpy_arrays),
    (("numpy", "ml_dtypes"), numpy_small),
    (("numpy",), numpy_archives),
    (("numpy", "safetensors"), safetensors_numpy),
    (("torch", "safetensors"), safetensors_torch),
    (("safetensors",), safetensors_others),
    (("numpy", "gguf"), ggufs),
)
