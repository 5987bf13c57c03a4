"""What TensorFlow's operators do beyond arithmetic, and which operators there are.

``operators.json`` lists the names of TensorFlow's own operators, and of libraries that only compute
and that published models need; each list says where it comes from. What is not on it is a custom
operator: somebody's compiled library that loading needs.

The judgements below are from the operators' documentation (``tensorflow/core/api_def``) and
kernels. Savers are in nearly every file and are no finding: their file name comes from whoever
calls them. A file name that the graph itself fixes is what matters.
"""

from __future__ import annotations

import enum
import functools
import json
from importlib import resources
from typing import NamedTuple

from weighbridge.weights.inspection import Verdict


class Judgement(NamedTuple):
    """A verdict, and what the operator does: ``effect`` completes "it …"."""

    verdict: Verdict
    effect: str


class PathUse(enum.Enum):
    """What an operator does with a file name."""

    WRITE = "writes files at a place that the graph names"
    RESTORE = "reads weights from outside the model"
    TABLE = "reads a file that is no part of the model"
    LIST = "lists files at a place that the graph names"
    CACHE = "reads and writes a cache file"
    EVENTS = "writes event files"


class Attribute(NamedTuple):
    """A text attribute that lets an operator reach further; the values that do not are harmless."""

    key: str
    harmless: tuple[str, ...]  # exact, or a prefix where it ends in an asterisk
    judgement: Judgement


def _all(names: str, verdict: Verdict, effect: str) -> dict[str, Judgement]:
    return dict.fromkeys(names.split(), Judgement(verdict, effect))


_BAD, _HIGH, _ODD = Verdict.DANGEROUS, Verdict.UNLISTED_CALL, Verdict.UNLISTED

ALWAYS: dict[str, Judgement] = {
    **_all("PyFunc PyFuncStateless EagerPyFunc", _BAD, "calls back into Python"),
    **_all("ReadFile WholeFileReader WholeFileReaderV2", _BAD, "reads files"),
    **_all("WriteFile", _BAD, "writes files"),
    **_all(
        "FixedLengthRecordDataset FixedLengthRecordDatasetV2 TextLineDataset TFRecordDataset "
        "TFRecordDatasetV2 CSVDataset CSVDatasetV2 ExperimentalCSVDataset LMDBDataset "
        "ExperimentalLMDBDataset SqlDataset ExperimentalSqlDataset FixedLengthRecordReader "
        "FixedLengthRecordReaderV2 LMDBReader TextLineReader TextLineReaderV2 TFRecordReader "
        "TFRecordReaderV2 LoadDataset ListSnapshotChunksDataset SnapshotDatasetReader "
        "SnapshotNestedDatasetReader SnapshotChunkDataset RecordInput Skipgram SSTableDataset",
        _BAD, "reads files as a source of data",
    ),
    **_all("MatchingFilesDataset ExperimentalMatchingFilesDataset", _BAD, "lists files"),
    **_all(
        "SaveDataset SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 DatasetToTFRecord "
        "ExperimentalDatasetToTFRecord DistributedSave DumpTensor CalibrationStatisticsSaver "
        "CreateSummaryDbWriter",
        _BAD, "writes files",
    ),
    **_all(
        "RpcServer RpcServerRegister RpcServerStart RpcClient RpcCall Rpc TryRpc "
        "DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4 "
        "RegisterDataset RegisterDatasetV2 KafkaDataset KinesisDataset IgniteDataset "
        "BigQueryReader GenerateBigQueryReaderPartitions BigtableClient BigtableTable "
        "PubSubDataset",
        _BAD, "reaches the network",
    ),
    **_all("GcsConfigureCredentials GcsConfigureBlockCache FileSystemSetConfiguration", _BAD,
           "changes how the process reaches file systems"),
    **_all("Abort", _BAD, "ends the process"),
    **_all("DecodeAudio DecodeAudioV2 EncodeAudio EncodeAudioV2 DecodeVideo", _BAD,
           "starts a media converter as a process"),
    **_all("RemoteFusedGraphExecute", _HIGH, "runs a graph in a library that the file names"),
    **_all("GeneratorDataset", _HIGH, "takes data from functions, which are Python ones as a rule"),
    **_all("DatasetFromGraph", _HIGH, "runs a graph that a string holds"),
    **_all("XlaHostCompute _XlaHostComputeMlir", _HIGH,
           "runs a computation of the host by a key that the file names"),
    **_all("XlaCustomCall XlaCustomCallV2", _HIGH, "calls compiled code by a name in the file"),
    **_all("TRTEngineOp", _HIGH, "runs a compiled engine that the file carries"),
    **_all("MlirPassthroughOp", _HIGH, "compiles and runs code that the file carries"),
    # No exported model needs these: a debugger puts them into the graphs that it watches, and a
    # run that keeps a journal writes it. Without an address or a writer they do nothing.
    **_all("DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount DebugNumericSummary",
           _ODD, "shows values to a debugger, at addresses that it may be given"),
    **_all("WriteSummary WriteScalarSummary WriteHistogramSummary WriteImageSummary "
           "WriteAudioSummary WriteGraphSummary WriteRawProtoSummary",
           _ODD, "writes values to an event file, whose place another operator names"),
}  # fmt: skip

