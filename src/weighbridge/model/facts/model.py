"""Evidence of the kind ``model``: what the model is, by its own files. One, about the subject.

Every value comes with the place it was read from, so that a bill of materials can cite it. Texts
have their control characters escaped; a list holds at most :data:`MAX_ENTRIES`.
"""

from __future__ import annotations

from typing import Literal, TypedDict

MAX_ENTRIES = 1_000


class PlaceFacts(TypedDict):
    """Where a value was read: a file of the subject, a key in it (``model-index[0].name``), a line.

    ``line`` counts from 1 and is 0 where lines mean nothing. ``method``: somebody wrote it down
    (``declared``), or it was taken from the bytes of weights (``computed``).
    """

    path: str
    key: str
    line: int
    method: Literal["declared", "computed"]


class ClaimFacts(TypedDict):
    """One value of one field. A field with several values, or several sources, has several claims.

    ``field`` is one of ``weighbridge.collect.model.FIELDS``.
    """

    field: str
    value: str
    place: PlaceFacts


class BaseModelFacts(TypedDict):
    """A model that this one was made from, as one source says.

    ``id`` as written (a Hub id, a path or an address); ``purl`` where it is a Hub id.
    ``relation`` is the Hub's word, or empty where nothing says it; ``inferred`` if it was concluded
    (an adapter configuration makes an adapter). ``revision`` is what the source pins, empty where
    it pins none.
    """

    id: str
    purl: str
    relation: Literal["", "finetune", "adapter", "merge", "quantized"]
    inferred: bool
    revision: str
    place: PlaceFacts


class MetricFacts(TypedDict):
    """One result of an evaluation, as declared in ``model-index``."""

    task: str
    dataset: str
    dataset_name: str
    dataset_config: str
    dataset_split: str
    dataset_revision: str
    metric: str
    name: str
    value: str
    source: str
    place: PlaceFacts


class EnergyFacts(TypedDict):
    """What the card says of energy and carbon, in its own units; nothing is converted or invented.

    ``co2_grams`` is ``co2_eq_emissions.emissions``, which the Hub defines in grams; ``kwh`` only
    where the card gives energy itself. Numbers are text as written, empty where not given.
    """

    activity: str
    co2_grams: str
    kwh: str
    source: str
    location: str
    hardware: str
    place: PlaceFacts


class ModelIdentityFacts(TypedDict):
    """What the model is.

    ``name`` is its own name and never that of its base; ``name_place`` says where it was read,
    with an empty ``path`` where it is the subject's own name. ``namespace`` is the Hub's
    organization or user where the subject lies in the Hub's cache, or the card says it.
    ``revision`` is a full commit id, empty where none is known. ``purl`` is
    ``pkg:huggingface/…`` where name, namespace and revision are known, else empty.
    """

    name: str
    namespace: str
    name_place: PlaceFacts
    revision: str
    purl: str
    claims: list[ClaimFacts]
    base_models: list[BaseModelFacts]
    metrics: list[MetricFacts]
    energy: list[EnergyFacts]
    unread: list[str]
