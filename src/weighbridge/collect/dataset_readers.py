"""Data that Python code reads without the ``datasets`` library, from its syntax tree.

Two kinds of calls: readers of files (pandas, polars, pyarrow, dask, plain downloads), which name a
dataset when they are given an address; and catalogs (torchvision, TensorFlow Datasets, Keras,
scikit-learn, Kaggle, OpenML, ModelScope, Quilt), whose entries are named ``<catalog>:<entry>``.
A file reader whose path is computed is no dataset by itself: most read what the program wrote. It
is reported where the part of the address that is written down shows that it goes out to a network.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from weighbridge.collect.dataset_ids import HUB_ADDRESS, MAX_ID, classify

Texts = Callable[[ast.expr | None], "tuple[str, ...] | None"]

COMPUTED_ADDRESS = "the address of the data is computed when the code runs"
COMPUTED_ENTRY = "which dataset of the catalog is loaded is computed when the code runs"

_REMOTE = re.compile(r"(?:hf|s3a?|gs|gcs|azure?|abfss?|adl|oss|https?|ftp)://", re.I)
_DATA_FILE = re.compile(
    r"\.(?:jsonl?|csv|tsv|parquet|arrow|feather|txt|zip|tar|tgz|gz|bz2|xz|zst|7z|npz|npy|h5|hdf5"
    r"|sqlite|db|tfrecords?|xml|xlsx?)(?:[?#]|\Z)",
    re.I,
)

# what reads a file, and the argument that names it
_FRAME_READERS = (
    "read_csv", "read_table", "read_parquet", "read_json", "read_feather", "read_excel",
    "read_orc", "read_pickle", "read_fwf", "read_hdf", "read_xml", "read_stata", "read_sas",
    "read_spss", "read_ndjson", "read_ipc", "read_avro", "read_delta", "scan_csv", "scan_parquet",
    "scan_ndjson", "scan_ipc", "scan_delta",
)  # fmt: skip
_FRAMES = ("pandas", "polars", "dask.dataframe", "modin.pandas", "cudf", "geopandas", "vaex")
_FILES: dict[str, str] = {
    **{f"{library}.{name}": "" for library in _FRAMES for name in _FRAME_READERS},
    "vaex.open": "path",
    "pyarrow.parquet.read_table": "source",
    "pyarrow.parquet.ParquetDataset": "path_or_paths",
    "pyarrow.parquet.ParquetFile": "source",
    "pyarrow.dataset.dataset": "source",
    "pyarrow.csv.read_csv": "input_file",
    "pyarrow.json.read_json": "input_file",
    "pyarrow.feather.read_table": "source",
    "webdataset.WebDataset": "urls",
    "deeplake.load": "path",
    "deeplake.open": "url",
    "streaming.StreamingDataset": "remote",
}
# what downloads anything: an address counts where it ends as data does
_DOWNLOADS: dict[str, str] = {
    "urllib.request.urlretrieve": "url",
    "urllib.request.urlopen": "url",
    "requests.get": "url",
    "httpx.get": "url",
    "wget.download": "url",
    "gdown.download": "url",
    "torch.hub.download_url_to_file": "url",
    "torchvision.datasets.utils.download_url": "url",
    "torchvision.datasets.utils.download_and_extract_archive": "url",
    "keras.utils.get_file": "origin",
    "tensorflow.keras.utils.get_file": "origin",
    "pooch.retrieve": "url",
}
# catalogs whose entries are attributes: module, the catalog's name, what the attribute must be like
_CLASSES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("torchvision.datasets", "torchvision", re.compile(r"[A-Z]\w+")),
    ("torchaudio.datasets", "torchaudio", re.compile(r"[A-Z]\w+")),
    ("torchtext.datasets", "torchtext", re.compile(r"[A-Z]\w+")),
    ("torch_geometric.datasets", "torch_geometric", re.compile(r"[A-Z]\w+")),
    ("sklearn.datasets", "sklearn", re.compile(r"fetch_\w+")),
)
# they read what lies in a folder, or make things up
_NO_ENTRY = frozenset({"ImageFolder", "DatasetFolder", "FakeData", "VisionDataset", "Kinetics"})
# catalogs whose entries are arguments: function, the catalog's name, the argument
_ENTRIES: dict[str, tuple[str, str]] = {
    "tensorflow_datasets.load": ("tfds", "name"),
    "tensorflow_datasets.builder": ("tfds", "name"),
    "tensorflow_datasets.data_source": ("tfds", "name"),
    "kagglehub.dataset_download": ("kaggle", "handle"),
    "kagglehub.load_dataset": ("kaggle", "handle"),
    "kagglehub.dataset_load": ("kaggle", "handle"),
    "openml.datasets.get_dataset": ("openml", "dataset_id"),
    "sklearn.datasets.fetch_openml": ("openml", "name"),
    "modelscope.MsDataset.load": ("modelscope", "dataset_name"),
    "modelscope.msdatasets.MsDataset.load": ("modelscope", "dataset_name"),
    "openmind.OmDataset.load_dataset": ("openmind", "path"),
    "quilt3.Package.browse": ("quilt", "name"),
    "quilt3.Package.install": ("quilt", "name"),
    "ir_datasets.load": ("ir_datasets", "name"),
    "tdc.utils.retrieve_dataset": ("tdc", "dataset"),
}
_KERAS = re.compile(r"(?:tensorflow\.)?keras\.datasets\.(\w+)\.load_data\Z")

# A module without one of these words calls nothing of the above.
WORDS = (
    *_FRAME_READERS, "pyarrow", "webdataset", "deeplake", "StreamingDataset", "vaex",
    "urlretrieve", "urlopen", "requests.get", "httpx.get", "wget.download", "gdown", "get_file",
    "download_url", "download_and_extract_archive", "pooch", "torchvision", "torchaudio",
    "torchtext", "torch_geometric", "fetch_", "tensorflow_datasets", "kagglehub", "openml",
    "MsDataset",
    "OmDataset", "quilt3", "ir_datasets", "tdc", "keras.datasets",
)  # fmt: skip
_CATALOG_WORDS = re.compile(
    r"torchvision|torchaudio|torchtext|torch_geometric|fetch_|tensorflow_datasets|kagglehub|openml"
    r"|MsDataset|OmDataset|quilt3|ir_datasets|retrieve_dataset|datasets"
)


@dataclass(frozen=True, slots=True)
class Read:
    """Data that a call reads. ``revision`` is a version the call asks for, empty for none."""

    id: str
    revision: str
    line: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A call that reads something which cannot be told."""

    reason: str
    line: int


