"""Which datasets a trainer's configuration names: axolotl, TRL, LLaMA-Factory, torchtune, Hydra.

A configuration is plain data; what is looked for are the keys by which these programs name a
dataset (their documentation and argument classes, 2026). Keys that other programs use too count
only beside a key that configures training. A value that is put in when the program starts
(``${…}``, ``{{ … }}``) is reported as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weighbridge.collect.dataset_ids import MAX_ID, classify
from weighbridge.collect.dataset_readers import catalog_entry

COMPUTED = "the dataset's name is put in when the program starts"
MAX_DEPTH = 20
MAX_FOUND = 5_000  # in one file

Path = tuple[str | int, ...]

# Lists of datasets, each a mapping with 'path', or a name.
_LISTS = frozenset({
    "datasets", "pretraining_dataset", "pretraining_datasets", "test_datasets", "train_datasets",
    "eval_datasets", "val_datasets", "rl_datasets", "dataset_configs", "dataset_list",
})  # fmt: skip
# One name; these are the words of trainers and of nothing else.
_NAMES = frozenset({
    "dataset_name", "dataset_name_or_path", "dataset_id", "hf_dataset", "hf_dataset_name",
    "hf_dataset_id", "hf_dataset_path", "dataset_repo_id", "train_dataset_name",
    "eval_dataset_name", "prompt_dataset_name", "calibration_dataset", "dataset_hub_id",
})  # fmt: skip
# One name or several, where something else shows that this configures training.
_LOOSE = frozenset({
    "dataset", "train_dataset", "eval_dataset", "val_dataset", "valid_dataset",
})  # fmt: skip
_MIXERS = frozenset({
    "dataset_mixer", "dataset_mixture", "dataset_weights",
})  # fmt: skip
_IN_ENTRY = ("path", "repo_id", "hf_path", "hf_hub_url", "source", "dataset_name", "name", "id")
_HUBS = ("hf_hub", "ms_hub", "om_hub")
_REVISIONS = ("revision", "dataset_revision", "hf_revision", "dataset_version")
_TRAINING = frozenset({
    "base_model", "model_name_or_path", "model_id", "learning_rate", "lr", "num_epochs",
    "num_train_epochs", "epochs", "max_steps", "trainer", "training_args",
    "per_device_train_batch_size", "micro_batch_size", "batch_size", "gradient_accumulation_steps",
    "optimizer", "lr_scheduler", "lr_scheduler_type", "output_dir", "loss", "adapter", "lora_r",
    "lora_rank", "finetuning_type", "stage", "sequence_len", "max_seq_length", "tokenizer",
})  # fmt: skip
_FACTORY = frozenset({"stage", "finetuning_type", "template", "do_train", "cutoff_len"})
_CATALOG_KEYS = ("hf_hub_url", "ms_hub_url", "om_hub_url")
_INTERPOLATED = re.compile(r"\$\{|\{\{|\A\$[A-Za-z_]|%\(|<[A-Za-z_]+>\Z")
_SEEN = re.compile(
    rb"dataset|_target_|_component_|[hmo][fsm]_hub|converter", re.I
)  # a configuration without these words names none


@dataclass(frozen=True, slots=True)
class ConfigUse:
    """A dataset that a configuration names."""

    id: str
    revision: str
    line: int


@dataclass(frozen=True, slots=True)
class ConfigDoubt:
    """A place that names a dataset which cannot be told."""

    reason: str
    line: int


@dataclass(slots=True)
class Surroundings:
    """What lies around a configuration: ``catalog`` maps the names of LLaMA-Factory's
    ``dataset_info.json`` to what they stand for, None where there is no such file; ``is_local``
    tells a path of the subject from a dataset's name.
    """

    catalog: Mapping[str, ConfigUse | None] | None = None
    is_local: Callable[[str], bool] = field(default=lambda _: False)


def may_name(data: bytes) -> bool:
    """Whether a file may be such a configuration."""
    return _SEEN.search(data) is not None


def looks_like_one(text: str) -> bool:
    """Whether a file that cannot be parsed has a line as these configurations have."""
    keys = "|".join(sorted(_LISTS | _NAMES | _MIXERS))
    return re.search(rf"^[ \t-]{{0,40}}(?:{keys})[ \t]?:", text, re.M) is not None


def read_config(
    value: Any, line: Callable[[Path], int], around: Surroundings
) -> Iterator[ConfigUse | ConfigDoubt]:
    """What a parsed configuration names, at most :data:`MAX_FOUND`.

    Args:
        value: mappings, lists and scalars.
        line: the line of a key path.
        around: what lies around the file.
    """
    reader = _Reader(line, around)
    for number, found in enumerate(reader.walk(value, ())):
        if number >= MAX_FOUND:
            yield ConfigDoubt(f"it names more than {MAX_FOUND} datasets", 0)
            return
        yield found


def read_catalog(value: Any, line: Callable[[Path], int]) -> dict[str, ConfigUse | None] | None:
    """The entries of a LLaMA-Factory ``dataset_info.json``; None if it is no such file.

    An entry that reads a file beside it stands for None: it is no dataset by name.
    """
    if not isinstance(value, dict) or not value:
        return None
    known = ("file_name", "script_url", "cloud_file_name", *_CATALOG_KEYS)
    entries = {k: v for k, v in value.items() if isinstance(v, dict) and any(w in v for w in known)}
    if len(entries) != len(value):
        return None
    catalog: dict[str, ConfigUse | None] = {}
    for name, entry in entries.items():
        keys = (*_CATALOG_KEYS, "cloud_file_name", "script_url")
        link = next((entry[k] for k in keys if isinstance(entry.get(k), str)), "")
        named = classify(link)
        catalog[str(name)] = (
            ConfigUse(named.id, named.revision or _revision(entry), line((name,)))
            if link and named.kind == "dataset"
            else None
        )
    return catalog


class _Reader:
    def __init__(self, line: Callable[[Path], int], around: Surroundings) -> None:
        self.line = line
        self.around = around
        self.training = False

    def walk(self, value: Any, path: Path) -> Iterator[ConfigUse | ConfigDoubt]:
        """All that a value names, at any depth."""
        if len(path) > MAX_DEPTH:
            return
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.walk(item, (*path, number))
            return
        if not isinstance(value, dict):
            return
        if not path:
            self.training = not _TRAINING.isdisjoint(map(str, value)) or any(
                isinstance(v, dict) and not _TRAINING.isdisjoint(map(str, v))
                for v in value.values()
            )
        yield from self._component(value, path)
        if _is_entry(value):
            yield from self._name(value["path"], path, _revision(value))
            return
        for key, item in value.items():
            yield from self._key(key, item, (*path, key), value)

    def _key(
        self, key: Any, item: Any, here: Path, beside: dict[Any, Any]
    ) -> Iterator[ConfigUse | ConfigDoubt]:
        if key in _LISTS:
            yield from self._list(item, here)
        elif key in _NAMES:
            yield from self._names(item, here, beside)
        elif key in _MIXERS and isinstance(item, dict) and "datasets" not in item:
            for name in item:
                yield from self._name(name, (*here, name), "")
        elif key in _LOOSE and not isinstance(item, list):
            yield from self._loose(item, here, beside)
        else:
            yield from self.walk(item, here)

    def _component(self, value: dict[Any, Any], path: Path) -> Iterator[ConfigUse | ConfigDoubt]:
        """Hydra's ``_target_`` and torchtune's ``_component_``: a function and its arguments."""
        for key in ("_target_", "_component_"):
            target = value.get(key)
            if not isinstance(target, str) or "dataset" not in target.lower():
                continue
            entry = catalog_entry(target)
            name = next((value[k] for k in _IN_ENTRY if isinstance(value.get(k), str)), None)
            if entry:
                yield ConfigUse(entry, "", self.line((*path, key)))
            elif name is not None:
                yield from self._name(name, (*path, key), _revision(value))
            elif target.startswith("torchtune.datasets."):  # its own default stands in its code
                yield ConfigUse(target, "", self.line((*path, key)))

    def _list(self, value: Any, path: Path) -> Iterator[ConfigUse | ConfigDoubt]:
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            here = (*path, number) if isinstance(value, list) else path
            if isinstance(item, dict):
                yield from self._entry(item, here)
            elif isinstance(item, str) and self.training:
                yield from self._name(item, here, "", loose=True)

    def _entry(self, entry: dict[Any, Any], path: Path) -> Iterator[ConfigUse | ConfigDoubt]:
        """A mapping in a list of datasets."""
        if "_target_" in entry or "_component_" in entry:
            yield from self._component(entry, path)
            return
        name = next((entry[k] for k in _IN_ENTRY if isinstance(entry.get(k), str)), None)
        files = entry.get("data_files")
        local = isinstance(entry.get("ds_type"), str) and not isinstance(files, str | list)
        if name is not None and classify(name).kind == "builder":
            for item in files if isinstance(files, list) else [files]:
                if isinstance(item, str) and "://" in item:
                    yield from self._name(item, path, "")
        elif name is not None and not (local and "/" not in name):
            yield from self._name(name, path, _revision(entry))
        elif name is None:
            yield from self.walk(entry, path)

    def _names(
        self, value: Any, path: Path, beside: dict[Any, Any]
    ) -> Iterator[ConfigUse | ConfigDoubt]:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield from self._name(item, path, _revision(beside))

    def _loose(
        self, value: Any, path: Path, beside: dict[Any, Any]
    ) -> Iterator[ConfigUse | ConfigDoubt]:
        if isinstance(value, dict):
            if self.training or "_target_" in value or "_component_" in value:
                yield from self._entry(value, path)
            return
        if not isinstance(value, str):
            return
        if not _FACTORY.isdisjoint(map(str, beside)):
            for name in value.split(","):
                yield from self._listed(name.strip(), path)
        elif self.training:
            yield from self._name(value, path, _revision(beside), loose=True)

    def _listed(self, name: str, path: Path) -> Iterator[ConfigUse | ConfigDoubt]:
        """A name that LLaMA-Factory looks up in its catalog."""
        catalog = self.around.catalog
        if not name or self.around.is_local(name):
            return
        if catalog is not None and name in catalog:
            meant = catalog[name]
            if meant is not None:
                yield ConfigUse(meant.id, meant.revision, self.line(path))
        elif "/" in name or "://" in name:
            yield from self._name(name, path, "")
        else:
            where = "has no entry of it" if catalog is not None else "is not here"
            reason = f"'{name[:80]}' is looked up in dataset_info.json, which {where}"
            yield ConfigDoubt(reason, self.line(path))

    def _name(
        self, text: Any, path: Path, revision: str, *, loose: bool = False
    ) -> Iterator[ConfigUse | ConfigDoubt]:
        if not isinstance(text, str) or not text.strip():
            return
        if _INTERPOLATED.search(text):
            yield ConfigDoubt(COMPUTED, self.line(path))
            return
        text = text.strip()[:MAX_ID]
        if self.around.is_local(text) or (loose and "/" not in text):
            return
        named = classify(text)
        if named.kind == "dataset":
            yield ConfigUse(named.id, revision or named.revision, self.line(path))


def _is_entry(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping is an entry of LLaMA-Factory's own lists of datasets (its version 1)."""
    source = value.get("source")
    known = source in _HUBS or (source is None and "converter" in value)
    return known and isinstance(value.get("path"), str)


def _revision(entry: Mapping[Any, Any]) -> str:
    """What an entry says of the revision it wants."""
    found = next((entry[k] for k in _REVISIONS if isinstance(entry.get(k), str)), "")
    return str(found).strip()[:MAX_ID]
