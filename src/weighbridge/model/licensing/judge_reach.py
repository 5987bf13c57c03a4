"""What of an ancestor is in the subject: its weights, its outputs, its data, its code, or nothing.

The relations on the way decide. A fine-tune of a fine-tune holds the first model's weights; a model
trained on a set that another model wrote is made from that model's outputs; what a base model was
tested on is in neither.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from weighbridge.model.facts.lineage import EdgeFacts, NodeFacts
from weighbridge.model.licensing.graph import (
    HOLDS_WEIGHTS,
    MAX_DEPTH,
    SUBJECT,
    Lineage,
    Path,
    Relation,
)
from weighbridge.model.licensing.terms import Basis

MAX_REACHED = 50_000  # ancestors times ways: the graph itself holds at most 20,000 nodes

_BY_STRENGTH = tuple(Basis)


class Reach(enum.StrEnum):
    """What of an ancestor a license can hold on to in the subject."""

    OWN = "own"  # the subject itself
    WHOLE = "whole"  # weights, or for a dataset its data, changed or not
    OUTPUTS = "outputs"  # the subject was trained on what the ancestor generated
    DATA = "data"  # the subject's weights were trained on it
    BUNDLED = "bundled"  # shipped beside the weights
    LINKED = "linked"  # needed to run it, not shipped
    NOTHING = "nothing"


_STAYS_DATA = HOLDS_WEIGHTS | {Relation.TRAINED_ON}


@dataclass(frozen=True, slots=True)
class Reached:
    """An ancestor and how it reaches the subject.

    ``modified``: what is held is changed on the way. ``remote``: between the outputs
    that were trained on and the ancestor lies another model. ``basis``: ``interpretation`` where a
    step of the way was read in prose or concluded.
    """

    path: Path
    reach: Reach
    modified: bool = False
    remote: bool = False
    basis: Basis = Basis.TEXT

    @property
    def node(self) -> NodeFacts:
        """The ancestor."""
        return self.path.end

    @property
    def steps(self) -> tuple[str, ...]:
        """Keys and relations by turns, the subject first."""
        words = [self.path.nodes[0]["key"]]
        for edge, node in zip(self.path.edges, self.path.nodes[1:], strict=True):
            words += [edge["relation"], node["key"]]
        return tuple(words)


def weakest(*bases: Basis) -> Basis:
    """The basis that bears least."""
    return max(bases, key=_BY_STRENGTH.index)


def walk(lineage: Lineage) -> Iterator[Reached]:
    """The subject, then every ancestor by the shortest way for each thing that reaches.

    Unlike :meth:`Lineage.paths`, an ancestor is met again where another way reaches more of it: one
    model may be both the base and the one whose outputs were trained on.
    """
    start = Reached(Path((lineage.nodes[SUBJECT],), ()), Reach.OWN)
    queue = [start]
    seen: set[tuple[str, Reach, bool, bool, Basis]] = set()
    for here in queue:  # grows while it is read: breadth first
        yield here
        if len(here.path.edges) >= MAX_DEPTH:
            continue
        for edge in sorted(lineage.parents.get(here.node["key"], ()), key=_firmest_first):
            parent = lineage.nodes.get(edge["parent"])
            if parent is None or edge["parent"] == SUBJECT or len(queue) >= MAX_REACHED:
                continue
            there = _step(here, edge, parent)
            mark = (parent["key"], there.reach, there.modified, there.remote, there.basis)
            if mark not in seen:
                seen.add(mark)
                queue.append(there)


def _firmest_first(edge: EdgeFacts) -> tuple[bool, str, str, str, int]:
    place = edge["place"]
    return not _said(edge), edge["relation"], edge["parent"], place["path"], place["line"]


def _said(edge: EdgeFacts) -> bool:
    """Whether the step was written down as such, or computed from a file of the tools."""
    return edge["basis"] in ("declared", "computed")


def too_deep(reached: Reached, lineage: Lineage) -> bool:
    """Whether the walk stopped at this ancestor and there is more behind it."""
    return len(reached.path.edges) >= MAX_DEPTH and reached.node["key"] in lineage.parents


def _step(here: Reached, edge: EdgeFacts, parent: NodeFacts) -> Reached:
    path = Path((*here.path.nodes, parent), (*here.path.edges, edge))
    basis = here.basis if _said(edge) else weakest(here.basis, Basis.INTERPRETATION)
    reach = _reach(here, edge, parent)
    changes = edge["relation"] not in (Relation.REPACK, Relation.BUNDLES)
    return Reached(
        path,
        reach,
        modified=here.modified or (reach is Reach.WHOLE and changes),
        remote=here.remote or (here.reach is Reach.OUTPUTS and reach is Reach.OUTPUTS),
        basis=basis,
    )


def _reach(here: Reached, edge: EdgeFacts, parent: NodeFacts) -> Reach:
    """What of the parent is in the subject, given what of the child is."""
    relation: str = edge["relation"]
    own = here.reach is Reach.OWN
    if relation == Relation.DISTILLED:
        outputs = here.reach in (Reach.OWN, Reach.WHOLE, Reach.DATA, Reach.OUTPUTS)
        return Reach.OUTPUTS if outputs else Reach.NOTHING
    if here.node["kind"] == parent["kind"] == "dataset":
        # A set holds the sets it was put together from.
        held = relation in _STAYS_DATA or relation in ("", Relation.BUNDLES)
        return Reach.NOTHING if not held else Reach.WHOLE if own else here.reach
    if relation == Relation.BUNDLES:
        return Reach.BUNDLED if own or here.reach is Reach.BUNDLED else Reach.NOTHING
    if relation == Relation.LINKS:
        code = (Reach.OWN, Reach.LINKED, Reach.BUNDLED)
        return Reach.LINKED if here.reach in code else Reach.NOTHING
    if relation in (Relation.EVALUATED_ON, Relation.CALIBRATED_ON):
        return Reach.NOTHING
    if parent["kind"] != "dataset":
        # Weights from weights: a base whose relation was not stated is one too.
        if relation in _STAYS_DATA or not relation:
            return Reach.WHOLE if own else here.reach
        return Reach.NOTHING
    return Reach.DATA if here.reach in (Reach.OWN, Reach.WHOLE) else Reach.NOTHING
