"""What is answered of a training-content record: from its own file, the datasets and the card.

A value is taken only where somebody wrote it down for that: nothing is concluded from anything
else. An identifier, a license, a purpose and a link stand in ``datasets.yaml``; the names of the
model and of its bases in its card.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.facts.training_content import GivenFacts, TrainingContentFacts
from weighbridge.model.training_content import FIELDS, Asked

# Purposes for which a dataset is used and yet not trained on.
NOT_TRAINING = frozenset({"evaluation", "calibration", "testing", "test", "benchmark"})
STANDARDS = "Data Provenance Standards 1.0.0"


class State(enum.StrEnum):
    """What became of a field. ``depends``: whether it applies hangs on a field that is empty."""

    GIVEN = "given"
    EMPTY = "empty"
    DOES_NOT_APPLY = "does-not-apply"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Value:
    """What is written, and where: ``path:line``, or what gives it where that is no file."""

    texts: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One field, for one dataset where ``dataset`` is its id, else for the model."""

    asked: Asked
    state: State
    dataset: str = ""
    value: Value | None = None

    @property
    def missing(self) -> bool:
        """Whether the framework demands it and it is empty."""
        return self.state is State.EMPTY and not self.asked.optional


@dataclass(frozen=True, slots=True)
class Trained:
    """One dataset that the model was trained on, as far as anybody says otherwise not."""

    id: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Content:
    """All that is known for the record.

    ``left_out`` are the datasets that are recorded as used for something other than training.
    ``line_of`` gives the line of a dataset in the file, 0 where it is not there.
    """

    path: str
    values: Mapping[str, Value]
    datasets: tuple[Trained, ...]
    left_out: tuple[str, ...] = ()
    line_of: Mapping[str, int] = field(default_factory=dict)


def content(evidence: Iterable[Evidence]) -> Content:
    """What the evidence on datasets, the model and the training content gives."""
    observed = [e for e in evidence if e.state is EvidenceState.OBSERVED]
    by_kind: dict[EvidenceKind, list[Evidence]] = {}
    for item in observed:
        by_kind.setdefault(item.kind, []).append(item)
    path, lines = "", {}
    values: dict[str, Value] = {}
    datasets: dict[str, dict[str, Value]] = {}
    for item in by_kind.get(EvidenceKind.MODEL, []):
        values.update(_of_model(cast(ModelIdentityFacts, item.data)))
    left_out = []
    for item in by_kind.get(EvidenceKind.DATASET, []):
        dataset = cast(DatasetFacts, item.data)
        words = set(dataset["purpose"].lower().replace(",", " ").split()) - {"and"}
        if words and words <= NOT_TRAINING:
            left_out.append(dataset["id"])
        else:
            datasets[dataset["id"]] = dict(_of_dataset(dataset))
    for item in by_kind.get(EvidenceKind.TRAINING_CONTENT, []):
        facts = cast(TrainingContentFacts, item.data)
        path = facts["path"]
        values.update({key: _written(given, path) for key, given in facts["given"].items()})
        for row in facts["datasets"]:
            lines[row["id"]] = row["line"]
            own = {key: _written(given, path) for key, given in row["given"].items()}
            datasets.setdefault(row["id"], {"title": Value((row["id"],), f"{path}:{row['line']}")})
            datasets[row["id"]].update(own)
            if row["id"] in left_out:
                left_out.remove(row["id"])
    for known in datasets.values():
        known["standards"] = Value((STANDARDS,), "weighbridge")
    values.update(_public(datasets))
    return Content(
        path,
        values,
        tuple(Trained(name, known) for name, known in sorted(datasets.items())),
        tuple(sorted(left_out)),
        lines,
    )


def answers(framework: str, known: Content) -> tuple[Answer, ...]:
    """Every field of a framework with what became of it, in the framework's order."""
    found: list[Answer] = []
    for asked in FIELDS[framework]:
        if asked.each:
            found += [_answer(asked, one.values, one.id) for one in known.datasets]
        else:
            found.append(_applying(asked, known.values))
    return tuple(found)


def _applying(asked: Asked, values: Mapping[str, Value]) -> Answer:
    said = [values[key].texts[0] if key in values else "" for key in asked.when]
    if asked.when and "yes" not in said:
        return Answer(asked, State.DOES_NOT_APPLY if all(said) else State.DEPENDS)
    return _answer(asked, values, "")


def _answer(asked: Asked, values: Mapping[str, Value], dataset: str) -> Answer:
    for key in asked.keys:
        if key in values:
            return Answer(asked, State.GIVEN, dataset, values[key])
    return Answer(asked, State.EMPTY, dataset)


def _written(given: GivenFacts, path: str) -> Value:
    return Value(tuple(given["values"]), f"{path}:{given['line']}")


def _of_model(facts: ModelIdentityFacts) -> Iterator[tuple[str, Value]]:
    """Its name and its bases, where the card or another file of the model names them."""
    place = facts["name_place"]
    if place["path"]:
        yield "model.names", Value((facts["name"],), _at(place["path"], place["line"]))
    bases = facts["base_models"]
    if bases:
        first = bases[0]["place"]
        names = tuple(dict.fromkeys(base["id"] for base in bases))
        yield "model.depends_on", Value(names, _at(first["path"], first["line"]))


def _of_dataset(facts: DatasetFacts) -> Iterator[tuple[str, Value]]:
    """What the record of datasets says for these frameworks too."""
    if facts["recorded_in"]:
        place = _at(facts["recorded_in"], facts["recorded_line"])
    else:
        use = facts["used_in"][0]
        place = _at(use["path"], use["line"])
    link = f"https://doi.org/{facts['doi']}" if facts["doi"] else facts["url"]
    for key, text in (
        ("title", facts["id"]),
        ("identifier", facts["doi"] or (facts["id"] if facts["recorded_in"] else "")),
        ("link", link),
        ("license", facts["license_id"] or facts["license"]),
        ("intended_use", facts["purpose"]),
    ):
        if text:
            yield key, Value((text,), place)


def _public(datasets: Mapping[str, Mapping[str, Value]]) -> Iterator[tuple[str, Value]]:
    """The datasets that the file calls public, each with its link where one is recorded."""
    listed = []
    place = ""
    for name, known in sorted(datasets.items()):
        source = known.get("source")
        if source is None or source.texts != ("public",):
            continue
        place = place or source.place
        listed.append(f"{name} {known['link'].texts[0]}" if "link" in known else name)
    if listed:
        yield "datasets.public", Value(tuple(listed), place)


def _at(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path
