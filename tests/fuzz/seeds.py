"""What fuzzing of the weight readers starts from: files of every kind, some whole and some hostile.

A target is one reader: the kind under which a file is inspected, and the name it goes by.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.assemble import safetensors
from tests.corpus.protobuf import field, message
from tests.corpus.registry import generated

from weighbridge.formats.peek import Peek
from weighbridge.formats.sniff import sniff
from weighbridge.model.artifact import Kind
from weighbridge.weights.registry import READERS, TEXT_READERS

TEXT_NAMES = {  # text has no marks: these names make its readers look
    "python_code": "model.py",
    "templates": "chat.jinja",
    "yaml_config": "config.yaml",
    "config_json": "model_index.json",
}
TARGETS: dict[str, tuple[Kind, str]] = {
    **{kind.value: (kind, "model.bin") for kind, *_ in READERS},
    **{module: (Kind.TEXT, TEXT_NAMES[module]) for _, module, _ in TEXT_READERS},
    "binary": (Kind.BINARY, "model.bin"),
    "distcp": (Kind.TORCH_ZIP, "__0_0.distcp"),
}
# Property tests and the table that holds their seeds.
_TABLES = (
    ("test_weights_formats", "SEEDS"),
    ("test_weights_protobuf", "SEEDS"),
    ("test_weights_tensorflow", "READERS"),
    ("test_weights_text_formats", "SEEDS"),
    ("test_weights_hdf5", "SEEDS"),
)
_BY_NAME = {"template": "templates", "json": "config_json", "yaml": "yaml_config"}


def seeds(most: int) -> dict[str, list[bytes]]:
    """The seeds of each target that are at most ``most`` bytes long, each once, the shortest first.

    Raises:
        ValueError: a reader was registered, and nothing here begins like its files.
    """
    found: dict[str, dict[bytes, None]] = {name: {} for name in TARGETS}
    for name, content in _all():
        if name in found and len(content) <= most:
            found[name][content] = None
    bare = [name for name, contents in found.items() if not contents]
    if bare:
        raise ValueError(f"no seeds for {', '.join(bare)}")
    return {name: sorted(contents, key=len) for name, contents in found.items()}


def _all() -> Iterator[tuple[str, bytes]]:
    for sample in generated():
        kind = sniff(Peek.of(sample.content))
        if kind is Kind.TORCH_ZIP and sample.label == "benign":
            yield "distcp", 2 * sample.content
        if kind in (Kind.TEXT, Kind.JSON):
            for pattern, module, _ in TEXT_READERS:
                if pattern.search(sample.name.lower()):
                    yield module, sample.content
        else:
            yield kind.value, sample.content
    for module, table in _TABLES:
        loaded = importlib.import_module(f"tests.property.{module}")
        yield from _of_table(getattr(loaded, table))
    yield from _more()


def _of_table(table: dict[Any, Any]) -> Iterator[tuple[str, bytes]]:
    """Tables go from a kind, a reader or a name to bytes, or to a reader and bytes."""
    for key, value in table.items():
        reader, content = value if isinstance(value, tuple) else (key, value)
        if isinstance(key, Kind):
            yield key.value, content
        elif isinstance(key, str) and not callable(reader):
            yield "hdf5", content
        elif key in _BY_NAME:
            yield _BY_NAME[key], content
        else:
            for kind, module, function in READERS:
                readable = importlib.import_module(f"weighbridge.weights.{module}")
                if getattr(readable, function) is reader:
                    yield kind.value, content


def _more() -> Iterator[tuple[str, bytes]]:
    """Kinds that no table holds."""
    layer = b'{"class_name": "Lambda", "config": {"function": ["4wEAAAA=", null, null]}}'
    node = message((1, 1), (2, "root"), (3, "_tf_keras_layer"), (5, layer))
    yield Kind.KERAS_METADATA.value, field(1, node) * 2
    table = b"\x06\0\x08\0\x04\0\0\0\x06\0\0\0\x04\0\0\0\x06\0\0\0\0"
    yield Kind.ORT.value, b"\x08\0\0\0ORTM" + table
    yield Kind.XGBOOST_BINARY.value, b"binf" + struct.pack("<fIi", 0.5, 3, 0) + b"\0" * 120
    yield "python_code", b"import os\nclass A(B):\n    def f(self, x):\n        return eval(x)\n"
    yield "config_json", b'{"transformers_weights": "../x", "auto_map": {"AutoModel": "a/b--m.C"}}'
    spaced = (
        b'{ "a" : {"shape":[2], "dtype":"BF16","data_offsets":[0,4] } ,"\\u00fc":{"dtype":"F4",'
    )
    spaced += b'"shape":[0],"data_offsets":[4,4]}}   '
    yield Kind.SAFETENSORS.value, safetensors(spaced, b"\0" * 4)
