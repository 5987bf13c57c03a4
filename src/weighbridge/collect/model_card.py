"""What a model card's front matter says of the model.

Source: the Hub's ``modelcard.md`` specification of the keys (``model-index``, ``base_model``,
``base_model_relation``, ``new_version``, ``co2_eq_emissions``), and keys that model publishers
write without it (``quantized_by``, ``model_creator``, ``model_name``). Energy: the Hub defines
``emissions`` in grams of CO2; sentence-transformers adds ``energy_consumed`` in kWh.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from weighbridge.collect.card import MAX_BODY, CardState, ModelCard
from weighbridge.collect.model_ledger import Ledger, Relation, place, shown, word
from weighbridge.collect.model_names import reference
from weighbridge.collect.model_tasks import TASKS
from weighbridge.edge.yaml import KeyPath, YamlDocument
from weighbridge.model.facts.model import MAX_ENTRIES, PlaceFacts

# Key -> field of the claim. A list makes a claim of each entry, a mapping one of each value.
KEYS: dict[str, str] = {
    "model_name": "name",
    "pipeline_tag": "task",
    "library_name": "library",
    "language": "language",
    "tags": "tag",
    "license": "license",
    "licence": "license",
    "license_name": "license_name",
    "license_link": "license_link",
    "datasets": "dataset",
    "metrics": "metric",
    "inference": "inference",
    "new_version": "new_version",
    "quantized_by": "quantized_by",
    "model_creator": "model_creator",
    "model_type": "architecture_family",
    "author": "author",
    "authors": "author",
    "developers": "author",
    "organization": "producer",
    "contact": "contact",
    "email": "contact",
    "version": "version",
    "model_version": "version",
    "description": "description",
    "summary": "description",
    "model_description": "description",
    "model_summary": "description",
    "doi": "doi",
    "citation": "citation",
    "homepage": "link",
    "repository": "link",
    "repo": "link",
    "demo": "link",
    "paper": "link",
}
_RELATIONS = ("finetune", "adapter", "merge", "quantized")
_ENERGY = ("training_type", "source", "geographical_location", "hardware_used")
_MAX_DEPTH = 3  # of mappings whose values are taken


def read_front_matter(card: ModelCard, ledger: Ledger) -> None:
    """Put what the card's front matter says into the ledger, and what could not be read of it."""
    if card.state is CardState.BROKEN:
        ledger.miss(card.path, card.reason, card.line)
        return
    if len(card.body) == MAX_BODY:
        ledger.miss(card.path, f"its text beyond {MAX_BODY} characters was not read")
    if card.front is None:
        return
    reader = _Front(card.path, card.front, ledger)
    for key, field in KEYS.items():
        reader.values(key, field)
    reader.bases()
    reader.energy()
    reader.index()
    for task in reader.words("pipeline_tag"):
        at = reader.at(("pipeline_tag",))
        inputs, outputs = TASKS.get(task, ((), ()))
        for modality in inputs:
            ledger.claim("input", modality, at)
        for modality in outputs:
            ledger.claim("output", modality, at)


def index_name(card: ModelCard) -> tuple[str, PlaceFacts] | None:
    """The name under ``model-index[0].name``, None where there is none."""
    models = card.front.value.get("model-index") if card.front else None
    first = models[0] if isinstance(models, list) and models else None
    name = word(first.get("name")) if isinstance(first, dict) else ""
    if card.front is None or not name:
        return None
    line = card.front.line(("model-index", 0, "name"))
    return name, place(card.path, "model-index[0].name", line)


