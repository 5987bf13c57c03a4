"""Whether a file's content is what its name promises.

Only names that promise one format are held to it: ``.bin`` and ``.pt`` have always held several. A
name that promises a format without code, over content that runs some, is the case that matters.
"""

from __future__ import annotations

from weighbridge.model.artifact import Kind

_PROMISES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
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
    (".rds", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
    (".rda", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
    (".rdata", (Kind.R_DATA, Kind.GZIP, Kind.BZIP2, Kind.XZ)),
)


def contradiction(path: str, kind: Kind) -> str:
    """What is wrong, as a clause; empty where nothing is."""
    lowered = path.lower()
    for suffix, kinds in _PROMISES:
        if lowered.endswith(suffix) and kind not in kinds:
            return f"the name promises {suffix[1:]} and the content is {kind.value}"
    return ""
