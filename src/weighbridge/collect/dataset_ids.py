"""What a string names where a dataset is loaded: a hub dataset, an address, a local file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

# Builders of the ``datasets`` library that read ``data_files``: their name is no dataset.
FILE_BUILDERS = frozenset(
    {
        "arrow", "audiofolder", "cache", "csv", "generator", "hdf5", "imagefolder", "json", "lance",
        "pandas", "parquet", "pdffolder", "spark", "sql", "text", "videofolder", "webdataset",
        "xml",
    }
)  # fmt: skip

_HUB_PART = r"[A-Za-z0-9][\w.-]{0,95}"
_HUB_ID = re.compile(rf"{_HUB_PART}(?:/{_HUB_PART})?\Z")
_HUB_PAGE = re.compile(
    rf"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/"
    rf"({_HUB_PART}(?:/{_HUB_PART})?)(?:/(?:tree|blob|resolve)/([^/?#\s]+))?"
)
_HUB_FILE = re.compile(rf"hf://datasets/({_HUB_PART}/{_HUB_PART})(?:@([^/\s]+))?(?:/|\Z)")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://\S+", re.I)
_FILE = re.compile(
    r"\.(?:jsonl?|csv|tsv|parquet|txt|arrow|py|zip|gz|bz2|xz|zst|tar|feather|xml|sqlite|db|hdf5|h5)\Z",
    re.I,
)
MAX_ID = 300
HUB_ADDRESS = "hf://datasets/"


@dataclass(frozen=True, slots=True)
class Named:
    """What a string names. ``revision`` is empty where it names none."""

    kind: Literal["dataset", "local", "builder"]
    id: str = ""
    revision: str = ""


def classify(text: str) -> Named:
    """What a string in the place of a dataset's name stands for."""
    name = text.strip()[:MAX_ID]
    if name in FILE_BUILDERS:
        return Named("builder")
    page = _HUB_PAGE.match(name) or _HUB_FILE.match(name)
    if page is not None:
        return Named("dataset", page.group(1), unquote(page.group(2) or ""))
    if _ADDRESS.match(name):
        return Named("local") if name.lower().startswith("file:") else Named("dataset", name)
    if _HUB_ID.match(name) and not _FILE.search(name):
        return Named("dataset", name)
    return Named("local")


def card_id(text: str) -> str:
    """The id that an entry of a model card or a record means: a hub page's address is its id."""
    name = text.strip()[:MAX_ID]
    page = _HUB_PAGE.match(name)
    return page.group(1) if page else name
