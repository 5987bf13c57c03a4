"""The license of every model that this one was made from is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import EdgeFacts, LineageFacts, NodeFacts
from weighbridge.model.finding import (
    Conclusion,
    Finding,
    Location,
    Outcome,
    Severity,
    conclude,
    not_applicable,
    not_collected,
)
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.model.rule import Case, RuleMeta

META = RuleMeta(
    id="unknown-ancestor",
    family="licenses",
    since="0.1",
    severity=Severity.MEDIUM,
    summary="the license of each model that this one was made from is known",
    why=(
        "A model stands under the terms of what it was made from, and most model licenses bind "
        "fine-tunes, merges and quantized copies. An ancestor without a known license, or whose "
        "card is gone, leaves open whether the model may be released at all; miqu-1-120b is a "
        "merge of weights that were never licensed to anybody."
    ),
    remedy=(
        "Have the ancestor's card read (--cards DIR or --hub-url URL), or find out under which "
        "license it was taken and record it."
    ),
    example="A merge of two models, one of which was deleted from the Hub.",
    needs=(EvidenceKind.LINEAGE,),
    references=(
        "https://huggingface.co/docs/hub/model-cards#specifying-a-base-model",
        "https://arxiv.org/abs/2509.09873",
    ),
)
_MODELS = ("model", "adapter")


def check(case: Case) -> Conclusion:
    """Go through the ancestors that are models; what is known of data, other rules look at.

    A card that was read and states no license grants nothing: that is a failure, and not unknown.
    """
    everything = case.of(EvidenceKind.LINEAGE)
    digests = [evidence.digest for evidence in everything]
    if not everything:
        return conclude([not_collected("what the model was made from", "its ancestors")], digests)
    findings: list[Finding] = []
    ancestors = 0
    for evidence in everything:
        if evidence.state is not EvidenceState.OBSERVED:
            findings.append(_unread(evidence))
            continue
        facts = cast(LineageFacts, evidence.data)
        nodes = [n for n in facts["nodes"] if n["kind"] in _MODELS and n["key"] != SUBJECT]
        ancestors += len(nodes)
        by_parent = _edges(facts["edges"])
        for node in nodes:
            if not any(one["symbols"] for one in node["licenses"]):
                edge = by_parent.get(node["key"])
                findings.append(_unknown(node, edge, evidence, asked=bool(facts["asked"])))
        if facts["cut"]:
            findings.append(_cut(facts["cut"], evidence))
    if not findings and not ancestors:
        return not_applicable("No file names a model that this one was made from.", digests)
    return conclude(findings, digests, note=f"Models that it was made from: {ancestors}.")


def _edges(edges: Sequence[EdgeFacts]) -> Mapping[str, EdgeFacts]:
    """The first edge to each parent."""
    found: dict[str, EdgeFacts] = {}
    for edge in edges:
        found.setdefault(edge["parent"], edge)
    return found


def _unknown(
    node: NodeFacts, edge: EdgeFacts | None, evidence: Evidence, *, asked: bool
) -> Finding:
    raw = next((one["raw"] for one in node["licenses"] if one["raw"]), "")
    if node["state"] in ("vanished", "unavailable", "cut"):
        why = f"{node['state']}, {node['why']}" if node["why"] else node["state"]
    elif raw:
        why = f"it states '{raw}', which names no known text"
    elif node["state"] == "read":
        why = "its card was read and states none"
    else:
        why = "its card was not found where it was looked for" if asked else "nobody was asked"
    remedy = "Find out under which license it was taken, and record that with the model."
    if node["state"] == "named" and not asked:
        remedy = "Give its card (--cards DIR), or name a hub to ask (--hub-url URL)."
    none = node["state"] == "read" and not raw
    return Finding(
        Outcome.FAIL if none else Outcome.UNKNOWN,
        f"The license of '{node['id']}', which the model was made from, is not known: {why}.",
        remedy,
        _location(edge),
        key=node["key"],
        evidence=(evidence.digest,),
    )


def _location(edge: EdgeFacts | None) -> Location | None:
    """A place inside the subject; another's card is none."""
    if edge is None or edge["child"] != SUBJECT or not edge["place"]["path"]:
        return None
    return Location(edge["place"]["path"], line=edge["place"]["line"])


def _cut(bound: str, evidence: Evidence) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"Not every ancestor was looked at: {bound}.",
        "Look at the rest of the lineage by hand: weighbridge lineage shows how far it was read.",
        key="cut",
        evidence=(evidence.digest,),
    )


def _unread(evidence: Evidence) -> Finding:
    return Finding(
        Outcome.UNKNOWN,
        f"What the model was made from is not known: {evidence.reason}.",
        "Repair what could not be read, and run the audit again.",
        key="unread-lineage",
        evidence=(evidence.digest,),
    )
