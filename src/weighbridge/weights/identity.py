"""Whether a file's content is what its name promises.

A name is held to all formats that its own tools write or read under it: ``.pt`` to torch's, a
``.pkl`` also to what joblib packs it in. ``.bin`` has always held anything. A name that promises a
format without code, over content that runs some, is the case that matters (CVE-2025-54886).
"""

from __future__ import annotations

from weighbridge.model.artifact import Kind

_ZIPS = (Kind.ZIP, Kind.TORCH_ZIP, Kind.NUMPY_ZIP, Kind.KERAS_ZIP)
_PACKED = (Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZSTD, Kind.LZ4)
_PICKLES = (Kind.PICKLE, Kind.TORCH_LEGACY, *_ZIPS)
_GRAPHS = (Kind.TF_SAVED_MODEL, Kind.TF_GRAPH, Kind.TF_META_GRAPH, Kind.KERAS_METADATA)
_OTHER = (Kind.BINARY, Kind.TEXT, Kind.JSON, Kind.EMPTY)  # judged by whoever finds no reader
_PROMISES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (".pt", (*_PICKLES, Kind.TAR, *_OTHER)),
    (".pth", (*_PICKLES, Kind.TAR, *_OTHER)),
    (".ckpt", (*_PICKLES, Kind.TAR, Kind.HDF5, Kind.MSGPACK, Kind.SAFETENSORS, *_OTHER)),
    (".pb", (*_GRAPHS, Kind.ONNX, *_OTHER)),
    (".pkl", (*_PICKLES, *_PACKED, *_OTHER)),
    (".pickle", (*_PICKLES, *_PACKED, *_OTHER)),
    (".joblib", (*_PICKLES, *_PACKED, *_OTHER)),
    (".dill", (*_PICKLES, *_PACKED, *_OTHER)),
    (".pdparams", (*_PICKLES, Kind.PADDLE_PARAMETERS, *_OTHER)),
    (".pdopt", (*_PICKLES, Kind.PADDLE_PARAMETERS, *_OTHER)),
    (".pdmodel", (Kind.PADDLE_PROGRAM, *_OTHER)),
    (".pdiparams", (Kind.PADDLE_PARAMETERS, *_OTHER)),
    (".mlmodel", (Kind.COREML, *_OTHER)),
    (".skops", (*_ZIPS, *_OTHER)),
    (".pt2", (*_ZIPS, *_OTHER)),
    (".ptl", (*_ZIPS, *_OTHER)),
    (".mar", (*_ZIPS, *_OTHER)),
    (".pte", (Kind.EXECUTORCH, *_OTHER)),
    (".zip", (*_ZIPS, *_OTHER)),
    (".tar", (Kind.TAR, *_PICKLES, *_PACKED, *_OTHER)),  # torch: checkpoint.pth.tar
    (".nemo", (Kind.TAR, *_PACKED, *_OTHER)),
    (".tgz", (Kind.GZIP, *_OTHER)),
    (".gz", (Kind.GZIP, *_OTHER)),
    (".bz2", (Kind.BZIP2, *_OTHER)),
    (".xz", (Kind.XZ, *_OTHER)),
    (".zst", (Kind.ZSTD, *_OTHER)),
    (".lz4", (Kind.LZ4, *_OTHER)),
    (".7z", (Kind.SEVEN_ZIP, *_OTHER)),
    (".safetensors", (Kind.SAFETENSORS,)),
    (".gguf", (Kind.GGUF,)),
    (".npy", (Kind.NUMPY,)),
    (".npz", (Kind.NUMPY_ZIP, Kind.ZIP)),
    (".h5", (Kind.HDF5,)),
    (".hdf5", (Kind.HDF5,)),
    (".keras", (Kind.KERAS_ZIP, Kind.ZIP, Kind.HDF5)),
    (".onnx", (Kind.ONNX,)),
    (".tflite", (Kind.TFLITE,)),
    (".ubj", (Kind.XGBOOST_UBJSON,)),
    (".cbm", (Kind.CATBOOST,)),
    (".pmml", (Kind.XML_MODEL,)),
    (".msgpack", (Kind.MSGPACK, Kind.BINARY, Kind.TEXT, Kind.EMPTY)),
    (".rds", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
    (".rda", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
    (".rdata", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
)
# Text that a loader obeys or reads numbers from: what it may be called otherwise is text, too, or
# bytes of no format.
_TEXTS = (".json", ".yaml", ".yml", ".jinja", ".jinja2", ".py")
_AS_TEXT = frozenset(
    {
        Kind.JSON, Kind.TEXT, Kind.EMPTY, Kind.BINARY, Kind.XGBOOST_JSON, Kind.LIGHTGBM,
        Kind.XML_MODEL, Kind.UNREAD,
    }
)  # fmt: skip


def contradiction(path: str, kind: Kind) -> str:
    """What is wrong, as a clause; empty where nothing is."""
    lowered = path.lower()
    for suffix, kinds in _PROMISES:
        if lowered.endswith(suffix) and kind not in kinds:
            return f"the name promises {suffix[1:]} and the content is {kind.value}"
    if lowered.endswith(_TEXTS) and kind not in _AS_TEXT:
        return f"the name promises {lowered.rpartition('.')[2]} and the content is {kind.value}"
    return ""
