"""A subject's files, as bytes show them: never as their extension claims."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from weighbridge.model.digest import Digest


class Presence(enum.StrEnum):
    """Whether the content lies here."""

    CONTENT = "content"
    POINTER = "pointer"  # Git LFS or DVC: the digest is known, the bytes are elsewhere
    MISSING = "missing"  # listed (in a tree, a sparse checkout), and not here


class Kind(enum.StrEnum):
    """A file's format, decided from its first and last bytes."""

    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    PICKLE = "pickle"
    TORCH_ZIP = "torch-zip"
    TORCH_LEGACY = "torch-legacy"
    NUMPY = "numpy"
    NUMPY_ZIP = "numpy-zip"
    KERAS_ZIP = "keras-zip"
    HDF5 = "hdf5"
    ONNX = "onnx"
    TFLITE = "tflite"
    EXECUTORCH = "executorch"
    TF_SAVED_MODEL = "tf-saved-model"
    TF_GRAPH = "tf-graph"
    TF_META_GRAPH = "tf-meta-graph"
    TF_CHECKPOINT_INDEX = "tf-checkpoint-index"
    KERAS_METADATA = "keras-metadata"
    TFRECORD = "tfrecord"
    ORT = "ort"
    COREML = "coreml"
    COREML_WEIGHTS = "coreml-weights"
    PADDLE_PROGRAM = "paddle-program"
    PADDLE_PARAMETERS = "paddle-parameters"
    R_DATA = "r-data"
    XML_MODEL = "xml-model"  # PMML, or OpenVINO's
    MSGPACK = "msgpack"
    XGBOOST_JSON = "xgboost-json"
    XGBOOST_UBJSON = "xgboost-ubjson"
    XGBOOST_BINARY = "xgboost-binary"
    LIGHTGBM = "lightgbm"
    CATBOOST = "catboost"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    LZ4 = "lz4"
    SEVEN_ZIP = "7z"
    ELF = "elf"
    PE = "pe"
    MACHO = "mach-o"
    JSON = "json"
    TEXT = "text"
    BINARY = "binary"  # none of the above
    EMPTY = "empty"
    UNREAD = "unread"  # a pointer or a missing file: there was nothing to look at


# Formats that hold weights, or that a framework loads as weights: NeMo's are tar archives, joblib's
# compressed streams, and what an archive holds is not known before somebody looked.
WEIGHT_KINDS = frozenset(
    {
        Kind.SAFETENSORS,
        Kind.GGUF,
        Kind.PICKLE,
        Kind.TORCH_ZIP,
        Kind.TORCH_LEGACY,
        Kind.NUMPY,
        Kind.NUMPY_ZIP,
        Kind.KERAS_ZIP,
        Kind.HDF5,
        Kind.ONNX,
        Kind.TFLITE,
        Kind.EXECUTORCH,
        Kind.TF_SAVED_MODEL,
        Kind.TF_GRAPH,
        Kind.TF_META_GRAPH,
        Kind.TF_CHECKPOINT_INDEX,
        Kind.KERAS_METADATA,
        Kind.ORT,
        Kind.COREML,
        Kind.COREML_WEIGHTS,
        Kind.PADDLE_PROGRAM,
        Kind.PADDLE_PARAMETERS,
        Kind.R_DATA,
        Kind.XML_MODEL,
        Kind.MSGPACK,
        Kind.XGBOOST_JSON,
        Kind.XGBOOST_UBJSON,
        Kind.XGBOOST_BINARY,
        Kind.LIGHTGBM,
        Kind.CATBOOST,
        Kind.ZIP,
        Kind.TAR,
        Kind.GZIP,
        Kind.BZIP2,
        Kind.XZ,
        Kind.ZSTD,
        Kind.LZ4,
        Kind.SEVEN_ZIP,
    }
)

# Names under which frameworks load weights. They only ever ADD a file to what is inspected
# (a pointer, an unknown binary, a text file named like weights); they never take one away.
WEIGHT_SUFFIXES = (
    ".safetensors", ".gguf", ".ggml", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib",
    ".npy", ".npz", ".h5", ".hdf5", ".keras", ".onnx", ".tflite", ".pb", ".msgpack", ".mar", ".pte",
    ".pt2", ".dill", ".skops", ".ot", ".llamafile", ".nemo", ".zip", ".tar", ".tgz", ".gz", ".bz2",
    ".xz", ".zst", ".lz4", ".7z", ".rar", ".cab", ".rds", ".rda", ".rdata", ".pmml", ".ubj",
    ".cbm", ".mlmodel", ".pdmodel", ".pdiparams", ".pdparams", ".pdopt", ".ptl", ".t7",
    ".onnx_data",
    # of formats that no reader here knows: they are named as not inspected
    ".ort", ".engine", ".trt", ".caffemodel", ".weights", ".mnn", ".rknn", ".hef", ".dlc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a subject.

    ``path`` is relative to the subject, with ``/``, in Unicode; bytes of a name that are not UTF-8
    stand as ``\\xNN`` and the snapshot reports the name as a problem. ``size`` is in bytes; for a
    pointer it is the size that the pointer declares. ``digests`` are of the content: for a pointer
    the digest that the pointer declares. ``link_target`` is set when the path is a symbolic link
    that stays inside the subject.
    """

    path: str
    size: int
    kind: Kind
    presence: Presence
    digests: tuple[Digest, ...] = ()
    link_target: str = ""

    def digest(self, algorithm: str = "sha256") -> Digest | None:
        """The digest by that algorithm, if it was asked for and could be had."""
        return next((d for d in self.digests if d.algorithm == algorithm), None)

    @property
    def is_weight(self) -> bool:
        """Whether the weight rules look at this file: by content, or because its name asks for it.

        Text and JSON with a weight's name count: a framework would try to load them.
        """
        if self.kind in WEIGHT_KINDS:
            return True
        return self.path.lower().endswith(WEIGHT_SUFFIXES)


class ProblemKind(enum.StrEnum):
    """Why a path of the subject could not be taken as a file."""

    SYMLINK_ESCAPE = "symlink-escape"
    SYMLINK_LOOP = "symlink-loop"
    SYMLINK_DANGLING = "symlink-dangling"
    SPECIAL_FILE = "special-file"  # device, FIFO, socket
    UNREADABLE = "unreadable"
    VANISHED = "vanished"
    CHANGED = "changed-while-read"
    NAME_NOT_UTF8 = "name-not-utf8"
    MALFORMED_POINTER = "malformed-pointer"
    BOUND = "bound-exceeded"


@dataclass(frozen=True, slots=True)
class Problem:
    """A path that was met and not fully read, with the reason in words."""

    path: str
    kind: ProblemKind
    detail: str

    def __lt__(self, other: Problem) -> bool:
        return (self.path, self.kind, self.detail) < (other.path, other.kind, other.detail)
