"""Which module reads which kind. A literal tuple: a reader sees what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from weighbridge.model.artifact import Kind
from weighbridge.weights import (
    archives,
    compressed,
    gguf,
    numpy,
    pickle_file,
    safetensors,
    torch_legacy,
)
from weighbridge.weights.inspection import Log
from weighbridge.weights.source import Source

Reader: TypeAlias = Callable[[Source, Log], None]

# A reader writes what it finds into the log, and raises HostileInput where it cannot go on.
READERS: tuple[tuple[Kind, Reader], ...] = (
    (Kind.SAFETENSORS, safetensors.inspect),
    (Kind.GGUF, gguf.inspect),
    (Kind.PICKLE, pickle_file.inspect),
    (Kind.TORCH_ZIP, archives.inspect_torch),
    (Kind.TORCH_LEGACY, torch_legacy.inspect),
    (Kind.NUMPY, numpy.inspect),
    (Kind.NUMPY_ZIP, archives.inspect_numpy),
    (Kind.KERAS_ZIP, archives.inspect_keras),
    (Kind.ZIP, archives.inspect_any),
    (Kind.GZIP, compressed.inspect_gzip),
    (Kind.BZIP2, compressed.inspect_bzip2),
    (Kind.XZ, compressed.inspect_xz),
)

# Kinds that no reader reads yet; what they hold is ``unknown`` until one does.
UNREAD: tuple[Kind, ...] = (
    Kind.HDF5, Kind.ONNX, Kind.TFLITE, Kind.TAR, Kind.ZSTD, Kind.LZ4, Kind.SEVEN_ZIP,
)  # fmt: skip
