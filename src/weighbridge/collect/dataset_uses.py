"""Where a subject names the datasets it was made from or measured on.

Model cards, scripts and notebooks, trainers' configurations, and what DVC, Git LFS, Quilt and
Croissant keep of data. Used by the collector and by the pre-commit hook, so nothing heavy is
imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from weighbridge.collect.card import CardState, ModelCard, read_cards
from weighbridge.collect.dataset_ids import card_id
from weighbridge.collect.dataset_records import Record
from weighbridge.collect.dataset_scripts import (
    MAX_NOTEBOOK_BYTES,
    MAX_SCRIPT_BYTES,
    is_notebook,
    read_cells,
    source_cells,
)
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.snapshot import Snapshot

MAX_PARSED_BYTES = 16 * 2**20  # of Python source that names a loader, in all of a subject
MAX_FILES = 20_000
MAX_USES = 10_000

Kind = Literal["card", "code", "model-index", "config", "tracked", "described"]
Part = Literal["card", "code", "config", "record"]


@dataclass(frozen=True, slots=True, order=True)
class DatasetUse:
    """One place that names a dataset.

    ``member`` is the notebook's cell, counted from 1 (``cell 3``); ``line`` then counts inside it.
    ``revision`` is what the place asks for, empty where it asks for none. ``tracked``: DVC, Git LFS
    or Quilt keeps the data; ``described``: a Croissant file lies beside it.
    """

    path: str
    member: str
    line: int
    id: str
    kind: Kind
    revision: str


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """A place whose datasets, if any, could not be read; ``part`` says what kind of place."""

    path: str
    member: str
    line: int
    reason: str
    part: Part


@dataclass(frozen=True, slots=True)
class Uses:
    """All that was found, sorted by place, and how many files were looked at.

    ``records`` are what the places themselves fix or say of a dataset: hashes, Croissant's fields.
    """

    uses: tuple[DatasetUse, ...]
    unread: tuple[Unread, ...]
    files: int
    records: tuple[Record, ...] = ()


@dataclass(slots=True)
class _Budget:
    """How much has been read."""

    parsed: int = 0
    files: int = 0
    uses: dict[DatasetUse, None] = field(default_factory=dict)
    unread: dict[Unread, None] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def add(self, found: DatasetUse | Unread | Record) -> None:
        if isinstance(found, Unread):
            self.unread[found] = None
        elif isinstance(found, Record):
            self.records.append(found)
        else:
            self.uses[found] = None


def find_uses(snapshot: Snapshot) -> Uses:
    """Every dataset that the subject's files name. Never raises for content.

    A README.md in a folder is a card too: adapters and checkpoints carry their own.
    """
    budget = _Budget()
    for problem in snapshot.problems:
        if problem.path.lower().endswith((".py", ".ipynb")):
            budget.add(Unread(problem.path, "", 0, problem.detail, "code"))
    for found in _found(snapshot, budget):
        budget.add(found)
        if len(budget.uses) + len(budget.unread) > MAX_USES:
            reason = f"more than {MAX_USES} places name datasets, and the rest was not read"
            budget.add(Unread(found.path, "", 0, reason, "code"))
            break
    return Uses(
        tuple(sorted(budget.uses)),
        tuple(sorted(budget.unread)),
        budget.files,
        tuple(budget.records),
    )


def _found(snapshot: Snapshot, budget: _Budget) -> Iterator[DatasetUse | Unread | Record]:
    from weighbridge.collect import dataset_lookup

    beyond = f"it is one of more than {MAX_FILES} files that may name datasets, and was not read"
    for card in read_cards(snapshot):
        budget.files += 1
        if budget.files > MAX_FILES:
            yield Unread(card.path, "", 0, beyond, "card")
            return
        yield from _in_card(card)
    lookup = dataset_lookup.Lookup(snapshot)
    for artifact in snapshot.artifacts:
        code = artifact.path.lower().endswith((".py", ".ipynb"))
        if not code and not lookup.may_name(artifact):
            continue
        budget.files += 1
        part: Part = "code" if code else "config"
        if budget.files > MAX_FILES:
            yield Unread(artifact.path, "", 0, beyond, part)
            return
        try:
            if code:
                yield from _in_code(snapshot, artifact, budget)
            else:
                yield from lookup.read(artifact)
        except HostileInput as error:
            yield Unread(artifact.path, "", getattr(error, "line", 0), error.message, part)
        except OSError as error:
            yield Unread(artifact.path, "", 0, f"it cannot be read: {error.strerror}", part)
    yield from lookup.pointers()


def _in_card(card: ModelCard) -> Iterator[DatasetUse | Unread]:
    if card.state is CardState.BROKEN:
        yield Unread(card.path, "", card.line, card.reason, "card")
    for entry in card.datasets:
        if entry.plain and entry.text:
            yield DatasetUse(card.path, "", entry.line, card_id(entry.text), "card", "")
        else:
            reason = f"an entry of 'datasets' is {entry.text or 'empty'}, and no dataset's name"
            yield Unread(card.path, "", entry.line, reason, "card")
    for dataset in card.evaluated_on:
        if dataset.id:
            yield DatasetUse(
                card.path, "", dataset.line, card_id(dataset.id), "model-index", dataset.revision
            )


def _in_code(
    snapshot: Snapshot, artifact: Artifact, budget: _Budget
) -> Iterator[DatasetUse | Unread]:
    path = artifact.path
    if artifact.presence is not Presence.CONTENT:
        raise HostileInput(f"it is a {artifact.presence}: its code is not here")
    limit = MAX_NOTEBOOK_BYTES if is_notebook(path) else MAX_SCRIPT_BYTES
    cells = source_cells(snapshot.read(artifact, limit), path)
    budget.parsed += sum(len(source) for _, source in cells)
    if budget.parsed > MAX_PARSED_BYTES:
        raise BoundExceeded("the code that names datasets", MAX_PARSED_BYTES, "bytes")
    uses, doubts = read_cells(cells)
    for use in uses:
        yield DatasetUse(path, use.member, use.line, use.id, "code", use.revision)
    for doubt in doubts:
        yield Unread(path, doubt.member, doubt.line, doubt.reason, "code")
