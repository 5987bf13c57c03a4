"""What a model was made from, as evidence of the kind ``lineage`` tells it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts

SUBJECT = "subject"  # the key of the node that the audit is about
MAX_PATHS = 1_000
MAX_DEPTH = 64  # a longer chain of models is told as cut


class Relation(enum.StrEnum):
    """How a child came from its parent. The first four are the Hub's ``base_model_relation``."""

    FINETUNE = "finetune"
    ADAPTER = "adapter"
    MERGE = "merge"
    QUANTIZED = "quantized"
    REPACK = "repack"  # the same weights in another container
    DISTILLED = "distilled-from-outputs"
    TRAINED_ON = "trained-on"
    EVALUATED_ON = "evaluated-on"
    CALIBRATED_ON = "calibrated-on"
    LINKS = "links"  # code it needs, not shipped with it
    BUNDLES = "bundles"  # code or data that is shipped with it


# The child holds the parent's weights, changed or not.
HOLDS_WEIGHTS = frozenset(
    {Relation.FINETUNE, Relation.ADAPTER, Relation.MERGE, Relation.QUANTIZED, Relation.REPACK}
)


@dataclass(frozen=True, slots=True)
class Path:
    """A way from the subject to an ancestor: nodes from the subject on, and the edges between."""

    nodes: tuple[NodeFacts, ...]
    edges: tuple[EdgeFacts, ...]

    @property
    def end(self) -> NodeFacts:
        """The ancestor."""
        return self.nodes[-1]

    def text(self) -> str:
        """The path in one line: ``this model -finetune-> meta-llama/Llama-3.1-8B``."""
        words = [self.nodes[0]["id"] or "this model"]
        for edge, node in zip(self.edges, self.nodes[1:], strict=True):
            words += [f"-{edge['relation'] or 'base'}->", node["id"]]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Lineage:
    """The graph, for walking. Built from the evidence's data; never changed.

    ``cut``: which bound ended the collection, empty where none did.
    """

    nodes: Mapping[str, NodeFacts]
    parents: Mapping[str, tuple[EdgeFacts, ...]] = field(default_factory=dict)
    cut: str = ""

    @classmethod
    def of(cls, facts: LineageFacts) -> Lineage:
        """The graph that evidence describes."""
        parents: dict[str, list[EdgeFacts]] = {}
        for edge in facts["edges"]:
            parents.setdefault(edge["child"], []).append(edge)
        return cls(
            {node["key"]: node for node in facts["nodes"]},
            {key: tuple(edges) for key, edges in parents.items()},
            facts["cut"],
        )

    def paths(self) -> Iterator[Path]:
        """The shortest path to each ancestor by each last relation, nearest first.

        At most :data:`MAX_PATHS`, none longer than :data:`MAX_DEPTH`; a cycle is walked once.
        """
        start = self.nodes[SUBJECT]
        queue = [Path((start,), ())]
        seen: set[tuple[str, str]] = set()
        given = 0
        for path in queue:  # grows while it is read: breadth first
            if path.edges:
                yield path
                given += 1
            if given >= MAX_PATHS or len(path.edges) >= MAX_DEPTH:
                continue
            for edge in self.parents.get(path.end["key"], ()):
                step = (edge["parent"], edge["relation"])
                parent = self.nodes.get(edge["parent"])
                if parent is None or step in seen or edge["parent"] == SUBJECT:
                    continue
                seen.add(step)
                queue.append(Path((*path.nodes, parent), (*path.edges, edge)))
