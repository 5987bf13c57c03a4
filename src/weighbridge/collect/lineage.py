"""What the model was made from, and what the licenses on the way say.

One piece of evidence holds the graph; one a license in it holds that license's clauses. Cards of
others are looked up only where the user says in what folder or on which hub; an ancestor that
nobody was asked about is ``named``, and never taken for one without a license.
"""

from __future__ import annotations

from collections.abc import Iterator

from weighbridge.collect.context import CollectContext
from weighbridge.collect.lineage_cards import Cards
from weighbridge.collect.lineage_disputes import disputes
from weighbridge.collect.lineage_graph import Graph
from weighbridge.collect.lineage_subject import Unknown, of_subject
from weighbridge.collect.lineage_walk import walk
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.licensing.graph import SUBJECT
from weighbridge.sources.http import HttpClient

NAME = "lineage"
KINDS: tuple[EvidenceKind, ...] = (EvidenceKind.LINEAGE, EvidenceKind.TERMS)
MAX_LICENSES = 1_000
_COLLECTOR = f"{NAME}@1"


def collect(ctx: CollectContext) -> tuple[Evidence, ...]:
    """The graph, and the terms of each license in it."""
    source = f"snapshot:{ctx.snapshot.subject.digest}"
    try:
        said, own, revision = of_subject(ctx)
    except Unknown as error:
        reason = str(error)
        return (
            Evidence(
                EvidenceKind.LINEAGE, "", EvidenceState.UNAVAILABLE, source, _COLLECTOR, reason
            ),
            _no_terms("the lineage could not be read, so no license of it is known"),
        )  # fmt: skip
    graph = Graph(own)
    graph.add_subject(said, revision)
    first = graph.add_parents(SUBJECT, said)
    with HttpClient(
        offline=ctx.offline, timeout_seconds=ctx.services.timeout_seconds, store=ctx.store.put
    ) as http:
        hub = "" if ctx.offline else ctx.services.hub
        cards = Cards.of(ctx.services.cards, hub, http, ctx.store.put)
        walk(graph, cards, first)
    graph.asked = cards.asked
    graph.disputes = disputes(graph)
    facts = graph.facts()
    terms = tuple(terms_of(facts)) or (_no_terms("no license is stated anywhere in the lineage"),)
    return (_drawn(facts, source, tuple(sorted(cards.raw))), *terms)


def _drawn(facts: LineageFacts, source: str, raw: tuple[Digest, ...]) -> Evidence:
    return Evidence(
        EvidenceKind.LINEAGE,
        "",
        EvidenceState.OBSERVED,
        source,
        _COLLECTOR,
        data={**facts},
        raw=raw,
    )


def _no_terms(reason: str) -> Evidence:
    return Evidence(
        EvidenceKind.TERMS, "", EvidenceState.ABSENT, "knowledge base", _COLLECTOR, reason
    )


def terms_of(facts: LineageFacts) -> Iterator[Evidence]:
    """One piece of evidence a license of the graph: its clauses, or that they are not known."""
    from weighbridge.licensing.knowledge import terms
    from weighbridge.model.licensing.terms import to_facts

    symbols = {s for node in facts["nodes"] for one in node["licenses"] for s in one["symbols"]}
    for symbol in sorted(symbols)[:MAX_LICENSES]:
        known = terms(symbol)
        if known is None:
            reason = "the clause knowledge base does not have this license"
            yield Evidence(
                EvidenceKind.TERMS, symbol, EvidenceState.ABSENT, "knowledge base", _COLLECTOR,
                reason,
            )  # fmt: skip
        else:
            yield Evidence(
                EvidenceKind.TERMS, symbol, EvidenceState.OBSERVED, "knowledge base", _COLLECTOR,
                data=to_facts(known),
            )  # fmt: skip
