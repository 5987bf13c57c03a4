"""What the small files beside the weights say of the model: the configurations of its libraries.

Sources: transformers (``config.json``, ``generation_config.json``, ``tokenizer_config.json``,
``preprocessor_config.json``), PEFT (``adapter_config.json``), diffusers (``model_index.json``),
mergekit (``mergekit_config.yml``, whose names read ``model@revision+adapter``). Only those at the
top of the subject: a file of the same name in a folder belongs to something else.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from weighbridge.collect.model_card import key_of
from weighbridge.collect.model_ledger import Ledger, place, shown, word
from weighbridge.collect.model_names import is_local, reference
from weighbridge.collect.model_tasks import TASKS, task_of_adapter, task_of_class
from weighbridge.edge.yaml import KeyPath, YamlDocument, load_yaml
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput
from weighbridge.model.facts.model import PlaceFacts
from weighbridge.snapshot.snapshot import Snapshot
from weighbridge.weights import json_text
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source

MAX_YAML = 2**20  # bytes
_NO_LENGTH = 2**31  # tokenizers without a limit write 10^30
_CONFIG = {
    "model_type": "architecture_family",
    "torch_dtype": "dtype",
    "dtype": "dtype",  # transformers 5
    "max_position_embeddings": "context_length",
    "vocab_size": "vocabulary_size",
}
_QUANTIZATION = ("quant_method", "bits", "quant_type", "load_in_4bit", "load_in_8bit", "format")
_ADAPTER = ("r", "lora_alpha", "lora_dropout", "use_dora", "use_rslora")
_PREPROCESSOR = (
    "image_processor_type", "feature_extractor_type", "processor_class", "size", "crop_size",
    "sampling_rate", "feature_size", "num_mel_bins",
)  # fmt: skip
# Defaults that change what comes out; ids of tokens do not.
_GENERATION = (
    "do_sample", "temperature", "top_k", "top_p", "min_p", "typical_p", "num_beams",
    "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "max_length", "max_new_tokens",
)  # fmt: skip


class Table:
    """A parsed file and the ledger that its values go to."""

    def __init__(self, path: str, values: Mapping[str, Any], ledger: Ledger) -> None:
        self.path, self.values, self.ledger = path, values, ledger

    def at(self, key: str) -> PlaceFacts:
        """The place of a key; lines of JSON are not kept."""
        return place(self.path, key)

    def text(self, key: str) -> str:
        """A key's value as text; what is neither that nor null is noted as unread."""
        value = self.values.get(key)
        if isinstance(value, list | dict):
            what = "a list" if isinstance(value, list) else "an object"
            self.ledger.miss(self.path, f"{key} is {what} and not one value")
        return word(value)

    def claim(self, key: str, field: str) -> None:
        """A claim for a key's value."""
        self.ledger.claim(field, self.text(key), self.at(key))

    def pair(self, key: str, field: str) -> None:
        """A claim ``key=value``, also for an object of plain values."""
        value = self.values.get(key)
        if isinstance(value, dict):
            parts = [f"{shown(k, 60)}={w}" for k, v in list(value.items())[:20] if (w := word(v))]
            text = ", ".join(parts)
        else:
            text = self.text(key)
        if text:
            self.ledger.claim(field, f"{key}={text}", self.at(key))


def read_files(snapshot: Snapshot, ledger: Ledger) -> None:
    """Put what the known files at the top say into the ledger, and which could not be read."""
    for problem in snapshot.problems:
        if problem.path in _FILES or problem.path in _MERGES:
            ledger.miss(problem.path, problem.detail)
    for path, reader in _FILES.items():
        artifact = snapshot.find(path)
        values = _load(snapshot, artifact, ledger) if artifact else None
        if values is not None:
            reader(Table(path, values, ledger))
    for path in _MERGES:
        artifact = snapshot.find(path)
        document = _load_yaml(snapshot, artifact, ledger) if artifact else None
        if document is not None:
            _merge(path, document, ledger)


def _load(snapshot: Snapshot, artifact: Artifact, ledger: Ledger) -> Mapping[str, Any] | None:
    """A JSON object. Configurations hold ``Infinity``, which strict JSON refuses."""
    if artifact.presence is not Presence.CONTENT:
        ledger.miss(artifact.path, f"its content is not here ({artifact.presence.value})")
        return None
    try:
        with snapshot.open(artifact) as stream:
            document = json_text.read(file_source(stream, artifact.size), Log())
    except HostileInput as error:
        ledger.miss(artifact.path, error.message)
        return None
    except OSError as error:
        ledger.miss(artifact.path, f"it cannot be read: {error.strerror or error}")
        return None
    if document is None:
        ledger.miss(artifact.path, "it is too large to be a configuration")
    elif document.twice:
        ledger.miss(artifact.path, f"the key {document.twice[0][:80]!r} stands twice in one object")
    elif not isinstance(document.value, dict):
        ledger.miss(artifact.path, "it is JSON and no object")
    else:
        return document.value
    return None


def _load_yaml(snapshot: Snapshot, artifact: Artifact, ledger: Ledger) -> YamlDocument | None:
    try:
        data = snapshot.read(artifact, MAX_YAML).removeprefix(codecs.BOM_UTF8)
        document = load_yaml(data.decode("utf-8"), source="the file", max_bytes=MAX_YAML)
    except UnicodeDecodeError:
        ledger.miss(artifact.path, "it is not UTF-8 text")
    except HostileInput as error:
        ledger.miss(artifact.path, error.message)
    except OSError as error:
        ledger.miss(artifact.path, f"it cannot be read: {error.strerror or error}")
    else:
        if isinstance(document.value, dict):
            return document
        ledger.miss(artifact.path, "it is YAML and no mapping")
    return None