class Imports:
    """What the names of a file stand for: ``pd`` for ``pandas``. Scopes are not kept apart."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self.names: dict[str, str] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = alias.asname is not None
                    root = alias.name if whole else alias.name.partition(".")[0]
                    self.names[alias.asname or root] = root
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def dotted(self, node: ast.expr) -> str:
        """The full name of what an expression stands for; empty where it is no imported name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.names:
            return ""
        return ".".join((self.names[node.id], *reversed(parts)))


def read_calls(
    nodes: Sequence[ast.AST], imports: Imports, texts: Texts
) -> Iterator[Read | Doubtful]:
    """What the calls among some nodes read.

    Args:
        nodes: every node of a syntax tree.
        imports: what names stand for, in all of the file.
        texts: the constant texts that an expression may have, None where it is computed.
    """
    for node in nodes:
        if isinstance(node, ast.Call):
            name = imports.dotted(node.func)
            if name:
                yield from _call(name, node, texts)


def may_read(source: str) -> bool:
    """Whether code may hold such a call: a file reader counts only beside an address."""
    if not any(word in source for word in WORDS):
        return False
    return bool(_CATALOG_WORDS.search(source) or _REMOTE.search(source))


def _call(name: str, call: ast.Call, texts: Texts) -> Iterator[Read | Doubtful]:
    keywords = {k.arg: k.value for k in call.keywords if k.arg is not None}
    if name in _FILES:
        yield from _addresses(_argument(call, keywords, _FILES[name]), texts, call.lineno)
    elif name in _DOWNLOADS:
        node = _argument(call, keywords, _DOWNLOADS[name])
        if _DOWNLOADS[name] == "origin" and "origin" not in keywords:
            node = call.args[1] if len(call.args) > 1 else None
        yield from _addresses(node, texts, call.lineno, only_data=True)
    elif name in _ENTRIES:
        yield from _entry(*_ENTRIES[name], call, keywords, texts)
    elif entry := catalog_entry(name):
        yield Read(entry, "", call.lineno)


