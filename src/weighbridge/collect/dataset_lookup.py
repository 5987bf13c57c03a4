"""Files other than code that name datasets: which they are, and reading each by its own reader."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from weighbridge.collect.dataset_configs import (
    ConfigDoubt,
    ConfigUse,
    Path,
    Surroundings,
    looks_like_one,
    may_name,
    read_catalog,
    read_config,
)
from weighbridge.collect.dataset_files import (
    croissant_record,
    dvc_records,
    is_croissant,
    is_dvc,
    is_quilt,
    pointer_records,
    quilt_record,
)
from weighbridge.collect.dataset_records import NAMES, Record
from weighbridge.edge.json import load_json
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.training_content import NAME as TRAINING_CONTENT
from weighbridge.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from weighbridge.collect.dataset_uses import DatasetUse, Unread

MAX_CONFIG_BYTES = 2**20
MAX_DESCRIPTION_BYTES = 4 * 2**20
MAX_DVC_BYTES = 4 * 2**20
MAX_CATALOG_BYTES = 2**20

# JSON that goes with weights and tokenizers, and never configures training.
_NO_CONFIG = frozenset({
    "tokenizer.json", "tokenizer_config.json", "vocab.json", "added_tokens.json",
    "special_tokens_map.json", "generation_config.json", "preprocessor_config.json",
    "processor_config.json", "package.json", "package-lock.json", "modules.json",
    "trainer_state.json",
})  # fmt: skip
_CATALOG = "dataset_info.json"


class Lookup:
    """Reads the files of one subject; what lies beside a file is looked up once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.folders: set[str] | None = None
        self.catalogs: dict[str, Mapping[str, ConfigUse | None]] | None = None

    def may_name(self, artifact: Artifact) -> bool:
        """Whether the file is one of those that are read, by its name."""
        path = artifact.path
        name = path.rpartition("/")[2]
        if is_dvc(path) or is_quilt(path):
            return True
        if name.endswith((".yaml", ".yml", ".toml")):
            return name not in (*NAMES, TRAINING_CONTENT, "dvc.yaml")
        return name.endswith(".json") and (
            is_croissant(path)
            or (
                not (name in _NO_CONFIG or name.endswith(".index.json"))
                and artifact.size <= MAX_CONFIG_BYTES
            )
        )

    def read(self, artifact: Artifact) -> Iterator[DatasetUse | Unread | Record]:
        """What the file names.

        Raises:
            HostileInput: it names datasets and could not be read.
        """
        path = artifact.path
        if is_dvc(path):
            for record in dvc_records(self._text(artifact, MAX_DVC_BYTES), path):
                yield from _tracked(record)
        elif is_quilt(path):
            quilt = quilt_record(self._text(artifact, MAX_DESCRIPTION_BYTES), path)
            if quilt is not None:
                yield from _tracked(quilt)
        elif artifact.presence is Presence.CONTENT:
            described = self._described(artifact) if is_croissant(path) else None
            if described is not None:
                yield _use(described, "described")
                yield described
            elif artifact.size <= MAX_CONFIG_BYTES:
                yield from self._configured(artifact)

    def pointers(self) -> Iterator[DatasetUse | Record]:
        """Data whose Git LFS pointers lie in the subject."""
        for record in pointer_records(self.snapshot.artifacts):
            yield from _tracked(record)

    def _described(self, artifact: Artifact) -> Record | None:
        data = self.snapshot.read(artifact, MAX_DESCRIPTION_BYTES)
        if b"mlcommons.org/croissant" not in data:
            return None
        value = load_json(data, source=artifact.path, max_bytes=MAX_DESCRIPTION_BYTES)
        return croissant_record(value, artifact.path)

    def _configured(self, artifact: Artifact) -> Iterator[DatasetUse | Unread]:
        from weighbridge.collect.dataset_uses import DatasetUse, Unread

        path = artifact.path
        data = self.snapshot.read(artifact, MAX_CONFIG_BYTES)
        if path.rpartition("/")[2] != _CATALOG and not may_name(data):
            return
        try:
            value, line = _parsed(data, path)
        except HostileInput:
            # a chart, a workflow or a template with such a word in it says nothing of datasets
            if looks_like_one(data.decode("utf-8", "replace")):
                raise
            return
        folder = path.rpartition("/")[0]
        if path.rpartition("/")[2] == _CATALOG:
            catalog = read_catalog(value, line)
            for entry in (catalog or {}).values():
                if entry is not None:
                    yield DatasetUse(path, "", entry.line, entry.id, "config", entry.revision)
            if catalog is not None:
                return
        around = Surroundings(self._catalog(folder), lambda text: self._is_local(text, folder))
        for found in read_config(value, line, around):
            if isinstance(found, ConfigDoubt):
                yield Unread(path, "", found.line, found.reason, "config")
            else:
                yield DatasetUse(path, "", found.line, found.id, "config", found.revision)

    def _catalog(self, folder: str) -> Mapping[str, ConfigUse | None] | None:
        """The nearest ``dataset_info.json``: beside the file, above it, or the only one."""
        if self.catalogs is None:
            self.catalogs = {}
            for artifact in self.snapshot.artifacts:
                place, _, name = artifact.path.rpartition("/")
                if name == _CATALOG and artifact.presence is Presence.CONTENT:
                    found = self._read_catalog(artifact)
                    if found is not None:
                        self.catalogs[place] = found
        while True:
            for place in (folder, f"{folder}/data".lstrip("/")):
                if place in self.catalogs:
                    return self.catalogs[place]
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return next(iter(self.catalogs.values())) if len(self.catalogs) == 1 else None

    def _read_catalog(self, artifact: Artifact) -> Mapping[str, ConfigUse | None] | None:
        try:
            value, line = _parsed(self.snapshot.read(artifact, MAX_CATALOG_BYTES), artifact.path)
        except (HostileInput, OSError):
            return None  # it is told where the file itself is read
        return read_catalog(value, line)

    def _is_local(self, text: str, folder: str) -> bool:
        """Whether a name is a path of the subject: from its top, or from the file's own folder."""
        if self.folders is None:
            self.folders = set()
            for artifact in self.snapshot.artifacts:
                place = artifact.path
                while place and place not in self.folders:
                    self.folders.add(place)
                    place = place.rpartition("/")[0]
        plain = text.removeprefix("./").rstrip("/")
        return bool(plain) and (plain in self.folders or f"{folder}/{plain}" in self.folders)

    def _text(self, artifact: Artifact, limit: int) -> str:
        if artifact.presence is not Presence.CONTENT:
            raise HostileInput(f"it is a {artifact.presence}: its text is not here")
        data = self.snapshot.read(artifact, limit)
        try:
            return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        except UnicodeDecodeError as error:
            raise HostileInput(f"it is not UTF-8 text (byte {error.start})") from error


def _parsed(data: bytes, path: str) -> tuple[Any, Callable[[Path], int]]:
    """A configuration's value, and the line of a key path where that is known (0 elsewhere)."""
    if path.endswith(".json"):
        return load_json(data, source=path, max_bytes=MAX_CONFIG_BYTES), lambda _: 0
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise HostileInput(f"it is not UTF-8 text (byte {error.start})") from error
    if path.endswith(".toml"):
        import tomllib

        try:
            return tomllib.loads(text), lambda _: 0
        except (ValueError, RecursionError) as error:
            raise HostileInput(f"it is not valid TOML: {error}") from error
    document = load_yaml(text, source=path, max_bytes=MAX_CONFIG_BYTES)
    return document.value, document.line


def _tracked(record: Record) -> Iterator[DatasetUse | Record]:
    yield _use(record, "tracked")
    yield record


def _use(record: Record, kind: Any) -> DatasetUse:
    from weighbridge.collect.dataset_uses import DatasetUse

    return DatasetUse(record.path, "", record.line, record.id, kind, "")