def key_of(path: KeyPath) -> str:
    """A key path as people write it: ``model-index[0].results[1].task``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _Front:
    """Takes a front matter of any shape apart; what has the wrong shape is noted as unread."""

    def __init__(self, path: str, document: YamlDocument, ledger: Ledger) -> None:
        self.path, self.document, self.ledger = path, document, ledger
        self.table: dict[str, Any] = document.value

    def at(self, path: KeyPath) -> PlaceFacts:
        """The place of a key path."""
        return place(self.path, key_of(path), self.document.line(path))

    def miss(self, path: KeyPath, why: str) -> None:
        """Note that a value could not be used."""
        self.ledger.miss(self.path, f"{shown(key_of(path), 100)} {why}", self.document.line(path))

    def words(self, key: str) -> list[str]:
        """A key's value as text, or each entry of its list that is one."""
        value = self.table.get(key)
        return [w for item in (value if isinstance(value, list) else [value]) if (w := word(item))]

    def values(self, key: str, field: str) -> None:
        """A claim for a key's value, or for each of its values."""
        for path, value in self._scalars((key,), self.table.get(key), 0):
            text = word(value)
            if key == "language" and value is False:
                text = "no"  # Norwegian: YAML 1.1 reads the word as a truth value
            if field == "inference" and len(path) > 1:
                text = f"{path[-1]}={text}"
            if text:
                self.ledger.claim(field, text, self.at(path))
            elif value is not None and value != "":
                self.miss(path, "is no number")

    def _scalars(
        self, path: KeyPath, value: object, depth: int
    ) -> Iterator[tuple[KeyPath, object]]:
        if isinstance(value, list | dict) and depth >= _MAX_DEPTH:
            self.miss(path, f"is nested more than {_MAX_DEPTH} deep")
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._scalars((*path, number), item, depth + 1)
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._scalars((*path, name), item, depth + 1)
        else:
            yield path, value

    def bases(self) -> None:
        """``base_model`` and how this one came from it: as said, or as the Hub concludes it.

        Of several the Hub makes a merge; of one under PEFT an adapter; of one that somebody
        quantized a quantization.
        """
        value = self.table.get("base_model")
        entries = value if isinstance(value, list) else [value]
        said = word(self.table.get("base_model_relation"))
        relation = cast(Relation, said if said in _RELATIONS else "")
        if said and not relation:
            self.miss(("base_model_relation",), f"is {said[:60]!r}, none of {_RELATIONS}")
        inferred = False
        if not relation and not said:
            relation = self._concluded(sum(1 for entry in entries if entry is not None))
            inferred = bool(relation)
        for number, entry in enumerate(entries):
            path: KeyPath = ("base_model", number) if isinstance(value, list) else ("base_model",)
            if isinstance(entry, str):
                self.ledger.base(reference(entry), relation, self.at(path), inferred=inferred)
            elif entry is not None:
                self.miss(path, "is no name of a model")

    def _concluded(self, count: int) -> Relation:
        if count > 1:
            return "merge"
        if word(self.table.get("library_name")) == "peft":
            return "adapter"
        return "quantized" if count and word(self.table.get("quantized_by")) else ""

    def energy(self) -> None:
        """``co2_eq_emissions``: a number of grams, or a mapping with it and how it came about."""
        key = "co2_eq_emissions"
        value = self.table.get(key)
        if value is None:
            return
        table: Mapping[str, object] = value if isinstance(value, dict) else {"emissions": value}
        path: KeyPath = (key, "emissions") if isinstance(value, dict) else (key,)
        grams = self._amount(path, table.get("emissions"))
        kwh = self._amount((key, "energy_consumed"), table.get("energy_consumed"))
        texts = [shown(word(table.get(name))) for name in _ENERGY]
        if not (grams or kwh or any(texts)):
            return
        activity, source, location, hardware = texts
        self.ledger.energy.append(
            {
                "activity": activity,
                "co2_grams": grams,
                "kwh": kwh,
                "source": source,
                "location": location,
                "hardware": hardware,
                "place": self.at(path if grams else (key,)),
            }
        )

    def _amount(self, path: KeyPath, value: object) -> str:
        """A number that is no truth value and not below zero, as text; empty where it is none."""
        text = "" if isinstance(value, bool) else word(value)
        try:
            number = float(text) if len(text) < 100 else math.nan
        except ValueError:
            number = math.nan
        if number >= 0 and not math.isinf(number):
            return text
        if value is not None:
            self.miss(path, f"is {text[:60]!r} and not an amount" if text else "is not an amount")
        return ""

    def index(self) -> None:
        """``model-index``: models, each with results, each with a data set and metrics."""
        models = self._list(("model-index",), self.table.get("model-index"))
        for m, model in enumerate(models):
            path: KeyPath = ("model-index", m)
            if not isinstance(model, dict):
                self.miss(path, "is no mapping")
                continue
            name = word(model.get("name"))
            if name:
                self.ledger.claim("name", name, self.at((*path, "name")))
            for r, result in enumerate(self._list((*path, "results"), model.get("results"))):
                if isinstance(result, dict):
                    self._result((*path, "results", r), result)
                else:
                    self.miss((*path, "results", r), "is no mapping")
                if len(self.ledger.metrics) >= MAX_ENTRIES:
                    self.miss(path, f"has more than {MAX_ENTRIES} results, which were not read")
                    return

    def _result(self, path: KeyPath, result: dict[str, Any]) -> None:
        task, dataset, source = (
            value if isinstance(value := result.get(key), dict) else {}
            for key in ("task", "dataset", "source")
        )
        for k, metric in enumerate(self._list((*path, "metrics"), result.get("metrics"))):
            here = (*path, "metrics", k)
            value = word(metric.get("value")) if isinstance(metric, dict) else ""
            if not value:
                self.miss(here, "has no value that is a number or a word")
                continue
            self.ledger.metric(
                {
                    "task": shown(word(task.get("type")) or word(task.get("name"))),
                    "dataset": shown(word(dataset.get("type"))),
                    "dataset_name": shown(word(dataset.get("name"))),
                    "dataset_config": shown(word(dataset.get("config"))),
                    "dataset_split": shown(word(dataset.get("split"))),
                    "dataset_revision": shown(word(dataset.get("revision"))),
                    "metric": shown(word(metric.get("type"))),
                    "name": shown(word(metric.get("name"))),
                    "value": shown(value),
                    "source": shown(word(source.get("url")) or word(source.get("name"))),
                    "place": self.at((*here, "value")),
                }
            )

    def _list(self, path: KeyPath, value: object) -> list[Any]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.miss(path, "is no list")
        return []
