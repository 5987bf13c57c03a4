"""The clause knowledge base: what the licenses that models, data and code come under say.

One YAML file a license under ``terms/``, read when it is asked for. ``terms/index.json`` says which
file has an id, a hub id or a name; :mod:`weighbridge.licensing.knowledge_index` writes it.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.terms_file import parse_terms
from weighbridge.model.licensing.terms import Terms

SCHEMA = "urn:weighbridge:license-terms-index:1"
FOLDER = "terms"
INDEX_FILE = "index.json"
MAX_NAME = 200  # characters; a longer license_name is no name

_GAPS = re.compile(r"[^a-z0-9.+]+")


@dataclass(frozen=True, slots=True)
class Index:
    """Where each license stands. ``ids``: ids and other ids, in lower case, to the file's path
    under ``terms/``; ``names``: names as :func:`plain_name` writes them, to the path; ``known``:
    the files' own ids, sorted.
    """

    ids: Mapping[str, str]
    names: Mapping[str, str]
    known: tuple[str, ...]


def terms(license_id: str) -> Terms | None:
    """The terms of a license by its SPDX id or LicenseRef, in any case; none where we lack it.

    An id with ``+`` or ``-or-later`` has the terms of the version it names.

    Raises:
        ValueError: the file is defective, which is a defect of ours.
    """
    path = _path(license_id)
    return _read(path) if path else None


def by_hub_id(raw: str) -> Terms | None:
    """The terms of what a license id of the Hub names; none for a family and for ``other``.

    Where the Hub's id stands for several wordings these are the terms of the newest one.
    """
    hub = HUB_IDS.get(raw.strip().lower())
    return terms(hub.ids[0]) if hub and hub.ids else None


def by_name(license_name: str) -> Terms | None:
    """The terms of what a model card writes as ``license_name``; none where it is not known.

    A name that is itself an id of SPDX or of the Hub is taken as that.
    """
    if len(license_name) > MAX_NAME:
        return None
    path = _index().names.get(plain_name(license_name))
    if path:
        return _read(path)
    return by_hub_id(license_name) or terms(license_name.strip())


def known_ids() -> tuple[str, ...]:
    """The ids of all licenses of the knowledge base, sorted."""
    return _index().known


def all_terms() -> tuple[Terms, ...]:
    """Every license of the knowledge base, by id. It reads all files: nothing for a scan."""
    return tuple(_read(_index().ids[license_id.lower()]) for license_id in known_ids())


def plain_name(name: str) -> str:
    """A license's name without case and punctuation: ``Llama_3.1 Community`` and its like agree."""
    return _GAPS.sub("-", name.strip().lower()).strip("-")


def parse_index(data: bytes) -> Index:
    """Read an index.

    Raises:
        HostileInput: not JSON.
        ValueError: JSON of another shape. The file is our own, so this is a defect of ours.
    """
    body: dict[str, Any] = load_json(data, source=INDEX_FILE)
    if body.get("schema") != SCHEMA:
        raise ValueError(f"{INDEX_FILE} does not have the schema {SCHEMA}")
    return Index(body["ids"], body["names"], tuple(body["known"]))


def _path(license_id: str) -> str:
    """The file of an id, empty where there is none."""
    key = license_id.strip().lower()
    ids = _index().ids
    bare = key.removesuffix("-or-later").removesuffix("+")
    return ids.get(key) or ids.get(bare) or ids.get(f"{bare}-only") or ""


@functools.cache
def _index() -> Index:
    return parse_index(_folder().joinpath(INDEX_FILE).read_bytes())


@functools.cache
def _read(path: str) -> Terms:
    text = _folder().joinpath(path).read_text(encoding="utf-8")
    return parse_terms(text, source=path)


def _folder() -> Any:
    return importlib.resources.files(__package__).joinpath(FOLDER)