def _config(table: Table) -> None:
    ledger, values = table.ledger, table.values
    classes = values.get("architectures")
    names = classes if isinstance(classes, list) else [] if classes is None else [classes]
    for number, item in enumerate(names[:50]):
        at = table.at(f"architectures[{number}]")
        if isinstance(item, str):
            ledger.claim("architecture", item, at)
            _task(table, task_of_class(item), at)
        else:
            ledger.miss(table.path, f"architectures[{number}] is not a name")
    inner = values.get("text_config")
    for key, field in _CONFIG.items():
        if key in values or not isinstance(inner, dict):
            table.claim(key, field)
        elif key != "model_type":
            ledger.claim(field, word(inner.get(key)), table.at(f"text_config.{key}"))
    quantization = values.get("quantization_config")
    if isinstance(quantization, dict):
        parts = [f"{k}={w}" for k in _QUANTIZATION if (w := word(quantization.get(k)))]
        at = table.at("quantization_config")
        ledger.claim("quantization", ", ".join(parts) or "of a kind that it does not name", at)
    elif quantization is not None:
        ledger.miss(table.path, "quantization_config is no object")
    _path(table, "_name_or_path")


def _path(table: Table, key: str) -> None:
    """Where the weights were loaded from before they were trained on, or this model itself.

    transformers writes it into the original, too. A path of a machine names no model.
    """
    text = table.text(key)
    if text and is_local(text):
        table.ledger.claim("base_model", text, table.at(key))
    elif text:
        table.ledger.base(reference(text), "", table.at(key), inferred=True, loosely=True)


def _task(table: Table, task: str, at: PlaceFacts) -> None:
    """A task and what it means, where no card has said it."""
    if not task or any(claim["field"] == "task" for claim in table.ledger.claims):
        return
    table.ledger.claim("task", task, at)
    inputs, outputs = TASKS.get(task, ((), ()))
    for modality in inputs:
        table.ledger.claim("input", modality, at)
    for modality in outputs:
        table.ledger.claim("output", modality, at)


def _adapter(table: Table) -> None:
    named = reference(table.text("base_model_name_or_path"), table.text("revision"))
    at = table.at("base_model_name_or_path")
    table.ledger.base(named, "adapter", at, inferred=True)
    table.claim("peft_type", "adapter_type")
    _task(table, task_of_adapter(table.text("task_type")), table.at("task_type"))
    for key in _ADAPTER:
        table.pair(key, "hyperparameter")


def _generation(table: Table) -> None:
    for key in _GENERATION:
        table.pair(key, "generation")


def _tokenizer(table: Table) -> None:
    table.pair("tokenizer_class", "input_detail")
    longest = table.values.get("model_max_length")
    if isinstance(longest, int | float) and 0 < longest < _NO_LENGTH:
        table.claim("model_max_length", "max_input_tokens")


def _preprocessor(table: Table) -> None:
    for key in _PREPROCESSOR:
        table.pair(key, "input_detail")


def _pipeline(table: Table) -> None:
    table.claim("_class_name", "architecture")
    _path(table, "_name_or_path")


def _merge(path: str, document: YamlDocument, ledger: Ledger) -> None:
    """Every model that a recipe of mergekit names is a base of the merge."""
    ledger.claim(
        "merge_method",
        word(document.value.get("merge_method")),
        place(path, "merge_method", document.line(("merge_method",))),
    )
    for at, value in named_models(document.value):
        here = place(path, key_of(at), document.line(at))
        if not isinstance(value, str):
            ledger.miss(path, f"{key_of(at)} is no name of a model", here["line"])
            continue
        for part in value.split("+", 1):  # a model, and an adapter that is put on it
            name, _, revision = part.partition("@")
            ledger.base(reference(name, revision), "merge", here, inferred=True)


def named_models(recipe: Mapping[str, Any]) -> Iterator[tuple[KeyPath, object]]:
    """Each place of a recipe that names a model."""
    for n, one in enumerate(_mappings(recipe.get("models"))):
        yield from _named(("models", n, "model"), one.get("model"))
    for n, part in enumerate(_mappings(recipe.get("slices"))):
        for k, one in enumerate(_mappings(part.get("sources"))):
            yield from _named(("slices", n, "sources", k, "model"), one.get("model"))
    for n, one in enumerate(_mappings(recipe.get("experts"))):
        yield from _named(("experts", n, "source_model"), one.get("source_model"))
    yield from _named(("base_model",), recipe.get("base_model"))


def _named(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, object]]:
    """A model's name, also in mergekit's long form ``model: {model: {path, revision}}``."""
    revision = ""
    for key in ("model", "path"):
        if isinstance(value, dict):
            revision = word(value.get("revision"))
            path, value = (*path, key), value.get(key)
    if isinstance(value, str) and revision:
        value = f"{value}@{revision}"
    if value is not None:
        yield path, value


def _mappings(value: object) -> list[dict[str, Any]]:
    """The entries of a list, an empty mapping for each that is none: the numbers stay right."""
    return [i if isinstance(i, dict) else {} for i in value] if isinstance(value, list) else []


_FILES: dict[str, Callable[[Table], None]] = {
    "config.json": _config,
    "adapter_config.json": _adapter,
    "generation_config.json": _generation,
    "tokenizer_config.json": _tokenizer,
    "preprocessor_config.json": _preprocessor,
    "model_index.json": _pipeline,
}
_MERGES = ("mergekit_config.yml", "mergekit_config.yaml")
