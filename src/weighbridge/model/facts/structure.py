"""What the models of one folder are made of, and what is said of them: evidence ``structure``.

Two about each folder that holds weight files or an index of them, ``.`` being the top: one with
:class:`ShardsFacts`, one with :class:`ArchitectureFacts`, as either may be had without the other.
Paths are those of the subject. Each list holds at most :data:`MAX_ENTRIES`; a count beside it says
how many there are. Text that came from a file has its control characters escaped.
"""

from __future__ import annotations

from typing import Literal, TypedDict

MAX_ENTRIES = 200


class DtypeFacts(TypedDict):
    """A type of tensors by the name in the headers, and how many parameters have it."""

    dtype: str
    parameters: int


class ModelFacts(TypedDict):
    """The files that make up one model, and what their headers say.

    ``name`` is the path of its index, of its only file, or the pattern that its parts are named
    by. ``whole`` is false where a file is missing or its tensors were not read: all numbers are
    then of what was read. ``layout`` names the family that the tensors' names are of, empty where
    that is not known. ``exact`` is false where the tensors' shapes are not the model's own: blocks
    of quantized weights, and the storages of torch, of which names and shapes are not known.
    ``sizes`` are those that the shapes tell (``layers``, ``hidden``, ``vocabulary``, …).
    """

    name: str
    format: Literal["safetensors", "gguf", "torch", "other"]
    files: list[str]
    file_count: int
    whole: bool
    layout: str
    tensors: int
    parameters: int
    exact: bool
    dtypes: list[DtypeFacts]
    sizes: dict[str, int]


class DisagreementFacts(TypedDict):
    """What an index or the parts of a model do not agree on.

    ``kind`` is one of :class:`weighbridge.weights.shards.Disagreement`, or ``index-malformed``, or
    ``no-shard`` (none of the files that an index names is there, and another model is). ``at`` is
    the file of the subject to look at, ``file`` what the disagreement itself names.
    """

    kind: str
    at: str
    file: str
    subject: str
    said: str
    found: str


class MismatchFacts(TypedDict):
    """A value that a configuration, a card or an index gives, and what the tensors have instead.

    ``at`` is the file of the subject that gives it, ``line`` counts from 1 and is 0 where it is not
    known; ``declared_in`` and ``found_in`` are words.
    """

    what: str
    at: str
    line: int
    declared: str
    declared_in: str
    found: str
    found_in: str


class ComparedFacts(TypedDict):
    """What was held against the tensors: ``what`` names the values, empty for files and names."""

    path: str
    what: list[str]


class NotComparedFacts(TypedDict):
    """What was not, and ``why`` (a clause). ``unread``: because something could not be read."""

    path: str
    why: str
    unread: bool


class ShardsFacts(TypedDict):
    """Whether the files of models that lie in several agree with their index and each other."""

    part: Literal["shards"]
    disagreements: list[DisagreementFacts]
    disagreement_count: int
    compared: list[ComparedFacts]
    compared_count: int
    not_compared: list[NotComparedFacts]
    not_compared_count: int


class ArchitectureFacts(TypedDict):
    """What the tensors of each model say, and whether what is said of them is the same."""

    part: Literal["architecture"]
    models: list[ModelFacts]
    model_count: int
    mismatches: list[MismatchFacts]
    mismatch_count: int
    compared: list[ComparedFacts]
    compared_count: int
    not_compared: list[NotComparedFacts]
    not_compared_count: int