def catalog_entry(name: str) -> str:
    """The dataset that a dotted name by itself loads, ``torchvision:MNIST``; else empty."""
    if keras := _KERAS.match(name):
        return f"keras:{keras.group(1)}"
    for module, catalog, like in _CLASSES:
        entry = name.removeprefix(f"{module}.")
        if entry != name and like.fullmatch(entry) and entry not in _NO_ENTRY:
            return f"{catalog}:{entry.removeprefix('fetch_')}"
    return ""


def _argument(call: ast.Call, keywords: Mapping[str, ast.expr], name: str) -> ast.expr | None:
    """The first argument, by position or by name; without a name, by position only."""
    if call.args:
        return call.args[0]
    if name:
        return keywords.get(name)
    return next((keywords[k] for k in ("filepath_or_buffer", "path", "io", "source")
                 if k in keywords), None)  # fmt: skip


def _addresses(
    node: ast.expr | None, texts: Texts, line: int, *, only_data: bool = False
) -> Iterator[Read | Doubtful]:
    """The addresses among what an argument may be. Files beside the code are no dataset by name."""
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    for item in items:
        found = texts(item)
        if found is None:
            start = _written_start(item)
            # the hub's own addresses are looked for wherever they stand
            if _REMOTE.match(start) and not (only_data or start.startswith(HUB_ADDRESS)):
                yield Doubtful(COMPUTED_ADDRESS, line)
            continue
        for text in found:
            if not _REMOTE.match(text) or (only_data and not _DATA_FILE.search(text)):
                continue
            named = classify(text)
            if named.kind == "dataset":
                yield Read(named.id, named.revision, line)


def _written_start(node: ast.expr | None) -> str:
    """The part of a computed text that stands first in the code, empty where none does."""
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value  # "s3://{}".format(…)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _entry(
    catalog: str, argument: str, call: ast.Call, keywords: Mapping[str, ast.expr], texts: Texts
) -> Iterator[Read | Doubtful]:
    node = call.args[0] if call.args else keywords.get(argument)
    if node is None:
        node = keywords.get("data_id")  # fetch_openml
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        names: tuple[str, ...] | None = (str(node.value),)
    else:
        names = texts(node)
    if names is None:
        yield Doubtful(COMPUTED_ENTRY, call.lineno)
        return
    for name in names:
        entry, version = _version(catalog, name[:MAX_ID], keywords, texts)
        yield Read(f"{catalog}:{entry}", version, call.lineno)


def _version(
    catalog: str, name: str, keywords: Mapping[str, ast.expr], texts: Texts
) -> tuple[str, str]:
    """An entry and the version that is asked for, as each catalog spells it."""
    if catalog == "tfds":
        entry, _, version = name.partition(":")
        return entry, version
    if catalog == "kaggle":
        entry, _, version = name.partition("/versions/")
        return entry, version
    word = {"quilt": "top_hash", "modelscope": "version", "openml": "version"}.get(catalog, "")
    node = keywords.get(word)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return name, str(node.value)
    given = texts(node)
    return name, given[0] if given and len(given) == 1 else ""
