"""What the files of one thing say of where it came from, whoever wrote them, and how it is put."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from weighbridge.collect.dataset_ids import card_id
from weighbridge.collect.model_ledger import place, shown
from weighbridge.collect.model_names import is_hub_id, reference
from weighbridge.model.facts.lineage import NodeLicenseFacts, Relation
from weighbridge.model.facts.model import BaseModelFacts, ClaimFacts, MetricFacts, PlaceFacts

Kind = Literal["model", "adapter", "dataset", "code", "package"]
Basis = Literal["declared", "computed", "inferred", "prose"]
State = Literal["read", "named", "vanished", "unavailable", "cut"]

MAX_ID = 300  # characters
WEIGHTS: frozenset[str] = frozenset({"", "finetune", "adapter", "merge", "quantized", "repack"})
# The first word of how a model's weights are stored when it was exported and not trained.
_EXPORTS = frozenset({"onnx", "tflite", "coreml", "executorch", "openvino", "tensorrt"})
_CARDS = frozenset({"readme.md"})
_TOOLS = frozenset({"adapter_config.json", "mergekit_config.yml", "mergekit_config.yaml"})
_LOADED_FROM = "_name_or_path"
_TAGS = ("base_model:", "dataset:", "license:")
_RELATIONS: dict[str, Relation] = {
    "finetune": "finetune", "adapter": "adapter", "merge": "merge", "quantized": "quantized",
}  # fmt: skip
_SENSES = frozenset({"image", "audio", "video", "several"})


@dataclass(frozen=True, slots=True)
class Parent:
    """One claim that a thing came from another.

    ``concluded``: the place names the parent, and the relation was worked out as the Hub does.
    ``licenses`` and ``state`` are what this place knows of the parent itself.
    """

    kind: Kind
    id: str
    relation: Relation
    basis: Basis
    place: PlaceFacts
    revision: str = ""
    concluded: bool = False
    licenses: tuple[NodeLicenseFacts, ...] = ()
    state: State = "named"


@dataclass(slots=True)
class Said:
    """All that one thing says of itself. ``unread`` is why not all of it could be read."""

    kind: Kind = "model"
    parents: list[Parent] = field(default_factory=list)
    licenses: list[NodeLicenseFacts] = field(default_factory=list)
    multimodal: bool | None = None
    unread: str = ""


def base_name(path: str) -> str:
    """A path's last part."""
    return path.rpartition("/")[2]


def is_card(path: str) -> bool:
    """Whether a place is in a model card."""
    return base_name(path).lower() in _CARDS


def of_model(
    bases: Sequence[BaseModelFacts], claims: Sequence[ClaimFacts], metrics: Sequence[MetricFacts]
) -> Said:
    """What the evidence on a model, or its card alone, says of its parents."""
    values: dict[str, list[ClaimFacts]] = {}
    for claim in claims:
        values.setdefault(claim["field"], []).append(claim)
    shape = _shape(values)
    said = Said("adapter" if shape == "adapter" else "model")
    said.multimodal = _multimodal(values)
    on_hub = any(reference(base["id"]).hub_id for base in bases)
    for base in bases:
        if not reference(base["id"]).hub_id and on_hub and not is_card(base["place"]["path"]):
            continue  # the path of the machine that trained, where the same base has a name as well
        said.parents.append(_base(base, shape))
    for claim in values.get("source", ()):
        source = reference(claim["value"])
        if source.hub_id:
            relation: Relation = "quantized" if shape == "quantized" else "repack"
            at = claim["place"]
            said.parents.append(
                Parent("model", source.hub_id, relation, "computed", at, source.revision,
                       concluded=True)
            )  # fmt: skip
    for claim in values.get("dataset", ()):
        basis: Basis = "declared" if is_card(claim["place"]["path"]) else "computed"
        said.parents.append(dataset(claim["value"], "trained-on", basis, claim["place"]))
    for metric in metrics:
        if metric["dataset"]:
            at, revision = metric["place"], metric["dataset_revision"]
            found = dataset(metric["dataset"], "evaluated-on", "declared", at, revision)
            said.parents.append(found)
    for claim in values.get("tag", ()):
        if claim["value"].startswith(_TAGS):
            said.parents += of_tags([claim["value"]], claim["place"])
    return said


def of_tags(tags: Iterable[str], at: PlaceFacts) -> list[Parent]:
    """The Hub's own tags: ``base_model:finetune:<id>``, ``base_model:<id>``, ``dataset:<id>``."""
    found: list[Parent] = []
    for tag in tags:
        kind, _, rest = tag.partition(":")
        if kind == "base_model":
            word, _, name = rest.rpartition(":")
            if is_hub_id(name):
                relation = _RELATIONS.get(word, "")
                found.append(
                    Parent("model", name, relation, "declared", at, concluded=not relation)
                )
        elif kind == "dataset" and is_hub_id(rest):
            found.append(dataset(rest, "trained-on", "declared", at))
    return found


def dataset(
    text: str, relation: Relation, basis: Basis, at: PlaceFacts, revision: str = ""
) -> Parent:
    """A data set that a place names."""
    return Parent("dataset", shown(card_id(text), MAX_ID), relation, basis, at, revision)


def prefixed(parents: Iterable[Parent], folder: str) -> list[Parent]:
    """The same claims, their places being files in a folder."""
    from dataclasses import replace

    found = []
    for parent in parents:
        at = parent.place
        where = place(f"{folder}/{at['path']}", at["key"], at["line"])
        where["method"] = at["method"]
        found.append(replace(parent, place=where))
    return found


def _shape(values: dict[str, list[ClaimFacts]]) -> str:
    """What the files show it to be: ``adapter``, ``quantized``, ``export``, or nothing special."""
    if values.get("adapter_type") or any(c["value"] == "peft" for c in values.get("library", ())):
        return "adapter"
    if values.get("quantization") or values.get("quantized_by"):
        return "quantized"
    formats = {claim["value"].partition("-")[0] for claim in values.get("file_format", ())}
    return "export" if formats and formats <= _EXPORTS else ""


def _base(base: BaseModelFacts, shape: str) -> Parent:
    at = base["place"]
    name = base_name(at["path"])
    known = reference(base["id"])
    basis: Basis = "declared" if is_card(at["path"]) else "computed"
    if at["key"].rpartition(".")[2] == _LOADED_FROM:
        basis = "inferred"
    relation: Relation = base["relation"]
    concluded = base["inferred"] and name not in _TOOLS
    if not relation:
        relation, concluded = _concluded(shape, basis), True
    return Parent(
        "model",
        shown(known.hub_id or base["id"], MAX_ID),
        relation,
        basis,
        at,
        base["revision"],
        concluded,
    )


def _concluded(shape: str, basis: Basis) -> Relation:
    """As the Hub has it: a base without a relation was tuned, unless the files show otherwise."""
    if shape == "adapter":
        return "adapter"
    if shape == "quantized":
        return "quantized"
    if shape == "export":
        return "repack"
    return "finetune" if basis == "declared" else ""


def _multimodal(values: dict[str, list[ClaimFacts]]) -> bool | None:
    """Whether it takes text and images or sound, by its task."""
    taken = {claim["value"] for claim in values.get("input", ())}
    if not taken:
        return None
    return "several" in taken or ("text" in taken and bool(taken & _SENSES))
