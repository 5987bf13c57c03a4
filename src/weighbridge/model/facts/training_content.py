"""Evidence of the kind ``training-content``: what ``training-content.yaml`` records.

One, about the subject; ``absent`` where there is no such file, ``unavailable`` where it cannot be
read. Keys are those of :mod:`weighbridge.model.training_content`.
"""

from __future__ import annotations

from typing import TypedDict


class GivenFacts(TypedDict):
    """A value that somebody wrote down, as text; a list has several. ``line`` counts from 1."""

    values: list[str]
    line: int


class TrainingDatasetFacts(TypedDict):
    """What is recorded of one dataset, by key."""

    id: str
    line: int
    given: dict[str, GivenFacts]


class TrainingContentFacts(TypedDict):
    """The file. ``given`` has keys as ``provider.name``; a key that is empty is not in it."""

    path: str
    given: dict[str, GivenFacts]
    datasets: list[TrainingDatasetFacts]
