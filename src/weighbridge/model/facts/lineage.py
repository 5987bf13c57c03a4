"""Evidence of the kind ``lineage``: what the model was made from. One, about the subject."""

from __future__ import annotations

from typing import Literal, TypedDict

from weighbridge.model.facts.model import PlaceFacts

MAX_NODES = 20_000

Relation = Literal[
    "", "finetune", "adapter", "merge", "quantized", "repack", "distilled-from-outputs",
    "trained-on", "evaluated-on", "calibrated-on", "links", "bundles",
]  # fmt: skip


class NodeLicenseFacts(TypedDict):
    """One statement of a node's license.

    ``how``: the node's card or metadata declares it, its license file is that text (``detected``),
    its prose says so, or the knowledge base knows the name (``family``: ``google/gemma-4-…`` is
    Apache-2.0, which the card was not read for). ``id``: an SPDX expression or a LicenseRef, empty
    where none could be had; ``symbols`` the licenses in it; ``raw`` as written.
    """

    how: Literal["declared", "detected", "prose", "family"]
    raw: str
    id: str
    symbols: list[str]
    place: PlaceFacts


class NodeFacts(TypedDict):
    """A model, adapter, dataset, piece of code or package.

    ``key``: ``subject`` for the model itself, else ``<kind>:<id>`` or ``…@<revision>`` where a
    revision is pinned. ``state``: its own card or metadata was ``read``; it is only ``named`` by
    another; it has ``vanished`` (asked, and not there); it was ``unavailable`` (could not ask), or
    not followed for a bound (``cut``). ``why`` is a reason for the last three. ``multimodal``: its
    card's task or configuration shows that it takes images or sound as well; null where unknown.
    """

    key: str
    kind: Literal["model", "adapter", "dataset", "code", "package"]
    id: str
    revision: str
    licenses: list[NodeLicenseFacts]
    state: Literal["read", "named", "vanished", "unavailable", "cut"]
    why: str
    multimodal: bool | None


class EdgeFacts(TypedDict):
    """``child`` came from ``parent``, by keys.

    ``basis``: somebody wrote it in a field made for it (``declared``), it was computed from a file
    that the tools write (an adapter's or a merge's configuration, GGUF keys), concluded
    (``inferred``), or read in a sentence (``prose``). ``pinned``: the place names a full revision.
    """

    child: str
    parent: str
    relation: Relation
    basis: Literal["declared", "computed", "inferred", "prose"]
    pinned: bool
    place: PlaceFacts


class DisputeFacts(TypedDict):
    """Claims about one node that do not agree, or that cannot be: for a person to look at.

    ``kind``: ``cycle``, ``relation`` (one parent, two relations), ``base`` (card and adapter
    configuration name other bases).
    """

    kind: Literal["cycle", "relation", "base"]
    keys: list[str]
    message: str
    place: PlaceFacts


class LineageFacts(TypedDict):
    """The graph. ``nodes[0]`` is the subject. ``asked``: where cards of others were looked up.

    ``cut``: which bound ended the walk, empty where none did.
    """

    nodes: list[NodeFacts]
    edges: list[EdgeFacts]
    disputes: list[DisputeFacts]
    asked: list[str]
    cut: str
