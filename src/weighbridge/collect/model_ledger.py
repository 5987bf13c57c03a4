"""Claims about a model as they are found, each with its place, in bounded lists."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from weighbridge.collect.model_names import Own, Reference, plain
from weighbridge.edge.text import visible
from weighbridge.model.facts.model import (
    MAX_ENTRIES,
    BaseModelFacts,
    ClaimFacts,
    EnergyFacts,
    MetricFacts,
    PlaceFacts,
)

FIELDS: tuple[str, ...] = (
    # what it is called, and where it comes from
    "name",  # a name of the model itself, as one source gives it
    "basename",  # the family that a GGUF was made of: never the model's own name
    "finetune",  # what a GGUF calls the tuning
    "version",
    "description",  # its own section, else the first paragraph of the card
    "author",
    "producer",  # an organization
    "model_creator",  # who made the original of a quantized model, by the card
    "quantized_by",
    "contact",
    "link",  # an address of the model
    "source",  # what the weights were converted from, by a GGUF
    "doi",
    "citation",
    "new_version",  # the model that replaces this one
    "base_model",  # where a base is named and none was taken: this model itself, a local path
    "conflict",  # a sentence: what one source says that cannot be, or that was not taken
    # licenses, as written
    "license",
    "license_name",
    "license_link",
    # what it does, and with what
    "task",  # a pipeline tag of the Hub
    "input",  # a modality: text, image, audio, video, tabular data, …
    "output",
    "input_detail",  # tokenizer, sizes of images, sampling rate
    "max_input_tokens",
    "context_length",
    "vocabulary_size",
    "generation",  # a default of generation, as key=value
    "inference",  # what the card says of the Hub's inference
    "library",
    "language",
    "tag",
    # how it is made
    "architecture",  # the class that its configuration names
    "architecture_family",  # model_type, general.architecture
    "adapter_type",
    "merge_method",
    "dtype",
    "quantization",
    "quantization_version",  # of ggml's blocks
    "framework",  # that wrote a safetensors file: pt, tf, flax, …
    "parameters",
    "tensors",
    "size_label",  # a rounded number of parameters
    "file_format",  # safetensors, gguf, torch, onnx, …
    # what it was made from and measured by
    "dataset",
    "metric",
    "hyperparameter",  # key=value
    # sections of the card's text, their beginning
    "intended_use",
    "out_of_scope_use",
    "limitation",
    "risk",
    "training",
    "training_data",
    "preprocessing",
    "evaluation",
    "environment",
    "explainability",
    "hardware",
    "software",
    "usage",
)
"""Every field that a claim may have."""

MAX_PER_FIELD = 200
MAX_VALUE = 500  # characters
_MAX_KEY = 200
_KNOWN = frozenset(FIELDS)
Relation = Literal["", "finetune", "adapter", "merge", "quantized"]


def shown(text: str, limit: int = MAX_VALUE) -> str:
    """A text on one line, its white space collapsed and its control characters escaped."""
    return visible(" ".join(text.split()), limit)


def place(path: str, key: str = "", line: int = 0, *, computed: bool = False) -> PlaceFacts:
    """Where a value was read."""
    return {
        "path": path,
        "key": shown(key, _MAX_KEY),
        "line": line,
        "method": "computed" if computed else "declared",
    }


def word(value: object) -> str:
    """A scalar as text; empty for null, a list, a mapping, and numbers that are none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, list | tuple | dict):
        return ""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return ""
    return str(value).strip()


class Ledger:
    """What was found. Beyond a bound entries are counted, and :meth:`close` says how many."""

    def __init__(self, own: Own) -> None:
        self.own = own
        self.claims: list[ClaimFacts] = []
        self.base_models: list[BaseModelFacts] = []
        self.metrics: list[MetricFacts] = []
        self.energy: list[EnergyFacts] = []
        self.unread: list[str] = []
        self.base_names: set[str] = set()  # in plain spelling, also those past the bound
        self._known: set[tuple[str, str, str, str, int]] = set()
        self._taken: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()

    def claim(self, field: str, value: str, at: PlaceFacts) -> None:
        """Keep a claim; an empty value is none, and the same one from the same place is one."""
        if field not in _KNOWN:
            raise ValueError(f"{field} is not among the fields of a claim")
        text = shown(value)
        known = (field, text, at["path"], at["key"], at["line"])
        if not text or known in self._known:
            return
        if self._taken[field] >= MAX_PER_FIELD or len(self.claims) >= MAX_ENTRIES:
            self._dropped[f"values of the field '{field}'"] += 1
            return
        self._known.add(known)
        self._taken[field] += 1
        self.claims.append({"field": field, "value": text, "place": at})

    def base(
        self,
        named: Reference,
        relation: Relation,
        at: PlaceFacts,
        *,
        inferred: bool = False,
        loosely: bool = False,
    ) -> None:
        """Keep a base model. One that is the subject itself is a claim, and no ancestor.

        ``loosely``: the source is one that also names the model itself (see :class:`Own`).
        """
        if not named.written:
            return
        if self.own.is_meant_by(named, loosely=loosely):
            self.claim("base_model", named.written, at)
            what = "names this model itself as its base; it is not taken as its own ancestor"
            self.claim("conflict", f"{at['path']}, {at['key']}: {what}", at)
            return
        if spelling := plain(named.hub_id or named.written):
            self.base_names.add(spelling)
        if len(self.base_models) >= MAX_ENTRIES:
            self._dropped["base models"] += 1
            return
        self.base_models.append(
            {
                "id": shown(named.written, 300),
                "purl": named.purl,
                "relation": relation,
                "inferred": inferred,
                "revision": shown(named.revision, 200),
                "place": at,
            }
        )

    def metric(self, one: MetricFacts) -> None:
        """Keep a result of an evaluation."""
        if len(self.metrics) >= MAX_ENTRIES:
            self._dropped["results of evaluations"] += 1
        else:
            self.metrics.append(one)

    def miss(self, path: str, why: str, line: int = 0) -> None:
        """Note what could not be read, and why."""
        where = f"{path}:{line}" if line else path
        text = visible(f"{where}: {why}", MAX_VALUE)
        if len(self.unread) >= MAX_PER_FIELD:
            self._dropped["notes on what could not be read"] += 1
        elif text not in self.unread:
            self.unread.append(text)

    def close(self) -> None:
        """Say what was left out."""
        for what, count in sorted(self._dropped.items()):
            self.unread.append(f"{count} more {what} were left out")
        self._dropped.clear()
