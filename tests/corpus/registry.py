"""Which modules the corpus is made of. A literal tuple: a reader sees what there is."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.corpus import (
    arrays,
    benign,
    contradictions,
    disguises,
    documents,
    exhausting,
    gadgets,
    keras_models,
    loader_traps,
    malformed,
    nested,
    onnx_models,
    opcodes,
    prepared,
    r_and_skops,
    raising,
    tensorflow_graphs,
    torch_archives,
)
from tests.corpus.sample import Sample

GENERATED = (
    opcodes, gadgets, prepared, raising, nested, torch_archives, arrays, keras_models, onnx_models,
    tensorflow_graphs, documents, r_and_skops, disguises, loader_traps, malformed, exhausting,
    contradictions, benign,
)  # fmt: skip

# What the real libraries write: modules with ``samples()`` of (class, file name, content). Each
# imports its libraries when it is asked for samples, in the environment of ``requirements.txt``.
REAL = (
    "real_coreml", "real_keras", "real_misc", "real_onnx", "real_pickles", "real_tensorflow",
    "real_tensors",
)  # fmt: skip

MANIFEST = "manifest.json"


def generated() -> Iterator[Sample]:
    """Every sample that code alone makes, in a fixed order."""
    for module in GENERATED:
        yield from module.samples()


def real(name: str) -> Iterator[tuple[str, str, bytes]]:
    """The samples of one module of :data:`REAL`: class, file name, content."""
    made: Iterator[tuple[str, str, bytes]] = importlib.import_module(
        f"tests.corpus.{name}"
    ).samples()
    return made


def written(folder: Path) -> Iterator[Sample]:
    """The samples that ``build_real`` wrote, by its manifest.

    Raises:
        ValueError: the manifest names a file outside of its folder.
    """
    manifest = json.loads((folder / MANIFEST).read_text())
    for entry in manifest["files"]:
        place = PurePosixPath(entry["path"])
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"{entry['path']} is outside of {folder}")
        content = (folder / place).read_bytes()
        yield Sample("benign", entry["class"], entry["name"], content, (), "by the real library")
