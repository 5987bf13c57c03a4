"""Parents that recipes name: mergekit's and axolotl's in a card's code, trainers' files.

Sources: mergekit (``models``, ``slices``, ``base_model``, names ``model@revision+adapter``);
axolotl, whose cards hold the whole configuration (``base_model``, ``datasets[].path``);
LLaMA-Factory (``model_name_or_path``, ``dataset``); transformers' ``quantization_config`` and
AutoGPTQ's ``quantize_config.json`` (``dataset``, the data it was calibrated on);
sentence-transformers' ``modules.json``, whose first module holds the tuned model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from weighbridge.collect.lineage_prose import code_blocks
from weighbridge.collect.lineage_said import Basis, Kind, Parent, Said, dataset
from weighbridge.collect.model_card import key_of
from weighbridge.collect.model_files import MAX_YAML, named_models
from weighbridge.collect.model_ledger import place, word
from weighbridge.collect.model_names import is_hub_id, is_local, reference
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.artifact import Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.lineage import Relation
from weighbridge.model.facts.model import PlaceFacts
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.weights import json_text
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source

MAX_BLOCKS = 50
MAX_BLOCK = 64 * 2**10  # characters
MAX_ENTRIES = 200
_RECIPE = re.compile(r"^\s*(?:- )?(?:base_model|merge_method|models|slices)\s*:", re.M)
_TRAINING = (
    "axolotl_config.yml", "axolotl_config.yaml", "training_args.yaml", "training_args.yml",
    "training_args.json", "train_config.yaml", "train_config.yml", "training_config.yml",
    "training_config.yaml", "training_config.json",
)  # fmt: skip
_MODEL_KEYS = ("base_model", "model_name_or_path", "model_name")
_CALIBRATION = ("dataset", "calib_data", "calibration_dataset", "calib_dataset")
_SEEN = ("vision_config", "audio_config", "video_config")


def of_code(body: str, path: str, first_line: int) -> list[Parent]:
    """The parents that recipes in a card's code blocks name."""
    found: list[Parent] = []
    for number, (text, before) in enumerate(code_blocks(body)):
        if number == MAX_BLOCKS or len(found) > MAX_ENTRIES:
            break
        if len(text) > MAX_BLOCK or not _RECIPE.search(text):
            continue
        try:
            document = load_yaml(text, source="the recipe", max_bytes=4 * MAX_BLOCK)
        except HostileInput:
            continue  # code that is no YAML names no parent
        if isinstance(document.value, dict):
            start = first_line + before
            found += _recipe(
                document.value,
                lambda keys, d=document, s=start: place(path, key_of(keys), s + d.line(keys) - 1),
            )
    return found


def _recipe(value: Mapping[str, Any], at: Any, basis: Basis = "computed") -> Iterator[Parent]:
    """A merge where it names a method or slices; else a training."""
    if "merge_method" in value or "slices" in value:
        for keys, text in named_models(value):
            if isinstance(text, str):
                yield from merged(text, at(keys))
        return
    for key in _MODEL_KEYS:
        text = value.get(key)
        if isinstance(text, str) and (named := reference(text)).hub_id and not is_local(text):
            adapter = word(value.get("adapter")).lower() in ("lora", "qlora")
            relation: Relation = "adapter" if adapter else "finetune"
            yield Parent("model", named.hub_id, relation, basis, at((key,)), concluded=True)
            break
    else:
        return
    for key in ("datasets", "dataset"):
        for number, one in enumerate(_entries(value.get(key))):
            named_ = one.get("path") if isinstance(one, dict) else one
            if isinstance(named_, str) and is_hub_id(named_) and "/" in named_:
                yield dataset(named_, "trained-on", basis, at((key, number)))


def merged(text: str, at: PlaceFacts) -> Iterator[Parent]:
    """The model, and the adapter on it, that a name of mergekit's means."""
    whole, _, adapter = text.partition("+")
    kinds: tuple[Kind, ...] = ("model", "adapter")
    for kind, part in zip(kinds, (whole, adapter), strict=True):
        name, _, revision = part.strip().partition("@")
        if named := reference(name, revision).hub_id:
            yield Parent(kind, named, "merge", "computed", at, revision)


def _entries(value: object) -> list[Any]:
    if isinstance(value, list):
        return value[:MAX_ENTRIES]
    return [v.strip() for v in value.split(",")][:MAX_ENTRIES] if isinstance(value, str) else []


def of_files(snapshot: Snapshot, said: Said) -> None:
    """Add what further small files at the top say, and whether the configuration sees or hears."""
    config = _json(snapshot, "config.json")
    if any(isinstance(config.get(key), dict) for key in _SEEN) and "text_config" in config:
        said.multimodal = True
    quantized = config.get("quantization_config")
    if isinstance(quantized, dict):
        said.parents += _calibrated(quantized, "config.json", "quantization_config.")
    for name in ("quantize_config.json", "quant_config.json"):
        said.parents += _calibrated(_json(snapshot, name), name, "")
    for name in _TRAINING:
        values = _json(snapshot, name) if name.endswith(".json") else _yaml(snapshot, name)
        said.parents += _recipe(values, lambda keys, n=name: place(n, key_of(keys)))
    for number, module in enumerate(_modules(snapshot)):
        path = module.get("path")
        if not isinstance(path, str) or not path or ".." in path or len(path) > 200:
            continue
        where = f"{path.strip('/')}/config.json"
        name = word(_json(snapshot, where).get("_name_or_path"))
        if named := reference(name).hub_id:
            at = place(where, "_name_or_path")
            said.parents.append(Parent("model", named, "finetune", "inferred", at, concluded=True))
        if number == MAX_BLOCKS:
            break


def _calibrated(values: Mapping[str, Any], path: str, before: str) -> Iterator[Parent]:
    """The data that a quantization was calibrated on, where its name is one."""
    for key in _CALIBRATION:
        text = values.get(key)
        if isinstance(text, str) and is_hub_id(text):
            yield dataset(text, "calibrated-on", "computed", place(path, f"{before}{key}"))


def _modules(snapshot: Snapshot) -> list[dict[str, Any]]:
    value = _parsed(snapshot, "modules.json")
    return [m for m in value if isinstance(m, dict)] if isinstance(value, list) else []


def _json(snapshot: Snapshot, path: str) -> Mapping[str, Any]:
    value = _parsed(snapshot, path)
    return value if isinstance(value, dict) else {}


def _parsed(snapshot: Snapshot, path: str) -> Any:
    """A file's JSON, None where there is none. That one cannot be read, others say who read it."""
    artifact = snapshot.find(path)
    if artifact is None or artifact.presence is not Presence.CONTENT:
        return None
    try:
        with snapshot.open(artifact) as stream:
            document = json_text.read(file_source(stream, artifact.size), Log())
    except (HostileInput, OSError):
        return None
    return document.value if document else None


def _yaml(snapshot: Snapshot, path: str) -> Mapping[str, Any]:
    artifact = snapshot.find(path)
    if artifact is None or artifact.presence is not Presence.CONTENT:
        return {}
    try:
        text = snapshot.read(artifact, MAX_YAML).decode("utf-8-sig")
        value = load_yaml(text, source=path, max_bytes=MAX_YAML).value
    except (HostileInput, OSError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}
