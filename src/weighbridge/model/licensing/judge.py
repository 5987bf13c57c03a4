"""What the licenses behind a model mean for a stated use: the verdicts, worst first.

For every ancestor the engine asks what of it is in the subject (:mod:`judge_reach`), which license
holds for it (:mod:`judge_licenses`), what that license says of the stated use (:mod:`judge_use`,
:mod:`judge_outputs`), what it demands of a release (:mod:`judge_duties`), and whether the license
that the subject states leaves that standing (:mod:`judge_claim`).

It answers four ways. ``conflict`` needs a clause that somebody wrote. ``undetermined`` is what is
not known: a license, a clause, a fact about the use, or a question that nobody has settled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from weighbridge.model.licensing.graph import Lineage
from weighbridge.model.licensing.judge_claim import judged_claim
from weighbridge.model.licensing.judge_duties import duties
from weighbridge.model.licensing.judge_licenses import (
    Branch,
    Licenses,
    Reading,
    by_any_id,
    find,
    licenses_of,
)
from weighbridge.model.licensing.judge_offers import Claim, claims
from weighbridge.model.licensing.judge_outputs import judged_outputs
from weighbridge.model.licensing.judge_reach import Reach, Reached, too_deep, walk
from weighbridge.model.licensing.judge_say import ASKS, Held, placed
from weighbridge.model.licensing.judge_unknown import (
    LICENSE,
    cut_short,
    several_linked,
    unknown_license,
    unknown_terms,
)
from weighbridge.model.licensing.judge_use import judged_use
from weighbridge.model.licensing.terms import Basis, Permission, Scope, Terms
from weighbridge.model.licensing.use import Use
from weighbridge.model.licensing.verdict import Answer, Verdict

_WORST_FIRST = (Answer.CONFLICT, Answer.UNDETERMINED, Answer.OBLIGATION, Answer.OK)
_BY_STRENGTH = tuple(Basis)
_NAMED = 3  # licenses that a merged question names


def judge(lineage: Lineage, terms: Mapping[str, Terms], use: Use) -> tuple[Verdict, ...]:
    """Every verdict, worst first, then by ancestor, license and clause.

    Args:
        lineage: what the subject was made from.
        terms: what the knowledge base knows, by license id. A license without an entry is one whose
            clauses are not known.
        use: what is stated of the use; nothing else is assumed.
    """
    table = by_any_id(terms.values())
    everything = tuple(walk(lineage))
    licenses = {reached.node["key"]: licenses_of(reached.node) for reached in everything}
    offers = claims(licenses[everything[0].node["key"]].readings, table)
    own = _weights_held(everything, licenses, table)
    found: list[Verdict] = []
    linked: list[Verdict] = []
    for reached in everything:
        verdicts = _judged(reached, licenses[reached.node["key"]], table, offers, own, use)
        for verdict in verdicts:
            unknown = verdict.word == LICENSE and reached.reach is Reach.LINKED
            (linked if unknown else found).append(verdict)
        if too_deep(reached, lineage):
            found.append(cut_short(reached))
    found += several_linked(linked)
    found += duties(lineage, table, use, everything)
    if lineage.cut:
        found.append(cut_short(everything[0], lineage.cut))
    return tuple(sorted(_once(_asked_once(found)), key=_order))


def _judged(
    reached: Reached,
    licenses: Licenses,
    table: Mapping[str, Terms],
    offers: tuple[Claim, ...],
    own: frozenset[str],
    use: Use,
) -> tuple[Verdict, ...]:
    """All verdicts on one ancestor, reached one way."""
    if reached.reach is Reach.NOTHING:
        return (_reaches_nothing(reached, licenses),)
    verdicts = [unknown_license(reached, said) for said in licenses.open]
    if not licenses.readings and not verdicts:
        verdicts.append(unknown_license(reached, None))
    for reading in licenses.readings:
        verdicts += _best(
            tuple(_held_together(branch, reading, reached, table, offers, own, use))
            for branch in reading.branches
        )
    return tuple(verdicts)


def _held_together(
    branch: Branch,
    reading: Reading,
    reached: Reached,
    table: Mapping[str, Terms],
    offers: tuple[Claim, ...],
    own: frozenset[str],
    use: Use,
) -> Iterator[Verdict]:
    """The verdicts on licenses that hold together."""
    for symbol in branch:
        terms = find(symbol, table)
        if terms is None:
            yield unknown_terms(reached, symbol, reading)
            continue
        held = Held(reached, terms, reading, symbol.exception)
        verdicts = list(_one_license(held, offers, own, use))
        yield from verdicts
        if all(verdict.answer is Answer.OBLIGATION for verdict in verdicts):
            clause = held.scope(Scope.MODIFIED) or terms.permission(Permission.USE)
            yield held.verdict(
                Answer.OK, clause.word if clause else Permission.USE, clause,
                "is not against the stated use", "Nothing is to be done.",
            )  # fmt: skip


def _one_license(
    held: Held, offers: tuple[Claim, ...], own: frozenset[str], use: Use
) -> Iterator[Verdict]:
    if held.reached.reach is not Reach.OWN:
        for offer in offers:
            yield from judged_claim(held, offer)
    if held.reached.reach is Reach.OUTPUTS:
        yield from judged_outputs(held, use, own)
    else:
        yield from judged_use(held, use)


def _best(alternatives: Iterable[tuple[Verdict, ...]]) -> tuple[Verdict, ...]:
    """The alternative whose worst verdict is the mildest; the first of equals."""
    return min(alternatives, key=_worst, default=())


def _worst(verdicts: tuple[Verdict, ...]) -> int:
    return max((-_WORST_FIRST.index(v.answer) for v in verdicts), default=-len(_WORST_FIRST))


def _weights_held(
    everything: Iterable[Reached], licenses: Mapping[str, Licenses], table: Mapping[str, Terms]
) -> frozenset[str]:
    """Ids of the licenses of models whose weights the subject holds."""
    held = set()
    for reached in everything:
        if reached.reach is not Reach.WHOLE or reached.node["kind"] == "dataset":
            continue
        for reading in licenses[reached.node["key"]].readings:
            for symbol in (symbol for branch in reading.branches for symbol in branch):
                terms = find(symbol, table)
                held |= {symbol.id, *((terms.id, *terms.also) if terms else ())}
    return frozenset(held)


def _reaches_nothing(reached: Reached, licenses: Licenses) -> Verdict:
    relation = reached.path.edges[-1]["relation"] or "related"
    statement = licenses.readings[0].first if licenses.readings else None
    return placed(
        reached, Answer.OK, statement["id"] if statement else "", relation,
        f"'{reached.node['id']}' is {relation}: nothing of it is in the model, so its license "
        "reaches nothing here by itself.",
        "Nothing is to be done.",
        statement=statement,
    )  # fmt: skip


def _asked_once(verdicts: list[Verdict]) -> list[Verdict]:
    """One question a field, for all the clauses that wait for its answer."""
    kept = []
    waiting: dict[str, list[Verdict]] = {}
    worse = (v for v in verdicts if v.answer in _WORST_FIRST[:2] and not v.asks)
    settled = {(v.node, v.license, v.word) for v in worse}
    for verdict in verdicts:
        if verdict.answer is not Answer.UNDETERMINED or not verdict.asks:
            kept.append(verdict)
        elif (verdict.node, verdict.license, verdict.word) not in settled:
            waiting.setdefault(verdict.asks[0], []).append(verdict)
    return kept + [_question(field, some) for field, some in waiting.items()]


def _question(field: str, waiting: list[Verdict]) -> Verdict:
    """One verdict for all: at the first clause, with the others counted."""
    first = min(waiting, key=_order)
    question, _ = ASKS[field]
    clauses = sorted({f"{v.word} of {v.license} at '{v.node}'" for v in waiting})
    if len(clauses) == 1:
        return first
    named = "; ".join(clauses[:_NAMED])
    more = f"; and {len(clauses) - _NAMED} more" if len(clauses) > _NAMED else ""
    return dataclasses.replace(
        first,
        message=f"It was not stated {question}, and {len(clauses)} clauses depend on it: "
        f"{named}{more}.",
    )


def _once(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Each answer on a clause once for an ancestor: by the firmest way, then by the nearest.

    A rule of conduct of a license is told once, however many ancestors stand under it.
    """
    best: dict[tuple[object, ...], Verdict] = {}
    for verdict in sorted(verdicts, key=_firmest):
        shared = verdict.answer is Answer.OBLIGATION
        place = "" if shared else verdict.node
        mark = (verdict.answer, place, verdict.license, verdict.word, verdict.where, verdict.value)
        best.setdefault(mark, verdict)
    yield from best.values()


def _firmest(verdict: Verdict) -> tuple[object, ...]:
    return (_BY_STRENGTH.index(verdict.basis) if verdict.basis else -1, _order(verdict))


def _order(verdict: Verdict) -> tuple[int, int, str, str, str, str, str, str]:
    return (
        _WORST_FIRST.index(verdict.answer), len(verdict.steps), verdict.node, verdict.license,
        verdict.word, verdict.where, verdict.path, verdict.message,
    )  # fmt: skip