# Which inputs are file names, and what for.
PATHS: dict[str, tuple[PathUse, tuple[int, ...]]] = {
    "SaveV2": (PathUse.WRITE, (0,)),
    "Save": (PathUse.WRITE, (0,)),
    "SaveSlices": (PathUse.WRITE, (0,)),
    "MergeV2Checkpoints": (PathUse.WRITE, (0, 1)),
    "SerializeTRTResource": (PathUse.WRITE, (1,)),
    "RestoreV2": (PathUse.RESTORE, (0,)),
    "Restore": (PathUse.RESTORE, (0,)),
    "RestoreSlice": (PathUse.RESTORE, (0,)),
    "DTensorRestoreV2": (PathUse.RESTORE, (0,)),
    "LoadAndRemapMatrix": (PathUse.TABLE, (0,)),
    "GenerateVocabRemapping": (PathUse.TABLE, (0, 1)),
    "InitializeTableFromTextFile": (PathUse.TABLE, (1,)),
    "InitializeTableFromTextFileV2": (PathUse.TABLE, (1,)),
    "InitializeTRTResource": (PathUse.TABLE, (1,)),
    "SimpleMLLoadModelFromPath": (PathUse.TABLE, (0,)),
    "SimpleMLLoadModelFromPathWithHandle": (PathUse.TABLE, (1,)),
    "MatchingFiles": (PathUse.LIST, (0,)),
    "CacheDataset": (PathUse.CACHE, (1,)),
    "CacheDatasetV2": (PathUse.CACHE, (1,)),
    "CreateSummaryFileWriter": (PathUse.EVENTS, (1,)),
}

_DEBUG = Attribute("debug_urls", ("",), Judgement(_BAD, "sends tensors to the URLs it names"))
_DESCRIPTORS = Attribute(
    "descriptor_source", ("", "local://", "bytes://*"), Judgement(_BAD, "reads a file")
)
ATTRIBUTES: dict[str, Attribute] = {
    "PrintV2": Attribute(
        "output_stream",
        ("", "stdout", "stderr", "log(info)", "log(warning)", "log(error)"),
        Judgement(_BAD, "writes to a file"),
    ),
    "DebugIdentity": _DEBUG,
    "DebugIdentityV2": _DEBUG,
    "DebugIdentityV3": _DEBUG,
    "DebugNanCount": _DEBUG,
    "DebugNumericSummary": _DEBUG,
    "DecodeProtoV2": _DESCRIPTORS,
    "EncodeProto": _DESCRIPTORS,
    "ImmutableConst": Attribute(
        "memory_region_name", ("memmapped_package://*",), Judgement(_BAD, "maps a file into memory")
    ),
    "FixedUnigramCandidateSampler": Attribute("vocab_file", ("",), Judgement(_BAD, "reads a file")),
}

# What a StableHLO module calls to come back into Python (jax/_src/interpreters/mlir.py).
PYTHON_CALLBACKS = (b"xla_python_cpu_callback", b"xla_python_gpu_callback",
                    b"xla_ffi_python_cpu_callback", b"xla_ffi_python_gpu_callback",
                    b"xla_ffi_partitioned_python_cpu_callback")  # fmt: skip
CALLBACK = Judgement(_BAD, "calls back into Python from a compiled module")
CUSTOM = Judgement(_HIGH, "is a custom operator, which a compiled library must provide")


@functools.cache
def known() -> frozenset[str]:
    """The names of all operators in ``operators.json``."""
    raw = resources.files(__package__).joinpath("operators.json").read_text("utf-8")
    libraries = json.loads(raw)["libraries"]
    return frozenset(name for library in libraries for name in library["names"])


def reaches_out(attribute: Attribute, value: str) -> bool:
    """Whether the attribute's value is one that lets its operator reach further."""
    return value not in attribute.harmless and not any(
        entry.endswith("*") and value.startswith(entry[:-1]) for entry in attribute.harmless
    )


def by_name(op: str) -> Judgement | None:
    """The judgement of an operator whose inputs and attributes are not known; None for harmless.

    Savers are harmless then; operators that may write elsewhere are not.
    """
    if op in ALWAYS:
        return ALWAYS[op]
    if op in PATHS and PATHS[op][0] in (PathUse.LIST, PathUse.CACHE, PathUse.EVENTS):
        return Judgement(Verdict.UNLISTED_CALL, PATHS[op][0].value)
    if op in known():
        return None
    return CUSTOM
